"""Predictions as text: short enough to be kept in a file for many classifiers."""

from __future__ import annotations

import base64
import zlib

import numpy as np
from numpy.typing import NDArray

from handwriting.errors import MeasurementError

__all__ = ["packed", "unpacked"]


def packed(classes: NDArray[np.integer]) -> str:
    """Return the classes of images as text, a fraction of a byte each.

    Args:
        classes: (n,) integers, 0-255.
    """
    return base64.b64encode(zlib.compress(classes.astype(np.uint8).tobytes(), 9)).decode("ascii")


def unpacked(text: str, images: int, classes: int) -> NDArray[np.int64]:
    """Return what was packed, (images,) int64.

    Args:
        text: as `packed` returns it.
        images: how many images there have to be.
        classes: how many classes there are.

    Raises:
        MeasurementError: the text is not the classes of so many images.
    """
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(base64.b64decode(text, validate=True), images + 1)
    except (ValueError, zlib.error) as error:
        raise _not_packed(images, classes, str(error)) from error
    found = np.frombuffer(content, np.uint8).astype(np.int64)
    if len(found) != images or found.max(initial=0) >= classes or not reader.eof:
        shown = f"{len(found):,} images, the highest class {found.max(initial=0)}"
        raise _not_packed(images, classes, shown)
    return found


def _not_packed(images: int, classes: int, found: str) -> MeasurementError:
    return MeasurementError(
        f"predictions: expected those of {images:,} images in {classes} classes; found {found}. "
        "Measure again."
    )
