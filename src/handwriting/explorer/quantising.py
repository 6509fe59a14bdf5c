"""A network's weights in a quarter of the space: whole numbers from -127 to 127, and scales."""

import base64
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting.models.dense_network import Layers

_LARGEST = 127


@dataclass(frozen=True, eq=False)
class Quantised:
    """The weights of a network with one hidden layer, each kernel's columns scaled one by one.

    Attributes:
        hidden_kernel: (pixels, hidden units) int8, -127 to 127.
        hidden_scale: (hidden units,) float32, what a column is to be multiplied by.
        hidden_bias: (hidden units,) float32.
        output_kernel: (hidden units, classes) int8, -127 to 127.
        output_scale: (classes,) float32, what a column is to be multiplied by.
        output_bias: (classes,) float32.
    """

    hidden_kernel: NDArray[np.int8]
    hidden_scale: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    output_kernel: NDArray[np.int8]
    output_scale: NDArray[np.float32]
    output_bias: NDArray[np.float32]

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return sum(array.nbytes for array in vars(self).values())

    def raw_scores(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return the outputs before softmax or sigmoid, (n, classes), as the page computes them.

        Args:
            images: (n, height, width) uint8, 0-255.
        """
        pixels = images.reshape(len(images), -1) / 255.0
        sums = (pixels @ self.hidden_kernel.astype(np.float64)) * self.hidden_scale
        hidden = np.maximum(sums + self.hidden_bias, 0)
        scores = (hidden @ self.output_kernel.astype(np.float64)) * self.output_scale
        return np.asarray(scores + self.output_bias, dtype=np.float64)

    def encoded(self) -> dict[str, str]:
        """Return each array's bytes, little-endian and row after row, as base64."""
        return {
            name: base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode()
            for name, array in vars(self).items()
        }


def quantise(weights: Layers) -> Quantised:
    """Return a network's weights rounded to 255 steps of each column's largest weight."""
    hidden, output = _columns(weights.hidden_kernel), _columns(weights.output_kernel)
    biases = (weights.hidden_bias.astype(np.float32), weights.output_bias.astype(np.float32))
    return Quantised(*hidden, biases[0], *output, biases[1])


def _columns(kernel: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers, and the scale of each column."""
    largest = np.abs(kernel).max(axis=0)
    scale = np.where(largest > 0, largest / _LARGEST, 1).astype(np.float32)
    return np.rint(kernel / scale).astype(np.int8), scale
