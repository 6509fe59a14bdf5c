"""Printed boxes with a digit in each: their frames are taken out of the ink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs import ruling

_REDUCED = 1500
_MOST = 400
"""Boxes that are looked at: paper with more of them is squared."""

_TILTS = np.tan(np.radians(np.arange(-12, 12.1, 1.0)))
_SMALLEST = 14
_STRAIGHT = 0.75
"""Share of a side that lies on a straight line in at least three sides of a box."""

_TOUCHED = 0.35
"""Share of the fourth, which a digit may touch."""

_MARGIN = 0.12
"""Share of a box's side along its frame that may be inked by chance."""

_HELD = 0.02
"""Share of a box that is inked where something is written into it."""


def without_frames(contrast: NDArray[np.float32]) -> NDArray[np.float32]:
    """The contrast without the frames of boxes, where at least half of them hold something.

    Args:
        contrast: (height, width) float32, 0 paper, 1 black.
    """
    factor = max(1, round(max(contrast.shape) / _REDUCED))
    mask = ruling.reduced(contrast > 0, factor)
    boxes = _boxes(mask)
    if 2 * sum(held for _, held, _ in boxes) < max(1, len(boxes)):
        return contrast
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    inside = np.zeros(mask.shape, bool)
    frame = np.zeros(count + 1, bool)
    for place, _, within in boxes:
        inside[place] |= within
        hull = ndimage.binary_dilation(within, iterations=3) & ~within
        frame[np.unique(labels[place][hull])] = True
    frame[0] = False
    gone = frame[labels] & ~inside
    gone = np.repeat(np.repeat(gone, factor, 0), factor, 1)[: contrast.shape[0], : contrast.shape[1]]
    return np.where(gone, np.float32(0), contrast)


def _boxes(mask: NDArray[np.bool_]) -> list[tuple[tuple[slice, slice], bool, NDArray[np.bool_]]]:
    """Each box: its place, whether something is written into it, and its inside within the place."""
    holes, _ = ndimage.label(~mask)
    height, width = mask.shape
    found = []
    places = [
        (number, place)
        for number, place in enumerate(ndimage.find_objects(holes), 1)
        if all(_SMALLEST <= each.stop - each.start <= 0.6 * side for each, side in zip(place, mask.shape, strict=True))
        and place[0].start > 0 and place[1].start > 0 and place[0].stop < height and place[1].stop < width
    ]
    if len(places) > _MOST:
        return []
    for number, (rows, columns) in places:
        around = (slice(rows.start - 1, rows.stop + 1), slice(columns.start - 1, columns.stop + 1))
        paper = holes[around] == number
        within = _rectangle(paper)
        if within is not None:
            margin = max(1, round(_MARGIN * min(paper.shape)))
            middle = ndimage.binary_erosion(within, iterations=margin)
            held = bool(middle.any() and paper[middle].mean() < 1 - _HELD)
            found.append((around, held, within))
    return found


def _rectangle(paper: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """What lies within the four straight sides of a piece of paper, or None where it has none."""
    height, width = paper.shape
    best, sides = 0.0, None
    edges = [
        (paper.argmax(axis=1), height, 1),
        (width - 1 - paper[:, ::-1].argmax(axis=1), height, -1),
        (paper.argmax(axis=0), width, 1),
        (height - 1 - paper[::-1].argmax(axis=0), width, -1),
    ]
    tolerance = max(1.5, 0.035 * min(height, width))
    for tilt in _TILTS:
        shares, lines = [], []
        for number, (edge, length, sign) in enumerate(edges):
            slope = -tilt if number < 2 else tilt
            across = np.arange(length)
            usual = slice(round(0.2 * length), round(0.8 * length) + 1)
            moved = (edge - slope * (across - length / 2))[usual] * sign
            line = np.percentile(moved, 4)
            shares.append(float((moved <= line + tolerance).mean()))
            lines.append((sign * line, slope))
        worst, second = sorted(shares)[:2]
        if worst >= _TOUCHED and second >= _STRAIGHT and sum(shares) > best:
            best, sides = sum(shares), lines
    if sides is None:
        return None
    y, x = np.mgrid[:height, :width]
    (left, slope), (right, _), (top, tilt), (bottom, _) = sides
    inset = 1.5
    return np.asarray(
        (x >= left + slope * (y - height / 2) + inset)
        & (x <= right + slope * (y - height / 2) - inset)
        & (y >= top + tilt * (x - width / 2) + inset)
        & (y <= bottom + tilt * (x - width / 2) - inset)
    )
