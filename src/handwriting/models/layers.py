"""What networks of all kinds begin with, and what none of them can be built with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from handwriting.errors import SettingError
from handwriting.models.backend import keras

OUTPUT_ACTIVATIONS: Final = ("softmax", "sigmoid")
"""What the output layer may do to its weighted sums."""

_MOST_LAYERS = 32
_MOST_PIXELS = 1024
_MOST_CLASSES = 256


def entrance(image_shape: tuple[int, int]) -> tuple[keras.KerasTensor, keras.Layer]:
    """Return the first layers: raw images come in, uint8, and are scaled to 0-1."""
    image = keras.Input(image_shape, dtype="uint8", name="image")
    return image, keras.layers.Rescaling(1 / 255, name="scaling")


def channel(image_shape: tuple[int, int]) -> keras.Layer:
    """Return a layer that gives images a third axis, as convolutions take them."""
    return keras.layers.Reshape((*image_shape, 1), name="channel")


def layer_seeds(seed: int) -> Iterator[int]:
    """Yield a seed for each layer, independent of those that a neighbouring seed gives."""
    yield from np.random.SeedSequence(seed).generate_state(_MOST_LAYERS).tolist()


def check(image_shape: tuple[int, int], classes: int, output_activation: str, seed: int) -> None:
    """Refuse what no network can be built with.

    Raises:
        SettingError: a setting is out of its range.
    """
    height, width = image_shape
    require("image_shape: height", height, 1, _MOST_PIXELS)
    require("image_shape: width", width, 1, _MOST_PIXELS)
    require("classes", classes, 2, _MOST_CLASSES)
    require("seed", seed, 0, 2**63)
    if output_activation not in OUTPUT_ACTIVATIONS:
        raise SettingError(
            f"output_activation: expected one of {', '.join(OUTPUT_ACTIVATIONS)}; "
            f"found {output_activation!r}. Use one of these."
        )


def require(name: str, value: int, least: int, most: int) -> None:
    """Refuse a setting that is no whole number from the least to the most.

    Raises:
        SettingError: it is none.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not (whole and least <= value <= most):
        raise SettingError(
            f"{name}: expected a whole number of {least:,} to {most:,}; found {value!r}. Change it."
        )
