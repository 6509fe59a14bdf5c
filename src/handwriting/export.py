"""A trained network taken out of Keras: the same answers, from two matrices and NumPy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting import explanation

__all__ = ["ExportedNetwork", "exported"]


@dataclass(frozen=True, eq=False)
class ExportedNetwork:
    """A network with one hidden layer, ready to classify without Keras.

    Attributes:
        hidden_kernel: (pixels, hidden units) float32; the scaling of pixels to 0-1 is in it.
        hidden_bias: (hidden units,) float32.
        output_kernel: (hidden units, classes) float32.
        output_bias: (classes,) float32.
    """

    hidden_kernel: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    output_kernel: NDArray[np.float32]
    output_bias: NDArray[np.float32]

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the class with the highest score of each image, (n,) int64.

        Softmax and sigmoid leave the order of scores as it is, so neither is computed.

        Args:
            images: (n, height, width) uint8, 0-255.
        """
        pixels = images.reshape(len(images), -1).astype(np.float32)
        hidden = pixels @ self.hidden_kernel
        hidden += self.hidden_bias
        np.maximum(hidden, 0, out=hidden)
        scores = hidden @ self.output_kernel
        scores += self.output_bias
        return np.asarray(scores.argmax(axis=1), np.int64)


def exported(arrays: Sequence[NDArray[np.floating]]) -> ExportedNetwork:
    """Return a network with one hidden layer, taken out of Keras.

    Args:
        arrays: kernel and bias of the hidden layer, kernel and bias of the output layer, as Keras's
            `get_weights` lists them.

    Raises:
        SettingError: These are not the weights of a network with one hidden layer.
    """
    found = explanation.layers(arrays)
    return ExportedNetwork(
        (found.hidden_kernel / 255).astype(np.float32),
        found.hidden_bias.astype(np.float32),
        found.output_kernel.astype(np.float32),
        found.output_bias.astype(np.float32),
    )
