"""What is in a data set: its classes, its typical and its odd images, and who wrote them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pydantic
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

from handwriting.data.dataset import Dataset, Split
from handwriting.errors import MeasurementError
from handwriting.evaluation import similarity
from handwriting.evaluation.similarity import Copies, Neighbours
from handwriting.results import store
from handwriting.results.arrays import Array

_PACKAGES = ("numpy", "scikit-learn", "scipy")
_COMPONENTS = 40
_PERPLEXITY = 30


@dataclass(frozen=True, eq=False)
class Portrait:
    """What the images of a class have in common, and where they differ.

    Attributes:
        mean: (height, width) float64, the mean of each pixel, 0-255.
        spread: (height, width) float64, the standard deviation of each pixel, 0-127.5.
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Writers:
    """The people who wrote the images of a split.

    Attributes:
        images: (writers,) int64, how many images each wrote, the busiest first.
        series: how many images each series has, by its number.
    """

    images: NDArray[np.int64]
    series: Mapping[int, int]


@dataclass(frozen=True, eq=False)
class Survey:
    """What takes a while to find out about a data set.

    Attributes:
        neighbours: the training images that each test image is most like.
        compared: among how many training images these were looked for.
        mapped: (m,) int64, which test images are on the map.
        places: (m, 2) float64, where each stands on it; alike images stand close together.
    """

    neighbours: Neighbours
    compared: int
    mapped: NDArray[np.int64]
    places: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Content:
    """What is kept of a survey; the rest follows from the data and the settings."""

    own: Array
    own_distances: Array
    other: Array
    other_distances: Array
    places: Array

    @property
    def neighbours(self) -> Neighbours:
        return Neighbours(self.own, self.own_distances, self.other, self.other_distances)


_CONTENT = pydantic.TypeAdapter(_Content)


def class_counts(data: Dataset) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many training and how many test images each class has, (classes,) int64 each."""
    train, test = (
        np.bincount(split.labels, minlength=data.classes) for split in (data.train, data.test)
    )
    return train, test


def portraits(split: Split, classes: int) -> tuple[Portrait | None, ...]:
    """Return the portrait of each class; None for one without images."""
    found: list[Portrait | None] = []
    for label in range(classes):
        images = split.images[split.labels == label]
        if not len(images):
            found.append(None)
            continue
        found.append(Portrait(images.mean(axis=0), images.std(axis=0)))
    return tuple(found)


def writers(split: Split) -> Writers | None:
    """Return who wrote a split's images, or None where nobody knows."""
    if split.writers is None or split.series is None:
        return None
    _, images = np.unique(split.writers, return_counts=True)
    numbers, counts = np.unique(split.series, return_counts=True)
    series = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
    return Writers(np.sort(images)[::-1], series)


def shared_writers(data: Dataset) -> int:
    """Return how many people wrote images of both splits; 0 where nobody knows who wrote what."""
    if data.train.writers is None or data.test.writers is None:
        return 0
    return len(np.intersect1d(data.train.writers, data.test.writers))


def writer_count(data: Dataset) -> int:
    """Return how many people wrote the images of both splits; 0 where nobody knows."""
    if data.train.writers is None or data.test.writers is None:
        return 0
    return len(np.union1d(data.train.writers, data.test.writers))


def hands(split: Split, label: int, most: int = 12) -> NDArray[np.int64]:
    """Return one image of a class by each of several writers, who are spread over all of them.

    Args:
        split: the images; where nobody knows who wrote them, none are returned.
        label: the class.
        most: how many writers at most.

    Returns:
        (images,) int64, where they stand in the split.
    """
    of_class = np.flatnonzero(split.labels == label)
    if split.writers is None or not len(of_class):
        return of_class[:0]
    _, first = np.unique(split.writers[of_class], return_index=True)
    chosen = np.linspace(0, len(first) - 1, min(most, len(first))).round().astype(int)
    return np.asarray(of_class[first[chosen]], np.int64)


def survey(
    data: Dataset,
    mapped: int,
    machine: Mapping[str, object],
    *,
    compared: int = 0,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Survey:
    """Return what takes a while to find out, from the cache or found out now and kept there.

    Args:
        data: what is looked at.
        mapped: how many test images to put on the map, at most all.
        machine: processor, cores and the like, each by name.
        compared: among how many training images to look for similar ones; 0 for all.
        fresh: look anew, whatever the cache holds.
        progress: called with a line before each step.

    Raises:
        DatasetError: A class of the test images has no training image.
    """
    among = data.train.draw(min(compared or len(data.train), len(data.train)))
    chosen = data.test.draw(min(mapped, len(data.test)))
    found = store.remember(
        "survey",
        {
            "train": data.train.digest,
            "test": data.test.digest,
            "compared": store.digest(among.tolist()),
            "mapped": store.digest(chosen.tolist()),
        },
        partial(_look, data, among, chosen, progress),
        _CONTENT,
        store.environment(machine, _PACKAGES, __name__),
        check=partial(_check, data, among, len(chosen)),
        fresh=fresh,
    ).value
    return Survey(found.neighbours, len(among), chosen, found.places)


def _look(
    data: Dataset,
    among: NDArray[np.int64],
    chosen: NDArray[np.int64],
    progress: Callable[[str], None],
) -> _Content:
    progress("looking for the most similar training images")
    found = similarity.nearest(data.train.taken(among), data.test)
    found = replace(found, own=among[found.own], other=among[found.other])
    progress("drawing a map")
    return _Content(**vars(found), places=_places(data.test.images[chosen]))


def easiest(test: Split, found: Neighbours) -> NDArray[np.int64]:
    """Return the easiest test image of each class that has one, (classes,) int64."""
    by_class = (np.flatnonzero(test.labels == label) for label in np.unique(test.labels))
    return np.array([each[found.difficulty[each].argmin()] for each in by_class], np.int64)


def kept_together(places: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the share of images that stand nearest to one of their own class, 0-1.

    Args:
        places: (n, 2), where each image stands; at least two.
        labels: (n,) integers, the class of each.
    """
    finder = NearestNeighbors(n_neighbors=1).fit(places)
    (nearest,) = finder.kneighbors(return_distance=False).T
    return float(np.mean(labels[nearest] == labels))


def key_numbers(
    data: Dataset, copies: Copies, found: Neighbours, disputes: int
) -> dict[str, float]:
    """Return the numbers of a report by name, those that matter most first.

    Args:
        data: what was looked at.
        copies: the copies in it.
        found: the training images that each test image is most like.
        disputes: how many test labels people dispute.
    """
    people = writer_count(data)
    return {
        "images": len(data.train) + len(data.test),
        **({"writers": people} if people else {}),
        "copied_test_images": copies.across,
        "disputed_test_labels": disputes,
        "misled_share": float(np.mean(found.difficulty > 1)),
        "training_images": len(data.train),
        "test_images": len(data.test),
        "classes": data.classes,
    }


def _places(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, 2): images on a plane, by t-SNE of their principal components; alike ones in one place.

    L. van der Maaten and G. Hinton (2008), Visualizing data using t-SNE, JMLR 9, 2579-2605.
    """
    flat = images.reshape(len(images), -1).astype(np.float32)
    if not np.ptp(flat, axis=0).any():
        return np.zeros((len(flat), 2))
    components = PCA(min(_COMPONENTS, *flat.shape), random_state=0).fit_transform(flat)
    perplexity = min(_PERPLEXITY, (len(flat) - 1) / 3)
    placed = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(components)
    return np.asarray(placed, np.float64)


def _check(data: Dataset, among: NDArray[np.int64], places: int, found: _Content) -> None:
    """Refuse what cannot be the survey of these data."""
    labels = data.test.labels
    near = found.neighbours
    shapes = {each.shape for each in vars(near).values()}
    if shapes != {labels.shape} or found.places.shape != (places, 2):
        raise _refusal(f"neighbours of {len(labels):,} images, {places:,} places", "other numbers")
    if not np.isin([near.own, near.other], among).all():
        raise _refusal("images that it was looked for among", "others")
    own, other = data.train.labels[near.own], data.train.labels[near.other]
    if (own != labels).any() or (other == labels).any():
        raise _refusal("an image of a test image's class, and one of another", "other classes")


def _refusal(expected: str, found: str) -> MeasurementError:
    return MeasurementError(f"expected {expected}; found {found}. It is looked for anew.")
