"""Digits that touch each other, parted where little ink is in the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.data.photographs import grouping
from handwriting.data.photographs.grouping import Labels, Piece

_WIDE = 1.45
"""Times that two digits in one piece are wider than high; hardly a digit of MNIST is."""

_WIDEST = 1.75
"""Likewise where a cut may go through two strokes, as it would through a wide 0."""

_WIDER = 1.15, 1.9
"""Likewise, and times the usual width of a digit, where both say so."""

_DIGIT = 0.8
"""Width of a digit by its height where several touch."""

_HIGH = 0.6
"""Share of the height of what is parted that each part has, and of a digit's what is parted."""

_CUT = 2.5
"""Widths of a stroke that a cut goes through at most, and in one place: a wide 0 has two."""


def parted(labels: Labels, groups: Sequence[Piece]) -> list[Piece]:
    """The digits, those that are plainly several cut; the labels of what is cut off are new ones.

    Args:
        labels: (height, width), which connected stroke each pixel belongs to; written to.
        groups: what is held to be a digit.
    """
    usual = float(np.median([each.width for each in groups])) if groups else 0.0
    high = _HIGH * grouping.usual_side(groups)
    found = []
    for each in groups:
        ratio, share = _WIDER
        wide = each.width > _WIDE * each.height
        wider = each.width > ratio * each.height and each.width > share * usual
        joints = 2 if each.width > _WIDEST * each.height else 1
        found += _cut(labels, each, joints) if each.height > high and (wide or wider) else [each]
    return found


def _cut(labels: Labels, group: Piece, joints: int) -> list[Piece]:
    """A group in as many parts as its width says, or as it is where no cut is short.

    Args:
        labels: as `parted` has it.
        group: what is wide.
        joints: how many strokes a cut may go through.
    """
    count = max(2, round(group.width / (_DIGIT * group.height)))
    box = labels[group.top : group.bottom, group.left : group.right]
    own = np.isin(box, group.numbers)
    part = np.zeros(own.shape, int)
    across = np.arange(group.width)
    for number in range(1, count):
        middle, slack = number * group.width / count, 0.35 * group.width / count
        seam = _seam(own, max(1, int(middle - slack)), int(middle + slack) + 1)
        met = own[np.arange(group.height), seam]
        if met.sum() <= _CUT * group.stroke and np.diff(met, prepend=False).sum() <= 2 * joints:
            part += across > seam[:, None]
    places = [np.nonzero(own & (part == number)) for number in np.unique(part)]
    if min(np.ptp(rows) if rows.size else 0 for rows, _ in places) < _HIGH * group.height:
        return [group]
    found = []
    for number, (rows, columns) in enumerate(places, int(labels.max()) + 1):
        box[rows, columns] = number
        top, left = group.top + int(rows.min()), group.left + int(columns.min())
        bottom, right = group.top + int(rows.max()) + 1, group.left + int(columns.max()) + 1
        found.append(Piece((number,), top, left, bottom, right, len(rows), group.stroke))
    return found


def _seam(own: NDArray[np.bool_], left: int, right: int) -> NDArray[np.int64]:
    """The column of each row at which a cut from top to bottom meets least ink."""
    cost = own[:, left:right].astype(float)
    total, steps = cost[0].copy(), []
    for row in cost[1:]:
        beside = np.pad(total, 1, constant_values=np.inf)
        choices = np.stack([beside[:-2] + 0.05, total, beside[2:] + 0.05])
        steps.append(choices.argmin(axis=0) - 1)
        total = choices.min(axis=0) + row
    seam = [int(total.argmin())]
    for step in reversed(steps):
        seam.append(seam[-1] + int(step[seam[-1]]))
    return left + np.array(seam[::-1])
