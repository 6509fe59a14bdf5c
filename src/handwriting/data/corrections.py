"""What may be wrong with images and labels: put right where that is certain, and always said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from handwriting.data import published
from handwriting.data.dataset import Finding
from handwriting.errors import DatasetError

_MOST_CLASSES = 256
_DIM = 128  # grey level that the brightest pixel should reach

_NEARLY_ALL, _MANY = 0.9, 0.25  # shares of images that surely, or perhaps, have dark ink
_BRIGHT, _MIDDLE = 170, 127  # grey levels of a border that surely, or perhaps, is bright paper

_ALIKE, _CLEARLY = 0.3, 0.2
"""The correlation from which classes are taken for digits, and by how much more they have to be
like transposed ones. That of MNIST is 0.43, and 0.08 transposed; of 300 Gujarati digits, 0.19."""

Say = Callable[[Finding], None]
"""Takes what a reader has to know."""


# --- Pixels ------------------------------------------------------------------------------------


def in_grey(
    title: str,
    images: Sequence[NDArray[Any]],
    scale: float | None = None,
    say: Say = lambda finding: None,
) -> list[NDArray[np.uint8]]:
    """The images of each part, 0 to 255, uint8.

    Args:
        title: what errors call the data.
        images: (n, height, width) of each part, real numbers.
        scale: the number that stands for the brightest pixel there can be; None to find out.
        say: takes what they were.

    Raises:
        DatasetError: Nobody can tell what their numbers mean, or `scale` is too small.
    """
    lowest = float(min(each.min() for each in images))
    highest = float(max(each.max() for each in images))
    whole = all(each.dtype.kind != "f" or (each == np.rint(each)).all() for each in images)
    full = _brightest(lowest, highest, whole) if scale is None else scale
    if not (full and -full <= lowest <= highest <= full):
        known = "0 to 1, 16, 255 or 65535, or from -1 to 1"
        raise DatasetError.at(
            title,
            expected=f"pixels from {known if scale is None else f'0, or {-scale:g}, to {scale:g}'}",
            found=f"numbers from {lowest:g} to {highest:g}",
            remedy="Give the number of the brightest pixel there can be as the parameter `scale`.",
        )
    dark = -full if lowest < 0 else 0
    scaled = [_as_bytes(each, dark, full) for each in images]
    if full != 255:
        text = f"Pixels were numbers from {dark:g} to {full:g}; they were scaled to 0 to 255."
        say(Finding("range", text))
    brightest = max(int(each.max()) for each in scaled)
    if brightest < _DIM:
        text = (
            f"The brightest pixel of all is {brightest} of 255. If these images are not so faint, "
            "give the number of the brightest pixel there can be as the parameter `scale`."
        )
        say(Finding("faint", text))
    return scaled


def _brightest(lowest: float, highest: float, whole: bool) -> float | None:
    """The number that stands for the brightest pixel there can be; None where nobody can tell."""
    if lowest < 0:
        return 1 if (lowest, highest) == (-1, 1) else None
    if highest <= 1:
        return 1 if highest else 255
    if whole and highest in (15, 16):
        return highest
    if highest <= 255 and (whole or highest > 16):
        return 255
    return 65535 if whole and 65535 / 2 < highest <= 65535 else None


def _as_bytes(images: NDArray[Any], dark: float, full: float) -> NDArray[np.uint8]:
    if images.dtype == np.uint8 and full == 255:
        return images
    grey = (images.astype(np.float32) - np.float32(dark)) * np.float32(255 / (full - dark))
    return np.asarray(np.rint(grey), np.uint8)


def with_bright_ink(
    images: Sequence[NDArray[np.uint8]],
    invert: bool | None = None,
    say: Say = lambda finding: None,
) -> list[NDArray[np.uint8]]:
    """The images of each part with bright ink on dark paper, as networks expect it.

    Args:
        images: (n, height, width) uint8 of each part.
        invert: whether to exchange ink and paper; None to find out by the images' borders.
        say: takes what was done, or may have to be.
    """
    shares = [_dark_on_bright(each) for each in images]
    if invert is None:
        turned = [surely >= _NEARLY_ALL for surely, _ in shares]
    else:
        turned = [invert for _ in images]
    if any(turned):
        which = "" if all(turned) else "training " if turned[0] else "test "
        text = (
            f"Ink and paper of the {which}images were exchanged: networks expect bright ink on "
            "dark paper."
        )
        say(Finding("inverted", text))
    if invert is None and any(
        perhaps >= _MANY and not turn for (_, perhaps), turn in zip(shares, turned, strict=True)
    ):
        text = (
            "Many images are bright at their border, and may show dark ink on bright paper. If "
            "they do, set the parameter `invert` to true: networks expect bright ink."
        )
        say(Finding("ink", text))
    return [255 - each if turn else each for each, turn in zip(images, turned, strict=True)]


def _dark_on_bright(images: NDArray[np.uint8]) -> tuple[float, float]:
    """The shares of images that are surely dark ink on bright paper, and that may be, 0-1 each."""
    sides = (images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1])
    border = np.median(np.concatenate(sides, axis=1), axis=1)
    inside = images[:, 1:-1, 1:-1].mean(axis=(1, 2))
    surely = (border >= _BRIGHT) & (inside < border)
    return float(surely.mean()), float((border > _MIDDLE).mean())


# --- Labels ------------------------------------------------------------------------------------


def numbered(
    title: str, labels: Sequence[NDArray[Any]], names: Mapping[str, str], say: Say
) -> tuple[list[NDArray[np.int64]], tuple[str, ...]]:
    """The labels of each part as numbers from 0, (n,) int64, and what each means.

    The classes are those of the first part, to learn from; -1 is a label that it does not have.

    Args:
        title: what errors call the data.
        labels: (n,) of each part, whole numbers or text.
        names: what a label means, by the label as text, where that is known.
        say: takes what they were.

    Raises:
        DatasetError: They are neither, or of more than 256 classes.
    """
    plain = [_whole_or_text(title, each) for each in labels]
    if len({each.dtype.kind for each in plain}) > 1:
        plain = [each.astype(str) for each in plain]
    values = np.unique(plain[0]).tolist()
    if len(values) > _MOST_CLASSES:
        raise DatasetError.at(
            title,
            expected=f"images to learn from of 1 to {_MOST_CLASSES} classes",
            found=f"{len(values):,} classes",
            remedy="Check which column or folder says what an image shows.",
        )
    if all(str(value).isdecimal() for value in values):
        values.sort(key=int)
    places = {value: place for place, value in enumerate(values)}
    if plain[0].dtype.kind == "i" and values != list(range(len(values))):
        text = (
            f"The labels of the classes ({len(values)}) went from {values[0]} to {values[-1]}. "
            "They were numbered anew, from 0, and classes keep their names."
        )
        say(Finding("labels", text))
    numbers = [np.array([places.get(each, -1) for each in part.tolist()]) for part in plain]
    called = [_printable(names.get(str(value), "")) or str(value) for value in values]
    return numbers, tuple(
        name if called.count(name) == 1 else f"{name} ({value})"
        for name, value in zip(called, values, strict=True)
    )


def _printable(name: str) -> str:
    """A name in one line, without what only a file system can write."""
    return " ".join(name.encode(errors="replace").decode().split())


def _whole_or_text(title: str, labels: NDArray[Any]) -> NDArray[Any]:
    """Labels as whole numbers, (n,) int64, or as text."""
    if labels.dtype.kind in "OUS":
        return labels.astype(str)
    whole = labels.astype(np.int64) if np.isfinite(labels).all() else np.zeros(len(labels)) - 1
    if (whole != labels).any():
        raise DatasetError.at(
            title,
            expected="labels that are whole numbers or text",
            found="some that are neither",
            remedy="Check which column or array holds the labels.",
        )
    return whole


# --- What the images show ----------------------------------------------------------------------


def transposed(images: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """The images of each part with rows and columns exchanged."""
    return [each.transpose(0, 2, 1).copy() for each in images]


@dataclass(frozen=True)
class Likeness:
    """How the classes' means go with those of scikit-learn's digits: correlations, -1 to 1.

    Attributes:
        upright: of what tells the means from one another, as they are.
        turned: likewise with rows and columns exchanged.
    """

    upright: float
    turned: float

    @property
    def digits(self) -> bool:
        """Whether the classes surely are digits."""
        return max(self.upright, self.turned) >= _ALIKE

    @property
    def transposed(self) -> bool:
        """Whether they look like digits with rows and columns exchanged."""
        return self.turned >= max(_ALIKE, self.upright + _CLEARLY)


def likeness_to_digits(
    images: NDArray[np.uint8], labels: NDArray[np.integer], class_names: Sequence[str]
) -> Likeness:
    """How classes go with scikit-learn's digits; not at all where their names are no digits.

    Args:
        images: (n, height, width) uint8, at least one of each class.
        labels: (n,) the class of each.
        class_names: one for each class.
    """
    if not all(len(name) == 1 and name.isdecimal() for name in class_names):
        return Likeness(0, 0)
    known = published.digits().train
    reference = _portraits(known.images, known.labels, [int(name) for name in class_names])
    first, second = (
        _portraits(each, labels, range(len(class_names)))
        for each in (images, images.transpose(0, 2, 1))
    )
    return Likeness(float((first * reference).sum()), float((second * reference).sum()))


def _portraits(
    images: NDArray[np.uint8], labels: NDArray[np.integer], classes: Sequence[int]
) -> NDArray[np.float64]:
    """(classes, 8, 8): the mean image of each class, cut to its ink, less that of all; norm 1."""
    means = np.stack([images[labels == label].mean(axis=0) for label in classes])
    inked = means.mean(axis=0) > means.mean(axis=0).max() / 10
    rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
    cut = means[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    small = [Image.fromarray(each).resize((8, 8), Image.Resampling.BOX) for each in cut]
    portraits = np.array([np.asarray(each, np.float64) for each in small])
    portraits -= portraits.mean(axis=0)
    return np.asarray(portraits / max(float(np.linalg.norm(portraits)), 1e-9))
