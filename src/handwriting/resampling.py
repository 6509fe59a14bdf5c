"""How far a share may lie from the true one where whole groups of examples vary together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from handwriting.errors import SettingError
from handwriting.intervals import Interval, check_level, wilson

__all__ = ["Resampled", "bootstrap"]

_DRAWS = 9_999


@dataclass(frozen=True)
class Resampled:
    """A share, and how far it may lie from the true one when whole groups vary together.

    Attributes:
        share: the share of successes among all examples, 0-1.
        interval: from resampling groups.
        unit: what was resampled, such as `writers`.
        groups: how many of them there are.
        design_effect: how many times the variance of the share is that of as many independent
            examples.
    """

    share: float
    interval: Interval
    unit: str
    groups: int
    design_effect: float


def bootstrap(
    right: ArrayLike, groups: ArrayLike | None = None, unit: str = "images", level: float = 0.95
) -> Resampled:
    """Return the share of successes with a bootstrap interval that draws whole groups anew.

    Examples of one group, such as digits by one writer, succeed and fail together; drawing groups
    instead of examples keeps that. Where all groups fare alike, draws do not differ, and the
    interval is Wilson's for as many trials as there are groups.

    Sources: B. Efron, "Better bootstrap confidence intervals", Journal of the American Statistical
    Association 82 (1987), 171-185, of 9,999 draws from a fixed seed; A. C. Davison and D. V.
    Hinkley, Bootstrap Methods and their Application (1997), section 3.8, for groups; L. Kish,
    Survey Sampling (1965), section 8.2, for the design effect.

    Args:
        right: (n,) bool, whether each example is a success.
        groups: (n,) integers, the group of each example; each is its own where they are left out.
        unit: what a group is, in the plural.
        level: The probability that the interval covers the true share, above 0 and below 1.

    Raises:
        SettingError: The two differ in length, there are fewer than two groups, or the level is out
            of its range.
    """
    right = np.asarray(right, dtype=bool)
    groups = np.arange(len(right)) if groups is None else np.asarray(groups)
    check_level(level)
    if right.ndim != 1 or right.shape != groups.shape:
        raise SettingError(
            f"expected one group for each example, found examples of shape {right.shape} and "
            f"groups of shape {groups.shape}; give both for the same examples"
        )
    _, members = np.unique(groups, return_inverse=True)
    sizes = np.bincount(members)
    if len(sizes) < 2:
        raise SettingError(f"{unit}: expected at least two, found {len(sizes)}")
    successes = np.bincount(members, weights=right)
    share = float(right.mean())
    interval = _drawn_anew(successes, sizes, level)
    spread = _spread(successes, sizes)
    alone = share * (1 - share) / len(right)
    return Resampled(share, interval, unit, len(sizes), spread / alone if alone else 1.0)


def _drawn_anew(successes: NDArray[Any], sizes: NDArray[Any], level: float) -> Interval:
    """The interval of the share, by SciPy's bootstrap of groups."""
    if np.ptp(successes / sizes) == 0:
        return wilson(round(len(sizes) * float(successes[0] / sizes[0])), len(sizes), level)
    found = stats.bootstrap(
        (successes, sizes),
        lambda some, many, axis: some.sum(axis=axis) / many.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=_DRAWS,
        confidence_level=_expanded(level, sizes),
        method="BCa",
        batch=200,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Interval(float(found.low), float(found.high), level)


def _expanded(level: float, sizes: NDArray[Any]) -> float:
    """The level to ask a bootstrap of few groups for, lest its interval be a little too narrow.

    T. C. Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69
    (2015), 371-386: by as much as Student's interval is wider than the normal one. Groups that
    differ in size count as so many of one size as say as much. More than its draws can tell apart
    is not asked of it.
    """
    groups = sizes.sum() ** 2 / (sizes**2).sum()
    reach = np.sqrt(groups / (groups - 1)) * stats.t.ppf((1 + level) / 2, groups - 1)
    return min(float(2 * stats.norm.cdf(reach) - 1), 1 - 2 / _DRAWS)


def _spread(successes: NDArray[Any], sizes: NDArray[Any]) -> float:
    """The variance of the share, a ratio of two sums over groups."""
    share, groups = successes.sum() / sizes.sum(), len(sizes)
    apart = ((successes - share * sizes) ** 2).sum()
    return float(groups / (groups - 1) * apart / sizes.sum() ** 2)
