"""Images changed a little so that a network misreads them: the worst that a small change can do.

A. Madry, A. Makelov, L. Schmidt, D. Tsipras and A. Vladu, "Towards deep learning models resistant
to adversarial attacks", ICLR 2018: projected gradient descent. In place of the loss stands the
margin of scores before the last activation, since a softmax that is sure has no slope left in
float32: N. Carlini and D. Wagner, "Towards evaluating the robustness of neural networks", IEEE
Symposium on Security and Privacy 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handwriting.errors import SettingError
from handwriting.models import backend
from handwriting.models.backend import keras

_STEPS = 20
_STEP = 2.5
"""How far all steps together reach, in radii (Madry and others, 2018)."""

_IMAGES_AT_ONCE = 500


def attacked(
    network: keras.Model,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    radius: float,
    seed: int = 0,
) -> NDArray[np.bool_]:
    """Return whether each image is still read as what it is, however it is changed so little.

    An image counts as misread as soon as one step of the search finds a change that is.

    Args:
        network: of this project: its first layer is `scaling`, its last `output`.
        images: (n, height, width) uint8, 0-255.
        labels: (n,) integers, their classes.
        radius: by how much each pixel may change at most, as a share of the way from paper to ink.
        seed: of the changes that the search begins with.

    Raises:
        SettingError: Keras does not compute with TensorFlow, whose slopes are asked for.
    """
    if backend.name() != "tensorflow":
        raise SettingError(
            f"backend: expected tensorflow, found {backend.name()}; slopes are asked of TensorFlow"
        )
    rng = np.random.default_rng(seed)
    score, margins = _margins(network)
    survived = []
    for start in range(0, len(images), _IMAGES_AT_ONCE):
        part = slice(start, start + _IMAGES_AT_ONCE)
        begun = images[part].astype(np.float32) / np.float32(255)
        survived.append(_search(score, margins, begun, labels[part], radius, rng))
    return np.concatenate(survived)


_Slopes = Callable[[NDArray[np.floating], NDArray[np.integer]], NDArray[np.float32]]


def _search(
    margin: _Slopes,
    slope: _Slopes,
    images: NDArray[np.floating],
    labels: NDArray[np.integer],
    radius: float,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    low, high = np.maximum(images - radius, 0), np.minimum(images + radius, 1)
    survived = margin(images, labels) > 0
    changed = np.clip(images + rng.uniform(-radius, radius, images.shape), low, high)
    changed = changed.astype(np.float32)
    for _ in range(_STEPS):
        survived &= margin(changed, labels) > 0
        step = np.float32(_STEP * radius / _STEPS) * np.sign(slope(changed, labels))
        changed = np.clip(changed - step, low, high).astype(np.float32)
    return survived & (margin(changed, labels) > 0)


def _margins(network: keras.Model) -> tuple[_Slopes, _Slopes]:
    """How far the true class's score leads, and how that changes with each pixel."""
    import tensorflow as tf

    output = network.get_layer("output")
    body = keras.Model(network.get_layer("scaling").output, output.input)
    kernel, bias = (tf.convert_to_tensor(each) for each in output.get_weights())

    def lead(images: Any, labels: Any) -> Any:
        scores = body(images, training=False) @ kernel + bias
        true = tf.one_hot(labels, scores.shape[1], on_value=True, off_value=False, dtype=tf.bool)
        others = tf.reduce_max(tf.where(true, -np.inf, scores), axis=1)
        return tf.reduce_sum(tf.where(true, scores, 0.0), axis=1) - others

    def slope(images: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(images)
            total = tf.reduce_sum(lead(images, labels))
        return tape.gradient(total, images)

    def call(function: Any) -> _Slopes:
        graph = tf.function(function, reduce_retracing=True)
        return lambda images, labels: np.asarray(
            graph(tf.constant(images), tf.constant(labels, tf.int32)), np.float32
        )

    return call(lead), call(slope)
