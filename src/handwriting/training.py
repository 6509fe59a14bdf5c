"""Fit networks, ask them, and do it again with other seeds.

Adam follows a learning rate that rises over the first tenth of the steps and then falls to zero
along a cosine (Loshchilov and Hutter, 2017, SGDR), however many epochs there are. A whole epoch
goes to TensorFlow at once, since at these sizes a step costs less than its call from Python.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import keras
import numpy as np
from numpy.typing import NDArray

from handwriting.datasets import Dataset, Split
from handwriting.errors import DatasetError, SettingError, TrainingError
from handwriting.plans import Plan

__all__ = ["FittedNetwork", "fit", "predict", "repeat"]

_WARM_UP = 0.1
"""Share of all steps over which the learning rate rises."""

_MOMENTUM = 0.8
_SQUARES_MOMENTUM = 0.95
"""Adam's beta_1 and beta_2. Keras's 0.9 and 0.999 average over more steps than so short a training
can spare; like the defaults of `Plan`, these were chosen on 10,000 of MNIST's training images."""

_IMAGES_AT_ONCE = 4096
"""How many images are scored at once: their float32 copy takes 13 MB for MNIST."""

_MOST_STEPS_AT_ONCE = 1000
"""How many steps may pass before Python hears of them (and of Ctrl-C)."""


@dataclass(frozen=True, eq=False)
class FittedNetwork:
    """A trained network and how it came about.

    Attributes:
        network: it takes (n, height, width) uint8, 0-255.
        history: `loss` and `accuracy` over the training images while they were learned from, and
            `validation_loss` and `validation_accuracy` after each epoch: one number an epoch,
            accuracies as fractions. Those of validation are empty where its share is 0.
        seconds: seconds that the training took, its preparation and validation included; where
            it was repeated, the first prepares for all.
        plan: what was followed.
    """

    network: keras.Model
    history: Mapping[str, tuple[float, ...]]
    seconds: float
    plan: Plan


def fit(network: keras.Model, train: Split, plan: Plan | None = None) -> FittedNetwork:
    """The network, trained in place on `train`, with its history.

    The loss is sparse categorical cross-entropy where the output layer is softmax, and binary
    cross-entropy on one-hot labels where it is sigmoid. The same initial weights, images and plan
    give the same weights on the same machine, bit for bit, whatever ran before: to that end the
    global seeds of Python, NumPy and TensorFlow are set to the plan's.

    Args:
        network: uncompiled, such as `networks.dense` returns; its weights are where training
            starts.
        train: the images to learn from. A share of them, the same for each seed, is kept for
            validation.
        plan: how to train; `Plan()` where it is left out.

    Raises:
        DatasetError: where there are too few images, or they do not fit the network.
        TrainingError: where the loss is no longer a finite number.
    """
    plan = plan or Plan()
    return _Learner(network, train, plan).fit(network, plan)


def predict(network: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scores of each image, (n, classes) float32 in 0-1: the highest is what the network reads.

    Args:
        network: fitted or not.
        images: (n, height, width) uint8, 0-255.
    """
    scores = np.empty((len(images), network.output_shape[-1]), np.float32)
    for start in range(0, len(images), _IMAGES_AT_ONCE):
        batch = slice(start, start + _IMAGES_AT_ONCE)
        # Called as a function: `Model.predict` would trace a graph anew for each network.
        scores[batch] = keras.ops.convert_to_numpy(network(images[batch], training=False))
    return scores


def repeat(
    build: Callable[[int], keras.Model], data: Dataset, plan: Plan, repeats: int
) -> tuple[FittedNetwork, ...]:
    """Networks trained alike but for the seed: the plan's, the next, and so on.

    Args:
        build: returns an uncompiled network whose initial weights are drawn from a given seed.
        data: its training images are learned from; its test images are not looked at.
        plan: how to train the first; the others differ in `seed` alone.
        repeats: how many networks to train.

    Raises:
        SettingError: where `repeats` is below 1.
        DatasetError: where there are too few images, or they do not fit the network.
        TrainingError: where a loss is no longer a finite number.
    """
    if repeats < 1:
        raise SettingError(
            f"repeats: expected a whole number of at least 1; found {repeats!r}. Change it."
        )
    plans = [replace(plan, seed=plan.seed + number) for number in range(repeats)]
    first = build(plan.seed)
    learner = _Learner(first, data.train, plan)
    others = (learner.fit(build(other.seed), other) for other in plans[1:])
    return (learner.fit(first, plan), *others)


class _Learner:
    """A compiled copy of a network, in which one network after another is trained.

    What TensorFlow traces of a training belongs to a compiled network, and takes it a second, so
    repeats share one; the networks themselves stay uncompiled.
    """

    def __init__(self, network: keras.Model, train: Split, plan: Plan) -> None:
        self._started = time.perf_counter()
        _check_fits(network, train)
        learning, watching = _divide(len(train), plan.validation_share)
        self._learning = (train.images[learning], train.labels[learning])
        self._watching = (train.images[watching], train.labels[watching])
        self._batch_size = plan.images_per_step(len(learning))
        steps = math.ceil(len(learning) / self._batch_size)
        self._copy = keras.models.clone_model(network)
        self._optimizer = _optimizer(plan.learning_rate, steps * plan.epochs)
        self._optimizer.build(self._copy.trainable_variables)
        self._unused = [variable.numpy() for variable in self._optimizer.variables]
        self._copy.compile(
            optimizer=self._optimizer,
            loss=_Crossentropy(network.layers[-1].activation.__name__, plan.label_smoothing),
            metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
            steps_per_execution=min(steps, _MOST_STEPS_AT_ONCE),
            jit_compile=False,
        )

    def fit(self, network: keras.Model, plan: Plan) -> FittedNetwork:
        """The network, trained in place; `plan` may differ from the learner's in its seed."""
        self._copy.set_weights(network.get_weights())
        for variable, value in zip(self._optimizer.variables, self._unused, strict=True):
            variable.assign(value)
        keras.utils.set_random_seed(plan.seed)
        recorded = self._copy.fit(
            *self._learning,
            batch_size=self._batch_size,
            epochs=plan.epochs,
            validation_data=self._watching if len(self._watching[0]) else None,
            validation_batch_size=_IMAGES_AT_ONCE,
            callbacks=[_Watch(plan.learning_rate)],
            verbose=0,
        )
        network.set_weights(self._copy.get_weights())
        started, self._started = self._started, time.perf_counter()
        return FittedNetwork(network, _history(recorded.history), self._started - started, plan)


class _Crossentropy(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """Cross-entropy of scores to labels that are numbers of classes, less sure than they look.

    With smoothing e and k classes, softmax scores are compared with 1 - e + e/k for the true class
    and e/k for the others, sigmoid scores with 1 - e/2 and e/2 (Szegedy and others, 2016,
    Rethinking the Inception architecture, section 7). With e = 0 these are Keras's sparse
    categorical cross-entropy, and binary cross-entropy on one-hot labels.
    """

    def __init__(self, output_activation: str, label_smoothing: float) -> None:
        super().__init__()
        self._output_activation = output_activation
        self._label_smoothing = label_smoothing

    def call(self, y_true: object, y_pred: keras.KerasTensor) -> object:
        """The loss of each image, from labels (n,) and scores (n, classes)."""
        one_hot = keras.ops.one_hot(keras.ops.cast(y_true, "int32"), y_pred.shape[-1])
        formula = (
            keras.losses.binary_crossentropy
            if self._output_activation == "sigmoid"
            else keras.losses.categorical_crossentropy
        )
        return formula(one_hot, y_pred, label_smoothing=self._label_smoothing)


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Ends a training whose loss is no number."""

    def __init__(self, learning_rate: float) -> None:
        super().__init__()
        self._learning_rate = learning_rate

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        wrong = [number for number in (logs or {}).values() if not math.isfinite(number)]
        if wrong:
            raise TrainingError(
                f"epoch {epoch + 1}: expected a finite loss; found {wrong[0]} with "
                f"learning_rate={self._learning_rate:g}. Use a lower learning rate."
            )


def _optimizer(learning_rate: float, steps: int) -> keras.optimizers.Optimizer:
    rising = int(steps * _WARM_UP)
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate / (rising + 1),
        decay_steps=steps - rising,
        warmup_target=learning_rate,
        warmup_steps=rising,
    )
    return keras.optimizers.Adam(schedule, beta_1=_MOMENTUM, beta_2=_SQUARES_MOMENTUM)


def _divide(images: int, share: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which images to learn from, and which to watch the training by, the same for each seed."""
    watched = max(1, round(images * share)) if share else 0
    if images - watched < 1:
        raise DatasetError(
            f"training images: expected at least 1 besides the {watched} kept for validation; "
            f"found {images} in all. Use more images, or a smaller validation_share."
        )
    order = np.random.default_rng(0).permutation(images)
    return np.sort(order[watched:]), np.sort(order[:watched])


def _check_fits(network: keras.Model, train: Split) -> None:
    shape, classes = network.input_shape[1:], network.output_shape[-1]
    if train.images.shape[1:] != shape:
        raise DatasetError(
            f"training images: expected {shape[0]} by {shape[1]} pixels, as the network takes; "
            f"found {' by '.join(map(str, train.images.shape[1:]))}. Build it for these images."
        )
    if len(train) and int(train.labels.max()) >= classes:
        raise DatasetError(
            f"training labels: expected 0 to {classes - 1}, as the network has {classes} outputs; "
            f"found {train.labels.max()}. Build it for all classes."
        )


def _history(recorded: Mapping[str, list[float]]) -> dict[str, tuple[float, ...]]:
    names = {"": "", "validation_": "val_"}
    return {
        f"{ours}{what}": tuple(map(float, recorded.get(f"{theirs}{what}", ())))
        for ours, theirs in names.items()
        for what in ("loss", "accuracy")
    }
