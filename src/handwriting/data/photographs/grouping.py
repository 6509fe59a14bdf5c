"""Pieces of strokes put together to digits; what is none is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs import ink

_LOOP = 0.15
"""Share of its box that a 0 encloses at least."""

Labels = NDArray[np.signedinteger[Any]]
"""(height, width): which connected stroke each pixel belongs to, from 1; 0 is paper."""

_SPECK = 6
"""Pixels that a piece has at least."""


@dataclass(frozen=True)
class Piece:
    """Connected ink, or what has been put together of it: a box in pixels.

    Attributes:
        numbers: the labels of its connected parts.
        area: pixels of ink.
        stroke: the width of its strokes in pixels.
        loop: pixels of paper that it encloses.
    """

    numbers: tuple[int, ...]
    top: int
    left: int
    bottom: int
    right: int
    area: int
    stroke: float
    loop: int = 0

    @property
    def height(self) -> int:
        """From top to bottom, in pixels."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """From left to right, in pixels."""
        return self.right - self.left

    @property
    def side(self) -> int:
        """The longer of both."""
        return max(self.height, self.width)


def pieces(labels: Labels) -> list[Piece]:
    """Each connected stroke.

    Args:
        labels: (height, width), which stroke each pixel belongs to; 0 is paper.
    """
    found = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        own = labels[rows, columns] == number
        stroke = ink.stroke_width(np.pad(own, 1))
        box = rows.start, columns.start, rows.stop, columns.stop
        loop = int(ndimage.binary_fill_holes(own).sum() - own.sum())
        found.append(Piece((number,), *box, int(own.sum()), stroke, loop))
    return found


def grouped(labels: Labels, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces put together to digits; what is none is left out."""
    kept = _without_enclosing([each for each in pieces if each.area >= _SPECK])
    for _ in range(2):  # once digits are whole, it is known better how large they are
        usual = usual_side(kept)
        kept = [each for each in kept if 0.07 * usual <= each.side <= 5 * usual]
        kept = _joined(labels, kept, usual)
    usual = usual_side(kept)
    return [each for each in kept if _is_large(each, usual) and each.height >= 0.45 * each.width]


def _is_large(piece: Piece, usual: float) -> bool:
    """Whether a piece is no dot or dash among digits of that side; many write a 0 much smaller."""
    zero = piece.loop > _LOOP * piece.height * piece.width
    side, height = (0.25, 0.2) if zero else (0.4, 0.3)
    return piece.side >= max(side * usual, 3 * piece.stroke) and piece.height >= height * usual


def usual_side(pieces: Sequence[Piece]) -> float:
    """The longer side that half of all strokes, by their length, belong to smaller pieces than."""
    order = sorted(pieces, key=lambda each: each.side)
    lengths = np.cumsum([each.area / each.stroke for each in order])
    middle = int(np.searchsorted(lengths, lengths[-1] / 2)) if order else 0
    return float(order[middle].side) if order else 0.0


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


def _joined(labels: Labels, pieces: Sequence[Piece], usual: float) -> list[Piece]:
    """Pieces put together, the nearest first, as long as what they come to may be a digit."""
    near = []
    for first, second in combinations(range(len(pieces)), 2):
        reach = _reach(pieces[first], pieces[second], usual)
        if _gap(pieces[first], pieces[second]) <= reach:
            distance = _distance(labels, pieces[first], pieces[second])
            if distance <= reach:
                near.append((distance, first, second))
    whole = {number: (each, {number}) for number, each in enumerate(pieces)}
    for distance, *pair in sorted(near):
        (one, some), (other, others) = (whole[number] for number in pair)
        if one is not other and _may_belong(one, other, distance, usual):
            union = _union(one, other), some | others
            whole.update(dict.fromkeys(union[1], union))
    return list({id(each): each for each, _ in whole.values()}.values())


def _reach(first: Piece, second: Piece, usual: float) -> float:
    """Pixels that two pieces of a digit may be apart; none for a dot."""
    stroke = max(first.stroke, second.stroke)
    if min(first.side, second.side) < 1.8 * stroke:
        return -1
    return max(0.3 * usual, 1.5 * stroke)


def _gap(first: Piece, second: Piece) -> int:
    """Pixels between two boxes."""
    down = max(first.top, second.top) - min(first.bottom, second.bottom)
    across = max(first.left, second.left) - min(first.right, second.right)
    return max(down, across)


def _may_belong(first: Piece, second: Piece, distance: float, usual: float) -> bool:
    """Whether two pieces, so far apart, may be of one digit."""
    union = _union(first, second)
    shared = min(first.right, second.right) - max(first.left, second.left)
    below = shared > 0.5 * min(first.width, second.width)
    broken = below and distance <= max(first.stroke, second.stroke)
    highest = (2.2 if broken else 1.6) * usual
    if union.height > highest or union.width > 1.35 * max(usual, union.height):
        return False
    if min(first.height, second.height) > 0.8 * usual and not below:
        return False
    if below:
        bar = min(first.height, second.height) < 0.4 * usual and union.height < 1.4 * usual
        return distance <= (0.3 if bar else 0.2) * usual
    return distance <= max(0.12 * usual, 1.3 * max(first.stroke, second.stroke))


def _union(first: Piece, second: Piece) -> Piece:
    area = first.area + second.area
    return Piece(
        first.numbers + second.numbers,
        min(first.top, second.top),
        min(first.left, second.left),
        max(first.bottom, second.bottom),
        max(first.right, second.right),
        area,
        (first.area * first.stroke + second.area * second.stroke) / area,
        first.loop + second.loop,
    )


def _distance(labels: Labels, first: Piece, second: Piece) -> float:
    union = _union(first, second)
    crop = labels[union.top : union.bottom, union.left : union.right]
    away = ndimage.distance_transform_edt(~np.isin(crop, first.numbers))
    return float(away[np.isin(crop, second.numbers)].min())
