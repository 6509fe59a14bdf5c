"""Whether images that are hard by their neighbours are those that a network misreads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.evaluation.classification import Classification
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.ranking import Ranking, auroc
from handwriting.evaluation.similarity import Neighbours

_PARTS = 10
_FEWEST_MISTAKES = 10
"""With fewer, they say too little of where others would have been."""


@dataclass(frozen=True, eq=False)
class MistakesByDifficulty:
    """What a network misreads among images that are ordered from the easiest to the hardest.

    Attributes:
        ranking: how probably a misread image is harder than one that is read; None where the
            network misreads none, or all.
        parts: a row for each tenth of the images, the easiest first: `Images`, `Misread`, `Share`.
    """

    ranking: Ranking | None
    parts: pd.DataFrame

    @property
    def mistakes(self) -> int:
        """How many images the network misreads."""
        return int(self.parts["Misread"].sum())

    @property
    def auroc(self) -> float:
        """The area of the ranking, 0.5 by chance; NaN where there is none."""
        return self.ranking.area if self.ranking else float("nan")

    @property
    def interval(self) -> Interval | None:
        """Its 95% interval; None where there are too few mistakes, or too few images without."""
        fewer = min(self.mistakes, int(self.parts["Images"].sum()) - self.mistakes)
        return self.ranking.interval if self.ranking and fewer >= _FEWEST_MISTAKES else None

    @property
    def in_hardest_part(self) -> float:
        """The share of the mistakes that lies in the hardest tenth of the images; NaN of none."""
        return self.parts["Misread"].iloc[-1] / self.mistakes if self.mistakes else float("nan")


def mistakes_by_difficulty(
    difficulty: NDArray[np.floating],
    wrong: NDArray[np.bool_],
    writers: NDArray[np.integer] | None = None,
) -> MistakesByDifficulty:
    """Return what a network misreads among images that are more or less difficult.

    The area under the curve is that of J. A. Hanley and B. J. McNeil, "The meaning and use of the
    area under a receiver operating characteristic (ROC) curve", Radiology 143 (1982), 29-36.

    Args:
        difficulty: (n,), of each image; the higher, the harder; it may be infinite.
        wrong: (n,) bool, whether each is misread.
        writers: (n,) integers, who wrote each image; each stands alone without them.
    """
    order = np.argsort(difficulty, kind="stable")
    parts = np.array_split(wrong[order], min(_PARTS, len(wrong)))
    table = pd.DataFrame({"Images": len(each), "Misread": int(each.sum())} for each in parts)
    table["Share"] = table["Misread"] / table["Images"]
    mixed = wrong.any() and not wrong.all()
    return MistakesByDifficulty(auroc(difficulty, wrong, writers) if mixed else None, table)


def orders(
    near: Neighbours, read: Classification, writers: NDArray[np.integer] | None = None
) -> dict[str, MistakesByDifficulty]:
    """Return what a network misreads in each order of the images, by what a table calls the order.

    Args:
        near: the training images that each image is most like.
        read: what the network read.
        writers: (n,) integers, who wrote each image; each stands alone without them.
    """
    wrong = read.predictions != read.truths
    numbers = {
        "difficulty, which knows the label": near.difficulty,
        "ambiguity, which knows no label": near.ambiguity,
        "the network's lack of confidence": -read.confidences,
    }
    return {name: mistakes_by_difficulty(each, wrong, writers) for name, each in numbers.items()}


def order_table(found: Mapping[str, MistakesByDifficulty]) -> pd.DataFrame:
    """Return how well each order of the images goes with a network's mistakes, a row each."""
    return pd.DataFrame(
        {
            "Images ordered by": name,
            "AUROC": each.auroc,
            "95% interval": each.interval,
            "In the last tenth": each.in_hardest_part,
        }
        for name, each in found.items()
    )
