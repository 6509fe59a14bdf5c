"""How far a measured share may lie from the true one, and whether two of them differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from handwriting.errors import SettingError

SIGNIFICANCE = 0.05
"""A difference whose corrected p-value is below this is called more than luck."""


@dataclass(frozen=True)
class Interval:
    """A range that covers the true share with probability `level`; all are fractions."""

    low: float
    high: float
    level: float

    @property
    def width(self) -> float:
        """How far its ends lie apart."""
        return self.high - self.low

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

    values: tuple[float, ...]
    trials: int

    @classmethod
    def of(cls, values: Sequence[float], trials: int) -> "RepeatedAccuracy":
        """Return the accuracies `values`, each measured on the same `trials` examples.

        Raises:
            SettingError: There is no value, one is not within 0-1, or there is no example.
        """
        if not values or not all(0 <= value <= 1 for value in values):
            raise SettingError(f"accuracies: expected one or more within 0 to 1, found {values}")
        if trials < 1:
            raise SettingError(f"trials: expected at least one example, found {trials}")
        return cls(tuple(float(value) for value in values), trials)

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

    @property
    def interval(self) -> Interval:
        """The 95% Wilson interval of the mean accuracy.

        All networks read the same examples, so that repeats do not narrow it: it is as wide as that
        of one network with the mean accuracy.
        """
        return wilson(round(self.mean * self.trials), self.trials)

    def beside(self, accuracy: float) -> "ReportedAccuracy":
        """Return an accuracy that somebody else reports, 0-1, beside the mean of these."""
        points = 100 * abs(self.mean - accuracy)
        return ReportedAccuracy(accuracy, points, self.mean >= accuracy, accuracy in self.interval)


@dataclass(frozen=True)
class ReportedAccuracy:
    """An accuracy that somebody else reports, beside one that was measured.

    Attributes:
        accuracy: What is reported, 0-1.
        points: How many percentage points lie between the two.
        met: Whether the measured one is as high or higher.
        included: Whether the reported one lies within the interval of the measured one.
    """

    accuracy: float
    points: float
    met: bool
    included: bool


@dataclass(frozen=True)
class PairedErrors:
    """How two classifiers differ on the same examples.

    Attributes:
        first_only: How many examples only the first one read wrongly.
        second_only: How many examples only the second one read wrongly.
        both: How many examples both read wrongly.
        p_value: How probable so great a difference, or a greater one, would be if the two were
            equally good, 0-1.
    """

    first_only: int
    second_only: int
    both: int
    p_value: float


def mcnemar(truths: ArrayLike, first: ArrayLike, second: ArrayLike) -> PairedErrors:
    """Return how two classifiers differ on the same examples, by McNemar's exact test.

    Only examples that one of them reads correctly and the other one does not tell them apart; if
    both are equally good, either happens with probability 1/2. The test is two-sided.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions
    or percentages", Psychometrika 12 (1947), 153-157; exact: the binomial test of these examples.

    Args:
        truths: (n,) integers, the true classes.
        first: (n,) integers, what the first classifier read.
        second: (n,) integers, what the second classifier read.

    Raises:
        SettingError: The three differ in length, or there is no example.
    """
    truths, first, second = (np.asarray(each) for each in (truths, first, second))
    if not (truths.ndim == 1 and truths.size and truths.shape == first.shape == second.shape):
        raise SettingError(
            "expected truths and two rows of predictions of one length, found the shapes "
            f"{truths.shape}, {first.shape} and {second.shape}; give all for the same examples"
        )
    first_wrong, second_wrong = first != truths, second != truths
    first_only = int(np.count_nonzero(first_wrong & ~second_wrong))
    second_only = int(np.count_nonzero(second_wrong & ~first_wrong))
    both = int(np.count_nonzero(first_wrong & second_wrong))
    apart = first_only + second_only
    p_value = float(stats.binomtest(first_only, apart).pvalue) if apart else 1.0
    return PairedErrors(first_only, second_only, both, p_value)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values corrected for how many there are, so that a false alarm stays as improbable.

    With all of them compared with 0.05, the probability that any true hypothesis is rejected is at
    most 0.05.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6 (1979), 65-70.

    Args:
        p_values: Each 0-1.

    Raises:
        SettingError: A p-value is not within 0-1.
    """
    if not all(0 <= value <= 1 for value in p_values):
        raise SettingError(f"p-values: expected numbers within 0 to 1, found {list(p_values)}")
    order = np.argsort(p_values, kind="stable")
    weights = len(p_values) - np.arange(len(p_values))
    raised = np.minimum(1, weights * np.asarray(p_values, dtype=np.float64)[order])
    corrected = np.empty(len(p_values))
    corrected[order] = np.maximum.accumulate(raised) if len(raised) else raised
    return tuple(corrected.tolist())


def mean_interval(values: Sequence[float], level: float = 0.95) -> Interval:
    """Return Student's interval for the mean of values that differ by chance.

    Source: Student, "The probable error of a mean", Biometrika 6 (1908), 1-25.

    Args:
        values: At least two, drawn independently from one another.
        level: The probability that the interval covers the true mean, above 0 and below 1.

    Raises:
        SettingError: There are fewer than two values, or the level is out of its range.
    """
    if len(values) < 2:
        raise SettingError(f"values: expected at least two, found {list(values)}")
    check_level(level)
    mean, error = np.mean(values), stats.sem(values)
    reach = error * stats.t.ppf((1 + level) / 2, len(values) - 1)
    return Interval(float(mean - reach), float(mean + reach), level)


def mean_test(values: Sequence[float]) -> float:
    """Return how probable a mean as far from 0 would be if the true one were 0, 0-1.

    By Student's two-sided test. Values that are all the same give 0, or 1 where they are all 0.

    Args:
        values: At least two, drawn independently from one another.

    Raises:
        SettingError: There are fewer than two values.
    """
    if len(values) < 2:
        raise SettingError(f"values: expected at least two, found {list(values)}")
    if np.ptp(values) == 0:
        return float(values[0] == 0)
    return float(stats.ttest_1samp(values, 0).pvalue)


def wilson(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Return Wilson's score interval for the share of successes.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.

    Args:
        successes: How many trials succeeded, 0 to `trials`.
        trials: How many trials there were, at least 1.
        level: The probability that the interval covers the true share, above 0 and below 1.

    Raises:
        SettingError: A number is out of its range.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise SettingError(
            f"expected 0 to trials successes of at least 1 trial, found {successes} of {trials}"
        )
    check_level(level)
    found = stats.binomtest(int(successes), int(trials)).proportion_ci(level, method="wilson")
    return Interval(float(found.low), float(found.high), level)


def check_level(level: float) -> None:
    """Check that a level of confidence is one.

    Raises:
        SettingError: It is not above 0 and below 1.
    """
    if not 0 < level < 1:
        raise SettingError(f"level: expected a number above 0 and below 1, found {level}")


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
