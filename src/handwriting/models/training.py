"""What a network is compiled with: how wrong its outputs are, and how its weights are changed."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting.data import splitting
from handwriting.data.dataset import Split
from handwriting.errors import TrainingError
from handwriting.models.backend import keras
from handwriting.models.config import PlainTraining, TrainingConfig
from handwriting.models.layers import Distort

_MOMENTUM = 0.8
_SQUARES_MOMENTUM = 0.95
"""Adam's beta_1 and beta_2. Keras's 0.9 and 0.999 average over more steps than so short a training
can spare; like the defaults of `TrainingConfig`, these were chosen on 10,000 of MNIST's training
images."""


def optimizer(plan: TrainingConfig, steps: int) -> keras.optimizers.Optimizer:
    """Return Adam for a training of so many steps."""
    if isinstance(plan, PlainTraining):
        return keras.optimizers.Adam(plan.learning_rate)
    rising = int(steps * plan.warm_up)
    schedule = keras.optimizers.schedules.CosineDecay(
        plan.learning_rate / (rising + 1),
        decay_steps=steps - rising,
        warmup_target=plan.learning_rate,
        warmup_steps=rising,
    )
    return keras.optimizers.Adam(
        schedule,
        beta_1=_MOMENTUM,
        beta_2=_SQUARES_MOMENTUM,
        use_ema=plan.averaging > 0,
        ema_momentum=plan.averaging,
    )


class Crossentropy(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
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


Progress = Callable[[str], None]
Examples = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Images and their labels."""

_IMAGES_AT_ONCE = 1024
"""How many images are scored at once: of MNIST's, 32 first feature maps then take 75 MB."""

_LOOKS = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
"""Where the upper left corner of each look lies in an image with a frame of one pixel."""

_RECORDED = {
    "loss": "loss",
    "accuracy": "accuracy",
    "validation_loss": "val_loss",
    "validation_accuracy": "val_accuracy",
}
"""What Keras calls each number of a history."""

_MOST_STEPS_AT_ONCE = 1000
"""How many steps may pass before Python hears of them (and of Ctrl-C)."""


@dataclass(frozen=True, eq=False)
class FittedNetwork:
    """A trained network and how it came about.

    Attributes:
        network: it takes (n, height, width) uint8, 0-255.
        history: `loss` and `accuracy` over the training images while they were learned from, and
            `validation_loss` and `validation_accuracy` after each epoch: one number an epoch,
            accuracies as fractions. Those of validation are empty where its share is 0; they are
            those of the weights at that moment, also where the plan ends with an average.
        epoch_seconds: seconds that had passed when each epoch ended, without those of validation.
        seconds: seconds that the training took, validation included. With them and with those of
            epochs counts the preparation, also where several trainings shared one.
    """

    network: keras.Model
    history: Mapping[str, tuple[float, ...]]
    epoch_seconds: tuple[float, ...]
    seconds: float


def fit(
    network: keras.Model, train: Split, plan: TrainingConfig, progress: Progress | None = None
) -> FittedNetwork:
    """The network, trained in place on `train`, with its history; see `Learner`.

    Args:
        network: as `Learner.fit` takes it.
        train: the images to learn from.
        plan: how to train, and with which seed.
        progress: called with a line after each epoch.

    Raises:
        DatasetError: where there are too few images.
        TrainingError: where the loss is no longer a finite number.
    """
    return Learner(network, train, plan).fit(network, plan.seed, progress)


def predict(network: keras.Model, images: NDArray[np.uint8], looks: int = 1) -> NDArray[np.float32]:
    """Scores of each image, (n, classes) float32 in 0-1: the highest is what the network reads.

    Args:
        network: fitted or not.
        images: (n, height, width) uint8, 0-255.
        looks: 1 to read each image as it is; 5 for the mean over that and over the image shifted
            by one pixel up, down, to the left and to the right.
    """
    height, width = images.shape[1:]
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    views = (framed[:, y : y + height, x : x + width] for y, x in _LOOKS[:looks])
    return np.asarray(sum(_read(network, view) for view in views) / looks, np.float32)


def _read(network: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    scores = np.empty((len(images), network.output_shape[-1]), np.float32)
    for start in range(0, len(images), _IMAGES_AT_ONCE):
        batch = slice(start, start + _IMAGES_AT_ONCE)
        # Called as a function: `Model.predict` would trace a graph anew for each network.
        scores[batch] = keras.ops.convert_to_numpy(network(images[batch], training=False))
    return scores


class Learner:
    """A compiled copy of a network, in which one network after another is trained.

    What a backend traces of a training belongs to a compiled network, and takes it a second, so
    networks that differ in their seeds share one; they themselves stay uncompiled. The same initial
    weights, images and plan give the same weights on the same machine, bit for bit, whatever ran
    before: to that end the global seeds of Python, NumPy and the backend are set to the training's.

    The loss is sparse categorical cross-entropy where the output layer is softmax, and binary
    cross-entropy on one-hot labels where it is sigmoid.
    """

    def __init__(self, network: keras.Model, train: Split, plan: TrainingConfig) -> None:
        """Prepare all that does not depend on a seed.

        Args:
            network: uncompiled, such as `networks.dense` returns; its weights are not looked at.
            train: the images to learn from. A share of them, the same for each seed, is kept for
                validation: see `splitting.divided`.
            plan: how to train; its seed is not looked at.

        Raises:
            DatasetError: where there are too few images.
        """
        started = time.perf_counter()
        learning, watching = splitting.divided(train, plan.validation_share)
        self._learning = (train.images[learning], train.labels[learning])
        self._watching = (train.images[watching], train.labels[watching])
        self._plan = plan
        self._batch_size = plan.images_per_step(len(learning))
        steps = math.ceil(len(learning) / self._batch_size)
        self._copy = _copied(network, plan.precision)
        self._distort = Distort(plan.distortion) if plan.distortion else None
        before = [self._distort] if self._distort else []
        image = keras.Input(network.input_shape[1:], dtype="uint8")
        self._trained = keras.Sequential([image, *before, self._copy])
        self._optimizer = optimizer(plan, steps * plan.epochs)
        self._optimizer.build(self._copy.trainable_variables)
        self._unused = [variable.numpy() for variable in self._optimizer.variables]
        self._trained.compile(
            optimizer=self._optimizer,
            loss=Crossentropy(network.layers[-1].activation.__name__, plan.label_smoothing),
            metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
            steps_per_execution=min(steps, _MOST_STEPS_AT_ONCE),
            jit_compile=plan.jit_compile or keras.backend.backend() == "jax",
        )
        # A few steps, whose weights nobody uses, have the backend trace what all trainings share.
        some = _some(self._learning, self._batch_size), _some(self._watching, _IMAGES_AT_ONCE)
        self._run(*some, epochs=1)
        self._preparation = time.perf_counter() - started

    def fit(
        self, network: keras.Model, seed: int, progress: Progress | None = None
    ) -> FittedNetwork:
        """The network, trained in place, with its history.

        Args:
            network: built like the one that was prepared for; its weights are where training
                starts, and float32.
            seed: what the order of the images, and their distortion, are drawn from.
            progress: called with a line after each epoch.

        Raises:
            TrainingError: where the loss is no longer a finite number.
        """
        started = time.perf_counter() - self._preparation
        self._copy.set_weights(network.get_weights())
        for variable, value in zip(self._optimizer.variables, self._unused, strict=True):
            variable.assign(value)
        keras.utils.set_random_seed(int(seed))
        if self._distort:
            self._distort.restart(int(seed))
        watch = _Watch(self._plan, started, progress)
        callbacks: list[keras.callbacks.Callback] = [watch]
        if self._plan.patience:
            callbacks.append(
                keras.callbacks.EarlyStopping(
                    "val_loss", mode="min", patience=self._plan.patience, restore_best_weights=True
                )
            )
        recorded = self._run(self._learning, self._watching, self._plan.epochs, callbacks)
        network.set_weights(self._copy.get_weights())
        seconds = time.perf_counter() - started
        history = {
            name: tuple(map(float, recorded.get(theirs, ()))) for name, theirs in _RECORDED.items()
        }
        return FittedNetwork(network, history, tuple(watch.seconds), seconds)

    def _run(
        self,
        learning: Examples,
        watching: Examples,
        epochs: int,
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> dict[str, list[float]]:
        """What Keras records of a training."""
        with _without_retracing_warnings():
            recorded = self._trained.fit(
                *learning,
                batch_size=self._batch_size,
                epochs=epochs,
                validation_data=watching if len(watching[0]) else None,
                validation_batch_size=_IMAGES_AT_ONCE,
                callbacks=list(callbacks),
                verbose=0,
            )
        return dict(recorded.history)


def _some(examples: Examples, batch_size: int) -> Examples:
    """The first examples: a batch, and one that is not full where all of them leave one over."""
    images, labels = examples
    number = batch_size + len(labels) % batch_size
    return images[:number], labels[:number]


@contextmanager
def _without_retracing_warnings() -> Iterator[None]:
    """Several learners trace a training once each; TensorFlow takes them for one that does often.

    Each was made for another network, so there is nothing to warn of.
    """
    logger = logging.getLogger("tensorflow")

    def other(record: logging.LogRecord) -> bool:
        return "triggered tf.function retracing" not in record.getMessage()

    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


def _copied(network: keras.Model, precision: str) -> keras.Model:
    """The network again, all but its last layer computing in a precision; weights are float32."""
    if precision == "float32":
        return keras.models.clone_model(network)

    def copied(layer: keras.Layer) -> keras.Layer:
        lowered = {} if layer is network.layers[-1] else {"dtype": f"mixed_{precision}"}
        return type(layer).from_config({**layer.get_config(), **lowered})

    return keras.models.clone_model(network, clone_function=copied)


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Notes when epochs end, says so, and ends a training whose loss is no number."""

    def __init__(self, plan: TrainingConfig, started: float, progress: Progress | None) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._plan, self._started, self._progress = plan, started, progress

    def on_test_begin(self, logs: object = None) -> None:
        self._paused = time.perf_counter()

    def on_test_end(self, logs: object = None) -> None:
        self._started += time.perf_counter() - self._paused

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        logs = logs or {}
        self.seconds.append(time.perf_counter() - self._started)
        wrong = [number for number in logs.values() if not math.isfinite(number)]
        if wrong:
            raise TrainingError(
                f"epoch {epoch + 1}: expected a finite loss; found {wrong[0]} with "
                f"learning_rate={self._plan.learning_rate:g}. Use a lower learning rate."
            )
        if self._progress:
            read = logs.get("val_accuracy", logs["accuracy"])
            self._progress(
                f"epoch {epoch + 1} of {self._plan.epochs}, "
                f"{'validation' if 'val_accuracy' in logs else 'training'} accuracy {read:.2%}"
            )
