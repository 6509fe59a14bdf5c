"""Rivals' results kept with the project, and what they read once trained from other seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.baselines import benchmark, pipelines
from handwriting.baselines.benchmark import Result
from handwriting.baselines.classifiers import CLASSIFIERS
from handwriting.baselines.timing import Conditions, Entrant, Measurement, pinned
from handwriting.data.dataset import Dataset
from handwriting.errors import MeasurementError
from handwriting.results import files, source, store
from handwriting.results.files import Array
from handwriting.results.store import Entry, Remembered

_MEASUREMENT = pydantic.TypeAdapter(Measurement)
_ANSWERS: pydantic.TypeAdapter[NDArray[Any]] = pydantic.TypeAdapter(Array)


def load(
    data: Dataset, entrants: Sequence[Entrant], conditions: Conditions, kept: Sequence[Entry]
) -> tuple[Result, ...]:
    """Return the kept results of entrants: of those whose data and settings are the same.

    Args:
        data: the images that a benchmark would use.
        entrants: who is looked for.
        conditions: what it would hold for all; versions and machine may be others.
        kept: what was measured at another time, perhaps elsewhere.
    """
    check = partial(benchmark.require_valid, data=data)
    found = [
        (entrant, store.recall(kept, entrant.name, key, _MEASUREMENT, check))
        for entrant in entrants
        for key in [benchmark.key(entrant, data, conditions)]
    ]
    return tuple(
        Result(entrant, each.origin, each.moment, each.environment, each.value)
        for entrant, each in found
        if each
    )


def with_further_trainings(
    data: Dataset,
    results: Sequence[Result],
    conditions: Conditions,
    seeds: Sequence[int],
    kept: Sequence[Entry] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Result, ...]:
    """Return results with what rivals read that were trained from other seeds, too.

    Those on whom a seed has no effect stay as they are, and so does the network, which has its own.
    What is kept of a rival is taken; of others each training's answers come from the cache, or are
    found now and put there one by one, so that whoever is interrupted loses one.

    Args:
        data: the images.
        results: of a benchmark.
        conditions: what was the same for all; its seed was the first.
        seeds: those to train the others from.
        kept: what was measured at another time, perhaps elsewhere.
        progress: called with a line before each training.
    """
    entrants = [each.entrant for each in results]
    known = load(data, entrants, conditions, kept)
    others = {each.entrant.name: [*each.predictions[1:]] for each in known}
    found = []
    for each in results:
        name, measurement = each.entrant.name, each.measurement
        if measurement and each.entrant.random and not each.entrant.network:
            if name not in others:
                again = [replace(conditions, seed=seed) for seed in seeds]
                others[name] = [_trained(name, data, other, progress) for other in again]
            rows = np.stack([*measurement.predictions, *others[name]]).astype(np.uint8)
            each = replace(each, measurement=replace(measurement, predictions=rows))
        found.append(each)
    return tuple(found)


def _trained(
    name: str, data: Dataset, conditions: Conditions, progress: Callable[[str], None]
) -> NDArray[Any]:
    """What a rival reads that is trained under the conditions, (n,) uint8."""
    rivals = [rival for rival in CLASSIFIERS if rival.name == name]
    (entrant,) = pipelines.entrants(rivals, data, conditions)

    def answers() -> NDArray[np.uint8]:
        progress(f"training the {entrant.title} from seed {conditions.seed}")
        with pinned(conditions.threads):
            trained = entrant.train(data.train.drawn(conditions.images(data)), data.test)
            return trained.calls[0].read(data.test.images).astype(np.uint8)

    return store.remember(
        f"{name}_again",
        benchmark.key(entrant, data, conditions),
        answers,
        _ANSWERS,
        source.environment(conditions.machine, entrant.packages, entrant.entry),
        check=lambda found: files.require_classes(found, (len(data.test),), data.classes),
    ).value


def keep(data: Dataset, conditions: Conditions, results: Sequence[Result]) -> None:
    """Keep the results of all rivals where `store.keep` does, for reports that leave some out.

    Args:
        data: what they learned from and read.
        conditions: what was the same for all.
        results: of a benchmark of all rivals on all training images.

    Raises:
        MeasurementError: a rival is missing or failed, or did not learn from all images.
        OSError: the disk refuses it.
    """
    missing = {rival.name for rival in CLASSIFIERS} - {result.entrant.name for result in results}
    images = conditions.images(data)
    if missing or images != len(data.train):
        raise MeasurementError(
            f"expected all rivals, taught with all {len(data.train):,} images; found {images:,} "
            f"images, without {', '.join(sorted(missing)) or 'nobody'}. Use the profile full."
        )
    store.keep("rivals", entries(data, conditions, results))


def entries(data: Dataset, conditions: Conditions, results: Sequence[Result]) -> tuple[Entry, ...]:
    """Return the results of rivals as a file keeps them.

    Raises:
        MeasurementError: an entrant failed.
    """
    benchmark.require_all(results)
    return tuple(
        store.entry(
            each.entrant.name,
            benchmark.key(each.entrant, data, conditions),
            Remembered(each.measurement, each.origin, each.moment, each.environment),
            _MEASUREMENT,
        )
        for each in results
        if each.measurement and not each.entrant.network
    )
