"""Files of this machine, opened and written so that nothing else passes for one.

A name may stand for something that is no file: a named pipe, which waits for a writer, a device,
which never ends, or a link, which leads elsewhere.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import io
import logging
import math
import os
import stat
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import filelock
import numpy as np
import platformdirs
import pydantic
from numpy.typing import NDArray

from handwriting.errors import DatasetError, MeasurementError

logger = logging.getLogger(__name__)

_PART = ".handwriting-"
"""What the name of a file that is not yet whole begins with."""


def opened(path: Path, *, follow: bool = True) -> io.FileIO:
    """Return a file that is open for reading, unbuffered; nothing is waited for.

    Args:
        path: the file.
        follow: whether it may be a link to one.

    Raises:
        OSError: There is none that can be read, or something else is in its place.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW))
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise OSError("a folder" if stat.S_ISDIR(mode) else "a pipe or a device")
        return io.FileIO(handle)
    except BaseException:
        os.close(handle)
        raise


def sha256_of(path: Path) -> str | None:
    """The SHA-256 of a file, in hexadecimal, or None where there is none that can be read."""
    try:
        with opened(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def made(folder: Path) -> Path:
    """Return a folder that is there, made with all above it where it was not; only ours to write.

    Raises:
        OSError: It cannot be made, or something else is in its place.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o755, exist_ok=True)
    if not folder.is_dir():
        raise OSError("something else")
    return folder


def write_text(path: Path, text: str) -> None:
    """Write a text as `write_bytes` does, in UTF-8."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes | bytearray) -> None:
    """Write a file in one step: a reader finds the old file or the new one, whole.

    A link in the file's place is replaced, not followed. What a writer that was killed left beside
    it is removed; a writer that is still at work is left alone.

    Raises:
        OSError: The disk refuses it; the old file is as it was.
    """
    _sweep(path.parent)
    handle, temporary = _part(path.parent)
    with os.fdopen(handle, "wb") as file:
        try:
            file.write(content)
            file.flush()
            temporary.chmod(0o644)
            temporary.replace(path)  # while it is locked: until then `_sweep` leaves it alone
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _part(folder: Path) -> tuple[int, Path]:
    """A new file, open and locked for as long as it is open."""
    while True:
        handle, name = tempfile.mkstemp(dir=folder, prefix=_PART, suffix=".part")
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, Path(name)
        os.close(handle)  # another process swept it away before it was locked


def _sweep(folder: Path) -> None:
    """Remove the parts that no process holds."""
    for part in folder.glob(f"{_PART}*.part"):
        with contextlib.suppress(OSError), opened(part, follow=False) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


def cache_folder() -> Path:
    """The folder for all that is kept on this machine: `$HANDWRITING_CACHE`, or the user's own.

    Raises:
        DatasetError: The variable names the home of nobody.
    """
    if os.environ.get("HANDWRITING_CACHE"):
        return absolute("HANDWRITING_CACHE")
    return Path(platformdirs.user_cache_dir("psychic-pancake"))


def absolute(variable: str) -> Path:
    """The folder that a variable of the environment names, seen from the root.

    Raises:
        DatasetError: It names the home of nobody.
    """
    named = os.environ[variable]
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError as error:
        found = f"{named!r}, and nobody of that name has a home here"
        remedy = "Name another folder, or unset it."
        raise DatasetError.at(variable, expected="a folder", found=found, remedy=remedy) from error


def distrust(folder: Path) -> str | None:
    """Why another user could have put something into a folder, or None where nobody could.

    Root is trusted, and so is the group. A folder that is not there, or cannot be looked at, holds
    nothing that could be believed.
    """
    for place, harmless in ((folder, 0), (folder.parent, stat.S_ISVTX)):
        try:
            status = place.stat()
        except OSError:
            continue
        if status.st_uid not in (0, os.geteuid()):
            return f"{place} belongs to another user"
        if status.st_mode & stat.S_IWOTH and not status.st_mode & harmless:
            return f"anyone may write to {place}"
    return None


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other processes from making the same file meanwhile, where the disk can do that."""
    lock = filelock.FileLock(path.with_name(f".{path.stem}.lock"))
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError, NotImplementedError):
            if not distrust(made(path.parent)):
                held.enter_context(lock)
        yield


def stamp(path: Path) -> tuple[int, int] | None:
    """What tells a file from one that was put in its place; None where there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


_told: set[str] = set()


def distrusted(folder: Path) -> bool:
    """Whether another user could have written what is in a folder; said once."""
    fault = distrust(folder)
    if fault and fault not in _told:
        _told.add(fault)
        logger.warning(
            "Nothing that was kept is used, and nothing is kept: %s. Take it for yourself "
            "(chown, chmod o-w), or name another folder in HANDWRITING_CACHE.",
            fault,
        )
    return fault is not None


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

    def array(self) -> NDArray[Any]:
        """Return the array, read-only.

        Raises:
            ValueError: Its bytes are damaged, too many or too few, or a number is not finite.
        """
        expected = math.prod(self.shape) * np.dtype(self.dtype).itemsize
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


Array = Annotated[
    NDArray[Any],
    pydantic.PlainValidator(_unpacked),
    pydantic.PlainSerializer(lambda array: PackedArray.of(array).model_dump(mode="json")),
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
