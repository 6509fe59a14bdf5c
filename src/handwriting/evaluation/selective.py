"""What a network gains that need not give one answer: it may refuse, or name several classes.

Refusing, only the order of confidences counts, so that scores may be on any scale: the confidence
is the highest score as it is. Those of a sigmoid are not divided by their sum, since all of them
may be low where an image is like no class.

Sets of classes are made so large that they rarely leave out the true one, by split conformal
prediction: how far the score of the true class falls below 1 on calibration examples says how far
that of a class in a set may on others. The promise holds for any scores.

Sources on sets: V. Vovk, A. Gammerman and G. Shafer, Algorithmic Learning in a Random World
(Springer, 2005); M. Sadinle, J. Lei and L. Wasserman, "Least ambiguous set-valued classifiers with
bounded error levels", Journal of the American Statistical Association 114 (2019), 223-234; A. N.
Angelopoulos and S. Bates, "A gentle introduction to conformal prediction and distribution-free
uncertainty quantification", arXiv:2107.07511 (2021).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import metrics as sklearn_metrics

from handwriting.evaluation import metrics

REFUSED = (0.01, 0.02, 0.05)
"""Shares of the images that tables and figures say the gain of refusing for."""

_KEPT = 0.95
"""The share of known images that has to pass where foreign ones are to be told apart."""


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """The share of mistakes among the most confident examples, for each number of them.

    Attributes:
        network: what a table calls the network whose mistakes they are.
        coverages: (n,) float64, the share of examples that are answered, 1 / n to 1.
        risks: (n,) float64, 0-1, the share of mistakes among those.
    """

    network: str
    coverages: NDArray[np.float64]
    risks: NDArray[np.float64]

    def accuracy_after_refusing(self, share: float) -> float:
        """Return the accuracy on the other examples if the least certain are refused, 0-1.

        Args:
            share: The share that is refused, 0 to 0.5; the nearest whole number of examples is.
        """
        return float(1 - self.risks[-1 - round(share * len(self.risks))])


@dataclass(frozen=True, eq=False)
class Certainty:
    """How sure a network is of images.

    Attributes:
        images: what they are.
        confidences: (n,) float64, 0-1.
    """

    images: str
    confidences: NDArray[np.float64]

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self.confidences)

    @property
    def median(self) -> float:
        """The median confidence, 0-1."""
        return float(np.median(self.confidences))

    @property
    def sure(self) -> float:
        """The share of the images with a confidence of 0.9 at least, 0-1."""
        return float(np.mean(self.confidences >= 0.9))


@dataclass(frozen=True)
class ForeignDetection:
    """How well confidence tells known images from foreign ones, which belong to no class.

    Attributes:
        network: what a table calls the network whose confidence it is.
        images: what the foreign images are.
        auroc: The area under the receiver operating characteristic, 0-1: how probably a known image
            gets more confidence than a foreign one, equal ones counting half. 0.5 is chance.
        kept: The share of known images that the threshold lets pass, at least 95%.
        let_through: The share of foreign images that it lets pass, too, 0-1; less is better.
    """

    network: str
    images: str
    auroc: float
    kept: float
    let_through: float


@dataclass(frozen=True, eq=False)
class PredictionSets:
    """The classes that each test image may be of, and how that keeps a promise.

    Attributes:
        network: what a table calls the network that holds them for plausible.
        promised: the share of the sets that is to hold the true class, above 0 and below 1.
        coverage: the share of them that does, 0-1.
        members: (n, classes) bool, whether the class is in the image's set; a set may be empty.
        sizes: (n,) int64, how many classes there are in each set.
        several: how many sets hold several classes.
        several_share: the share of the sets that do, 0-1.
    """

    network: str
    promised: float
    coverage: float
    members: NDArray[np.bool_]
    sizes: NDArray[np.int64]
    several: int
    several_share: float

    @property
    def says_nothing(self) -> bool:
        """Whether each set holds every class."""
        return bool(self.members.all())

    def largest(self, most: int) -> NDArray[np.int64]:
        """Return the images whose sets hold most classes, at least two; (shown,) int64."""
        return np.argsort(-self.sizes, kind="stable")[: min(most, self.several)]


def risk_coverage(
    scores: NDArray[np.floating], labels: NDArray[np.integer], network: str
) -> RiskCoverage:
    """Return the share of mistakes among the most confident examples, for each number of them.

    Where only some of several equally confident examples are answered, the risk is that expected
    of a random choice among them, so that it does not depend on their order.

    Source: Y. Geifman and R. El-Yaniv, "Selective classification for deep neural networks", NeurIPS
    30 (2017), 4878-4887.

    Args:
        scores: (n, classes), any finite numbers.
        labels: (n,) integers, the true classes, 0 to classes - 1.
        network: what a table calls the network whose scores they are.
    """
    wrong = metrics.mistakes(labels, scores).indices
    _, block, counts = np.unique(
        -metrics.confidences(scores), return_inverse=True, return_counts=True
    )
    shares = np.bincount(block[wrong], minlength=len(counts)) / counts
    answered = np.arange(1, len(block) + 1)
    risks = np.cumsum(np.repeat(shares, counts)) / answered
    return RiskCoverage(network, answered / len(block), risks)


def refusal_table(curves: Sequence[RiskCoverage]) -> pd.DataFrame:
    """Return each network's accuracy on the rest where the least certain images are refused.

    The area under the curve (AURC) is the mean risk over all coverages; less is better.

    Source: Y. Geifman, G. Uziel and R. El-Yaniv, "Bias-reduced uncertainty estimation for deep
    neural classifiers", ICLR 2019.
    """
    return pd.DataFrame(
        [
            {
                "Network": curve.network,
                "None refused": curve.accuracy_after_refusing(0),
                **{
                    f"{share:.0%} refused": curve.accuracy_after_refusing(share)
                    for share in REFUSED
                },
                "Area under the curve": curve.risks.mean(),
            }
            for curve in curves
        ]
    )


def foreign_detection(
    known: NDArray[np.floating], foreign: NDArray[np.floating], network: str, images: str
) -> ForeignDetection:
    """Return how well confidence tells known images from foreign ones, which belong to no class.

    Known images are the positives: `let_through` is the false positive rate at 95% true positives.
    Images of one confidence pass together or not at all.

    Source: D. Hendrycks and K. Gimpel, "A baseline for detecting misclassified and
    out-of-distribution examples in neural networks", ICLR 2017; the rate at 95% as in S. Liang,
    Y. Li and R. Srikant, "Enhancing the reliability of out-of-distribution image detection in
    neural networks", ICLR 2018.

    Args:
        known: (n, classes), the scores of images of the classes, any finite numbers.
        foreign: (m, classes), the scores of images that belong to none, on the same scale.
        network: what a table calls the network whose scores they are.
        images: what the foreign images are.
    """
    groups = metrics.confidences(known), metrics.confidences(foreign)
    confidence = np.concatenate(groups)
    is_known = np.arange(len(confidence)) < len(groups[0])
    # Points on a straight piece of the curve count, too: the threshold may be one of them.
    false_rate, true_rate, _ = sklearn_metrics.roc_curve(
        is_known, confidence, drop_intermediate=False
    )
    first = int(np.searchsorted(true_rate, _KEPT))
    return ForeignDetection(
        network,
        images,
        auroc=float(sklearn_metrics.roc_auc_score(is_known, confidence)),
        kept=float(true_rate[first]),
        let_through=float(false_rate[first]),
    )


def detection_table(found: Sequence[ForeignDetection]) -> pd.DataFrame:
    """Return how well each network's confidence tells foreign images from known ones."""
    return pd.DataFrame(
        [
            {
                "Foreign images": each.images,
                "Network": each.network,
                "AUROC": each.auroc,
                "Test images kept": each.kept,
                "Foreign let through": each.let_through,
            }
            for each in found
        ]
    )


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
    several = int((sizes > 1).sum())
    held = members[np.arange(len(labels)), labels]
    return PredictionSets(
        network, promised, float(held.mean()), members, sizes, several, several / len(sizes)
    )


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
