"""Whether images that are hard by their neighbours are those that a network misreads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.evaluation.intervals import Interval

_DRAWS = 999
_PARTS = 10
_FEWEST_MISTAKES = 10
"""With fewer, draws of them say too little of where others would have been."""


@dataclass(frozen=True, eq=False)
class MistakesByDifficulty:
    """What a network misreads among images that are ordered from the easiest to the hardest.

    Attributes:
        mistakes: how many images it misreads.
        auroc: how probably a misread image is harder than one that is read, 0.5 by chance; NaN
            where it misreads none, or all.
        interval: the 95% interval of that, from drawing writers, or images, anew; None where there
            are too few mistakes, or too few images without.
        parts: a row for each tenth of the images, the easiest first: `Images`, `Misread`, `Share`.
    """

    mistakes: int
    auroc: float
    interval: Interval | None
    parts: pd.DataFrame

    @property
    def in_hardest_part(self) -> float:
        """The share of the mistakes that lies in the hardest tenth of the images; NaN of none."""
        return self.parts["Misread"].iloc[-1] / self.mistakes if self.mistakes else float("nan")


def mistakes_by_difficulty(
    difficulty: NDArray[np.floating],
    wrong: NDArray[np.bool_],
    writers: NDArray[np.integer] | None = None,
    draws: int = _DRAWS,
) -> MistakesByDifficulty:
    """Return what a network misreads among images that are more or less difficult.

    The area under the curve is that of J. A. Hanley and B. J. McNeil, "The meaning and use of the
    area under a receiver operating characteristic (ROC) curve", Radiology 143 (1982), 29-36.

    Args:
        difficulty: (n,), of each image; the higher, the harder; it may be infinite.
        wrong: (n,) bool, whether each is misread.
        writers: (n,) integers, who wrote each image; each stands alone without them.
        draws: how often writers are drawn.
    """
    order = np.argsort(difficulty, kind="stable")
    parts = np.array_split(wrong[order], min(_PARTS, len(wrong)))
    table = pd.DataFrame({"Images": len(each), "Misread": int(each.sum())} for each in parts)
    _, places = np.unique(difficulty, return_inverse=True)
    mistakes, interval = int(wrong.sum()), None
    if _FEWEST_MISTAKES <= mistakes <= len(wrong) - _FEWEST_MISTAKES:
        groups = np.arange(len(wrong)) if writers is None else writers
        interval = _interval(places, wrong, groups, draws)
    auroc = _auroc(places, wrong, np.ones(len(wrong)))
    table["Share"] = table["Misread"] / table["Images"]
    return MistakesByDifficulty(mistakes, auroc, interval, table)


def _auroc(
    places: NDArray[np.intp], wrong: NDArray[np.bool_], weights: NDArray[np.float64]
) -> float:
    """The area, each image counted so often; of two in one place, either may be the harder."""
    misread, read = (np.bincount(places, weights * each) for each in (wrong, ~wrong))
    below = np.cumsum(read) - read / 2
    with np.errstate(invalid="ignore"):
        return float((misread * below).sum() / (misread.sum() * read.sum()))


def _interval(
    places: NDArray[np.intp], wrong: NDArray[np.bool_], groups: NDArray[np.integer], draws: int
) -> Interval:
    _, members = np.unique(groups, return_inverse=True)
    rng, many = np.random.default_rng(0), int(members.max()) + 1
    drawn = []
    for _ in range(draws):
        times = np.bincount(rng.integers(many, size=many), minlength=many).astype(np.float64)
        drawn.append(_auroc(places, wrong, times[members]))
    low, high = np.nanquantile(drawn, [0.025, 0.975]).tolist()
    return Interval(low, high)
