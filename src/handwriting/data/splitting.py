"""Which training images are kept to watch a training by, apart from those that it learns from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from handwriting.data.dataset import Split
from handwriting.errors import DatasetError


def knows_writers(split: Split) -> bool:
    """Return whether images can be divided so that nobody's are on both sides."""
    return split.writers is not None and len(np.unique(split.writers)) > 1


def divided(split: Split, share: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which images to learn from and which to watch by, the same each time.

    Where writers are known, all images of a writer are on one side, so that watching tells how
    strangers' digits are read.

    Args:
        split: the training images.
        share: of them that is kept to watch by, 0 to below 1; 0 for none. Where writers are known,
            it is met to within one writer's images.

    Returns:
        Indices, int64, in the split's order: (learned,) and (watched,).

    Raises:
        DatasetError: None is left to learn from.
    """
    images = len(split)
    watched = max(1, round(images * share)) if share else 0
    if images - watched < 1:
        raise DatasetError(
            f"training images: expected at least 1 besides the {watched} kept for validation; "
            f"found {images} in all. Use more images, or a smaller validation_share."
        )
    order = _order(split)
    if watched and knows_writers(split):
        watched = _whole_writers(split, order, watched)
    return np.sort(order[watched:]), np.sort(order[:watched])


def folds(split: Split, number: int) -> NDArray[np.int64]:
    """Return which part each image is in where all are divided into several, (n,) int64.

    The parts, 0 to one less than their number, hold equally many images, give or take one. Where
    at least so many writers are known, all images of a writer are in one part, and the parts hold
    equally many writers, give or take one.

    Args:
        split: the training images.
        number: how many parts, at least 2.

    Raises:
        DatasetError: There are fewer images than parts.
    """
    if len(split) < number:
        raise DatasetError(
            f"training images: expected at least {number} images, to divide them into as many "
            f"parts; found {len(split)}. Use more images."
        )
    units = np.arange(len(split)) if split.writers is None else split.writers
    names, members = np.unique(units, return_inverse=True)
    if len(names) < number:
        names = members = np.arange(len(split))
    part = np.random.default_rng(0).permutation(len(names)) % number
    return np.asarray(part[members], np.int64)


def _order(split: Split) -> NDArray[np.int64]:
    """The images in a random order, those of one writer together where writers are known."""
    random = np.random.default_rng(0)
    if not knows_writers(split):
        return np.asarray(random.permutation(len(split)), np.int64)
    _, members = np.unique(np.asarray(split.writers), return_inverse=True)
    place = random.permutation(members.max() + 1)
    return np.asarray(np.argsort(place[members], kind="stable"), np.int64)


def _whole_writers(split: Split, order: NDArray[np.int64], images: int) -> int:
    """The number of images, of whole writers in that order, that comes closest to so many."""
    writers = np.asarray(split.writers)[order]
    ends = np.flatnonzero(np.diff(writers)) + 1  # where the next writer begins
    return int(ends[np.abs(ends - images).argmin()])
