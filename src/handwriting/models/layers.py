"""What networks are made of that Keras has not, and what none of them can be built with."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from handwriting.errors import SettingError
from handwriting.models.backend import keras

_MOST_LAYERS = 32
_MOST_PIXELS = 1024
_MOST_CLASSES = 256

_SEEN_BY_C3 = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)
"""Which maps of S2 each map of C3 sees: the paper's table I."""


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


def check(image_shape: tuple[int, int], classes: int, seed: int) -> None:
    """Refuse what no network can be built with.

    Raises:
        SettingError: a setting is out of its range.
    """
    height, width = image_shape
    require("image_shape: height", height, 1, _MOST_PIXELS)
    require("image_shape: width", width, 1, _MOST_PIXELS)
    require("classes", classes, 2, _MOST_CLASSES)
    require("seed", seed, 0, 2**63)


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


class ScaledTanh(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """1.7159 tanh(2/3 x): it maps 1 to 1 and -1 to -1."""

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return the activations, of the shape of the sums."""
        return 1.7159 * keras.ops.tanh(inputs * (2 / 3))


class Subsampling(keras.layers.Layer):  # type: ignore[misc]
    """Sums of 2 by 2 places of a map, times the map's coefficient, plus its bias."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Make the weights: two for each map."""
        maps = (input_shape[-1],)
        quarter = keras.initializers.Constant(0.25)  # a mean, to begin with
        self.coefficient = self.add_weight(shape=maps, initializer=quarter, name="coefficient")
        self.bias = self.add_weight(shape=maps, initializer="zeros", name="bias")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return maps of half the height and half the width."""
        sums = 4 * keras.ops.average_pool(inputs, 2, 2)
        return sums * self.coefficient + self.bias


class PartialConvolution(keras.layers.Conv2D):  # type: ignore[misc]
    """A convolution whose maps see only some maps of the layer before."""

    def convolution_op(
        self, inputs: keras.KerasTensor, kernel: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Return Keras's own convolution with the kernels of what is not seen held at zero."""
        return super().convolution_op(inputs, kernel * keras.ops.cast(_seen(), kernel.dtype))


def hidden_weights(layer: keras.Layer) -> int:
    """Return how many of a layer's weights no map looks through: they never change."""
    if not isinstance(layer, PartialConvolution):
        return 0
    return int((_seen() == 0).sum()) * math.prod(layer.kernel_size)


def _seen() -> NDArray[np.float32]:
    """(6, 16): 1 where a map of C3 sees one of S2, 0 elsewhere."""
    seen = np.zeros((6, 16), np.float32)
    for ours, theirs in enumerate(_SEEN_BY_C3):
        seen[list(theirs), ours] = 1
    return seen
