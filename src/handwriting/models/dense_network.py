"""What a small dense network does with one image, step by step, from its weights alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from handwriting.models.config import ModelConfig

_LEAST_SCORE = 1e-7
_LOSSES = {
    "softmax": "sparse categorical cross-entropy",
    "sigmoid": "binary cross-entropy on one-hot labels (1 for the right class, 0 for the others)",
}


@dataclass(frozen=True, eq=False)
class Layers:
    """The weights of a network with one hidden layer.

    Attributes:
        hidden_kernel: (pixels, hidden units) float64.
        hidden_bias: (hidden units,) float64.
        output_kernel: (hidden units, classes) float64.
        output_bias: (classes,) float64.
    """

    hidden_kernel: NDArray[np.float64]
    hidden_bias: NDArray[np.float64]
    output_kernel: NDArray[np.float64]
    output_bias: NDArray[np.float64]

    @property
    def pixels(self) -> int:
        """How many numbers the network reads of each image."""
        return int(self.hidden_kernel.shape[0])

    @property
    def classes(self) -> int:
        """How many outputs there are."""
        return int(self.output_kernel.shape[1])

    @property
    def parameters(self) -> int:
        """How many numbers training adjusts."""
        return sum(array.size for array in vars(self).values())

    @property
    def derivation(self) -> str:
        """The number of parameters as a sum of weights and biases, in TeX."""
        units = self.hidden_kernel.shape[1]
        written = (
            rf"{self.pixels:,} \times {units:,} + {units:,} + {units:,} \times {self.classes:,}"
            rf" + {self.classes:,} = {self.parameters:,}"
        )
        return written.replace(",", "{,}")

    def weighted_sums(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return what each hidden neuron makes of each image before ReLU, (n, hidden units).

        Args:
            images: (n, height, width) uint8, 0-255.
        """
        rows = images.reshape(len(images), -1) / 255
        return rows @ self.hidden_kernel + self.hidden_bias

    def raw_scores(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return the outputs before softmax or sigmoid (the logits), (n, classes).

        Args:
            images: (n, height, width) uint8, 0-255.
        """
        hidden = np.maximum(self.weighted_sums(images), 0)
        return hidden @ self.output_kernel + self.output_bias

    def outputs(self, image: NDArray[np.uint8], class_names: Sequence[str]) -> Outputs:
        """Return the outputs for one image with either activation.

        Args:
            image: (height, width) uint8, 0-255.
            class_names: What to call each class.
        """
        raw_scores = self.raw_scores(image[np.newaxis])[0]
        activated = {name: activate(raw_scores, name) for name in ("softmax", "sigmoid")}
        named = {"label": class_names, "raw_score": raw_scores}
        return Outputs(pd.DataFrame({**named, **activated}))


@dataclass(frozen=True, eq=False)
class Outputs:
    """The outputs of a network for one image.

    Attributes:
        table: A row a class: `label` (its name), `raw_score`, `softmax` and `sigmoid`.
    """

    table: pd.DataFrame

    @property
    def highest(self) -> pd.Series[float]:
        """The row of the class with the highest raw score."""
        return self.table.loc[self.table["raw_score"].idxmax()]

    @property
    def totals(self) -> pd.Series[float]:
        """What the outputs of all classes add up to, for `softmax` and `sigmoid`."""
        return self.table[["softmax", "sigmoid"]].sum()


@dataclass(frozen=True, eq=False)
class Reading:
    """One hidden neuron reading one image.

    Attributes:
        pixels: (height, width) float64, 0-1.
        weights: (height, width) float64, one weight for each pixel.
        bias: What the neuron adds to its weighted sum.
    """

    pixels: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: float

    @property
    def products(self) -> NDArray[np.float64]:
        """Each pixel times its weight, (height, width) float64."""
        return self.pixels * self.weights

    @property
    def weighted_sum(self) -> float:
        """The sum of all products and the bias."""
        return float(self.products.sum() + self.bias)

    @property
    def output(self) -> float:
        """The weighted sum after ReLU: itself where it is positive, otherwise zero."""
        return max(0.0, self.weighted_sum)


@dataclass(frozen=True, eq=False)
class Contrast:
    """One hidden neuron reading two images, one that it answers to and one that it does not.

    Attributes:
        number: Which hidden neuron, from 1.
        digits: What the two images are called.
        readings: What the neuron computes from each.
    """

    number: int
    digits: tuple[str, str]
    readings: tuple[Reading, Reading]


@dataclass(frozen=True)
class ImageLoss:
    """What an image costs in training, and why none costs nothing.

    Attributes:
        name: What the loss is called.
        score: What the right class gets, 0-1.
        cost: The cross-entropy of that score.
        right_target: The score that training asks of the right class.
        other_target: The score that it asks of each other class.
        least: The least loss that any image can have.
    """

    name: str
    score: float
    cost: float
    right_target: float
    other_target: float
    least: float


def layers(arrays: Sequence[NDArray[np.floating]]) -> Layers:
    """Return a network's weights by name.

    Args:
        arrays: kernel and bias of the hidden layer, kernel and bias of the output layer, as Keras's
            `get_weights` lists them.
    """
    return Layers(*(np.asarray(array, dtype=np.float64) for array in arrays))


def contrast(weights: Layers, images: NDArray[np.uint8], digits: Sequence[str]) -> Contrast:
    """Return the neuron that the first image excites most, on that image and on its opposite.

    The opposite is the image that gives the same neuron its smallest weighted sum.

    Args:
        weights: The network.
        images: (n, height, width) uint8, 0-255, at least one.
        digits: What to call each image.
    """
    sums = weights.weighted_sums(images)
    neuron = int(sums[0].argmax())
    indices = 0, int(sums[:, neuron].argmin())
    kernel = weights.hidden_kernel[:, neuron].reshape(images.shape[1:])
    first, opposite = (
        Reading(images[index] / 255, kernel, float(weights.hidden_bias[neuron]))
        for index in indices
    )
    return Contrast(neuron + 1, (digits[0], digits[indices[1]]), (first, opposite))


def activate(raw_scores: NDArray[np.float64], output_activation: str) -> NDArray[np.float64]:
    """Return what softmax or sigmoid makes of the raw scores of one image, (classes,), 0-1.

    Args:
        raw_scores: (classes,), the outputs before softmax or sigmoid.
        output_activation: `softmax` or `sigmoid`.
    """
    formula = special.expit if output_activation == "sigmoid" else special.softmax
    return np.asarray(formula(raw_scores))


def loss(score: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cross-entropy that the score of the right class costs: minus its logarithm.

    As in Keras, a score below 1e-7 costs as much as 1e-7 does, so that no loss is infinite.

    Args:
        score: One or more scores, 0-1.
    """
    return -np.log(np.maximum(score, _LEAST_SCORE)) + 0.0  # not the -0.0 of a perfect score


def image_loss(outputs: Outputs, label: int, config: ModelConfig) -> ImageLoss:
    """Return what an image costs in training, and the least that any image can cost.

    What label smoothing asks for is that of C. Szegedy and others (2016), Rethinking the Inception
    architecture, section 7; no loss is lower than the entropy of what is asked for. With sigmoid
    each class is a question of its own, and the loss is the mean over them.

    Args:
        outputs: What the network makes of the image.
        label: The image's class.
        config: How the network is built and trained.
    """
    activation = config.settings.get("output_activation", "softmax")
    smoothing, classes = config.plan.label_smoothing, len(outputs.table)
    other, others = smoothing / classes, classes - 1
    if activation == "sigmoid":
        other, others = smoothing / 2, 1
    right = 1 - smoothing + other
    score = float(outputs.table[activation][label])
    least = float(special.entr([right, *[other] * others]).sum())
    return ImageLoss(_LOSSES[activation], score, float(loss(score)), right, other, least)


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
    """
    found = layers(arrays)
    return ExportedNetwork(
        (found.hidden_kernel / 255).astype(np.float32),
        found.hidden_bias.astype(np.float32),
        found.output_kernel.astype(np.float32),
        found.output_bias.astype(np.float32),
    )
