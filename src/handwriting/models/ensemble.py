"""Networks that read together: the mean of their probabilities decides."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.errors import MeasurementError
from handwriting.models.config import ModelConfig
from handwriting.models.training_runs import Run
from handwriting.results import store
from handwriting.results.store import Measured, packed, unpacked

logger = logging.getLogger(__name__)

_NAME = "ensemble"


class _Content(pydantic.BaseModel, strict=True):
    seeds: tuple[int, ...]
    predictions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks of one recipe that read the test images together.

    Attributes:
        recipe: what each of them was trained by.
        seeds: those of its members.
        predictions: (members, n) int64: in row k, what the first k + 1 members read together.
    """

    recipe: ModelConfig
    seeds: tuple[int, ...]
    predictions: NDArray[np.int64]

    def accuracies(self, truths: NDArray[np.integer]) -> tuple[float, ...]:
        """The accuracy of the first member, of the first two together, and so on, 0-1.

        Args:
            truths: (n,) integers, the class of each test image.
        """
        return tuple((self.predictions == truths).mean(axis=1).tolist())


def combine(members: Sequence[Run], data: Dataset) -> Ensemble:
    """Return what members read together in the test images.

    Args:
        members: trials of one recipe, with their networks.
        data: its test images are read.

    Raises:
        MeasurementError: there is no member, or a network was not kept.
    """
    if not members or any(trial.network is None for trial in members):
        raise MeasurementError(
            "ensemble: expected trials with their networks; found "
            f"{sum(trial.network is None for trial in members)} of {len(members)} without. "
            "Train them anew."
        )
    from handwriting.models import training  # here, since Keras takes seconds to import

    looks = members[0].recipe.looks
    scores = np.stack([training.predict(each.network, data.test.images, looks) for each in members])
    return Ensemble(
        members[0].recipe,
        tuple(trial.seed for trial in members),
        np.asarray(np.cumsum(scores, axis=0).argmax(axis=2), np.int64),
    )


def keep(ensemble: Ensemble, members: Sequence[Run], data: Dataset) -> Measured:
    """Return an ensemble as a file keeps it.

    Args:
        ensemble: what `combine` returned.
        members: the trials that it was combined from.
        data: what was read.
    """
    predictions = tuple(packed(row) for row in ensemble.predictions)
    content = _Content(seeds=ensemble.seeds, predictions=predictions).model_dump(mode="json")
    latest = max(members, key=lambda trial: trial.moment)
    subject = _subject(ensemble.recipe, data)
    return Measured(_NAME, subject, latest.circumstances, latest.moment, content)


def recall(data: Dataset, recipe: ModelConfig, kept: Sequence[Measured]) -> Ensemble | None:
    """Return the kept ensemble of a recipe, or None where none is kept for these data.

    Args:
        data: the images that its members would learn from and read.
        recipe: what they were trained by.
        kept: what was measured at another time, perhaps elsewhere.
    """
    for each in kept:
        if each.name == _NAME and dict(each.subject) == _subject(recipe, data):
            try:
                return _read(recipe, each, data)
            except (MeasurementError, ValueError) as error:
                why = " ".join(str(error).split())
                logger.warning("The kept ensemble is not shown: %s", why)
    return None


def _read(recipe: ModelConfig, found: Measured, data: Dataset) -> Ensemble:
    content = _Content.model_validate_json(json.dumps(found.content))
    if not content.seeds or len(content.predictions) != len(content.seeds):
        raise MeasurementError(
            f"expected predictions for each of {len(content.seeds)} members; found "
            f"{len(content.predictions)}. Measure again."
        )
    rows = [unpacked(text, len(data.test), data.classes) for text in content.predictions]
    return Ensemble(recipe, content.seeds, np.stack(rows))


def _subject(recipe: ModelConfig, data: Dataset) -> dict[str, str]:
    return {"data": store.digest(dict(data.origin.sha256)), "recipe": recipe.parameters}
