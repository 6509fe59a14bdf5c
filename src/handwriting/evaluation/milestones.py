"""How accuracy grows while networks learn, and what it costs in images and in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.evaluation.repeated_runs import RepeatedRuns
from handwriting.models.config import ModelConfig


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """How validation accuracy grows while networks learn; each number stands for one epoch.

    Attributes:
        recipe: what they followed.
        images: (epochs,) int64, how many images had been seen.
        seconds: (epochs,) float64, how many seconds had passed, the median of the trainings.
        accuracy: (epochs,) float64, the mean of the trainings, 0-1.
        kept: whether they were measured before, perhaps elsewhere.
    """

    recipe: ModelConfig
    images: NDArray[np.int64]
    seconds: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    kept: bool = False

    @property
    def best(self) -> float:
        """The highest of the accuracies, 0-1."""
        return float(self.accuracy.max())

    @property
    def last(self) -> Milestone:
        """What the whole training costs."""
        return self._after(-1)

    def reaching(self, accuracy: float) -> Milestone | None:
        """What it costs to be at least so accurate, seen after each epoch; None if it never is.

        Args:
            accuracy: 0-1.
        """
        there = np.flatnonzero(self.accuracy >= accuracy)
        return self._after(int(there[0])) if len(there) else None

    def _after(self, epoch: int) -> Milestone:
        return Milestone(self.recipe.title, int(self.images[epoch]), float(self.seconds[epoch]))


@dataclass(frozen=True)
class Milestone:
    """What a recipe's training has cost when an epoch ends.

    Attributes:
        title: the recipe's.
        images: how many images were seen.
        seconds: how long it took.
    """

    title: str
    images: int
    seconds: float


def learning_curve(group: RepeatedRuns) -> LearningCurve:
    """Return how validation accuracy grew, on average over the runs of a recipe.

    Args:
        group: runs that kept images for validation.
    """
    outcomes = [run.outcome for run in group.runs]
    accuracies = [outcome.history["validation_accuracy"] for outcome in outcomes]
    epochs = min(map(len, accuracies))
    return LearningCurve(
        group.recipe,
        group.learned_from * np.arange(1, epochs + 1),
        np.median([outcome.epoch_seconds[:epochs] for outcome in outcomes], axis=0),
        np.mean([each[:epochs] for each in accuracies], axis=0),
        group.kept,
    )


def milestone_table(curves: Sequence[LearningCurve], accuracy: float) -> pd.DataFrame:
    """Return what it costs each recipe to reach an accuracy on validation images, a row each.

    Seconds of another day are left out: they do not compare.

    Args:
        curves: one for each recipe.
        accuracy: 0-1, judged after each epoch.
    """
    reached = [each.reaching(accuracy) for each in curves]
    return pd.DataFrame(
        {
            "Recipe": each.recipe.title,
            "Best": each.best,
            "Images": there.images if there else None,
            "Seconds": there.seconds if there and not each.kept else None,
            "Images in all": each.last.images,
            "Seconds in all": each.last.seconds,
        }
        for each, there in zip(curves, reached, strict=True)
    )
