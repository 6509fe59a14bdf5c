"""The neural network among the classifiers: the one that the rivals are compared with."""

from __future__ import annotations

import pickle
import tempfile
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handwriting.baselines.timing import Conditions, Entrant, Measurement, time_reading
from handwriting.data.dataset import Dataset, Split
from handwriting.errors import MeasurementError
from handwriting.models.config import TrainingConfig
from handwriting.models.dense_network import exported
from handwriting.results.store import digest

_PACKAGES = ("keras", "numpy", "tensorflow")
_MOST_OTHER_ANSWERS = 0.001  # by rounding, where two scores are all but equal


def entrant(data: Dataset, conditions: Conditions, trainings: int) -> Entrant:
    """Return the neural network as an entrant: one hidden layer, trained as `TrainingConfig` says.

    It learns from all training images: none is held back for validation. Keras is imported when it
    is measured, and not before.

    Args:
        data: what it will learn from.
        conditions: its first seed.
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
        __name__,
        _PACKAGES,
        partial(_measure, data, conditions.seed, trainings),
        network=True,
    )


def _measure(data: Dataset, seed: int, trainings: int, train: Split, test: Split) -> Measurement:
    from handwriting.models import (
        networks,
        training,  # here, since Keras takes seconds to import
    )

    def build(number: int) -> Any:
        return networks.dense(data.image_shape, data.classes, seed=number)

    learner = training.Learner(build(seed), train, TrainingConfig(validation_share=0))
    fitted = [learner.fit(build(number), number) for number in range(seed, seed + trainings)]
    first = fitted[0].network
    saved, weights = _sizes(first)
    timed = [
        time_reading(name, size, read, test.images)
        for name, size, read in (
            ("Keras predict", saved, lambda images: _best(first.predict(images, verbose=0))),
            ("compiled call", saved, lambda images: _best(first.predict_on_batch(images))),
            ("NumPy alone", weights, exported(first.get_weights()).predict),
        )
    ]
    classes = [_best(training.predict(each.network, test.images)) for each in fitted]
    for answers, way in timed:
        _require_same(way.name, answers, classes[0])
    predictions = np.stack(classes).astype(np.uint8)
    return Measurement(predictions, fitted[0].seconds, True, tuple(way for _, way in timed))


def _require_same(name: str, found: NDArray[np.integer], expected: NDArray[np.integer]) -> None:
    """Refuse a way of calling the network whose answers are others, but for near ties."""
    others = int(np.count_nonzero(found != expected))
    if others > _MOST_OTHER_ANSWERS * len(expected):
        raise MeasurementError(
            f"{name}: expected the network's answers, found {others:,} of {len(expected):,} "
            "others. Look at how the network is called."
        )


def _best(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    return np.asarray(scores.argmax(axis=1), np.int64)


def _sizes(network: Any) -> tuple[int, int]:
    """Bytes of a Keras network's file, and of what NumPy needs of it."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Of TensorFlow's variables, which do not know NumPy 2's `copy`.
        warnings.simplefilter("ignore", DeprecationWarning)
        path = Path(folder) / "network.keras"
        network.save(path)
        saved = path.stat().st_size
    return saved, len(pickle.dumps(exported(network.get_weights())))
