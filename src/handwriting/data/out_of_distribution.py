"""Images that are no digits, to see whether confidence tells them from digits."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handwriting.data import archives, arrays, corrections, forms, idx, published, searching
from handwriting.data.archives import Archive
from handwriting.data.collection import Collection as Brought
from handwriting.data.dataset import Dataset
from handwriting.errors import DatasetError, DownloadError

logger = logging.getLogger(__name__)

_MADE = "scrambled"
_PUBLISHED = ("fashion_mnist", "kmnist")
NAMES = ("auto", *_PUBLISHED, _MADE)
"""What can be asked for; any other name is the path of images in any form."""

_SECONDS, _RESPITE = 20.0, 600.0
"""For how long something that can be done without is waited for, and a failure remembered."""


def resolved(
    name: str, image_shape: tuple[int, int], own: Collection[str] = ()
) -> tuple[str, dict[str, str]]:
    """Return what a name comes to, and the SHA-256 of each of its files, by file name.

    `auto` is Fashion-MNIST where it can be had, its images have that size, and the digits are not
    these; else Kuzushiji-MNIST likewise; else `scrambled`.

    Args:
        name: one of `NAMES`, or the path of images in any form.
        image_shape: height and width of the digits that they are to be told from.
        own: the SHA-256 of each file of those digits, none of which is foreign to them.

    Raises:
        DatasetError: There is no such name or path, a file is not what it should be, or its
            images have another size or are the digits themselves.
        DownloadError: What is asked for by name cannot be had.
    """
    if name == "auto":
        return _best(image_shape, own)
    if name == _MADE:
        return name, {}
    archive = _judged(name)
    if archive:
        _check(archive.title, published.IMAGE_SHAPE, archive.files[0].sha256, image_shape, own)
        archives.verified(archive)
        return name, archive.sha256
    path = searching.named(name, "foreigners", NAMES)
    collection = forms.read(path)
    sha256 = {
        file: each
        for file, each in collection.sha256.items()
        if arrays.word(file, arrays.PARTS) == "test" and "label" not in file
    }
    sha256 = sha256 or dict(collection.sha256)
    _with_bright_ink(collection)
    for each in sha256.values():
        _check(path, collection.train.images.shape[1:], each, image_shape, own)
    return str(path), sha256


def images(name: str, data: Dataset, most: int = 2000) -> dict[str, NDArray[np.uint8]]:
    """Return foreign images by what they are, (n, height, width) uint8, 0-255, of the data's size.

    Args:
        name: as `resolved` takes it.
        data: what the images are foreign to; `scrambled` ones are made of its test images.
        most: how many of each kind at most.

    Raises:
        DatasetError: There is no such name or path, a file is not what it should be, or its
            images have another size or are the data's own.
        DownloadError: What is asked for by name cannot be had.
    """
    name, _ = resolved(name, data.image_shape, data.origin.sha256.values())
    if name == _MADE:
        return _made(data, most)
    archive = _judged(name)
    if archive:
        return {archive.title: idx.read(archives.verified(archive)[0], 3).array[:most]}
    collection = forms.read(Path(name))
    return {collection.title: _with_bright_ink(collection)[:most]}


def _with_bright_ink(collection: Brought) -> NDArray[np.uint8]:
    """The images of what somebody brings, of its test part if it has one, whatever they show."""
    images, title = (collection.test or collection.train).images, collection.title
    return corrections.with_bright_ink(corrections.in_grey(title, [images]))[0]


def _best(image_shape: tuple[int, int], own: Collection[str]) -> tuple[str, dict[str, str]]:
    """The first of what `auto` may be that can be had, and its files."""
    for archive in map(_judged, _PUBLISHED):
        if not archive or image_shape != published.IMAGE_SHAPE or archive.files[0].sha256 in own:
            continue
        try:
            archives.verified(archive)
        except DownloadError as error:
            logger.info("%s is not used for foreign images. %s", archive.title, error)
        else:
            return archive.name, archive.sha256
    return _MADE, {}


def _check(
    place: str | Path,
    shape: tuple[int, ...],
    sha256: str,
    image_shape: tuple[int, int],
    own: Collection[str],
) -> None:
    """Refuse images of another size than the digits', and the digits themselves."""
    if shape != image_shape:
        raise DatasetError.at(
            place,
            expected=f"foreign images of {_size(image_shape)} pixels, as those of the data set",
            found=f"{_size(shape)} pixels",
            remedy="Scale them to that size, or name other foreign images.",
        )
    if sha256 in own:
        raise DatasetError.at(
            place,
            expected="foreign images, unlike those of the data set",
            found="its own",
            remedy="Name other foreign images.",
        )


def _judged(name: str) -> Archive | None:
    """Test images and labels alone of what is published by that name: no others are needed here."""
    if name not in _PUBLISHED:
        return None
    archive = published.by_name()[name].archive
    return replace(archive, files=archive.files[2:], seconds=_SECONDS, respite=_RESPITE)


def _made(data: Dataset, most: int) -> dict[str, NDArray[np.uint8]]:
    """Test images whose pixels change places, each its own way, and negatives of test images."""
    digits = data.test.drawn(min(most, len(data.test))).images
    flat = digits.reshape(len(digits), -1)
    scrambled = np.random.default_rng(0).permuted(flat, axis=1).reshape(digits.shape)
    return {f"scrambled {data.noun}s": scrambled, f"inverted {data.noun}s": 255 - digits}


def _size(shape: tuple[Any, ...]) -> str:
    return " by ".join(map(str, shape))
