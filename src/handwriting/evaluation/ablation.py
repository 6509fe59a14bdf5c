"""What trials of recipes come to: accuracies and their spread, effects, curves, agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from handwriting.errors import SettingError
from handwriting.evaluation.intervals import (
    Interval,
    RepeatedAccuracy,
    holm,
    mean_interval,
    mean_test,
)
from handwriting.models.config import ModelConfig
from handwriting.models.training_runs import Run


@dataclass(frozen=True, eq=False)
class Group:
    """The trials of one recipe.

    Attributes:
        recipe: what was tried.
        trials: one for each seed, at least one.
        accuracy: their accuracies on the test images.
        seconds: the median of the seconds that a training took.
    """

    recipe: ModelConfig
    trials: tuple[Run, ...]
    accuracy: RepeatedAccuracy
    seconds: float

    @property
    def learned_from(self) -> int:
        """About how many images each trial learned from: all but those kept for validation."""
        return round(self.trials[0].images * (1 - self.recipe.plan.validation_share))

    @property
    def kept(self) -> bool:
        """Whether they were measured before, perhaps elsewhere."""
        return self.trials[0].origin == "kept"

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The class of each test image, by trial: (trials, n)."""
        return np.stack([trial.predictions for trial in self.trials])


@dataclass(frozen=True)
class Effect:
    """What a change of a recipe does.

    Attributes:
        title: the change, in words.
        difference: by how much the mean accuracy changes, as a fraction; above 0 is better.
        interval: the 95% interval of that difference over seeds, or None with one seed.
        p_value: how probable so great a difference of means would be by chance, corrected for how
            many changes were tried; 1 with one seed.
        accuracy: the mean accuracy with the change, 0-1.
        slowdown: the shortest time of a training, divided by that without the change.
        seeds: how many seeds were tried with and without it.
    """

    title: str
    difference: float
    interval: Interval | None
    p_value: float
    accuracy: float
    slowdown: float
    seeds: int

    @property
    def sure(self) -> bool:
        """Whether the difference is more than luck: its corrected p-value is below 0.05."""
        return self.p_value < 0.05


@dataclass(frozen=True, eq=False)
class Curve:
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


@dataclass(frozen=True, eq=False)
class Agreement:
    """How many members of an ensemble read each digit, and what becomes of it together.

    Attributes:
        digits: (members + 1,) int64, how many digits are read correctly by so many members.
        together: (members + 1,) int64, how many of these the ensemble reads correctly.
    """

    digits: NDArray[np.int64]
    together: NDArray[np.int64]


def groups(trials: Sequence[Run], truths: NDArray[np.integer]) -> tuple[Group, ...]:
    """Return trials by recipe, in the order in which recipes first appear.

    Args:
        trials: of any recipes.
        truths: (n,), the class of each test image.
    """
    by_name: dict[str, list[Run]] = {}
    for trial in trials:
        by_name.setdefault(trial.recipe.name, []).append(trial)
    return tuple(_group(tuple(each), truths) for each in by_name.values())


def _group(trials: tuple[Run, ...], truths: NDArray[np.integer]) -> Group:
    accuracies = [float(np.mean(trial.predictions == truths)) for trial in trials]
    seconds = float(np.median([trial.outcome.seconds for trial in trials]))
    return Group(trials[0].recipe, trials, RepeatedAccuracy.of(accuracies, len(truths)), seconds)


def effects(base: Group, changed: Sequence[Group]) -> tuple[Effect, ...]:
    """Return what each change does, the most harmful first.

    A trial with the change is compared with the one of the same seed without it.

    Args:
        base: the recipe's trials.
        changed: those of the recipe with one thing changed each.

    Raises:
        SettingError: a change was tried with no seed of the base.
    """
    found = [_effect(base, each) for each in changed]
    corrected = holm([each.p_value for each in found])
    sure = (replace(each, p_value=value) for each, value in zip(found, corrected, strict=True))
    return tuple(sorted(sure, key=lambda each: each.difference))


def _effect(base: Group, changed: Group) -> Effect:
    plain = _by_seed(base)
    other = _by_seed(changed)
    seeds = sorted(plain.keys() & other.keys())
    if not seeds:
        raise SettingError(
            f"{changed.recipe.title}: expected trials with a seed of {base.recipe.title}; found "
            f"{sorted(other)} and {sorted(plain)}. Try both with the same seeds."
        )
    differences = [other[seed] - plain[seed] for seed in seeds]
    return Effect(
        changed.recipe.title,
        float(np.mean(differences)),
        mean_interval(differences) if len(seeds) > 1 else None,
        mean_test(differences) if len(seeds) > 1 else 1.0,
        float(np.mean([other[seed] for seed in seeds])),
        _shortest(changed) / _shortest(base),
        len(seeds),
    )


def _shortest(group: Group) -> float:
    """Seconds of the training that was disturbed least: whatever else a machine does adds time."""
    return min(trial.outcome.seconds for trial in group.trials)


def _by_seed(group: Group) -> dict[int, float]:
    return {
        trial.seed: accuracy
        for trial, accuracy in zip(group.trials, group.accuracy.values, strict=True)
    }


def curve(group: Group) -> Curve:
    """Return how validation accuracy grew, on average over the trials of a recipe.

    Raises:
        SettingError: the recipe keeps no images for validation.
    """
    outcomes = [trial.outcome for trial in group.trials]
    accuracies = [outcome.history["validation_accuracy"] for outcome in outcomes]
    epochs = min(map(len, accuracies))
    if not epochs:
        raise SettingError(
            f"{group.recipe.title}: expected images kept for validation; found none. "
            "Set validation_share."
        )
    return Curve(
        group.recipe,
        group.learned_from * np.arange(1, epochs + 1),
        np.median([outcome.epoch_seconds[:epochs] for outcome in outcomes], axis=0),
        np.mean([each[:epochs] for each in accuracies], axis=0),
        group.kept,
    )


def agreement(
    members: NDArray[np.integer], together: NDArray[np.integer], truths: NDArray[np.integer]
) -> Agreement:
    """Return how many members read each digit, and whether they do so together.

    Args:
        members: (members, n), the class that each member reads in each image.
        together: (n,), the class that all of them read together.
        truths: (n,), the class of each image.
    """
    readers = (members == truths).sum(axis=0)
    counts = np.arange(len(members) + 1)[:, np.newaxis] == readers
    return Agreement(counts.sum(axis=1), (counts & (together == truths)).sum(axis=1))


def key_numbers(found: Sequence[Group]) -> dict[str, float]:
    """Return the numbers of each recipe by name, for a report's results."""
    numbers: dict[str, float] = {}
    for group in found:
        name = group.recipe.name
        numbers |= {
            f"{name}_test_accuracy": group.accuracy.mean,
            f"{name}_lowest_test_accuracy": group.accuracy.lowest,
            f"{name}_highest_test_accuracy": group.accuracy.highest,
            f"{name}_training_seconds": group.seconds,
        }
    return numbers
