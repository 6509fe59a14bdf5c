"""Recipes tried with several seeds: each network is kept at once, and trained only once.

What a trial found is kept in the user's cache together with its network, so that an interrupted
series loses only the training in progress. What takes long is also kept in a file of the project,
without the networks.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.data import splitting
from handwriting.data.dataset import Dataset
from handwriting.errors import MeasurementError
from handwriting.models.config import ModelConfig
from handwriting.results import store
from handwriting.results.store import Cache, Measured, packed, unpacked

logger = logging.getLogger(__name__)

Origin = Literal["now", "cache", "kept"]

_PACKAGES = ("keras", "numpy", "scipy")


@dataclass(frozen=True)
class Outcome:
    """What a training came to.

    Attributes:
        predictions: the class of each test image, as `packing.packed` writes it.
        history: as `training.FittedNetwork` has it.
        epoch_seconds: seconds that had passed when each epoch ended, without those of validation.
        seconds: seconds that the training took, its preparation and validation included.
        weights: how many numbers were adjusted.
    """

    predictions: str
    history: Mapping[str, tuple[float, ...]]
    epoch_seconds: tuple[float, ...]
    seconds: float
    weights: int


@dataclass(frozen=True, eq=False)
class Run:
    """A recipe tried with one seed.

    Attributes:
        recipe: what was tried.
        seed: what its random numbers were drawn from.
        images: how many training images there were to learn from and to validate with.
        origin: whether it was trained `now`, came from the `cache`, or was `kept` in a file.
        moment: when it was trained, ISO 8601.
        circumstances: versions, source and machine, each as text.
        outcome: what it came to.
        predictions: (n,) int64, the class of each test image.
        network: the trained network, or None where it was not kept.
    """

    recipe: ModelConfig
    seed: int
    images: int
    origin: Origin
    moment: str
    circumstances: Mapping[str, str]
    outcome: Outcome
    predictions: NDArray[np.int64]
    network: Any = field(default=None, repr=False)


_OUTCOME = pydantic.TypeAdapter(Outcome)


def hold(
    data: Dataset,
    recipes: Sequence[ModelConfig],
    seeds: Iterable[int],
    machine: Mapping[str, object],
    *,
    cache: Cache | None = None,
    fresh: bool = False,
    with_networks: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Run, ...]:
    """Return each recipe tried with each seed: from the cache, or trained now and kept there.

    Args:
        data: the images to learn from and, once trained, to read.
        recipes: what to try.
        seeds: one for each trial of a recipe.
        machine: processor, cores and the like, each by name.
        cache: where trials are kept; the user's own where it is left out.
        fresh: train everything, whatever the cache holds.
        with_networks: whether the trials hold their networks; many take much memory.
        progress: called with a line before each training and after each epoch.

    Raises:
        DatasetError: there are too few images.
        TrainingError: a loss is no longer a finite number.
    """
    cache = cache or Cache()
    seeds = tuple(seeds)
    circumstances = _circumstances(machine)
    found: list[Run] = []
    for recipe in recipes:
        blanks = {seed: _blank(recipe, seed, data, circumstances) for seed in seeds}
        tried = {} if fresh else _cached(recipe, blanks, data, cache, with_networks)
        missing = [blanks[seed] for seed in seeds if seed not in tried]
        for trial in _trained(recipe, missing, data, cache, progress):
            tried[trial.seed] = trial if with_networks else replace(trial, network=None)
        found += [tried[seed] for seed in seeds]
    return tuple(found)


def recall(
    data: Dataset, recipes: Sequence[ModelConfig], kept: Sequence[Measured]
) -> tuple[Run, ...]:
    """Return the kept trials of recipes: of those whose data and settings are the same.

    Args:
        data: the images that would be learned from and read.
        recipes: what is looked for; seeds may be any.
        kept: what was measured at another time, perhaps elsewhere.
    """
    trials = []
    for recipe in recipes:
        for each in kept:
            seed = each.subject.get("seed", "")
            if seed.isdecimal() and dict(each.subject) == _subject(recipe, int(seed), data):
                trial = _read(recipe, int(seed), each, "kept", data)
                trials += [trial] if trial else []
    return tuple(trials)


def keep(trials: Sequence[Run], data: Dataset) -> tuple[Measured, ...]:
    """Return trials as a file keeps them: without their networks."""
    return tuple(
        Measured(
            trial.recipe.name,
            _subject(trial.recipe, trial.seed, data),
            trial.circumstances,
            trial.moment,
            asdict(trial.outcome),
        )
        for trial in trials
    )


def _circumstances(machine: Mapping[str, object]) -> dict[str, str]:
    from handwriting.models import networks  # here: Keras takes seconds to import

    backend = networks.backend()
    found = store.circumstances(machine, (*_PACKAGES, backend), __name__)
    return {"backend": backend, **found}


def _blank(
    recipe: ModelConfig, seed: int, data: Dataset, circumstances: Mapping[str, str]
) -> Measured:
    subject = _subject(recipe, seed, data)
    return Measured(f"{recipe.name}-{seed}", subject, circumstances, store.now(), {})


def _subject(recipe: ModelConfig, seed: int, data: Dataset) -> dict[str, str]:
    whole = recipe.plan.validation_share and splitting.knows_writers(data.train)
    return {
        "data": store.digest(dict(data.origin.sha256)),
        "training images": str(_images(recipe, data)),
        "recipe": recipe.parameters,
        "seed": str(seed),
        **({"validation": "by writer"} if whole else {}),
    }


def _images(recipe: ModelConfig, data: Dataset) -> int:
    return min(recipe.images or len(data.train), len(data.train))


def _cached(
    recipe: ModelConfig,
    blanks: Mapping[int, Measured],
    data: Dataset,
    cache: Cache,
    with_networks: bool,
) -> dict[int, Run]:
    """The trials that the cache holds whole, by seed."""
    found = {}
    for seed, blank in blanks.items():
        kept = cache.find(blank.name, blank.subject, blank.circumstances)
        trial = _read(recipe, seed, kept, "cache", data, with_networks) if kept else None
        if trial:
            found[seed] = trial
    return found


def _trained(
    recipe: ModelConfig,
    blanks: Sequence[Measured],
    data: Dataset,
    cache: Cache,
    progress: Callable[[str], None],
) -> Iterator[Run]:
    """Trials of a recipe, trained now, one for each blank; each is in the cache when it is here."""
    if not blanks:
        return
    from handwriting.models import (
        networks,
        serialization,
        training,  # here: Keras takes seconds to import
    )

    blueprint = serialization.Blueprint(
        kind=recipe.kind,
        image_shape=data.image_shape,
        classes=data.classes,
        settings=dict(recipe.settings),
    )
    images = _images(recipe, data)
    train = data.train.drawn(images)
    for number, blank in enumerate(blanks, 1):
        say = partial(_say, progress, f"{recipe.title}, {number} of {len(blanks)}")
        say("training")
        plan = replace(recipe.plan, seed=int(blank.subject["seed"]))
        # Each prepares for itself, so that its time is what it would take alone.
        fitted = training.fit(blueprint.build(plan.seed), train, plan, say)
        scores = training.predict(fitted.network, data.test.images, recipe.looks)
        classes = np.asarray(scores.argmax(axis=1), np.int64)
        outcome = Outcome(
            packed(classes),
            fitted.history,
            fitted.epoch_seconds,
            fitted.seconds,
            networks.adjustable(fitted.network),
        )
        network = serialization.content(fitted.network, blueprint)
        new = replace(blank, moment=store.now(), content={**asdict(outcome), "network": network})
        cache.keep(new)
        yield Run(
            *(recipe, fitted.plan.seed, images, "now", new.moment, new.circumstances),
            *(outcome, classes, fitted.network),
        )


def _say(progress: Callable[[str], None], beginning: str, line: str) -> None:
    progress(f"{beginning}: {line}")


def _read(
    recipe: ModelConfig,
    seed: int,
    found: Measured,
    origin: Origin,
    data: Dataset,
    with_networks: bool = False,
) -> Run | None:
    """The trial that was kept, or None, and a warning, where it is none of this kind."""
    content = dict(found.content)
    network = content.pop("network", None)
    try:
        outcome = _OUTCOME.validate_json(json.dumps(content), strict=True)
        classes = unpacked(outcome.predictions, len(data.test), data.classes)
        restored = _restored(network) if network and with_networks else None
    except (MeasurementError, ValueError) as error:
        why = " ".join(str(error).split())
        logger.warning("%s is not taken from the %s: %s", recipe.title, origin, why)
        return None
    return Run(
        *(recipe, seed, _images(recipe, data), origin, found.moment, found.circumstances),
        *(outcome, classes, restored),
    )


def _restored(network: Mapping[str, Any]) -> Any:
    from handwriting.models import serialization  # here, since Keras takes seconds to import

    return serialization.restored(network)
