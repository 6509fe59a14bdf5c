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
from handwriting.evaluation.trainings import (
    DRAWS,
    LEVEL,
    REACH,
    Draws,
    MeanAccuracy,
    Trainings,
    drawn_interval,
    drawn_means,
    mean_of_draws,
    without_spread,
)

MARGIN = 0.002
"""Methods whose mean accuracies differ by less, 0-1, are as good as each other for any use here."""

POWER = 0.8
"""How probably the smallest difference that could have been found is found."""

Relation = Literal["better", "worse", "equivalent", "not told apart"]
"""Of a method to the one that it is compared with."""


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

    @property
    def lucky(self) -> bool:
        """Whether it was found though it is smaller than what is found in 80% of comparisons."""
        return self.p_value < SIGNIFICANCE and abs(self.difference) < self.least_detectable


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
    draws: int = DRAWS,
) -> MethodComparison:
    """Return how methods compare with one of them, by means over seeds.

    Writers and seeds are drawn anew, see `trainings`.

    Args:
        reference: the method that the others are compared with.
        others: the rest, which read the same images.
        writers: (n,) integers, who wrote each image; each image stands alone without them.
        draws: how often writers are drawn.
    """
    methods = [reference, *others]
    rng = np.random.default_rng(0)
    drawn = drawn_means(methods, writers, draws, rng)
    columns = zip(methods, drawn.means.T, strict=True)
    accuracies = tuple(mean_of_draws(method, column, drawn.groups) for method, column in columns)
    places = 1 + (drawn.means[:, 1:] > drawn.means[:, :1]).sum(axis=1)
    low, high = np.quantile(places, [0.025, 0.975], method="inverted_cdf").tolist()
    return MethodComparison(
        reference.name,
        accuracies,
        _differences(accuracies, drawn),
        (int(low), int(high)),
        "images" if writers is None else "writers",
        drawn.groups,
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


def _differences(accuracies: Sequence[MeanAccuracy], drawn: Draws) -> tuple[Difference, ...]:
    """Each of the others beside the first, from how it differed from that one in each draw."""
    reference, *others = accuracies
    differences = [each.mean - reference.mean for each in others]
    found = [_tested(each, drawn, column) for column, each in enumerate(differences, start=1)]
    corrected = holm([luck for *_, luck in found])
    # By the interval, since what few seeds draw lies so far out that its variance says nothing.
    reach = (stats.norm.ppf(1 - SIGNIFICANCE / 2) + stats.norm.ppf(POWER)) / REACH
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


def _tested(difference: float, drawn: Draws, column: int) -> tuple[Interval, Interval, float]:
    """The 95% and the 90% interval of a difference, and how probable it is between equals.

    Where all groups say the same, draws do not differ: then both are Wilson's for as many trials,
    to both sides where there is no difference, and the last is that of the sign test.
    """
    apart_by = drawn.means[:, column] - drawn.means[:, 0]
    interval, inner = (drawn_interval(apart_by, level) for level in (LEVEL, 1 - 2 * SIGNIFICANCE))
    if not without_spread(interval):
        return interval, inner, drawn.p_value(difference, column)
    groups = drawn.groups
    apart = round(abs(difference) * groups)
    share = wilson(apart, groups)
    ends = (share.low, share.high) if apart else (-share.high, share.high)
    interval = Interval(*ends) if difference >= 0 else Interval(-ends[1], -ends[0])
    return interval, interval, min(1.0, 2.0 ** (1 - groups)) if apart else 1.0


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
