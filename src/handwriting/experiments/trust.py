"""What notebook 05 runs, in the order in which it tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pydantic
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset, Split
from handwriting.evaluation import adversarial, label_errors, robustness
from handwriting.experiments import evaluated_network
from handwriting.experiments.evaluated_network import EvaluatedNetwork
from handwriting.models import config, training_runs
from handwriting.models.config import ModelConfig
from handwriting.models.training_runs import Run
from handwriting.results import files, store

_Ask = Callable[[Run, Split, Callable[[str], None]], NDArray[np.uint8]]

_ANSWERS: pydantic.TypeAdapter[NDArray[Any]] = pydantic.TypeAdapter(files.Array)


@dataclass(frozen=True, eq=False)
class Experiment:
    """What takes long to find out about networks, by one data set and from one seed on.

    Attributes:
        examples: what the networks learn from and read.
        seed: what the random numbers of each network are drawn from.
        machine: processor, cores and the like, each by name.
        training_images: how many to learn from at most; 0 for all.
        trainings: how often each network is trained, with one seed after another.
        fresh: find out anew, whatever the cache holds.
        progress: called with a line on what is being done.
    """

    examples: Dataset
    seed: int
    machine: Mapping[str, object]
    training_images: int = 0
    trainings: int = 1
    fresh: bool = False
    progress: Callable[[str], None] = lambda _: None

    def networks(self) -> tuple[EvaluatedNetwork, ...]:
        """Return the original analysis's network and the small convolutional one, trained.

        Raises:
            DatasetError: there are too few images.
            TrainingError: a loss is no longer a finite number.
        """
        return tuple(map(self._trained, (config.DENSE, config.SMALL)))

    def _trained(self, recipe: ModelConfig) -> EvaluatedNetwork:
        every = len(self.examples.train)
        images = min(self.training_images or every, every)
        first, *others = (
            evaluated_network.evaluate(run, self.examples, images)
            for run in training_runs.run(
                self.examples,
                [replace(recipe, images=0 if images == every else images)],
                range(self.seed, self.seed + self.trainings),
                self.machine,
                fresh=self.fresh,
                progress=self.progress,
            )
        )
        return replace(first, others=tuple(others))

    def damage(
        self, networks: Sequence[EvaluatedNetwork], images: int
    ) -> tuple[robustness.Robustness, ...]:
        """Return how each network's accuracy falls as test images are damaged, in each training.

        Args:
            networks: the networks.
            images: how many test images to damage at most.
        """
        test = self.examples.test.drawn(min(images, len(self.examples.test)))
        ask = partial(self._asked, "damage", robustness.answers, robustness.ROWS, test)
        return tuple(
            robustness.robustness(
                each.name,
                [ask(training.run) for training in each.trainings],
                test,
                self.examples.classes,
            )
            for each in networks
        )

    def attacks(
        self, networks: Sequence[EvaluatedNetwork], images: int
    ) -> tuple[adversarial.AdversarialAccuracy, ...]:
        """Return how the first training of each network fares where pixels change a little.

        There is none where Keras does not compute with TensorFlow, which is asked for slopes.

        Args:
            networks: the networks.
            images: how many test images to change at most.
        """
        from handwriting.models import backend  # here, since Keras takes seconds to import

        if backend.name() != "tensorflow":
            return ()
        test = self.examples.test.drawn(min(images, len(self.examples.test)))
        ask = partial(self._asked, "adversarial", adversarial.outcomes, adversarial.ROWS, test)
        return tuple(adversarial.accuracy(each.name, ask(each.run)) for each in networks)

    def _asked(self, what: str, ask: _Ask, rows: int, test: Split, run: Run) -> NDArray[np.uint8]:
        """(rows, n) uint8: what a network does with test images, from the cache or found out now.

        Another training with the same settings need not be the same network.
        """
        from handwriting.models import networks  # here, since Keras takes seconds to import

        key = {
            "test": test.digest,
            "network": networks.fingerprint(run.network),
            "looks": str(run.recipe.looks),
        }
        shape, classes = (rows, len(test)), self.examples.classes
        return store.remember(
            what,
            key,
            partial(ask, run, test, self.progress),
            _ANSWERS,
            training_runs.environment(self.machine, ask.__module__),
            check=partial(files.require_classes, shape=shape, classes=classes),
            fresh=self.fresh,
        ).value

    def doubtful_labels(self) -> label_errors.SuspectLabels | None:
        """Return the training labels that networks clearly dispute which never saw their images.

        Returns:
            None where there are fewer images than networks to share them.

        Raises:
            TrainingError: a loss is no longer a finite number.
        """
        if min(self.training_images or np.inf, len(self.examples.train)) < label_errors.FOLDS:
            return None
        return label_errors.doubtful_labels(
            self.examples,
            self.seed,
            self.machine,
            images=self.training_images,
            fresh=self.fresh,
            progress=self.progress,
        )


def training_table(networks: Sequence[EvaluatedNetwork]) -> pd.DataFrame:
    """Return a row for each training of each network: what another seed changes."""
    return pd.DataFrame(
        [
            {
                "Network": each.name,
                "Seed": each.run.seed,
                "Accuracy": each.accuracy,
                "Refusing": each.answered.share,
                "Design effect": each.estimates.quoted.design_effect,
                "Calibration error": each.calibration.after.error.error,
                "AUROC": each.calibration.after.parts.auroc
                and each.calibration.after.parts.auroc.area,
                "Sets hold": each.sets[0].coverage,
            }
            for network in networks
            for each in network.trainings
        ]
    )
