"""Digits found in a photograph, line by line, each cut out with its own ink only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs import grouping, ink, touching
from handwriting.data.photographs.opening import Photograph
from handwriting.data.photographs.grouping import Piece

_INKED = 90
"""Strength from which on a pixel belongs to a stroke."""

_THIN = 0.105
"""Width of a stroke as a share of the digit's longer side, which MNIST's pens come to at least."""


@dataclass(frozen=True, eq=False)
class CutOut:
    """A digit of a page.

    Attributes:
        top, left, bottom, right: its box in pixels of the photograph, the last two exclusive.
        line: which line of digits it stands in, from 0.
        place: which digit of its line it is, from 0.
        ink: (bottom - top, right - left) uint8, 0 paper to 255 ink, of this digit alone.
    """

    top: int
    left: int
    bottom: int
    right: int
    line: int
    place: int
    ink: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Page:
    """The digits of a photograph in reading order.

    Attributes:
        digits: line by line, each line from left to right.
        height, width: of the photograph in pixels.
        remarks: sentences on what is odd.
    """

    digits: tuple[CutOut, ...]
    height: int
    width: int
    remarks: tuple[str, ...]


def digits(photograph: Photograph) -> Page:
    """The digits of a photograph."""
    height, width = photograph.pixels.shape[:2]
    strength = ink.strength(photograph.pixels)
    labels, pieces = _pieces(strength)
    groups = touching.parted(labels, grouping.grouped(labels, pieces))
    lines = grouping.in_lines(groups)
    found = tuple(
        _cut_out(strength, labels, group, line, place)
        for line, row in enumerate(lines)
        for place, group in enumerate(row)
    )
    remarks = () if found else ("No digit was found.",)
    return Page(found, height, width, remarks)


def _pieces(strength: NDArray[np.uint8]) -> tuple[NDArray[np.int32], list[Piece]]:
    """Connected strokes: the label of each pixel, 0 for paper, and where each lies."""
    labels, _ = ndimage.label(strength >= _INKED, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())
    pieces = []
    for number, place in enumerate(ndimage.find_objects(labels), 1):
        rows, columns = place
        own = labels[place] == number
        width = ink.stroke_width(np.pad(own, 1))
        pieces.append(
            Piece((number,), rows.start, columns.start, rows.stop, columns.stop, int(sizes[number]), width)
        )
    return labels, pieces


def _cut_out(strength, labels, group, line, place):
    thin = _THIN * max(group.height, group.width) - group.stroke
    reach = max(1, round(thin / 2) + 1)
    top, left = max(0, group.top - reach), max(0, group.left - reach)
    bottom, right = min(labels.shape[0], group.bottom + reach), min(labels.shape[1], group.right + reach)
    own = np.isin(labels[top:bottom, left:right], group.numbers)
    soft = strength[top:bottom, left:right] * ndimage.binary_dilation(own)
    return CutOut(top, left, bottom, right, line, place, thickened(soft, thin))


def thickened(amount: NDArray[np.uint8], by: float) -> NDArray[np.uint8]:
    """Ink whose strokes are wider by so many pixels, a disc around each of their pixels.

    A pen's line of one pixel in 40 is half a pixel of MNIST's, and grey: the digit is made as bold
    as MNIST's before it is framed, since a frame has no pixels left to do it in.
    """
    if by < 0.5:
        return amount
    radius = by / 2
    reach = int(np.ceil(radius))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    share = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1)
    found = amount.astype(np.float32)
    padded = np.pad(found, reach)
    for row, column in np.argwhere(share > 0):
        moved = padded[row : row + amount.shape[0], column : column + amount.shape[1]]
        found = np.maximum(found, moved * share[row, column])
    return np.asarray(found, np.uint8)
