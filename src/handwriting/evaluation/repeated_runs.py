"""What training runs of recipes come to: accuracies and their spread, and times.

A *recipe* is a `ModelConfig`: a network and how it is trained and asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev

import humanize
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.data.dataset import Split
from handwriting.evaluation import method_comparison, origins, trainings
from handwriting.evaluation.intervals import RepeatedAccuracy
from handwriting.evaluation.method_comparison import Difference, MethodComparison
from handwriting.evaluation.trainings import Trainings
from handwriting.evaluation.writers import ErrorRatio
from handwriting.models.config import ModelConfig
from handwriting.models.training_runs import Run

_TIMED = {"now": "for this report", "cache": "earlier, on this machine", "kept": "on another day"}


@dataclass(frozen=True, eq=False)
class RepeatedRuns:
    """The training runs of one recipe.

    Attributes:
        recipe: what was trained.
        runs: one for each seed, at least one.
        accuracy: their accuracies on the test images.
    """

    recipe: ModelConfig
    runs: tuple[Run, ...]
    accuracy: RepeatedAccuracy

    @property
    def times(self) -> tuple[float, ...]:
        """The seconds that each training took, its preparation included, validation left out."""
        return tuple(run.outcome.epoch_seconds[-1] for run in self.runs)

    @property
    def seconds(self) -> float:
        """The median of these times."""
        return float(np.median(self.times))

    @property
    def title(self) -> str:
        """What prose calls the recipe."""
        return self.recipe.title

    @property
    def size(self) -> int:
        """How many runs there are."""
        return len(self.runs)

    @property
    def images(self) -> int:
        """How many images each run had, to learn from and to validate with."""
        return self.runs[0].images

    @property
    def learned_from(self) -> int:
        """About how many images each run learned from: all but those kept for validation."""
        return round(self.images * (1 - self.recipe.plan.validation_share))

    @property
    def weights(self) -> int:
        """How many numbers each network has that training adjusts."""
        return self.runs[0].outcome.weights

    @property
    def misread(self) -> float:
        """How many test images a network misreads on average."""
        return (1 - self.accuracy.mean) * self.accuracy.trials

    @property
    def spread(self) -> float | None:
        """The standard deviation of the accuracies, 0-1; None of one."""
        return stdev(self.accuracy.values) if self.size > 1 else None

    @property
    def period(self) -> str:
        """When they were trained, see `origins.Group`."""
        return origins.period(self.runs)

    @property
    def timed(self) -> str:
        """When their times were taken, in a table's words: only times of one moment compare."""
        origins = dict.fromkeys(run.origin for run in self.runs)
        return " and ".join(_TIMED[each] for each in origins)

    @property
    def kept(self) -> bool:
        """Whether they were measured before, perhaps elsewhere."""
        return self.runs[0].origin == "kept"

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The class of each test image, by run: (runs, n)."""
        return np.stack([run.predictions for run in self.runs])


def by_recipe(runs: Sequence[Run], truths: NDArray[np.integer]) -> tuple[RepeatedRuns, ...]:
    """Return runs by recipe, in the order in which recipes first appear.

    Args:
        runs: of any recipes.
        truths: (n,), the class of each test image.
    """
    names = dict.fromkeys(run.recipe.name for run in runs)
    return tuple(_repeated([run for run in runs if run.recipe.name == n], truths) for n in names)


def _repeated(runs: Sequence[Run], truths: NDArray[np.integer]) -> RepeatedRuns:
    values = tuple(float(np.mean(run.predictions == truths)) for run in runs)
    return RepeatedRuns(runs[0].recipe, tuple(runs), RepeatedAccuracy(values, len(truths)))


def fewest_images(
    groups: Sequence[RepeatedRuns], reference: RepeatedRuns, test: Split
) -> dict[str, tuple[int, Difference]]:
    """Return with how few training images a recipe does as another does with all of them.

    Args:
        groups: the runs of the recipe with more and more images.
        reference: those of the other.
        test: the test images.

    Returns:
        The smallest size with which it is `not found to be worse`, and the smallest with which it
        is found to be `better`, p-values corrected for how many sizes there are; each with the
        difference, and left out where there is none.
    """
    found = compared([reference, *groups], test).differences
    fewest: dict[str, tuple[int, Difference]] = {}
    for group, each in zip(groups, found, strict=True):
        if each.relation != "worse":
            fewest.setdefault("not found to be worse", (group.images, each))
        if each.relation == "better":
            fewest.setdefault("better", (group.images, each))
    return fewest


def size_table(series: Sequence[Sequence[RepeatedRuns]]) -> pd.DataFrame:
    """Return the mean test accuracy of each recipe, 0-1, with more and more training images."""
    return pd.DataFrame(
        {"Recipe": groups[-1].title, "Images": each.images, "Test accuracy": each.accuracy.mean}
        for groups in series
        for each in groups
    )


def recipe_table(groups: Sequence[RepeatedRuns]) -> pd.DataFrame:
    """Return what each recipe is, a row each."""
    return pd.DataFrame(
        {
            "Recipe": each.title,
            "Network": _architecture(each.recipe),
            "Weights": each.weights,
            "Epochs": each.recipe.plan.epochs,
            "Images in a step": each.recipe.plan.images_per_step(each.learned_from),
            "Distorted": _distortion(each.recipe),
            "Looks": each.recipe.looks,
        }
        for each in groups
    )


def _architecture(recipe: ModelConfig) -> str:
    if recipe.kind == "dense":
        return f"one hidden layer of {recipe.settings['hidden_units']} neurons"
    if recipe.kind == "lenet_5":
        return "as published in 1998, its last layer softmax"
    filters = humanize.natural_list([str(count) for count in recipe.settings["filters"]])
    return f"blocks of {filters} filters"


def _distortion(recipe: ModelConfig) -> str:
    if not recipe.plan.distortion:
        return "no"
    return "yes, elastically too" if recipe.plan.distortion.elastic else "yes"


def accuracy_table(groups: Sequence[RepeatedRuns], test: Split) -> pd.DataFrame:
    """Return how well each recipe's networks read, a row each.

    Args:
        groups: the recipes' runs.
        test: the test images; the interval is over their writers, where known, and over seeds.
    """
    return pd.DataFrame(
        {
            "Recipe": each.title,
            "Networks": each.size,
            "Test accuracy": each.accuracy.mean,
            "Spread": each.spread,
            "95% interval": trainings.mean_accuracy(_answers(each, test), test.writers).interval,
            "Misread": each.misread,
        }
        for each in groups
    )


def time_table(groups: Sequence[RepeatedRuns]) -> pd.DataFrame:
    """Return how long a training of each recipe took, in seconds, and when that was."""
    return pd.DataFrame(
        {
            "Recipe": each.title,
            "Shortest": min(each.times),
            "Median": each.seconds,
            "Longest": max(each.times),
            "Timed": each.timed,
        }
        for each in groups
    )


def compared(groups: Sequence[RepeatedRuns], test: Split) -> MethodComparison:
    """Return how recipes compare with the first, by the mean accuracies of their runs.

    Args:
        groups: the recipes' runs, of two recipes at least.
        test: the test images.
    """
    first, *others = (_answers(each, test) for each in groups)
    return method_comparison.compare(first, others, test.writers)


def error_ratio(first: RepeatedRuns, second: RepeatedRuns, test: Split) -> ErrorRatio | None:
    """Return how many times as many test images the first misreads on average as the second.

    With its 95% interval; None where one misreads too few, see `trainings.error_ratio`.
    """
    return trainings.error_ratio(_answers(first, test), _answers(second, test), test.writers)


def _answers(group: RepeatedRuns, test: Split) -> Trainings:
    return Trainings(group.title, group.predictions == test.labels, random=True)


def difference_table(found: MethodComparison) -> pd.DataFrame:
    """Return how each recipe's mean accuracy differs from the first's, a row each; fractions."""
    return pd.DataFrame(
        {
            "Recipe": each.name,
            "Difference": each.difference,
            "95% from": each.interval.low,
            "95% to": each.interval.high,
            "p-value": each.p_value,
            "Found": method_comparison.told(each.relation, each.excluded),
        }
        for each in found.differences
    )


def key_numbers(groups: Sequence[RepeatedRuns]) -> dict[str, float]:
    """Return the numbers of each recipe by name, for a report's results."""
    return {
        f"{each.recipe.name}_{what}": number
        for each in groups
        for what, number in (
            ("test_accuracy", each.accuracy.mean),
            ("lowest_test_accuracy", each.accuracy.lowest),
            ("highest_test_accuracy", each.accuracy.highest),
            ("training_seconds", each.seconds),
        )
    }
