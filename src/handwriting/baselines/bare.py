"""Rivals that are a few arrays, taken out of scikit-learn: the same answers by NumPy alone.

A call of a library checks its input, chooses a path and hands over; for one image that takes
longer than the work itself. Whoever is compared with a network freed of its framework has to be
freed likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

_WHITE = np.float32(255)


class Reader(Protocol):
    """What reads images without its library."""

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the class of each image, (n,) int64, from (n, height, width) uint8, 0-255."""


@dataclass(frozen=True, eq=False)
class Constant:
    """Answers every image alike.

    Attributes:
        answer: the class.
    """

    answer: int

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the class of each image, (n,) int64."""
        return np.full(len(images), self.answer, np.int64)


@dataclass(frozen=True, eq=False)
class Linear:
    """Weighs pixels into one score a class.

    Attributes:
        weights: (pixels, classes) float32; the scaling of pixels to 0-1 is in it.
        offsets: (classes,) float32.
        classes: (classes,) int64, what each score stands for.
    """

    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]
    classes: NDArray[np.int64]

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the class with the highest score of each image, (n,) int64."""
        scores = _rows(images) @ self.weights
        scores += self.offsets
        return np.asarray(self.classes[scores.argmax(axis=1)], np.int64)


@dataclass(frozen=True, eq=False)
class NaiveBayes:
    """Weighs pixels and their squares into one score a class.

    Attributes:
        squares: (pixels, classes) float32, for the squares of pixels from 0 to 255.
        linear: the rest.
    """

    squares: NDArray[np.float32]
    linear: Linear

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the most probable class of each image, (n,) int64."""
        pixels = _rows(images)
        scores = pixels @ self.linear.weights
        scores += self.linear.offsets
        np.square(pixels, out=pixels)
        scores += pixels @ self.squares
        return np.asarray(self.linear.classes[scores.argmax(axis=1)], np.int64)


@dataclass(frozen=True, eq=False)
class Quadratic:
    """Measures how far an image lies from each class, in units of that class's own spread.

    Attributes:
        projection: (pixels, components) float32; the scaling of pixels to 0-1 is in it.
        whitening: (components, classes x components) float32, to units of each class's spread.
        means: (classes x components,) float32, the classes' own means, projected likewise.
        offsets: (classes,) float32, what is added for a class's spread and its frequency.
        classes: (classes,) int64.
    """

    projection: NDArray[np.float32]
    whitening: NDArray[np.float32]
    means: NDArray[np.float32]
    offsets: NDArray[np.float32]
    classes: NDArray[np.int64]

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the most probable class of each image, (n,) int64."""
        apart = _rows(images) @ self.projection @ self.whitening
        apart -= self.means
        np.square(apart, out=apart)
        scores = apart.reshape(len(images), len(self.classes), -1).sum(axis=2)
        scores += self.offsets
        return np.asarray(self.classes[scores.argmin(axis=1)], np.int64)


@dataclass(frozen=True, eq=False)
class Tree:
    """Asks about one pixel after another.

    Attributes:
        pixel: the pixel that each node asks about, -1 where it asks about none.
        most: the highest value, 0-255, with which an image goes to the first of its two nodes.
        below: the first of its two nodes, itself where it asks about none.
        above: the second.
        answer: the class that each node stands for.
    """

    pixel: list[int]
    most: list[int]
    below: list[int]
    above: list[int]
    answer: list[int]

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the class at whose leaf each image ends, (n,) int64."""
        if len(images) > 1:
            return self._many(images)
        pixels, node = images.reshape(-1), 0
        while (asked := self.pixel[node]) >= 0:
            node = self.below[node] if pixels[asked] <= self.most[node] else self.above[node]
        return np.array([self.answer[node]])

    def _many(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The same for many, level by level."""
        pixel, most, below, above, answer = (np.asarray(each) for each in vars(self).values())
        rows, every = images.reshape(len(images), -1), np.arange(len(images))
        nodes = np.zeros(len(images), np.int64)
        while (pixel[nodes] >= 0).any():  # who is at a leaf stays there
            left = rows[every, pixel[nodes]] <= most[nodes]
            nodes = np.where(left, below[nodes], above[nodes])
        return np.asarray(answer[nodes], np.int64)


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A network of one hidden layer of rectified neurons.

    Attributes:
        hidden_weights: (pixels, neurons) float32; the scaling of pixels to 0-1 is in it.
        hidden_offsets: (neurons,) float32.
        output: from neurons to classes.
    """

    hidden_weights: NDArray[np.float32]
    hidden_offsets: NDArray[np.float32]
    output: Linear

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return the class with the highest score of each image, (n,) int64."""
        hidden = _rows(images) @ self.hidden_weights
        hidden += self.hidden_offsets
        np.maximum(hidden, 0, out=hidden)
        scores = hidden @ self.output.weights
        scores += self.output.offsets
        return np.asarray(self.output.classes[scores.argmax(axis=1)], np.int64)


def reader(pipeline: Pipeline) -> Reader | None:
    """Return a fitted pipeline by NumPy alone; None where it is more than a few arrays.

    Args:
        pipeline: as `pipelines.make` makes it, fitted.
    """
    *before, last = [step for _, step in pipeline.steps[1:]]  # the first makes rows of pixels
    if isinstance(last, QuadraticDiscriminantAnalysis) and [type(each) for each in before] == [PCA]:
        return _quadratic(before[0], last)
    if before or pipeline.steps[0][0] != "pixels":
        return None
    if isinstance(last, DummyClassifier):
        return Constant(int(last.classes_[last.class_prior_.argmax()]))
    if isinstance(last, LogisticRegression | LinearDiscriminantAnalysis | LinearSVC):
        return _linear(last.coef_.T / _WHITE, last.intercept_, last.classes_)
    if isinstance(last, GaussianNB):
        return _naive_bayes(last)
    if isinstance(last, DecisionTreeClassifier):
        return _tree(last)
    if isinstance(last, MLPClassifier) and len(last.coefs_) == 2 and last.activation == "relu":
        return _perceptron(last)
    return None


def _rows(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images.reshape(len(images), -1).astype(np.float32)


def _linear(weights: NDArray[Any], offsets: NDArray[Any], classes: NDArray[Any]) -> Linear:
    """Scores from weights, (pixels, classes); of two classes, scikit-learn has one column."""
    if weights.shape[1] < len(classes):
        weights, offsets = np.hstack([-weights, weights]), np.hstack([-offsets, offsets])
    return Linear(weights.astype(np.float32), offsets.astype(np.float32), classes.astype(np.int64))


def _naive_bayes(fitted: GaussianNB) -> NaiveBayes:
    """The logarithm of a normal density, multiplied out: -(x - mean)² / (2 variance)."""
    mean, variance = fitted.theta_.T, fitted.var_.T
    offsets = np.log(fitted.class_prior_)
    offsets -= (np.log(2 * np.pi * variance) + mean**2 / variance).sum(axis=0) / 2
    squares = (-1 / (2 * variance * _WHITE**2)).astype(np.float32)
    return NaiveBayes(squares, _linear(mean / variance / _WHITE, offsets, fitted.classes_))


def _quadratic(components: PCA, fitted: QuadraticDiscriminantAnalysis) -> Quadratic:
    rotations = zip(fitted.rotations_, fitted.scalings_, strict=True)
    whitening = [rotation / np.sqrt(spread) for rotation, spread in rotations]
    shift = components.mean_ @ components.components_.T
    centred = zip(fitted.means_, whitening, strict=True)
    means = [(mean + shift) @ white for mean, white in centred]
    spreads = np.array([np.log(spread).sum() for spread in fitted.scalings_])
    return Quadratic(
        (components.components_.T / _WHITE).astype(np.float32),
        np.hstack(whitening).astype(np.float32),
        np.concatenate(means).astype(np.float32),
        (spreads - 2 * np.log(fitted.priors_)).astype(np.float32),
        fitted.classes_.astype(np.int64),
    )


def _tree(fitted: DecisionTreeClassifier) -> Tree:
    grown = fitted.tree_
    leaf, every = grown.children_left < 0, np.arange(grown.node_count)
    values = np.arange(256, dtype=np.float32) / _WHITE
    return Tree(
        np.where(leaf, -1, grown.feature).tolist(),
        (np.searchsorted(values, grown.threshold, side="right") - 1).tolist(),
        np.where(leaf, every, grown.children_left).tolist(),
        np.where(leaf, every, grown.children_right).tolist(),
        fitted.classes_[grown.value[:, 0].argmax(axis=1)].tolist(),
    )


def _perceptron(fitted: MLPClassifier) -> Perceptron:
    (hidden, output), (hidden_offsets, offsets) = fitted.coefs_, fitted.intercepts_
    return Perceptron(
        (hidden / _WHITE).astype(np.float32),
        hidden_offsets.astype(np.float32),
        _linear(output, offsets, fitted.classes_),
    )
