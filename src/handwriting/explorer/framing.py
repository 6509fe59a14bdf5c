"""How the images of a data set lie in their frames, so that a drawing can be laid likewise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_EXAMPLES = 2000


@dataclass(frozen=True)
class Framing:
    """Where ink lies in images of one size.

    In MNIST it fits a box of 20 of 28 pixels, and its centre of mass is at pixel 14, counted from 0
    (LeCun et al., 1998, Gradient-based learning applied to document recognition).

    Attributes:
        box: How much of the frame the ink fills, in its longer direction, 0-1.
        by_mass: Whether it is placed by its centre of mass, and not by the middle of its box.
        row: Where that centre lies, from 0, to half a pixel.
        column: The same across.
    """

    box: float
    by_mass: bool
    row: float
    column: float


def framing(images: NDArray[np.uint8]) -> Framing:
    """Return how the first images lie in their frames.

    Args:
        images: (n, height, width) uint8, 0-255.
    """
    height, width = images.shape[1:]
    inked = images[:_EXAMPLES][images[:_EXAMPLES].any(axis=(1, 2))]
    if not len(inked):
        return Framing(20 / 28, True, height // 2, width // 2)
    edges = [_edges(np.asarray(inked.any(axis=axis))) for axis in (2, 1)]  # of rows, of columns
    shares = [
        (last - first + 1) / side
        for (first, last), side in zip(edges, (height, width), strict=True)
    ]
    boxes = np.stack([(first + last) / 2 for first, last in edges])
    masses = np.stack([_means(inked.sum(axis=axis)) for axis in (2, 1)])
    by_mass = bool(masses.std(axis=1).sum() <= boxes.std(axis=1).sum())
    row, column = np.median(masses if by_mass else boxes, axis=1).tolist()
    box = float(np.median(np.maximum(*shares)))
    return Framing(box, by_mass, round(2 * row) / 2, round(2 * column) / 2)


def _edges(inked: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last place with ink of each image."""
    return inked.argmax(axis=1), inked.shape[1] - 1 - inked[:, ::-1].argmax(axis=1)


def _means(ink: NDArray[np.integer]) -> NDArray[np.float64]:
    """The mean place of the ink of each image."""
    return np.asarray(ink @ np.arange(ink.shape[1]) / ink.sum(axis=1), dtype=np.float64)
