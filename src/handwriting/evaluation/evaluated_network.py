"""A trained network, and what it makes of images that it did not learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from handwriting.data import label_disputes, splitting
from handwriting.data.dataset import Dataset
from handwriting.errors import SettingError
from handwriting.evaluation import accuracy, calibration, conformal, metrics, robustness, selective
from handwriting.evaluation.accuracy import AccuracyEstimates, SeriesAccuracy, WriterMistakes
from handwriting.evaluation.calibration import Calibration
from handwriting.evaluation.conformal import PredictionSets
from handwriting.evaluation.selective import Certainty, ForeignDetection, RiskCoverage
from handwriting.models import config, training_runs
from handwriting.models.training_runs import Run

PROMISES = (0.95, 0.99, 0.999)
"""The shares of sets of classes that are to hold the true one."""

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

    run: Run
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
    def seconds(self) -> float:
        """How long its training took, in seconds."""
        return self.run.outcome.seconds

    @property
    def test_images(self) -> int:
        """How many test images it reads."""
        return len(self.scores)

    @property
    def validation_images(self) -> int:
        """How many validation images it reads, none of which it learned from."""
        return len(self.validation_labels)

    @property
    def learned_writers(self) -> int | None:
        """How many people wrote what it learned from; None where nobody knows."""
        writers = self.data.train.writers
        return None if writers is None else len(np.unique(writers[self.learned]))

    @property
    def predictions(self) -> NDArray[np.int64]:
        """(n,) int64, what it reads in the test images."""
        return metrics.predictions(self.scores)

    @property
    def right(self) -> NDArray[np.bool_]:
        """(n,) bool, whether it reads each test image rightly."""
        return np.asarray(self.predictions == self.data.test.labels)

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
    def writers(self) -> WriterMistakes | None:
        """How its mistakes are spread over writers; None where nobody knows who wrote what."""
        writers = self.data.test.writers
        return None if writers is None else accuracy.by_writer(self.name, self.right, writers)

    @cached_property
    def series(self) -> tuple[SeriesAccuracy, ...]:
        """How well it reads each series of the test images."""
        return accuracy.by_series(self.name, self.right, self.data.test)

    @property
    def hardest_series(self) -> SeriesAccuracy:
        """The series of which it misreads most."""
        return max(self.series, key=lambda each: each.error)

    @property
    def easiest_series(self) -> SeriesAccuracy:
        """The series of which it misreads least."""
        return min(reversed(self.series), key=lambda each: each.error)

    @property
    def series_ratio(self) -> float | None:
        """How many times as much it misreads of the hardest as of the easiest; None for no times.

        That is where it misreads nothing of the easiest.
        """
        least = self.easiest_series.error
        return self.hardest_series.error / least if least else None

    @cached_property
    def calibration(self) -> Calibration:
        """How true its probabilities for the test images are, as they are and tempered."""
        return calibration.calibration(
            self.name, self.scores, self.data.test.labels, self.temperature
        )

    @cached_property
    def risk_coverage(self) -> RiskCoverage:
        """Its mistakes among the test images that it is surest of."""
        return selective.risk_coverage(self.scores, self.data.test.labels, self.name)

    @property
    def after_refusing(self) -> float:
        """Its accuracy on the other test images where it refuses 2%, the least certain, 0-1."""
        return self.risk_coverage.accuracy_after_refusing(0.02)

    @cached_property
    def sets(self) -> tuple[PredictionSets, ...]:
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

    def detect(self, foreign: Mapping[str, NDArray[np.uint8]]) -> tuple[ForeignDetection, ...]:
        """Return how well its confidence tells foreign images from the test images.

        Args:
            foreign: (k, height, width) uint8 each, 0-255, by what they are.
        """
        return tuple(
            selective.foreign_detection(
                self.scores, self.read(images), network=self.name, images=what
            )
            for what, images in foreign.items()
        )

    def certainties(self, foreign: Mapping[str, NDArray[np.uint8]]) -> tuple[Certainty, ...]:
        """Return how sure it is of the test images, and then of foreign ones.

        Args:
            foreign: (k, height, width) uint8 each, 0-255, by what they are.
        """
        known = Certainty("test images", metrics.confidences(self.scores))
        others = (
            Certainty(what, metrics.confidences(self.read(images)))
            for what, images in foreign.items()
        )
        return known, *others


def evaluate(
    data: Dataset,
    seed: int,
    machine: Mapping[str, object],
    *,
    images: int = 0,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[EvaluatedNetwork, ...]:
    """Return the original analysis's network and the small convolutional one, and what they read.

    Args:
        data: what they learn from and read.
        seed: what their random numbers are drawn from.
        machine: processor, cores and the like, each by name.
        images: how many training images to use at most; 0 for all.
        fresh: train anew, whatever the cache holds.
        progress: called with a line before each training and after each epoch.

    Raises:
        DatasetError: there are too few images.
        TrainingError: a loss is no longer a finite number.
    """
    limit = min(images or len(data.train), len(data.train))
    some = 0 if limit == len(data.train) else limit
    asked = [replace(each, images=some) for each in (config.DENSE, config.SMALL)]
    found = training_runs.run(data, asked, [seed], machine, fresh=fresh, progress=progress)
    return tuple(_evaluated(run, data, limit) for run in found)


def _evaluated(run: Run, data: Dataset, images: int) -> EvaluatedNetwork:
    from handwriting.models import training  # here, since Keras takes seconds to import

    train = data.train.drawn(images)
    learned, watched = splitting.divided(train, run.recipe.plan.validation_share)
    labels = train.labels[watched]
    looks = run.recipe.looks
    watching = training.predict(run.network, train.images[watched], looks)
    scores = training.predict(run.network, data.test.images, looks)
    try:
        temperature = calibration.temperature(watching, labels)
    except SettingError:  # no mistake among the validation images, or nothing but mistakes
        temperature = 1.0
    chosen = data.train.draw(images)[learned]
    return EvaluatedNetwork(run, data, chosen, labels, watching, scores, temperature)
