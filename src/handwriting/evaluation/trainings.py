"""The mean accuracy of a method's trainings, had seeds and writers of test images been others.

Writers are drawn anew with all their images and all methods' answers to them (a bootstrap of
groups), and to each method's mean Student's error of a mean over its seeds is added, less what the
draws of writers hold of it (A. C. Cameron, J. B. Gelbach and D. L. Miller, "Robust inference with
multiway clustering", Journal of Business and Economic Statistics 29 (2011), 238-249). Where all
writers fare alike, draws do not differ, and an interval is Wilson's for as many trials as there are
writers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from handwriting.evaluation.intervals import Interval, wilson
from handwriting.evaluation.writers import ErrorRatio

DRAWS = 9_999
"""How often writers are drawn."""

LEVEL = 0.95
"""How probably an interval covers what it is an interval of."""

REACH = stats.norm.ppf((1 + LEVEL) / 2)
"""How many standard errors an interval reaches to either side."""

_QUANTILES = (np.arange(400) + 0.5) / 400
_LEAST_SPREAD = 1e-9  # of writers who all show the same difference

_FEWEST_MISTAKES = 10  # with fewer, a ratio may be of anything to next to nothing


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


@dataclass(frozen=True, eq=False)
class Draws:
    """Mean accuracies of methods, had writers and seeds been others.

    Attributes:
        means: (draws, methods) float64, 0-1, in each draw of writers and seeds.
        by_writers: (draws, methods) float64, 0-1, likewise of writers alone.
        seed_errors: (methods,) float64, the standard error of each mean by what a seed changes
            everywhere; 0 where it is not known.
        degrees: (methods,) int64, of freedom of these errors, which are Student's.
        groups: how many writers were drawn each time, or images where each stands alone.
    """

    means: NDArray[np.float64]
    by_writers: NDArray[np.float64]
    seed_errors: NDArray[np.float64]
    degrees: NDArray[np.int64]
    groups: int

    def p_value(self, difference: float, column: int) -> float:
        """Return how probable so great a difference or a greater one is between equals, 0-1.

        A difference is taken for the sum of a normal error, as large as the draws of writers
        say, and of each method's Student's error by its seeds, both at their quantiles.

        Args:
            difference: of a method's mean accuracy from that of the first, -1 to 1.
            column: which method it is.
        """
        spread = float((self.by_writers[:, column] - self.by_writers[:, 0]).std())
        shift = np.zeros(1)
        for method in (0, column):
            if self.seed_errors[method]:
                student = stats.t.ppf(_QUANTILES, self.degrees[method])
                shift = np.add.outer(shift, self.seed_errors[method] * student).ravel()
        normal = stats.norm(scale=max(spread, _LEAST_SPREAD))
        return float(
            np.mean(normal.sf(abs(difference) + shift) + normal.sf(abs(difference) - shift))
        )


def mean_accuracy(
    method: Trainings, writers: NDArray[np.integer] | None = None, draws: int = DRAWS
) -> MeanAccuracy:
    """Return the mean accuracy of one method's trainings, with its interval.

    Args:
        method: what was trained.
        writers: (n,) integers, who wrote each image; each image stands alone without them.
        draws: how often writers are drawn.
    """
    drawn = drawn_means([method], writers, draws, np.random.default_rng(0))
    return mean_of_draws(method, drawn.means[:, 0], drawn.groups)


def mean_of_draws(method: Trainings, drawn: NDArray[np.float64], groups: int) -> MeanAccuracy:
    """Return a method's mean accuracy, from what its mean was in each draw.

    Args:
        method: what was trained.
        drawn: (draws,) float64, its mean in each.
        groups: how many were drawn each time.
    """
    shares = method.accuracies
    found = drawn_interval(drawn, LEVEL)
    if without_spread(found):
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


def error_ratio(
    first: Trainings,
    second: Trainings,
    writers: NDArray[np.integer] | None = None,
    draws: int = DRAWS,
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
    drawn = drawn_means(methods, writers, draws, np.random.default_rng(0))
    # What few seeds draw may lie beyond an accuracy of 1.
    above, below = np.maximum(1 - drawn.means, 1 / images).T
    return ErrorRatio(errors[0] / errors[1], drawn_interval(above / below, LEVEL))


def drawn_means(
    methods: Sequence[Trainings],
    writers: NDArray[np.integer] | None,
    draws: int,
    rng: np.random.Generator,
) -> Draws:
    """Return the mean accuracy of each method in each draw.

    Args:
        methods: what was trained; all read the same images.
        writers: (n,) integers, who wrote each image; each image stands alone without them.
        draws: how often writers are drawn.
        rng: what draws them.
    """
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
    errors = np.array([_seed_error(method.right, members) for method in methods])
    degrees = np.array([len(method.right) - 1 for method in methods])
    means = found.copy()
    for column in np.flatnonzero(errors):
        means[:, column] += errors[column] * rng.standard_t(degrees[column], draws)
    return Draws(means, found, errors, degrees, len(sizes))


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


def without_spread(interval: Interval) -> bool:
    """Return whether draws did not differ, but for rounding."""
    return interval.high - interval.low < 1e-12


def drawn_interval(drawn: NDArray[np.float64], level: float) -> Interval:
    """Return the middle of what was drawn, the share `level` of it, 0-1."""
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(low, high)
