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
        around = ndimage.uniform_filter(grey, max(grey.shape) // part)
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
    labels: NDArray[np.int32],
    number: int,
    box: tuple[slice, slice],
    boxes: Sequence[tuple[slice, slice]],
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
    """The correlation of what is seen with what is printed, at the corner where it is least."""
    places, printed = _printed()
    x, y = projected(matrix, places.reshape(-1, 2)).T
    seen = ndimage.map_coordinates(grey, [y, x], order=1, mode="nearest").reshape(printed.shape)
    seen = seen - seen.mean(axis=1, keepdims=True)
    wanted = printed - printed.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(seen, axis=1) * np.linalg.norm(wanted, axis=1)
    return float(((seen * wanted).sum(axis=1) / np.maximum(lengths, 1e-6)).min())


@functools.cache
def _printed() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places around each corner, (4, n, 2), and how bright the paper is there, (4, n), 0 or 1.

    They are those of the first corner, mark and key, turned around the sheet's corners, so that a
    sheet that is turned has its key where none is expected.
    """
    module = sheet.MARK / 7
    steps = np.arange(-1, 8)
    far = np.abs(np.stack(np.meshgrid(steps, steps)) - 3).max(axis=0).ravel()
    mark = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2) * module + module / 2
    thirds = np.arange(1, 6, 2) * sheet.KEY / 6
    key = np.stack(np.meshgrid(thirds + sheet.KEY_LEFT, thirds + sheet.KEY_TOP), axis=-1)
    places = np.concatenate([mark, key.reshape(-1, 2)])
    bright = np.isin(far, (2, 4)).astype(np.float64)
    firsts, others = np.append(bright, np.zeros(9)), np.append(bright, np.ones(9))
    x, y = places.T
    turned = [(x, y), (sheet.WIDTH - y, x), (sheet.WIDTH - x, sheet.HEIGHT - y)]
    turned.append((y, sheet.HEIGHT - x))
    return np.stack([np.stack(each, axis=1) for each in turned]), np.stack([firsts, *[others] * 3])
