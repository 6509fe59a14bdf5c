"""What the rivals' notebook runs: the network and its rivals, measured alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting.baselines import benchmark, kept
from handwriting.baselines.benchmark import Result
from handwriting.baselines.classifiers import Effort
from handwriting.baselines.pipelines import most_slanted
from handwriting.baselines.timing import Conditions
from handwriting.data.dataset import Dataset
from handwriting.results import store

_RIVAL_TRAININGS = 5
"""Of rivals that another seed makes others of: how many are trained, or were and are kept."""

_FEW_IMAGES = 10_000
"""With no more training images than this, rivals are trained again whatever the effort."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured, now or at another time.

    Attributes:
        results: of all who take part, the network first, and of those rivals that take longer and
            were kept; errors included.
        missing: the titles of the rivals that were not measured.
        kept_trainings: how many further trainings of those who took turns are kept from before.
    """

    results: tuple[Result, ...]
    missing: tuple[str, ...]
    kept_trainings: int

    def require_all(self) -> None:
        """Refuse what could not be measured, once a page shows it, unless the data are why.

        Raises:
            MeasurementError: a classifier failed for another reason than that there is too little
                to learn from; all of them are named.
        """
        benchmark.require_all([each for each in self.results if not each.refused])


def measure(
    data: Dataset,
    conditions: Conditions,
    effort: Effort,
    trainings: int,
    *,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    alone: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Measured:
    """Return the results of the network and of its rivals.

    Where `HANDWRITING_KEEP` names a folder, those of the rivals are kept there.

    Args:
        data: what they learn from and read.
        conditions: what is the same for all.
        effort: how long one is ready to wait; of rivals that take longer, the project keeps some.
        trainings: how many networks to train.
        fresh: whether to measure everything anew, whatever the cache holds.
        progress: called with a line for each classifier before it is measured.
        alone: entered before the first one is measured; keeps other timings waiting.

    Raises:
        MeasurementError: results are to be kept, and a rival is missing.
    """
    part, others = benchmark.entered(effort, data, conditions, trainings)
    results = benchmark.run(data, part, conditions, fresh=fresh, progress=progress, alone=alone)
    stored = () if effort == "full" else store.kept("rivals")
    again = effort == "full" or conditions.images(data) <= _FEW_IMAGES
    seeds = range(conditions.seed + 1, conditions.seed + _RIVAL_TRAININGS) if again else ()
    results = kept.with_further_trainings(data, results, conditions, seeds, stored, progress)
    further = sum(len(each.predictions[1:]) for each in results if not each.entrant.network)
    results += kept.load(data, others, conditions, stored)
    if os.environ.get("HANDWRITING_KEEP") and not any(result.error for result in results):
        kept.keep(data, conditions, results)
    known = {result.entrant.name for result in results}
    missing = tuple(each.title for each in others if each.name not in known)
    return Measured(results, missing, 0 if again else further)


def slanted(data: Dataset) -> NDArray[np.uint8]:
    """Return of each class the image that slants most among the first thousand to learn from."""
    return most_slanted(data.train.images[:1000], data.train.labels[:1000])
