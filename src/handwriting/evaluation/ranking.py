"""How well numbers tell one kind of example from another, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from handwriting.evaluation.intervals import Interval, wilson


@dataclass(frozen=True)
class Ranking:
    """How well numbers tell one kind of example from another.

    Attributes:
        area: under the receiver operating characteristic, 0-1: how probably an example of the first
            kind has a higher number than one of the other, equal ones counting half. 0.5 is chance.
        interval: its 95% interval.
    """

    area: float
    interval: Interval


def auroc(
    numbers: NDArray[np.floating],
    first: NDArray[np.bool_],
    groups: NDArray[np.integer] | None = None,
) -> Ranking:
    """Return how well numbers tell one kind of example from another.

    Sources: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, "Comparing the areas under two or
    more correlated receiver operating characteristic curves", Biometrics 44 (1988), 837-845, for
    the variance; N. A. Obuchowski, "Nonparametric analysis of clustered ROC curve data", Biometrics
    53 (1997), 567-578, for groups; M. S. Pepe, The Statistical Evaluation of Medical Tests for
    Classification and Prediction (2003), section 5.2, for an interval on the logit scale, which
    stays within 0 to 1. Where examples show no variance, it is Wilson's for as many trials as there
    are examples of the rarer kind.

    Args:
        numbers: (n,), any finite ones.
        first: (n,) bool, whether each example is of the first kind; there is one of either.
        groups: (n,) integers, what examples belong together, such as writers; each stands alone
            without them.
    """
    many, others = int(first.sum()), int((~first).sum())
    # The share of the other kind that each example has right of it: below it, or above it.
    among_all, right_of = stats.rankdata(numbers), np.empty(len(numbers))
    right_of[first] = (among_all[first] - stats.rankdata(numbers[first])) / others
    right_of[~first] = 1 - (among_all[~first] - stats.rankdata(numbers[~first])) / many
    area = float(right_of[first].mean())
    parts = (right_of - area) / np.where(first, many, others)
    _, members = np.unique(
        np.arange(len(numbers)) if groups is None else groups, return_inverse=True
    )
    sums = np.bincount(members, parts)
    error = float(np.sqrt((sums**2).sum() * len(sums) / max(1, len(sums) - 1)))
    if error == 0 or not 0 < area < 1:
        fewer = min(many, others)
        return Ranking(area, wilson(round(fewer * area), fewer))
    middle, reach = special.logit(area), stats.norm.ppf(0.975) * error / (area * (1 - area))
    low, high = special.expit([middle - reach, middle + reach]).tolist()
    return Ranking(area, Interval(low, high))
