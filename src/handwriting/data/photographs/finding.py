"""Digits found in a photograph, line by line, each cut out with its own ink only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs import grouping, ink, reading_order, touching
from handwriting.data.photographs.grouping import Labels, Piece
from handwriting.data.photographs.opening import Photograph

_INKED = 90
"""Strength from which on a pixel belongs to a stroke."""

_BOLD = 0.12
"""Width of a stroke as a share of the digit's longer side: MNIST's median, 2.4 of 20 pixels."""


@dataclass(frozen=True, eq=False)
class CutOut:
    """A digit of a page.

    Attributes:
        top: of its box, in pixels of the photograph.
        left: likewise.
        bottom: likewise, exclusive.
        right: likewise, exclusive.
        line: which line of digits it stands in, from 0.
        place: which digit of its line it is, from 0.
        ink: (bottom - top, right - left) uint8, 0 paper to 255 ink, of this digit alone; strokes
            thinner than MNIST's are as bold as those.
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
    """The digits of a photograph.

    Attributes:
        digits: in reading order, line by line, each line from left to right.
        height: of the photograph, in pixels.
        width: likewise.
        remarks: sentences on what is odd.
    """

    digits: tuple[CutOut, ...]
    height: int
    width: int
    remarks: tuple[str, ...]


def digits(photograph: Photograph) -> Page:
    """The digits of a photograph, in reading order."""
    height, width = photograph.pixels.shape[:2]
    strength = ink.strength(photograph.pixels)
    labels, _ = ndimage.label(strength >= _INKED, np.ones((3, 3)))
    groups = grouping.grouped(labels, grouping.pieces(labels))
    parted = touching.parted(labels, groups)
    found = tuple(
        _cut_out(strength, labels, group, (line, place))
        for line, row in enumerate(reading_order.lines(parted))
        for place, group in enumerate(row)
    )
    border = sum(_at_border(group, height, width) for group in parted)
    cuts = len(parted) - len(groups)
    remarks = {
        "No digit was found.": not found,
        f"Digits at the photograph's border, where they may be cut: {border}.": border,
        f"Cuts between digits that touch: {cuts}.": cuts,
    }
    return Page(found, height, width, tuple(each for each, holds in remarks.items() if holds))


def _at_border(group: Piece, height: int, width: int) -> bool:
    return min(group.top, group.left) == 0 or group.bottom == height or group.right == width


def _cut_out(
    strength: NDArray[np.uint8], labels: Labels, group: Piece, position: tuple[int, int]
) -> CutOut:
    lacking = _BOLD * group.side - group.stroke
    reach = max(1, int(np.ceil(lacking / 2)))
    top, left = max(0, group.top - reach), max(0, group.left - reach)
    height, width = labels.shape
    bottom, right = min(height, group.bottom + reach), min(width, group.right + reach)
    box = slice(top, bottom), slice(left, right)
    own = ndimage.binary_dilation(np.isin(labels[box], group.numbers))
    return CutOut(top, left, bottom, right, *position, _bolder(strength[box] * own, lacking))


def _bolder(amount: NDArray[np.uint8], by: float) -> NDArray[np.uint8]:
    """Ink whose strokes are wider by so many pixels, half of them on each side.

    A line of one pixel in 40 comes to half a pixel of MNIST's, and so is grey. Digits are made as
    bold as MNIST's while there are pixels to do it in, before they are framed.
    """
    if by <= 0 or not (amount >= _INKED).any():
        return amount
    away = ndimage.distance_transform_edt(amount < _INKED)
    grown = np.clip(by / 2 + 1 - away, 0, 1) * 255
    return np.asarray(np.where(away > 0, np.maximum(amount, grown), amount), np.uint8)
