"""Which images are alike: each test image's most similar training images, and a map."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import pydantic
from numpy.typing import NDArray
from scipy.spatial.distance import pdist
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

from handwriting.data.dataset import Dataset, Split
from handwriting.errors import DatasetError, MeasurementError
from handwriting.results import source, store
from handwriting.results.files import Array

_PACKAGES = ("numpy", "scikit-learn", "scipy")

_COMPONENTS = 100
"""Principal components in which candidates are looked for: nine tenths of MNIST's variance."""

_MANY_PIXELS = 4096
"""From which on all components of the pixels' covariance would take minutes to find."""

_CANDIDATES = 20
"""Of each class, which are then compared pixel by pixel; MNIST's nearest are then among them."""

_MAP_COMPONENTS, _PERPLEXITY = 40, 30  # of the map


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


@dataclass(frozen=True, eq=False)
class ImageMap:
    """A map of images on which alike ones stand close together, or the space that they come from.

    Attributes:
        places: (n, dimensions) float64, where each stands.
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
        nearest = NearestNeighbors(n_neighbors=1).fit(self.places).kneighbors()[1][:, 0]
        return float(np.mean(self.labels[nearest] == self.labels))

    @property
    def closest_classes(self) -> tuple[int, int] | None:
        """The two classes whose middles (medians) are closest together; None of one class."""
        middles = pd.DataFrame(self.places).groupby(self.labels).median()
        pairs = itertools.combinations(middles.index, 2)
        return min(pairs, key=lambda pair: pdist(middles.loc[list(pair)])[0], default=None)


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
    mapped: Array
    places: Array


_SURVEY = pydantic.TypeAdapter(Survey)


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
    candidates = members[finder.kneighbors(asked[1], return_distance=False)].T
    apart = np.stack([_apart(asked[0], known[0][each]) for each in candidates])
    best = apart.argmin(axis=0), np.arange(len(asked[0]))
    return candidates[best], apart[best]


def _apart(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) the root of the mean squared difference of the pixels of two images each."""
    difference = first.astype(np.float32) - second
    squares = np.einsum("ij,ij->i", difference, difference, dtype=np.float64)
    return np.asarray(np.sqrt(squares / first.shape[1]), np.float64)


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
    return store.remember(
        "survey",
        {
            "train": data.train.digest,
            "test": data.test.digest,
            "compared": store.digest(among.tolist()),
            "mapped": store.digest(chosen.tolist()),
        },
        partial(_look, data, among, chosen, progress),
        _SURVEY,
        source.environment(machine, _PACKAGES, __name__),
        check=partial(_check, data, among, chosen),
        fresh=fresh,
    ).value


def _look(
    data: Dataset,
    among: NDArray[np.int64],
    chosen: NDArray[np.int64],
    progress: Callable[[str], None],
) -> Survey:
    progress("looking for the most similar training images")
    found = nearest(data.train.taken(among), data.test)
    found = replace(found, own=among[found.own], other=among[found.other])
    progress("drawing a map")
    return Survey(found, len(among), chosen, _places(data.test.images[chosen]))


def _places(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, 2): images on a plane, by t-SNE of their principal components; alike ones in one place.

    L. van der Maaten and G. Hinton (2008), Visualizing data using t-SNE, JMLR 9, 2579-2605.
    """
    flat = images.reshape(len(images), -1).astype(np.float32)
    if not np.ptp(flat, axis=0).any():
        return np.zeros((len(flat), 2))
    components = PCA(min(_MAP_COMPONENTS, *flat.shape), random_state=0).fit_transform(flat)
    perplexity = min(_PERPLEXITY, (len(flat) - 1) / 3)
    placed = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(components)
    return np.asarray(placed, np.float64)


def _check(
    data: Dataset, among: NDArray[np.int64], chosen: NDArray[np.int64], found: Survey
) -> None:
    """Refuse what cannot be the survey of these data."""
    labels, learned, near = data.test.labels, data.train.labels, found.neighbours
    right = (
        {each.shape for each in vars(near).values()} == {labels.shape}
        and found.compared == len(among)
        and np.array_equal(found.mapped, chosen)
        and found.places.shape == (len(chosen), 2)
        and (near.closest[1] <= near.runner_up_distances).all()
        and np.isin([near.own, near.other], among).all()
        and (learned[near.own] == labels).all()
        and ((learned[near.other] != labels) | np.isinf(near.other_distances)).all()
    )
    if not right:
        raise MeasurementError(
            f"expected, of {len(labels):,} test images, the most similar one of their class and of "
            f"another among {len(among):,}, and {len(chosen):,} places on a map; found others. It "
            "is looked for anew."
        )
