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
from typing import TYPE_CHECKING, Any

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.data import splitting
from handwriting.data.dataset import Dataset, Split
from handwriting.errors import MeasurementError
from handwriting.models.config import ModelConfig
from handwriting.results import files, source, store
from handwriting.results.files import Array, PackedArray
from handwriting.results.store import Entry, Origin, Remembered

if TYPE_CHECKING:
    import keras

    from handwriting.models.training import Learner

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
        network: the trained weights, float32, in Keras's order, or None where they were not kept.
            Nothing that could be run: the network itself is built as the recipe says.
    """

    predictions: Array
    history: Mapping[str, tuple[float, ...]]
    epoch_seconds: tuple[float, ...]
    seconds: float
    weights: int
    network: tuple[PackedArray, ...] | None = None


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
        network: the trained network, uncompiled, or None where it was not kept.
    """

    recipe: ModelConfig
    seed: int
    images: int
    origin: Origin
    moment: str
    environment: Mapping[str, str]
    outcome: Outcome
    network: Any = None

    @property
    def predictions(self) -> NDArray[np.int64]:
        """(n,) int64, the class of each test image."""
        return np.asarray(self.outcome.predictions, np.int64)


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
        series = _Series(recipe, data)
        for number, seed in enumerate(seeds, 1):
            say = partial(_say, progress, f"{recipe.title}, {number} of {len(seeds)}")
            found = store.remember(
                f"{recipe.name}-{seed}",
                {**series.key, "seed": str(seed)},
                partial(series.train, seed, say),
                _OUTCOME,
                made_under,
                check=partial(series.restore, seed),
                fresh=fresh,
            )
            runs.append(series.run(seed, found))
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
        series = _Series(recipe, data)
        for each in kept:
            seed = each.key.get("seed", "")
            key = {**series.key, "seed": seed}
            found = store.recall([each], recipe.name, key, _OUTCOME, series.check)
            runs += [series.run(int(seed), found)] if found else []
    return tuple(runs)


def entries(runs: Sequence[Run], data: Dataset) -> tuple[Entry, ...]:
    """Return runs as a file keeps them: without their networks."""
    return tuple(
        store.entry(
            each.recipe.name,
            {**_Series(each.recipe, data).key, "seed": str(each.seed)},
            Remembered(
                replace(each.outcome, network=None), each.origin, each.moment, each.environment
            ),
            _OUTCOME,
        )
        for each in runs
    )


def environment(machine: Mapping[str, object], entry: str) -> dict[str, str]:
    """Return what a network's result of this moment comes about under, see `source.environment`.

    Args:
        machine: processor, cores and the like, each by name.
        entry: the module of this package that making it begins in.
    """
    from handwriting.models import backend  # here, since Keras takes seconds to import

    packages = (*_PACKAGES, backend.name())
    return {"backend": backend.name(), **source.environment(machine, packages, entry)}


class _Series:
    """The trainings of a recipe, one a seed, which share what is prepared for them."""

    def __init__(self, recipe: ModelConfig, data: Dataset) -> None:
        self._recipe, self._data = recipe, data
        images = min(recipe.images or len(data.train), len(data.train))
        self._examples: Split = data.train.drawn(images)
        self._networks: dict[int, keras.Model] = {}

    @cached_property
    def key(self) -> dict[str, str]:
        """What a result depends on, but for the seed."""
        # Who wrote the images may have a say in which of them a training is watched by.
        _, watched = splitting.divided(self._examples, self._recipe.plan.validation_share)
        return {
            "train": self._examples.digest,
            "test": self._data.test.digest,
            "classes": str(self._data.classes),
            "recipe": self._recipe.parameters,
            "validation": hashlib.sha256(watched.tobytes()).hexdigest(),
        }

    def run(self, seed: int, found: Remembered[Outcome]) -> Run:
        """What was found, with its network where there is one."""
        images, network = len(self._examples), self._networks.get(seed)
        made = (found.origin, found.moment, found.environment, found.value)
        return Run(self._recipe, seed, images, *made, network)

    def train(self, seed: int, progress: Callable[[str], None]) -> Outcome:
        from handwriting.models import networks, training  # here: Keras takes seconds to import

        progress("training")
        fitted = self._learner.fit(self._built(seed), seed, progress)
        self._networks[seed] = network = fitted.network
        scores = training.predict(network, self._data.test.images, self._recipe.looks)
        return Outcome(
            scores.argmax(axis=1).astype(np.uint8),
            fitted.history,
            fitted.epoch_seconds,
            fitted.seconds,
            networks.adjustable(network),
            tuple(map(PackedArray.of, network.get_weights())),
        )

    def check(self, outcome: Outcome) -> None:
        """Refuse what was not read in these data."""
        files.require_classes(outcome.predictions, (len(self._data.test),), self._data.classes)

    def restore(self, seed: int, outcome: Outcome) -> None:
        """Build the network that was kept; refuse what is none of these data and this recipe."""
        self.check(outcome)
        network = self._built(seed)
        packed = outcome.network or ()
        expected = [(tuple(weights.shape), "<f4") for weights in network.weights]
        if [(each.shape, each.dtype) for each in packed] != expected:
            raise MeasurementError(f"expected weights of the shapes {expected}; found others")
        network.set_weights([each.array() for each in packed])
        self._networks[seed] = network

    @cached_property
    def _learner(self) -> Learner:
        from handwriting.models import training  # here, since Keras takes seconds to import

        return training.Learner(self._built(0), self._examples, self._recipe.plan)

    def _built(self, seed: int) -> keras.Model:
        from handwriting.models import networks  # here, since Keras takes seconds to import

        kind, settings = self._recipe.kind, self._recipe.settings
        return networks.build(kind, self._data.image_shape, self._data.classes, settings, seed)


def _say(progress: Callable[[str], None], beginning: str, line: str) -> None:
    progress(f"{beginning}: {line}")
