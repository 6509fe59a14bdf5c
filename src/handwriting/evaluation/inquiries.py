"""What takes a while to ask of networks: how damage hurts them, and which labels look wrong.

Answers are kept in the user's cache.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Self, TypeVar

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.data import splitting
from handwriting.data.dataset import Dataset, Split
from handwriting.evaluation import corruptions
from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.label_errors import SuspectLabels, suspects
from handwriting.evaluation.robustness import CorruptionCurve, declines
from handwriting.models import config
from handwriting.models.config import ModelConfig
from handwriting.results import store
from handwriting.results.store import Cache, Measured

logger = logging.getLogger(__name__)

_PACKAGES = ("keras", "numpy", "scipy")

_FOLDS = 5


class _Accuracies(pydantic.BaseModel, strict=True):
    accuracies: dict[str, tuple[float, ...]]

    @pydantic.model_validator(mode="after")
    def _complete(self) -> Self:
        if set(self.accuracies) != {kind.name for kind in corruptions.KINDS}:
            raise ValueError("expected each kind of damage once")
        if {len(each) for each in self.accuracies.values()} != {1 + len(corruptions.SEVERITIES)}:
            raise ValueError("expected an accuracy without damage and one for each severity")
        return self


class _Suspicions(pydantic.BaseModel, strict=True):
    indices: tuple[int, ...]
    labels: tuple[int, ...]
    proposed: tuple[int, ...]
    margins: tuple[float, ...]

    @pydantic.model_validator(mode="after")
    def _parallel(self) -> Self:
        if len({len(each) for each in vars(self).values()}) > 1:
            raise ValueError("expected as many indices, labels, proposed classes and margins")
        return self


def damage(
    found: EvaluatedNetwork,
    data: Dataset,
    images: int,
    machine: Mapping[str, object],
    *,
    cache: Cache | None = None,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[CorruptionCurve, ...]:
    """Return how a network's accuracy on test images falls with each kind of damage.

    Args:
        found: the network.
        data: whose test images are damaged.
        images: how many of them, drawn at random.
        machine: processor, cores and the like, each by name.
        cache: where answers are kept; the user's own where it is left out.
        fresh: ask anew, whatever the cache holds.
        progress: called with a line before each kind of damage.
    """
    from handwriting.models import networks  # here: Keras takes seconds to import

    test = data.test.drawn(min(images, len(data.test)))
    subject = _subject(data, found.trial.recipe, found.trial.seed, len(test))
    subject["training images"] = str(found.trial.images)
    subject["validation"] = _apart(data)
    # One that was trained again with the same settings need not be the same network.
    subject["network"] = networks.fingerprint(found.trial.network)

    def ask() -> dict[str, Any]:
        said = partial(_say, progress, found.title)
        told = declines(found.read, test.images, test.labels, progress=said)
        return {"accuracies": {each.kind.name: each.accuracies for each in told}}

    answer = _asked("damage", subject, machine, cache, fresh, ask, _Accuracies)
    return tuple(CorruptionCurve(kind, answer.accuracies[kind.name]) for kind in corruptions.KINDS)


def doubtful_labels(
    data: Dataset,
    seed: int,
    machine: Mapping[str, object],
    *,
    images: int = 0,
    cache: Cache | None = None,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> SuspectLabels:
    """Return the training images whose labels look wrong to networks that did not learn from them.

    The training images are divided into five parts, by writer where that is known; a network of the
    one-epoch recipe learns from four and reads the fifth, in turn.

    Args:
        data: whose training labels are asked about.
        seed: what the networks' random numbers are drawn from.
        machine: processor, cores and the like, each by name.
        images: how many training images to use at most; 0 for all.
        cache: where answers are kept; the user's own where it is left out.
        fresh: ask anew, whatever the cache holds.
        progress: called with a line before each training.

    Raises:
        DatasetError: there are too few images.
        TrainingError: a loss is no longer a finite number.
    """
    among = data.train.draw(min(images or len(data.train), len(data.train)))
    recipe = config.ONE_EPOCH
    subject = _subject(data, recipe, seed, len(among))
    subject["parts"] = str(_FOLDS)
    subject["apart"] = _apart(data)

    def ask() -> dict[str, Any]:
        train = data.train.taken(among)
        told = suspects(train.labels, _cross_validated(recipe, data, train, seed, progress))
        return {
            "indices": among[told.indices].tolist(),
            **{name: getattr(told, name).tolist() for name in ("labels", "proposed", "margins")},
        }

    answer = _asked("doubts", subject, machine, cache, fresh, ask, _Suspicions)
    return SuspectLabels(
        np.array(answer.indices, np.int64),
        np.array(answer.labels, np.int64),
        np.array(answer.proposed, np.int64),
        np.array(answer.margins, np.float64),
        len(among),
    )


def _cross_validated(
    recipe: ModelConfig, data: Dataset, train: Split, seed: int, progress: Callable[[str], None]
) -> NDArray[np.float32]:
    """(n, classes) float32: the scores of each training image by a network that never saw it."""
    from handwriting.models import (
        networks,
        training,  # here: Keras takes seconds to import
    )

    part = splitting.folds(train, _FOLDS)
    scores = np.empty((len(train), data.classes), np.float32)
    build = partial(networks.build, recipe.kind, data.image_shape, data.classes, recipe.settings)
    for number in range(_FOLDS):
        progress(f"part {number + 1} of {_FOLDS}: training on the others")
        others, own = np.flatnonzero(part != number), np.flatnonzero(part == number)
        plan = replace(recipe.plan, seed=seed, validation_share=0.0)
        fitted = training.fit(build(seed=seed), train.taken(others), plan)
        scores[own] = training.predict(fitted.network, train.images[own], recipe.looks)
    return scores


def _say(progress: Callable[[str], None], beginning: str, line: str) -> None:
    progress(f"{beginning}: {line}")


def _apart(data: Dataset) -> str:
    """How images that networks do not learn from are set apart."""
    return "by writer" if splitting.knows_writers(data.train) else "at random"


def _subject(data: Dataset, recipe: ModelConfig, seed: int, images: int) -> dict[str, str]:
    return {
        "data": store.digest(dict(data.origin.sha256)),
        "recipe": recipe.parameters,
        "seed": str(seed),
        "images": str(images),
    }


Answer = TypeVar("Answer", bound=pydantic.BaseModel)


def _asked(
    name: str,
    subject: Mapping[str, str],
    machine: Mapping[str, object],
    cache: Cache | None,
    fresh: bool,
    ask: Callable[[], dict[str, Any]],
    kind: type[Answer],
) -> Answer:
    """An answer from the cache, or asked for now and kept there."""
    from handwriting.models import networks  # here: Keras takes seconds to import

    cache = cache or Cache()
    backend = networks.backend()
    known = store.circumstances(machine, (*_PACKAGES, backend), __name__)
    circumstances = {"backend": backend, **known}
    kept = None if fresh else cache.find(name, subject, circumstances)
    if kept:
        try:
            return kind.model_validate_json(json.dumps(kept.content))
        except ValueError as error:
            logger.warning("%s is asked anew: %s", name, " ".join(str(error).split()))
    content = ask()
    cache.keep(Measured(name, subject, circumstances, store.now(), content))
    return kind.model_validate_json(json.dumps(content))
