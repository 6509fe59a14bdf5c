"""Sets of classes instead of one, made so large that they rarely leave out the true class.

Split conformal prediction: how far the score of the true class falls below 1 on calibration
examples says how far that of a class in a set may on others. The promise holds for any scores, so
that they are taken as they are: those of a sigmoid need not sum to 1.

Sources: V. Vovk, A. Gammerman and G. Shafer, Algorithmic Learning in a Random World (Springer,
2005); M. Sadinle, J. Lei and L. Wasserman, "Least ambiguous set-valued classifiers with bounded
error levels", Journal of the American Statistical Association 114 (2019), 223-234; A. N.
Angelopoulos and S. Bates, "A gentle introduction to conformal prediction and distribution-free
uncertainty quantification", arXiv:2107.07511 (2021).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from handwriting.errors import SettingError


@dataclass(frozen=True, eq=False)
class PredictionSets:
    """The classes that each test image may be of, and how that keeps a promise.

    Attributes:
        network: what a table calls the network that holds them for plausible.
        promised: the share of the sets that is to hold the true class, above 0 and below 1.
        members: (n, classes) bool, whether the class is in the image's set; a set may be empty.
        coverage: the share of the sets that holds the true class, 0-1.
        empty: how many sets hold no class.
        single: how many hold one class.
        several: how many hold several classes.
    """

    network: str
    promised: float
    members: NDArray[np.bool_]
    coverage: float
    empty: int
    single: int
    several: int

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many classes there are in each set, (n,) int64, 0 to classes."""
        counts: NDArray[np.int64] = self.members.sum(axis=1, dtype=np.int64)
        return counts

    @property
    def says_nothing(self) -> bool:
        """Whether each set holds every class."""
        return bool(self.members.all())

    @property
    def several_share(self) -> float:
        """The share of the sets that hold several classes, 0-1."""
        return self.several / len(self.members)

    def largest(self, most: int = 15) -> NDArray[np.int64]:
        """Return the images whose sets hold most classes, at least two; (shown,) int64."""
        order = np.argsort(-self.sizes, kind="stable")
        return np.asarray(order[: min(most, self.several)], np.int64)


def telling(found: Sequence[PredictionSets]) -> PredictionSets:
    """Return the sets with the highest promise that is kept by less than all classes.

    Where no promise is, those with the lowest.
    """
    by_promise = sorted(found, key=lambda each: each.promised)
    return next((each for each in reversed(by_promise) if not each.says_nothing), by_promise[0])


def set_table(found: Sequence[PredictionSets]) -> pd.DataFrame:
    """Return how large each network's sets are, and how often they hold the truth."""
    return pd.DataFrame(
        [
            {
                "Network": each.network,
                "Promised": each.promised,
                "Held": each.coverage,
                "No class": each.empty,
                "One class": each.single,
                "Several": each.several,
                "Mean size": each.sizes.mean(),
            }
            for each in found
        ]
    )


def conformal_threshold(scores: ArrayLike, labels: ArrayLike, level: float = 0.9) -> float:
    """Return how far below 1 a class's score may fall for the class to be in a set.

    It is the k-th least of 1 - score of the true class over n calibration examples, with k the
    least whole number not below (n + 1) level: their quantile at k / n. Sets made with it hold the
    true class with a probability of at least `level`, over calibration examples and new ones alike
    drawn from one population; not for each class, nor for each calibration sample.

    Args:
        scores: (n, classes), any finite numbers, for examples that trained nothing.
        labels: (n,) integers, the true classes, 0 to classes - 1.
        level: The probability that a set must hold the true class, above 0 and below 1.

    Returns:
        The threshold; infinity where the examples are too few for the level (k > n), so that every
        set holds all classes.

    Raises:
        SettingError: The level is out of range.
    """
    if not 0 < level < 1:
        raise SettingError(f"level: expected a number above 0 and below 1, found {level}")
    distances = np.sort(1 - _of_true_class(scores, labels))
    # Rounded, lest 100 x 0.07 = 7.000000000000001 count as above 7.
    rank = max(1, math.ceil(round((len(distances) + 1) * level, 9)))
    return float(distances[rank - 1]) if rank <= len(distances) else math.inf


def prediction_sets(
    scores: ArrayLike, labels: ArrayLike, threshold: float, promised: float, network: str = ""
) -> PredictionSets:
    """Return the classes whose score falls no further below 1 than the threshold.

    Args:
        scores: (n, classes), any finite numbers, on the scale of those that gave the threshold.
        labels: (n,) integers, the true classes, 0 to classes - 1.
        threshold: What `conformal_threshold` returned; with infinity all classes are in every set.
        promised: the level that it was asked for.
        network: what a table calls the network whose scores they are.
    """
    members = 1 - np.asarray(scores, dtype=np.float64) <= threshold
    sizes = members.sum(axis=1)
    return PredictionSets(
        network,
        promised,
        members,
        coverage=float(_of_true_class(members, labels).mean()),
        empty=int((sizes == 0).sum()),
        single=int((sizes == 1).sum()),
        several=int((sizes > 1).sum()),
    )


def _of_true_class(table: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
    """What stands in each row of the table for the true class."""
    found: NDArray[np.float64] = np.asarray(table, dtype=np.float64)[
        np.arange(len(np.asarray(labels))), np.asarray(labels)
    ]
    return found
