"""LeNet-5, the convolutional network that read cheques in the 1990s."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from handwriting.errors import SettingError
from handwriting.models.backend import keras
from handwriting.models.layers import channel, check, entrance, layer_seeds

_LENET_SIDE = 32
_SEEN_BY_C3 = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)
"""Which maps of S2 each map of C3 sees: the paper's table I."""


def lenet_5(
    image_shape: tuple[int, int], classes: int, output_activation: str = "softmax", seed: int = 0
) -> keras.Model:
    """LeNet-5, an uncompiled network as published in 1998, but for its last layer.

    It takes and returns what `networks.dense` does. Layers C1 to F6 are the paper's: 5 by 5
    convolutions, of which C3's maps see only some of S2's, subsampling with a coefficient and a
    bias for each map, and 1.7159 tanh(2/3 x). Its last layer compares F6 with drawings of the
    characters; here it is a layer of weighted sums with softmax or sigmoid, as in the other
    networks. Images are scaled to 0-1 like theirs, where the paper has -0.1 to 1.175.

    Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
    recognition, Proceedings of the IEEE 86(11), section II.B.

    Args:
        image_shape: height and width of an image, in pixels, at most 32; a blank frame makes it 32.
        classes: how many classes there are, which is how many outputs.
        output_activation: `softmax` or `sigmoid`.
        seed: what the initial weights are drawn from, as in the paper's appendix A: uniform within
            2.4 divided by the number of a neuron's inputs.

    Raises:
        SettingError: where a setting is out of its range.
    """
    check(image_shape, classes, output_activation, seed)
    if max(image_shape) > _LENET_SIDE:
        raise SettingError(
            f"image_shape: expected at most {_LENET_SIDE} by {_LENET_SIDE} pixels; found "
            f"{image_shape}. Use smaller images, or another network."
        )
    seeds = layer_seeds(seed)

    def uniform(inputs: int) -> keras.initializers.Initializer:
        bound = 2.4 / inputs
        return keras.initializers.RandomUniform(-bound, bound, seed=next(seeds))

    layers = keras.layers
    return keras.Sequential(
        [
            *entrance(image_shape),
            channel(image_shape),
            layers.ZeroPadding2D(_frame(image_shape), name="frame"),
            layers.Conv2D(6, 5, kernel_initializer=uniform(25), name="c1"),
            _ScaledTanh(name="c1_activation"),
            _Subsampling(name="s2"),
            _ScaledTanh(name="s2_activation"),
            _PartialConvolution(16, 5, kernel_initializer=uniform(25 * 4), name="c3"),
            _ScaledTanh(name="c3_activation"),
            _Subsampling(name="s4"),
            _ScaledTanh(name="s4_activation"),
            layers.Conv2D(120, 5, kernel_initializer=uniform(25 * 16), name="c5"),
            _ScaledTanh(name="c5_activation"),
            layers.Flatten(name="flatten"),
            layers.Dense(84, kernel_initializer=uniform(120), name="f6"),
            _ScaledTanh(name="f6_activation"),
            layers.Dense(classes, output_activation, kernel_initializer=uniform(84), name="output"),
        ],
        name="lenet_5",
    )


class _ScaledTanh(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """1.7159 tanh(2/3 x): it maps 1 to 1 and -1 to -1."""

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return 1.7159 * keras.ops.tanh(inputs * (2 / 3))


class _Subsampling(keras.layers.Layer):  # type: ignore[misc]
    """Sums of 2 by 2 places of a map, times the map's coefficient, plus its bias."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        maps = (input_shape[-1],)
        quarter = keras.initializers.Constant(0.25)  # a mean, to begin with
        self.coefficient = self.add_weight(shape=maps, initializer=quarter, name="coefficient")
        self.bias = self.add_weight(shape=maps, initializer="zeros", name="bias")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        sums = 4 * keras.ops.average_pool(inputs, 2, 2)
        return sums * self.coefficient + self.bias


class _PartialConvolution(keras.layers.Conv2D):  # type: ignore[misc]
    """A convolution whose maps see only some maps of the layer before."""

    def convolution_op(
        self, inputs: keras.KerasTensor, kernel: keras.KerasTensor
    ) -> keras.KerasTensor:
        return super().convolution_op(inputs, kernel * keras.ops.cast(_seen(), kernel.dtype))


def hidden_weights(layer: keras.Layer) -> int:
    """Return how many of a layer's weights no map looks through: they never change."""
    if not isinstance(layer, _PartialConvolution):
        return 0
    return int((_seen() == 0).sum()) * math.prod(layer.kernel_size)


def _seen() -> NDArray[np.float32]:
    """(6, 16): 1 where a map of C3 sees one of S2, 0 elsewhere."""
    seen = np.zeros((6, 16), np.float32)
    for ours, theirs in enumerate(_SEEN_BY_C3):
        seen[list(theirs), ours] = 1
    return seen


def _frame(image_shape: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """How many blank lines go above and below, to the left and to the right."""
    missing = [_LENET_SIDE - side for side in image_shape]
    return tuple((lines // 2, lines - lines // 2) for lines in missing)
