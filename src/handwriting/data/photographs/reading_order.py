"""Digits in reading order: line by line, whether or not the lines are level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.data.photographs.grouping import Piece

_STEEPEST = 15
"""Degrees that lines may be tilted by."""

_SAME = 0.6
"""Heights of a digit that its middle lies from its line's at most."""


def lines(groups: Sequence[Piece]) -> list[list[Piece]]:
    """The digits line by line from above, each from left to right."""
    if not groups:
        return []
    height = float(np.median([each.height for each in groups]))
    middles = np.array(
        [[(each.top + each.bottom) / 2, (each.left + each.right) / 2] for each in groups]
    )
    slope = _tilt(middles, height)
    level = middles[:, 0] - slope * middles[:, 1]
    found: list[list[int]] = []
    for number in np.argsort(middles[:, 1]):
        distances = [abs(level[number] - np.mean(level[line[-3:]])) for line in found]
        if distances and min(distances) < _SAME * height:
            found[int(np.argmin(distances))].append(int(number))
        else:
            found.append([int(number)])
    found.sort(key=lambda line: float(np.mean(level[line])))
    return [[groups[number] for number in line] for line in found]


def _tilt(middles: NDArray[np.float64], height: float) -> float:
    """The slope of the lines: the one at which the digits' middles lie closest together."""
    slopes = np.tan(np.radians(np.arange(-_STEEPEST, _STEEPEST + 0.1, 0.5)))
    costs = []
    for slope in slopes:
        level = np.sort(middles[:, 0] - slope * middles[:, 1])
        costs.append(
            np.minimum(np.diff(level), 0.5 * height).sum() + 0.02 * height * abs(slope) * len(level)
        )
    return float(slopes[int(np.argmin(costs))])
