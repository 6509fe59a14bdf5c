"""MNIST's test labels that people dispute.

Source: C. G. Northcutt, A. Athalye and J. Mueller (2021), Pervasive label errors in test sets
destabilize machine learning benchmarks, NeurIPS, https://arxiv.org/abs/2103.14749. Where several
methods thought a label wrong, five people each were shown the image, the given label and another
one; their answers are `mturk/mnist_mturk.json` of https://github.com/cleanlab/label-errors. A
label is disputed where fewer than three of them chose it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset

MEANING: Final = (
    "five people looked at the image and did not settle on its label (Northcutt et al., 2021)."
)
"""What it means that a label is disputed, to come after a colon."""

SHOWN: Final = 100
"""How many test images people were shown: those whose labels several methods thought wrong (table 1
of the source)."""


@dataclass(frozen=True)
class Dispute:
    """A test image whose label people dispute.

    Attributes:
        index: where it stands among MNIST's test images.
        given: its label.
        preferred: what people read instead: one digit, two that are tied (the given one may be
            among them), or none where they saw neither the given digit nor the proposed one.
    """

    index: int
    given: int
    preferred: tuple[int, ...]

    @property
    def reading(self) -> int | None:
        """What most people read instead; None where they are tied or saw neither."""
        return self.preferred[0] if len(self.preferred) == 1 else None

    def opinion(self, class_names: Sequence[str]) -> str:
        """Return what people read, in a word or two: `9`, `4 or 9`, `not 6`."""
        read = [class_names[label] for label in self.preferred]
        return " or ".join(read) or f"not {class_names[self.given]}"

    def remark(self, class_names: Sequence[str]) -> str:
        """Return that in a sentence: `people read 9`, `people do not read 6`."""
        if not self.preferred:
            return f"people do not read {class_names[self.given]}"
        return f"people read {self.opinion(class_names)}"


DISPUTES: Final = (
    Dispute(947, 8, (9,)),
    Dispute(1621, 0, (6,)),
    Dispute(1901, 9, (4,)),
    Dispute(2130, 4, (4, 9)),
    Dispute(2462, 2, (0,)),
    Dispute(2597, 5, (3,)),
    Dispute(2654, 6, ()),
    Dispute(3520, 6, ()),
    Dispute(3558, 5, (0,)),
    Dispute(5937, 5, (3,)),
    Dispute(6651, 0, (6,)),
    Dispute(6783, 1, (6,)),
    Dispute(8527, 4, (4, 9)),
    Dispute(9679, 6, ()),
    Dispute(9729, 5, (6,)),
)


def of(data: Dataset) -> tuple[Dispute, ...]:
    """Return the disputed test images of a data set: those of MNIST; of others none are known."""
    return DISPUTES if data.name == "mnist" else ()


def settled_as(
    data: Dataset, indices: Sequence[int], answers: Sequence[int]
) -> tuple[Dispute, ...]:
    """Return the disputes of those images that most people read as they were answered.

    Args:
        data: whose test images they are.
        indices: (n,), which of them.
        answers: (n,), the class that each was read as.
    """
    given = dict(zip(map(int, indices), map(int, answers), strict=True))
    return tuple(each for each in of(data) if each.reading == given.get(each.index, -1))


def mask(data: Dataset) -> NDArray[np.bool_]:
    """Return whether each test image is disputed, (n,) bool."""
    found = np.zeros(len(data.test), bool)
    found[[each.index for each in of(data)]] = True
    return found
