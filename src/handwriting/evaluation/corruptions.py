"""Digits shifted and damaged, to see how far what learned from clean ones can be trusted.

Kinds of damage at five severities each, after D. Hendrycks and T. Dietterich (2019), Benchmarking
neural network robustness to common corruptions and perturbations, and N. Mu and J. Gilmer (2019),
MNIST-C: a robustness benchmark for computer vision. Strokes grow thinner and thicker as in
D. C. Castro et al. (2019), Morpho-MNIST; a blank square hides ink as in T. DeVries and G. W. Taylor
(2017), Improved regularization of convolutional neural networks with Cutout. The amounts are our
own: lengths are shares of the image's side, so that 8x8 digits suffer much as 28x28 ones do. Where
the sides differ, shifts and patches go by each, strokes and blur by the shorter one.

What is random about an image, such as the direction of its shift, depends on its place in the batch
alone: a higher severity makes the same damage stronger.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage, special

SEVERITIES = (1, 2, 3, 4, 5)

_Images: TypeAlias = NDArray[np.uint8]
_Apply: TypeAlias = Callable[[_Images, float, Generator], _Images]


@dataclass(frozen=True)
class Corruption:
    """One way in which digits are damaged.

    Attributes:
        title: what prose calls it.
        effect: what happens to an image, with {} in the place of how much.
        amounts: how much at each severity, the mildest first, in the unit that `effect` names.
        apply: from images (n, height, width) uint8, 0-255, an amount, and the source of all that
            is random, to new images of that shape and dtype.
    """

    title: str
    effect: str
    amounts: tuple[float, ...]
    apply: _Apply

    @property
    def meaning(self) -> str:
        """What the five severities mean, such as `turned by 10, 20, 30, 40, 50 degrees`."""
        return self.effect.format(", ".join(f"{amount:g}" for amount in self.amounts))

    def damaged(self, images: _Images, severity: int) -> _Images:
        """Return the images damaged in this way, (n, height, width) uint8, 0-255.

        Background is 0 and ink is 255, and what lies outside an image is background. The same
        arguments give the same result, and the first images of a batch fare as they would alone.

        Args:
            images: (n, height, width) uint8, 0-255; they stay as they are.
            severity: 1 (mild) to 5 (hard).
        """
        return self.apply(images, self.amounts[severity - 1], np.random.default_rng(0))


def _kind(title: str, effect: str, *amounts: float) -> Callable[[_Apply], Corruption]:
    return lambda apply: Corruption(title, effect, amounts, apply)


@_kind("shift", "moved by {}% of the side in a random direction", 4, 8, 12, 16, 20)
def _shift(images: _Images, percent: float, random: Generator) -> _Images:
    directions = random.uniform(0, 2 * math.pi, len(images))
    towards = np.stack([np.sin(directions), np.cos(directions)], axis=-1)
    return _moved(images, np.eye(2), percent / 100 * towards * images.shape[1:])


@_kind("rotation", "turned by {} degrees to either side", 10, 20, 30, 40, 50)
def _rotation(images: _Images, degrees: float, random: Generator) -> _Images:
    angle, quarter_turn = math.radians(degrees), np.array([[0, -1], [1, 0]])
    sines = math.sin(angle) * _either_side(images, random)
    return _moved(images, math.cos(angle) * np.eye(2) + sines * quarter_turn)


@_kind("smaller scale", "shrunk to {}% of its size", 90, 80, 70, 60, 50)
def _scale(images: _Images, percent: float, random: Generator) -> _Images:
    return _moved(images, 100 / percent * np.eye(2))


@_kind("shear", "slanted by {}% of the height to either side", 15, 30, 45, 60, 75)
def _shear(images: _Images, percent: float, random: Generator) -> _Images:
    lines_move = np.array([[0, 0], [1, 0]])
    return _moved(images, np.eye(2) + percent / 100 * _either_side(images, random) * lines_move)


@_kind("thinner strokes", "strokes' edges drawn in by {}% of the side", 0.5, 1, 1.5, 2, 2.5)
def _thinner(images: _Images, percent: float, random: Generator) -> _Images:
    return _edges_moved(images, percent, ndimage.grey_erosion)


@_kind("thicker strokes", "strokes' edges pushed out by {}% of the side", 1, 2, 3, 4, 5)
def _thicker(images: _Images, percent: float, random: Generator) -> _Images:
    return _edges_moved(images, percent, ndimage.grey_dilation)


@_kind("noise", "noise with a deviation of {}% of white", 8, 16, 24, 32, 40)
def _noise(images: _Images, percent: float, random: Generator) -> _Images:
    noisy = random.standard_normal(images.shape, np.float32)
    noisy *= percent / 100 * 255
    noisy += images
    return _rounded(noisy)


@_kind("blur", "blurred with a deviation of {}% of the side", 4, 5, 6, 7, 8)
def _blur(images: _Images, percent: float, random: Generator) -> _Images:
    """Blur with the discrete Gaussian, whose deviation holds for a part of a pixel too.

    Source: T. Lindeberg (1990), Scale-space for discrete signals, IEEE Transactions on Pattern
    Analysis and Machine Intelligence 12(3).
    """
    deviation = percent / 100 * min(images.shape[1:])
    reach = math.ceil(4 * deviation) + 1
    weights = special.ive(np.abs(np.arange(-reach, reach + 1)), deviation**2)
    blurred = images.astype(np.float32)
    for axis in (1, 2):
        blurred = ndimage.correlate1d(blurred, weights, axis, mode="constant")
    return _rounded(blurred)


@_kind("occlusion", "a blank patch, {}% as long as the side", 15, 20, 25, 30, 35)
def _occlusion(images: _Images, percent: float, random: Generator) -> _Images:
    sides, places = images.shape[1:], random.random((len(images), 2))
    rows, columns = (
        _hidden(side, percent / 100, place) for side, place in zip(sides, places.T, strict=True)
    )
    return _rounded(images * (1 - rows[:, :, np.newaxis] * columns[:, np.newaxis]))


@_kind("low contrast", "ink faded to {}% of its brightness", 80, 60, 45, 30, 20)
def _contrast(images: _Images, percent: float, random: Generator) -> _Images:
    return _rounded(percent / 100 * np.arange(256))[images]


@_kind("inversion", "{}% of the way to its negative", 10, 20, 40, 70, 100)
def _inversion(images: _Images, percent: float, random: Generator) -> _Images:
    levels = np.arange(256)
    return _rounded(levels + percent / 100 * (255 - 2 * levels))[images]


KINDS: tuple[Corruption, ...] = (
    *(_shift, _rotation, _scale, _shear),
    *(_thinner, _thicker),
    *(_noise, _blur, _occlusion, _contrast, _inversion),
)
"""Those that move the ink, those that change the strokes, and those that spoil the picture."""


def _moved(
    images: _Images, matrices: NDArray[np.float64], shifts: NDArray[np.float64] | float = 0.0
) -> _Images:
    """The images mapped about their middle and then shifted, interpolated between four pixels.

    Args:
        images: (n, height, width).
        matrices: (n, 2, 2) or (2, 2), from (row, column) of the result to that of the image.
        shifts: (n, 2) or (2,), by how many pixels down and to the right; 0 for not at all.
    """
    middle = (np.array(images.shape[1:]) - 1) / 2
    matrices = np.broadcast_to(matrices, (len(images), 2, 2))
    came_from = np.broadcast_to(middle + shifts, (len(images), 2))
    offsets = middle - np.einsum("nij,nj->ni", matrices, came_from)
    moved = np.empty_like(images)
    for image, matrix, offset, target in zip(images, matrices, offsets, moved, strict=True):
        ndimage.affine_transform(
            image, matrix, offset, output=target, order=1, mode="grid-constant"
        )
    return moved


def _either_side(images: _Images, random: Generator) -> NDArray[np.float64]:
    """Which side each image turns to, (n, 1, 1), -1 or 1."""
    return np.where(random.random(len(images)) < 0.5, -1.0, 1.0)[:, np.newaxis, np.newaxis]


def _edges_moved(
    images: _Images, percent: float, filtered: Callable[..., NDArray[np.uint8]]
) -> _Images:
    """The images with the edges of their ink moved, by part of a pixel where need be.

    Each step moves them by a pixel, with a cross and a square in turns, which together come close
    to a circle. Part of a step is a mixture: a whole one would wipe out the strokes of 8x8 digits.
    """
    reach = percent / 100 * min(images.shape[1:])
    whole = math.floor(reach)
    steps = [images]
    for step in range(whole + 1):
        footprint = ndimage.generate_binary_structure(2, 1 + step % 2)[np.newaxis]
        steps.append(filtered(steps[-1], footprint=footprint, mode="constant"))
    nearer, farther = (each.astype(np.float32) for each in steps[-2:])
    return _rounded(nearer + (reach - whole) * (farther - nearer))


def _hidden(length: int, share: float, places: NDArray[np.float64]) -> NDArray[np.float32]:
    """How much of each pixel along a side is hidden, (n, length), 0-1.

    Args:
        length: of the side, in pixels.
        share: of the side that is hidden; it lies within the image.
        places: (n,), where it lies: 0 at the start of the side, 1 at its end.
    """
    starts = places[:, np.newaxis] * (1 - share) * length
    pixels = np.arange(length)
    ends = starts + share * length
    overlap = np.minimum(pixels + 1, ends) - np.maximum(pixels, starts)
    return np.asarray(np.clip(overlap, 0, 1), np.float32)


def _rounded(levels: NDArray[np.floating]) -> _Images:
    return np.asarray(np.rint(np.clip(levels, 0, 255)), np.uint8)
