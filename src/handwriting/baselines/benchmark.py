"""Classifiers measured alike: the same images to learn from and to read, the same cores, one clock.

Times are taken of all in turns, so that they belong to one another, and kept of all together.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.baselines import classifiers, network, pipelines
from handwriting.baselines.classifiers import CLASSIFIERS, Effort
from handwriting.baselines.timing import (
    Conditions,
    Entrant,
    Measurement,
    Timed,
    Trained,
    pinned,
    time_in_turns,
)
from handwriting.data.dataset import Dataset
from handwriting.errors import MeasurementError, TooFewImagesError
from handwriting.results import files, source, store
from handwriting.results.store import Origin, Remembered

_MOST_OTHER_ANSWERS = 0.001  # by rounding, where two scores are all but equal


@dataclass(frozen=True, eq=False)
class Block:
    """What was measured of classifiers that were timed in turns.

    Attributes:
        measurements: by name.
        load: how many processes were at work when timing began and when it ended, as the system
            counts them over a minute.
    """

    measurements: dict[str, Measurement]
    load: tuple[float, float]


_BLOCK = pydantic.TypeAdapter(Block)


@dataclass(frozen=True, eq=False)
class Result:
    """What a benchmark found of one entrant.

    Attributes:
        entrant: who it is.
        origin: where it comes from.
        moment: when it was measured, ISO 8601.
        environment: versions, source and machine, each as text.
        measurement: what was measured; None where it failed.
        error: why it failed, in one line; empty where it did not.
        refused: whether it failed since there is too little to learn from.
        load: how many processes were at work before and after timing; None where nobody wrote it.
    """

    entrant: Entrant
    origin: Origin
    moment: str
    environment: Mapping[str, str]
    measurement: Measurement | None
    error: str = ""
    refused: bool = False
    load: tuple[float, float] | None = None

    @property
    def predictions(self) -> NDArray[np.int64]:
        """(trainings, n) int64, what it read after each training; no row where it failed."""
        if not self.measurement:
            return np.empty((0, 0), np.int64)
        return np.asarray(self.measurement.predictions, np.int64)

    @property
    def constant(self) -> bool:
        """Whether it gives every image the same answer: then it does not read."""
        return bool((self.predictions[0] == self.predictions[0, 0]).all())


def entered(
    effort: Effort, data: Dataset, conditions: Conditions, trainings: int
) -> tuple[tuple[Entrant, ...], tuple[Entrant, ...]]:
    """Return who takes part at an effort, the network first, and the rivals that would take longer.

    Args:
        effort: how long one is ready to wait.
        data: what they will learn from.
        conditions: what is the same for all.
        trainings: how many networks to train.
    """
    ours = network.entrant(data, conditions, trainings)
    shorter = classifiers.within(effort)
    longer = [rival for rival in CLASSIFIERS if rival not in shorter]
    part, others = (pipelines.entrants(each, data, conditions) for each in (shorter, longer))
    return (ours, *part), others


def run(
    data: Dataset,
    entrants: Sequence[Entrant],
    conditions: Conditions,
    *,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    alone: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> tuple[Result, ...]:
    """Return the result of each entrant: from the cache, or measured now and kept there.

    All are trained, one after the other, and then timed in turns; so what is kept is kept of all of
    them together. An entrant that raises an exception has a result with its error, the others go
    on, and nothing is kept.

    Args:
        data: the images to learn from and, once trained, to read.
        entrants: who takes part.
        conditions: what is the same for all.
        fresh: measure everything, whatever the cache holds.
        progress: called with a line for each entrant before it is trained.
        alone: entered before the first entrant is trained; keeps other timings waiting.

    Raises:
        SettingError: the conditions ask for no thread.
    """
    packages = sorted({package for entrant in entrants for package in entrant.packages})
    environment = source.environment(conditions.machine, packages, __name__)
    errors: Mapping[str, Exception] = {}
    keys = {each.name: store.digest(key(each, data, conditions)) for each in entrants}

    with ExitStack() as timing:
        try:
            found = store.remember(
                "rivals",
                keys,
                partial(_measured, data, entrants, conditions, progress),
                _BLOCK,
                environment,
                check=partial(_check, data),
                fresh=fresh,
                # Whoever waits for another process's timings holds no result that it waits for.
                prepare=lambda: timing.enter_context(alone()),
            )
        except _FailedError as failed:
            found, errors = Remembered(failed.block, "now", store.now(), environment), failed.errors
    return tuple(
        Result(
            entrant,
            found.origin,
            found.moment,
            found.environment,
            found.value.measurements.get(entrant.name),
            _in_a_line(errors.get(entrant.name)),
            isinstance(errors.get(entrant.name), TooFewImagesError),
            found.value.load,
        )
        for entrant in entrants
    )


class _FailedError(Exception):
    """Some entrants raised an exception; what there is of the block is told, and not kept."""

    def __init__(self, block: Block, errors: Mapping[str, Exception]) -> None:
        super().__init__()
        self.block, self.errors = block, errors


def _measured(
    data: Dataset,
    entrants: Sequence[Entrant],
    conditions: Conditions,
    progress: Callable[[str], None],
) -> Block:
    """The measurement of each entrant, all timed in turns."""
    train, test = data.train.drawn(conditions.images(data)), data.test
    trained, errors = dict[str, Trained](), dict[str, Exception]()
    for number, entrant in enumerate(entrants, 1):
        progress(f"training the {entrant.title}, {number} of {len(entrants)}")
        try:
            with pinned(conditions.threads):
                trained[entrant.name] = entrant.train(train, test)
        except Exception as error:  # whatever it is: it belongs into the entrant's row
            errors[entrant.name] = error
    progress(f"timing {len(trained)} classifiers in turns")
    before = os.getloadavg()[0]
    calls = [call for each in trained.values() for call in each.calls]
    with pinned(conditions.threads):
        timed = iter(time_in_turns(calls, test.images))
    found = dict[str, Measurement]()
    for name, each in trained.items():
        ways = [next(timed) for _ in each.calls]
        try:
            found[name] = _measurement(each, ways)
        except Exception as error:
            errors[name] = error
    block = Block(found, (before, os.getloadavg()[0]))
    if errors:
        raise _FailedError(block, errors)
    return block


def _in_a_line(error: Exception | None) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split()) if error else ""


def _measurement(trained: Trained, timed: Sequence[Timed | Exception]) -> Measurement:
    """What was measured of a classifier, whose ways of being called must answer alike.

    Raises:
        MeasurementError: they do not, but for near ties.
        Exception: what one of them raised.
    """
    ways = list[Timed]()
    for each in timed:
        if isinstance(each, Exception):
            raise each
        ways.append(each)
    known = ways[0].classes[None] if trained.predictions is None else trained.predictions
    for way in ways:
        others = int(np.count_nonzero(way.classes != known[0]))
        if others > _MOST_OTHER_ANSWERS * known.shape[1]:
            raise MeasurementError(
                f"{way.way.name}: expected the answers of the other ways, found {others:,} of "
                f"{known.shape[1]:,} others. Look at how the classifier is called."
            )
    modes = tuple(way.way for way in ways)
    return Measurement(known.astype(np.uint8), trained.fit_seconds, trained.converged, modes)


def require_all(results: Sequence[Result]) -> None:
    """Refuse results among which there is an error.

    Raises:
        MeasurementError: an entrant failed; all of them are named.
    """
    failed = [f"{result.entrant.title} ({result.error})" for result in results if result.error]
    if failed:
        raise MeasurementError(
            f"expected every entrant to be measured; found errors of {'; '.join(failed)}. "
            "Mend the settings, or take the entrant out."
        )


def _check(data: Dataset, found: Block) -> None:
    for each in found.measurements.values():
        require_valid(each, data)


def require_valid(found: Measurement, data: Dataset) -> None:
    """Refuse a measurement that cannot be of these data.

    Raises:
        MeasurementError: it reads other images or classes, or nothing, or cannot be called.
    """
    if not (len(found.predictions) and found.ways):
        raise MeasurementError("expected at least one training and one way to call it; found none")
    shape = (len(found.predictions), len(data.test))
    files.require_classes(found.predictions, shape, data.classes)


def key(entrant: Entrant, data: Dataset, conditions: Conditions) -> dict[str, str]:
    """Return what an entrant's result depends on, each as text: with others it would be another."""
    return {
        "train": data.train.drawn(conditions.images(data)).digest,
        "test": data.test.digest,
        "classes": str(data.classes),
        "settings": entrant.settings,
        "parameters": entrant.parameters,
        "seed": str(conditions.seed),
        "threads": str(conditions.threads),
    }
