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

from handwriting.baselines.timing import BARE, Call, Conditions, Entrant, Trained
from handwriting.data.dataset import Dataset, Split
from handwriting.models.config import TrainingConfig
from handwriting.models.dense_network import exported
from handwriting.results.store import digest

_PACKAGES = ("keras", "numpy", "tensorflow")


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
        partial(_train, data, conditions.seed, trainings),
        network=True,
        random=True,
    )


def _train(data: Dataset, seed: int, trainings: int, train: Split, test: Split) -> Trained:
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
    calls = [
        Call(name, size, read, read)
        for name, size, read in (
            ("Keras predict", saved, lambda images: _best(first.predict(images, verbose=0))),
            ("compiled call", saved, lambda images: _best(first.predict_on_batch(images))),
            (BARE, weights, exported(first.get_weights()).predict),
        )
    ]
    classes = [_best(training.predict(each.network, test.images)) for each in fitted]
    return Trained(tuple(calls), fitted[0].seconds, predictions=np.stack(classes))


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
