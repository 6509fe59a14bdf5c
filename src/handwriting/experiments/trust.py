"""What judged networks are worth: how well they read, how sure they are, and of whose digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting.data import label_disputes
from handwriting.data.dataset import Dataset
from handwriting.evaluation import conformal, intervals, metrics, robustness, selective
from handwriting.evaluation.conformal import PredictionSets
from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.intervals import Interval, Resampled, bootstrap
from handwriting.evaluation.label_errors import SuspectLabels
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.evaluation.selective import ForeignDetection, RiskCoverage

_LEVELS = (0.95, 0.99, 0.999)
"""The shares of conformal sets that are to hold the truth."""

_LARGE_ENOUGH = 16
"""Pixels along a side that images need for digits from elsewhere to be readable in them."""


@dataclass(frozen=True)
class AccuracyEstimate:
    """The accuracy of a network, told in one of several ways.

    Attributes:
        title: what is resampled, or left out.
        accuracy: 0-1.
        interval: where the true one may lie.
        unit: what the interval takes for independent, such as `writers`.
        images: how many test images count.
        design_effect: how many times its variance is that of as many independent images, or None
            where they are taken for independent.
    """

    title: str
    accuracy: float
    interval: Interval
    unit: str
    images: int
    design_effect: float | None = None


def headlines(found: EvaluatedNetwork, data: Dataset) -> tuple[AccuracyEstimate, ...]:
    """Return a network's test accuracy, told in as many ways as the data allow.

    Args:
        found: the network and what it reads.
        data: whose test images it reads.
    """
    right = found.predictions == data.test.labels
    told = [_independent("images are independent", right)]
    if data.test.writers is not None:
        told.append(_by_writer("writers are independent", right, data.test.writers))
    doubtful = label_disputes.mask(data)
    if doubtful.any():
        left = ~doubtful
        if data.test.writers is None:
            told.append(_independent("without disputed labels", right[left]))
        else:
            told.append(_by_writer("without disputed labels", right[left], data.test.writers[left]))
    return tuple(told)


def cautious(ways: Sequence[AccuracyEstimate]) -> AccuracyEstimate:
    """Return the accuracy to quote: that with writers resampled where they are known.

    Args:
        ways: what `headlines` returned, none of it left out.
    """
    return next((each for each in ways if each.design_effect is not None), ways[0])


def _independent(title: str, right: NDArray[np.bool_]) -> AccuracyEstimate:
    interval = intervals.wilson(int(right.sum()), len(right))
    return AccuracyEstimate(title, float(right.mean()), interval, "images", len(right))


def _by_writer(
    title: str, right: NDArray[np.bool_], writers: NDArray[np.int32]
) -> AccuracyEstimate:
    found = bootstrap(right, writers, "writers")
    return AccuracyEstimate(
        title, found.share, found.interval, found.unit, len(right), found.design_effect
    )


def by_series(found: EvaluatedNetwork, data: Dataset) -> dict[int, Resampled]:
    """Return the accuracy on the test images of each series, writers resampled; by its number.

    Series without two writers are left out, and all where nobody knows who wrote what.
    """
    right, test = found.predictions == data.test.labels, data.test
    if test.writers is None or test.series is None:
        return {}
    told = {}
    for number in np.unique(test.series).tolist():
        here = test.series == number
        if len(np.unique(test.writers[here])) > 1:
            told[number] = bootstrap(right[here], test.writers[here], "writers")
    return told


def by_writer(
    found: EvaluatedNetwork, data: Dataset
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many test images each writer wrote, and how many of them are misread.

    Returns:
        (writers,) int64 each, the same writers in both; empty where nobody knows who wrote what.
    """
    if data.test.writers is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    _, members = np.unique(data.test.writers, return_inverse=True)
    wrong = found.predictions != data.test.labels
    return np.bincount(members), np.bincount(members[wrong], minlength=members.max() + 1)


def conformal_sets(found: EvaluatedNetwork) -> dict[float, PredictionSets]:
    """Return conformal sets of the test images, by the share that is promised to hold the truth."""
    thresholds = {
        level: conformal.conformal_threshold(found.validation_scores, found.labels, level)
        for level in _LEVELS
    }
    return {
        level: conformal.prediction_sets(found.scores, threshold)
        for level, threshold in thresholds.items()
    }


def telling(sets: Mapping[float, PredictionSets]) -> tuple[float, PredictionSets]:
    """Return the highest promise that is kept by less than all classes, and its sets."""
    kept = [level for level, found in sets.items() if not found.members.all()]
    level = max(kept, default=min(sets))
    return level, sets[level]


def ambiguous(found: PredictionSets, most: int = 15) -> NDArray[np.int64]:
    """Return the examples whose sets hold most classes, at least two; (shown,) int64."""
    several = np.flatnonzero(found.sizes > 1)
    order = np.argsort(-found.sizes[several], kind="stable")
    return np.asarray(several[order][:most], np.int64)


def elsewhere(judged: Sequence[EvaluatedNetwork], data: Dataset) -> dict[str, tuple[float, float]]:
    """Return each network's accuracy on its own test digits and on scikit-learn's, by its title.

    Nothing where the data are those digits, are no digits, or have too few pixels.
    """
    ours = data.name == "digits" or data.class_names != tuple("0123456789")
    if ours or min(data.image_shape) < _LARGE_ENOUGH:
        return {}
    others = robustness.elsewhere(data.image_shape)
    return {
        each.title: (
            metrics.accuracy(data.test.labels, each.predictions),
            metrics.accuracy(others.labels, metrics.predictions(each.read(others.images))),
        )
        for each in judged
    }


def detected(
    judged: Sequence[EvaluatedNetwork], others: Mapping[str, NDArray[np.uint8]]
) -> dict[str, dict[str, ForeignDetection]]:
    """Return how well each network's confidence tells foreign images from test digits.

    Args:
        judged: the networks.
        others: (m, height, width) uint8, 0-255, by what they are.

    Returns:
        By the network's title, then by what the images are.
    """
    return {
        each.title: {
            name: selective.foreign_detection(each.scores, each.read(images))
            for name, images in others.items()
        }
        for each in judged
    }


def key_numbers(
    told: Mapping[str, Sequence[AccuracyEstimate]],
    refusals: Mapping[str, RiskCoverage],
    declines: Mapping[str, Sequence[CorruptionCurve]],
    doubts: SuspectLabels,
) -> dict[str, float]:
    """Return the numbers of a report by name, those that matter most first.

    Args:
        told: the networks' accuracies; the last network's come first.
        refusals: what each gains that may refuse.
        declines: how damage hurts each.
        doubts: the training labels that look wrong.
    """
    title, ways = list(told.items())[-1]
    quoted = cautious(ways)
    numbers = {
        "test_accuracy": quoted.accuracy,
        "accuracy_after_refusing_2_percent": refusals[title].accuracy_after_refusing(0.02),
        "worst_damaged_accuracy": min(each.accuracies[-1] for each in declines[title]),
        "test_accuracy_low": quoted.interval.low,
        "test_accuracy_high": quoted.interval.high,
        "mean_damaged_accuracy": sum(each.mean for each in declines[title]) / len(declines[title]),
        "doubtful_training_labels": len(doubts),
    }
    if quoted.design_effect is not None:
        numbers["design_effect"] = quoted.design_effect
    return numbers
