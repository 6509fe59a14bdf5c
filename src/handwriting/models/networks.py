"""Keras networks that read raw images.

A builder returns a network that is not compiled: its layers and its initial weights, nothing about
how it learns. Scaling is its first layer, so that a saved network cannot be fed the wrong range.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from handwriting.errors import SettingError
from handwriting.models.backend import keras
from handwriting.models.layers import (
    PartialConvolution,
    ScaledTanh,
    Subsampling,
    channel,
    check,
    entrance,
    hidden_weights,
    layer_seeds,
    require,
)

OUTPUT_ACTIVATIONS: Final = ("softmax", "sigmoid")
"""What the dense network's output layer may do to its weighted sums."""

_MOST_UNITS = 65_536
"""More than a processor trains in a day: whoever asks for more means something else."""

_LENET_SIDE = 32

_HALVINGS = 2
_LARGE_ENOUGH = 18
"""Pixels along a side from which on two halvings leave something for a third convolution."""

_MOMENTUM = 0.7
"""Of batch normalisation's running averages: so low since a training may be 200 steps short."""


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
    check(image_shape, classes, seed)
    if output_activation not in OUTPUT_ACTIVATIONS:
        raise SettingError(
            f"output_activation: expected one of {', '.join(OUTPUT_ACTIVATIONS)}; "
            f"found {output_activation!r}. Use one of these."
        )
    require("hidden_units", hidden_units, 1, _MOST_UNITS)
    seeds = layer_seeds(seed)
    glorot = keras.initializers.GlorotUniform
    return keras.Sequential(
        [
            *entrance(image_shape),
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
    seed: int = 0,
) -> keras.Model:
    """An uncompiled convolutional network made for a processor without a graphics card.

    It takes and returns what `dense` does. Each block is a convolution, batch normalisation (Ioffe
    and Szegedy, 2015) and ReLU; the first two halve the image, and do so before they normalise and
    activate, which have a quarter of the places left to work on. The first block looks at 5 by 5
    pixels, the others at 3 by 3, without a frame around the image where it is large enough to do
    without. Its layers are called `scaling`, `channel`, `convolution_1`, `pooling_1`,
    `normalisation_1`, `activation_1` and so on, `flatten` and `output`.

    Args:
        image_shape: height and width of an image, in pixels.
        classes: how many classes there are, which is how many outputs.
        filters: how many filters each block has, at least one block.
        seed: what the initial weights are drawn from: He-normal (He and others, 2015, Delving deep
            into rectifiers), and Glorot-uniform for the output.

    Raises:
        SettingError: where a setting is out of its range.
    """
    check(image_shape, classes, seed)
    seeds = layer_seeds(seed)
    padding = "valid" if min(image_shape) >= _LARGE_ENOUGH else "same"
    blocks: list[keras.Layer] = []
    for number, count in enumerate(filters, 1):
        size = 5 if number == 1 else 3
        kernel = keras.initializers.HeNormal(next(seeds))
        halving = keras.layers.MaxPooling2D(padding="same", name=f"pooling_{number}")
        blocks += [
            keras.layers.Conv2D(
                *(count, size),
                padding=padding,
                use_bias=False,  # batch normalisation has one
                kernel_initializer=kernel,
                name=f"convolution_{number}",
            ),
            *([halving] if number <= _HALVINGS else []),
            keras.layers.BatchNormalization(momentum=_MOMENTUM, name=f"normalisation_{number}"),
            keras.layers.ReLU(name=f"activation_{number}"),
        ]
    kernel = keras.initializers.GlorotUniform(next(seeds))
    output = keras.layers.Dense(classes, "softmax", kernel_initializer=kernel, name="output")
    layers = [
        *entrance(image_shape),
        channel(image_shape),
        *blocks,
        keras.layers.Flatten(name="flatten"),
        output,
    ]
    return keras.Sequential(layers, name="convolutional")


def lenet_5(image_shape: tuple[int, int], classes: int, seed: int = 0) -> keras.Model:
    """LeNet-5, an uncompiled network as published in 1998, but for its last layer.

    It takes and returns what `dense` does. Layers C1 to F6 are the paper's: 5 by 5 convolutions, of
    which C3's maps see only some of S2's, subsampling with a coefficient and a bias for each map,
    and 1.7159 tanh(2/3 x). Its last layer compares F6 with drawings of the characters; here it is a
    layer of weighted sums with softmax, as in the other networks. Images are scaled to 0-1 like
    theirs, where the paper has -0.1 to 1.175.

    Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
    recognition, Proceedings of the IEEE 86(11), section II.B.

    Args:
        image_shape: height and width of an image, in pixels, at most 32; a blank frame makes it 32.
        classes: how many classes there are, which is how many outputs.
        seed: what the initial weights are drawn from, as in the paper's appendix A: uniform within
            2.4 divided by the number of a neuron's inputs.

    Raises:
        SettingError: where a setting is out of its range.
    """
    check(image_shape, classes, seed)
    if max(image_shape) > _LENET_SIDE:
        raise SettingError(
            f"image_shape: expected at most {_LENET_SIDE} by {_LENET_SIDE} pixels; found "
            f"{image_shape}. Use smaller images, or another network."
        )
    missing = [_LENET_SIDE - side for side in image_shape]
    frame = [(lines // 2, lines - lines // 2) for lines in missing]
    seeds = layer_seeds(seed)

    def uniform(inputs: int) -> keras.initializers.Initializer:
        bound = 2.4 / inputs
        return keras.initializers.RandomUniform(-bound, bound, seed=next(seeds))

    return keras.Sequential(
        [
            *entrance(image_shape),
            channel(image_shape),
            keras.layers.ZeroPadding2D(frame, name="frame"),
            keras.layers.Conv2D(6, 5, kernel_initializer=uniform(25), name="c1"),
            ScaledTanh(name="c1_activation"),
            Subsampling(name="s2"),
            ScaledTanh(name="s2_activation"),
            PartialConvolution(16, 5, kernel_initializer=uniform(25 * 4), name="c3"),
            ScaledTanh(name="c3_activation"),
            Subsampling(name="s4"),
            ScaledTanh(name="s4_activation"),
            keras.layers.Conv2D(120, 5, kernel_initializer=uniform(25 * 16), name="c5"),
            ScaledTanh(name="c5_activation"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(84, kernel_initializer=uniform(120), name="f6"),
            ScaledTanh(name="f6_activation"),
            keras.layers.Dense(classes, "softmax", kernel_initializer=uniform(84), name="output"),
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
    """A network by its kind's name, as a recipe has it.

    Args:
        kind: `dense`, `convolutional` or `lenet_5`.
        image_shape: height and width of an image, in pixels.
        classes: how many classes there are.
        settings: the other settings of that kind, by name.
        seed: what the initial weights are drawn from.

    Raises:
        SettingError: where a setting is out of its range.
    """
    builders: dict[str, Callable[..., keras.Model]] = {
        "dense": dense,
        "convolutional": convolutional,
        "lenet_5": lenet_5,
    }
    return builders[kind](image_shape, classes, seed=seed, **settings)


def adjustable(network: keras.Model) -> int:
    """Return how many numbers training adjusts: weights that are held at zero do not count."""
    sizes = (int(math.prod(weight.shape)) for weight in network.trainable_weights)
    return sum(sizes) - sum(map(hidden_weights, network.layers))


def fingerprint(network: keras.Model) -> str:
    """Return the SHA-256, in hexadecimal, of a network's weights: no other network has it."""
    digest = hashlib.sha256()
    for weights in network.get_weights():
        digest.update(f"{weights.dtype} {weights.shape}".encode())
        digest.update(weights.tobytes())
    return digest.hexdigest()
