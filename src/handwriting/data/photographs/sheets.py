"""Photographed sheets as a data set: what their rows say the digits are, and a writer for each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import humanize
import numpy as np
from numpy.typing import NDArray

from handwriting.data import arrays
from handwriting.data.collection import Collection, Part
from handwriting.data.photographs import boxes, marks, opening, sheet
from handwriting.data.photographs.boxes import Written
from handwriting.errors import DatasetError

_EXPECTED = "a photograph of the sheet that `make sheet` draws, with all four of its corner marks"
_ADVICE = (
    "Photograph the whole sheet, flat and in even light; or put pictures of single digits into "
    "folders that are called as their classes are. `06_yours` reads digits on any paper: "
    "name the picture as its parameter `images`."
)
_SAME = 0.9
"""Correlation that three quarters of the digits in two photographs exceed if they are of one sheet.

Two photographs of a sheet were seen to come to 0.95, sheets by different people to 0.44.
"""


def read(path: Path, files: Sequence[Path]) -> Collection:
    """The digits on photographed sheets, each by a writer of its own where there are several.

    Args:
        path: what was asked for, such as their folder.
        files: the photographs.

    Raises:
        DatasetError: One of them cannot be read, or is none of a sheet; all boxes are empty; or
            there are more than `opening.MOST_PHOTOGRAPHS`.
    """
    count = len(files)
    if count > opening.MOST_PHOTOGRAPHS:
        expected = f"at most {opening.MOST_PHOTOGRAPHS:,} photographed sheets"
        raise arrays.refusal(path, expected, f"{count:,} pictures", _ADVICE)
    sha256, found = {}, []
    for number, file in enumerate(files, 1):
        photograph = opening.opened(file)
        sha256[f"sheet {number}"] = photograph.sha256  # its name may tell who wrote it
        found.append(_written(file, photograph.pixels))
    _check_that_they_differ(path, files, found)
    if not sum(len(each.labels) for each in found):
        raise arrays.refusal(path, "a digit in at least one box", "none", "Fill in the sheet.")
    writers = np.repeat(np.arange(count, dtype=np.int32), [len(each.labels) for each in found])
    images, labels = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("images", "labels")
    )
    form = "a photographed sheet" if count == 1 else f"{count} photographed sheets"
    part = Part(images, labels, writers if count > 1 else None)
    return Collection(path.name, form, part, None, {}, sha256, remarks=(_counted(found),))


def _written(file: Path, pixels: NDArray[np.uint8]) -> Written:
    located = marks.located(pixels)
    if located.matrix is None:
        raise _refusal(file, located.marks)
    return boxes.written(pixels, located.matrix)


def _refusal(file: Path, count: int) -> DatasetError:
    """What is raised of a picture in which no four marks are a sheet's."""
    found = f"{humanize.apnumber(count)} of them" if 0 < count < 4 else "a picture without them"
    if count >= 4:
        found = f"{humanize.apnumber(count)} such marks, which are not the corners of one sheet"
    return arrays.refusal(file, _EXPECTED, found, _ADVICE)


def _check_that_they_differ(path: Path, files: Sequence[Path], found: Sequence[Written]) -> None:
    """Refuse two photographs of one sheet: whoever learned from the one would know the other."""
    for (first, one), (second, other) in itertools.combinations(zip(files, found, strict=True), 2):
        if np.array_equal(one.labels, other.labels):
            both = (each.images.reshape(len(each.labels), -1) for each in (one, other))
            apart = (rows - rows.mean(axis=1, keepdims=True) for rows in both)
            left, right = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in apart)
            if np.quantile((left * right).sum(axis=1), 0.25) > _SAME:
                shown = f"two of one sheet, {first.name} and {second.name}"
                raise arrays.refusal(path, "one photograph of each sheet", shown, "Keep one.")


def _counted(found: Sequence[Written]) -> str:
    """How many boxes hold a digit, and how many are empty or blacked out."""
    full = sum(len(each.labels) for each in found)
    empty, blacked = sum(each.empty for each in found), sum(each.blacked for each in found)
    sheets = "the sheet" if len(found) == 1 else f"{len(found)} sheets"
    in_all = len(found) * sheet.DIGITS * sheet.EACH
    text = f"Of the {in_all:,} boxes on {sheets}, {full:,} hold a digit."
    if empty or blacked:
        text += f" Left out: {empty:,} empty and {blacked:,} blacked out."
    return text
