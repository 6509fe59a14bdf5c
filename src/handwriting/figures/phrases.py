"""How numbers and their names are written."""

import math
from collections.abc import Sequence

import humanize

from handwriting.data.dataset import plain
from handwriting.evaluation.method_comparison import Difference, Relation
from handwriting.evaluation.standings import Spread

_UNITS = {1e-9: "ns", 1e-6: "µs", 1e-3: "ms", 1.0: "s"}


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it needs one: `1 image`, `2 classes`."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def duration(seconds: float, digits: int = 2) -> str:
    """Return seconds in the unit that suits them: `3.1 ms`, `12 s`."""
    rounded = float(f"{seconds:.{digits}g}")
    factor = max((unit for unit in _UNITS if unit <= rounded * (1 + 1e-12)), default=1e-9)
    return f"{significant(rounded / factor, digits)} {_UNITS[factor]}"


def durations(seconds: Sequence[float]) -> str:
    """Return from how long to how long some took: `14 s to 25 s`, or `14 s` where all are alike."""
    low, high = duration(min(seconds)), duration(max(seconds))
    return low if low == high else f"{low} to {high}"


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: `a`, `a and b`, `a, b and c`."""
    return humanize.natural_list(list(words)) if words else "none"


def named(names: Sequence[str]) -> str:
    """Return names of classes or of groups as a list in a sentence, as they stand."""
    return listed([plain(name) for name in names])


def p_value(value: float | None) -> str:
    """Return a p-value as it is quoted: `p < 0.001`, `p = 0.012`; a dash for None."""
    if value is None:
        return "\N{EN DASH}"
    return "p < 0.001" if value < 0.001 else f"p = {significant(value, 2)}"


def percent(value: float) -> str:
    """Return a fraction in percent that claims no certainty which the number does not have."""
    rounded = f"{value:.1%}"
    if rounded == "100.0%":
        return "100%" if value == 1 else ">99.9%"
    return "<0.1%" if rounded == "0.0%" and value > 0 else rounded


def score(value: float, name: str) -> str:
    """Return a score as it is read: a `probability` in percent, another score as it is."""
    return percent(value) if name == "probability" else f"{value:.3f}"


def score_name(output_activation: str) -> str:
    """Return what a network's outputs are called: only those of softmax are probabilities."""
    return "probability" if output_activation == "softmax" else "score"


def short(name: str, letters: int = 16) -> str:
    """Return a name as a figure has room for it: of a longer one, its beginning and its end."""
    end = letters // 3
    cut = f"{name[: letters - 1 - end]}\N{HORIZONTAL ELLIPSIS}{name[len(name) - end :]}"
    return name if len(name) <= letters else cut


def shown(noun: str, name: str) -> str:
    """Return what a sentence calls one image of a class: `7`, `A`, or `image of boot`.

    Args:
        noun: what a class is, as `Dataset` has it.
        name: the class's.
    """
    return f"image of {plain(name)}" if noun == "image" else plain(name)


def signed(value: float, decimals: int = 2) -> str:
    """Return a number with a true minus sign where it is negative."""
    return f"{value:z.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def signed_points(difference: float) -> str:
    """Return a difference of fractions in percentage points, with its sign: `+0.20`, `0.00`."""
    points = f"{abs(100 * difference):.2f}"
    if not float(points):
        return points
    return f"\N{MINUS SIGN}{points}" if difference < 0 else f"+{points}"


def beside(relation: Relation) -> str:
    """Return how a method reads beside another one: `better than`, `about as well as`."""
    words = {"better": "better than", "worse": "worse than", "equivalent": "about as well as"}
    return words.get(relation, "not clearly better than")


def difference(found: Difference) -> str:
    """Return a difference of accuracies in percentage points, as a sentence has it."""
    low, high = map(signed_points, (found.interval.low, found.interval.high))
    return f"{signed_points(found.difference)} points (95% interval: {low} to {high})"


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many digits that count, thousands apart: `0.0123`, `4,560`."""
    if not value or not math.isfinite(value):
        return f"{value:g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(float(f"{value:.{digits}g}")))))
    return f"{float(f'{value:.{digits}g}'):,.{decimals}f}"


def span(numbers: Sequence[int]) -> str:
    """Return from which number to which some go: `3 to 1,200`, or `3` where all are the same."""
    low, high = min(numbers), max(numbers)
    return f"{low:,} to {high:,}" if low < high else f"{low:,}"


def times(number: int) -> str:
    """Return how often something happened: `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


# Numbers of tables


def with_interval(found: Spread) -> str:
    """Return a fraction in percent with its interval, as in a table."""
    return f"{found.value:.2%} ({100 * found.low:.1f}\N{EN DASH}{100 * found.high:.1f})"


def with_range(found: Spread) -> str:
    """Return a number with its range, with two digits that count each."""
    value, low, high = (two_digits(each) for each in (found.value, found.low, found.high))
    return f"{value} ({low}\N{EN DASH}{high})"


def ratio_with_range(found: Spread) -> str:
    """Return a ratio with its range, with three digits that count each."""
    value, low, high = (significant(each) for each in (found.value, found.low, found.high))
    return f"{value} ({low}\N{EN DASH}{high})"


def two_digits(value: float) -> str:
    """Return a number with two digits that count: `0.0082`, `17,000`."""
    return significant(value, 2)


def p_number(value: float) -> str:
    """Return a p-value below a heading that says p: `< 0.001`, `0.012`."""
    return p_value(value).removeprefix("p ").removeprefix("= ")


def points_with_interval(found: Spread) -> str:
    """Return a difference in percentage points with its interval: `+0.28 (+0.05 to +0.50)`."""
    value, low, high = (signed_points(each / 100) for each in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"
