"""How much easier images are to read for whoever has seen others by the same hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.data.dataset import Split
from handwriting.errors import MeasurementError
from handwriting.evaluation import method_comparison
from handwriting.evaluation.method_comparison import Difference
from handwriting.results import source, store
from handwriting.results.files import Array

_PACKAGES = ("numpy",)
_AT_ONCE = 400


@dataclass(frozen=True, eq=False)
class NearestTrainingImages:
    """What the nearest other training image says of some training images.

    Attributes:
        asked: (n,) int64, where those stand whose neighbours were looked for.
        nearest: (n,) int64, where the nearest other one stands, pixel by pixel.
        nearest_stranger: (n,) int64, where the nearest one by another writer stands.
    """

    asked: Array
    nearest: Array
    nearest_stranger: Array


@dataclass(frozen=True)
class SameWriterEffect:
    """What it is worth to have seen other images by the same writer.

    Attributes:
        images: how many training images were asked about.
        error: the share of them whose nearest other image is of another class, 0-1.
        stranger_error: likewise of the nearest image by another writer.
        gain: by how much the share of images that are read is higher with the writer's own.
        shared: the share of nearest images that are by the same writer, 0-1.
        by_chance: what that would be if nearness had nothing to do with writers.
    """

    images: int
    error: float
    stranger_error: float
    gain: Difference
    shared: float
    by_chance: float


_NEAREST = pydantic.TypeAdapter(NearestTrainingImages)


def same_writer_effect(
    train: Split,
    machine: Mapping[str, object],
    *,
    images: int = 10_000,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> SameWriterEffect | None:
    """Return what other images by the same writer are worth; None where writers are not known.

    Each image is read as its nearest other one is labelled, once among all and once among those by
    other writers. What is nearest comes from the user's cache, or is looked for now and kept there.

    Args:
        train: the training images.
        machine: processor, cores and the like, each by name.
        images: how many of them are asked about, drawn at random.
        fresh: look anew, whatever the cache holds.
        progress: called with a line before it begins.
    """
    if train.writers is None or len(np.unique(train.writers)) < 2:
        return None
    asked = train.draw(min(images, len(train)))
    found = store.remember(
        "same_writer",
        {
            "train": train.digest,
            "writers": store.digest(train.writers.tolist()),
            "asked": store.digest(asked.tolist()),
        },
        partial(_look, train, asked, progress),
        _NEAREST,
        source.environment(machine, _PACKAGES, __name__),
        check=partial(_check, train, asked),
        fresh=fresh,
    ).value
    return effect(train, found)


def effect(train: Split, found: NearestTrainingImages) -> SameWriterEffect:
    """Return what other images by the same writer are worth.

    Args:
        train: the training images, whose writers are known.
        found: which of them are nearest.
    """
    writers = np.asarray(train.writers)
    own, labels = writers[found.asked], train.labels[found.asked]
    known, strange = (
        train.labels[nearest] != labels for nearest in (found.nearest, found.nearest_stranger)
    )
    _, members, sizes = np.unique(writers, return_inverse=True, return_counts=True)
    others = (sizes[members[found.asked]] - 1) / (len(train) - 1)
    return SameWriterEffect(
        len(found.asked),
        float(known.mean()),
        float(strange.mean()),
        method_comparison.paired(~strange, ~known, own),
        float(np.mean(writers[found.nearest] == own)),
        float(others.mean()),
    )


def _look(
    train: Split, asked: NDArray[np.int64], progress: Callable[[str], None]
) -> NearestTrainingImages:
    progress(f"the nearest of {len(train):,} training images to {len(asked):,} of them")
    rows = train.images.reshape(len(train), -1).astype(np.float32)
    lengths = np.einsum("ij,ij->i", rows, rows)
    writers, nearest = np.asarray(train.writers), np.empty((2, len(asked)), np.int64)
    for start in range(0, len(asked), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        here = asked[part]
        # Squared distances, but for the length of the image itself, to seven digits.
        apart = lengths - 2 * (rows[here] @ rows.T)
        apart[np.arange(len(here)), here] = np.inf
        nearest[0, part] = apart.argmin(axis=1)
        apart[writers[here][:, None] == writers] = np.inf
        nearest[1, part] = apart.argmin(axis=1)
    return NearestTrainingImages(asked, *nearest)


def _check(train: Split, asked: NDArray[np.int64], found: NearestTrainingImages) -> None:
    known = [found.nearest, found.nearest_stranger]
    shapes = {each.shape for each in known} == {asked.shape}
    if not (shapes and all(each.min() >= 0 and each.max() < len(train) for each in known)):
        raise MeasurementError(f"expected two training images for each of {len(asked):,}")
