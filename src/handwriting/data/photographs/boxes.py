"""What is written in a photographed sheet's boxes: laid flat, cut out, and framed as MNIST's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs import framing, marks, sheet
from handwriting.data.photographs.marks import Matrix

_SCALE = 6  # pixels for each millimetre of the sheet laid flat
_MARGIN = 4  # millimetres around the marks that are laid flat with it
_STROKE = 8  # millimetres: what is darker than its surroundings and wider is no stroke
_INSIDE = 0.9  # millimetres from a box's line to where it is cut out
_REACH = 2.5  # millimetres that a box may lie from where four marks put it
_LINE = 0.03  # share of the light that a box's line takes at least
_SCATTER = 0.5  # millimetres that a box found by its lines may lie from its neighbours' surface
_SOFT = 0.8  # pixels of the sheet laid flat, the standard deviation of a blur against noise
_FAINTEST = 0.14  # share of the light that ink takes at least
_CLEAR = 5  # standard deviations of the paper's noise that ink is darker than paper, at least
_MEDIAN_OF_NORMAL = 0.6745  # how far half of all normal numbers lie from their mean at most
_SPECK = 0.6  # square millimetres: what is smaller is no part of a digit
_FULL = 0.6  # share of a box that is as dark as `_BLACKED` says where somebody blacked it out
_BLACKED = 0.7  # share of the light beside a box that ink leaves at most


@dataclass(frozen=True, eq=False)
class Written:
    """The digits on a sheet, in reading order.

    Attributes:
        images: (n, 28, 28) uint8, 0 paper to 255 ink.
        labels: (n,) int64, 0-9, which row each is from.
        empty: how many boxes are empty.
        blacked: how many are blacked out.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    empty: int
    blacked: int


def written(pixels: NDArray[np.uint8], matrix: Matrix) -> Written:
    """What is written in the boxes of a photographed sheet.

    Args:
        pixels: (height, width, 3) uint8.
        matrix: where the sheet lies in it, as `marks.located` finds.
    """
    flat = _flat(pixels, matrix)
    light, dark = flat.mean(axis=2), _darkness(flat)
    shifts = _shifts(dark)
    images, labels, empty, blacked = [], [], 0, 0
    for digit, place in np.ndindex(sheet.DIGITS, sheet.EACH):
        left, top = np.array(sheet.box(digit, place)) + shifts[digit, place]
        rows = _pixels(top + _INSIDE, sheet.BOX_HEIGHT - 2 * _INSIDE)
        columns = _pixels(left + _INSIDE, sheet.BOX_WIDTH - 2 * _INSIDE)
        beside = np.s_[rows, _pixels(left - 2 * _INSIDE, _INSIDE)]
        after = np.s_[rows, _pixels(left + sheet.BOX_WIDTH + _INSIDE, _INSIDE)]
        paper = min(np.median(light[beside]), np.median(light[after]))
        ink = _ink(dark[rows, columns], np.hstack([dark[beside], dark[after]]))
        if np.quantile(light[rows, columns], _FULL) < _BLACKED * paper:
            blacked += 1
        elif not ink.any():
            empty += 1
        else:
            images.append(framing.framed(ink))
            labels.append(digit)
    shape = (len(images), 28, 28)
    found = np.array(images, np.uint8).reshape(shape), np.array(labels, np.int64)
    return Written(*found, empty, blacked)


def _flat(pixels: NDArray[np.uint8], matrix: Matrix) -> NDArray[np.float32]:
    """The sheet and a margin seen from above, (height, width, 3), 0-255."""
    height, width = (int((side + 2 * _MARGIN) * _SCALE) for side in (sheet.HEIGHT, sheet.WIDTH))
    y, x = np.mgrid[:height, :width]
    places = (np.column_stack([x.ravel(), y.ravel()]) + 0.5) / _SCALE - _MARGIN
    columns, rows = marks.projected(matrix, places).T
    seen = [
        ndimage.map_coordinates(channel, [rows, columns], np.float32, order=1, mode="nearest")
        for channel in np.moveaxis(pixels, 2, 0)
    ]
    return np.stack(seen, axis=-1).reshape(height, width, 3)


def _pixels(start: float, length: float) -> slice:
    """Which rows or columns of the sheet laid flat are so many millimetres from such a place."""
    return slice(*(round((end + _MARGIN) * _SCALE) for end in (start, start + length)))


def _darkness(flat: NDArray[np.float32]) -> NDArray[np.float32]:
    """The share of the paper's light that is missing, (height, width), 0-1, of the worst channel.

    Paper is what is seen without anything narrower than `_STROKE`.
    """
    found = np.zeros(flat.shape[:2], np.float32)
    side = _STROKE * _SCALE
    for channel in np.moveaxis(flat, 2, 0):
        paper = ndimage.uniform_filter(ndimage.grey_closing(channel, (side, side)), side // 2)
        np.maximum(found, 1 - channel / np.maximum(paper, 1), out=found)
    return found


def _shifts(dark: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far each box lies from where the marks put it, (10, 10, 2), to the right and downwards.

    Paper bends, and so do pictures. The lines of each box are looked for, and a surface of the
    second degree is laid through what is found, twice: what lies off the first is left out. Boxes
    stay where they are if few lines can be seen.
    """
    places = np.argwhere(np.ones((sheet.DIGITS, sheet.EACH)))
    lines = [sheet.box(digit, place) for digit, place in places.tolist()]
    sides = sheet.BOX_WIDTH, sheet.BOX_HEIGHT
    found = np.array(
        [(_shift(dark, line, sides), _shift(dark.T, line[::-1], sides[::-1])) for line in lines]
    )
    y, x = (places / places.max() - 0.5).T
    terms = np.column_stack([np.ones(len(x)), x, y, x * x, x * y, y * y])
    seen = np.isfinite(found).all(axis=1)
    surface = np.zeros_like(found)
    for _ in range(2):
        if seen.sum() < len(places) // 3:
            return np.zeros((sheet.DIGITS, sheet.EACH, 2))
        surface = terms @ np.linalg.lstsq(terms[seen], found[seen], rcond=None)[0]
        seen &= (np.abs(np.nan_to_num(found) - surface) < _SCATTER).all(axis=1)
    return surface.reshape(sheet.DIGITS, sheet.EACH, 2)


def _shift(
    dark: NDArray[np.float32], corner: tuple[float, float], sides: tuple[float, float]
) -> float:
    """How far to the right the upright lines of a box lie, in millimetres; NaN where unseen."""
    (left, top), (width, height) = corner, sides
    strip = dark[_pixels(top, height), _pixels(left - _REACH, width + 2 * _REACH)]
    profile = ndimage.uniform_filter1d(np.median(strip, axis=0), 3)
    apart, choices = round(width * _SCALE), round(2 * _REACH * _SCALE)
    pairs = np.minimum(profile[:choices], profile[apart : apart + choices])
    return float(pairs.argmax()) / _SCALE - _REACH if pairs.max() > _LINE else np.nan


def _ink(dark: NDArray[np.float32], paper: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The ink in what was cut out of a box, 0 paper to 255 ink, without specks and lines' rests.

    Args:
        dark: (height, width), 0-1, of the box.
        paper: likewise of some paper beside it.
    """
    level = np.median(paper)
    noise = np.median(np.abs(paper - level)) / _MEDIAN_OF_NORMAL
    apart = ndimage.gaussian_filter(dark, _SOFT) - level
    faintest = max(_FAINTEST, _CLEAR * noise)
    labels, _ = ndimage.label(apart > faintest, np.ones((3, 3)))
    large = np.bincount(labels.ravel()) >= _SPECK * _SCALE**2
    large[0] = False
    if not large.any():
        return np.zeros(dark.shape, np.uint8)
    full = np.quantile(apart[large[labels]], 0.75)
    near = ndimage.binary_dilation(large[labels], iterations=2)
    strength = (apart - faintest / 2) / (full - faintest / 2)
    return np.asarray(255 * np.clip(strength, 0, 1) * near, np.uint8)
