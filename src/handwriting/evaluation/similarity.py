"""Which training images a test image is most like, of its own class and of the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from handwriting.data.dataset import Split
from handwriting.errors import DatasetError

_COMPONENTS = 100
"""Principal components in which candidates are looked for: nine tenths of MNIST's variance."""

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
    """

    own: NDArray[np.int64]
    own_distances: NDArray[np.float64]
    other: NDArray[np.int64]
    other_distances: NDArray[np.float64]

    @property
    def difficulty(self) -> NDArray[np.float64]:
        """(n,) float64, the distance of the own class over that of the nearest other one.

        Above 1 the most similar training image is of another class; infinite where it is a copy.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = self.own_distances / self.other_distances
        return np.where(self.own_distances == self.other_distances, 1.0, ratios)

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
        return np.where(own, self.own, self.other), np.minimum(
            self.own_distances, self.other_distances
        )

    def hardest(self, count: int) -> NDArray[np.int64]:
        """Return the most difficult test images, the hardest first; (count,) int64 at most."""
        return np.asarray(self.difficulty.argsort()[::-1][:count], np.int64)

    def easiest(self, labels: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the easiest test image of each class that has one, (classes,) int64.

        Args:
            labels: (n,) integers, the classes of the test images.
        """
        by_class = (np.flatnonzero(labels == label) for label in np.unique(labels))
        return np.array([each[self.difficulty[each].argmin()] for each in by_class], np.int64)

    def closest_pairs(self, count: int) -> NDArray[np.int64]:
        """Return the test images that are closest to a training image, (count,) int64 at most."""
        return np.asarray(self.closest[1].argsort()[:count], np.int64)


@dataclass(frozen=True)
class Distances:
    """How far test images are from the most similar training image, in grey levels, 0-255.

    Attributes:
        smallest: of the closest pair.
        median: of all test images.
        from_blank: the median distance of a test image from a blank sheet.
    """

    smallest: float
    median: float
    from_blank: float


@dataclass(frozen=True, eq=False)
class ImageMap:
    """A map of images on which alike ones stand close together.

    Attributes:
        places: (n, 2) float64, where each stands.
        labels: (n,) integers, the class of each.
    """

    places: NDArray[np.float64]
    labels: NDArray[np.integer]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def kept_together(self) -> float:
        """The share of images that stand nearest to one of their own class, 0-1; 0 of one image."""
        if len(self) < 2:
            return 0.0
        finder = NearestNeighbors(n_neighbors=1).fit(self.places)
        (nearest,) = finder.kneighbors(return_distance=False).T
        return float(np.mean(self.labels[nearest] == self.labels))

    @property
    def closest_classes(self) -> tuple[int, int] | None:
        """The two classes whose middles (medians) are closest together; None of one class."""
        present = np.unique(self.labels)
        if len(present) < 2:
            return None
        middles = np.stack([np.median(self.places[self.labels == k], axis=0) for k in present])
        apart = np.linalg.norm(middles[:, np.newaxis] - middles, axis=2)
        np.fill_diagonal(apart, np.inf)
        first, second = np.unravel_index(apart.argmin(), apart.shape)
        return int(present[first]), int(present[second])


@dataclass(frozen=True)
class Copies:
    """Images that are another one's copy, pixel by pixel.

    Attributes:
        train: how many training images repeat an earlier training image.
        test: how many test images repeat an earlier test image.
        across: how many test images are also training images.
    """

    train: int
    test: int
    across: int


def copies(train: Split, test: Split) -> Copies:
    """Return how many images are exact copies of others."""
    learned, judged = ([image.tobytes() for image in split.images] for split in (train, test))
    known = set(learned)
    return Copies(
        len(learned) - len(known),
        len(judged) - len(set(judged)),
        sum(image in known for image in judged),
    )


def distances(near: Neighbours, test: Split) -> Distances:
    """Return how far test images are from the most similar training image, and from blank paper.

    Args:
        near: the training images that each test image is most like.
        test: the test images.
    """
    _, apart = near.closest
    flat = test.images.reshape(len(test), -1)
    blank = np.zeros_like(flat[0])
    from_blank = _apart(flat, np.broadcast_to(blank, flat.shape))
    return Distances(float(apart.min()), float(np.median(apart)), float(np.median(from_blank)))


def nearest(train: Split, test: Split) -> Neighbours:
    """Return the training images that each test image is most like.

    Candidates are looked for in the first principal components of the training images, and compared
    pixel by pixel; where there are few of a class, all are.

    Args:
        train: at least two classes.
        test: what is compared with them; each class must be among those of `train`.

    Raises:
        DatasetError: A class of the test images has no training image, or there is one class only.
    """
    classes = np.unique(train.labels)
    missing = np.setdiff1d(test.labels, classes)
    if len(missing) or len(classes) < 2:
        found = f"none of {', '.join(map(str, missing))}" if len(missing) else f"only {classes[0]}"
        raise DatasetError(
            "training images: expected some of each class that test images have, and of two "
            f"classes at least; found {found}. Compare with more of them, or check their labels."
        )
    flat, asked = (split.images.reshape(len(split), -1) for split in (train, test))
    components = min(_COMPONENTS, len(flat), flat.shape[1])
    with np.errstate(invalid="ignore"):  # alike images have no variance to have shares of
        projection = PCA(components, svd_solver="covariance_eigh").fit(flat.astype(np.float32))
    places, sought = (projection.transform(each.astype(np.float32)) for each in (flat, asked))
    indices = np.empty((len(test), len(classes)), np.int64)
    distances = np.empty((len(test), len(classes)))
    for column, label in enumerate(classes):
        members = np.flatnonzero(train.labels == label)
        finder = NearestNeighbors(n_neighbors=min(_CANDIDATES, len(members)), algorithm="brute")
        candidates = members[finder.fit(places[members]).kneighbors(sought, return_distance=False)]
        apart = np.stack([_apart(asked, flat[each]) for each in candidates.T], axis=1)
        best = apart.argmin(axis=1)
        rows = np.arange(len(test))
        indices[:, column], distances[:, column] = candidates[rows, best], apart[rows, best]
    return _parted(indices, distances, test.labels[:, np.newaxis] == classes)


def _apart(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) the root of the mean squared difference of the pixels of two images each."""
    difference = first.astype(np.float32) - second
    squares = np.einsum("ij,ij->i", difference, difference, dtype=np.float64)
    return np.asarray(np.sqrt(squares / first.shape[1]), np.float64)


def _parted(
    indices: NDArray[np.int64], distances: NDArray[np.float64], own: NDArray[np.bool_]
) -> Neighbours:
    """Neighbours of one's own class, and the nearest of the other classes."""
    rows = np.arange(len(indices))
    mine = own.argmax(axis=1)
    others = np.where(own, np.inf, distances).argmin(axis=1)
    return Neighbours(
        indices[rows, mine],
        distances[rows, mine],
        indices[rows, others],
        distances[rows, others],
    )
