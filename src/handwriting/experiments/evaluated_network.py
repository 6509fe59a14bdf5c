"""A network before the bench: what it makes of images that it did not learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from handwriting.data import corrections, label_disputes, splitting
from handwriting.data.dataset import Dataset
from handwriting.evaluation import (
    accuracy,
    calibration,
    conformal,
    metrics,
    own_errors,
    robustness,
    selective,
    trainings,
    writers,
)
from handwriting.evaluation.accuracy import AccuracyEstimates, GroupShare, GroupShares
from handwriting.evaluation.own_errors import Calibration
from handwriting.evaluation.trainings import MeanAccuracy, Trainings
from handwriting.models.training_runs import Run

PROMISES = (0.95, 0.99, 0.999)
"""The shares of sets of classes that are to hold the true one."""

REFUSED = 0.02
"""The share of the images, the least certain, whose refusal is told."""

_LARGE_ENOUGH = 16
"""Pixels along a side that images need for digits from elsewhere to be readable in them."""


@dataclass(frozen=True, eq=False)
class EvaluatedNetwork:
    """A network, and what it makes of images that it did not learn from.

    Attributes:
        run: the network and how it was trained.
        data: what it learned from, and the test images that it reads.
        learned: (l,) int64, which of the training images it learned from.
        validation_labels: (m,) uint8, the classes of the validation images.
        validation_scores: (m, classes) float32, 0-1.
        scores: (n, classes) float32, 0-1, of the test images.
        temperature: what makes its validation scores truest, see `calibration.temperature`; 1 where
            the validation images cannot tell.
        others: the same network, trained with other seeds.
    """

    run: Run
    data: Dataset
    learned: NDArray[np.int64]
    validation_labels: NDArray[np.uint8]
    validation_scores: NDArray[np.float32]
    scores: NDArray[np.float32]
    temperature: float
    others: tuple[EvaluatedNetwork, ...] = ()

    @property
    def trainings(self) -> tuple[EvaluatedNetwork, ...]:
        """This training, and then the others."""
        return (self, *self.others)

    @property
    def title(self) -> str:
        """What prose calls the network."""
        return self.run.recipe.title

    @property
    def name(self) -> str:
        """What a table calls it, whose head says that it is a network."""
        return self.title.removesuffix(" network")

    @property
    def learned_writers(self) -> int | None:
        """How many people wrote what it learned from; None where nobody knows."""
        people = self.data.train.writers
        return None if people is None else len(np.unique(people[self.learned]))

    @property
    def tested_writers(self) -> int | None:
        """How many people wrote the test images; None where nobody knows."""
        people = self.data.test.writers
        return None if people is None else len(np.unique(people))

    @property
    def right(self) -> NDArray[np.bool_]:
        """(n,) bool, whether it reads each test image rightly."""
        return np.asarray(metrics.predictions(self.scores) == self.data.test.labels)

    @property
    def accuracy(self) -> float:
        """The share of the test images that it reads rightly, 0-1."""
        return float(self.right.mean())

    @cached_property
    def mean(self) -> MeanAccuracy:
        """The mean accuracy of its trainings."""
        right = np.stack([each.right for each in self.trainings])
        found = Trainings(self.name, right, random=True)
        return trainings.mean_accuracy(found, self.data.test.writers)

    @cached_property
    def estimates(self) -> AccuracyEstimates:
        """How sure its accuracy is."""
        doubtful = label_disputes.mask(self.data)
        return accuracy.estimate(self.name, self.right, self.data.test.writers, doubtful)

    @cached_property
    def crowding(self) -> writers.Crowding | None:
        """How its mistakes lie over writers; None without any or where nobody knows writers."""
        people = self.data.test.writers
        return None if people is None else writers.crowding(self.name, ~self.right, people)

    @cached_property
    def series(self) -> GroupShares:
        """How well it reads each series of the test images."""
        return self._by_group(self.right, accuracy.series(self.data), self.accuracy)

    @cached_property
    def series_ratio(self) -> writers.ErrorRatio | None:
        """How many times as often its trainings misread the hardest series as the easiest.

        None where one of them is never misread, or there are not two.
        """
        return self._by_series(1 - np.mean([each.right for each in self.trainings], axis=0))

    @cached_property
    def refusal_ratio(self) -> writers.ErrorRatio | None:
        """How many times as much it refuses of the hardest series as of the easiest.

        None where nothing of one is among what it is least sure of, or there are not two.
        """
        return self._by_series(selective.refused(self.scores, REFUSED))

    def _by_series(
        self, share: NDArray[np.bool_] | NDArray[np.float64]
    ) -> writers.ErrorRatio | None:
        people, groups = self.data.test.writers, accuracy.series(self.data)
        if people is None or len(groups) < 2:
            return None
        first = groups[self.series.lowest.name]
        both = first | groups[self.series.highest.name]
        return writers.error_ratio(share[both], people[both], first[both])

    @cached_property
    def calibration(self) -> Calibration:
        """How true its probabilities for the test images are, as they are and tempered."""
        test = self.data.test
        return own_errors.judge(self.name, self.scores, test.labels, self.temperature, test.writers)

    @cached_property
    def gaps(self) -> GroupShares:
        """How far its tempered confidence lies above its accuracy, by series and by class."""
        tempered, test = calibration.tempered(self.scores, self.temperature), self.data.test
        return own_errors.gaps(self.name, tempered, test.labels, self._groups, test.writers)

    @cached_property
    def refused(self) -> GroupShares:
        """How much of each series and class is among what it is least sure of."""
        least = selective.refused(self.scores, REFUSED)
        return self._by_group(least, self._groups, float(least.mean()))

    @cached_property
    def held(self) -> GroupShares:
        """How often its sets hold the truth, by series and class; a high promise seldom breaks."""
        return self._by_group(self.sets[0].held, self._groups, PROMISES[0])

    @property
    def _groups(self) -> dict[str, NDArray[np.bool_]]:
        return accuracy.series(self.data) | accuracy.classes(self.data)

    def _by_group(
        self, holds: NDArray[np.bool_], groups: dict[str, NDArray[np.bool_]], expected: float
    ) -> GroupShares:
        return accuracy.by_group(self.name, holds, groups, self.data.test.writers, expected)

    @cached_property
    def risk_coverage(self) -> selective.RiskCoverage:
        """Its mistakes among the test images that it is surest of."""
        return selective.risk_coverage(self.scores, self.data.test.labels, self.name)

    @property
    def caught(self) -> int:
        """How many of its mistakes are among the least certain, which it refuses."""
        return int((~self.right & selective.refused(self.scores, REFUSED)).sum())

    @cached_property
    def answered(self) -> GroupShare:
        """How well it reads the other test images where it refuses the least certain."""
        others = {"answered": ~selective.refused(self.scores, REFUSED)}
        return self._by_group(self.right, others, self.accuracy).groups[0]

    @cached_property
    def sets(self) -> tuple[conformal.PredictionSets, ...]:
        """Sets of classes of the test images, for each promise."""
        threshold = partial(
            conformal.conformal_threshold, self.validation_scores, self.validation_labels
        )
        labels = self.data.test.labels
        return tuple(
            conformal.prediction_sets(self.scores, labels, threshold(level), level, self.name)
            for level in PROMISES
        )

    @cached_property
    def elsewhere(self) -> MeanAccuracy | None:
        """The mean accuracy of its trainings on scikit-learn's digits, enlarged.

        None where the data are those digits, show no digits like them, or have too few pixels.
        """
        data, train = self.data, self.data.train
        other = data.name == "digits" or data.class_names != tuple("0123456789")
        if other or min(data.image_shape) < _LARGE_ENOUGH:
            return None
        if not corrections.likeness_to_digits(train.images, train.labels, data.class_names).digits:
            return None  # digits of another script, say
        others = robustness.enlarged_digits(self.data.image_shape)
        read = [metrics.predictions(each.read(others.images)) for each in self.trainings]
        right = np.equal(read, others.labels)
        return trainings.mean_accuracy(Trainings(self.name, right, random=True))

    def read(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return its scores of other images, (k, classes) float32, 0-1.

        Args:
            images: (k, height, width) uint8, 0-255.
        """
        from handwriting.models import training  # here, since Keras takes seconds to import

        return training.predict(self.run.network, images, self.run.recipe.looks)

    def detect(
        self, foreign: Mapping[str, NDArray[np.uint8]]
    ) -> tuple[selective.ForeignDetection, ...]:
        """Return how well its confidence tells foreign images from the test images.

        The same of each of the other trainings is told, too.

        Args:
            foreign: (k, height, width) uint8 each, 0-255, by what they are.
        """
        found = []
        for what, images in foreign.items():
            first, *others = (
                selective.foreign_detection(
                    each.scores, each.read(images), self.name, what, self.data.test.writers
                )
                for each in self.trainings
            )
            found.append(replace(first, others=tuple(others)))
        return tuple(found)

    def certainties(
        self, foreign: Mapping[str, NDArray[np.uint8]]
    ) -> tuple[selective.Certainty, ...]:
        """Return how sure it is of the test images, and then of foreign ones.

        Args:
            foreign: (k, height, width) uint8 each, 0-255, by what they are.
        """
        read = {"test images": self.scores}
        read |= {what: self.read(images) for what, images in foreign.items()}
        return tuple(
            selective.Certainty(what, metrics.confidences(scores)) for what, scores in read.items()
        )


def evaluate(run: Run, data: Dataset, images: int) -> EvaluatedNetwork:
    """Return a trained network, and what it makes of validation and test images.

    Args:
        run: the network, and how it was trained.
        data: what it learned from, and the test images.
        images: how many training images there were to learn from and to validate with.
    """
    from handwriting.models import training  # here, since Keras takes seconds to import

    train = data.train.drawn(images)
    learned, watched = splitting.divided(train, run.recipe.plan.validation_share)
    labels = train.labels[watched]
    looks = run.recipe.looks
    watching = training.predict(run.network, train.images[watched], looks)
    scores = training.predict(run.network, data.test.images, looks)
    temperature = calibration.temperature(watching, labels)
    chosen = data.train.draw(images)[learned]
    return EvaluatedNetwork(run, data, chosen, labels, watching, scores, temperature)
