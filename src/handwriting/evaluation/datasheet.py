"""What takes a while to find out about a data set: which images are alike, and a map of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

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
from handwriting.results.store import Cache, Measured

logger = logging.getLogger(__name__)

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


@dataclass(frozen=True)
class _Content:
    """What is kept of a survey; the rest follows from the data and the settings."""

    own: tuple[int, ...]
    own_distances: tuple[pydantic.FiniteFloat, ...]
    other: tuple[int, ...]
    other_distances: tuple[pydantic.FiniteFloat, ...]
    places: tuple[tuple[pydantic.FiniteFloat, pydantic.FiniteFloat], ...]


_CONTENT = pydantic.TypeAdapter(_Content)


def survey(
    data: Dataset,
    mapped: int,
    machine: Mapping[str, object],
    *,
    compared: int = 0,
    cache: Cache | None = None,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Survey:
    """Return what takes a while to find out, from the cache or found out now and kept there.

    Args:
        data: what is looked at.
        mapped: how many test images to put on the map, at most all.
        machine: processor, cores and the like, each by name.
        compared: among how many training images to look for similar ones; 0 for all.
        cache: where it is kept; the user's own where it is left out.
        fresh: look anew, whatever the cache holds.
        progress: called with a line before each step.

    Raises:
        DatasetError: A class of the test images has no training image.
    """
    cache = cache or Cache()
    among = data.train.draw(min(compared or len(data.train), len(data.train)))
    subject = {
        "data": store.digest(dict(data.origin.sha256)),
        "compared": str(len(among)),
        "mapped": str(min(mapped, len(data.test))),
    }
    circumstances = store.circumstances(machine, _PACKAGES, __name__)
    chosen = data.test.draw(min(mapped, len(data.test)))
    kept = None if fresh else cache.find("survey", subject, circumstances)
    known = _restored(kept, data, among, chosen) if kept else None
    if known:
        return known
    progress("looking for the most similar training images")
    found = similarity.nearest(data.train.taken(among), data.test)
    found = replace(found, own=among[found.own], other=among[found.other])
    progress("drawing a map")
    new = Survey(found, len(among), chosen, _places(data.test.images[chosen]))
    cache.keep(Measured("survey", subject, circumstances, store.now(), _content(new)))
    return new


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


def _content(found: Survey) -> dict[str, list[float]]:
    near = {name: each.tolist() for name, each in vars(found.neighbours).items()}
    return {**near, "places": found.places.tolist()}


def _restored(
    kept: Measured, data: Dataset, among: NDArray[np.int64], chosen: NDArray[np.int64]
) -> Survey | None:
    """The survey that was kept, or None, and a warning, where it is none of these data."""
    try:
        found = _CONTENT.validate_json(json.dumps(kept.content), strict=True)
        own, other = (np.array(each, np.int64) for each in (found.own, found.other))
        near = Neighbours(
            *(own, np.array(found.own_distances), other, np.array(found.other_distances))
        )
        _check(near, data, among)
        if len(found.places) != len(chosen):
            raise _refusal(f"{len(chosen):,} places", f"{len(found.places):,}")
    except (MeasurementError, ValueError, OverflowError) as error:
        why = " ".join(str(error).split())
        logger.warning("The survey of %s is not taken from the cache: %s", data.title, why)
        return None
    return Survey(near, len(among), chosen, np.array(found.places))


def _check(near: Neighbours, data: Dataset, among: NDArray[np.int64]) -> None:
    """Refuse neighbours that cannot be those of the test images."""
    labels = data.test.labels
    if {len(each) for each in vars(near).values()} != {len(labels)}:
        raise _refusal(f"neighbours of {len(labels):,} test images", "some of other numbers")
    if not np.isin([near.own, near.other], among).all():
        raise _refusal("images that it was looked for among", "others")
    own, other = data.train.labels[near.own], data.train.labels[near.other]
    if (own != labels).any() or (other == labels).any():
        raise _refusal("an image of a test image's class, and one of another", "other classes")


def _refusal(expected: str, found: str) -> MeasurementError:
    return MeasurementError(f"expected {expected}; found {found}. It is looked for anew.")
