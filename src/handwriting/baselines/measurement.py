"""Who takes part in a contest of classifiers, and how each of them is measured."""

from __future__ import annotations

import copy
import pickle
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline

from handwriting.baselines import classifiers
from handwriting.baselines.classifiers import Classifier, Effort
from handwriting.baselines.timing import Durations, Read, TimedReading, time_reading
from handwriting.data.dataset import Dataset, Split
from handwriting.errors import MeasurementError
from handwriting.models.config import TrainingConfig
from handwriting.models.dense_network import exported
from handwriting.results.store import digest, packed

_SHARED_MODULES = (
    "baselines.benchmark",
    "baselines.measurement",
    "baselines.timing",
    "data.bundled_digits",
    "data.dataset",
    "data.folders",
    "data.idx",
    "data.registry",
    "results.files",
    "results.store",
)
_RIVAL_MODULES = (
    *_SHARED_MODULES,
    "baselines.classifiers",
    "baselines.deskewing",
)
_NETWORK_MODULES = (
    *_SHARED_MODULES,
    "data.splitting",
    "models.augmentation",
    "models.config",
    "models.dense_network",
    "models.layers",
    "models.lenet",
    "models.networks",
    "models.training",
)
_RIVAL_PACKAGES = ("numpy", "scikit-learn", "scipy")
_NETWORK_PACKAGES = ("keras", "numpy", "tensorflow")
_MOST_OTHER_ANSWERS = 0.001  # by rounding, where two scores are all but equal


@dataclass(frozen=True)
class InferenceMode:
    """A way of calling a classifier, and what it costs.

    Attributes:
        name: what prose calls it.
        single: how long one image takes.
        batch: how long many images at once take.
        size: bytes of the classifier, written to a file as this way needs it.
    """

    name: str
    single: Durations
    batch: Durations
    size: int


@dataclass(frozen=True)
class Measurement:
    """What was measured of one classifier.

    Attributes:
        predictions: of each training, the class of each test image, as `packing.packed` writes it.
        fit_seconds: seconds that the first training took.
        converged: False where scikit-learn says that the first training ended too early.
        ways: how the first one can be called, and what that costs.
    """

    predictions: tuple[str, ...]
    fit_seconds: float
    converged: bool
    ways: tuple[InferenceMode, ...]


@dataclass(frozen=True)
class Conditions:
    """What is the same for all.

    Attributes:
        machine: processor, cores and the like, each by name.
        training_images: how many images to learn from at most, drawn at random; 0 for all.
        seed: what random numbers are drawn from.
        threads: how many threads a classifier may use.
    """

    machine: Mapping[str, object] = field(default_factory=dict)
    training_images: int = 0
    seed: int = 0
    threads: int = 2

    def images(self, data: Dataset) -> int:
        """How many of a data set's training images are learned from."""
        return min(self.training_images or len(data.train), len(data.train))


@dataclass(frozen=True)
class Entrant:
    """A classifier that can be measured.

    Attributes:
        name: what files call it.
        title: what prose calls it.
        settings: how it is made, as far as prose says it.
        parameters: a digest of all its settings: with others its result would be another.
        modules: the modules of this package that its result depends on.
        packages: the packages that its result depends on.
        measure: trains it on the first split, and lets it read the second.
        network: whether it is the neural network, which the others are compared with.
    """

    name: str
    title: str
    settings: str
    parameters: str
    modules: tuple[str, ...]
    packages: tuple[str, ...]
    measure: Callable[[Split, Split], Measurement]
    network: bool = False


def entered(
    effort: Effort, data: Dataset, terms: Conditions, trainings: int
) -> tuple[tuple[Entrant, ...], tuple[Entrant, ...]]:
    """Return who takes part at an effort, the network first, and the rivals that would take longer.

    Args:
        effort: how long one is ready to wait.
        data: what they will learn from.
        terms: what is the same for all.
        trainings: how many networks to train.
    """
    network = network_entrant(data, terms, trainings)
    part = rival_entrants(classifiers.within(effort), data, terms)
    return (network, *part), rival_entrants(classifiers.beyond(effort), data, terms)


def rival_entrants(
    rivals: Sequence[Classifier], data: Dataset, terms: Conditions
) -> tuple[Entrant, ...]:
    """Return rivals as entrants.

    Args:
        rivals: which ones.
        data: what they will learn from.
        terms: how many images and threads they get, and their seed.
    """
    height, width = data.image_shape
    make = partial(
        classifiers.make,
        images=terms.images(data),
        pixels=height * width,
        seed=terms.seed,
        threads=terms.threads,
    )
    return tuple(
        Entrant(
            rival.name,
            rival.title,
            classifiers.settings(make(rival)),
            digest(classifiers.parameters(make(rival))),
            _RIVAL_MODULES,
            _RIVAL_PACKAGES,
            partial(_measure_rival, partial(make, rival)),
        )
        for rival in rivals
    )


def network_entrant(data: Dataset, terms: Conditions, trainings: int = 1) -> Entrant:
    """Return the neural network as an entrant: one hidden layer, trained as `TrainingConfig` says.

    It learns from all training images: none is held back for validation. Keras is imported when it
    is measured, and not before.

    Args:
        data: what it will learn from.
        terms: its first seed.
        trainings: how many networks to train, with seeds from that one upwards; the first one is
            timed.
    """
    height, width = data.image_shape
    settings = f"{height * width} pixels, 128 ReLU, {data.classes} softmax; trainings={trainings}"
    return Entrant(
        "network",
        "network",
        settings,
        digest(settings),
        _NETWORK_MODULES,
        _NETWORK_PACKAGES,
        partial(_measure_network, data, terms.seed, trainings),
        network=True,
    )


def _measure_rival(make: Callable[[], Pipeline], train: Split, test: Split) -> Measurement:
    pipeline = make()
    started = time.perf_counter()
    with _convergence() as complaints:
        pipeline.fit(train.images, train.labels)
    fit_seconds = time.perf_counter() - started
    size = len(pickle.dumps(pipeline))  # only ever written
    timed = time_reading(pipeline.predict, test.images, read_one=_with_one_thread(pipeline).predict)
    way = InferenceMode("scikit-learn", timed.single, timed.batch, size)
    return Measurement((packed(timed.classes),), fit_seconds, not complaints, (way,))


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


def _measure_network(
    data: Dataset, seed: int, trainings: int, train: Split, test: Split
) -> Measurement:
    from handwriting.models import (
        networks,
        training,  # here, since Keras takes seconds to import
    )

    fitted = tuple(
        training.repeat(
            lambda number: networks.dense(data.image_shape, data.classes, seed=number),
            train,
            TrainingConfig(validation_share=0),
            range(seed, seed + trainings),
        )
    )
    first = fitted[0].network
    read = (
        _timed("Keras predict", lambda images: _best(first.predict(images, verbose=0)), test),
        _timed("compiled call", lambda images: _best(first.predict_on_batch(images)), test),
        _timed("NumPy alone", exported(first.get_weights()).predict, test),
    )
    classes = [_best(training.predict(each.network, test.images)) for each in fitted]
    ways = []
    for (name, timed), size in zip(read, _sizes(first), strict=True):
        _require_same(name, timed.classes, classes[0])
        ways.append(InferenceMode(name, timed.single, timed.batch, size))
    return Measurement(tuple(map(packed, classes)), fitted[0].seconds, True, tuple(ways))


def _require_same(name: str, found: NDArray[np.integer], expected: NDArray[np.integer]) -> None:
    """Refuse a way of calling the network whose answers are others, but for near ties."""
    others = int(np.count_nonzero(found != expected))
    if others > _MOST_OTHER_ANSWERS * len(expected):
        raise MeasurementError(
            f"{name}: expected the network's answers, found {others:,} of {len(expected):,} "
            "others. Look at how the network is called."
        )


def _timed(name: str, read: Read, test: Split) -> tuple[str, TimedReading]:
    return name, time_reading(read, test.images)


def _best(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    return np.asarray(scores.argmax(axis=1), np.int64)


def _sizes(network: Any) -> tuple[int, int, int]:
    """Bytes of a Keras network's file, twice, and of what NumPy needs of it."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Of TensorFlow's variables, which do not know NumPy 2's `copy`.
        warnings.simplefilter("ignore", DeprecationWarning)
        path = Path(folder) / "network.keras"
        network.save(path)
        saved = path.stat().st_size
    return saved, saved, len(pickle.dumps(exported(network.get_weights())))
