"""Long lines of a photograph, as ruled paper has them: nearly level, and nearly straight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray
from scipy import ndimage

RUN = 0.12
"""Share of the page's side that a piece of a line is long, and no stroke of a digit straight."""

_REDUCED = 900
"""Pixels of the longer side of what lines are looked for in."""

_TILTS = np.tan(np.radians(np.arange(-12, 12.1, 0.75)))

_INKED = 0.92
"""Share of such a piece that is inked: noise breaks lines."""

_LONG = 0.4
"""Share of the page's side that a line is long by which ruled paper is known."""

_SLENDER = 40
"""Times that such a line is longer than it is thick: no digit's stroke is, however large."""

_EDGE = 0.02
"""Share of the page's side within which of the border a line is the paper's edge."""


@dataclass(frozen=True, eq=False)
class Line:
    """A nearly level line.

    Attributes:
        left: its first column.
        rows: (n,) float64, where its middle lies in each column from there on.
        thickness: in pixels.
    """

    left: int
    rows: NDArray[np.float64]
    thickness: float

    @property
    def columns(self) -> NDArray[np.int64]:
        """(n,) int64, one for each of its rows."""
        return self.left + np.arange(len(self.rows))


def rules(contrast: NDArray[np.float32]) -> list[Line]:
    """The nearly level lines of ruled paper, in pixels of the contrast; none where it is plain.

    Args:
        contrast: (height, width) float32, above 0 where there is ink.
    """
    factor = max(1, round(max(contrast.shape) / _REDUCED))
    mask = reduced(contrast > 0, factor)
    height, width = mask.shape
    lines = [
        line
        for line in _straight(mask)
        if _EDGE * height < np.median(line.rows) < (1 - _EDGE) * height
    ]
    long = [
        line for line in lines if len(line.rows) >= max(_LONG * width, _SLENDER * line.thickness)
    ]
    if len(long) == 1 and len(long[0].rows) < 2 * _LONG * width:
        return []
    if len(long) > 2:  # paper has two edges itself; with more it is ruled, and some are cut short
        thickest = 1.5 * float(np.median([line.thickness for line in long]))
        shortest = _LONG / 2 * width
        long = [line for line in lines if len(line.rows) >= shortest and line.thickness <= thickest]
    return [_enlarged(line, factor, contrast.shape[1]) for line in long]


def reduced(mask: NDArray[np.bool_], factor: int) -> NDArray[np.bool_]:
    """A mask made smaller: a cell is set where any of its pixels is."""
    padded = np.pad(mask, [(0, -side % factor) for side in mask.shape])
    rows, columns = (side // factor for side in padded.shape)
    cells = padded.reshape(rows, factor, columns, factor)
    return np.asarray(cells.any(axis=(1, 3)))


def _straight(mask: NDArray[np.bool_]) -> list[Line]:
    """What is inked along a straight piece of `RUN`, joined to lines."""
    height, width = mask.shape
    run = max(15, round(RUN * width))
    thick = ndimage.maximum_filter1d(mask, 3, axis=0)
    columns = np.arange(width)
    pieces = np.zeros(mask.shape, bool)
    for tilt in _TILTS:
        shift = np.rint(tilt * (columns - width // 2)).astype(int)
        shifted = np.arange(height)[:, None] + shift
        inside = (shifted >= 0) & (shifted < height)
        sheared = thick[np.clip(shifted, 0, height - 1), columns] & inside
        share = ndimage.uniform_filter1d(sheared.astype(np.float32), run, axis=1, mode="constant")
        found = share >= _INKED
        if found.any():
            found = ndimage.maximum_filter1d(found, run, axis=1) & sheared
            rows, places = np.nonzero(found)
            pieces[shifted[rows, places], places] = True
    labels, _ = ndimage.label(pieces, np.ones((3, 3)))
    return [
        _line(labels[box] == number, box)
        for number, box in enumerate(ndimage.find_objects(labels), 1)
        if box[1].stop - box[1].start >= run / 2
    ]


def _line(own: NDArray[np.bool_], box: tuple[slice, ...]) -> Line:
    """The middle of connected pieces, smoothed: a cubic, which follows paper that is not flat."""
    count = own.sum(axis=0)
    middle = box[0].start + np.arange(len(own)) @ own / count
    across = np.arange(len(middle))
    # Where a digit's stroke lies on the line it is thicker there, and its middle elsewhere.
    usual = count <= np.median(count) + 1
    smooth = Polynomial.fit(across[usual], middle[usual], 3)
    return Line(box[1].start, smooth(across), max(1.0, float(np.median(count)) - 2))


def _enlarged(line: Line, factor: int, width: int) -> Line:
    """A line in pixels of the photograph, a little longer than what was found of it."""
    length = len(line.rows)
    reach = max(8, length // 12)
    across = np.arange(length)
    before = Polynomial.fit(across[: 4 * reach], line.rows[: 4 * reach], 1)
    after = Polynomial.fit(across[-4 * reach :], line.rows[-4 * reach :], 1)
    ends = before(np.arange(-reach, 0)), after(np.arange(length, length + reach))
    rows = np.concatenate([ends[0], line.rows, ends[1]])
    places = (np.arange(len(rows)) + line.left - reach + 0.5) * factor
    left, right = max(0, int(places[0])), min(width, int(places[-1]))
    full = np.interp(np.arange(left, right), places, (rows + 0.5) * factor - 0.5)
    return Line(left, full, line.thickness * factor)
