"""Which labels look wrong: those that networks which never saw their images clearly dispute.

Confident learning: C. G. Northcutt, L. Jiang and I. L. Chuang (2021), Confident learning:
estimating uncertainty in dataset labels, JAIR 70, 1373-1411. Each image is read by a network that
did not learn from it. A class is confident in an image where its probability is at least the mean
that it has over the images that bear its label; an image whose most probable confident class is not
its label is suspected, unless its label is the more probable one nevertheless: as in cleanlab, the
authors' own program, nobody then disputes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.data import splitting
from handwriting.data.dataset import Dataset, Split
from handwriting.errors import MeasurementError
from handwriting.evaluation import calibration
from handwriting.models import config, training_runs
from handwriting.models.config import ModelConfig
from handwriting.results import store
from handwriting.results.files import Array

FOLDS = 5  # networks that share the training images
_ROUNDING = 1e-6  # as in cleanlab: the mean of numbers that are all the same need not be the same
_SCORES: pydantic.TypeAdapter[NDArray[Any]] = pydantic.TypeAdapter(Array)


@dataclass(frozen=True, eq=False)
class SuspectLabels:
    """Images whose labels look wrong, the most suspicious first.

    Attributes:
        indices: (n,) int64, where they stand among the images.
        labels: (n,) int64, their labels.
        proposed: (n,) int64, what they look like instead.
        among: how many labels were asked about.
        temperature: what the probabilities were tempered with.
        untempered: how many labels would look wrong by the probabilities as they are.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    proposed: NDArray[np.int64]
    among: int
    temperature: float
    untempered: int

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def share(self) -> float:
        """The share of the labels that look wrong, 0-1."""
        return len(self) / self.among


def suspects(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> SuspectLabels:
    """Return the images whose labels look wrong, by confident learning.

    Args:
        labels: (n,) integers, 0 to one less than the number of classes.
        probabilities: (n, classes), of each image by a network that did not learn from it, 0-1.
    """
    classes = probabilities.shape[1]
    given = np.asarray(labels, np.int64)
    rows = np.arange(len(given))
    own = probabilities[rows, given].astype(np.float64)
    sums, counts = np.bincount(given, own, classes), np.bincount(given, minlength=classes)
    thresholds = np.divide(sums, counts, out=np.full(classes, np.inf), where=counts > 0)
    confident = np.where(probabilities >= thresholds - _ROUNDING, probabilities, -1.0)
    proposed = confident.argmax(axis=1)
    margins = probabilities[rows, proposed].astype(np.float64) - own
    suspicious = np.flatnonzero((confident.max(axis=1) > 0) & (margins > 0))
    chosen = suspicious[np.argsort(-margins[suspicious], kind="stable")]
    return SuspectLabels(
        chosen, given[chosen], proposed[chosen], len(given), temperature=1.0, untempered=len(chosen)
    )


def doubtful_labels(
    data: Dataset,
    seed: int,
    machine: Mapping[str, object],
    *,
    images: int = 0,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> SuspectLabels:
    """Return the training images whose labels look wrong to networks that did not learn from them.

    The training images are divided into five parts, by writer where that is known; a network of the
    one-epoch recipe learns from four and reads the fifth, in turn. What they read comes from the
    user's cache, or is read now and kept there. Confident learning takes probabilities at their
    word, and these networks are less sure than they could be, so that theirs are tempered first, by
    the one temperature that suits the given labels best.

    Args:
        data: whose training labels are asked about.
        seed: what the networks' random numbers are drawn from.
        machine: processor, cores and the like, each by name.
        images: how many training images to use at most; 0 for all.
        fresh: ask anew, whatever the cache holds.
        progress: called with a line before each training.

    Raises:
        DatasetError: there are too few images.
        TrainingError: a loss is no longer a finite number.
    """
    among = data.train.draw(min(images or len(data.train), len(data.train)))
    train = data.train.drawn(len(among))
    part = splitting.folds(train, FOLDS)
    scores = store.remember(
        "doubts",
        {
            "train": train.digest,
            "classes": str(data.classes),
            "parts": store.digest(part.tolist()),
            "recipe": config.ONE_EPOCH.parameters,
            "seed": str(seed),
        },
        partial(_cross_validated, config.ONE_EPOCH, data, train, part, seed, progress),
        _SCORES,
        training_runs.environment(machine, __name__),
        check=partial(_check, (len(train), data.classes)),
        fresh=fresh,
    )
    plain = suspects(train.labels, scores.value)
    temperature = calibration.temperature(scores.value, train.labels)
    found = suspects(train.labels, calibration.tempered(scores.value, temperature))
    indices = among[found.indices]
    return replace(found, indices=indices, temperature=temperature, untempered=len(plain))


def _cross_validated(
    recipe: ModelConfig,
    data: Dataset,
    train: Split,
    part: NDArray[np.int64],
    seed: int,
    progress: Callable[[str], None],
) -> NDArray[np.float32]:
    """(n, classes) float32: the scores of each training image by a network that never saw it."""
    from handwriting.models import networks, training  # here: Keras takes seconds to import

    scores = np.empty((len(train), data.classes), np.float32)
    build = partial(networks.build, recipe.kind, data.image_shape, data.classes, recipe.settings)
    for number in range(FOLDS):
        progress(f"part {number + 1} of {FOLDS}: training on the others")
        others, own = np.flatnonzero(part != number), np.flatnonzero(part == number)
        plan = replace(recipe.plan, seed=seed, validation_share=0.0)
        fitted = training.fit(build(seed=seed), train.taken(others), plan)
        scores[own] = training.predict(fitted.network, train.images[own], recipe.looks)
    return scores


def _check(shape: tuple[int, int], scores: NDArray[Any]) -> None:
    if scores.shape != shape or scores.dtype != np.float32:
        raise MeasurementError(
            f"expected scores of shape {shape}; found {scores.dtype} of {scores.shape}"
        )
