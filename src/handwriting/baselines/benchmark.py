"""Classifiers measured alike: the same images to learn from and to read, the same cores, one clock.

What was measured is kept in a cache at once, so that an interrupted contest loses only the entrant
in progress, and the next one begins with what this one found.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.baselines import classifiers, network, pipelines
from handwriting.baselines.classifiers import CLASSIFIERS, Effort
from handwriting.baselines.measurement import Conditions, Entrant, Measurement
from handwriting.baselines.timing import pinned
from handwriting.data.dataset import Dataset, Split
from handwriting.errors import MeasurementError, SettingError
from handwriting.results import store
from handwriting.results.store import Cache, Measured, unpacked

logger = logging.getLogger(__name__)

Origin = Literal["now", "cache", "kept"]
_MEASUREMENT = pydantic.TypeAdapter(Measurement)


@dataclass(frozen=True, eq=False)
class Result:
    """What a contest found of one entrant.

    Attributes:
        entrant: who it is.
        origin: whether it was measured `now`, came from the `cache`, or was `kept` in a file.
        moment: when it was measured, ISO 8601.
        circumstances: versions, source and machine, each as text.
        measurement: what was measured; None where it failed.
        predictions: (trainings, n) int64, the class of each test image after each training; no row
            where it failed.
        error: why it failed, in one line; empty where it did not.
    """

    entrant: Entrant
    origin: Origin
    moment: str
    circumstances: Mapping[str, str]
    measurement: Measurement | None
    predictions: NDArray[np.int64]
    error: str = ""

    @property
    def constant(self) -> bool:
        """Whether it gives every image the same answer: then it does not read."""
        return bool((self.predictions[0] == self.predictions[0, 0]).all())


def entered(
    effort: Effort, data: Dataset, terms: Conditions, trainings: int
) -> tuple[tuple[Entrant, ...], tuple[Entrant, ...]]:
    """Return who takes part at an effort, the network first, and the rivals that would take longer.

    Args:
        effort: how long one is ready to wait.
        data: what they will learn from.
        terms: what is the same for all.
        trainings: how many networks to train.
    """
    ours = network.entrant(data, terms, trainings)
    part = pipelines.entrants(classifiers.within(effort), data, terms)
    return (ours, *part), pipelines.entrants(classifiers.beyond(effort), data, terms)


def hold(
    data: Dataset,
    entrants: Sequence[Entrant],
    terms: Conditions,
    *,
    cache: Cache | None = None,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    alone: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> tuple[Result, ...]:
    """Return the result of each entrant: from the cache, or measured now and kept there.

    An entrant that raises an exception has a result with its error, and the others go on.

    Args:
        data: the images to learn from and, once trained, to read.
        entrants: who takes part.
        terms: what is the same for all.
        cache: where results are kept; the user's own where it is left out.
        fresh: measure everything, whatever the cache holds.
        progress: called with a line for each entrant before it is measured.
        alone: entered before the first entrant is measured, if one is; keeps other timings waiting.

    Raises:
        SettingError: the terms ask for no thread.
    """
    cache = cache or Cache()
    train = data.train.drawn(terms.images(data))
    results: list[Result] = []
    with ExitStack() as timing:
        for number, entrant in enumerate(entrants, 1):
            blank = Measured(
                entrant.name,
                _subject(entrant, data, terms),
                _circumstances(entrant, terms),
                store.now(),
                {},
            )
            found = None if fresh else cache.find(entrant.name, blank.subject, blank.circumstances)
            result = _read(entrant, found, "cache", data) if found else None
            if not result:
                if not any(each.origin == "now" for each in results):
                    timing.enter_context(alone())
                progress(f"{entrant.title}, {number} of {len(entrants)}")
                with pinned(terms.threads):
                    result = _measure(entrant, blank, train, data, cache)
            results.append(result)
    return tuple(results)


def recall(
    data: Dataset, entrants: Sequence[Entrant], terms: Conditions, kept: Sequence[Measured]
) -> tuple[Result, ...]:
    """Return the kept results of entrants: of those whose data and settings are the same.

    Args:
        data: the images that a contest would use.
        entrants: who is looked for.
        terms: what a contest would hold for all; versions and machine may be others.
        kept: what was measured at another time, perhaps elsewhere.
    """
    by_name = {each.name: each for each in kept}
    found = (
        _read(entrant, by_name[entrant.name], "kept", data)
        for entrant in entrants
        if entrant.name in by_name
        and dict(by_name[entrant.name].subject) == _subject(entrant, data, terms)
    )
    return tuple(result for result in found if result)


def keep(data: Dataset, terms: Conditions, results: Sequence[Result]) -> None:
    """Keep the results of all rivals where `store.keep` does, for reports that leave some out.

    Args:
        data: what they learned from and read.
        terms: what was the same for all.
        results: of a contest of all rivals on all training images.

    Raises:
        MeasurementError: a rival is missing or failed, or did not learn from all images.
        OSError: the disk refuses it.
    """
    missing = {rival.name for rival in CLASSIFIERS} - {result.entrant.name for result in results}
    if missing or terms.images(data) != len(data.train):
        raise MeasurementError(
            f"expected all rivals, taught with all {len(data.train):,} images; found "
            f"{terms.images(data):,} images, without {', '.join(sorted(missing)) or 'nobody'}. "
            "Use the profile full."
        )
    store.keep("rivals", keepable(data, terms, results))


def keepable(data: Dataset, terms: Conditions, results: Sequence[Result]) -> tuple[Measured, ...]:
    """Return the results of all rivals as a file keeps them.

    Raises:
        MeasurementError: an entrant failed.
    """
    require_all(results)
    return tuple(
        Measured(
            result.entrant.name,
            _subject(result.entrant, data, terms),
            result.circumstances,
            result.moment,
            asdict(result.measurement),
        )
        for result in results
        if result.measurement and not result.entrant.network
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


def _measure(
    entrant: Entrant, blank: Measured, train: Split, data: Dataset, cache: Cache
) -> Result:
    """The result of an entrant, measured now and put into the cache, or its error."""
    nothing = np.empty((0, len(data.test)), np.int64)
    try:
        measurement = entrant.measure(train, data.test)
    except Exception as error:  # whatever it is: it belongs into the entrant's row
        why = " ".join(f"{type(error).__name__}: {error}".split())
        return Result(entrant, "now", blank.moment, blank.circumstances, None, nothing, why)
    new = replace(blank, moment=store.now(), content=asdict(measurement))
    cache.keep(new)
    return Result(
        entrant, "now", new.moment, new.circumstances, measurement, _classes(measurement, data)
    )


def _read(entrant: Entrant, found: Measured, origin: Origin, data: Dataset) -> Result | None:
    """The result that was kept, or None, and a warning, where it is none of this kind."""
    try:
        measurement = _MEASUREMENT.validate_json(json.dumps(found.content), strict=True)
        classes = _classes(measurement, data)
    except (MeasurementError, SettingError, ValueError) as error:
        why = " ".join(str(error).split())
        logger.warning("%s is not taken from the %s: %s", entrant.title, origin, why)
        return None
    return Result(entrant, origin, found.moment, found.circumstances, measurement, classes)


def _classes(measurement: Measurement, data: Dataset) -> NDArray[np.int64]:
    if not (measurement.predictions and measurement.ways):
        raise MeasurementError("expected at least one training and one way to call it; found none")
    return np.stack(
        [unpacked(text, len(data.test), data.classes) for text in measurement.predictions]
    )


def _subject(entrant: Entrant, data: Dataset, terms: Conditions) -> dict[str, str]:
    return {
        "data": store.digest(dict(data.origin.sha256)),
        "training images": str(terms.images(data)),
        "settings": entrant.settings,
        "parameters": entrant.parameters,
        "seed": str(terms.seed),
        "threads": str(terms.threads),
    }


def _circumstances(entrant: Entrant, terms: Conditions) -> dict[str, str]:
    return store.circumstances(terms.machine, entrant.packages, entrant.entry)
