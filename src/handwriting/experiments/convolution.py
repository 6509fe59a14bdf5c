"""The study of convolutional networks: what is tried for its report, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.errors import MeasurementError
from handwriting.evaluation import ablation, metrics
from handwriting.evaluation.ablation import Group
from handwriting.evaluation.metrics import Mistakes
from handwriting.models import config, ensemble, training_runs
from handwriting.models.config import ModelConfig
from handwriting.models.ensemble import Ensemble
from handwriting.models.training_runs import Run
from handwriting.results import store
from handwriting.results.store import Entry

Effort = Literal["default", "full"]

_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Of the training images, for the question of how many a network needs."""

_FEWEST_IMAGES = 50
_SIZE_SEEDS = 3


@dataclass(frozen=True, eq=False)
class Study:
    """What was tried, and what it came to.

    Attributes:
        data: what was learned from and read.
        compared: the recipes' trials, the original analysis's layers first.
        base: the small network's trials that the variants are compared with: of the same run.
        variants: those of the small network with one thing changed; none where not measured.
        sizes: by network, those with more and more training images; none where not measured.
        ensemble: networks that read together.
        members: the trials of its members.
        dense_ensemble: the original analysis's networks, reading together.
        missing: the titles of recipes that were neither tried nor kept.
    """

    data: Dataset
    compared: tuple[Group, ...]
    base: Group
    variants: tuple[Group, ...]
    sizes: Mapping[str, tuple[Group, ...]]
    ensemble: Ensemble
    members: Group
    dense_ensemble: Ensemble
    missing: tuple[str, ...]

    def group(self, recipe: ModelConfig) -> Group:
        """The trials of one of the recipes compared."""
        return next(each for each in self.compared if each.recipe.name == recipe.name)

    @property
    def trials(self) -> tuple[Run, ...]:
        """All trials."""
        sizes = (group for groups in self.sizes.values() for group in groups)
        every = (*self.compared, self.base, *self.variants, *sizes)
        return tuple({id(each): each for group in every for each in group.trials}.values())

    @property
    def unread(self) -> Mistakes:
        """The test digits that no network of the compared recipes reads, nor the ensemble."""
        answers = [trial.predictions for group in self.compared for trial in group.trials]
        answers.append(self.ensemble.predictions[-1])
        return metrics.unread(np.stack(answers), self.data.test.labels, self.data.classes)

    @property
    def together(self) -> NDArray[np.int64]:
        """(n,) int64, what the whole ensemble reads in the test images."""
        return np.asarray(self.ensemble.predictions[-1])

    @property
    def ensemble_seconds(self) -> float:
        """Seconds that the training of all its members took."""
        return sum(trial.outcome.seconds for trial in self.members.trials)

    @property
    def key_numbers(self) -> dict[str, float]:
        """The numbers of a report by name, those that matter most first."""
        small = self.group(config.SMALL)
        return {
            "small_test_accuracy": small.accuracy.mean,
            "ensemble_test_accuracy": self.ensemble_accuracies[-1],
            "small_training_seconds": small.seconds,
            **ablation.key_numbers(self.compared),
            "ensemble_members": len(self.ensemble.seeds),
            "ensemble_training_seconds": self.ensemble_seconds,
        }

    @property
    def ensemble_accuracies(self) -> tuple[float, ...]:
        """The accuracy of the first member, of the first two together, and so on, 0-1."""
        return self.ensemble.accuracies(self.data.test.labels)


def conduct(
    data: Dataset,
    effort: Effort,
    seeds: Sequence[int],
    machine: Mapping[str, object],
    *,
    images: int = 0,
    kept: Sequence[Entry] = (),
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Study:
    """Return what the recipes come to: tried now, taken from the cache, or kept.

    Args:
        data: what is learned from and read.
        effort: `default` tries the short recipes, `full` all.
        seeds: one for each trial of a recipe.
        machine: processor, cores and the like, each by name.
        images: how many training images to use at most; 0 for all.
        kept: what was measured at another time, for recipes that are not tried now.
        fresh: train everything, whatever the cache holds.
        progress: called with a line before each training and after each epoch.

    Raises:
        DatasetError: there are too few images.
        TrainingError: a loss is no longer a finite number.
        MeasurementError: what was kept is damaged.
    """
    compared, variants, sizes = _asked(data, images)
    hold = partial(training_runs.run, machine=machine, fresh=fresh, progress=progress)
    tried = partial(_tried, data, effort, kept, hold)
    found = tried(compared, seeds)
    together, members = _ensemble(found, data, kept)
    by_title = {
        title: (*tried(smaller, seeds[:_SIZE_SEEDS]), _named(found, title))
        for title, smaller in sizes.items()
    }
    base = _base(_named(found, config.SMALL.title), data, effort, kept)
    known = {group.recipe.name for group in found}
    return Study(
        data,
        found,
        base or _named(found, config.SMALL.title),
        tried(variants, seeds) if base else (),
        by_title if all(len(groups) > 1 for groups in by_title.values()) else {},
        together,
        members,
        ensemble.combine(found[0].trials, data),
        tuple(each.title for each in compared if each.name not in known),
    )


def _tried(
    data: Dataset,
    effort: Effort,
    kept: Sequence[Entry],
    hold: Callable[..., tuple[Run, ...]],
    asked: Sequence[ModelConfig],
    seeds: Sequence[int],
) -> tuple[Group, ...]:
    """The trials of recipes: tried now where the effort allows it, else those that were kept."""
    now = asked if effort == "full" else [each for each in asked if _short(each)]
    found = hold(data, now, seeds)
    found += training_runs.load(data, [each for each in asked if each not in now], kept)
    order = [each.name for each in asked]
    groups = ablation.groups(found, data.test.labels)
    return tuple(sorted(groups, key=lambda group: order.index(group.recipe.name)))


def _base(small: Group, data: Dataset, effort: Effort, kept: Sequence[Entry]) -> Group | None:
    """The small network's trials of the run that the variants are of; None where none are kept."""
    if effort == "full":
        return small
    earlier = training_runs.load(data, [small.recipe], kept)
    return ablation.groups(earlier, data.test.labels)[0] if earlier else None


def keep(path: Path, study: Study) -> None:
    """Keep all that takes long in a file, for reports that leave it out.

    Args:
        path: the file, which is replaced.
        study: of the effort `full`, with all training images.

    Raises:
        MeasurementError: something is missing, or was not measured with all images.
        OSError: the disk refuses it.
    """
    some = study.group(config.DENSE).trials[0].images < len(study.data.train)
    if study.missing or not study.variants or not study.sizes or some:
        missing = ", ".join(study.missing) or "nothing"
        raise MeasurementError(
            "expected all recipes, tried with all training images; found "
            f"{'fewer images' if some else 'all'}, without {missing}. Use the profile full."
        )
    shown_anew = {config.DENSE.name, config.ONE_EPOCH.name}
    long = [trial for trial in study.trials if trial.recipe.name not in shown_anew]
    together = ensemble.entry(study.ensemble, study.members.trials, study.data)
    store.write(path, [*training_runs.entries(long, study.data), together])


def _short(recipe: ModelConfig) -> bool:
    """Whether a recipe is tried whatever the effort."""
    return recipe.name in {each.name for each in config.SHORT}


def _asked(
    data: Dataset, images: int
) -> tuple[list[ModelConfig], list[ModelConfig], dict[str, list[ModelConfig]]]:
    """The recipes to compare, the variants of the small one, and those for fewer images."""
    limit = min(images or len(data.train), len(data.train))
    some = 0 if limit == len(data.train) else limit
    compared = [replace(each, images=some) for each in config.COMPARED]
    variants = [replace(each, images=some) for each in config.variants()]
    sizes = {
        each.title: [
            config.with_images(each, round(share * limit), limit)
            for share in _SHARES
            if round(share * limit) >= _FEWEST_IMAGES
        ]
        for each in (config.DENSE, config.SMALL)
    }
    return compared, variants, sizes


def _ensemble(
    groups: Sequence[Group], data: Dataset, kept: Sequence[Entry]
) -> tuple[Ensemble, Group]:
    """The networks that read together: of the last recipe whose networks or ensemble there are."""
    for group in reversed(groups[1:]):
        if all(trial.network is not None for trial in group.trials):
            return ensemble.combine(group.trials, data), group
        found = ensemble.load(data, group.recipe, kept)
        if found and found.seeds == tuple(trial.seed for trial in group.trials):
            return found, group
    return ensemble.combine(groups[0].trials, data), groups[0]


def _named(groups: Sequence[Group], title: str) -> Group:
    return next(group for group in groups if group.recipe.title == title)
