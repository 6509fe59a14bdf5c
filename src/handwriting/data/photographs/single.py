"""A picture of one sign, in arithmetic so plain that a script in a page can do the same.

`explorer/picture.js` repeats it step by step: a picture that a reader brings is read as here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs.framing import Framing, framed, like_mnist, rounded

_BLOCKS = 16  # that the longer side is divided into to find how bright the paper is
_STROKES = 5  # blocks: what is narrower is ink, and no change of light
_FAINTEST = 25  # of 255, by which ink has to be darker than its paper
_SMALLEST = 20  # times smaller than the sign, and a part is a speck
_INNER = 10  # times smaller than what touches the border, and a part is not the sign
_PEN = 14  # times narrower than the frame a stroke may be, but for one pixel
_RAREST = 2000  # of so many pixels one is ink of full strength, at least
_WEAKEST = 3  # times weaker than that, and it is noise or what is printed on the paper
_EIGHT = np.ones((3, 3), bool)


def framed_picture(
    rgba: NDArray[np.uint8], shape: tuple[int, int] = (28, 28), like: Framing | None = None
) -> NDArray[np.uint8]:
    """The sign in a picture, framed, of that shape, uint8, 0 paper to 255 ink; all 0 without any.

    Args:
        rgba: (height, width, 4) uint8, red, green, blue and opacity; dark on bright paper, or
            bright on a dark board.
        shape: height and width of the frame.
        like: how ink lies in the data set's own frames; as in MNIST where nothing is said.
    """
    like = like or like_mnist(shape)
    narrowest = max(1, max(shape) / _PEN) / (like.box * max(shape))
    return framed(ink(rgba, narrowest), shape, like)


def ink(rgba: NDArray[np.uint8], narrowest: float = 0.1) -> NDArray[np.uint8]:
    """How much ink each pixel holds, (height, width) uint8, 0 paper to 255 ink, of the sign alone.

    Strokes too thin to be seen in a frame are thickened first: averaged down, they would be faint.

    Args:
        rgba: as `framed_picture` takes it.
        narrowest: how wide a stroke is to be, at least, as a share of the sign's longer side.
    """
    dark = _darkness(_on_paper(rgba))
    least = _threshold(dark)
    sign = _sign(dark > least)
    if not sign.any() or dark.max() < _FAINTEST:
        return np.zeros_like(dark)
    full = np.sort(dark[sign])[3 * (sign.sum() - 1) // 4]
    edged = ndimage.binary_dilation(sign, _EIGHT) & (2 * dark > least)
    found = np.where(edged, np.minimum(255, rounded(dark * (255 / full))), 0).astype(np.uint8)
    boundary = sign & ~ndimage.binary_erosion(sign)
    rows, columns = (np.flatnonzero(sign.any(axis=axis)) for axis in (1, 0))
    length = 1 + max(rows[-1] - rows[0], columns[-1] - columns[0])
    missing = narrowest * length - 2 * sign.sum() / boundary.sum()
    reach = max(0, int(rounded(missing / 2)))
    return np.asarray(ndimage.maximum_filter(found, 2 * reach + 1, mode="constant"))


def _on_paper(rgba: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(height, width) 0-255: how bright a pixel is in its darkest colour, on white, ink dark."""
    colours, opacity = rgba[..., :3].astype(np.int64), rgba[..., 3:].astype(np.int64)
    colours = (colours * opacity + 255 * (255 - opacity) + 127) // 255
    grey = (77 * colours[..., 0] + 150 * colours[..., 1] + 29 * colours[..., 2]) >> 8
    sides = (grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1])
    border = np.sort(np.concatenate(sides))
    paper = border[len(border) // 2]
    if paper < 128 and (grey - paper).sum() > 0:
        colours = 255 - colours
    return np.asarray(colours.min(axis=2))


def _darkness(bright: NDArray[np.int64]) -> NDArray[np.int64]:
    """(height, width) 0-255: how much darker than the paper there each pixel is."""
    size = -(-max(bright.shape) // _BLOCKS)
    blocks = [-(-side // size) for side in bright.shape]
    paper = np.empty(blocks)
    for row, column in np.ndindex(*blocks):
        block = bright[row * size : (row + 1) * size, column * size : (column + 1) * size]
        paper[row, column] = np.sort(block, axis=None)[3 * (block.size - 1) // 4]
    paper = ndimage.grey_closing(paper, (_STROKES, _STROKES), mode="nearest")
    for axis, side in enumerate(bright.shape):
        place = np.clip((np.arange(side) - (size - 1) / 2) / size, 0, blocks[axis] - 1)
        before = np.floor(place).astype(np.int64)
        after = np.minimum(before + 1, blocks[axis] - 1)
        share = (place - before).reshape((-1, 1) if axis == 0 else (1, -1))
        one, other = np.take(paper, before, axis), np.take(paper, after, axis)
        paper = one * (1 - share) + other * share
    return np.asarray(rounded(np.maximum(0, 255 - 255 * bright / np.maximum(paper, 1))), np.int64)


def _threshold(dark: NDArray[np.int64]) -> int:
    """What divides ink from paper best, 0-255, and at least a share of the strongest ink.

    Where the sign is small or thin, its ink is too rare to be told from the paper's noise without.
    N. Otsu (1979), A threshold selection method from gray-level histograms, IEEE Transactions on
    Systems, Man, and Cybernetics 9.
    """
    counts = np.bincount(dark.ravel(), minlength=256).astype(np.float64)
    sums = (counts * np.arange(256)).cumsum()
    below, total, whole = counts.cumsum(), float(dark.size), float(sums[-1])
    apart = sums * total - whole * below
    spread = np.maximum(below * (total - below), 1)
    strongest = int(np.argmax(below >= total - total // _RAREST))
    return max(int(np.argmax(apart * apart / spread)), strongest // _WEAKEST)


def _sign(inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What of the ink is the sign: not specks, nor what reaches in from beyond the border."""
    parts, count = ndimage.label(inked, _EIGHT)
    if not count:
        return inked
    areas = np.bincount(parts.ravel(), minlength=count + 1)
    areas[0] = 0
    sides = (parts[0], parts[-1], parts[:, 0], parts[:, -1])
    inside = np.isin(np.arange(count + 1), np.concatenate(sides), invert=True)
    inner = np.where(inside, areas, 0)
    main = int(np.argmax(inner if inner.max() * _INNER >= areas.max() else areas))
    kept = (areas * _SMALLEST >= areas[main]) & (inside | (np.arange(count + 1) == main))
    return np.asarray(kept[parts])
