"""What notebook 05 runs, in the order in which it tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting.data import out_of_distribution
from handwriting.data.dataset import Dataset
from handwriting.evaluation import evaluated_network, label_errors, robustness
from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.label_errors import SuspectLabels
from handwriting.evaluation.robustness import CorruptionCurve, Robustness


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
        return evaluated_network.evaluate(
            self.examples,
            self.seed,
            self.machine,
            images=self.training_images,
            fresh=self.fresh,
            progress=self.progress,
        )

    def damage(self, networks: Sequence[EvaluatedNetwork], images: int) -> tuple[Robustness, ...]:
        """Return how each network's accuracy falls as test images are damaged.

        Args:
            networks: the networks.
            images: how many test images to damage at most.
        """
        return tuple(Robustness(each.name, self._damage(each, images)) for each in networks)

    def _damage(self, network: EvaluatedNetwork, images: int) -> tuple[CorruptionCurve, ...]:
        return robustness.damage(
            network,
            self.examples,
            images,
            self.machine,
            fresh=self.fresh,
            progress=self.progress,
        )

    def foreign_images(self, name: str) -> dict[str, NDArray[np.uint8]]:
        """Return foreign images by what they are; see `data.out_of_distribution.images`."""
        return out_of_distribution.images(name, self.examples)

    def doubtful_labels(self) -> SuspectLabels:
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
