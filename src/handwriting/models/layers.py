"""What networks are made of that Keras has not, and what none of them can be built with."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from handwriting.errors import SettingError
from handwriting.models.backend import keras
from handwriting.models.config import Distortion

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
    require("classes", classes, 1, _MOST_CLASSES)
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


ops = keras.ops

_CONTROL_POINTS = 5
"""Along each side, for elastic distortion: what bends then spans half the image."""


class Distort(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A layer that distorts images while a network is trained, and passes them on otherwise.

    It takes (n, height, width), 0-255 of any dtype, and returns the same shape: whole numbers in
    float32 where images are distorted. What lies outside an image is blank: 0.

    One map says for each pixel of the result where it is taken from: turned, scaled, sheared and
    shifted as a whole, and moved a little besides by a smooth random field, as elastic distortion
    does (Simard, Steinkraus and Platt, 2003, Best practices for convolutional neural networks
    applied to visual document analysis; theirs is smoothed by a Gaussian, ours is a cubic
    B-spline). The image is sampled once, so that it is not blurred twice.
    """

    def __init__(self, distortion: Distortion, seed: int = 0) -> None:
        """Distort as a plan says; what is random comes from `seed` alone."""
        super().__init__(name="distort")
        self._distortion = distortion
        self._random = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Prepare what depends on the size of the images alone."""
        self._height, self._width = input_shape[1:]
        self._middle = np.array([[(self._height - 1) / 2], [(self._width - 1) / 2]], np.float32)
        rows, columns = np.mgrid[: self._height, : self._width]
        places = np.stack([rows.ravel(), columns.ravel()]) - self._middle
        self._places = np.vstack([places, np.ones(places.shape[1])]).astype(np.float32)
        self._bumps = _bumps(self._height, self._width)

    def restart(self, seed: int) -> None:
        """Begin the random numbers anew, as if the layer were made with that seed."""
        self._random.state.assign(keras.random.SeedGenerator(seed).state)

    def call(self, images: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Return the images, distorted while training."""
        if not training:
            return images
        number = ops.shape(images)[0]
        sources = ops.matmul(self._affine(number), self._places)
        if self._distortion.elastic:
            sources += ops.matmul(self._pushes(number), self._bumps)
        return self._sampled(ops.cast(images, "float32"), sources + self._middle)

    def _affine(self, number: int) -> keras.KerasTensor:
        """(number, 2, 3): for each image, how places of the result become places in the image."""
        most = self._distortion
        angle = self._uniform(number, math.radians(most.rotation))
        tall, wide = (ops.exp(self._uniform(number, most.zoom)) for _ in range(2))
        shear = self._uniform(number, most.shear)
        down = self._uniform(number, most.shift * self._height)
        right = self._uniform(number, most.shift * self._width)
        cosine, sine = ops.cos(angle), ops.sin(angle)
        entries = (
            *((cosine - sine * shear) * tall, -sine * wide, down),
            *((sine + cosine * shear) * tall, cosine * wide, right),
        )
        return ops.reshape(ops.stack(entries, axis=-1), (-1, 2, 3))

    def _pushes(self, number: int) -> keras.KerasTensor:
        """(number, 2, bumps): how far each bump pushes its surroundings down and to the right."""
        shape = (number, 2, len(self._bumps))
        sides = np.array([[self._height], [self._width]], np.float32)
        drawn = keras.random.normal(shape, dtype="float32", seed=self._random)
        return drawn * (self._distortion.elastic * sides)

    def _uniform(self, number: int, most: float) -> keras.KerasTensor:
        return keras.random.uniform((number,), -most, most, dtype="float32", seed=self._random)

    def _sampled(self, images: keras.KerasTensor, sources: keras.KerasTensor) -> keras.KerasTensor:
        """Images with each pixel taken from its source, (n, 2, height * width), between four."""
        height, width = self._height + 2, self._width + 2  # with a blank frame around
        down = ops.clip(sources[:, 0] + 1, 0, height - 1.001)
        right = ops.clip(sources[:, 1] + 1, 0, width - 1.001)
        top, left = ops.floor(down), ops.floor(right)
        below, beside = down - top, right - left
        framed = ops.pad(images, ((0, 0), (1, 2), (1, 2)))
        corners = (framed[:, y : y + height, x : x + width] for y in (0, 1) for x in (0, 1))
        # The four neighbours lie side by side, so that one look-up brings them all.
        quartets = ops.reshape(ops.stack(list(corners), axis=-1), (-1, 4))
        first = ops.arange(ops.shape(images)[0], dtype="int32") * (height * width)
        at = ops.cast(top * width + left, "int32") + ops.expand_dims(first, -1)
        weights = ops.stack(
            [
                (1 - below) * (1 - beside),
                (1 - below) * beside,
                below * (1 - beside),
                below * beside,
            ],
            axis=-1,
        )
        found = ops.round(ops.sum(ops.take(quartets, at, axis=0) * weights, axis=-1))
        return ops.reshape(found, (-1, self._height, self._width))


def distorted(
    images: NDArray[np.uint8], distortion: Distortion, seed: int = 0
) -> NDArray[np.uint8]:
    """Return images as a network may see them while it learns, (n, height, width) uint8, 0-255.

    Args:
        images: (n, height, width) uint8, 0-255.
        distortion: by how much they are distorted at most.
        seed: what is random comes from it alone.
    """
    layer = Distort(distortion, seed)
    found = ops.convert_to_numpy(layer(images, training=True))
    return np.asarray(found, np.uint8)


def _bumps(height: int, width: int) -> NDArray[np.float32]:
    """(bumps, height * width): how much of each bump's push a pixel feels.

    Independent pushes of standard deviation 1 move pixels by 1 in the root mean square.
    """
    shapes = np.einsum("yi,xj->ijyx", _splines(height), _splines(width))
    bumps = shapes.reshape(_CONTROL_POINTS**2, height * width)
    return np.asarray(bumps / np.sqrt((bumps**2).sum(axis=0).mean()), np.float32)


def _splines(length: int) -> NDArray[np.float64]:
    """(length, control points): cubic B-splines with evenly spaced knots, at each pixel."""
    spans = _CONTROL_POINTS - 3
    knots = np.arange(-3, spans + 4)
    places = np.linspace(0, spans, length)
    return np.asarray(BSpline.design_matrix(places, knots, 3).toarray(), np.float64)
