"""What the network's notebook runs: networks of several seeds, and the first one opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from handwriting.data import splitting
from handwriting.data.dataset import Dataset
from handwriting.evaluation import repeated_runs
from handwriting.evaluation.classification import (
    Classification,
    LearningCurves,
    classification,
    hardest_classes,
    learning_curves,
)
from handwriting.evaluation.repeated_runs import RepeatedRuns
from handwriting.evaluation.trainings import MeanAccuracy, Trainings, mean_accuracy
from handwriting.models import dense_network, training_runs
from handwriting.models.config import DENSE, PLAIN, ModelConfig, TrainingConfig
from handwriting.models.dense_network import Contrast, ImageLoss, Layers, Outputs
from handwriting.models.training_runs import Run
from handwriting.results import store

ORIGINAL_ACCURACY: Final = 0.9727
"""The share of MNIST's test images that the original analysis reports to have read correctly."""

_KEPT, _PLAIN_SEEDS = "network", range(5)
_SEARCHED = 100
"""Training images among which a neuron's opposite is looked for."""


def configuration(
    hidden_units: int, output_activation: str, epochs: int, batch_size: int, learning_rate: float
) -> ModelConfig:
    """Return how the networks are built and trained.

    A batch size of 0 stands for the usual one. Softmax, which other reports' networks end in as
    well, goes unsaid, so that all find the same ones in the cache.

    Raises:
        SettingError: A setting is out of its range.
    """
    settings: dict[str, object] = {"hidden_units": hidden_units}
    if output_activation != "softmax":
        settings["output_activation"] = output_activation
    plan = TrainingConfig(
        epochs=epochs,
        batch_size=batch_size or TrainingConfig.batch_size,
        learning_rate=learning_rate,
    )
    return ModelConfig("dense", "dense network", "dense", settings, plan)


@dataclass(frozen=True, eq=False)
class TrainedNetworks:
    """Networks that differ in their seeds alone; the first one is the one to be opened.

    Attributes:
        examples: What they learned from and read.
        config: How they were built and trained.
        runs: A training each.
    """

    examples: Dataset
    config: ModelConfig
    runs: Sequence[Run]

    @property
    def seconds(self) -> float:
        """Seconds that the first training took."""
        return self.runs[0].outcome.seconds

    @cached_property
    def layers(self) -> Layers:
        """The first network's weights."""
        return dense_network.layers(self.runs[0].network.get_weights())

    @property
    def learning(self) -> LearningCurves:
        """The first network's loss and accuracy by epoch."""
        return learning_curves(self.runs[0].outcome.history)

    @property
    def validation_accuracy(self) -> float:
        """The networks' mean accuracy on validation images after the last epoch.

        It is the number to choose settings by, since it asks no test image. They are there only
        where `learning` was watched.
        """
        last = [each.outcome.history["validation_accuracy"][-1] for each in self.runs]
        return float(np.mean(last))

    @property
    def images_per_step(self) -> int:
        """How many images the network reads between two changes of its weights, at most."""
        plan = self.config.plan
        learning, _ = splitting.divided(self.examples.train, plan.validation_share)
        return plan.images_per_step(len(learning))

    @property
    def compiled(self) -> pd.DataFrame:
        """What the networks are compiled with: a row a part, its choice, and what it is for."""
        rate = self.config.plan.learning_rate
        choices = self.loss.name, f"Adam, with a learning rate of at most {rate:g}", "accuracy"
        purposes = (
            "says how wrong the outputs are, as one number that training makes smaller",
            "changes the weights after each batch so that the loss falls",
            "tells people what share of the images is read correctly; training makes no use of it",
        )
        parts = {"Part": ("Loss", "Optimizer", "Metric"), "Choice": choices}
        return pd.DataFrame({**parts, "What it is for": purposes})

    @property
    def contrast(self) -> Contrast:
        """The neuron that the first training image excites most, on it and on its opposite."""
        names = [self.examples.class_names[k] for k in self.examples.train.labels[:_SEARCHED]]
        return dense_network.contrast(self.layers, self.examples.train.images[:_SEARCHED], names)

    @property
    def outputs(self) -> Outputs:
        """What the first network makes of the first training image."""
        return self.layers.outputs(self.examples.train.images[0], self.examples.class_names)

    @property
    def loss(self) -> ImageLoss:
        """What the first training image costs the first network."""
        label = int(self.examples.train.labels[0])
        return dense_network.image_loss(self.outputs, label, self.config)

    @cached_property
    def trainings(self) -> Trainings:
        """Which test images each network reads."""
        right = np.stack([each.predictions == self.examples.test.labels for each in self.runs])
        return Trainings(self.config.title, right, random=True)

    @cached_property
    def accuracy(self) -> MeanAccuracy:
        """The networks' mean accuracy on the test images."""
        return mean_accuracy(self.trainings, self.examples.test.writers)

    @property
    def of_original_layers(self) -> bool:
        """Whether the layers are those of the original analysis."""
        return self.config.settings == DENSE.settings

    @property
    def reported(self) -> float | None:
        """The accuracy that the original analysis reports, 0-1; None on other data than MNIST."""
        return ORIGINAL_ACCURACY if self.examples.name == "mnist" else None

    @property
    def meeting_claim(self) -> int:
        """How many of the networks read at least what the original analysis reports."""
        return int((self.trainings.accuracies >= ORIGINAL_ACCURACY).sum())

    def finding_hardest(self, name: str) -> int:
        """Return how many of the networks have their lowest F1 in a class, by its name."""
        answers = np.stack([each.predictions for each in self.runs])
        test, names = self.examples.test, self.examples.class_names
        return hardest_classes(test.labels, answers, names).count(name)

    def test(self) -> Classification:
        """Return what the first network reads in the test images."""
        from handwriting.models import training  # here, since Keras takes seconds to import

        test = self.examples.test
        scores = training.predict(self.runs[0].network, test.images)
        return classification(test.labels, scores, self.examples.class_names)


def train(
    examples: Dataset,
    config: ModelConfig,
    seeds: Sequence[int],
    machine: Mapping[str, object],
    *,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> TrainedNetworks:
    """Return networks that are trained alike but for their seeds: now, or earlier and kept.

    Args:
        examples: What they learn from.
        config: How they are built and trained.
        seeds: What their random numbers are drawn from, one for each.
        machine: Processor, cores and the like, each by name.
        fresh: Train all, whatever the cache holds.
        progress: Called with a line before each training and after each epoch.

    Raises:
        DatasetError: There are too few images.
        TrainingError: A loss is no longer a finite number.
    """
    runs = training_runs.run(examples, [config], seeds, machine, fresh=fresh, progress=progress)
    return TrainedNetworks(examples, config, runs)


def trained_plainly(
    examples: Dataset,
    machine: Mapping[str, object],
    progress: Callable[[str], None] = lambda _: None,
) -> RepeatedRuns | None:
    """Return the original analysis's layers trained as Keras does by default, as they are kept.

    Where `HANDWRITING_KEEP` names a folder, they are trained now and kept there.

    Args:
        examples: What they learn from and read.
        machine: Processor, cores and the like, each by name.
        progress: Called with a line before each training and after each epoch.

    Returns:
        Their runs; None where none are kept of these data.

    Raises:
        MeasurementError: What was kept is damaged.
    """
    if os.environ.get("HANDWRITING_KEEP"):
        runs = training_runs.run(examples, [PLAIN], _PLAIN_SEEDS, machine, progress=progress)
        store.keep(_KEPT, training_runs.entries(runs, examples))
    else:
        runs = training_runs.load(examples, [PLAIN], store.kept(_KEPT))
    return next(iter(repeated_runs.by_recipe(runs, examples.test.labels)), None)


def cost(score: float) -> float:
    """Return what cross-entropy charges when the right class gets a score, above 0 and up to 1."""
    return float(dense_network.loss(score))
