"""What takes a while to find out about a data set: which images are alike, and a map of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pydantic
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from handwriting.data.dataset import Dataset
from handwriting.errors import MeasurementError
from handwriting.evaluation import similarity
from handwriting.evaluation.similarity import Neighbours
from handwriting.results import store
from handwriting.results.arrays import Array

_PACKAGES = ("numpy", "scikit-learn", "scipy")
_COMPONENTS = 40
_PERPLEXITY = 30


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
