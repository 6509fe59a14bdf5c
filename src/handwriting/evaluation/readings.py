"""What a network makes of digits that were cut out of photographs, and how that compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize

from handwriting.data.photographs.finding import CutOut
from handwriting.evaluation.intervals import Interval, wilson

UNSURE, NO_DIGIT = "unsure", "unlike any"
Refusal = Literal["", "unsure", "unlike any"]
"""Why something is refused: nothing, if it is not."""

_OVERLAP = 0.5
"""Of the area that two boxes cover together, the share that both do: of one digit, at least."""


@dataclass(frozen=True)
class Stroke:
    """How a digit is written, as far as it decides how well it can be read.

    Attributes:
        contrast: how much darker its ink is than the paper, 0-1, in the channel that shows it best.
        height: pixels of the photograph, or the width where that is more.
        gap: from the digit to the nearest other one, as a share of that; infinite for a lone digit.
    """

    contrast: float
    height: int
    gap: float


@dataclass(frozen=True, eq=False)
class Reading:
    """A digit that was found in a photograph, and what a network makes of it.

    Attributes:
        cut: where it was found, and its ink.
        stroke: how it is written.
        image: (height, width) uint8, 0-255, as the network sees it.
        probabilities: (classes,) float64, 0-1, tempered.
        refusal: why it is refused; empty if it is answered.
        nearest: where the training image that it is most like stands among the training images.
        apart: how far that is: the root of the mean squared difference of pixels, 0-255.
        truth: its class, as whoever wrote it says; None where nobody does.
    """

    cut: CutOut
    stroke: Stroke
    image: NDArray[np.uint8]
    probabilities: NDArray[np.float64]
    refusal: Refusal
    nearest: int
    apart: float
    truth: int | None = None

    @property
    def answer(self) -> int:
        """The likeliest class."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """Its probability, 0-1."""
        return float(self.probabilities.max())

    @property
    def runner_up(self) -> tuple[int, float] | None:
        """The second likeliest class and its probability, 0-1; None where there is one class."""
        order = self.probabilities.argsort()[::-1]
        return (int(order[1]), float(self.probabilities[order[1]])) if len(order) > 1 else None

    @property
    def stands(self) -> bool:
        """Whether it is answered, and not known to be wrong."""
        return not self.refusal and (self.truth is None or self.right)

    @property
    def right(self) -> bool:
        """Whether the likeliest class is the true one, whether refused or not."""
        return self.answer == self.truth


@dataclass(frozen=True)
class Counts:
    """How many digits were read rightly, how many wrongly, and how many refused.

    Attributes:
        right: answered, and rightly.
        wrong: answered, and wrongly.
        refused_right: refused where the likeliest class is the true one.
        refused_wrong: refused where it is not.
    """

    right: int
    wrong: int
    refused_right: int
    refused_wrong: int

    @property
    def every(self) -> int:
        """How many digits there are."""
        return self.answered + self.refused

    @property
    def answered(self) -> int:
        """How many are answered."""
        return self.right + self.wrong

    @property
    def refused(self) -> int:
        """How many are refused."""
        return self.refused_right + self.refused_wrong

    @property
    def read(self) -> int:
        """Of how many the likeliest class is the true one, before any is refused."""
        return self.right + self.refused_right

    @property
    def accuracy(self) -> float:
        """Their share of all, 0-1."""
        return self.read / self.every

    @property
    def interval(self) -> Interval:
        """The 95% interval of that, had the digits been others."""
        return wilson(self.read, self.every)

    @property
    def answered_accuracy(self) -> float:
        """The share of the answered ones that is answered rightly, 0-1; some have to be."""
        return self.right / self.answered

    @property
    def answered_interval(self) -> Interval:
        """The 95% interval of that, had the digits been others."""
        return wilson(self.right, self.answered)


def count(readings: Sequence[Reading]) -> Counts | None:
    """Return how many of the digits whose truth is known are read; None where it is of none."""
    known = [each for each in readings if each.truth is not None]
    if not known:
        return None
    tally = {(right, refused): 0 for right in (True, False) for refused in (True, False)}
    for each in known:
        tally[each.right, bool(each.refusal)] += 1
    return Counts(tally[True, False], tally[False, False], tally[True, True], tally[False, True])


def count_table(counts: Counts) -> pd.DataFrame:
    """Return refusals, right answers and wrong ones, a row each."""
    return pd.DataFrame(
        [
            {"What came of it": "answered", "Digits": counts.answered, "Right": counts.right}
            | {"Wrong": counts.wrong},
            {"What came of it": "refused", "Digits": counts.refused, "Right": counts.refused_right}
            | {"Wrong": counts.refused_wrong},
            {"What came of it": "all, had none been refused", "Digits": counts.every}
            | {"Right": counts.read, "Wrong": counts.every - counts.read},
        ]
    )


@dataclass(frozen=True)
class Recovery:
    """What comes back of digits that were put on photographs.

    Attributes:
        written: how many there were.
        found: how many of them were cut out.
        read: how many were cut out and read rightly.
        originals: how many are read rightly as they were before.
        extra: cut-outs that are none of them.
    """

    written: int
    found: int
    read: int
    originals: int
    extra: int

    @property
    def found_share(self) -> float:
        """The share that was cut out, 0-1."""
        return self.found / self.written

    @property
    def accuracy(self) -> float:
        """The share that was cut out and read rightly, 0-1."""
        return self.read / self.written

    @property
    def interval(self) -> Interval:
        """The 95% interval of that, had the digits been others."""
        return wilson(self.read, self.written)

    @property
    def original_accuracy(self) -> float:
        """The share that is read rightly as they were before, 0-1."""
        return self.originals / self.written

    @property
    def original_interval(self) -> Interval:
        """The 95% interval of that, had the digits been others."""
        return wilson(self.originals, self.written)

    @property
    def lost(self) -> float:
        """How much lower the accuracy is on the photographs, 0-1; below 0 where it is higher."""
        return self.original_accuracy - self.accuracy


def matched(boxes: NDArray[np.integer], cuts: Sequence[CutOut]) -> NDArray[np.int64]:
    """Return which cut-out is which known digit, (n,) int64; -1 where none is.

    A cut-out is one digit where both boxes cover at least half of what either does, and no more
    than one digit.

    Args:
        boxes: (n, 4) integers: top, left, bottom and right of each known digit.
        cuts: what was found.
    """
    found = np.full(len(boxes), -1, np.int64)
    if not len(cuts):
        return found
    theirs = np.array([(each.top, each.left, each.bottom, each.right) for each in cuts])
    low = np.maximum(boxes[:, np.newaxis, :2], theirs[:, :2])
    high = np.minimum(boxes[:, np.newaxis, 2:], theirs[:, 2:])
    both = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(each[:, 2:] - each[:, :2]).prod(axis=1) for each in (boxes, theirs)]
    shares = both / (areas[0][:, np.newaxis] + areas[1] - both)
    known, cut = optimize.linear_sum_assignment(shares, maximize=True)
    same = shares[known, cut] >= _OVERLAP
    found[known[same]] = cut[same]
    return found


def agreeing(read: Sequence[Reading], labels: NDArray[np.integer]) -> int:
    """Return of how many digits the training image most like them is of the class in the answer.

    Args:
        read: the digits.
        labels: (n,) integers, the classes of the training images.
    """
    return sum(int(labels[each.nearest]) == each.answer for each in read)
