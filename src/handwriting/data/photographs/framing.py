"""A digit framed as MNIST's makers did: scaled into a box, placed by its centre of mass."""

from __future__ import annotations

<<<<<<< HEAD
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FRAMED = 2000  # images that are looked at for how they lie in their frames


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
    inked = images[:_FRAMED][images[:_FRAMED].any(axis=(1, 2))]
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


def framed(
    ink: NDArray[np.uint8], shape: tuple[int, int] = (28, 28), like: Framing | None = None
) -> NDArray[np.uint8]:
    """A digit in a frame, of that shape, uint8, 0 paper to 255 ink; all 0 where there is no ink.

    Its box keeps its proportions and is averaged by area; its centre comes where it lies in other
    images, as near as whole pixels allow.
=======
import numpy as np
from numpy.typing import NDArray

BOX = 20 / 28
"""Share of the frame's side that a digit fills (LeCun et al., 1998: 20 of 28 pixels)."""


def framed(ink: NDArray[np.uint8], shape: tuple[int, int] = (28, 28)) -> NDArray[np.uint8]:
    """A digit in a frame, of that shape, uint8, 0 paper to 255 ink; all 0 where there is no ink.

    Its box keeps its proportions and is averaged by area; its centre of mass, counted from the
    middle of the first pixel, comes to half the frame's sides, as near as whole pixels allow.
>>>>>>> F-30

    Args:
        ink: (height, width) uint8, 0 paper to 255 ink.
        shape: height and width of the frame.
<<<<<<< HEAD
        like: how ink lies in those; as in MNIST where nothing is said.
    """
    like = like or Framing(20 / 28, True, shape[0] / 2, shape[1] / 2)
=======
    """
>>>>>>> F-30
    frame = np.zeros(shape, np.uint8)
    lines, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    if not lines.size:
        return frame
    box = ink[lines[0] : lines[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float64)
<<<<<<< HEAD
    scale = min(like.box * side / length for side, length in zip(shape, box.shape, strict=True))
    height, width = (max(1, int(_rounded(length * scale))) for length in box.shape)
    small = _shares(box.shape[0], height) @ box @ _shares(box.shape[1], width).T
    masses = small.sum(axis=1), small.sum(axis=0)
    centres = (
        mass @ np.arange(len(mass)) / mass.sum() if like.by_mass else (len(mass) - 1) / 2
        for mass in masses
    )
    top, left = (
        int(_rounded(at - centre))
        for at, centre in zip((like.row, like.column), centres, strict=True)
=======
    scale = min(BOX * side / length for side, length in zip(shape, box.shape, strict=True))
    height, width = (max(1, int(_rounded(length * scale))) for length in box.shape)
    small = _shares(box.shape[0], height) @ box @ _shares(box.shape[1], width).T
    masses = small.sum(axis=1), small.sum(axis=0)
    top, left = (
        int(_rounded(side / 2 - mass @ np.arange(len(mass)) / mass.sum()))
        for side, mass in zip(shape, masses, strict=True)
>>>>>>> F-30
    )
    held = np.pad(_rounded(small).astype(np.uint8), [(side, side) for side in shape])
    rows, row = shape[0] - top, shape[1] - left
    return np.ascontiguousarray(held[rows : rows + shape[0], row : row + shape[1]])


def _shares(length: int, count: int) -> NDArray[np.float64]:
    """(count, length): how much of each of so many cells lies on each pixel of a side, 1 in all."""
    edges = np.arange(count + 1)[:, None] * length / count
    pixels = np.arange(length)
    covered = np.diff(np.clip(edges, pixels, pixels + 1), axis=0)
    return np.asarray(covered * count / length)


def _rounded(numbers: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Whole numbers nearest to some, halves upwards, as a script's `Math.round` does."""
    return np.floor(np.asarray(numbers) + 0.5)
