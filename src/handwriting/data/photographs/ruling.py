"""The lines of ruled and squared paper taken out of the ink; strokes across them stay whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs import straight_lines
from handwriting.data.photographs.straight_lines import Line

_BLOCK = 0.02
"""Share of the page's side along which a line is taken for straight and level."""

_MORE = 1.4
"""Times its usual contrast that a line may have."""

_BOTH = 2.5
"""Times likewise where two lines cross; what is darker is ink."""

_BAND = 0.15
"""Share of a line's contrast that still belongs to it."""


def without_rules(contrast: NDArray[np.float32]) -> NDArray[np.float32]:
    """The contrast without that of ruled and squared paper.

    Args:
        contrast: (height, width) float32, 0 paper, 1 black.
    """
    found = contrast.copy()
    across, down = straight_lines.rules(found), straight_lines.rules(found.T)
    for turned, lines, others in ((found, across, down), (found.T, down, across)):
        crossing = _drawn(others, turned.T.shape).T
        for line in lines:
            _take_out(turned, line, crossing)
    return found


def _drawn(lines: list[Line], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where lines lie, with a pixel or two on both sides."""
    found = np.zeros(shape, bool)
    for line in lines:
        reach = round(line.thickness / 2) + 2
        places = np.rint(line.rows).astype(int) + np.arange(-reach, reach + 1)[:, None]
        found[np.clip(places, 0, shape[0] - 1), line.columns] = True
    return found


def _take_out(contrast: NDArray[np.float32], line: Line, crossing: NDArray[np.bool_]) -> None:
    """Subtract a line's own contrast, but where a stroke goes on from above it to below it.

    Args:
        contrast: (height, width) float32; written to.
        line: what to take out.
        crossing: (height, width) bool, where the paper's other lines lie.
    """
    reach = round(line.thickness) + 4
    line = _refined(contrast, line, reach)
    places = np.rint(line.rows).astype(int) + np.arange(-reach, reach + 1)[:, None]
    inside = (places >= 0) & (places < len(contrast))
    places = np.clip(places, 0, len(contrast) - 1)
    strip = np.where(inside, contrast[places, line.columns], 0)
    profile = _profile(strip, round(straight_lines.RUN * contrast.shape[1]))
    peak = profile.max(axis=0)
    band = (profile > _BAND * peak) & (peak > 0)
    band[[0, -1]] = False
    others = crossing[places, line.columns]
    half = max(1, int(np.ceil(np.median(band.sum(axis=0)) / 2)))
    crossed = _crossed((strip > np.maximum(0.3 * peak, 0.01)) & ~others, half)
    left = np.where(band, np.maximum(strip - _MORE * profile, 0), strip)
    left[band & others & (strip <= _BOTH * profile)] = 0
    left = np.where(crossed & band, strip, left)
    columns = np.broadcast_to(line.columns, places.shape)
    contrast[places[inside], columns[inside]] = left[inside]


def _crossed(inked: NDArray[np.bool_], half: int) -> NDArray[np.bool_]:
    """(n,) bool: the columns in which there is ink right above a line and right below it.

    Args:
        inked: (2 reach + 1, n) bool, rows around the middle of the line.
        half: of the line's thickness, in pixels.
    """
    middle = len(inked) // 2
    above, below = inked[: middle - half], inked[middle + half + 1 :]
    slant = 2 * half + 3
    beside = [ndimage.maximum_filter1d(rows.any(axis=0), slant) for rows in (above[-2:], below[:2])]
    return np.asarray(np.logical_and(*beside))


def _refined(contrast: NDArray[np.float32], line: Line, reach: int) -> Line:
    """A line whose rows are moved to where its contrast is, block by block."""
    offsets = np.arange(-reach, reach + 1)
    rows = np.clip(np.rint(line.rows).astype(int) + offsets[:, None], 0, len(contrast) - 1)
    usual, middles = _by_blocks(
        contrast[rows, line.columns], max(8, round(_BLOCK * contrast.shape[1]))
    )
    some = usual.sum(axis=0) > 0
    if some.sum() < 4:
        return line
    moves = offsets @ usual[:, some] / usual[:, some].sum(axis=0)
    smooth = ndimage.median_filter(moves, 5, mode="nearest")
    across = np.arange(len(line.rows))
    return replace(line, rows=line.rows + np.interp(across, middles[some], smooth))


def _profile(strip: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    """(offsets, n): the usual contrast along a line and beside it, which strokes do not come to."""
    usual, middles = _by_blocks(strip, size)
    usual = ndimage.median_filter(usual, (1, min(3, len(middles))), mode="nearest")
    usual = ndimage.maximum_filter1d(usual, 3, axis=0)  # it may lie between two rows
    across = np.arange(strip.shape[1])
    return np.stack([np.interp(across, middles, each) for each in usual])


def _by_blocks(
    strip: NDArray[np.float32], size: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The median of each row in each block of about so many columns, and the blocks' middles."""
    count = max(1, strip.shape[1] // size)
    size = strip.shape[1] // count
    blocks = strip[:, : count * size].reshape(len(strip), count, size)
    return np.median(blocks, axis=2), (np.arange(count) + 0.5) * size
