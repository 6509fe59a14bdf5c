"""Printed boxes with a digit in each: their frames are taken out of the ink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs import straight_lines

_REDUCED = 1500
"""Pixels of the longer side of what boxes are looked for in."""

_MOST = 400
"""Pieces of paper enclosed by ink that are looked at: where there are more, it is squared."""

_TILTS = np.tan(np.radians(np.arange(-12, 12.1, 2.0)))

_SMALLEST = 14
"""Pixels, of those, that a box is high and wide at least."""

_PAPER = 0.5
"""Share of its extent that a box is of paper, tilted and with something in it."""

_STRAIGHT = 0.75
"""Share of a side that lies on a straight line in at least three sides of a box."""

_TOUCHED = 0.35
"""Share of the fourth, which a digit may touch."""

_TOLERANCE = 0.035
"""Share of a box's shorter side within which its sides are straight."""

_MARGIN = 0.12
"""Share of a box's shorter side along its frame that may be inked by chance."""

_HELD = 0.2
"""Share of a box's shorter side that something written into it is long at least."""

_ENCLOSED = 0.3
"""Share of a frame's extent that lies within its boxes; of that of a 6 little lies in its loop."""


@dataclass(frozen=True, eq=False)
class _Box:
    """A printed box: its place, what lies within its frame there, and whether that holds ink."""

    place: tuple[slice, ...]
    inside: NDArray[np.bool_]
    held: bool


@dataclass(frozen=True, eq=False)
class _Side:
    """One side of a piece of paper.

    Attributes:
        edge: (n,) int64, where the outermost paper of each row or column is.
        sign: 1 where out is towards higher numbers, -1 where towards lower ones.
        turn: 1 for the left and right side, -1 for the others, which a tilt moves the other way.
    """

    edge: NDArray[np.int64]
    sign: int
    turn: int

    def straight(self, tilt: float, tolerance: float) -> tuple[NDArray[np.bool_], float]:
        """(n,) bool, what of it lies on its outermost line of that tilt, and the share that does.

        What is near a corner belongs to two sides of a tilted box, and is not counted.
        """
        along = np.arange(len(self.edge)) - len(self.edge) / 2
        out = self.sign * (self.edge + self.turn * tilt * along)
        usual = slice(round(0.2 * len(out)), round(0.8 * len(out)) + 1)
        on = out >= np.percentile(out[usual], 96) - tolerance
        return on, float(on[usual].mean())

    def fitted(self, on: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(n,) float64, the line through what of it is the box's, and not written on."""
        along = np.arange(len(self.edge))
        return np.asarray(Polynomial.fit(along[on], self.edge[on], 1)(along))


def without_frames(contrast: NDArray[np.float32]) -> NDArray[np.float32]:
    """The contrast without the frames of boxes, where at least half of them hold something.

    Args:
        contrast: (height, width) float32, 0 paper, 1 black.
    """
    factor = max(1, round(max(contrast.shape) / _REDUCED))
    mask = straight_lines.reduced(contrast > 0, factor)
    boxes = _boxes(mask)
    if 2 * sum(box.held for box in boxes) < max(1, len(boxes)):
        return contrast
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    inside = np.zeros(mask.shape, bool)
    enclosed = np.zeros(count + 1)
    for box in boxes:
        inside[box.place] |= box.inside
        around = ndimage.binary_dilation(box.inside, iterations=3) & ~box.inside
        enclosed[np.unique(labels[box.place][around])] += box.inside.sum()
    extents = [labels[place].size for place in ndimage.find_objects(labels)]
    frame = enclosed > _ENCLOSED * np.array([np.inf, *extents])
    gone = frame[labels] & ~inside
    height, width = contrast.shape
    gone = gone.repeat(factor, axis=0).repeat(factor, axis=1)[:height, :width]
    return np.where(gone, np.float32(0), contrast)


def _boxes(mask: NDArray[np.bool_]) -> list[_Box]:
    """The rectangular pieces of paper that ink encloses."""
    holes, _ = ndimage.label(~mask)
    candidates = []
    for number, place in enumerate(ndimage.find_objects(holes), 1):
        sides = np.array([each.stop - each.start for each in place])
        whole = all(
            each.start > 0 and each.stop < side
            for each, side in zip(place, mask.shape, strict=True)
        )
        if whole and (sides >= _SMALLEST).all():
            candidates.append((number, place))
    if len(candidates) > _MOST:
        return []
    boxes = [_box(holes, number, place) for number, place in candidates]
    return [box for box in boxes if box is not None]


def _box(holes: NDArray[Any], number: int, place: tuple[slice, ...]) -> _Box | None:
    around = (
        slice(place[0].start - 1, place[0].stop + 1),
        slice(place[1].start - 1, place[1].stop + 1),
    )
    paper = holes[around] == number
    inside = _rectangle(paper) if paper.mean() > _PAPER else None
    if inside is None:
        return None
    margin = max(1, round(_MARGIN * min(paper.shape)))
    middle = ndimage.binary_erosion(inside, iterations=margin)
    written, _ = ndimage.label(middle & ~paper, np.ones((3, 3)))
    sizes = [each.stop - each.start for found in ndimage.find_objects(written) for each in found]
    return _Box(around, inside, max(sizes, default=0) >= _HELD * min(paper.shape))


def _rectangle(paper: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """What lies within the four straight sides of a piece of paper, or None where it has none."""
    height, width = paper.shape
    sides = (
        _Side(paper.argmax(axis=1), -1, 1),
        _Side(width - 1 - paper[:, ::-1].argmax(axis=1), 1, 1),
        _Side(paper.argmax(axis=0), -1, -1),
        _Side(height - 1 - paper[::-1].argmax(axis=0), 1, -1),
    )
    tolerance = max(1.5, _TOLERANCE * min(height, width))
    best, found = 0.0, None
    for tilt in _TILTS:
        straight = [side.straight(tilt, tolerance) for side in sides]
        shares = sorted(share for _, share in straight)
        if shares[0] >= _TOUCHED and shares[1] >= _STRAIGHT and sum(shares) > best:
            best, found = sum(shares), straight
    if found is None:
        return None
    lines = [side.fitted(on) for side, (on, _) in zip(sides, found, strict=True)]
    return _within(paper.shape, lines)


def _within(shape: tuple[int, ...], lines: list[NDArray[np.float64]]) -> NDArray[np.bool_]:
    """What lies a pixel or two within the left, right, upper and lower line of a box."""
    height, width = shape
    rows, columns = np.mgrid[:height, :width]
    left, right, upper, lower = lines
    inset = 1.5
    return np.asarray(
        (columns >= left[:, None] + inset)
        & (columns <= right[:, None] - inset)
        & (rows >= upper + inset)
        & (rows <= lower - inset)
    )
