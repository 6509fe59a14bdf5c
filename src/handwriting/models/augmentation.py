"""Images distorted at random, as a Keras layer that runs on any backend.

One map says for each pixel of the result where it is taken from: turned, scaled, sheared and
shifted as a whole, and moved a little besides by a smooth random field, as elastic distortion does
(Simard, Steinkraus and Platt, 2003, Best practices for convolutional neural networks applied to
visual document analysis; theirs is smoothed by a Gaussian, ours is a cubic B-spline). The image is
sampled once, so that it is not blurred twice.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from handwriting.models.backend import keras
from handwriting.models.config import Distortion

ops = keras.ops

_CONTROL_POINTS = 5
"""Along each side, for elastic distortion: what bends then spans half the image."""


class Distort(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A layer that distorts images while a network is trained, and passes them on otherwise.

    It takes (n, height, width), 0-255 of any dtype, and returns the same shape: whole numbers in
    float32 where images are distorted. What lies outside an image is blank: 0.
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
