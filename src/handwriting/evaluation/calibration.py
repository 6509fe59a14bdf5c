"""Whether probabilities mean what they say: proper scores, reliability and temperature scaling.

All of it is about probabilities, so that scores are divided by their sum first: `probabilities`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

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
    return float(0 - np.log(probabilities(scores)[np.arange(len(labels)), labels]).mean())


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
    return float(((shares - np.eye(shares.shape[1])[labels]) ** 2).sum(axis=1).mean())


def bins_of(confidence: NDArray[np.floating], bins: int = 15) -> NDArray[np.intp]:
    """Return the bin of equal mass of each confidence, (n,) integers from 0.

    Bins divide the examples at the quantiles of their confidence; examples of one confidence are
    never parted, so that where many are equally certain one bin takes them all, and bins beside it
    may be empty.

    Source: J. Nixon et al., "Measuring calibration in deep learning", CVPR workshops 2019; 15 bins
    as in Guo et al. (2017).

    Args:
        confidence: (n,), 0-1.
        bins: How many bins, at least 1.
    """
    edges = np.quantile(confidence, np.linspace(0, 1, bins + 1))
    return np.searchsorted(edges[1:-1], confidence, side="left")


def reliability(
    scores: NDArray[np.floating], labels: NDArray[np.integer], bins: int = 15
) -> Reliability:
    """Return confidence and accuracy in bins of equal mass, with a Wilson interval for each.

    Source: M. H. DeGroot and S. E. Fienberg, "The comparison and evaluation of forecasters", The
    Statistician 32 (1983), 12-22; for the predicted class alone as in Guo et al. (2017).

    Args:
        scores: (n, classes), 0-1.
        labels: (n,) integers, the true classes, 0 to classes - 1.
        bins: How many bins, at least 1.
    """
    table = probabilities(scores)
    confidence, right = metrics.confidences(table), metrics.predictions(table) == labels
    place = bins_of(confidence, bins)
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

    Source: C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural
    networks", ICML 2017, PMLR 70, 1321-1330. Log loss is convex in 1 / temperature, so that it is
    least where its slope, the mean over examples of what log p is expected to be less log p of the
    true class, is 0.

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
