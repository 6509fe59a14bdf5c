"""Keras networks that read raw images.

A builder returns a network that is not compiled: its layers and its initial weights, nothing about
how it learns. Scaling is its first layer, so that a saved network cannot be fed the wrong range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import keras
import numpy as np

from handwriting.errors import SettingError

__all__ = ["OUTPUT_ACTIVATIONS", "build", "convolutional", "dense", "lenet_5"]

OUTPUT_ACTIVATIONS: Final = ("softmax", "sigmoid")
"""What the output layer may do to its weighted sums."""

_MOST_LAYERS = 32
_HALVINGS = 2
_LARGE_ENOUGH = 18
"""Pixels along a side from which on two halvings leave something for a third convolution."""

_MOMENTUM = 0.7
"""Of batch normalisation's running averages: so low since a training may be 200 steps short."""

_LENET_SIDE = 32
_SEEN_BY_C3 = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)
"""Which maps of S2 each map of C3 sees: the paper's table I."""


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
    _check(image_shape, classes, output_activation, seed)
    _require_at_least("hidden_units", hidden_units, 1)
    seeds = _seeds(seed)
    glorot = keras.initializers.GlorotUniform
    return keras.Sequential(
        [
            *_entrance(image_shape),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(
                hidden_units, "relu", kernel_initializer=glorot(next(seeds)), name="hidden"
            ),
            keras.layers.Dense(
                classes, output_activation, kernel_initializer=glorot(next(seeds)), name="output"
            ),
        ],
        name="dense",
    )


def convolutional(
    image_shape: tuple[int, int],
    classes: int,
    filters: Sequence[int] = (24, 32, 64),
    output_activation: str = "softmax",
    seed: int = 0,
) -> keras.Model:
    """An uncompiled convolutional network made for a processor without a graphics card.

    It takes and returns what `dense` does. Each block is a convolution, batch normalisation (Ioffe
    and Szegedy, 2015) and ReLU; the first two halve the image, and do so before they normalise and
    activate, which gives the same maxima for a quarter of the work. The first block looks at 5 by 5
    pixels, the others at 3 by 3, without a frame around the image where it is large enough to do
    without. Its layers are called `scaling`, `channel`, `convolution_1`, `pooling_1`,
    `normalisation_1`, `activation_1` and so on, `flatten` and `output`.

    Args:
        image_shape: height and width of an image, in pixels.
        classes: how many classes there are, which is how many outputs.
        filters: how many filters each block has, at least one block.
        output_activation: `softmax` or `sigmoid`.
        seed: what the initial weights are drawn from: He-normal (He and others, 2015, Delving deep
            into rectifiers), and Glorot-uniform for the output.

    Raises:
        SettingError: where a setting is out of its range.
    """
    _check(image_shape, classes, output_activation, seed)
    _require_at_least("filters: number of blocks", len(filters), 1)
    for count in filters:
        _require_at_least("filters", count, 1)
    seeds = _seeds(seed)
    padding = "valid" if min(image_shape) >= _LARGE_ENOUGH else "same"
    blocks: list[keras.Layer] = []
    for number, count in enumerate(filters, 1):
        size = 5 if number == 1 else 3
        kernel = keras.initializers.HeNormal(next(seeds))
        blocks += [
            keras.layers.Conv2D(
                *(count, size),
                padding=padding,
                use_bias=False,  # batch normalisation has one
                kernel_initializer=kernel,
                name=f"convolution_{number}",
            ),
            *([_halving(number)] if number <= _HALVINGS else []),
            keras.layers.BatchNormalization(momentum=_MOMENTUM, name=f"normalisation_{number}"),
            keras.layers.ReLU(name=f"activation_{number}"),
        ]
    kernel = keras.initializers.GlorotUniform(next(seeds))
    output = keras.layers.Dense(
        classes, output_activation, kernel_initializer=kernel, name="output"
    )
    layers = [
        *_entrance(image_shape),
        _channel(image_shape),
        *blocks,
        keras.layers.Flatten(name="flatten"),
        output,
    ]
    return keras.Sequential(layers, name="convolutional")


def lenet_5(
    image_shape: tuple[int, int], classes: int, output_activation: str = "softmax", seed: int = 0
) -> keras.Model:
    """LeNet-5, an uncompiled network as published in 1998, but for its last layer.

    It takes and returns what `dense` does. Layers C1 to F6 are the paper's: 5 by 5 convolutions, of
    which C3's maps see only some of S2's, subsampling with a coefficient and a bias for each map,
    and 1.7159 tanh(2/3 x). Its last layer compares F6 with drawings of the characters; here it is a
    layer of weighted sums with softmax or sigmoid, as in the other networks.

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
    _check(image_shape, classes, output_activation, seed)
    if max(image_shape) > _LENET_SIDE:
        raise SettingError(
            f"image_shape: expected at most {_LENET_SIDE} by {_LENET_SIDE} pixels; found "
            f"{image_shape}. Use smaller images, or another network."
        )
    seeds = _seeds(seed)

    def uniform(inputs: int) -> keras.initializers.Initializer:
        bound = 2.4 / inputs
        return keras.initializers.RandomUniform(-bound, bound, seed=next(seeds))

    layers = keras.layers
    return keras.Sequential(
        [
            *_entrance(image_shape),
            _channel(image_shape),
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


def build(
    kind: str,
    image_shape: tuple[int, int],
    classes: int,
    settings: Mapping[str, object],
    seed: int = 0,
) -> keras.Model:
    """A network by its kind's name, for settings that come from a recipe or a file.

    Args:
        kind: `dense`, `convolutional` or `lenet_5`.
        image_shape: height and width of an image, in pixels.
        classes: how many classes there are.
        settings: the other settings of that kind, by name.
        seed: what the initial weights are drawn from.

    Raises:
        SettingError: where there is no such kind or setting, or one is out of its range.
    """
    builders: dict[str, Callable[..., keras.Model]] = {
        "dense": dense,
        "convolutional": convolutional,
        "lenet_5": lenet_5,
    }
    if kind not in builders:
        raise SettingError(
            f"kind: expected one of {', '.join(builders)}; found {kind!r}. Use one of these."
        )
    try:
        return builders[kind](image_shape, classes, seed=seed, **settings)
    except TypeError as error:
        raise SettingError(
            f"{kind}: expected settings that it has; found {', '.join(settings)}. {error}"
        ) from error


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
        seen = np.zeros((6, 16), np.float32)
        for ours, theirs in enumerate(_SEEN_BY_C3):
            seen[list(theirs), ours] = 1
        return super().convolution_op(inputs, kernel * keras.ops.cast(seen, kernel.dtype))


def _entrance(image_shape: tuple[int, int]) -> tuple[keras.KerasTensor, keras.Layer]:
    """Raw images come in, and are scaled to 0-1."""
    image = keras.Input(image_shape, dtype="uint8", name="image")
    return image, keras.layers.Rescaling(1 / 255, name="scaling")


def _channel(image_shape: tuple[int, int]) -> keras.Layer:
    return keras.layers.Reshape((*image_shape, 1), name="channel")


def _halving(number: int) -> keras.Layer:
    return keras.layers.MaxPooling2D(padding="same", name=f"pooling_{number}")


def _frame(image_shape: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """How many blank lines go above and below, to the left and to the right."""
    missing = [_LENET_SIDE - side for side in image_shape]
    return tuple((lines // 2, lines - lines // 2) for lines in missing)


def _seeds(seed: int) -> Iterator[int]:
    """One seed for each layer, independent of those of other networks with neighbouring seeds."""
    yield from np.random.SeedSequence(seed).generate_state(_MOST_LAYERS).tolist()


def _check(image_shape: tuple[int, int], classes: int, output_activation: str, seed: int) -> None:
    height, width = image_shape
    _require_at_least("image_shape: height", height, 1)
    _require_at_least("image_shape: width", width, 1)
    _require_at_least("classes", classes, 2)
    _require_at_least("seed", seed, 0)
    if output_activation not in OUTPUT_ACTIVATIONS:
        raise SettingError(
            f"output_activation: expected one of {', '.join(OUTPUT_ACTIVATIONS)}; "
            f"found {output_activation!r}. Use one of these."
        )


def _require_at_least(name: str, value: int, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise SettingError(
            f"{name}: expected a whole number of at least {least}; found {value!r}. Change it."
        )
