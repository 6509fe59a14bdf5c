"""Pieces of strokes put together to digits, and digits into lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


@dataclass(frozen=True)
class Piece:
    """Connected ink, or what has been put together of it: a box in pixels.

    Attributes:
        numbers: the labels of its connected parts.
        area: pixels of ink.
        stroke: the width of its strokes in pixels.
    """

    numbers: tuple[int, ...]
    top: int
    left: int
    bottom: int
    right: int
    area: int
    stroke: float

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def side(self) -> int:
        return max(self.height, self.width)

    def within(self, top, left, shape):
        return np.ones(shape, bool)


def grouped(labels: NDArray[np.int32], pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces put together to digits; what is none is left out."""
    kept = [each for each in pieces if each.area >= 6]
    kept = _without_enclosing(kept)
    if not kept:
        return []
    usual = _usual_side(kept)
    kept = [each for each in kept if 0.07 * usual <= each.side <= 4 * usual]
    groups = _joined(labels, kept, usual)
    whole = _usual_side(groups)
    return [
        each
        for each in groups
        if each.side >= 0.4 * whole and each.side >= 2.2 * each.stroke and each.height >= 0.3 * whole
    ]


def _usual_side(pieces: Sequence[Piece]) -> float:
    """The side that half of the ink's outline belongs to larger ones than."""
    order = sorted(pieces, key=lambda each: each.side)
    lengths = np.cumsum([each.area / each.stroke for each in order])
    return float(order[int(np.searchsorted(lengths, lengths[-1] / 2))].side)


def _without_enclosing(pieces: Sequence[Piece]) -> list[Piece]:
    """Without what encloses several others, as an edge of the paper or a frame does."""
    return [
        each
        for each in pieces
        if sum(_holds(each, other) for other in pieces if other.side > 0.1 * each.side) < 3
    ]


def _holds(outer: Piece, inner: Piece) -> bool:
    return (
        outer is not inner
        and outer.top <= inner.top
        and outer.left <= inner.left
        and outer.bottom >= inner.bottom
        and outer.right >= inner.right
    )


def _joined(labels: NDArray[np.int32], pieces: Sequence[Piece], usual: float) -> list[Piece]:
    groups = sorted(pieces, key=lambda each: -each.area)
    changed = True
    while changed:
        changed = False
        for first in groups:
            for second in groups:
                if second.area <= first.area and second is not first and _belong(labels, first, second, usual):
                    groups = [each for each in groups if each is not first and each is not second]
                    groups.append(_union(first, second))
                    groups.sort(key=lambda each: -each.area)
                    changed = True
                    break
            if changed:
                break
    return groups


def _union(first: Piece, second: Piece) -> Piece:
    area = first.area + second.area
    stroke = (first.area * first.stroke + second.area * second.stroke) / area
    return Piece(
        first.numbers + second.numbers,
        min(first.top, second.top),
        min(first.left, second.left),
        max(first.bottom, second.bottom),
        max(first.right, second.right),
        area,
        stroke,
    )


def _belong(labels: NDArray[np.int32], first: Piece, second: Piece, usual: float) -> bool:
    """Whether the smaller second is part of the digit that the first is part of."""
    down = max(first.top, second.top) - min(first.bottom, second.bottom)
    across = max(first.left, second.left) - min(first.right, second.right)
    gap = max(down, across)
    stroke = max(first.stroke, second.stroke)
    near = max(0.2 * usual, 1.5 * stroke)
    if gap > near or second.side < 1.8 * stroke:
        return False
    union = _union(first, second)
    if union.height > 1.5 * usual or union.width > 1.25 * usual:
        return False
    overlap = -across / max(1, min(first.width, second.width))
    if min(first.height, second.height) > 0.7 * usual and overlap < 0.5:
        return False
    distance = _distance(labels, first, second)
    if overlap > 0.5:
        return distance <= near
    return distance <= 0.6 * near


def _distance(labels: NDArray[np.int32], first: Piece, second: Piece) -> float:
    union = _union(first, second)
    crop = labels[union.top : union.bottom, union.left : union.right]
    away = ndimage.distance_transform_edt(~np.isin(crop, first.numbers))
    return float(away[np.isin(crop, second.numbers)].min())


def in_lines(groups: Sequence[Piece]) -> list[list[Piece]]:
    """The digits line by line from above, each from left to right."""
    if not groups:
        return []
    height = float(np.median([each.height for each in groups]))
    middles = np.array([[(each.top + each.bottom) / 2, (each.left + each.right) / 2] for each in groups])
    slope = _tilt(middles, height)
    level = middles[:, 0] - slope * middles[:, 1]
    lines: list[list[int]] = []
    for number in np.argsort(middles[:, 1]):
        distances = [abs(level[number] - np.mean(level[line[-3:]])) for line in lines]
        if distances and min(distances) < 0.6 * height:
            lines[int(np.argmin(distances))].append(int(number))
        else:
            lines.append([int(number)])
    lines.sort(key=lambda line: float(np.mean(level[line])))
    return [[groups[number] for number in line] for line in lines]


def _tilt(middles: NDArray[np.float64], height: float) -> float:
    """The slope of the lines: the one at which the digits' middles lie closest together."""
    slopes = np.tan(np.radians(np.arange(-15, 15.1, 0.5)))
    costs = []
    for slope in slopes:
        level = np.sort(middles[:, 0] - slope * middles[:, 1])
        costs.append(np.minimum(np.diff(level), 0.5 * height).sum() + 0.02 * height * abs(slope) * len(level))
    return float(slopes[int(np.argmin(costs))])
