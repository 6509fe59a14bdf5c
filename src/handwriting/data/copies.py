"""Test images that are copies of training images: whoever learned them by heart reads them well."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pydantic
from numpy.typing import NDArray
from scipy.spatial import KDTree

from handwriting.data.dataset import Dataset, Finding
from handwriting.errors import MeasurementError
from handwriting.results import source, store
from handwriting.results.files import Array

MOST_APART = 4
"""Grey levels of the brightest pixel's 255 by which a copy may differ: the root of the mean square,
over all pixels in which any training images differ."""

_COMPONENTS = 12
"""Directions in which images are compared first; more take longer and rule out hardly more."""

_SAMPLE = 500  # training images that the directions are found from
_BLOCK = 512  # images that are looked at at once


@dataclass(frozen=True, eq=False)
class Originals:
    """What each test image is a copy of.

    Attributes:
        indices: (n,) int64, where its original stands among the training images; -1 of one that is
            no copy.
    """

    indices: Array


_ORIGINALS = pydantic.TypeAdapter(Originals)


def without_copies(data: Dataset, *, published: bool) -> Dataset:
    """The data set without test images that are copies of training images, and a finding of them.

    A copy is one to the pixel, or differs by at most `MOST_APART` after a shift of at most one
    pixel in each direction; where the brightest pixel is fainter, by as much less. Where all test
    images are copies they stay, and the finding is severe: what they measure is memory. What was
    found is kept in the user's cache.

    Args:
        data: the data set.
        published: whether others measure by the same test images, so that they all stay.
    """
    train, test = data.train, data.test
    found = store.remember(
        "copies",
        {"train": train.digest, "test": test.digest},
        lambda: Originals(originals(train.images, test.images)),
        _ORIGINALS,
        {**source.versions(("numpy", "scipy")), "source": source.digest(__name__)},
        check=partial(check, data),
    ).value.indices
    findings = [*data.findings, *_contradictions(data)]
    copied = np.flatnonzero(found >= 0)
    if not len(copied):
        return replace(data, findings=tuple(findings))
    exact = int((train.images[found[copied]] == test.images[copied]).all(axis=(1, 2)).sum())
    text = (
        f"Test images that are copies of training images, or nearly: **{len(copied):,} of "
        f"{len(test):,}**. To the pixel: {exact:,}; nearly: {len(copied) - exact:,}. "
    )
    if len(copied) > exact:
        text += (
            "Nearly means that, shifted by one pixel at most, they differ by at most "
            f"{_most_apart(train.images):.1f} grey levels: the root of the mean square over the "
            f"pixels that vary, {MOST_APART} where the brightest pixel is 255. "
        )
    if len(copied) == len(test):
        text += "There are no others, so that they measure memory, not reading."
        findings.append(Finding("copies", text, severe=True, images=len(copied)))
    elif published:
        text += "The makers published them so, and they are counted like the others."
        findings.append(Finding("copies", text, images=len(copied)))
    else:
        test = test.taken(np.flatnonzero(found < 0))
        text += f"Such images are left out: what is measured is counted on the other {len(test):,}."
        findings.append(Finding("left out", text))
    return replace(data, test=test, findings=tuple(findings))


def originals(train: NDArray[np.uint8], test: NDArray[np.uint8]) -> NDArray[np.int64]:
    """What each test image is a copy of, (n,) int64: one training image, or -1.

    Images that are alike are alike in any few directions, so that a search in the first principal
    components of some training images misses none; what it finds is compared pixel by pixel.

    Args:
        train: (m, height, width) uint8, at least one.
        test: (n, height, width) uint8.
    """
    known = {_name(image): index for index, image in reversed(list(enumerate(train)))}
    found = np.array([known.get(_name(image), -1) for image in test], np.int64)
    directions = _directions(train)
    tree = KDTree(_places(train, directions))
    compared = (train != train[0]).any(axis=0).sum()
    most = float(compared * _most_apart(train) ** 2)
    reach = 1.001 * np.sqrt(most) + 1  # by more than single precision can be wrong
    for shift in sorted(itertools.product((0, -1, 1), repeat=2), key=np.count_nonzero):
        for block in _blocks(np.flatnonzero(found < 0)):
            moved = _moved(test[block], *shift)
            near = tree.query_ball_point(_places(moved, directions), reach)
            for index, image, candidates in zip(block, moved, near, strict=True):
                found[index] = _original(image, train, sorted(candidates), most)
    return found


def _most_apart(train: NDArray[np.uint8]) -> float:
    """The grey levels by which copies of these images may differ."""
    return MOST_APART * float(train.max()) / 255


def _original(
    image: NDArray[np.uint8], train: NDArray[np.uint8], among: Sequence[int], most: float
) -> int:
    """One of the training images that the image is a copy of, by the sum of squares; or -1."""
    for some in _blocks(np.array(among, np.int64)):
        apart = train[some].astype(np.int32) - image
        squares = np.einsum("nij,nij->n", apart, apart)
        if squares.min() <= most:
            return int(some[squares.argmin()])
    return -1


def _directions(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(pixels, k) float32: the first principal components of some images, of unit length."""
    some = np.linspace(0, len(images) - 1, min(len(images), _SAMPLE)).astype(int)
    flat = images[some].reshape(len(some), -1).astype(np.float32)
    return np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)[2][:_COMPONENTS].T


def _places(images: NDArray[np.uint8], directions: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, k) float32: where images lie in these directions."""
    blocks = [
        images[some].reshape(len(some), -1).astype(np.float32) @ directions
        for some in _blocks(np.arange(len(images)))
    ]
    return np.concatenate(blocks)


def _moved(images: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    """Images shifted by a pixel at most; paper moves in where they leave."""
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    return padded[:, 1 - down : 1 - down + height, 1 - right : 1 - right + width]


def _blocks(indices: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The indices in their order, so many at once; none where there are none."""
    return [indices[start : start + _BLOCK] for start in range(0, len(indices), _BLOCK)]


def _contradictions(data: Dataset) -> list[Finding]:
    """What to say of images that are alike to the pixel and have different labels."""
    labels = defaultdict(list)
    for split in (data.train, data.test):
        for image, label in zip(split.images, split.labels.tolist(), strict=True):
            labels[_name(image)].append(label)
    doubted = sum(len(each) for each in labels.values() if len(set(each)) > 1)
    text = (
        f"Images that are alike to the pixel and have different labels: **{doubted:,}**. They stay "
        "as they are; some of their labels must be wrong."
    )
    return [Finding("contradictions", text)] if doubted else []


def _name(image: NDArray[np.uint8]) -> bytes:
    """What tells its pixels from all others."""
    return hashlib.sha256(image.tobytes()).digest()


def check(data: Dataset, found: Originals) -> None:
    """Refuse what cannot be the originals of these data.

    Raises:
        MeasurementError: It is not.
    """
    indices = found.indices
    possible = (indices >= -1) & (indices < len(data.train))
    if indices.shape != (len(data.test),) or not possible.all():
        raise MeasurementError(
            f"expected, of each of {len(data.test):,} test images, one of {len(data.train):,} "
            "training images or none; found others. They are looked for anew."
        )
