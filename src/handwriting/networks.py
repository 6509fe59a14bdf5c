"""Keras networks that read raw images.

A builder returns a network that is not compiled: its layers and its initial weights, nothing about
how it learns. Scaling is its first layer, so that a saved network cannot be fed the wrong range.
"""

from __future__ import annotations

from typing import Final

import keras
import numpy as np

from handwriting.errors import SettingError

__all__ = ["OUTPUT_ACTIVATIONS", "dense"]

OUTPUT_ACTIVATIONS: Final = ("softmax", "sigmoid")
"""What the output layer may do to its weighted sums."""


def dense(
    image_shape: tuple[int, int],
    classes: int,
    hidden_units: int = 128,
    output_activation: str = "softmax",
    seed: int = 0,
) -> keras.Model:
    """An uncompiled network with one hidden layer, which takes (n, height, width) uint8, 0-255.

    Its layers are called `scaling` (to 0-1), `flatten`, `hidden` (ReLU) and `output`. It returns
    scores, (n, classes) float32 in 0-1: probabilities that sum to 1 with softmax, and with sigmoid
    one score for each class, independent of the others.

    Args:
        image_shape: height and width of an image, in pixels.
        classes: how many classes there are, which is how many outputs.
        hidden_units: how many neurons the hidden layer has.
        output_activation: `softmax` or `sigmoid`.
        seed: what the initial weights are drawn from. They are Glorot-uniform (Glorot and Bengio,
            2010, Understanding the difficulty of training deep feedforward neural networks).

    Raises:
        SettingError: where a setting is out of its range.
    """
    height, width = image_shape
    _require_at_least("image_shape: height", height, 1)
    _require_at_least("image_shape: width", width, 1)
    _require_at_least("classes", classes, 2)
    _require_at_least("hidden_units", hidden_units, 1)
    _require_at_least("seed", seed, 0)
    if output_activation not in OUTPUT_ACTIVATIONS:
        raise SettingError(
            f"output_activation: expected one of {', '.join(OUTPUT_ACTIVATIONS)}; "
            f"found {output_activation!r}. Use one of these."
        )
    # One seed for each layer, independent of those of other networks with neighbouring seeds.
    hidden_seed, output_seed = np.random.SeedSequence(seed).generate_state(2).tolist()
    glorot = keras.initializers.GlorotUniform
    return keras.Sequential(
        [
            keras.Input((height, width), dtype="uint8", name="image"),
            keras.layers.Rescaling(1 / 255, name="scaling"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(
                hidden_units, "relu", kernel_initializer=glorot(hidden_seed), name="hidden"
            ),
            keras.layers.Dense(
                classes, output_activation, kernel_initializer=glorot(output_seed), name="output"
            ),
        ],
        name="dense",
    )


def _require_at_least(name: str, value: int, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise SettingError(
            f"{name}: expected a whole number of at least {least}; found {value!r}. Change it."
        )
