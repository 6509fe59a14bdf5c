"""Which published data set somebody's images are: told by their bytes, or guessed by counts."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from handwriting.data import archives, idx, published, qmnist
from handwriting.data.collection import Collection
from handwriting.data.dataset import Dataset, Finding, Split
from handwriting.data.published import Published
from handwriting.errors import DatasetError

_IN_ORDER = (
    "8339c5cf5f2a8885b250a1c419f069b00e0f154169e7e68111a7f4b0569c5271",
    "fa3dd37a4e58db7a6cec16461c5ac40e5e35f9fee3235b1b5c00e94f52f2bab8",
)
"""The SHA-256 of the hashes and the labels of MNIST's images, in its order, of both parts."""

_SORTED = (
    "8306bd46b8c6f57d7e27c571bb63e5c5679555fc04c055143b37b89655380ad0",
    "4966292d071f11cf55d1a2ede81fc8566db8ae1d8c2151bafc6a90ee9921729c",
)
"""The SHA-256 of the hashes of MNIST's images, sorted, of both parts."""

_LEARNED = 60_000
"""How many of MNIST's images are to learn from."""

_EMNIST = {
    (112_800, 18_800, 47): "Balanced",
    (697_932, 116_323, 62): "ByClass",
    (697_932, 116_323, 47): "ByMerge",
    (124_800, 20_800, 26): "Letters",
    (88_800, 14_800, 26): "Letters",
    (240_000, 40_000, 10): "Digits",
    (60_000, 10_000, 10): "MNIST",
}
"""EMNIST's data sets by how many images to learn from, to be judged by, and classes they have."""

_EMNIST_PAPER = (
    "G. Cohen, S. Afshar, J. Tapson and A. van Schaik (2017), EMNIST: an extension of MNIST to "
    "handwritten letters, https://arxiv.org/abs/1702.05373"
)


def by_files(collection: Collection) -> Dataset | None:
    """The published data set whose very files somebody brought; None where they are others."""
    for each in published.by_name().values():
        if sorted(collection.sha256.values()) == sorted(each.archive.sha256.values()):
            train, test = (
                Split(part.images, part.labels.astype(np.uint8))
                for part in (collection.train, collection.test)
                if part
            )
            return as_published(train, test, each)
    return None


def as_published(train: Split, test: Split, known: Published) -> Dataset:
    """The images of a published data set under its name; MNIST's with their writers."""
    for array in (train.labels, test.labels):
        array.setflags(write=False)
    archive = known.archive
    found = Dataset(
        archive.name, archive.title, train, test, known.class_names, known.origin, known.noun
    )
    return qmnist.joined(found) if known is published.MNIST else found


def by_images(dataset: Dataset, collection: Collection) -> Dataset:
    """MNIST in place of its images in other files, and MNIST's origin where they are a part of it.

    Images in another order than MNIST's are put into that, and those of a part of it have their
    writers, where MNIST is on this machine; nobody is asked for it.

    Args:
        dataset: images that no other name is known for.
        collection: as they came: what looks like one of EMNIST's data sets says so.
    """
    parts = dataset.train, dataset.test
    if dataset.image_shape != published.IMAGE_SHAPE:
        return dataset
    hashes = [_hashes(split.images) for split in parts]
    labels = [split.labels for split in parts]
    if tuple(map(_sha256, hashes, labels)) == _IN_ORDER:
        found = as_published(*parts, published.MNIST)
        origin = replace(found.origin, sha256=dataset.origin.sha256)
        return replace(found, origin=origin, findings=dataset.findings)
    places = [_places(each) for each in hashes]
    whole = tuple(_sha256(np.sort(each)) for each in hashes) == _SORTED
    train, test = places
    if train is None or test is None:
        return _of_mnist(dataset, "") if whole else _of_emnist(dataset, collection)
    if whole and (np.diff(train).min() < 0 or np.diff(test).min() < 0):
        learned, judged = (
            dataset.train.taken(np.argsort(train)),
            dataset.test.taken(np.argsort(test)),
        )
        return by_images(replace(dataset, train=learned, test=judged), collection)
    swapped = int((train >= _LEARNED).sum() + (test < _LEARNED).sum())
    said = f" **{swapped:,}** of them are in the other part there." if swapped else ""
    return qmnist.joined(_of_mnist(dataset, said), (train, test))


def _of_mnist(dataset: Dataset, said: str) -> Dataset:
    """A data set of MNIST's images that is not MNIST itself, with its origin and a finding."""
    images = len(dataset.train) + len(dataset.test)
    text = f"All **{images:,}** images are MNIST's, though this is not MNIST as it was published."
    return replace(
        dataset,
        title="a selection from MNIST",
        noun=published.MNIST.noun,
        origin=replace(published.MNIST.origin, sha256=dataset.origin.sha256),
        findings=(*dataset.findings, Finding("recognised", text + said)),
    )


def _of_emnist(dataset: Dataset, collection: Collection) -> Dataset:
    """A data set that says what it looks like, where its names and counts are those of EMNIST."""
    counts = len(dataset.train), len(dataset.test), dataset.classes
    if not collection.transposed or counts not in _EMNIST:
        return dataset
    kind = _EMNIST[counts]
    title = f"EMNIST {kind}"
    text = (
        f"By its names and counts this looks like **{title}**. Whom to cite then: {_EMNIST_PAPER}."
    )
    return replace(
        dataset,
        title=f"{dataset.title}, which looks like {title}",
        noun={"Letters": "letter", "Digits": "digit", "MNIST": "digit"}.get(kind, "character"),
        findings=(*dataset.findings, Finding("recognised", text)),
    )


def _known() -> NDArray[np.uint64] | None:
    """The hashes of MNIST's 70,000 images where it is on this machine, (70000,) uint64.

    That it is not is asked anew each time: it may have come since.
    """
    try:
        paths = archives.verified(replace(published.MNIST.archive, mirrors=()))
    except DatasetError:
        return None
    return _hashes_in(paths[0], paths[2])


@functools.cache
def _hashes_in(*paths: Path) -> NDArray[np.uint64]:
    """The hashes of the images in verified IDX files, one after another."""
    return np.concatenate([_hashes(idx.read(path, 3).array) for path in paths])


def _places(hashes: NDArray[np.uint64]) -> NDArray[np.int64] | None:
    """Where each image is among MNIST's 70,000, (n,) int64; None where one is not."""
    known = _known()
    if known is None:
        return None
    order = np.argsort(known)
    places = order[np.searchsorted(known[order], hashes).clip(max=len(known) - 1)]
    return places if (known[places] == hashes).all() else None


def _hashes(images: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """A hash of each image, (n,) uint64."""
    digests = (hashlib.blake2b(each.tobytes(), digest_size=8).digest() for each in images)
    return np.frombuffer(b"".join(digests), "<u8")


def _sha256(*found: NDArray[np.generic]) -> str:
    return hashlib.sha256(b"".join(each.tobytes() for each in found)).hexdigest()
