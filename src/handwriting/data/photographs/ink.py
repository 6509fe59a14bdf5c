"""How much ink lies where: light is evened out, and what is printed on the paper taken away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from handwriting.data.photographs import frames, ruling

_WIDE = 1 / 8
"""Share of the longer side that no stroke is as wide as."""

_STROKES = 5
"""Widths of a stroke below which something darker than all around it may be ink."""

_REDUCED = 800
"""Pixels of the longer side of what the paper's light is estimated from."""

_FAINTEST = 0.035
"""Share of the paper's light that the faintest ink takes away."""

_CORE = 0.4
"""Share of the contrast of a stroke's darkest part that belongs to it: half, less some blur."""


def strength(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much ink each pixel holds, (height, width) uint8, 0 paper to 255 the full ink of its pen.

    Each connected stroke is measured by its own darkest part, so that pencil and marker come to
    the same. Ruled and squared paper and the frames of printed boxes are taken away.

    Args:
        pixels: (height, width, 3) uint8.
    """
    side = max(pixels.shape)
    found = _contrast(pixels, max(9, round(_WIDE * side)))
    for _ in range(2):  # shadows and stains are wider than strokes, and hide how wide these are
        size = min(_WIDE * side, _STROKES * _usual_width(found > 0))
        found = _contrast(pixels, max(9, round(size)))
    found = ruling.without_rules(frames.without_frames(found))
    return _by_pen(found)


def stroke_width(ink: NDArray[np.generic]) -> float:
    """The width of strokes in pixels; 0 where there is no ink.

    Twice the area of a long stroke over its outline, which steps along rows and columns make longer
    than it is, by 4 / pi where all directions are as frequent.

    Args:
        ink: (height, width), 0 paper to any number of full ink.
    """
    amount = ink.astype(np.float32)
    outline = sum(float(np.abs(np.diff(amount, axis=axis)).sum()) for axis in (0, 1))
    return 8 / np.pi * float(amount.sum()) / outline if outline else 0.0


def _usual_width(ink: NDArray[np.bool_]) -> float:
    """The width of strokes, in pixels: the median along their middles, which shadows hardly move."""
    factor = max(1, round(max(ink.shape) / _REDUCED))
    depth = ndimage.distance_transform_edt(ruling.reduced(ink, factor))
    middles = depth[(depth > 0) & (depth == ndimage.maximum_filter(depth, 3))]
    return factor * 2 * float(np.median(middles)) if middles.size else 0.0


def _contrast(pixels: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    """Share of the paper's light that is lacking, in the channel that lacks most; 0 for noise.

    Args:
        pixels: (height, width, 3) uint8.
        size: what is narrower, in pixels, may be ink; what is wider is the paper's own light.
    """
    found = np.zeros(pixels.shape[:2], np.float32)
    for channel in np.moveaxis(pixels, 2, 0):
        light = ndimage.gaussian_filter(channel.astype(np.float32), 0.6)
        paper = np.maximum(_paper(channel, size), 1)
        lacking = 1 - light / paper
        middle = np.median(lacking[::3, ::3])
        lacking -= middle
        noise = 1.4826 * float(np.median(np.abs(lacking[::3, ::3])))
        darker = float(np.median(paper[::3, ::3])) / paper
        found = np.maximum(found, lacking - np.maximum(4 * noise * darker, _FAINTEST))
    return found


def _paper(channel: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    """(height, width) float32: the light of the paper, over which strokes are closed."""
    factor = max(1, round(max(channel.shape) / _REDUCED))
    small = np.asarray(Image.fromarray(channel).reduce(factor), np.float32)
    small = ndimage.grey_closing(small, max(3, round(size / factor)), mode="nearest")
    return np.asarray(Image.fromarray(small).resize(channel.shape[::-1], Image.Resampling.BILINEAR))


def _by_pen(contrast: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Contrast as a share of that of the darkest tenth of each connected stroke."""
    labels, count = ndimage.label(contrast > 0, np.ones((3, 3)))
    if not count:
        return np.zeros(contrast.shape, np.uint8)
    places = np.flatnonzero(labels)
    order = np.lexsort((contrast.ravel()[places], labels.ravel()[places]))
    sizes = np.bincount(labels.ravel()[places])[1:]
    ends = np.cumsum(sizes)
    levels = contrast.ravel()[places[order]][ends - 1 - sizes // 10]
    page = np.median(np.repeat(levels, sizes))
    levels[levels < 0.25 * page] = np.inf
    share = contrast / np.concatenate([[np.inf], levels])[labels]
    return np.asarray(np.clip((share - 0.2) / 0.6, 0, 1) * 255, np.uint8)
