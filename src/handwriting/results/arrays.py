"""Arrays as JSON can hold them: their bytes, compressed and in base64, with dtype and shape."""

from __future__ import annotations

import base64
import math
import zlib
from typing import Annotated, Any, Literal, Self

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.errors import MeasurementError

_MOST_BYTES = 2**28


class PackedArray(pydantic.BaseModel, frozen=True, extra="forbid"):
    """An array, packed.

    Attributes:
        dtype: what its numbers are, little-endian.
        shape: its shape.
        zlib: its bytes, row by row, compressed, in base64.
    """

    dtype: Literal["|u1", "<i8", "<f4", "<f8"]
    shape: tuple[Annotated[int, pydantic.Field(strict=True, ge=0)], ...]
    zlib: str

    @classmethod
    def of(cls, array: NDArray[Any]) -> Self:
        """Return an array of such numbers, packed."""
        ordered = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        text = base64.b64encode(zlib.compress(ordered.tobytes(), 9)).decode("ascii")
        return cls.model_validate({"dtype": ordered.dtype.str, "shape": array.shape, "zlib": text})

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    def array(self) -> NDArray[Any]:
        """Return the array, read-only.

        Raises:
            ValueError: Its bytes are damaged, too many or too few, or a number is not finite.
        """
        expected = self.size * np.dtype(self.dtype).itemsize
        if expected > _MOST_BYTES:
            raise ValueError(f"array: expected at most {_MOST_BYTES:,} bytes; found {expected:,}")
        reader = zlib.decompressobj()
        try:
            found = reader.decompress(base64.b64decode(self.zlib, validate=True), expected + 1)
        except zlib.error as error:
            raise ValueError(f"array: expected compressed bytes; found {error}") from error
        if len(found) != expected or not reader.eof:
            raise ValueError(f"array: expected {expected:,} bytes; found more, or {len(found):,}")
        array = np.frombuffer(found, self.dtype).reshape(self.shape)
        if not np.isfinite(array).all():
            raise ValueError("array: expected finite numbers; found others")
        return array


def _unpacked(found: Any) -> NDArray[Any]:
    if isinstance(found, np.ndarray):
        return found
    return PackedArray.model_validate(found).array()


def _packed(array: NDArray[Any]) -> dict[str, Any]:
    return PackedArray.of(array).model_dump(mode="json")


Array = Annotated[
    NDArray[Any], pydantic.PlainValidator(_unpacked), pydantic.PlainSerializer(_packed)
]
"""The type of a field that holds an array, for pydantic."""


def require_classes(predictions: NDArray[Any], shape: tuple[int, ...], classes: int) -> None:
    """Refuse what is not the classes of so many images.

    Args:
        predictions: of any shape and dtype.
        shape: which it has to have; its numbers have to be uint8.
        classes: how many classes there are.

    Raises:
        MeasurementError: It is something else.
    """
    right = predictions.dtype == np.uint8 and predictions.shape == shape
    if not (right and predictions.max(initial=0) < classes):
        raise MeasurementError(
            f"predictions: expected {classes} classes of shape {shape}; found {predictions.dtype} "
            f"of shape {predictions.shape}. Measure again."
        )
