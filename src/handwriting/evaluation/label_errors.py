"""Which labels look wrong: those that networks which never saw their images clearly dispute.

Confident learning: C. G. Northcutt, L. Jiang and I. L. Chuang (2021), Confident learning:
estimating uncertainty in dataset labels, JAIR 70, 1373-1411. Each image is read by a network that
did not learn from it. A class is confident in an image where its probability is at least the mean
that it has over the images that bear its label; an image whose most probable confident class is not
its label is suspected, unless its label is the more probable one nevertheless: as in cleanlab, the
authors' own program, nobody then disputes it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Mislabelling(NamedTuple):
    """A label on images that look like another class, and how many these are."""

    label: int
    proposed: int
    images: int


@dataclass(frozen=True, eq=False)
class SuspectLabels:
    """Images whose labels look wrong, the most suspicious first.

    Attributes:
        indices: (n,) int64, where they stand among the images.
        labels: (n,) int64, their labels.
        proposed: (n,) int64, what they look like instead.
        margins: (n,) float64, above 0 to 1: by how much the proposed class is more probable than
            the label.
        among: how many labels were asked about.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    proposed: NDArray[np.int64]
    margins: NDArray[np.float64]
    among: int

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def share(self) -> float:
        """The share of the labels that look wrong, 0-1."""
        return len(self) / self.among

    @property
    def commonest(self) -> Mislabelling | None:
        """The label that most often looks like one other class; None where none looks wrong."""
        pairs = zip(self.labels.tolist(), self.proposed.tolist(), strict=True)
        counts = sorted(Counter(pairs).items(), key=lambda each: (-each[1], each[0]))
        return Mislabelling(*counts[0][0], counts[0][1]) if counts else None


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
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    proposed = confident.argmax(axis=1)
    margins = probabilities[rows, proposed].astype(np.float64) - own
    suspicious = np.flatnonzero((confident.max(axis=1) > 0) & (margins > 0))
    chosen = suspicious[np.argsort(-margins[suspicious], kind="stable")]
    return SuspectLabels(chosen, given[chosen], proposed[chosen], margins[chosen], len(given))
