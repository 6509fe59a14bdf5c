"""What takes a while to find out about a data set: which images are alike, and a map of them."""

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

from handwriting.data.dataset import Dataset
from handwriting.errors import MeasurementError
from handwriting.evaluation import similarity
from handwriting.evaluation.similarity import Neighbours
from handwriting.results import source, store
from handwriting.results.files import Array

_PACKAGES = ("numpy", "scikit-learn", "scipy")


_MAP_COMPONENTS, _PERPLEXITY = 40, 30  # of the map


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
    found = similarity.nearest(data.train.taken(among), data.test)
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
