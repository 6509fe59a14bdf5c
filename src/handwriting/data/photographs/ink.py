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

_COARSE = 200
"""Pixels of the longer side of what the desk is told from paper by."""

_DARK = 0.33
"""Share of the light near it below which something is a desk, not paper in shadow."""

_SPECK = 15
"""Pixels, where the longer side has `_REDUCED`, that connected ink has at least."""

_SMALL = 8
"""Squares of a stroke's width: a digit has more, what is left of a line has less."""

_NEAR = 5
"""Widths of a stroke within which its pressure hardly changes."""

_LIGHTEST = 0.5
"""Share of the contrast of a stroke's darkest part that its lightest part has."""

_CONTACT = 4
"""Widths of a stroke by which a digit touches the photograph's border at most."""

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
    width = _pen(pixels)
    desk = _desk(pixels)
    found = np.where(desk, np.float32(0), _contrast(pixels, width))
    found = ruling.without_rules(frames.without_frames(found))
    return _by_pen(_without_border(found, desk, width), width)


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


def _pen(pixels: NDArray[np.uint8]) -> float:
    """The usual width of strokes, in pixels.

    Whatever is narrow and dark may be ink at first, shadows too: once strokes are known, what is
    much wider is none.
    """
    factor = max(1, round(max(pixels.shape) / _REDUCED))
    small = np.asarray(Image.fromarray(pixels).reduce(factor))
    width: float = _WIDE * max(small.shape) / _STROKES
    for _ in range(3):
        contrast = _contrast(small, width, max(0.6, width / 6))
        unruled = ruling.without_rules(frames.without_frames(contrast))
        width = min(width, _along_middles(unruled))
    return float(factor * width)


def _along_middles(contrast: NDArray[np.float32]) -> float:
    """The width of strokes in pixels: the median along their middles, which shadows hardly move."""
    dark = contrast > 0.5 * ndimage.maximum_filter(contrast, max(5, max(contrast.shape) // 25))
    labels, _ = ndimage.label(dark, np.ones((3, 3)))
    dark &= np.bincount(labels.ravel())[labels] >= _SPECK
    depth = ndimage.distance_transform_edt(dark)
    middles = depth[(depth > 0) & (depth == ndimage.maximum_filter(depth, 3))]
    return 2 * float(np.median(middles)) - 0.5 if middles.size else 1.5


def _contrast(pixels: NDArray[np.uint8], width: float, blur: float = 0.6) -> NDArray[np.float32]:
    """Share of the paper's light that is lacking, in the channel that lacks most; 0 for noise.

    Args:
        pixels: (height, width, 3) uint8.
        width: of strokes, in pixels; what is several times wider is the paper's own light.
        blur: the standard deviation, in pixels, of what noise is evened out by.
    """
    size = max(9, round(_STROKES * width))
    found = np.zeros(pixels.shape[:2], np.float32)
    for channel in np.moveaxis(pixels, 2, 0):
        light = ndimage.gaussian_filter(channel.astype(np.float32), blur)
        paper = np.maximum(_paper(channel, size), 1)
        lacking = 1 - light / paper
        some = lacking[::3, ::3]
        middle = np.median(some)
        noise = 1.4826 * float(np.median(np.abs(some - middle)))
        darker = float(np.median(paper[::3, ::3])) / paper
        found = np.maximum(found, lacking - middle - np.maximum(4 * noise * darker, _FAINTEST))
    return found


def _desk(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(height, width) bool: what is so much darker than what lies near it that it is no paper."""
    grey = Image.fromarray(pixels).convert("L")
    factor = max(1, round(max(grey.size) / _COARSE))
    side = max(3, round(_WIDE * max(grey.size) / factor))
    small = np.asarray(grey.reduce(factor), np.float32)
    light = ndimage.grey_closing(small, (side, side), mode="nearest")
    dark = light < _DARK * ndimage.maximum_filter(light, side)
    return np.asarray(Image.fromarray(dark).resize(grey.size))


def _paper(channel: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    """(height, width) float32: the light of the paper, over which strokes are closed."""
    factor = max(1, min(size // 6, round(max(channel.shape) / _REDUCED)))
    small = np.asarray(Image.fromarray(channel).reduce(factor), np.float32)
    small = ndimage.gaussian_filter(small, 1)  # cameras draw a halo around strokes
    small = ndimage.grey_closing(small, max(3, round(size / factor)), mode="nearest")
    return np.asarray(Image.fromarray(small).resize(channel.shape[::-1], Image.Resampling.BILINEAR))


def _without_border(
    contrast: NDArray[np.float32], desk: NDArray[np.bool_], width: float
) -> NDArray[np.float32]:
    """The contrast without what lies along the photograph's border or the desk: beyond the paper.

    A digit that is cut by the border touches it with a stroke's width or two.
    """
    labels, count = ndimage.label(contrast > 0, np.ones((3, 3)))
    coarse = max(1, round(max(desk.shape) / _COARSE))
    beside = ndimage.maximum_filter(desk, 2 * coarse + 1) & ~desk
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    contacts = [np.bincount(edge, minlength=count + 1) for edge in edges]
    contacts.append(np.bincount(labels[beside], minlength=count + 1) / coarse)
    beyond = np.max(contacts, axis=0) > _CONTACT * width
    beyond[0] = False
    return np.where(beyond[labels], np.float32(0), contrast)


def _by_pen(contrast: NDArray[np.float32], width: float) -> NDArray[np.uint8]:
    """Contrast as a share of that of the darkest tenth of each connected stroke.

    Where it is written with less pressure than elsewhere, as a share of what is darkest near by.

    Args:
        contrast: (height, width) float32, 0 paper, 1 black.
        width: of strokes, in pixels. What is small must be nearly as dark as those of the page.
    """
    labels, count = ndimage.label(contrast > 0, np.ones((3, 3)))
    if not count:
        return np.zeros(contrast.shape, np.uint8)
    places = np.flatnonzero(labels)
    order = np.lexsort((contrast.ravel()[places], labels.ravel()[places]))
    sizes = np.bincount(labels.ravel()[places])[1:]
    ends = np.cumsum(sizes)
    levels = contrast.ravel()[places[order]][ends - 1 - sizes // 10]
    page = _usual(levels, sizes)
    levels[levels < 0.25 * page] = np.inf
    levels = np.where(sizes < _SMALL * width**2, np.maximum(levels, 0.7 * page), levels)
    level = np.concatenate([[np.inf], levels])[labels]
    near = ndimage.maximum_filter(contrast, round(_NEAR * width))
    share = contrast / np.clip(0.9 * near, _LIGHTEST * level, level)
    return np.asarray(np.clip((share - 0.2) / 0.6, 0, 1) * 255, np.uint8)


def _usual(levels: NDArray[np.float32], sizes: NDArray[np.integer]) -> float:
    """The contrast of the pen that most is written with.

    What is printed on the back and shines through may cover more than the digits do, and counts
    for less by the square of its contrast.
    """
    order = np.argsort(levels)
    weights = np.cumsum((sizes * levels**2)[order], dtype=np.float64)
    return float(levels[order][np.searchsorted(weights, weights[-1] / 2)])
