"""How far a measured share may lie from the true one, and whether two of them differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

_LEVEL = 0.95
"""How probably an interval covers what it is an interval of."""

_DRAWS = 9_999

SIGNIFICANCE = 0.05
"""A difference whose corrected p-value is below this is called more than luck."""


@dataclass(frozen=True)
class Interval:
    """A range that covers the true value with a probability of 95%."""

    low: float
    high: float

    def __contains__(self, share: float) -> bool:
        return self.low <= share <= self.high

    def __format__(self, spec: str) -> str:
        return f"{self.low:{spec}} to {self.high:{spec}}"


@dataclass(frozen=True)
class RepeatedAccuracy:
    """The accuracies of networks that differ only in their seed, on the same examples.

    Attributes:
        values: The accuracy of each network, 0-1.
        trials: How many examples each network read.
    """

    values: Sequence[float]
    trials: int

    @property
    def mean(self) -> float:
        """The mean accuracy, 0-1."""
        return sum(self.values) / len(self.values)

    @property
    def lowest(self) -> float:
        """The lowest accuracy, 0-1."""
        return min(self.values)

    @property
    def highest(self) -> float:
        """The highest accuracy, 0-1."""
        return max(self.values)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values corrected for how many there are, so that a false alarm stays as improbable.

    With all of them compared with 0.05, the probability that any true hypothesis is rejected is at
    most 0.05.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6 (1979), 65-70.

    Args:
        p_values: Each 0-1.
    """
    rising = pd.Series(p_values, dtype=float).sort_values(kind="stable")
    weighted = rising * np.arange(len(rising), 0, -1)
    return tuple(weighted.clip(upper=1).cummax().sort_index())


def mean_interval(values: Sequence[float]) -> Interval:
    """Return Student's interval for the mean of values that differ by chance.

    Source: Student, "The probable error of a mean", Biometrika 6 (1908), 1-25.

    Args:
        values: At least two, drawn independently from one another.
    """
    mean, error = np.mean(values), stats.sem(values)
    reach = error * stats.t.ppf((1 + _LEVEL) / 2, len(values) - 1)
    return Interval(float(mean - reach), float(mean + reach))


def mean_test(values: Sequence[float]) -> float:
    """Return how probable a mean as far from 0 would be if the true one were 0, 0-1.

    By Student's two-sided test. Values that are all the same give 0, or 1 where they are all 0.

    Args:
        values: At least two, drawn independently from one another.
    """
    if np.ptp(values) == 0:
        return float(values[0] == 0)
    return float(stats.ttest_1samp(values, 0).pvalue)


def wilson(successes: int, trials: int) -> Interval:
    """Return Wilson's score interval for the share of successes.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.

    Args:
        successes: How many trials succeeded, 0 to `trials`.
        trials: How many trials there were, at least 1.
    """
    found = stats.binomtest(successes, trials).proportion_ci(_LEVEL, method="wilson")
    return Interval(float(found.low), float(found.high))


def bootstrap(
    right: NDArray[np.bool_] | NDArray[np.float64], groups: NDArray[np.integer]
) -> tuple[Interval, float]:
    """Return a bootstrap interval of the share of successes, and the design effect.

    The latter says how many times the variance of the share is that of as many independent
    examples.

    Examples of one group, such as digits by one writer, succeed and fail together; drawing whole
    groups anew instead of examples keeps that. Where all groups fare alike, draws do not differ,
    and the interval is Wilson's for as many trials as there are groups.

    Sources: B. Efron, "Better bootstrap confidence intervals", Journal of the American Statistical
    Association 82 (1987), 171-185, of 9,999 draws from a fixed seed; A. C. Davison and D. V.
    Hinkley, Bootstrap Methods and their Application (1997), section 3.8, for groups; L. Kish,
    Survey Sampling (1965), section 8.2, for the design effect.

    Args:
        right: (n,) bool, whether each example is a success; or float64, 0-1, how often it is, for
            the interval alone.
        groups: (n,) integers, the group of each example; at least two of them.
    """
    _, members, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    successes = np.bincount(members, weights=right)
    share, many = right.mean(), len(sizes)
    apart = ((successes - share * sizes) ** 2).sum()
    spread = many / (many - 1) * apart / len(right) ** 2
    alone = share * (1 - share) / len(right)
    effect = float(spread / alone) if alone else 1.0
    return _drawn_anew(successes, sizes), effect


def _drawn_anew(successes: NDArray[Any], sizes: NDArray[Any]) -> Interval:
    """The interval of the share, by SciPy's bootstrap of groups."""
    if np.ptp(successes / sizes) == 0:
        return wilson(round(len(sizes) * float(successes[0] / sizes[0])), len(sizes))
    found = stats.bootstrap(
        (successes, sizes),
        lambda some, many, axis: some.sum(axis=axis) / many.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=_DRAWS,
        confidence_level=_expanded(sizes),
        method="BCa",
        batch=200,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Interval(float(found.low), float(found.high))


def _expanded(sizes: NDArray[Any]) -> float:
    """The level to ask a bootstrap of few groups for, lest its interval be a little too narrow.

    T. C. Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69
    (2015), 371-386: by as much as Student's interval is wider than the normal one. Groups that
    differ in size count as so many of one size as say as much. More than its draws can tell apart
    is not asked of it.
    """
    groups = sizes.sum() ** 2 / (sizes**2).sum()
    reach = np.sqrt(groups / (groups - 1)) * stats.t.ppf((1 + _LEVEL) / 2, groups - 1)
    return min(float(2 * stats.norm.cdf(reach) - 1), 1 - 2 / _DRAWS)
