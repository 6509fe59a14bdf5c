"""Networks trained with several seeds: each is kept at once, and trained only once.

What a training came to is kept in the user's cache together with its network, so that an
interrupted series loses only the training in progress. What takes long is also kept in a file of
the project, without the networks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.data import splitting
from handwriting.data.dataset import Dataset, Split
from handwriting.models.config import ModelConfig, TrainingConfig
from handwriting.models.serialization import Blueprint, SavedNetwork
from handwriting.results import files, store
from handwriting.results.files import Array
from handwriting.results.store import Entry, Origin, Remembered

_PACKAGES = ("keras", "numpy", "scipy")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a training came to.

    Attributes:
        predictions: (n,) uint8, the class of each test image.
        history: as `training.FittedNetwork` has it.
        epoch_seconds: seconds that had passed when each epoch ended, without those of validation.
        seconds: seconds that the training took, its preparation and validation included.
        weights: how many numbers were adjusted.
        network: the trained network, or None where it was not kept.
    """

    predictions: Array
    history: Mapping[str, tuple[float, ...]]
    epoch_seconds: tuple[float, ...]
    seconds: float
    weights: int
    network: SavedNetwork | None = None


@dataclass(frozen=True, eq=False)
class Run:
    """A network trained with one seed.

    Attributes:
        recipe: how it is built and trained.
        seed: what its random numbers were drawn from.
        images: how many training images there were to learn from and to validate with.
        origin: where it comes from.
        moment: when it was trained, ISO 8601.
        environment: versions, source and machine, each as text.
        outcome: what it came to.
    """

    recipe: ModelConfig
    seed: int
    images: int
    origin: Origin
    moment: str
    environment: Mapping[str, str]
    outcome: Outcome

    @property
    def predictions(self) -> NDArray[np.int64]:
        """(n,) int64, the class of each test image."""
        return np.asarray(self.outcome.predictions, np.int64)

    @cached_property
    def network(self) -> Any:
        """The trained network, uncompiled, or None where it was not kept.

        Raises:
            MeasurementError: What was kept is no network that this package can build.
        """
        return self.outcome.network and self.outcome.network.restored()


_OUTCOME = pydantic.TypeAdapter(Outcome)


def run(
    data: Dataset,
    recipes: Sequence[ModelConfig],
    seeds: Iterable[int],
    machine: Mapping[str, object],
    *,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Run, ...]:
    """Return each recipe's network trained with each seed: from the cache, or now and kept there.

    Args:
        data: the images to learn from and, once trained, to read.
        recipes: what to train.
        seeds: one for each run of a recipe.
        machine: processor, cores and the like, each by name.
        fresh: train everything, whatever the cache holds.
        progress: called with a line before each training and after each epoch.

    Raises:
        DatasetError: there are too few images.
        TrainingError: a loss is no longer a finite number.
    """
    seeds = tuple(seeds)
    made_under = environment(machine, __name__)
    runs = []
    for recipe in recipes:
        train, known = data.train.drawn(_images(recipe, data)), _key(recipe, data)
        for number, seed in enumerate(seeds, 1):
            say = partial(_say, progress, f"{recipe.title}, {number} of {len(seeds)}")
            found = store.remember(
                f"{recipe.name}-{seed}",
                {**known, "seed": str(seed)},
                partial(_train, recipe, seed, train, data, say),
                _OUTCOME,
                made_under,
                check=partial(_check, data),
                fresh=fresh,
            )
            runs.append(_run(recipe, seed, data, found))
    return tuple(runs)


def load(data: Dataset, recipes: Sequence[ModelConfig], kept: Sequence[Entry]) -> tuple[Run, ...]:
    """Return the kept runs of recipes: of those whose data and settings are the same.

    Args:
        data: the images that would be learned from and read.
        recipes: what is looked for; seeds may be any.
        kept: what was measured at another time, perhaps elsewhere.
    """
    runs = []
    for recipe in recipes:
        known = _key(recipe, data)
        for each in kept:
            seed = each.key.get("seed", "")
            key = {**known, "seed": seed}
            found = store.recall([each], recipe.name, key, _OUTCOME, partial(_check, data))
            runs += [_run(recipe, int(seed), data, found)] if found else []
    return tuple(runs)


def entries(runs: Sequence[Run], data: Dataset) -> tuple[Entry, ...]:
    """Return runs as a file keeps them: without their networks."""
    return tuple(
        store.entry(
            each.recipe.name,
            {**_key(each.recipe, data), "seed": str(each.seed)},
            Remembered(
                replace(each.outcome, network=None), each.origin, each.moment, each.environment
            ),
            _OUTCOME,
        )
        for each in runs
    )


def environment(machine: Mapping[str, object], entry: str) -> dict[str, str]:
    """Return what a network's result of this moment comes about under, see `store.environment`.

    Args:
        machine: processor, cores and the like, each by name.
        entry: the module of this package that making it begins in.
    """
    from handwriting.models import backend  # here, since Keras takes seconds to import

    packages = (*_PACKAGES, backend.name())
    return {"backend": backend.name(), **store.environment(machine, packages, entry)}


def _train(
    recipe: ModelConfig,
    seed: int,
    train: Split,
    data: Dataset,
    progress: Callable[[str], None],
) -> Outcome:
    from handwriting.models import networks, training  # here: Keras takes seconds to import

    progress("training")
    blueprint = Blueprint(
        kind=recipe.kind,
        image_shape=data.image_shape,
        classes=data.classes,
        settings=dict(recipe.settings),
    )
    plan = replace(recipe.plan, seed=seed)
    # Each prepares for itself, so that its time is what it would take alone.
    fitted = training.fit(blueprint.build(seed), train, plan, progress)
    scores = training.predict(fitted.network, data.test.images, recipe.looks)
    return Outcome(
        scores.argmax(axis=1).astype(np.uint8),
        fitted.history,
        fitted.epoch_seconds,
        fitted.seconds,
        networks.adjustable(fitted.network),
        SavedNetwork.of(fitted.network, blueprint),
    )


def _run(recipe: ModelConfig, seed: int, data: Dataset, found: Remembered[Outcome]) -> Run:
    images = _images(recipe, data)
    return Run(recipe, seed, images, found.origin, found.moment, found.environment, found.value)


def _key(recipe: ModelConfig, data: Dataset) -> dict[str, str]:
    """What a recipe's result depends on, but for the seed."""
    train = data.train.drawn(_images(recipe, data))
    return {
        "train": train.digest,
        "test": data.test.digest,
        "classes": str(data.classes),
        "recipe": recipe.parameters,
        "validation": _watched(train, recipe.plan),
    }


def _watched(train: Split, plan: TrainingConfig) -> str:
    """A digest of which images a training is watched by; who wrote them may have a say in it."""
    _, watched = splitting.divided(train, plan.validation_share)
    return hashlib.sha256(watched.tobytes()).hexdigest()


def _images(recipe: ModelConfig, data: Dataset) -> int:
    return min(recipe.images or len(data.train), len(data.train))


def _check(data: Dataset, outcome: Outcome) -> None:
    files.require_classes(outcome.predictions, (len(data.test),), data.classes)


def _say(progress: Callable[[str], None], beginning: str, line: str) -> None:
    progress(f"{beginning}: {line}")
