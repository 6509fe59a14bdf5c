"""What a network gains that may name several classes: sets that keep a promise.

Sets are made so large that they rarely leave out the true class, by split conformal prediction: how
far the score of the true class falls below 1 on calibration examples says how far that of a class
in a set may on others. The promise holds for any scores.

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
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PredictionSets:
    """The classes that each test image may be of, and how that keeps a promise.

    Attributes:
        network: what a table calls the network that holds them for plausible.
        promised: the share of the sets that is to hold the true class, above 0 and below 1.
        members: (n, classes) bool, whether the class is in the image's set; a set may be empty.
        held: (n,) bool, whether the true class is in the image's set.
        sizes: (n,) int64, how many classes there are in each set.
        several: how many sets hold several classes.
    """

    network: str
    promised: float
    members: NDArray[np.bool_]
    held: NDArray[np.bool_]
    sizes: NDArray[np.int64]
    several: int

    @property
    def coverage(self) -> float:
        """The share of the sets that holds the true class, 0-1."""
        return float(self.held.mean())

    @property
    def says_nothing(self) -> bool:
        """Whether each set holds every class."""
        return bool(self.members.all())

    def largest(self, most: int) -> NDArray[np.int64]:
        """Return the images whose sets hold most classes, at least two; (shown,) int64."""
        return np.argsort(-self.sizes, kind="stable")[: min(most, self.several)]


def conformal_threshold(
    scores: NDArray[np.floating], labels: NDArray[np.integer], level: float
) -> float:
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
    """
    distances = np.sort(1 - scores[np.arange(len(labels)), labels].astype(np.float64))
    # Rounded, lest 100 x 0.07 = 7.000000000000001 count as above 7.
    rank = max(1, math.ceil(round((len(distances) + 1) * level, 9)))
    return float(distances[rank - 1]) if rank <= len(distances) else math.inf


def prediction_sets(
    scores: NDArray[np.floating],
    labels: NDArray[np.integer],
    threshold: float,
    promised: float,
    network: str,
) -> PredictionSets:
    """Return the classes whose score falls no further below 1 than the threshold.

    Args:
        scores: (n, classes), any finite numbers, on the scale of those that gave the threshold.
        labels: (n,) integers, the true classes, 0 to classes - 1.
        threshold: What `conformal_threshold` returned; with infinity all classes are in every set.
        promised: the level that it was asked for.
        network: what a table calls the network whose scores they are.
    """
    members = 1 - scores.astype(np.float64) <= threshold
    sizes = members.sum(axis=1)
    held = members[np.arange(len(labels)), labels]
    return PredictionSets(network, promised, members, held, sizes, int((sizes > 1).sum()))


def telling(found: Sequence[PredictionSets]) -> PredictionSets:
    """Return the sets with the highest promise that is kept by less than all classes.

    Where no promise is, those with the lowest.

    Args:
        found: at least one, the lowest promise first.
    """
    return next((each for each in reversed(found) if not each.says_nothing), found[0])


def set_table(found: Sequence[PredictionSets]) -> pd.DataFrame:
    """Return how large each network's sets are, and how often they hold the truth."""
    return pd.DataFrame(
        [
            {
                "Network": each.network,
                "Promised": each.promised,
                "Held": each.coverage,
                "No class": int((each.sizes == 0).sum()),
                "One class": int((each.sizes == 1).sum()),
                "Several": each.several,
                "Mean size": each.sizes.mean(),
            }
            for each in found
        ]
    )
