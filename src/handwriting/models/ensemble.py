"""Networks that read together: the mean of their probabilities decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.models.config import ModelConfig
from handwriting.models.training_runs import Run
from handwriting.results import files, store
from handwriting.results.files import Array
from handwriting.results.store import Entry, Remembered

_NAME = "ensemble"


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks of one recipe that read the test images together.

    Attributes:
        seeds: those of its members.
        predictions: (members, n) uint8: in row k, what the first k + 1 members read together.
    """

    seeds: tuple[int, ...]
    predictions: Array

    def accuracies(self, truths: NDArray[np.integer]) -> tuple[float, ...]:
        """The accuracy of the first member, of the first two together, and so on, 0-1.

        Args:
            truths: (n,) integers, the class of each test image.
        """
        return tuple((self.predictions == truths).mean(axis=1).tolist())


def combine(members: Sequence[Run], data: Dataset) -> Ensemble:
    """Return what members read together in the test images.

    Args:
        members: runs of one recipe, at least one, with their networks.
        data: its test images are read.
    """
    from handwriting.models import training  # here, since Keras takes seconds to import

    looks = members[0].recipe.looks
    scores = np.stack([training.predict(each.network, data.test.images, looks) for each in members])
    read = np.cumsum(scores, axis=0).argmax(axis=2).astype(np.uint8)
    return Ensemble(tuple(each.seed for each in members), read)


_ENSEMBLE = pydantic.TypeAdapter(Ensemble)


def entry(ensemble: Ensemble, members: Sequence[Run], data: Dataset) -> Entry:
    """Return an ensemble as a file keeps it.

    Args:
        ensemble: what `combine` returned.
        members: the runs that it was combined from.
        data: what was read.
    """
    latest = max(members, key=lambda each: each.moment)
    found = Remembered(ensemble, latest.origin, latest.moment, latest.environment)
    return store.entry(_NAME, _key(latest.recipe, data), found, _ENSEMBLE)


def load(data: Dataset, recipe: ModelConfig, kept: Sequence[Entry]) -> Ensemble | None:
    """Return the kept ensemble of a recipe, or None where none is kept for these data.

    Args:
        data: the images that its members would learn from and read.
        recipe: what they were trained by.
        kept: what was measured at another time, perhaps elsewhere.
    """

    def check(found: Ensemble) -> None:
        shape = (max(1, len(found.seeds)), len(data.test))
        files.require_classes(found.predictions, shape, data.classes)

    found = store.recall(kept, _NAME, _key(recipe, data), _ENSEMBLE, check)
    return found.value if found else None


def _key(recipe: ModelConfig, data: Dataset) -> dict[str, str]:
    return {
        "train": data.train.digest,
        "test": data.test.digest,
        "classes": str(data.classes),
        "recipe": recipe.parameters,
    }
