"""What notebook 05 runs, in the order in which it tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from handwriting.data import label_disputes, splitting
from handwriting.data.dataset import Dataset
from handwriting.evaluation import (
    accuracy,
    adversarial,
    calibration,
    conformal,
    label_errors,
    metrics,
    own_errors,
    robustness,
    selective,
    writers,
)
from handwriting.evaluation.accuracy import AccuracyEstimates, GroupShares
from handwriting.evaluation.own_errors import Calibration
from handwriting.models import config, training_runs

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
    """

    run: training_runs.Run
    data: Dataset
    learned: NDArray[np.int64]
    validation_labels: NDArray[np.uint8]
    validation_scores: NDArray[np.float32]
    scores: NDArray[np.float32]
    temperature: float

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
        """How many times as often it misreads the hardest series as the easiest.

        None where one of them is never misread, or there are not two.
        """
        people, groups = self.data.test.writers, accuracy.series(self.data)
        if people is None or len(groups) < 2:
            return None
        first = groups[self.series.lowest.name]
        both = first | groups[self.series.highest.name]
        return writers.error_ratio(~self.right[both], people[both], first[both])

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
        """How often its sets hold the truth, by series and by class."""
        sets = conformal.telling(self.sets[:2])  # the highest promise breaks too seldom to compare
        return self._by_group(sets.held, self._groups, sets.promised)

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
    def after_refusing(self) -> float:
        """Its accuracy on the other test images where it refuses the least certain, 0-1."""
        return self.risk_coverage.accuracy_after_refusing(REFUSED)

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
    def elsewhere(self) -> float | None:
        """Its accuracy on scikit-learn's digits, enlarged, 0-1.

        None where the data are those digits, are no digits, or have too few pixels.
        """
        ours = self.data.name == "digits" or self.data.class_names != tuple("0123456789")
        if ours or min(self.data.image_shape) < _LARGE_ENOUGH:
            return None
        others = robustness.enlarged_digits(self.data.image_shape)
        return metrics.accuracy(others.labels, metrics.predictions(self.read(others.images)))

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

        Args:
            foreign: (k, height, width) uint8 each, 0-255, by what they are.
        """
        return tuple(
            selective.foreign_detection(
                self.scores, self.read(images), self.name, what, self.data.test.writers
            )
            for what, images in foreign.items()
        )

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


@dataclass(frozen=True, eq=False)
class Experiment:
    """What takes long to find out about networks, by one data set and with one seed.

    Attributes:
        examples: what the networks learn from and read.
        seed: what their random numbers are drawn from.
        machine: processor, cores and the like, each by name.
        training_images: how many to learn from at most; 0 for all.
        fresh: find out anew, whatever the cache holds.
        progress: called with a line on what is being done.
    """

    examples: Dataset
    seed: int
    machine: Mapping[str, object]
    training_images: int = 0
    fresh: bool = False
    progress: Callable[[str], None] = lambda _: None

    def networks(self) -> tuple[EvaluatedNetwork, ...]:
        """Return the original analysis's network and the small convolutional one, trained.

        Raises:
            DatasetError: there are too few images.
            TrainingError: a loss is no longer a finite number.
        """
        limit = min(self.training_images or len(self.examples.train), len(self.examples.train))
        some = 0 if limit == len(self.examples.train) else limit
        asked = [replace(each, images=some) for each in (config.DENSE, config.SMALL)]
        found = training_runs.run(
            self.examples,
            asked,
            [self.seed],
            self.machine,
            fresh=self.fresh,
            progress=self.progress,
        )
        return tuple(_evaluated(run, self.examples, limit) for run in found)

    def damage(
        self, networks: Sequence[EvaluatedNetwork], images: int
    ) -> tuple[robustness.Robustness, ...]:
        """Return how each network's accuracy falls as test images are damaged.

        Args:
            networks: the networks.
            images: how many test images to damage at most.
        """
        return tuple(
            robustness.damage(
                each.name,
                each.run,
                self.examples,
                images,
                self.machine,
                fresh=self.fresh,
                progress=self.progress,
            )
            for each in networks
        )

    def attacks(
        self, networks: Sequence[EvaluatedNetwork], images: int
    ) -> tuple[adversarial.AdversarialAccuracy, ...]:
        """Return how each network fares where pixels change a little.

        There is none where Keras does not compute with TensorFlow, which is asked for slopes.

        Args:
            networks: the networks.
            images: how many test images to change at most.
        """
        from handwriting.models import backend  # here, since Keras takes seconds to import

        if backend.name() != "tensorflow":
            return ()
        return tuple(
            adversarial.accuracy(
                each.name,
                each.run,
                self.examples,
                images,
                self.machine,
                fresh=self.fresh,
                progress=self.progress,
            )
            for each in networks
        )

    def doubtful_labels(self) -> label_errors.SuspectLabels:
        """Return the training labels that networks clearly dispute which never saw their images.

        Raises:
            DatasetError: there are too few images.
            TrainingError: a loss is no longer a finite number.
        """
        return label_errors.doubtful_labels(
            self.examples,
            self.seed,
            self.machine,
            images=self.training_images,
            fresh=self.fresh,
            progress=self.progress,
        )


def _evaluated(run: training_runs.Run, data: Dataset, images: int) -> EvaluatedNetwork:
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
