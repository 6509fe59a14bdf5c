"""Where a sheet lies in a photograph: told by its four marks, however it is turned and tilted."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data.photographs import sheet

Matrix = NDArray[np.float64]
"""(3, 3): takes places on the sheet, in millimetres, to places in a photograph, in pixels."""

_SIDE = 1500  # pixels to which a photograph is made smaller to look for marks
_WINDOWS = (10, 30)  # shares of that side over which light is averaged: one wide, one narrow
_DARK = 0.75  # share of the light around that a dark pixel has at most
_SMALLEST = 8  # pixels that a mark is wide at least
_MOST = 10  # candidates of which four are chosen
_LIKE = 0.7  # correlation of each corner with what is printed there, at least


@dataclass(frozen=True, eq=False)
class Located:
    """What was found of a sheet's marks.

    Attributes:
        marks: how many things look like one.
        matrix: where the sheet lies, or None where no four of them are its corners.
    """

    marks: int
    matrix: Matrix | None


def located(pixels: NDArray[np.uint8]) -> Located:
    """Where the sheet lies in a photograph.

    Each four of what looks like a mark are taken for the corners, each of them for the first one,
    and the sheet is where most looks as it is printed.

    Args:
        pixels: (height, width, 3) uint8, however turned.
    """
    grey = pixels.mean(axis=2, dtype=np.float32)
    times = -(-max(grey.shape) // _SIDE)
    height, width = (side // times for side in grey.shape)
    grey = grey[: height * times, : width * times]
    small = grey.reshape(height, times, width, times).mean(axis=(1, 3))
    found = _candidates(small)
    best, like = None, _LIKE
    for middles in _corners(found):
        matrix = homography(sheet.corners(), middles)
        likeness = _likeness(small, matrix)
        if likeness > like:
            best, like = matrix, likeness
    if best is not None:
        shift = (times - 1) / 2  # from the middle of a small pixel to that of a large one
        best = np.array([[times, 0, shift], [0, times, shift], [0, 0, 1]]) @ best
    return Located(len(found), best)


def homography(
    sources: Sequence[tuple[float, float]], targets: Sequence[tuple[float, float]]
) -> Matrix:
    """The projective map of one plane to another that takes points to points, by least squares.

    Source: R. Hartley and A. Zisserman, *Multiple View Geometry in Computer Vision* (2003), 4.1,
    its last element set to 1.

    Args:
        sources: at least four points (x, y), no three of them on a line.
        targets: as many, where they go.
    """
    rows, values = [], []
    for (x, y), (u, v) in zip(sources, targets, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    found = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return np.append(found, 1.0).reshape(3, 3)


def projected(matrix: Matrix, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2): where places (x, y), (n, 2), come to."""
    found = np.column_stack([places, np.ones(len(places))]) @ matrix.T
    return np.asarray(found[:, :2] / found[:, 2:])


def _candidates(grey: NDArray[np.float32]) -> list[tuple[float, float]]:
    """The middles (x, y) of what may be marks: dark rings, each around a dark core; large first."""
    found: list[tuple[float, float, float]] = []
    for part in _WINDOWS:
        around = ndimage.uniform_filter(grey, max(grey.shape) // part + 1)
        labels, _ = ndimage.label(grey < _DARK * around)
        boxes = ndimage.find_objects(labels)
        for number, box in enumerate(boxes, 1):
            if mark := _mark(labels, number, box, boxes):
                x, y, side = mark
                if all(np.hypot(x - u, y - v) > (side + other) / 4 for u, v, other in found):
                    found.append(mark)
    found.sort(key=lambda mark: -mark[2])
    return [(x, y) for x, y, _ in found[:_MOST]]


def _mark(
    labels: NDArray[np.signedinteger],
    number: int,
    box: tuple[slice, ...],
    boxes: Sequence[tuple[slice, ...]],
) -> tuple[float, float, float] | None:
    """Middle (x, y) and side of the mark whose ring is a dark spot; None where it is none."""
    height, width = (each.stop - each.start for each in box)
    if min(height, width) < _SMALLEST or max(height, width) > 3 * min(height, width):
        return None
    middle = [(each.start + each.stop) // 2 for each in box]
    core = int(labels[middle[0], middle[1]])
    if core in (0, number):
        return None
    for outer, inner in zip(box, boxes[core - 1], strict=True):
        side, share = outer.stop - outer.start, 3 / 7
        apart = abs(inner.start + inner.stop - outer.start - outer.stop) / 2
        if apart > 0.1 * side + 1 or abs((inner.stop - inner.start) / side - share) > 0.15:
            return None
    spots = labels[box]
    y, x = ndimage.center_of_mass((spots == number) | (spots == core))
    return box[1].start + float(x), box[0].start + float(y), float(max(height, width))


def _corners(found: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """Each four points that are the corners of a shape without a dent, clockwise, from each."""
    for four in itertools.combinations(found, 4):
        points = np.array(four)
        apart = points - points.mean(axis=0)
        points = points[np.argsort(np.arctan2(apart[:, 1], apart[:, 0]))]
        sides = np.roll(points, -1, axis=0) - points
        following = np.roll(sides, -1, axis=0)
        turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
        if (turns > 0).all():
            for first in range(4):
                yield [(float(x), float(y)) for x, y in np.roll(points, -first, axis=0)]


def _likeness(grey: NDArray[np.float32], matrix: Matrix) -> float:
    """The correlation of the marks as seen and as printed, at the corner where it is least.

    It is -1 where the key is not at the first corner, or is at another one, too.
    """
    marks, keys, bright = _printed()
    seen, seen_keys = (_seen(grey, matrix, places) for places in (marks, keys))
    middles = (seen[:, bright].mean(axis=1) + seen[:, ~bright].mean(axis=1)) / 2
    if not np.array_equal(seen_keys.mean(axis=1) < middles, [True, False, False, False]):
        return -1.0
    seen = seen - seen.mean(axis=1, keepdims=True)
    wanted = bright - bright.mean()
    lengths = np.linalg.norm(seen, axis=1) * np.linalg.norm(wanted)
    return float((seen @ wanted / np.maximum(lengths, 1e-6)).min())


def _seen(
    grey: NDArray[np.float32], matrix: Matrix, places: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(4, n): how bright a photograph is where places of the sheet, (4, n, 2), are."""
    x, y = projected(matrix, places.reshape(-1, 2)).T
    found = ndimage.map_coordinates(grey, [y, x], np.float64, order=1, mode="nearest")
    return np.asarray(found.reshape(places.shape[:2]))


@functools.cache
def _printed() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """What is printed around the corners, place by place.

    Returns:
        The places of each mark and of the paper around it, (4, 81, 2); those where each would have
        a key, (4, 9, 2): what is around the first corner, turned around the sheet; and which of
        the 81 are bright, (81,).
    """
    module = sheet.MARK / 7
    steps = np.arange(-1, 8)
    rings = np.abs(np.stack(np.meshgrid(steps, steps)) - 3).max(axis=0).ravel()
    inner = np.arange(1, 6, 2) * sheet.KEY / 6
    mark = _grid((steps + 0.5) * module, (steps + 0.5) * module)
    key = _grid(sheet.KEY_LEFT + inner, sheet.KEY_TOP + inner)
    return _around(mark), _around(key), np.isin(rings, (2, 4))


def _grid(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _around(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, n, 2): places at the first corner, (n, 2), and likewise at the others, clockwise."""
    x, y = places.T
    right, below = sheet.WIDTH - x, sheet.HEIGHT - y
    turned = (x, y), (sheet.WIDTH - y, x), (right, below), (y, sheet.HEIGHT - x)
    return np.stack([np.column_stack(each) for each in turned])
