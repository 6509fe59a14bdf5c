"""Photographs made from images of digits, so that what is written on them is known.

It shares nothing with the code that reads photographs but the value that one is. The paper fills
the picture; digits are drawn on it as by a pen of one colour, and the camera does the rest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs.opening import Photograph

_PAPER = np.array([238.0, 235.0, 228.0])
_RULE = np.array([150.0, 175.0, 205.0])
_MARGIN = 40
"""Pixels between the digits and the edge of the photograph, at least."""

_OFF_THE_LINE = 0.12
"""How far a digit may stand above or below its line, either way, as a share of its height."""

_RULE_WIDTH = 0.8
"""Half the width of a ruled line, in pixels."""

_MILLIMETRE = 7.5
"""Pixels: digits of 30 to 60 pixels are then 4 to 8 mm high, as people write them."""


@dataclass(frozen=True)
class Conditions:
    """What digits are written with and on, and how they are photographed.

    Attributes:
        lowest: pixels that a digit is high, at least.
        highest: pixels, at most.
        space: from one digit to the next, as a share of the greatest height.
        rotation: degrees by which the paper is turned, at most, either way.
        perspective: by how much of the paper's side each corner is moved inward, at most.
        blur: the deviation of the blur, in pixels.
        light: how many times as bright the lightest corner is as the darkest.
        ruling: millimetres from one printed line to the next; 0 for blank paper.
        squared: whether lines are printed across, too.
        pen: red, green and blue of the ink, 0-255.
        noise: the deviation of each pixel's noise, in grey levels.
    """

    lowest: int = 30
    highest: int = 60
    space: float = 0.5
    rotation: float = 5.0
    perspective: float = 0.05
    blur: float = 1.0
    light: float = 2.0
    ruling: float = 5.0
    squared: bool = False
    pen: tuple[int, int, int] = (35, 45, 110)
    noise: float = 3.0


MODERATE = Conditions()
"""As in a picture that somebody takes without much care, in a room with a window."""


@dataclass(frozen=True, eq=False)
class MadePhotograph:
    """A photograph, and what is written on it.

    Attributes:
        photograph: what a camera would have taken.
        boxes: (n, 4) int64: top, left, bottom and right of each digit's ink in the photograph, in
            the order in which they were given, which is that of reading.
        columns: how many stand in a line; in the last one there may be fewer.
    """

    photograph: Photograph
    boxes: NDArray[np.int64]
    columns: int


def photograph(
    images: NDArray[np.uint8], columns: int, conditions: Conditions, seed: int
) -> MadePhotograph:
    """Return a photograph of digits that are written in lines.

    Args:
        images: (n, height, width) uint8, 0 (paper) to 255, at least one, none of them blank.
        columns: how many digits stand in a line.
        conditions: what they are written with, and how they are photographed.
        seed: what is left to chance is drawn from it.
    """
    random = np.random.default_rng(seed)
    ink, places = _written(images, columns, conditions, random)
    onto, size = _camera(ink.shape, conditions, random)
    rows, across = _seen_from(onto, size)
    seen = ndimage.map_coordinates(ink, [rows, across], order=1, prefilter=False)
    colours = _coloured(seen, (rows, across), conditions)
    pixels = _taken(colours, conditions, random)
    boxes = [_box(np.argwhere(ink[place] > 0.5), place, onto) for place in places]
    taken = Photograph("made", pixels, 1, hashlib.sha256(pixels.tobytes()).hexdigest())
    return MadePhotograph(taken, np.array(boxes, np.int64), columns)


def _written(
    images: NDArray[np.uint8], columns: int, conditions: Conditions, random: np.random.Generator
) -> tuple[NDArray[np.float64], list[tuple[slice, slice]]]:
    """How much ink is where on the paper, (h, w) float64, 0-1, and where each digit is drawn."""
    drawn = [
        _pen_stroke(image, random.uniform(conditions.lowest, conditions.highest))
        for image in images
    ]
    between = round(conditions.space * conditions.highest)
    cell = max(each.shape[1] for each in drawn) + between
    tallest = max(each.shape[0] for each in drawn)
    line = max(tallest, round(conditions.highest * (1 + 2 * _OFF_THE_LINE))) + between
    lines = -(-len(images) // columns)
    ink = np.zeros((lines * line, min(columns, len(images)) * cell))
    places = []
    for number, digit in enumerate(drawn):
        height, width = digit.shape
        off = random.uniform(-_OFF_THE_LINE, _OFF_THE_LINE) * conditions.highest
        top = round(number // columns * line + (line - height) / 2 + off)
        left = round(number % columns * cell + (cell - width) / 2)
        top = min(max(top, 0), len(ink) - height)
        place = slice(top, top + height), slice(left, left + width)
        ink[place] = digit
        places.append(place)
    return ink, places


def _pen_stroke(image: NDArray[np.uint8], height: float) -> NDArray[np.float64]:
    """An image's ink, enlarged to so many pixels, its edges as sharp as a pen's; (h, w), 0-1."""
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    box = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(float)
    large = ndimage.zoom(np.pad(box / box.max(), 1), height / len(box), order=3)
    return np.clip(2 * large - 0.5, 0, 1)


# The camera


def _camera(
    shape: tuple[int, ...], conditions: Conditions, random: np.random.Generator
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """How the paper is mapped to the photograph, (3, 3), and how many pixels that is high and wide.

    Points are (row, column, 1); the mapping is a homography (R. Hartley and A. Zisserman, Multiple
    View Geometry in Computer Vision, 2nd edition, 2004, section 2.3).
    """
    height, width = shape
    corners = np.array([(0, 0), (0, width), (height, width), (height, 0)], float)
    middle = corners.mean(axis=0)
    inward = random.uniform(0, conditions.perspective, corners.shape) * (height, width)
    moved = corners + np.sign(middle - corners) * inward
    angle = np.deg2rad(random.uniform(-conditions.rotation, conditions.rotation))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    seen = (moved - middle) @ turn.T
    seen += _MARGIN - seen.min(axis=0)
    rows, columns = np.ceil(seen.max(axis=0) + _MARGIN).astype(int)
    return _homography(corners, seen), (int(rows), int(columns))


def _homography(points: NDArray[np.float64], images: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (3, 3) matrix that maps four points to four others, both (4, 2)."""
    equations, right = [], []
    for (row, column), (to_row, to_column) in zip(points, images, strict=True):
        equations.append([row, column, 1, 0, 0, 0, -to_row * row, -to_row * column])
        equations.append([0, 0, 0, row, column, 1, -to_column * row, -to_column * column])
        right += [to_row, to_column]
    return np.append(np.linalg.solve(equations, right), 1).reshape(3, 3)


def _mapped(points: NDArray[Any], onto: NDArray[Any]) -> NDArray[np.float64]:
    """Points, (n, 2), as a homography maps them, (n, 2)."""
    found = np.column_stack([points, np.ones(len(points))]) @ onto.T
    return np.asarray(found[:, :2] / found[:, 2:])


def _seen_from(
    onto: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Which row and which column of the paper each pixel of the photograph shows, (h, w) each."""
    pixels = np.indices(size).reshape(2, -1).T
    rows, columns = _mapped(pixels, np.linalg.inv(onto)).T.reshape(2, *size)
    return rows, columns


def _coloured(
    ink: NDArray[np.float64],
    places: tuple[NDArray[np.float64], NDArray[np.float64]],
    conditions: Conditions,
) -> NDArray[np.float64]:
    """Paper, printed lines and ink in even light, (h, w, 3), 0-255."""
    printed = np.zeros_like(ink)
    if conditions.ruling:
        apart = conditions.ruling * _MILLIMETRE
        for place in places[: 1 + conditions.squared]:
            off = np.abs((place + apart / 2) % apart - apart / 2)
            printed = np.maximum(printed, np.clip(_RULE_WIDTH + 0.5 - off, 0, 1))
    paper = _PAPER + printed[..., np.newaxis] * (_RULE - _PAPER)
    return np.asarray(paper + ink[..., np.newaxis] * (np.array(conditions.pen) - paper))


def _taken(
    colours: NDArray[np.float64], conditions: Conditions, random: np.random.Generator
) -> NDArray[np.uint8]:
    """What a camera makes of it: light from one side, blur and noise; (h, w, 3) uint8."""
    direction = random.uniform(0, 2 * np.pi)
    rows, columns = (np.linspace(-1, 1, length) for length in colours.shape[:2])
    falling = rows[:, np.newaxis] * np.sin(direction) + columns * np.cos(direction)
    falling = (falling - falling.min()) / np.ptp(falling)
    light = 1 - (1 - 1 / conditions.light) * falling
    blurred = ndimage.gaussian_filter(colours, (conditions.blur, conditions.blur, 0))
    noisy = blurred * light[..., np.newaxis] + random.normal(0, conditions.noise, colours.shape)
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)


def _box(
    inked: NDArray[np.intp], place: tuple[slice, slice], onto: NDArray[np.float64]
) -> tuple[int, int, int, int]:
    """Top, left, bottom and right in the photograph of the inked pixels, (n, 2), of a digit."""
    seen = _mapped(inked + np.array([each.start for each in place]), onto)
    (top, left), (bottom, right) = seen.min(axis=0), seen.max(axis=0)
    return int(top), int(left), int(np.ceil(bottom)) + 1, int(np.ceil(right)) + 1
