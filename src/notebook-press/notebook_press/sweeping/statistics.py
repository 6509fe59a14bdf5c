"""What repeats of a measurement allow to say: intervals of means, and which means differ.

Student's t needs scipy, which `notebook-press[sweeps]` brings; without it nothing is claimed.
"""

import functools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CONFIDENCE = 0.95
"""The share of intervals that are to hold the true mean."""
FEWEST = 5
"""The fewest repeats that a difference is claimed from."""


@dataclass(frozen=True)
class Mean:
    """The mean of a result over repeats.

    Attributes:
        value: The mean.
        n: How many repeats it is of.
        margin: Half the width of its interval; None where none is claimed.
    """

    value: float
    n: int
    margin: float | None = None

    @property
    def low(self) -> float:
        """Where its interval begins; the mean itself where there is none."""
        return self.value - (self.margin or 0.0)

    @property
    def high(self) -> float:
        """Where its interval ends; the mean itself where there is none."""
        return self.value + (self.margin or 0.0)


@functools.cache
def student() -> Any:
    """Return what knows Student's t, `scipy.special`; None where it is not installed."""
    try:
        from scipy import special
    except ImportError:
        return None
    return special


def mean_of(values: Sequence[float], *, independent: bool = True) -> Mean:
    """Return the mean of repeats, with Student's interval where one can be claimed.

    None is claimed of a single value, of values that are all the same, which repeated nothing, and
    of repeats that depend on each other.

    Args:
        values: One value a repeat, at least one.
        independent: Whether the repeats are.
    """
    value, n = statistics.fmean(values), len(values)
    if n < 2 or not independent or min(values) == max(values) or student() is None:
        return Mean(value, n)
    quantile = float(student().stdtrit(n - 1, (1 + CONFIDENCE) / 2))
    return Mean(value, n, quantile * statistics.stdev(values) / math.sqrt(n))


def paired(values: Sequence[float], others: Sequence[float]) -> float | None:
    """Return the two-sided p-value of Student's t for paired measurements.

    Args:
        values: One value a repeat.
        others: Those of the same repeats elsewhere, in the same order.

    Returns:
        The p-value; None below `FEWEST` pairs, and without scipy.
    """
    n = len(values)
    if n < FEWEST or student() is None:
        return None
    differences = [value - other for value, other in zip(values, others, strict=True)]
    mean, spread = statistics.fmean(differences), statistics.stdev(differences)
    if spread == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * student().stdtr(n - 1, -abs(mean) / (spread / math.sqrt(n))))


def holm(found: Sequence[float]) -> list[float]:
    """Return p-values adjusted for being several (Holm 1979, Scand. J. Stat. 6:65-70)."""
    adjusted, highest = [0.0] * len(found), 0.0
    for rank, place in enumerate(sorted(range(len(found)), key=found.__getitem__)):
        highest = max(highest, min(1.0, (len(found) - rank) * found[place]))
        adjusted[place] = highest
    return adjusted
