"""Two networks before the bench, and what they make of images that they did not learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from handwriting.data import splitting
from handwriting.data.dataset import Dataset
from handwriting.errors import SettingError
from handwriting.evaluation import calibration, metrics
from handwriting.models import config, training_runs
from handwriting.models.training_runs import Run


@dataclass(frozen=True, eq=False)
class EvaluatedNetwork:
    """A network, and what it makes of images that it did not learn from.

    Attributes:
        trial: the network and how it was trained.
        labels: (m,) uint8, the classes of the validation images.
        validation_scores: (m, classes) float32, 0-1.
        scores: (n, classes) float32, 0-1, of the test images.
        temperature: what makes its validation scores truest, see `calibration.temperature`; 1 where
            the validation images cannot tell.
    """

    trial: Run
    labels: NDArray[np.uint8]
    validation_scores: NDArray[np.float32]
    scores: NDArray[np.float32]
    temperature: float

    @property
    def title(self) -> str:
        """What prose calls the network."""
        return self.trial.recipe.title

    @property
    def predictions(self) -> NDArray[np.int64]:
        """(n,) int64, what it reads in the test images."""
        return metrics.predictions(self.scores)

    @property
    def tempered(self) -> NDArray[np.float64]:
        """(n, classes) float64, its probabilities for the test images at its temperature."""
        return calibration.tempered(self.scores, self.temperature)

    def read(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return its scores of other images, (k, classes) float32, 0-1.

        Args:
            images: (k, height, width) uint8, 0-255.
        """
        from handwriting.models import training  # here, since Keras takes seconds to import

        return training.predict(self.trial.network, images, self.trial.recipe.looks)


def judge(
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
    return tuple(_judged(trial, data, limit) for trial in found)


def _judged(trial: Run, data: Dataset, images: int) -> EvaluatedNetwork:
    from handwriting.models import training  # here, since Keras takes seconds to import

    train = data.train.drawn(images)
    _, watched = splitting.divided(train, trial.recipe.plan.validation_share)
    labels = train.labels[watched]
    looks = trial.recipe.looks
    watching = training.predict(trial.network, train.images[watched], looks)
    scores = training.predict(trial.network, data.test.images, looks)
    try:
        temperature = calibration.temperature(watching, labels)
    except SettingError:  # no mistake among the validation images, or nothing but mistakes
        temperature = 1.0
    return EvaluatedNetwork(trial, labels, watching, scores, temperature)
