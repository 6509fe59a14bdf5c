"""Classifiers measured alike: the same images to learn from and to read, the same cores, one clock.

What was measured is kept in a cache at once, so that an interrupted benchmark loses only the
entrant in progress, and the next one begins with what this one found.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.baselines import classifiers, network, pipelines
from handwriting.baselines.classifiers import CLASSIFIERS, Effort
from handwriting.baselines.timing import Conditions, Entrant, Measurement, pinned
from handwriting.data.dataset import Dataset, Split
from handwriting.errors import MeasurementError
from handwriting.results import files, source, store
from handwriting.results.store import Entry, Origin, Remembered

_MEASUREMENT = pydantic.TypeAdapter(Measurement)


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
    """

    entrant: Entrant
    origin: Origin
    moment: str
    environment: Mapping[str, str]
    measurement: Measurement | None
    error: str = ""

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

    An entrant that raises an exception has a result with its error, and the others go on.

    Args:
        data: the images to learn from and, once trained, to read.
        entrants: who takes part.
        conditions: what is the same for all.
        fresh: measure everything, whatever the cache holds.
        progress: called with a line for each entrant before it is measured.
        alone: entered before the first entrant is measured, if one is; keeps other timings waiting.

    Raises:
        SettingError: the conditions ask for no thread.
    """
    train = data.train.drawn(conditions.images(data))
    results = []
    with ExitStack() as timing:
        # Whoever waits for another process's timings holds no result that it might wait for.
        prepare = functools.cache(lambda: timing.enter_context(alone()))
        for number, entrant in enumerate(entrants, 1):
            say = partial(progress, f"{entrant.title}, {number} of {len(entrants)}")
            environment = source.environment(conditions.machine, entrant.packages, entrant.entry)
            try:
                found = store.remember(
                    entrant.name,
                    _key(entrant, data, conditions),
                    partial(_measure, entrant, train, data.test, conditions, say),
                    _MEASUREMENT,
                    environment,
                    check=partial(_check, data),
                    fresh=fresh,
                    prepare=prepare,
                )
            except _FailedError as error:
                results.append(Result(entrant, "now", store.now(), environment, None, str(error)))
            else:
                results.append(_result(entrant, found))
    return tuple(results)


class _FailedError(Exception):
    """Whatever an entrant raised, in one line."""


def _measure(
    entrant: Entrant, train: Split, test: Split, conditions: Conditions, say: Callable[[], None]
) -> Measurement:
    say()
    with pinned(conditions.threads):
        try:
            return entrant.measure(train, test)
        except Exception as error:  # whatever it is: it belongs into the entrant's row
            why = " ".join(f"{type(error).__name__}: {error}".split())
            raise _FailedError(why) from error


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
        found = store.recall(kept, entrant.name, key, _MEASUREMENT, partial(_check, data))
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


def _check(data: Dataset, found: Measurement) -> None:
    if not (len(found.predictions) and found.ways):
        raise MeasurementError("expected at least one training and one way to call it; found none")
    shape = (len(found.predictions), len(data.test))
    files.require_classes(found.predictions, shape, data.classes)


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
