"""Whether probabilities mean what they say: proper scores, reliability and temperature scaling.

All of it is about probabilities, so that scores are divided by their sum first: `probabilities`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special
from sklearn import metrics as sklearn_metrics

from handwriting.evaluation import metrics
from handwriting.evaluation.intervals import wilson

_INVERSES = 0.01, 100.0
"""1 divided by the highest temperature that is tried, and by the lowest."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often the predicted class is the true one, in bins of the confidence in it.

    Bins without examples are left out.

    Attributes:
        counts: (bins,) int64, the examples of each bin.
        confidences: (bins,) float64, 0-1, their mean confidence.
        accuracies: (bins,) float64, 0-1, the share read rightly.
        lows: (bins,) float64, 0-1, where the 95% Wilson interval of that share begins.
        highs: (bins,) float64, 0-1, where it ends.
    """

    counts: NDArray[np.int64]
    confidences: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]

    @property
    def expected_error(self) -> float:
        """The mean gap between confidence and accuracy over the bins, by their counts, 0-1.

        Calibrated scores seldom have an error of 0: chance leaves a gap, the wider the fewer
        examples a bin has.

        Source: M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated
        probabilities using Bayesian binning", AAAI 29 (2015), 2901-2907; 15 bins as in C. Guo,
        G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks", ICML
        2017, PMLR 70, 1321-1330; bins of equal mass as in J. Nixon et al., "Measuring calibration
        in deep learning", CVPR workshops 2019, here for the predicted class alone.
        """
        gaps = np.abs(self.accuracies - self.confidences)
        return float(np.average(gaps, weights=self.counts))


@dataclass(frozen=True, eq=False)
class ProbabilityQuality:
    """How true the probabilities of a network are.

    Attributes:
        confidence: the mean probability of the predicted class, 0-1.
        accuracy: the share read rightly, 0-1.
        log_loss: see `log_loss`.
        brier_score: see `brier_score`.
        error: the expected calibration error of bins of equal width, 0-1.
        by_mass: confidence and accuracy in bins of equal mass.
    """

    confidence: float
    accuracy: float
    log_loss: float
    brier_score: float
    error: float
    by_mass: Reliability

    @property
    def verdict(self) -> Literal["too sure", "not sure enough"]:
        """The former where the mean confidence is higher than the accuracy."""
        return "too sure" if self.confidence > self.accuracy else "not sure enough"


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a temperature does for a network's probabilities.

    Attributes:
        network: what a table calls it.
        temperature: the temperature.
        before: of its probabilities as they are.
        after: of those at the temperature.
    """

    network: str
    temperature: float
    before: ProbabilityQuality
    after: ProbabilityQuality


def probabilities(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the scores of each example divided by their sum, (n, classes) float64, above 0 to 1.

    So those of a sigmoid come to sum to 1; those of a softmax stay as they are but for rounding.

    A score below the smallest normal float32, about 1e-38, is raised to it first: what rounds to 0
    was positive, and the logarithm of 0 would be infinite. A row of zeros thus holds every class
    to be equally probable.

    Args:
        scores: (n, classes), 0-1.
    """
    raised = np.maximum(scores, np.finfo(np.float32).tiny, dtype=np.float64)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def log_loss(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the mean of -log p over the examples, p being the probability of the true class.

    Source: I. J. Good, "Rational decisions", Journal of the Royal Statistical Society B 14 (1952),
    107-114. The logarithm is natural. An example costs 87.4 at most, by what `probabilities` does
    to 0; scikit-learn's `log_loss` stops at 36, short of what float32 can say.

    Args:
        scores: (n, classes), 0-1.
        labels: (n,) integers, the true classes, 0 to classes - 1.
    """
    return float(-np.log(probabilities(scores)[np.arange(len(labels)), labels]).mean())


def brier_score(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the mean squared distance of the probabilities from the truth, 0 (best) to 2.

    Squares are summed over the classes, the truth being 1 for the true class and 0 for others. With
    two classes that is twice the score of one of them, which goes by the same name.

    Source: G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly
    Weather Review 78 (1950), 1-3.

    Args:
        scores: (n, classes), 0-1.
        labels: (n,) integers, the true classes, 0 to classes - 1.
    """
    shares = probabilities(scores)
    classes = np.arange(shares.shape[1])
    return float(
        sklearn_metrics.brier_score_loss(labels, shares, labels=classes, scale_by_half=False)
    )


def reliability(
    scores: NDArray[np.floating],
    labels: NDArray[np.integer],
    equal: Literal["width", "mass"],
    bins: int = 15,
) -> Reliability:
    """Return confidence and accuracy in bins of confidence, with a Wilson interval for each.

    Bins of equal width divide 0 to 1; each holds what is above its lower edge, up to its upper one
    inclusive. Bins of equal mass divide the examples at the quantiles of their confidence; examples
    of one confidence are never parted, so that where many are equally certain one bin takes them
    all, and bins beside it may be empty.

    Source: M. H. DeGroot and S. E. Fienberg, "The comparison and evaluation of forecasters", The
    Statistician 32 (1983), 12-22; for the predicted class alone as in Guo et al. (2017).

    Args:
        scores: (n, classes), 0-1.
        labels: (n,) integers, the true classes, 0 to classes - 1.
        equal: Whether the bins have equal width, or equal mass.
        bins: How many bins, at least 1.
    """
    table = probabilities(scores)
    confidence, right = metrics.confidences(table), metrics.predictions(table) == labels
    shares = np.linspace(0, 1, bins + 1)
    edges = shares if equal == "width" else np.quantile(confidence, shares)
    place = np.searchsorted(edges[1:-1], confidence, side="left")
    _, full, counts = np.unique(place, return_inverse=True, return_counts=True)
    hits, total = np.bincount(full, right), np.bincount(full, confidence)
    intervals = [wilson(int(hit), int(count)) for hit, count in zip(hits, counts, strict=True)]
    return Reliability(
        counts,
        total / counts,
        hits / counts,
        np.array([each.low for each in intervals]),
        np.array([each.high for each in intervals]),
    )


def temperature(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the temperature that makes the log loss of these examples least.

    Above 1 it takes confidence away, below 1 it gives more. Fit it on validation examples: those
    that trained the network flatter it. It is 1 where none from 0.01 to 100 is best: where there is
    no mistake the lowest would be, and where the scores do no better than chance the highest.

    Source: Guo et al. (2017). Log loss is convex in 1 / temperature, so that it is least where its
    slope, the mean over examples of what log p is expected to be less log p of the true class,
    is 0.

    Args:
        scores: (n, classes), 0-1.
        labels: (n,) integers, the true classes, 0 to classes - 1.
    """
    logs = np.log(probabilities(scores))
    beyond_truth = logs - logs[np.arange(len(labels)), labels, np.newaxis]

    def slope(inverse: float) -> float:
        expected = special.softmax(inverse * beyond_truth, axis=1) * beyond_truth
        return float(expected.sum(axis=1).mean())

    if not slope(_INVERSES[0]) < 0 < slope(_INVERSES[1]):
        return 1.0
    return 1 / float(optimize.brentq(slope, *_INVERSES))


def tempered(scores: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Return the probabilities at a temperature, softmax(log p / temperature).

    That is softmax(logits / temperature), as Guo et al. (2017) have it: log p and the logits of a
    softmax differ by a number that is the same for all classes. The highest stays the highest.

    Args:
        scores: (n, classes), 0-1; those of a sigmoid are divided by their sum first.
        temperature: Above 0; at 1 the probabilities stay as they are.

    Returns:
        (n, classes) float64, 0-1; each row sums to 1.
    """
    return np.asarray(special.softmax(np.log(probabilities(scores)) / temperature, axis=1))


def calibration(
    network: str,
    scores: NDArray[np.floating],
    labels: NDArray[np.integer],
    temperature: float,
) -> Calibration:
    """Return how true probabilities are, as they are and at a temperature.

    Args:
        network: what a table calls the network that they come from.
        scores: (n, classes), 0-1.
        labels: (n,) integers, the true classes, 0 to classes - 1.
        temperature: above 0.
    """
    return Calibration(
        network,
        temperature,
        before=quality(scores, labels),
        after=quality(tempered(scores, temperature), labels),
    )


def quality(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> ProbabilityQuality:
    """Return how true probabilities are.

    Args:
        scores: (n, classes), 0-1.
        labels: (n,) integers, the true classes, 0 to classes - 1.
    """
    return ProbabilityQuality(
        confidence=float(metrics.confidences(probabilities(scores)).mean()),
        accuracy=metrics.accuracy(labels, metrics.predictions(scores)),
        log_loss=log_loss(scores, labels),
        brier_score=brier_score(scores, labels),
        error=reliability(scores, labels, "width").expected_error,
        by_mass=reliability(scores, labels, "mass"),
    )


def calibration_table(found: Sequence[Calibration]) -> pd.DataFrame:
    """Return two rows for each network: its probabilities as they are, and tempered."""
    return pd.DataFrame(
        [
            {
                "Network": each.network,
                "Probabilities": name,
                "Temperature": temperature,
                "Log loss": quality.log_loss,
                "Brier score": quality.brier_score,
                "Error, equal width": quality.error,
                "Error, equal mass": quality.by_mass.expected_error,
            }
            for each in found
            for name, temperature, quality in (
                ("as they are", 1.0, each.before),
                ("tempered", each.temperature, each.after),
            )
        ]
    )
