"""The rivals as scikit-learn's pipelines: how one is made, described and measured."""

from __future__ import annotations

import copy
import pickle
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from handwriting.baselines.deskewing import Deskewing
from handwriting.baselines.timing import (
    Conditions,
    Entrant,
    InferenceMode,
    Measurement,
    time_reading,
)
from handwriting.data.dataset import Dataset, Split
from handwriting.results.store import digest

if TYPE_CHECKING:  # settings are in the key of what is kept, and who else takes part is not
    from handwriting.baselines.classifiers import Classifier

_PACKAGES = ("numpy", "scikit-learn", "scipy")


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
            partial(_measure, partial(make_for_all, rival)),
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


def _measure(make: Callable[[], Pipeline], train: Split, test: Split) -> Measurement:
    pipeline = make()
    started = time.perf_counter()
    with _convergence() as complaints:
        pipeline.fit(train.images, train.labels)
    fit_seconds = time.perf_counter() - started
    size = len(pickle.dumps(pipeline))  # only ever written
    timed = time_reading(pipeline.predict, test.images, read_one=_with_one_thread(pipeline).predict)
    way = InferenceMode("scikit-learn", timed.single, timed.batch, size)
    return Measurement(timed.classes[None].astype(np.uint8), fit_seconds, not complaints, (way,))


def _with_one_thread(pipeline: Pipeline) -> Pipeline:
    """The fitted pipeline, for one image at a time.

    There is nothing to share out then, and starting threads would take the longest.
    """
    steps = [(name, copy.copy(step)) for name, step in pipeline.steps]
    for _, step in steps:
        if "n_jobs" in step.get_params(deep=False):
            step.set_params(n_jobs=1)
    return Pipeline(steps)


@contextmanager
def _convergence() -> Iterator[list[str]]:
    """Collect what scikit-learn says of a training that did not converge; warn of the rest."""
    complaints: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        yield complaints
    for warning in caught:
        if issubclass(warning.category, ConvergenceWarning):
            complaints.append(str(warning.message))
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
