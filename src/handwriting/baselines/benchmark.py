"""Classifiers measured alike: the same images to learn from and to read, the same cores, one clock.

Times are taken of all in turns, so that they belong to one another, and kept of all together. What
a classifier reads that was trained from another seed is kept by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

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
from handwriting.errors import MeasurementError
from handwriting.results import files, source, store
from handwriting.results.files import Array
from handwriting.results.store import Entry, Origin, Remembered

_MOST_OTHER_ANSWERS = 0.001  # by rounding, where two scores are all but equal


@dataclass(frozen=True, eq=False)
class Block:
    """What was measured of classifiers that were timed in turns.

    Attributes:
        measurements: by name.
        errors: by name, why one could not be measured, in one line.
        load: how many processes were at work when timing began and when it ended, as the system
            counts them over a minute.
    """

    measurements: dict[str, Measurement]
    errors: dict[str, str]
    load: tuple[float, float]


_MEASUREMENT = pydantic.TypeAdapter(Measurement)
_BLOCK = pydantic.TypeAdapter(Block)
_ANSWERS: pydantic.TypeAdapter[NDArray[Any]] = pydantic.TypeAdapter(Array)


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
        load: how many processes were at work before and after timing; None where nobody wrote it.
    """

    entrant: Entrant
    origin: Origin
    moment: str
    environment: Mapping[str, str]
    measurement: Measurement | None
    error: str = ""
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
    keys = {each.name: store.digest(_key(each, data, conditions)) for each in entrants}

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
        except _FailedError as error:
            found = Remembered(error.block, "now", store.now(), environment)
    return tuple(
        Result(
            entrant,
            found.origin,
            found.moment,
            found.environment,
            found.value.measurements.get(entrant.name),
            found.value.errors.get(entrant.name, ""),
            found.value.load,
        )
        for entrant in entrants
    )


class _FailedError(Exception):
    """Some entrants raised an exception; what there is of the block is told, and not kept."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block = block


def _measured(
    data: Dataset,
    entrants: Sequence[Entrant],
    conditions: Conditions,
    progress: Callable[[str], None],
) -> Block:
    """The measurement of each entrant, all timed in turns."""
    train, test = data.train.drawn(conditions.images(data)), data.test
    trained, errors = dict[str, Trained](), dict[str, str]()
    for number, entrant in enumerate(entrants, 1):
        progress(f"training the {entrant.title}, {number} of {len(entrants)}")
        try:
            with pinned(conditions.threads):
                trained[entrant.name] = entrant.train(train, test)
                for call in trained[entrant.name].calls:
                    call.read(test.images[:1])
        except Exception as error:  # whatever it is: it belongs into the entrant's row
            trained.pop(entrant.name, None)
            errors[entrant.name] = " ".join(f"{type(error).__name__}: {error}".split())
    progress(f"timing {len(trained)} classifiers in turns")
    before = os.getloadavg()[0]
    calls = [call for each in trained.values() for call in each.calls]
    with pinned(conditions.threads):
        timed = iter(time_in_turns(calls, test.images))
    found = {
        name: _measurement(each, [next(timed) for _ in each.calls])
        for name, each in trained.items()
    }
    block = Block(found, errors, (before, os.getloadavg()[0]))
    if errors:
        raise _FailedError(block)
    return block


def _measurement(trained: Trained, timed: Sequence[Timed]) -> Measurement:
    """What was measured of a classifier, whose ways of being called must answer alike.

    Raises:
        MeasurementError: they do not, but for near ties.
    """
    known = timed[0].classes[None] if trained.predictions is None else trained.predictions
    for each in timed:
        others = int(np.count_nonzero(each.classes != known[0]))
        if others > _MOST_OTHER_ANSWERS * known.shape[1]:
            raise MeasurementError(
                f"{each.way.name}: expected the answers of the other ways, found {others:,} of "
                f"{known.shape[1]:,} others. Look at how the classifier is called."
            )
    ways = tuple(each.way for each in timed)
    return Measurement(known.astype(np.uint8), trained.fit_seconds, trained.converged, ways)


def trained_again(
    data: Dataset,
    results: Sequence[Result],
    conditions: Conditions,
    seeds: Sequence[int],
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Result, ...]:
    """Return results with what rivals read that were trained from other seeds, too.

    Those on whom a seed has no effect stay as they are, and so does the network, which has its own.
    Each training's answers come from the cache, or are found now and kept there one by one, so that
    whoever is interrupted loses one.

    Args:
        data: the images.
        results: of a benchmark.
        conditions: what was the same for all; its seed was the first.
        seeds: the others.
        progress: called with a line before each training.
    """
    again = [each for each in results if each.entrant.random and not each.entrant.network]
    rows = {each.entrant.name: [each.predictions] for each in again if each.measurement}
    for seed in seeds:
        other = replace(conditions, seed=seed)
        rivals = [rival for rival in CLASSIFIERS if rival.name in rows]
        for entrant in pipelines.entrants(rivals, data, other):
            answers = store.remember(
                f"{entrant.name}_again",
                _key(entrant, data, other),
                partial(_answers, entrant, data, other, progress),
                _ANSWERS,
                source.environment(conditions.machine, entrant.packages, entrant.entry),
                check=partial(_check_answers, data),
            )
            rows[entrant.name].append(answers.value[None])
    return tuple(_with_answers(each, rows.get(each.entrant.name, [])[1:]) for each in results)


def _answers(
    entrant: Entrant, data: Dataset, conditions: Conditions, progress: Callable[[str], None]
) -> NDArray[np.uint8]:
    progress(f"training the {entrant.title} from seed {conditions.seed}")
    with pinned(conditions.threads):
        trained = entrant.train(data.train.drawn(conditions.images(data)), data.test)
        return trained.calls[0].read(data.test.images).astype(np.uint8)


def with_kept(results: Sequence[Result], kept: Sequence[Result]) -> tuple[Result, ...]:
    """Return results with what the same rivals read that were trained again at another time.

    Args:
        results: of a benchmark.
        kept: what `load` returned for the same entrants.
    """
    others = {each.entrant.name: [each.predictions[1:]] for each in kept}
    return tuple(_with_answers(each, others.get(each.entrant.name, [])) for each in results)


def _with_answers(result: Result, others: Sequence[NDArray[np.integer]]) -> Result:
    if result.measurement is None or not others:
        return result
    rows = np.concatenate([result.measurement.predictions, *others]).astype(np.uint8)
    return replace(result, measurement=replace(result.measurement, predictions=rows))


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
    results = []
    for entrant in entrants:
        key = _key(entrant, data, conditions)
        found = store.recall(kept, entrant.name, key, _MEASUREMENT, partial(_check_one, data))
        results += [_result(entrant, found)] if found else []
    return tuple(results)


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
    require_all(results)
    return tuple(
        store.entry(
            each.entrant.name,
            _key(each.entrant, data, conditions),
            Remembered(each.measurement, each.origin, each.moment, each.environment),
            _MEASUREMENT,
        )
        for each in results
        if each.measurement and not each.entrant.network
    )


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


def _result(entrant: Entrant, found: Remembered[Measurement]) -> Result:
    return Result(entrant, found.origin, found.moment, found.environment, found.value)


def _check(data: Dataset, found: Block) -> None:
    for each in found.measurements.values():
        _check_one(data, each)


def _check_one(data: Dataset, found: Measurement) -> None:
    if not (len(found.predictions) and found.ways):
        raise MeasurementError("expected at least one training and one way to call it; found none")
    shape = (len(found.predictions), len(data.test))
    files.require_classes(found.predictions, shape, data.classes)


def _check_answers(data: Dataset, found: NDArray[Any]) -> None:
    files.require_classes(found, (len(data.test),), data.classes)


def _key(entrant: Entrant, data: Dataset, conditions: Conditions) -> dict[str, str]:
    return {
        "train": data.train.drawn(conditions.images(data)).digest,
        "test": data.test.digest,
        "classes": str(data.classes),
        "settings": entrant.settings,
        "parameters": entrant.parameters,
        "seed": str(conditions.seed),
        "threads": str(conditions.threads),
    }
