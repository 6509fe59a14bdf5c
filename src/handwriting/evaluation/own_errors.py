"""What a network knows of its own errors: its calibration error beside chance, and its sorting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from handwriting.evaluation import calibration, metrics
from handwriting.evaluation.intervals import Interval

_DRAWS = 1_000


@dataclass(frozen=True)
class CalibrationError:
    """An expected calibration error, and what is left to explain of it.

    Attributes:
        error: of bins of equal mass, 0-1.
        interval: its 95% interval, from drawing writers or images anew.
        floor: the error that a perfectly calibrated network of the same confidences shows, on
            average, by chance.
        floor_high: what 95% of such networks stay below.
    """

    error: float
    interval: Interval
    floor: float
    floor_high: float

    @property
    def beyond_chance(self) -> bool:
        """Whether a perfectly calibrated network would seldom show so large an error."""
        return self.error > self.floor_high


@dataclass(frozen=True)
class Decomposition:
    """The Brier score of a network's confidence in its own answers, taken apart.

    The score is `miscalibration - discrimination + uncertainty`. T. Dimitriadis, T. Gneiting and A.
    I. Jordan, "Stable reliability diagrams for probabilistic classifiers", Proceedings of the
    National Academy of Sciences 118 (2021), e2016191118; after A. H. Murphy, "A new vector
    partition of the probability score", Journal of Applied Meteorology 12 (1973), 595-600.

    Attributes:
        score: the mean squared distance of confidence from 1 (right) or 0 (wrong).
        miscalibration: what truer confidences of the same order would save.
        discrimination: what it gains over one confidence for all, by telling right from wrong.
        uncertainty: the score of one confidence for all, the accuracy.
        auroc: how probably a right answer has more confidence than a wrong one, 0.5 by chance; NaN
            where all answers are right, or none is.
    """

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    auroc: float


def calibration_error(
    scores: NDArray[np.floating],
    labels: NDArray[np.integer],
    writers: NDArray[np.integer] | None = None,
    bins: int = 15,
    draws: int = _DRAWS,
) -> CalibrationError:
    """Return a network's expected calibration error beside what chance alone leaves.

    Args:
        scores: (n, classes), probabilities.
        labels: (n,) integers, the true classes.
        writers: (n,) integers, who wrote each image; each stands alone without them.
        bins: how many bins of equal mass, as in `calibration.reliability`.
        draws: how often images are drawn, and answers thrown.
    """
    confidence = metrics.confidences(calibration.probabilities(scores))
    right = (metrics.predictions(scores) == labels).astype(np.float64)
    edges = np.quantile(confidence, np.linspace(0, 1, bins + 1))
    place = np.searchsorted(edges[1:-1], confidence, side="left")
    rng = np.random.default_rng(0)
    thrown = [_gap(place, confidence, rng.random(len(right)) < confidence) for _ in range(draws)]
    groups = np.arange(len(right)) if writers is None else writers
    _, members = np.unique(groups, return_inverse=True)
    drawn = []
    for _ in range(draws):
        times = np.bincount(rng.integers(members.max() + 1, size=members.max() + 1))
        weights = np.pad(times, (0, members.max() + 1 - len(times)))[members]
        drawn.append(_gap(place, confidence, right, weights))
    error = _gap(place, confidence, right)
    # A draw's error exceeds that of the images as theirs exceeds the true one: it is turned round.
    low, high = (2 * error - np.quantile(drawn, [0.975, 0.025])).tolist()
    return CalibrationError(
        error,
        Interval(max(0.0, low), max(0.0, high), 0.95),
        float(np.mean(thrown)),
        float(np.quantile(thrown, 0.95)),
    )


def _gap(
    place: NDArray[np.intp],
    confidence: NDArray[np.float64],
    right: NDArray[np.floating] | NDArray[np.bool_],
    weights: NDArray[np.integer] | None = None,
) -> float:
    """The mean over bins, by their examples, of the gap between confidence and accuracy."""
    apart = (right - confidence) * (1 if weights is None else weights)
    total = len(place) if weights is None else weights.sum()
    return float(np.abs(np.bincount(place, apart)).sum() / total)


def decomposition(scores: NDArray[np.floating], labels: NDArray[np.integer]) -> Decomposition:
    """Return what a network's confidence in its answers is worth.

    Args:
        scores: (n, classes), probabilities.
        labels: (n,) integers, the true classes.
    """
    confidence = metrics.confidences(calibration.probabilities(scores))
    right = (metrics.predictions(scores) == labels).astype(np.float64)
    truer = IsotonicRegression(y_min=0, y_max=1).fit_transform(confidence, right)
    score, best, flat = (
        float(np.mean((each - right) ** 2)) for each in (confidence, truer, right.mean())
    )
    mixed = 0 < right.mean() < 1
    auroc = float(roc_auc_score(right, confidence)) if mixed else float("nan")
    return Decomposition(score, score - best, flat - best, flat, auroc)
