"""What a network knows of its own errors: its calibration error beside chance, and its sorting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from handwriting.evaluation import accuracy, calibration, metrics
from handwriting.evaluation.accuracy import GroupShares
from handwriting.evaluation.calibration import Reliability
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.ranking import Ranking, auroc

_DRAWS = 1_000


@dataclass(frozen=True)
class CalibrationError:
    """An expected calibration error, and what is left to explain of it.

    Chance adds to such an error, the more the fewer examples a bin has, and drawing examples anew
    adds as much again. Its interval reaches as far down as up, and to 0 where chance alone may have
    made the error.

    Source: M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated probabilities
    using Bayesian binning", AAAI 29 (2015), 2901-2907; for the predicted class alone as in Guo et
    al. (2017).

    Attributes:
        error: the mean gap between confidence and accuracy over bins of equal mass, 0-1.
        interval: its 95% interval, from drawing writers or images anew.
        floor: what 95% of perfectly calibrated networks of the same confidences stay below.
    """

    error: float
    interval: Interval
    floor: float

    @property
    def beyond_chance(self) -> bool:
        """Whether a perfectly calibrated network would seldom show so large an error."""
        return self.error > self.floor


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
        auroc: how probably a right answer has more confidence than a wrong one; None where all
            answers are right, or none is.
    """

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    auroc: Ranking | None


@dataclass(frozen=True, eq=False)
class ProbabilityQuality:
    """How true the probabilities of a network are.

    Attributes:
        confidence: the mean probability of the predicted class, 0-1.
        accuracy: the share read rightly, 0-1.
        log_loss: see `calibration.log_loss`.
        brier_score: see `calibration.brier_score`.
        by_mass: confidence and accuracy in bins of equal mass.
        error: the mean gap between the two in these bins.
        parts: what confidence in the predicted class is worth.
    """

    confidence: float
    accuracy: float
    log_loss: float
    brier_score: float
    by_mass: Reliability
    error: CalibrationError
    parts: Decomposition

    @property
    def verdict(self) -> str:
        """How the mean confidence lies to the accuracy, and whether that may be by chance."""
        if self.confidence == self.accuracy:
            return "as sure as it is right"
        found = "too sure" if self.confidence > self.accuracy else "not sure enough"
        return found if self.error.beyond_chance else f"{found}, which may be luck"


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

    @property
    def states(self) -> tuple[tuple[str, ProbabilityQuality], ...]:
        """What each state of the probabilities is called, and its quality."""
        return ("as they are", self.before), ("tempered", self.after)


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
        bins: how many of them, see `calibration.bins_of`.
        draws: how often images are drawn, and answers thrown.
    """
    confidence = metrics.confidences(calibration.probabilities(scores))
    right = (metrics.predictions(scores) == labels).astype(np.float64)
    place = calibration.bins_of(confidence, bins)
    rng = np.random.default_rng(0)
    thrown = [_gap(place, confidence, rng.random(len(right)) < confidence) for _ in range(draws)]
    groups = np.arange(len(right)) if writers is None else writers
    _, members = np.unique(groups, return_inverse=True)
    many = members.max() + 1
    drawn = [
        _gap(place, confidence, right, rng.multinomial(many, np.full(many, 1 / many))[members])
        for _ in range(draws)
    ]
    error = _gap(place, confidence, right)
    # A draw's error exceeds that of the images as theirs exceeds the true one, hence below, too.
    high, seldom = float(np.quantile(drawn, 0.975)), float(np.quantile(thrown, 0.95))
    low = max(0.0, 2 * error - high) if error > seldom else 0.0
    return CalibrationError(error, Interval(low, high), seldom)


def _gap(
    place: NDArray[np.intp],
    confidence: NDArray[np.float64],
    right: NDArray[np.floating] | NDArray[np.bool_],
    weights: NDArray[np.integer] | float = 1.0,
) -> float:
    """The mean over bins, by their examples, of the gap between confidence and accuracy."""
    apart = np.abs(np.bincount(place, (right - confidence) * weights))
    return float(apart.sum() / (np.ones(len(place)) * weights).sum())


def decomposition(
    scores: NDArray[np.floating],
    labels: NDArray[np.integer],
    writers: NDArray[np.integer] | None = None,
) -> Decomposition:
    """Return what a network's confidence in its answers is worth.

    Args:
        scores: (n, classes), probabilities.
        labels: (n,) integers, the true classes.
        writers: (n,) integers, who wrote each image; each stands alone without them.
    """
    confidence = metrics.confidences(calibration.probabilities(scores))
    right = (metrics.predictions(scores) == labels).astype(np.float64)
    truer = IsotonicRegression(y_min=0, y_max=1).fit_transform(confidence, right)
    score, best, flat = (
        float(np.mean((each - right) ** 2)) for each in (confidence, truer, right.mean())
    )
    mixed = 0 < right.mean() < 1
    ranked = auroc(confidence, right == 1, writers) if mixed else None
    return Decomposition(score, score - best, flat - best, flat, ranked)


def judge(
    network: str,
    scores: NDArray[np.floating],
    labels: NDArray[np.integer],
    temperature: float,
    writers: NDArray[np.integer] | None = None,
) -> Calibration:
    """Return how true probabilities are, as they are and at a temperature.

    Args:
        network: what a table calls the network that they come from.
        scores: (n, classes), 0-1.
        labels: (n,) integers, the true classes, 0 to classes - 1.
        temperature: above 0.
        writers: (n,) integers, who wrote each image, or None where nobody knows.
    """
    return Calibration(
        network,
        temperature,
        before=quality(scores, labels, writers),
        after=quality(calibration.tempered(scores, temperature), labels, writers),
    )


def quality(
    scores: NDArray[np.floating],
    labels: NDArray[np.integer],
    writers: NDArray[np.integer] | None = None,
) -> ProbabilityQuality:
    """Return how true probabilities are.

    Args:
        scores: (n, classes), 0-1.
        labels: (n,) integers, the true classes, 0 to classes - 1.
        writers: (n,) integers, who wrote each image, or None where nobody knows.
    """
    return ProbabilityQuality(
        confidence=float(metrics.confidences(calibration.probabilities(scores)).mean()),
        accuracy=metrics.accuracy(labels, metrics.predictions(scores)),
        log_loss=calibration.log_loss(scores, labels),
        brier_score=calibration.brier_score(scores, labels),
        by_mass=calibration.reliability(scores, labels),
        error=calibration_error(scores, labels, writers),
        parts=decomposition(scores, labels, writers),
    )


def calibration_table(found: Sequence[Calibration]) -> pd.DataFrame:
    """Return two rows for each network: its probabilities as they are, and tempered."""
    return pd.DataFrame(
        [
            {
                "Network": each.network,
                "Probabilities": name,
                "Log loss": quality.log_loss,
                "Brier score": quality.brier_score,
                "Calibration error": quality.error.error,
                "95% interval": quality.error.interval,
                "By chance, up to": quality.error.floor,
            }
            for each in found
            for name, quality in each.states
        ]
    )


def decomposition_table(found: Sequence[Calibration]) -> pd.DataFrame:
    """Return two rows for each network: what its confidence in its own answers is worth."""
    return pd.DataFrame(
        [
            {
                "Network": each.network,
                "Probabilities": name,
                "Score": quality.parts.score,
                "Miscalibration": quality.parts.miscalibration,
                "Discrimination": quality.parts.discrimination,
                "Uncertainty": quality.parts.uncertainty,
                "AUROC": quality.parts.auroc and quality.parts.auroc.area,
                "95% interval": quality.parts.auroc and quality.parts.auroc.interval,
            }
            for each in found
            for name, quality in each.states
        ]
    )


def gaps(
    network: str,
    probabilities: NDArray[np.floating],
    labels: NDArray[np.integer],
    groups: Mapping[str, NDArray[np.bool_]],
    writers: NDArray[np.integer] | None,
) -> GroupShares:
    """Return how far mean confidence lies above accuracy in each group, -1 to 1.

    The intervals are those of the accuracy, turned round: confidences are taken as they are. So
    they are at least as wide as need be, and no mistake in a group does not pass for certainty.

    Args:
        network: what a table calls it.
        probabilities: (n, classes), each row sums to 1.
        labels: (n,) integers, the true classes.
        groups: (n,) bool each, which images are in a group, by its name; none is empty.
        writers: (n,) integers, who wrote each, or None where nobody knows.
    """
    confidence, right = metrics.confidences(probabilities), metrics.predictions(probabilities)
    found = accuracy.by_group(network, right == labels, groups, writers, expected=0.0)
    means = [float(confidence[groups[each.name]].mean()) for each in found.groups]
    turned = [
        replace(
            each,
            share=mean - each.share,
            interval=Interval(mean - each.interval.high, mean - each.interval.low),
        )
        for mean, each in zip(means, found.groups, strict=True)
    ]
    return replace(found, groups=tuple(turned))
