"""Training runs that nobody trained: what each misreads is given."""

from collections.abc import Sequence

import numpy as np

from handwriting.data.dataset import Split
from handwriting.evaluation.repeated_runs import RepeatedRuns, by_recipe
from handwriting.models.config import ModelConfig
from handwriting.models.training_runs import Outcome, Run

TRUTHS = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
TEST = Split(np.zeros((10, 2, 2), np.uint8), TRUTHS.astype(np.uint8), np.arange(10) // 2)


def run(
    recipe: ModelConfig,
    seed: int,
    wrong: Sequence[int],
    seconds: float = 2.0,
    accuracies: Sequence[float] = (0.5, 0.75),
    images: int = 1200,
) -> Run:
    """A run that misreads those of ten test images, and reads validation images as said."""
    predictions = TRUTHS.copy()
    predictions[list(wrong)] = 3
    moments = tuple(seconds * number / 2 for number in range(1, len(accuracies) + 1))
    history = {"validation_accuracy": tuple(accuracies)}
    outcome = Outcome(predictions, history, moments, seconds, 99)
    moment = "2026-11-25T04:05:06+00:00"
    return Run(recipe, seed, images, "now", moment, {}, outcome)


def repeated(recipe: ModelConfig, *wrong: Sequence[int], images: int = 1200) -> RepeatedRuns:
    """The runs of a recipe, one for each list of images that it misreads, seeds from 0."""
    runs = [run(recipe, seed, each, images=images) for seed, each in enumerate(wrong)]
    (found,) = by_recipe(runs, TRUTHS)
    return found
