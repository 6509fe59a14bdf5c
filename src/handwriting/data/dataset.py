"""What a data set is: images to learn from, images to be judged by, and where they come from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Split:
    """Images and what is known of each.

    Attributes:
        images: (n, height, width) uint8, 0-255, read-only.
        labels: (n,) uint8, 0 to one less than the number of classes, read-only.
        writers: (n,) int32, who wrote each image, or None where nobody knows.
        series: (n,) int32, which part of the collection each image is from, or None.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    writers: NDArray[np.int32] | None = None
    series: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of its images and labels."""
        found = hashlib.sha256(str(self.images.shape).encode())
        found.update(self.images.tobytes())
        found.update(self.labels.tobytes())
        return found.hexdigest()

    def draw(self, images: int) -> NDArray[np.int64]:
        """Which images to take where so many are enough, the same each time; (images,) int64.

        They are in the split's order, and fewer are among more.

        Args:
            images: 1 to as many as there are.
        """
        order = np.random.default_rng(0).permutation(len(self))
        return np.asarray(np.sort(order[:images]), np.int64)

    def drawn(self, images: int) -> Split:
        """So many of the images, drawn at random as `draw` does.

        Args:
            images: 1 to as many as there are, which returns them all.
        """
        if images == len(self):
            return self
        return self.taken(self.draw(images))

    def taken(self, indices: NDArray[np.integer]) -> Split:
        """Some of the images, with all that is known of them.

        Args:
            indices: (n,) integers, which of them, in which order.
        """
        writers, series = (
            None if each is None else each[indices] for each in (self.writers, self.series)
        )
        return Split(self.images[indices], self.labels[indices], writers, series)


@dataclass(frozen=True)
class Origin:
    """Where data come from and on what terms.

    Attributes:
        urls: where they can be had.
        sha256: the SHA-256 of each file of images and labels as it was read, by file name.
        licence: on what terms they may be used.
        citation: whom to cite.
        writers_sha256: likewise of the files that say who wrote each image; none where that is not
            known.
    """

    urls: tuple[str, ...]
    sha256: Mapping[str, str]
    licence: str
    citation: str
    writers_sha256: Mapping[str, str] = field(default_factory=dict)


def plain(text: str) -> str:
    """Markdown that shows a text, such as the name of a class, as it stands, whatever it holds."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


@dataclass(frozen=True)
class Finding:
    """Something about data that a reader has to know before any number.

    Attributes:
        kind: what it is about, in a word, such as `copies` or `inverted`.
        text: Markdown: what was found, and what was done about it or could be done.
        severe: whether it would make a headline false, so that a strict build refuses it.
        images: how many of the images that are counted it is about, where that matters.
    """

    kind: str
    text: str
    severe: bool = False
    images: int = 0

    @property
    def words(self) -> str:
        """The text without Markdown's marks, for a terminal."""
        return re.sub(r"\*\*|\\(?=[!-/:-@\[-`{-~])", "", self.text)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set: a split to learn from, and another that is touched once, at the end.

    Attributes:
        name: what it is asked for by, or a folder's name with a slash, so that no folder passes for
            a published one.
        title: what prose calls it.
        train: the images to learn from.
        test: the images to be judged by.
        class_names: one for each class; label i means `class_names[i]`.
        origin: where it comes from.
        noun: what one of its classes is, in the singular: `digit`, `letter`, or `image` where it
            is not known.
        findings: what is odd about it; a page shows them at its top.
    """

    name: str
    title: str
    train: Split
    test: Split
    class_names: tuple[str, ...]
    origin: Origin
    noun: str = "image"
    findings: tuple[Finding, ...] = ()

    @property
    def copies(self) -> int:
        """How many test images are known to be copies of training images, or nearly."""
        return sum(finding.images for finding in self.findings if finding.kind == "copies")

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of each image, in pixels."""
        height, width = self.train.images.shape[1:]
        return int(height), int(width)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)
