"""Whether methods differ, had their seeds and the writers of the test images been others.

A method is compared by the mean accuracy of its trainings, since any one of them owes its place to
its seed: T. G. Dietterich, "Approximate statistical tests for comparing supervised classification
learning algorithms", Neural Computation 10 (1998), 1895-1923; X. Bouthillier and others,
"Accounting for variance in machine learning benchmarks", Proceedings of Machine Learning and
Systems 3 (2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from handwriting.evaluation.intervals import SIGNIFICANCE, Interval, holm, wilson
from handwriting.evaluation.writers import ErrorRatio

MARGIN = 0.002
"""Methods whose mean accuracies differ by less, 0-1, are as good as each other for any use here."""

POWER = 0.8
"""How probably the smallest difference that could have been found is found."""

_DRAWS = 9_999
_LEVEL = 0.95
_FEWEST_MISTAKES = 10  # with fewer, a ratio may be of anything to next to nothing
_REACH = stats.norm.ppf((1 + _LEVEL) / 2)
"""How many standard errors an interval reaches to either side."""

Relation = Literal["better", "worse", "equivalent", "not told apart"]
"""Of a method to the one that it is compared with."""


@dataclass(frozen=True, eq=False)
class Trainings:
    """What one method's trainings read.

    Attributes:
        name: the method's.
        right: (trainings, n) bool, whether each training reads each test image correctly; or
            float64, 0-1, how often it does.
        random: whether another seed makes another classifier of it.
    """

    name: str
    right: NDArray[np.bool_] | NDArray[np.float64]
    random: bool

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """(trainings,) float64, 0-1."""
        return np.asarray(self.right.mean(axis=1), np.float64)


@dataclass(frozen=True)
class MeanAccuracy:
    """The mean accuracy of a method's trainings.

    Attributes:
        name: the method's.
        mean: of its trainings' accuracies, 0-1.
        interval: the 95% interval of the mean, had writers and seeds been others; writers alone
            where a random method was trained once.
        trainings: how many there are.
        lowest: of their accuracies, 0-1.
        highest: of their accuracies, 0-1.
        random: whether another seed makes another classifier of it.
    """

    name: str
    mean: float
    interval: Interval
    trainings: int
    lowest: float
    highest: float
    random: bool


@dataclass(frozen=True)
class Difference:
    """How a method's mean accuracy differs from that of the one it is compared with.

    Attributes:
        name: the method's.
        difference: its mean accuracy less the other's, -1 to 1.
        interval: the 95% interval of that difference, had writers and seeds been others.
        p_value: how probable so great a difference or a greater one would be between equals, 0-1,
            corrected for the number of methods (Holm).
        least_detectable: the smallest true difference that a test at 5% finds in 80% of such
            comparisons, uncorrected, 0-1.
        relation: what can be said of the method.
    """

    name: str
    difference: float
    interval: Interval
    p_value: float
    least_detectable: float
    relation: Relation

    @property
    def excluded(self) -> float:
        """The interval excludes differences greater than this one, in either direction."""
        return max(abs(self.interval.low), abs(self.interval.high))


def told(relation: Relation, excluded: float) -> str:
    """Return what can be said of a method or a change, in a table's words.

    Args:
        relation: to what it is compared with.
        excluded: what the difference does not exceed, 0-1.
    """
    if relation == "equivalent":
        return f"equivalent within {100 * MARGIN:.2f}"
    if relation == "not told apart" and excluded < 1:
        return f"not told apart (more than {100 * excluded:.2f} can be excluded)"
    return relation


@dataclass(frozen=True, eq=False)
class MethodComparison:
    """Methods compared with one of them, on the same test images.

    Attributes:
        reference: the name of the method that the others are compared with.
        accuracies: one for each method, in the order given.
        differences: one for each of the others, in the order given.
        ranks: the lowest and highest place of the reference, 1 for the best, in 95% of draws.
        unit: what was drawn anew beside seeds, such as `writers`.
        groups: how many of them there are.
    """

    reference: str
    accuracies: tuple[MeanAccuracy, ...]
    differences: tuple[Difference, ...]
    ranks: tuple[int, int]
    unit: str
    groups: int

    def accuracy(self, name: str) -> MeanAccuracy:
        """The mean accuracy of a method."""
        return next(each for each in self.accuracies if each.name == name)

    def difference(self, name: str) -> Difference:
        """How a method differs from the reference."""
        return next(each for each in self.differences if each.name == name)

    def related(self, relation: Relation) -> tuple[Difference, ...]:
        """The methods of which this can be said, the most accurate first."""
        found = [each for each in self.differences if each.relation == relation]
        return tuple(sorted(found, key=lambda each: -each.difference))


def compare(
    reference: Trainings,
    others: Sequence[Trainings],
    writers: NDArray[np.integer] | None = None,
    draws: int = _DRAWS,
) -> MethodComparison:
    """Return how methods compare with one of them, by means over seeds.

    Writers are drawn anew with all their images and all methods' answers to them (a bootstrap of
    groups), and to each method's mean Student's error of a mean over its seeds is added, less what
    the draws of writers hold of it (A. C. Cameron, J. B. Gelbach and D. L. Miller, "Robust
    inference with multiway clustering", Journal of Business and Economic Statistics 29 (2011),
    238-249). Where all writers fare alike, draws do not differ, and an interval is Wilson's for as
    many trials as there are writers.

    Args:
        reference: the method that the others are compared with.
        others: the rest, which read the same images.
        writers: (n,) integers, who wrote each image; each image stands alone without them.
        draws: how often writers are drawn.
    """
    methods = [reference, *others]
    rng = np.random.default_rng(0)
    drawn, groups = _drawn_means(methods, writers, draws, rng)
    columns = zip(methods, drawn.T, strict=True)
    accuracies = tuple(_mean_accuracy(method, column, groups) for method, column in columns)
    places = 1 + (drawn[:, 1:] > drawn[:, :1]).sum(axis=1)
    low, high = np.quantile(places, [0.025, 0.975], method="inverted_cdf").tolist()
    return MethodComparison(
        reference.name,
        accuracies,
        _differences(accuracies, drawn[:, 1:] - drawn[:, :1], groups),
        (int(low), int(high)),
        "images" if writers is None else "writers",
        groups,
    )


def mean_accuracy(
    method: Trainings, writers: NDArray[np.integer] | None = None, draws: int = _DRAWS
) -> MeanAccuracy:
    """Return the mean accuracy of one method's trainings, with its interval as in `compare`.

    Args:
        method: what was trained.
        writers: (n,) integers, who wrote each image; each image stands alone without them.
        draws: how often writers are drawn.
    """
    drawn, groups = _drawn_means([method], writers, draws, np.random.default_rng(0))
    return _mean_accuracy(method, drawn[:, 0], groups)


def _mean_accuracy(method: Trainings, drawn: NDArray[np.float64], groups: int) -> MeanAccuracy:
    """A method's mean accuracy, from what its mean was in each draw."""
    shares = method.accuracies
    found = _interval(drawn, _LEVEL)
    if _without_spread(found):
        found = wilson(round(shares.mean() * groups), groups)
    return MeanAccuracy(
        method.name,
        float(shares.mean()),
        Interval(max(0.0, found.low), min(1.0, found.high)),
        len(shares),
        float(shares.min()),
        float(shares.max()),
        method.random,
    )


def paired(
    first: NDArray[np.bool_] | NDArray[np.float64],
    second: NDArray[np.bool_] | NDArray[np.float64],
    writers: NDArray[np.integer] | None = None,
) -> Difference:
    """Return how the second of two readings of the same images differs from the first.

    Both readers are taken as they are: the interval allows for other writers, not for other seeds.

    Args:
        first: (n,) bool, whether each image is read correctly, or float64, 0-1, how often.
        second: (n,), likewise.
        writers: (n,) integers, who wrote each image; each image stands alone without them.
    """
    one, other = (Trainings("", right[np.newaxis], random=False) for right in (first, second))
    return compare(one, [other], writers).differences[0]


def error_ratio(
    first: Trainings,
    second: Trainings,
    writers: NDArray[np.integer] | None = None,
    draws: int = _DRAWS,
) -> ErrorRatio | None:
    """Return how many times as many images one method misreads as another, on average over seeds.

    Args:
        first: the one.
        second: the other, which reads the same images.
        writers: (n,) integers, who wrote each image; each image stands alone without them.
        draws: how often writers are drawn.

    Returns:
        The ratio and its 95% interval, had writers and seeds been others; None where either
        misreads too few for that.
    """
    methods = first, second
    errors = [1 - float(method.right.mean()) for method in methods]
    images = first.right.shape[1]
    if min(errors) * images < _FEWEST_MISTAKES:
        return None
    drawn, _ = _drawn_means(methods, writers, draws, np.random.default_rng(0))
    # What few seeds draw may lie beyond an accuracy of 1.
    above, below = np.maximum(1 - drawn, 1 / images).T
    return ErrorRatio(errors[0] / errors[1], _interval(above / below, _LEVEL))


def _drawn_means(
    methods: Sequence[Trainings],
    writers: NDArray[np.integer] | None,
    draws: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], int]:
    """The mean accuracy of each method in each draw, (draws, methods), and how many groups."""
    share = np.stack([method.right.mean(axis=0) for method in methods], axis=1)
    groups = np.arange(len(share)) if writers is None else writers
    _, members, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    successes = np.stack([np.bincount(members, column) for column in share.T], axis=1)
    # Groups that fare alike are drawn together: which of them was drawn makes no difference.
    kinds, many = np.unique(np.column_stack([sizes, successes]), axis=0, return_counts=True)
    found = np.empty((draws, len(methods)))
    for start in range(0, draws, 1000):
        part = found[start : start + 1000]
        times = rng.multinomial(len(sizes), many / len(sizes), len(part))
        part[:] = (times @ kinds[:, 1:]) / (times @ kinds[:, :1])
    for column, method in enumerate(methods):
        error = _seed_error(method.right, members)
        if error:
            found[:, column] += error * rng.standard_t(len(method.right) - 1, draws)
    return found, len(sizes)


def _seed_error(right: NDArray[np.bool_] | NDArray[np.float64], members: NDArray[np.intp]) -> float:
    """The standard error of a mean accuracy by what a seed changes everywhere, 0 for one training.

    What a seed changes for single groups differs between groups, too, and so is in their draws.
    """
    trainings, images = right.shape
    if trainings < 2:
        return 0.0
    shift = right - right.mean(axis=0)
    alone = np.stack([np.bincount(members, row - row.mean()) for row in shift])
    among_groups = (alone**2).sum() / (trainings - 1) / images**2
    return float(np.sqrt(max(0, right.mean(axis=1).var(ddof=1) - among_groups) / trainings))


def _differences(
    accuracies: Sequence[MeanAccuracy], drawn: NDArray[np.float64], groups: int
) -> tuple[Difference, ...]:
    """Each of the others beside the first, from how it differed from that one in each draw."""
    reference, *others = accuracies
    differences = [each.mean - reference.mean for each in others]
    found = [
        _tested(difference, column, groups)
        for difference, column in zip(differences, drawn.T, strict=True)
    ]
    corrected = holm([luck for *_, luck in found])
    # By the interval, since what few seeds draw lies so far out that its variance says nothing.
    reach = (stats.norm.ppf(1 - SIGNIFICANCE / 2) + stats.norm.ppf(POWER)) / _REACH
    return tuple(
        Difference(
            other.name,
            difference,
            interval,
            p_value,
            float(reach * (interval.high - interval.low) / 2),
            _relation(difference, p_value, inner),
        )
        for other, difference, (interval, inner, _), p_value in zip(
            others, differences, found, corrected, strict=True
        )
    )


def _tested(
    difference: float, drawn: NDArray[np.float64], groups: int
) -> tuple[Interval, Interval, float]:
    """The 95% and the 90% interval of a difference, and how probable it is between equals.

    Where all groups say the same, draws do not differ: then both are Wilson's for as many trials,
    to both sides where there is no difference, and the last is that of the sign test.
    """
    interval, inner = (_interval(drawn, level) for level in (_LEVEL, 1 - 2 * SIGNIFICANCE))
    if not _without_spread(interval):
        error = (interval.high - interval.low) / 2 / _REACH
        return interval, inner, float(2 * stats.norm.sf(abs(difference) / error))
    apart = round(abs(difference) * groups)
    share = wilson(apart, groups)
    ends = (share.low, share.high) if apart else (-share.high, share.high)
    interval = Interval(*ends) if difference >= 0 else Interval(-ends[1], -ends[0])
    return interval, interval, min(1.0, 2.0 ** (1 - groups)) if apart else 1.0


def _without_spread(interval: Interval) -> bool:
    """Whether draws did not differ, but for rounding."""
    return interval.high - interval.low < 1e-12


def _relation(difference: float, p_value: float, interval: Interval) -> Relation:
    """What can be said; equivalence by two one-sided tests.

    D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach for
    assessing the equivalence of average bioavailability", Journal of Pharmacokinetics and
    Biopharmaceutics 15 (1987), 657-680.
    """
    if p_value < SIGNIFICANCE:
        return "better" if difference > 0 else "worse"
    if interval.low > -MARGIN and interval.high < MARGIN:
        return "equivalent"
    return "not told apart"


def _interval(drawn: NDArray[np.float64], level: float) -> Interval:
    """The middle of what was drawn."""
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(low, high)
