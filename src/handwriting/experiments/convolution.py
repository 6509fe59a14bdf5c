"""What the notebook on convolutional networks runs, in the order in which it tells it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from handwriting.data import splitting
from handwriting.data.dataset import Dataset
from handwriting.errors import MeasurementError
from handwriting.evaluation import error_overlap, interpretability, repeated_runs
from handwriting.evaluation.error_overlap import EvaluatedEnsemble
from handwriting.evaluation.interpretability import Saliency
from handwriting.evaluation.method_comparison import Difference
from handwriting.evaluation.repeated_runs import RepeatedRuns
from handwriting.models import config, ensemble, training_runs
from handwriting.models.config import ModelConfig
from handwriting.models.training_runs import Run
from handwriting.results import store
from handwriting.results.store import Entry

Effort = Literal["default", "full"]

_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Of the training images, for the question of how many a network needs."""

_FEWEST_IMAGES = 50
_SIZE_SEEDS = 3
_KEPT = "convolution"


@dataclass(frozen=True, eq=False)
class Results:
    """The networks of each recipe, trained now or at another time.

    Attributes:
        data: what was learned from and read.
        compared: the recipes' runs, the original analysis's layers first.
        base: the small network's runs that the variants are compared with: of the same series.
        variants: those of the small network with one thing changed; none where not measured.
        sizes: of the dense and of the small network, those with more and more training images; none
            where not measured.
        ensemble: networks that read together.
        dense_ensemble: the original analysis's networks, reading together.
        missing: the titles of recipes that were neither trained nor kept.
    """

    data: Dataset
    compared: tuple[RepeatedRuns, ...]
    base: RepeatedRuns
    variants: tuple[RepeatedRuns, ...]
    sizes: tuple[tuple[RepeatedRuns, ...], ...]
    ensemble: EvaluatedEnsemble
    dense_ensemble: EvaluatedEnsemble
    missing: tuple[str, ...]

    @property
    def dense(self) -> RepeatedRuns:
        """The runs of the original analysis's layers."""
        return self.compared[0]

    @property
    def networks(self) -> int:
        """How many networks are compared."""
        return sum(each.size for each in self.compared)

    @property
    def small(self) -> RepeatedRuns:
        """The runs of the small network."""
        return _named(self.compared, config.SMALL.title)

    @property
    def wide(self) -> RepeatedRuns | None:
        """The runs of the wide network; None where there are none."""
        return next((each for each in self.compared if each.title == config.WIDE.title), None)

    @property
    def wide_gain(self) -> Difference | None:
        """How the wide network's mean accuracy differs from the small one's; None without it."""
        if not self.wide:
            return None
        return repeated_runs.compared([self.small, self.wide], self.data.test).differences[0]

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs, each once."""
        every = (*self.compared, self.base, *self.variants, *itertools.chain(*self.sizes))
        return tuple({id(each): each for group in every for each in group.runs}.values())

    @property
    def held_back(self) -> int:
        """How many training images the dense network keeps for validation."""
        some = self.data.train.drawn(self.dense.images)
        return len(splitting.divided(some, self.dense.recipe.plan.validation_share)[1])

    @property
    def validated_by_writer(self) -> bool:
        """Whether all images of some writers are kept for validation."""
        return splitting.knows_writers(self.data.train)

    @property
    def key_numbers(self) -> dict[str, float]:
        """The numbers of a report by name, those that matter most first."""
        return {
            "small_test_accuracy": self.small.accuracy.mean,
            "ensemble_test_accuracy": self.ensemble.accuracy,
            "small_training_seconds": self.small.seconds,
            **repeated_runs.key_numbers(self.compared),
            "ensemble_members": self.ensemble.size,
            "ensemble_training_seconds": self.ensemble.seconds,
        }


def run(
    data: Dataset,
    effort: Effort,
    seeds: Sequence[int],
    machine: Mapping[str, object],
    *,
    images: int = 0,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Results:
    """Return the networks of each recipe: trained now, from the cache, or kept with the project.

    Where `HANDWRITING_KEEP` names a folder, what takes long is kept there for later reports.

    Args:
        data: what is learned from and read.
        effort: `default` trains the short recipes, `full` all.
        seeds: one for each run of a recipe.
        machine: processor, cores and the like, each by name.
        images: how many training images to use at most; 0 for all.
        fresh: train everything, whatever the cache holds.
        progress: called with a line before each training and after each epoch.

    Raises:
        DatasetError: there are too few images.
        TrainingError: a loss is no longer a finite number.
        MeasurementError: what was kept is damaged, or is to be kept and not complete.
    """
    kept = store.kept(_KEPT)
    compared, variants, sizes = _asked(data, images)
    train = partial(training_runs.run, machine=machine, fresh=fresh, progress=progress)
    measured = partial(_measured, data, effort, kept, train)
    found = measured(compared, seeds)
    dense, small = (_named(found, each.title) for each in (config.DENSE, config.SMALL))
    grown = tuple(
        (*measured(fewer, seeds[:_SIZE_SEEDS]), _named(found, title))
        for title, fewer in sizes.items()
    )
    # The small network's runs of the series that the variants are of; None where none are kept.
    earlier = () if effort == "full" else training_runs.load(data, [small.recipe], kept)
    series = repeated_runs.by_recipe(earlier, data.test.labels)
    base = small if effort == "full" else next(iter(series), None)
    known = {group.title for group in found}
    results = Results(
        data,
        found,
        base or small,
        measured(variants, seeds) if base else (),
        grown if all(len(groups) > 1 for groups in grown) else (),
        _ensemble(found, data, kept),
        _combined(dense, data),
        tuple(each.title for each in compared if each.title not in known),
    )
    if os.environ.get("HANDWRITING_KEEP"):
        _keep(results)
    return results


def saliencies(results: Results) -> tuple[Saliency, ...]:
    """Return what two networks' answers hang on: to an image that is read, and to one misread.

    Both are chosen by the small network, which comes first each time; the dense one follows.
    """
    from handwriting.models import training  # here, since Keras takes seconds to import

    test = results.data.test
    readers = {
        each.title: partial(training.predict, each.runs[0].network)
        for each in (results.small, results.dense)
    }
    scores = readers[results.small.title](test.images)
    chosen = interpretability.right_and_wrong(scores, test.labels)
    return interpretability.saliencies(readers, test.images, test.labels, chosen)


def distorted_images(
    data: Dataset, images: int = 8, epochs: int = 4
) -> tuple[NDArray[np.uint8], list[NDArray[np.uint8]]]:
    """Return the first training images, and what the wide network may see of them in some epochs.

    Returns:
        (images, height, width) uint8, and as many again for each epoch.
    """
    from handwriting.models import layers  # here, since Keras takes seconds to import

    first = data.train.images[:images]
    distortion = config.WIDE.plan.distortion or config.Distortion()
    seeds = range(1, epochs + 1)
    return first, [layers.distorted(first, distortion, seed) for seed in seeds]


def _measured(
    data: Dataset,
    effort: Effort,
    kept: Sequence[Entry],
    train: Callable[..., tuple[Run, ...]],
    asked: Sequence[ModelConfig],
    seeds: Sequence[int],
) -> tuple[RepeatedRuns, ...]:
    """The runs of recipes: trained now where the effort allows it, else those that were kept."""
    short, runs = {each.name for each in config.SHORT}, list[Run]()
    for each in asked:
        now = effort == "full" or each.name in short
        runs += train(data, [each], seeds) if now else training_runs.load(data, [each], kept)
    return repeated_runs.by_recipe(runs, data.test.labels)


def _keep(results: Results) -> None:
    """Keep all that takes long, for reports that leave it out.

    Raises:
        MeasurementError: something is missing, or was not measured with all images.
        OSError: the disk refuses it.
    """
    some = results.dense.images < len(results.data.train)
    if results.missing or not results.variants or not results.sizes or some:
        missing = ", ".join(results.missing) or "nothing"
        raise MeasurementError(
            "expected all recipes, trained with all training images; found "
            f"{'fewer images' if some else 'all'}, without {missing}. Use the profile full."
        )
    shown_anew = {config.DENSE.name, config.ONE_EPOCH.name}
    long = [each for each in results.runs if each.recipe.name not in shown_anew]
    together, members = results.ensemble.ensemble, results.ensemble.members.runs
    content = ensemble.entry(together, members, results.data)
    store.keep(_KEPT, [*training_runs.entries(long, results.data), content])


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
    groups: Sequence[RepeatedRuns], data: Dataset, kept: Sequence[Entry]
) -> EvaluatedEnsemble:
    """The networks that read together: of the last recipe whose networks or ensemble there are."""
    for group in reversed(groups[1:]):
        if all(each.network is not None for each in group.runs):
            return _combined(group, data)
        found = ensemble.load(data, group.recipe, kept)
        if found and found.seeds == tuple(each.seed for each in group.runs):
            return error_overlap.evaluated(found, group, data.test)
    return _combined(groups[0], data)


def _combined(group: RepeatedRuns, data: Dataset) -> EvaluatedEnsemble:
    return error_overlap.evaluated(ensemble.combine(group.runs, data), group, data.test)


def _named(groups: Sequence[RepeatedRuns], title: str) -> RepeatedRuns:
    return next(group for group in groups if group.title == title)
