"""The lines of ruled and squared paper, found by their length and taken out of the ink."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_REDUCED = 900
"""Pixels of the longer side of what lines are looked for in."""

_TILTS = np.tan(np.radians(np.arange(-12, 12.1, 0.75)))
_RUN = 0.12
"""Share of the page's side that a piece of a line is long, and no stroke of a digit straight."""

_INKED = 0.92
"""Share of such a piece that is inked: noise breaks lines."""

_LONG = 0.4
"""Share of the page's side that a line is long by which ruled paper is known."""

_SLENDER = 40
"""Times that such a line is longer than it is thick: no digit's stroke is, however large."""


_EDGE = 0.02
"""Share of the page's side within which of the border a line is the paper's edge."""


@dataclass(frozen=True)
class _Line:
    """A nearly horizontal line: `rows` is where it lies at each whole column from `left` on."""

    left: int
    rows: NDArray[np.float64]
    thickness: float

    @property
    def length(self) -> int:
        return len(self.rows)


def without_rules(contrast: NDArray[np.float32]) -> NDArray[np.float32]:
    """The contrast without that of ruled and squared paper; strokes that cross a line stay whole.

    Args:
        contrast: (height, width) float32, 0 paper, 1 black.
    """
    found = contrast.copy()
    across, down = _rules(found), _rules(found.T)
    for turned, lines, others in ((found, across, down), (found.T, down, across)):
        crossing = _drawn(others, turned.T.shape).T
        for line in lines:
            _take_out(turned, line, crossing)
    return found


def _drawn(lines: list[_Line], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where lines lie, a pixel wider than they are."""
    found = np.zeros(shape, bool)
    for line in lines:
        reach = round(line.thickness / 2) + 2
        places = np.rint(line.rows).astype(int) + np.arange(-reach, reach + 1)[:, None]
        found[np.clip(places, 0, shape[0] - 1), line.left + np.arange(line.length)] = True
    return found


def reduced(mask: NDArray[np.bool_], factor: int) -> NDArray[np.bool_]:
    """A mask made smaller: a cell is set where any of its pixels is."""
    padded = np.pad(mask, [(0, -side % factor) for side in mask.shape])
    rows, columns = (side // factor for side in padded.shape)
    cells = padded.reshape(rows, factor, columns, factor)
    return np.asarray(cells.any(axis=(1, 3)))


def _rules(contrast: NDArray[np.float32]) -> list[_Line]:
    """The nearly horizontal lines of the paper, in pixels of the contrast."""
    factor = max(1, round(max(contrast.shape) / _REDUCED))
    mask = reduced(contrast > 0, factor)
    height, width = mask.shape
    lines = [
        line
        for line in _straight(mask)
        if _EDGE * height < np.median(line.rows) < (1 - _EDGE) * height
    ]
    long = [
        line
        for line in lines
        if line.length >= _LONG * width and line.length >= _SLENDER * line.thickness
    ]
    if len(long) == 1 and long[0].length < 2 * _LONG * width:
        return []
    if len(long) > 2:  # paper has two edges itself; with more it is ruled, and some are cut short
        thickest = 1.5 * float(np.median([line.thickness for line in long]))
        long = [
            line
            for line in lines
            if line.length >= _LONG / 2 * width and line.thickness <= thickest
        ]
    return [_enlarged(line, factor, contrast.shape[1]) for line in long]


def _straight(mask: NDArray[np.bool_]) -> list[_Line]:
    height, width = mask.shape
    run = max(15, round(_RUN * width))
    thick = ndimage.maximum_filter1d(mask, 3, axis=0)
    columns = np.arange(width)
    pieces = np.zeros(mask.shape, bool)
    for tilt in _TILTS:
        shifted = np.arange(height)[:, None] + np.rint(tilt * (columns - width // 2)).astype(int)
        inside = (shifted >= 0) & (shifted < height)
        sheared = thick[np.clip(shifted, 0, height - 1), columns] & inside
        share = ndimage.uniform_filter1d(sheared.astype(np.float32), run, axis=1, mode="constant")
        found = share >= _INKED
        if found.any():
            found = ndimage.maximum_filter1d(found, run, axis=1) & sheared
            rows, places = np.nonzero(found)
            pieces[shifted[rows, places], places] = True
    labels, _ = ndimage.label(pieces, np.ones((3, 3)))
    lines = []
    for number, (rows, place) in enumerate(ndimage.find_objects(labels), 1):
        own = labels[rows, place] == number
        count = own.sum(axis=0)
        middle = rows.start + (np.arange(own.shape[0]) @ own) / np.maximum(count, 1)
        across = np.arange(len(middle))
        # Where a digit's stroke lies on the line it is thicker there, and its middle elsewhere.
        usual = (count > 0) & (count <= np.median(count) + 1)
        if usual.sum() < run / 2:
            continue
        smooth = np.polynomial.Polynomial.fit(across[usual], middle[usual], 3 if len(middle) > 2.5 * run else 1)
        lines.append(_Line(place.start, smooth(across), max(1.0, float(np.median(count)) - 2)))
    return lines


def _enlarged(line: _Line, factor: int, width: int) -> _Line:
    """A line in pixels of the photograph, a little longer than what was found of it."""
    reach = max(8, line.length // 12)
    across = np.arange(line.length)
    ends = [np.polynomial.Polynomial.fit(across[part], line.rows[part], 1) for part in (slice(None, 4 * reach), slice(-4 * reach, None))]
    rows = np.concatenate([ends[0](np.arange(-reach, 0)), line.rows, ends[1](np.arange(line.length, line.length + reach))])
    places = (np.arange(len(rows)) + line.left - reach + 0.5) * factor
    left, right = max(0, int(places[0])), min(width, int(places[-1]))
    full = np.interp(np.arange(left, right), places, (rows + 0.5) * factor - 0.5)
    return _Line(left, full, line.thickness * factor)


def _take_out(
    contrast: NDArray[np.float32], line: _Line, crossing: NDArray[np.bool_]
) -> None:
    """Subtract a line's own contrast, but where a stroke goes on from above it to below it."""
    reach = round(line.thickness) + 4
    rows = _refined(contrast, line, reach)
    columns = line.left + np.arange(line.length)
    offsets = np.arange(-reach, reach + 1)[:, None]
    places = np.rint(rows).astype(int) + offsets
    inside = (places >= 0) & (places < len(contrast))
    places = np.clip(places, 0, len(contrast) - 1)
    strip = np.where(inside, contrast[places, columns], 0)
    profile = ndimage.maximum_filter1d(_profile(strip), 3, axis=0)  # it lies between two rows
    peak = profile.max(axis=0)
    if not (peak > 0).any():
        return
    band = profile > 0.15 * np.maximum(peak, 1e-6)
    band[[0, -1]] = False
    half = max(1, int(np.ceil(np.median(band.sum(axis=0)) / 2)))
    others = crossing[places, columns]
    beyond = (strip > np.maximum(0.3 * peak, 0.01)) & ~others
    above, below = beyond[: reach - half], beyond[reach + half + 1 :]
    slack = 2 * half + 3
    crossed = np.logical_and(
        ndimage.maximum_filter1d(above[-2:].any(axis=0), slack),
        ndimage.maximum_filter1d(below[:2].any(axis=0), slack),
    )
    left = np.where(band, strip - 1.4 * profile, strip)
    left = np.where(band & others, 0, np.maximum(left, 0))
    left = np.where(crossed & band, strip, left)
    contrast[places[inside], np.broadcast_to(columns, places.shape)[inside]] = left[inside]


def _refined(contrast: NDArray[np.float32], line: _Line, reach: int) -> NDArray[np.float64]:
    """The rows of a line moved to where its contrast is, block by block."""
    size = 24
    columns = line.left + np.arange(line.length)
    offsets = np.arange(-reach, reach + 1)
    rows = np.clip(np.rint(line.rows).astype(int) + offsets[:, None], 0, len(contrast) - 1)
    strip = contrast[rows, columns]
    edges = np.arange(0, line.length + 1, size)
    if len(edges) < 5:
        return line.rows
    middles, moves = [], []
    for first, last in pairwise(edges):
        usual = np.median(strip[:, first:last], axis=1)
        if usual.sum() > 0:
            middles.append((first + last) / 2)
            moves.append(usual @ offsets / usual.sum())
    if len(moves) < 4:
        return line.rows
    smooth = ndimage.median_filter(np.array(moves), 5, mode="nearest")
    return np.asarray(line.rows + np.interp(np.arange(line.length), middles, smooth))


def _profile(strip: NDArray[np.float32]) -> NDArray[np.float32]:
    """(offsets, length): the usual contrast along a line, which strokes do not come to."""
    length = strip.shape[1]
    blocks = max(1, length // 120)
    edges = np.linspace(0, length, blocks + 1).astype(int)
    usual = np.stack([np.percentile(strip[:, a:b], 50, axis=1) for a, b in pairwise(edges)], axis=1)
    usual = ndimage.median_filter(usual, (1, 3), mode="nearest") if blocks > 2 else usual
    middles = (edges[1:] + edges[:-1]) / 2
    return np.stack([np.interp(np.arange(length), middles, each) for each in usual]).astype(np.float32)
