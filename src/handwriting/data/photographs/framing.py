"""A digit framed as MNIST's makers did: scaled into a box, placed by its centre of mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BOX = 20 / 28
"""Share of the frame's side that a digit fills (LeCun et al., 1998: 20 of 28 pixels)."""


def framed(ink: NDArray[np.uint8], shape: tuple[int, int] = (28, 28)) -> NDArray[np.uint8]:
    """A digit in a frame, of that shape, uint8, 0 paper to 255 ink; all 0 where there is no ink.

    Its box keeps its proportions and is averaged by area; its centre of mass, counted from the
    middle of the first pixel, comes to half the frame's sides, as near as whole pixels allow.

    Args:
        ink: (height, width) uint8, 0 paper to 255 ink.
        shape: height and width of the frame.
    """
    frame = np.zeros(shape, np.uint8)
    lines, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    if not lines.size:
        return frame
    box = ink[lines[0] : lines[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float64)
    scale = min(BOX * side / length for side, length in zip(shape, box.shape, strict=True))
    height, width = (max(1, int(_rounded(length * scale))) for length in box.shape)
    small = _shares(box.shape[0], height) @ box @ _shares(box.shape[1], width).T
    masses = small.sum(axis=1), small.sum(axis=0)
    top, left = (
        int(_rounded(side / 2 - mass @ np.arange(len(mass)) / mass.sum()))
        for side, mass in zip(shape, masses, strict=True)
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
