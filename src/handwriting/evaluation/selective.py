"""What a network gains that need not answer: it may refuse, or tell foreign images.

Only the order of confidences counts, so that scores may be on any scale: the confidence is the
highest score as it is. Those of a sigmoid are not divided by their sum, since all of them may be
low where an image is like no class.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import metrics as sklearn_metrics

from handwriting.evaluation import metrics
from handwriting.evaluation.intervals import Interval, wilson
from handwriting.evaluation.ranking import Ranking, auroc

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
        count: how many there are.
        auroc: how probably a known image gets more confidence than a foreign one.
        let_through: The share of foreign images that pass a threshold which at least 95% of the
            known ones pass, 0-1; less is better.
        interval: the 95% interval of that, had the foreign images been others.
        others: that share where the network is trained with other seeds.
    """

    network: str
    images: str
    count: int
    auroc: Ranking
    let_through: float
    interval: Interval
    others: tuple[float, ...] = ()

    @property
    def spread(self) -> Interval:
        """The least share that any training lets through, and the greatest."""
        shares = self.let_through, *self.others
        return Interval(min(shares), max(shares))


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
                "Mean share of mistakes": curve.risks.mean(),
            }
            for curve in curves
        ]
    )


def refused(scores: NDArray[np.floating], share: float) -> NDArray[np.bool_]:
    """Return which examples are the least certain, (n,) bool.

    Args:
        scores: (n, classes), any finite numbers.
        share: how many of them, 0-1; the nearest whole number is.
    """
    least_first = np.argsort(metrics.confidences(scores), kind="stable")
    found = np.zeros(len(scores), bool)
    found[least_first[: round(share * len(scores))]] = True
    return found


def threshold(scores: NDArray[np.floating], share: float) -> float:
    """Return the confidence below which so many examples are, the nearest whole number of them.

    What is to be refused below it is then the least certain, whatever it is a threshold for.

    Args:
        scores: (n, classes), any finite numbers; at least one example.
        share: 0 to less than 1.
    """
    rising = np.sort(metrics.confidences(scores))
    return float(rising[min(round(share * len(rising)), len(rising) - 1)])


def foreign_detection(
    known: NDArray[np.floating],
    foreign: NDArray[np.floating],
    network: str,
    images: str,
    writers: NDArray[np.integer] | None = None,
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
        writers: (n,) integers, who wrote each known image; it stands alone without them, as each
            foreign one does.
    """
    confidence = np.concatenate([metrics.confidences(known), metrics.confidences(foreign)])
    is_known = np.arange(len(confidence)) < len(known)
    people = np.arange(len(known)) if writers is None else writers
    groups = np.concatenate([people, people.max() + 1 + np.arange(len(foreign))])
    # Points on a straight piece of the curve count, too: the threshold may be one of them.
    false_rate, true_rate, _ = sklearn_metrics.roc_curve(
        is_known, confidence, drop_intermediate=False
    )
    first = int(np.searchsorted(true_rate, _KEPT))
    return ForeignDetection(
        network,
        images,
        len(foreign),
        auroc=auroc(confidence, is_known, groups),
        let_through=float(false_rate[first]),
        interval=wilson(round(false_rate[first] * len(foreign)), len(foreign)),
    )


def detection_table(found: Sequence[ForeignDetection]) -> pd.DataFrame:
    """Return how well each network's confidence tells foreign images from known ones."""
    return pd.DataFrame(
        [
            {
                "Foreign images": each.images,
                "Network": each.network,
                "AUROC": each.auroc.area,
                "95% interval": each.auroc.interval,
                "Foreign let through": each.let_through,
                "Its 95% interval": each.interval,
                "Over trainings": each.spread,
            }
            for each in found
        ]
    )
