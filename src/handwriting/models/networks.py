"""Keras networks that read raw images.

A builder returns a network that is not compiled: its layers and its initial weights, nothing about
how it learns. Scaling is its first layer, so that a saved network cannot be fed the wrong range.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handwriting.errors import SettingError
from handwriting.models.backend import keras
from handwriting.models.layers import (
    OUTPUT_ACTIVATIONS,
    channel,
    check,
    entrance,
    layer_seeds,
    require,
)
from handwriting.models.lenet import hidden_weights, lenet_5

_HIDDEN_UNITS = 128
_FILTERS = (24, 32, 64)
_MOST_BLOCKS = 16
_MOST_FILTERS = 1024
_MOST_UNITS = 65_536
"""More than a processor trains in a day: whoever asks for more means something else."""

_HALVINGS = 2
_LARGE_ENOUGH = 18
"""Pixels along a side from which on two halvings leave something for a third convolution."""

_MOMENTUM = 0.7
"""Of batch normalisation's running averages: so low since a training may be 200 steps short."""


def dense(
    image_shape: tuple[int, int],
    classes: int,
    hidden_units: int = _HIDDEN_UNITS,
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
    check(image_shape, classes, output_activation, seed)
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
    filters: Sequence[int] = _FILTERS,
    output_activation: str = "softmax",
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
        output_activation: `softmax` or `sigmoid`.
        seed: what the initial weights are drawn from: He-normal (He and others, 2015, Delving deep
            into rectifiers), and Glorot-uniform for the output.

    Raises:
        SettingError: where a setting is out of its range.
    """
    check(image_shape, classes, output_activation, seed)
    require("filters: number of blocks", len(filters), 1, _MOST_BLOCKS)
    for count in filters:
        require("filters", count, 1, _MOST_FILTERS)
    seeds = layer_seeds(seed)
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
        *entrance(image_shape),
        channel(image_shape),
        *blocks,
        keras.layers.Flatten(name="flatten"),
        output,
    ]
    return keras.Sequential(layers, name="convolutional")


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


def weights_needed(
    kind: str, image_shape: tuple[int, int], classes: int, settings: Mapping[str, Any]
) -> int:
    """Return how many weights a network has, at least, without the memory that building it takes.

    Args:
        kind: `dense`, `convolutional` or `lenet_5`, which never has many.
        image_shape: height and width of an image, in pixels.
        classes: how many classes there are.
        settings: the other settings of that kind, by name.

    Raises:
        SettingError: where a setting is out of its range.
    """
    check(image_shape, classes, OUTPUT_ACTIVATIONS[0], 0)
    if kind == "dense":
        units = settings.get("hidden_units", _HIDDEN_UNITS)
        require("hidden_units", units, 1, _MOST_UNITS)
        return int(units * (math.prod(image_shape) + 1 + classes) + classes)
    if kind != "convolutional":
        return 0
    filters = settings.get("filters", _FILTERS)
    (height, width), maps, needed = image_shape, 1, classes
    for number, count in enumerate(filters, 1):
        require("filters", count, 1, _MOST_FILTERS)
        kernel = 5 if number == 1 else 3
        lost = kernel - 1 if min(image_shape) >= _LARGE_ENOUGH else 0
        step = 2 if number <= _HALVINGS else 1
        height, width = (max(0, math.ceil((side - lost) / step)) for side in (height, width))
        needed += kernel**2 * maps * count + 4 * count
        maps = count
    return int(needed + height * width * maps * classes)


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


def _halving(number: int) -> keras.Layer:
    return keras.layers.MaxPooling2D(padding="same", name=f"pooling_{number}")
