"""Which images are alike: each test image's most similar training images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from handwriting.data.dataset import Split
from handwriting.errors import DatasetError
from handwriting.results.files import Array

_COMPONENTS = 100
"""Principal components in which candidates are looked for: nine tenths of MNIST's variance."""

_MANY_PIXELS = 4096
"""From which on all components of the pixels' covariance would take minutes to find."""

_CANDIDATES = 20
"""Of each class, which are then compared pixel by pixel; MNIST's nearest are then among them."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The most similar training image of each test image's own class, and of all others.

    Attributes:
        own: (n,) int64, where the one of its own class stands among the training images.
        own_distances: (n,) float64, how far it is: the root of the mean squared difference of
            pixels, 0-255.
        other: (n,) int64, likewise of any other class.
        other_distances: (n,) float64.
        runner_up_distances: (n,) float64, how far the second nearest class is, whichever class is
            the nearest and whichever the own.
    """

    own: Array
    own_distances: Array
    other: Array
    other_distances: Array
    runner_up_distances: Array

    @property
    def difficulty(self) -> NDArray[np.float64]:
        """(n,) float64, the distance of the own class over that of the nearest other one.

        Above 1 the most similar training image is of another class; infinite where it is a copy.
        """
        return _ratios(self.own_distances, self.other_distances)

    @property
    def ambiguity(self) -> NDArray[np.float64]:
        """(n,) float64, the distance of the nearest class over that of the second nearest, 0-1.

        Unlike difficulty, it can be told without knowing the own class.
        """
        return _ratios(self.closest[1], self.runner_up_distances)

    @property
    def misled(self) -> int:
        """How many test images are most like a training image of another class."""
        return int((self.difficulty > 1).sum())

    @property
    def misled_share(self) -> float:
        """Their share of all test images, 0-1."""
        return self.misled / len(self.own)

    @property
    def closest(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The most similar training image of any class, (n,) int64, and how far it is, (n,)."""
        own = self.own_distances <= self.other_distances
        distances = np.minimum(self.own_distances, self.other_distances)
        return np.where(own, self.own, self.other), distances

    def hardest(self, count: int) -> NDArray[np.int64]:
        """Return the most difficult test images, the hardest first; (count,) int64 at most."""
        return np.asarray(self.difficulty.argsort()[::-1][:count], np.int64)

    def easiest(self, labels: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the easiest test image of each class that has one, (classes,) int64.

        Args:
            labels: (n,) integers, the classes of the test images.
        """
        return np.asarray(pd.Series(self.difficulty).groupby(labels).idxmin(), np.int64)

    def closest_pairs(self, count: int) -> NDArray[np.int64]:
        """Return the test images that are closest to a training image, (count,) int64 at most."""
        return np.asarray(self.closest[1].argsort()[:count], np.int64)


def _ratios(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) float64, the first distances over the second ones; 1 where they are the same."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(first == second, 1.0, first / second)


def distances(near: Neighbours, test: Split) -> tuple[float, float, float]:
    """Return how far test images are from the most similar training image, and from blank paper.

    Args:
        near: the training images that each test image is most like.
        test: the test images.

    Returns:
        In grey levels, 0-255: the smallest distance, their median, and that from a blank sheet.
    """
    apart, flat = near.closest[1], test.images.reshape(len(test), -1)
    from_blank = _apart(flat, np.zeros_like(flat))
    return float(apart.min()), float(np.median(apart)), float(np.median(from_blank))


def nearest(train: Split, test: Split) -> Neighbours:
    """Return the training images that each test image is most like.

    Candidates are looked for in the first principal components of the training images, and compared
    pixel by pixel; where there are few of a class, all are.

    Args:
        train: where it has one class only, distances to others are infinite.
        test: what is compared with them; each class must be among those of `train`.

    Raises:
        DatasetError: A class of the test images has no training image.
    """
    classes = np.unique(train.labels)
    missing = np.setdiff1d(test.labels, classes)
    if len(missing):
        raise DatasetError(
            "training images: expected some of each class that test images have; found none of "
            f"{', '.join(map(str, missing))}. Compare with more of them, or check their labels."
        )
    flat, asked = (split.images.reshape(len(split), -1) for split in (train, test))
    components = min(_COMPONENTS, len(flat), flat.shape[1])
    with np.errstate(invalid="ignore"):  # alike images have no variance to have shares of
        solver = "covariance_eigh" if flat.shape[1] <= _MANY_PIXELS else "randomized"
        projection = PCA(components, svd_solver=solver, random_state=0)
        projection.fit(flat.astype(np.float32))
    places, sought = (projection.transform(each.astype(np.float32)) for each in (flat, asked))
    by_class = [
        _nearest_of(np.flatnonzero(train.labels == label), (flat, places), (asked, sought))
        for label in classes
    ]
    indices, distances = (np.stack(each) for each in zip(*by_class, strict=True))
    own, every = classes[:, np.newaxis] == test.labels, np.arange(len(test))
    others = np.where(own, np.inf, distances)
    mine, best = own.argmax(axis=0), others.argmin(axis=0)
    of_mine, of_best = (
        (indices[each, every], measured[each, every])
        for each, measured in ((mine, distances), (best, others))
    )
    second = np.sort(np.vstack([distances, np.full(len(every), np.inf)]), axis=0)[1]
    return Neighbours(*of_mine, *of_best, second)


def most_alike(
    known: NDArray[np.uint8], asked: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return which known image each other one is most like, (n,), and how far that is, (n,).

    Every pixel of every known image counts, so that it takes a while for many.

    Args:
        known: (m, height, width) uint8, 0-255, at least one.
        asked: (n, height, width) uint8, 0-255.
    """
    if not len(asked):
        return np.empty(0, np.int64), np.empty(0)
    flat, others = (each.reshape(len(each), -1) for each in (known, asked))
    finder = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(flat.astype(np.float32))
    best = finder.kneighbors(others.astype(np.float32), return_distance=False)[:, 0]
    return best.astype(np.int64), _apart(others, flat[best])


def _nearest_of(
    members: NDArray[np.int64],
    known: tuple[NDArray[np.uint8], NDArray[np.float32]],
    asked: tuple[NDArray[np.uint8], NDArray[np.float32]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which of the members each image asked about is most like, (n,), and how far it is, (n,).

    Args:
        members: which of the known images are looked at.
        known: the pixels, (m, pixels), and the principal components, (m, components), of each.
        asked: likewise of those asked about, n of them.
    """
    finder = NearestNeighbors(n_neighbors=min(_CANDIDATES, len(members)), algorithm="brute")
    finder.fit(known[1][members])
    found = finder.kneighbors(asked[1], return_distance=False)
    candidates = members[np.sort(found)].T  # of two that are as near, the first
    apart = np.stack([_apart(asked[0], known[0][each]) for each in candidates])
    best = apart.argmin(axis=0), np.arange(len(asked[0]))
    return candidates[best], apart[best]


def _apart(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) the root of the mean squared difference of the pixels of two images each."""
    difference = first.astype(np.float32) - second
    squares = np.einsum("ij,ij->i", difference, difference, dtype=np.float64)
    return np.asarray(np.sqrt(squares / first.shape[1]), np.float64)
