"""The IDX file format: arrays behind a header of a few bytes, as MNIST's four files hold them.

A header is two zero bytes, the code of the element type, the number of dimensions, then each
dimension as four bytes, most significant first; the elements follow, the last dimension
varying fastest (LeCun, Cortes and Burges, *The MNIST database of handwritten digits*, "File formats
for the MNIST database"). A file may be compressed with gzip; its first bytes decide, not its name.

Nothing in a file is believed: what its header promises is checked before memory is taken for it,
and no more is read or unpacked than a file needs that keeps the promise, and hardly more that shows
whether anything trails.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from handwriting.errors import DatasetError
from handwriting.results import files

LARGEST = 2**30
"""Bytes of elements that no file may promise to exceed (EMNIST's largest file has 547 million)."""

LARGEST_UNASKED = 2**26
"""Bytes of elements that a file of any size may promise (MNIST's largest file has 47 million)."""

HONEST_RATIO = 100
"""Bytes of elements for each byte of a file, above `LARGEST_UNASKED` (MNIST's files: 2 to 5)."""

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 2**16
_OPENING = 2**20
"""Bytes of a packed file within which its header must be found."""
_KINDS = {1: "labels (1 dimension)", 2: "rows (2 dimensions)", 3: "images (3 dimensions)"}
_TYPE_NAMES = {
    0x08: "unsigned bytes",
    0x09: "signed bytes",
    0x0B: "16-bit integers",
    0x0C: "32-bit integers",
    0x0D: "32-bit floats",
    0x0E: "64-bit floats",
}
_TYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(np.int16),
    0x0C: np.dtype(np.int32),
    0x0D: np.dtype(np.float32),
    0x0E: np.dtype(np.float64),
}
"""The element type that each code stands for."""


@dataclass(frozen=True, eq=False)
class IdxFile:
    """What an IDX file holds.

    Attributes:
        array: the elements, in the shape that the header gives, of the type asked for, read-only.
        sha256: the SHA-256 of the file's bytes as they were read, compressed where they are.
    """

    array: NDArray[Any]
    sha256: str


def most_bytes(size: int) -> int:
    """Return how many bytes of numbers a file of so many bytes may promise."""
    return min(LARGEST, max(LARGEST_UNASKED, HONEST_RATIO * size))


def read(
    path: str | Path, dimensions: int, dtype: type[np.uint8 | np.int32] | None = np.uint8
) -> IdxFile:
    """The array in an IDX file, compressed with gzip or not, and the file's SHA-256.

    Args:
        path: the file.
        dimensions: how many dimensions its array must have: 3 for images, 1 for labels.
        dtype: of which type its elements must be; None for any.

    Raises:
        DatasetError: where the file cannot be read or is not such an array, whole and alone.
    """
    path = Path(path)
    try:
        with files.opened(path) as file:
            return _read_open(path, file, dimensions, np.dtype(dtype) if dtype else None)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _refusal(path, "a whole gzip file", f"a damaged one ({error})") from error
    except MemoryError as error:
        raise _refusal(path, "a file that fits into memory", "a larger one") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None)
        raise _refusal(path, "a file that can be read", reason or str(error)) from error


def packed(array: NDArray[np.uint8]) -> bytes:
    """Return the bytes of an IDX file that holds an array, compressed with gzip."""
    header = bytes([0, 0, 0x08, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.tobytes(), 6, mtime=0)


def describe_start(start: bytes) -> str:
    """What a file that begins with these bytes looks like, where that is a well-known mistake.

    It is to come after what was found: `, which looks like a web page, not data`, or nothing.
    """
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<error")):
        return ", which looks like a web page, not data"
    if text.startswith(b"version https://git-lfs"):
        return ", which looks like a Git LFS pointer, not data"
    if text.startswith((b"pk\x03\x04", b"\x93numpy")):
        return ", which looks like a zip archive or a NumPy file"
    return ""


def _read_open(
    path: Path, file: io.FileIO, dimensions: int, wanted: np.dtype[Any] | None
) -> IdxFile:
    size = os.fstat(file.fileno()).st_size
    opening = file.read(_OPENING)
    packed = opening.startswith(_GZIP_MAGIC)
    dtype, shape = _read_header(path, _stream(opening, packed), dimensions, wanted)
    whole = 4 + 4 * dimensions + math.prod(shape) * dtype.itemsize
    _check_promise(path, shape, whole, size, packed)
    file.seek(0)
    content = file.read(size)
    sha256 = hashlib.sha256(content).hexdigest()
    elements = _unpacked(path, content, whole) if packed else content
    stored = np.frombuffer(elements, dtype.newbyteorder(">"), offset=4 + 4 * dimensions)
    array = np.asarray(stored.reshape(shape), dtype)
    array.setflags(write=False)
    return IdxFile(array, sha256)


def _stream(content: bytes, packed: bool) -> BinaryIO:
    stream = io.BytesIO(content)
    return gzip.GzipFile(fileobj=stream) if packed else stream  # type: ignore[return-value]


def _read_header(
    path: Path, stream: BinaryIO, dimensions: int, wanted: np.dtype[Any] | None
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    start = stream.read(4)
    code = next(code for code, dtype in _TYPES.items() if dtype == (wanted or np.uint8))
    opening = f"00 00 {code:02x} {dimensions:02x}"
    expected = f"an IDX header that opens with {opening}, {_kind(dimensions)}"
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPE_NAMES:
        hint = describe_start(start + stream.read(60))
        raise _refusal(path, expected, f"{start.hex(' ') or 'nothing'}{hint}")
    if wanted and start[2] != code:
        raise _refusal(path, f"elements that are {_TYPE_NAMES[code]}", _TYPE_NAMES[start[2]])
    if start[3] != dimensions:
        swapped = {start[3], dimensions} == {1, 3}
        remedy = "Are the files of images and labels swapped?" if swapped else None
        raise _refusal(path, _kind(dimensions), _kind(start[3]), remedy)
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise _refusal(path, f"{4 * dimensions} bytes of dimensions", f"{len(sizes)}")
    return _TYPES[start[2]], struct.unpack(f">{dimensions}I", sizes)


def _check_promise(path: Path, shape: tuple[int, ...], whole: int, size: int, packed: bool) -> None:
    """Refuse a promise that the file cannot keep, before any memory is taken for it."""
    shown = f"{' by '.join(map(str, shape))} elements"
    if not packed and whole != size:
        found = f"{size:,} bytes: {_fault(size, whole)}"
        raise _refusal(path, f"{whole:,} bytes for the {shown} of its header", found)
    limit = most_bytes(size)
    # A dimension of 0 makes any other one cost nothing, but NumPy cannot hold it.
    elements = whole - 4 - 4 * len(shape)
    if max(elements, math.prod(max(1, length) for length in shape)) > limit:
        expected = f"at most {limit:,} bytes of elements in a file of {size:,} bytes"
        raise _refusal(path, expected, f"a header that promises {shown}")
    most = _OPENING + 2 * whole
    if packed and size > most:
        expected = f"at most {most:,} bytes for the {shown}"
        raise _refusal(path, expected, f"{size:,} bytes of gzip: something trails")


def _unpacked(path: Path, content: bytes, whole: int) -> bytearray:
    """What is packed, so many bytes and no others."""
    stream = _stream(content, packed=True)
    found = bytearray()
    while len(found) <= whole:
        chunk = stream.read(_CHUNK)
        if not chunk:
            break
        found += chunk
    if len(found) != whole:
        shown = f"{len(found):,}: {_fault(len(found), whole)}"
        raise _refusal(path, f"{whole:,} bytes, unpacked", shown)
    return found


def _fault(count: int, whole: int) -> str:
    return "it is cut short" if count < whole else "something trails"


def _kind(dimensions: int) -> str:
    return _KINDS.get(dimensions, f"an array of {dimensions} dimensions")


def _refusal(path: Path, expected: str, found: str, remedy: str | None = None) -> DatasetError:
    remedy = remedy or "Replace the file by a whole copy from where it came from."
    return DatasetError.at(path, expected=expected, found=found, remedy=remedy)
