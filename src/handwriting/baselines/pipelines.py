"""The rivals as scikit-learn's pipelines: how one is made, described and measured.

Some take the slant out of images first, so that one digit by two hands looks more alike.
"""

from __future__ import annotations

import copy
import pickle
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from handwriting.baselines import bare
from handwriting.baselines.timing import BARE, Call, Conditions, Entrant, Trained
from handwriting.data.dataset import Dataset, Split
from handwriting.errors import TooFewImagesError
from handwriting.results.store import digest

if TYPE_CHECKING:  # settings are in the key of what is kept, and who else takes part is not
    from handwriting.baselines.classifiers import Classifier

_PACKAGES = ("numpy", "scikit-learn", "scipy")

_ENOUGH = 100
"""Training images of the rarest class: with as many, scikit-learn refuses none for want of them."""


def entrants(
    rivals: Sequence[Classifier], data: Dataset, conditions: Conditions
) -> tuple[Entrant, ...]:
    """Return rivals as entrants.

    Args:
        rivals: which ones.
        data: what they will learn from.
        conditions: how many images and threads they get, and their seed.
    """
    height, width = data.image_shape
    make_for_all = partial(
        make,
        images=conditions.images(data),
        pixels=height * width,
        seed=conditions.seed,
        threads=conditions.threads,
    )
    return tuple(
        Entrant(
            rival.name,
            rival.title,
            settings(make_for_all(rival)),
            digest(parameters(make_for_all(rival))),
            __name__,
            _PACKAGES,
            partial(_train, partial(make_for_all, rival)),
            random=rival.random,
        )
        for rival in rivals
    )


def make(rival: Classifier, images: int, pixels: int, seed: int = 0, threads: int = 1) -> Pipeline:
    """Return a new, unfitted pipeline that takes images, (n, height, width) uint8, 0-255.

    Args:
        rival: which one.
        images: how many training images there will be: with few, some settings have to be smaller.
        pixels: how many pixels an image has.
        seed: what its random numbers are drawn from, where it needs any.
        threads: how many threads it may use, where it can use several.
    """
    steps = [("pixels", FunctionTransformer(flattened))]
    if rival.deskewed:
        steps.insert(0, ("deskewing", Deskewing()))
    for pattern in rival.steps:
        step = clone(pattern)
        known = step.get_params(deep=False)
        fitting = {"random_state": seed}
        if known.get("n_jobs"):
            fitting["n_jobs"] = threads
        if isinstance(step, PCA):
            fitting["n_components"] = min(step.n_components, images, pixels)
        if isinstance(step, Nystroem):
            fitting["n_components"] = min(step.n_components, images)
        step.set_params(**{name: value for name, value in fitting.items() if name in known})
        steps.append((type(step).__name__, step))
    return Pipeline(steps)


def settings(pipeline: Pipeline) -> str:
    """Return what a rival's pipeline does, with the settings that are not scikit-learn's defaults.

    Seed and threads are left out: they are the same for all.
    """
    steps = []
    for name, step in pipeline.steps:
        if name == "pixels":
            continue
        shown = clone(step)
        usual = {"random_state": None, "n_jobs": None}
        shown.set_params(**{key: usual[key] for key in usual if key in shown.get_params()})
        steps.append("".join(repr(shown).split("\n")))
    return " → ".join(steps)


def parameters(pipeline: Pipeline) -> dict[str, str]:
    """Return all settings of a rival's pipeline by name, defaults too, but not seed and threads.

    The same settings under a version of scikit-learn with other defaults are others here.
    """
    return {
        name: repr(value)
        for name, value in pipeline.get_params().items()
        if "__" in name and not name.endswith(("__random_state", "__n_jobs", "__func"))
    }


def flattened(images: NDArray[Any]) -> NDArray[np.float32]:
    """Return each image as one row of numbers from 0 to 1, (n, height x width) float32.

    Args:
        images: (n, height, width), 0-255.
    """
    rows: NDArray[np.float32] = images.reshape(len(images), -1).astype(np.float32)
    return np.divide(rows, np.float32(255), out=rows)


def _train(make: Callable[[], Pipeline], train: Split, test: Split) -> Trained:
    """A rival, fitted.

    Raises:
        TooFewImagesError: scikit-learn cannot fit it to so few images or classes.
    """
    pipeline = make()
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        try:
            pipeline.fit(train.images, train.labels)
            fit_seconds = time.perf_counter() - started
            pipeline.predict(train.images[:1])  # neighbours and LDA do not refuse before
        except (IndexError, ValueError) as error:
            counts = np.unique(train.labels, return_counts=True)[1]
            if len(counts) > 1 and counts.min() >= _ENOUGH:
                raise
            raise TooFewImagesError(
                f"expected more training images, or more classes; found {len(train):,} images, of "
                f"{len(counts):,} classes, {counts.min():,} of the rarest. Learn from more. "
                f"scikit-learn says: {error}"
            ) from error
    others = [each for each in caught if not issubclass(each.category, ConvergenceWarning)]
    for each in others:
        warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    size = len(pickle.dumps(pipeline))  # only ever written
    calls = [Call("scikit-learn", size, pipeline.predict, _with_one_thread(pipeline).predict)]
    if reader := bare.reader(pipeline):
        calls.append(Call(BARE, len(pickle.dumps(reader)), reader.predict, reader.predict))
    return Trained(tuple(calls), fit_seconds, len(others) == len(caught))


def _with_one_thread(pipeline: Pipeline) -> Pipeline:
    """The fitted pipeline, for one image at a time.

    There is nothing to share out then, and starting threads would take the longest.
    """
    steps = [(name, copy.copy(step)) for name, step in pipeline.steps]
    for _, step in steps:
        if "n_jobs" in step.get_params(deep=False):
            step.set_params(n_jobs=1)
    return Pipeline(steps)


# Deskewing


class Deskewing(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A scikit-learn transformer that takes out the slant of each image; it learns nothing."""

    def fit(self, images: NDArray[np.uint8], labels: object = None) -> Self:
        """Return itself: how an image slants says that image alone."""
        return self

    def transform(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return `deskewed(images)`."""
        return deskewed(images)

    def __sklearn_is_fitted__(self) -> bool:
        """Whether it can transform: always."""
        return True


def deskewed(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the images with each line moved sideways until the ink stands upright.

    Line y of an image moves by a(y - y0), where a is its slant and y0 the mean line of its ink, as
    in Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), Gradient-based learning applied to
    document recognition, Proceedings of the IEEE 86(11); they count inked pixels, here each counts
    by its ink. What falls between two pixels is interpolated; what leaves the frame is lost.

    Args:
        images: (n, height, width) uint8, 0-255.

    Returns:
        (n, height, width) float32, 0-255.
    """
    upright = np.empty(np.shape(images), np.float32)
    centres, angles = _moments(images)
    for image, centre, slant, target in zip(images, centres, angles, upright, strict=True):
        lines_move = [[1.0, 0.0], [slant, 1.0]]
        ndimage.affine_transform(
            image, lines_move, offset=(0.0, -slant * centre), output=target, order=1
        )
    return upright


def slants(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how far each image's ink moves to the right with each line downward, (n,), in pixels.

    It is the covariance of the ink's column and line over the variance of its line; 0 where there
    is no ink, or ink on one line only.

    Args:
        images: (n, height, width) uint8, 0-255.
    """
    return _moments(images)[1]


def most_slanted(images: NDArray[np.uint8], labels: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Return the image of each class that slants most, to either side, (classes, height, width).

    Classes without images are left out, and so are those after the tenth.

    Args:
        images: (n, height, width) uint8, 0-255.
        labels: (n,) integers, the class of each.
    """
    leaning = np.abs(slants(images))
    places = (np.flatnonzero(labels == label) for label in np.unique(labels)[:10])
    return images[[place[leaning[place].argmax()] for place in places]]


def _moments(images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean line of each image's ink, and its slant."""
    ink = np.asarray(images, np.float64)
    lines, columns = np.arange(ink.shape[1]), np.arange(ink.shape[2])
    mass = np.maximum(ink.sum(axis=(1, 2)), 1.0)  # at least one grey level, where there is any ink
    by_line = ink.sum(axis=2)
    line = by_line @ lines / mass
    column = ink.sum(axis=1) @ columns / mass
    covariance = np.einsum("nlc,l,c->n", ink, lines, columns, optimize=True) / mass - line * column
    variance = by_line @ (lines * lines) / mass - line * line
    flat = variance < 1e-9
    slant = np.where(flat, 0.0, covariance / np.where(flat, 1.0, variance))
    return line, slant
