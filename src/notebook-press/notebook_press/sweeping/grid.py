"""Which points a sweep has: what its options say, as values for the notebook's parameters."""

import itertools
import json
import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notebook_press.errors import ParameterError, UsageError
from notebook_press.messages import listed, shown
from notebook_press.parameters import Given, Parameter, read_profile
from notebook_press.parameters.types import kind_of, without_none
from notebook_press.parameters.values import COMMAND_LINE, check_name

MOST_UNASKED = 1_000
"""The most points that are run without being asked twice."""

FORM = "write --grid hidden_units=16,32,64, or --repeat seed=0..4 for whole numbers in a row"
_PARTS = ("grid", "repeat", "fixed")
_WHOLE = re.compile(r"(-?\d{1,15})\.\.(-?\d{1,15})")
_RANGE = re.compile(r"(log|lin):([^.]+(?:\.\d[^.]*)?)\.\.(.+)")
_ITEM = re.compile(r"(?:\[[^\]]*\]|[^,])+")  # a list is one value


@dataclass(frozen=True)
class Range:
    """Numbers to draw from, evenly on a line or on a logarithmic one."""

    low: float
    high: float
    logarithmic: bool

    def draw(self, generator: random.Random, *, whole: bool) -> str:
        """Return a number as a user would write it, with four digits if it is not whole."""
        if self.logarithmic:
            drawn = math.exp(generator.uniform(math.log(self.low), math.log(self.high)))
        else:
            drawn = generator.uniform(self.low, self.high)
        if whole:
            return str(min(max(round(drawn), math.ceil(self.low)), math.floor(self.high)))
        return repr(min(max(float(f"{drawn:.4g}"), self.low), self.high))


@dataclass(frozen=True)
class Axis:
    """What one parameter is varied over.

    Attributes:
        name: The parameter's name.
        values: Its values, or none where they are drawn.
        drawn: The numbers that they are drawn from.
        repeated: Whether its values repeat a measurement, as seeds do.
    """

    name: str
    values: tuple[Given, ...] = ()
    drawn: Range | None = None
    repeated: bool = False


def parse_axis(text: str, *, repeated: bool = False) -> Axis:
    """Return what `--grid NAME=VALUES` or `--repeat NAME=VALUES` says.

    Raises:
        ParameterError: It is of another form, or no parameter can have the name.
    """
    name, sign, values = text.partition("=")
    if not sign:
        raise ParameterError(f"expected NAME=VALUES, found {shown(text, in_ascii=True)}; {FORM}")
    check_name(name, COMMAND_LINE, FORM)
    return axis(name, [Given(values, COMMAND_LINE)], repeated=repeated)


def axis(name: str, values: Sequence[Given], *, repeated: bool = False) -> Axis:
    """Return what a parameter is varied over; a single text may hold many values.

    Raises:
        ParameterError: There is no value, or a range is none.
    """
    if len(values) == 1 and values[0].items is None and not values[0].quoted:
        text, source = values[0].text.strip(), values[0].source
        if found := _RANGE.fullmatch(text):
            return Axis(name, drawn=_range(name, *found.groups()), repeated=repeated)
        values = [Given(each, source) for each in _listed(text)]
    if not values:
        raise ParameterError(f"parameter {shown(name)}: expected values, found none; {FORM}")
    return Axis(name, tuple(values), repeated=repeated)


def given_value(value: Any, source: str) -> Given:
    """Return a value that is no text, as it stood in a file or as a program gave it."""
    if isinstance(value, str):
        return Given(value, source, quoted=True)
    return Given(json.dumps(value), source, items=value)


def read_grid(path: Path) -> tuple[list[Axis], dict[str, Given]]:
    """Return the axes of a YAML file with `grid`, `repeat` and `fixed`, and what is fixed.

    Raises:
        ParameterError: It can't be read, or holds anything else.
    """
    found = read_profile(path)
    if unknown := [name for name in found if name not in _PARTS]:
        raise ParameterError(
            f"{path}: expected {listed(_PARTS)}, found {listed(map(shown, unknown))}; "
            "correct the names"
        )
    axes = [
        axis(name, _items(given), repeated=part == "repeat")
        for part in _PARTS[:2]
        for name, given in found.get(part, {}).items()
    ]
    return axes, dict(found.get("fixed", {}))


def check_axes(axes: Sequence[Axis], fixed: Iterable[str], drawn: int | None) -> None:
    """Check that axes make a sweep together.

    Raises:
        UsageError: A parameter is named twice, there is nothing to vary, a seed is drawn, or a
            range is to be run through.
    """
    names = [each.name for each in axes]
    if not axes:
        raise UsageError(f"expected a parameter to vary, found none; {FORM}")
    for name in names:
        if names.count(name) > 1 or name in set(fixed):
            raise UsageError(f"parameter {shown(name)} is given twice; vary it once, or fix it")
    for each in axes:
        if each.drawn and each.repeated:
            raise UsageError(f"--repeat {each.name}: expected values, found a range; name them")
        if each.drawn and drawn is None:
            raise UsageError(f"--grid {each.name}: a range needs --random 20, say")
    if drawn is not None and drawn < 1:
        raise UsageError(f"--random: expected a whole number from 1, found {drawn}")


def count(axes: Iterable[Axis], drawn: int | None) -> int:
    """Return how many points there are, before those are left out that come twice."""
    run_through = [each for each in axes if each.repeated or drawn is None]
    return math.prod(len(each.values) for each in run_through) * (drawn or 1)


def combinations(
    axes: Sequence[Axis], drawn: int | None, seed: int, parameters: Iterable[Parameter]
) -> Iterator[dict[str, Given]]:
    """Yield what each point gives the notebook: repeats of one setting after each other.

    Args:
        axes: What is varied.
        drawn: How many settings are drawn at random; None where all are run through.
        seed: The seed that they are drawn with; the first of many are those of few.
        parameters: What the notebook declares: of a whole number whole ones are drawn.
    """
    varied = [each for each in axes if not each.repeated]
    repeats = _products([each for each in axes if each.repeated])
    whole = {each.name for each in parameters if _is_whole(each)}
    generator = random.Random(seed)  # noqa: S311 - a seed is to give the same points again
    settings: Iterable[Mapping[str, Given]] = (
        _products(varied)
        if drawn is None
        else ({each.name: _drawn(each, generator, whole) for each in varied} for _ in range(drawn))
    )
    for setting in settings:
        for repeat in repeats:
            yield {**setting, **repeat}


def _products(axes: Sequence[Axis]) -> list[dict[str, Given]]:
    names = [each.name for each in axes]
    return [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(each.values for each in axes))
    ]


def _drawn(axis: Axis, generator: random.Random, whole: set[str]) -> Given:
    if axis.drawn is None:
        return generator.choice(axis.values)
    return Given(axis.drawn.draw(generator, whole=axis.name in whole), COMMAND_LINE)


def _is_whole(parameter: Parameter) -> bool:
    annotation, _ = without_none(parameter.annotation)
    kind = type(parameter.default) if annotation is None else kind_of(annotation)
    return kind is int


def _range(name: str, kind: str, low: str, high: str) -> Range:
    try:
        found = Range(float(low), float(high), logarithmic=kind == "log")
    except ValueError:
        found = Range(math.nan, math.nan, logarithmic=True)
    if not (found.low < found.high < math.inf) or (found.logarithmic and found.low <= 0):
        raise ParameterError(
            f"parameter {shown(name)}: expected a range of numbers from low to high, above 0 where "
            f"it is logarithmic, found {shown(f'{kind}:{low}..{high}')}; write log:1e-4..1e-1"
        )
    return found


def _listed(text: str) -> list[str]:
    """The values that a text holds: whole numbers in a row, or what stands between commas."""
    if found := _WHOLE.fullmatch(text):
        first, last = int(found[1]), int(found[2])
        if last - first > 10**6:
            raise ParameterError(f"expected at most a million values, found {shown(text)}; {FORM}")
        return [str(number) for number in range(first, last + 1)]
    return [each.strip() for each in _ITEM.findall(text)]


def _items(given: Given) -> list[Given]:
    """The values that a file gives: those of a list, or those that a text holds."""
    if isinstance(given.items, list):
        return [given_value(each, given.source) for each in given.items]
    return [given]
