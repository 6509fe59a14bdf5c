"""Images with their slant taken out, so that one digit by two hands looks more alike."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.base import BaseEstimator, TransformerMixin

from handwriting.errors import SettingError


class Deskewing(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A scikit-learn transformer that takes out the slant of each image; it learns nothing."""

    def fit(self, images: NDArray[np.uint8], labels: object = None) -> Self:
        """Return itself: how an image slants says that image alone."""
        return self

    def transform(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return `deskewed(images)`."""
        return deskewed(images)

    def __sklearn_is_fitted__(self) -> bool:
        """Whether it can transform: always."""
        return True


def deskewed(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the images with each line moved sideways until the ink stands upright.

    Line y of an image moves by a(y - y0), where a is its slant and y0 the mean line of its ink, as
    in Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), Gradient-based learning applied to
    document recognition, Proceedings of the IEEE 86(11); they count inked pixels, here each counts
    by its ink. What falls between two pixels is interpolated; what leaves the frame is lost.

    Args:
        images: (n, height, width) uint8, 0-255.

    Returns:
        (n, height, width) float32, 0-255.

    Raises:
        SettingError: The images are not of that shape.
    """
    upright = np.empty(np.shape(images), np.float32)
    centres, angles = _moments(images)
    for image, centre, slant, target in zip(images, centres, angles, upright, strict=True):
        lines_move = [[1.0, 0.0], [slant, 1.0]]
        ndimage.affine_transform(
            image, lines_move, offset=(0.0, -slant * centre), output=target, order=1
        )
    return upright


def slants(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how far each image's ink moves to the right with each line downward, (n,), in pixels.

    It is the covariance of the ink's column and line over the variance of its line; 0 where there
    is no ink, or ink on one line only.

    Args:
        images: (n, height, width) uint8, 0-255.

    Raises:
        SettingError: The images are not of that shape.
    """
    return _moments(images)[1]


def most_slanted(
    images: NDArray[np.uint8], labels: NDArray[np.integer], classes: int = 10
) -> NDArray[np.uint8]:
    """Return the image of each class that slants most, to either side, (classes, height, width).

    Args:
        images: (n, height, width) uint8, 0-255.
        labels: (n,) integers, the class of each.
        classes: how many classes to return at most, the first ones; those without images are left
            out.
    """
    leaning = np.abs(slants(images))
    places = (np.flatnonzero(labels == label) for label in np.unique(labels)[:classes])
    return images[[place[leaning[place].argmax()] for place in places]]


def _moments(images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean line of each image's ink, and its slant."""
    if np.ndim(images) != 3:
        raise SettingError(
            f"images: expected (n, height, width), found shape {np.shape(images)}; give a batch"
        )
    ink = np.asarray(images, np.float64)
    lines, columns = np.arange(ink.shape[1]), np.arange(ink.shape[2])
    mass = np.maximum(ink.sum(axis=(1, 2)), 1.0)  # at least one grey level, where there is any ink
    by_line = ink.sum(axis=2)
    line = by_line @ lines / mass
    column = ink.sum(axis=1) @ columns / mass
    covariance = np.einsum("nlc,l,c->n", ink, lines, columns, optimize=True) / mass - line * column
    variance = by_line @ (lines * lines) / mass - line * line
    flat = variance < 1e-9
    slant = np.where(flat, 0.0, covariance / np.where(flat, 1.0, variance))
    return line, slant
