"""Who wrote each digit of MNIST, as QMNIST traced it.

C. Yadav and L. Bottou (2019), Cold case: the lost MNIST digits, NeurIPS. Each row of their files is
about one digit: its class, the series of NIST's collection that it is from, its writer, and five
numbers that are not used here. Training rows are in MNIST's order, and so are the first 10,000 test
rows. Where the files cannot be had, nobody knows who wrote what.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from handwriting.data import archives, idx
from handwriting.data.archives import Archive
from handwriting.data.dataset import Dataset, Split
from handwriting.data.download import File
from handwriting.errors import DatasetError, DownloadError
from handwriting.results import files

logger = logging.getLogger(__name__)

QMNIST = Archive(
    "qmnist",
    "QMNIST",
    (
        File(
            "qmnist-train-labels-idx2-int.gz",
            "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
            463_024,
        ),
        File(
            "qmnist-test-labels-idx2-int.gz",
            "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
            526_800,
        ),
    ),
    ("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
    "go on without knowing who wrote which digit",
    seconds=20.0,
    respite=600.0,
)

_told: set[Path] = set()
"""The caches for want of which it was said that writers are not known."""

_COLUMNS = 8
_CLASS, _SERIES, _WRITER = 0, 1, 2


def prepare() -> dict[str, str]:
    """The SHA-256 of QMNIST's files by name, fetched where they can be had; none where they cannot.

    Raises:
        DatasetError: A file of the user's own is not QMNIST's.
    """
    try:
        archives.verified(QMNIST)
    except DownloadError as error:
        if (place := files.cache_folder()) not in _told:  # a build asks for each notebook
            _told.add(place)
            logger.warning("Who wrote which digit is not known. %s", error)
        return {}
    return QMNIST.sha256


def joined(
    dataset: Dataset, places: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
) -> Dataset:
    """MNIST with `writers` and `series` on both splits; as it was where QMNIST cannot be had.

    Args:
        dataset: MNIST, or what stands for it.
        places: where the images of each split are among MNIST's 70,000, where that is not in their
            own places; as they were, too, where one has another label there.

    Raises:
        DatasetError: A file of the user's own is not QMNIST's, or its rows disagree with MNIST's
            labels.
    """
    try:
        train, test = archives.verified(QMNIST)
    except DownloadError as error:
        logger.info("Who wrote which digit is not known. %s", error)
        return dataset
    learned, judged = _unchanged(train), _unchanged(test)
    if places:
        every = np.concatenate([learned, judged])
        learned, judged = (every[each] for each in places)
        given = zip((learned, judged), (dataset.train, dataset.test), strict=True)
        if any((rows[:, _CLASS] != split.labels).any() for rows, split in given):
            return dataset
    return replace(
        dataset,
        train=with_rows(dataset.train, learned, train),
        test=with_rows(dataset.test, judged, test),
        origin=replace(dataset.origin, writers_sha256=QMNIST.sha256),
    )


def _unchanged(path: Path) -> NDArray[np.int32]:
    """The rows of a file that was verified a moment ago."""
    found = idx.read(path, 2, np.int32)
    if found.sha256 != QMNIST.sha256[path.name]:
        raise _refusal(path, "a file that nobody changes", "one that changed between two looks")
    return found.array


def with_rows(split: Split, rows: NDArray[np.int32], path: Path) -> Split:
    """A split with what is said of its images, row by row; rows beyond them are left out.

    Args:
        split: the images and their labels.
        rows: (n, 8), of which the first are about the split's images.
        path: where they come from, for the message.

    Raises:
        DatasetError: They are not about these images.
    """
    if rows.shape[1] != _COLUMNS or len(rows) < len(split):
        raise _refusal(
            path,
            f"at least {len(split):,} rows, one for each image, of {_COLUMNS} numbers",
            f"{len(rows):,} of {rows.shape[1]}",
        )
    rows = rows[: len(split)]
    other = np.flatnonzero(rows[:, _CLASS] != split.labels)
    if len(other):
        first = int(other[0])
        raise _refusal(
            path,
            "the class of each image in its row",
            f"another in {len(other):,} of them, first in that of image {first:,}: "
            f"{rows[first, _CLASS]} where the label is {split.labels[first]}",
        )
    series, writers = (np.ascontiguousarray(rows[:, column]) for column in (_SERIES, _WRITER))
    for column in (series, writers):
        column.setflags(write=False)
    return replace(split, writers=writers, series=series)


def _refusal(path: Path, expected: str, found: str) -> DatasetError:
    remedy = "Replace the file by QMNIST's own, or move it away to go on without writers."
    return DatasetError.at(path, expected=expected, found=found, remedy=remedy)
