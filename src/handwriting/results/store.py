"""Results that took long to measure, kept: in the user's cache, or in a file of the project.

A result is kept with what was measured (its *subject*: data and settings) and under what
*circumstances* (versions, source, machine). The cache gives back a result only where both are the
same; a file of the project may come from another machine, so there the subject decides, and a
report says where and when it was measured. Files are JSON, never pickles, and carry their own
SHA-256: a file that is damaged, or was changed by hand, is not used, and neither is the cache where
another user could have written it.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import importlib.metadata
import json
import logging
import os
import platform
import reprlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pydantic
from numpy.typing import NDArray

from handwriting.errors import MeasurementError
from handwriting.results import files, source

logger = logging.getLogger(__name__)

_FORMAT = 1
_MOST_BYTES = 50_000_000
_MOST_SHOWN = 300
_DEEP = b"\n" + 20 * b" "
"""How a line begins in a file of `write` that is more deeply nested than any result."""


@dataclass(frozen=True)
class Measured:
    """A result and how it came about.

    Attributes:
        name: what was measured, such as a classifier's name.
        subject: data and settings, each as text: with others it would be another result.
        circumstances: versions, source and machine, each as text: with others the result should be
            much the same, but a time need not be.
        moment: when it was measured, ISO 8601 with its offset from UTC.
        content: the result itself: what JSON can hold.
    """

    name: str
    subject: Mapping[str, str]
    circumstances: Mapping[str, str]
    moment: str
    content: Mapping[str, Any]

    def __post_init__(self) -> None:
        try:
            offset = datetime.fromisoformat(self.moment).tzinfo
        except ValueError:
            offset = None
        if offset is None:
            raise ValueError(f"moment: expected ISO 8601 with an offset; found {self.moment!r}")


_RESULTS = pydantic.TypeAdapter(tuple[Measured, ...])


class Cache:
    """The results that this user's machine has measured, one file each."""

    _told: ClassVar[set[str]] = set()

    def __init__(self, folder: Path | None = None) -> None:
        """Use a folder, which is made when it is first needed.

        Args:
            folder: `results` in `$HANDWRITING_CACHE` or the user's cache, where it is left out.
        """
        self._folder = folder or files.cache_folder() / "results"

    def find(
        self, name: str, subject: Mapping[str, str], circumstances: Mapping[str, str]
    ) -> Measured | None:
        """Return the result of that name, subject and circumstances, or None.

        A file that is damaged, or is not what its name says, is reported once and not used; nor is
        any file where another user could have put it.
        """
        path = self._path(name, subject, circumstances)
        if self._distrusted():
            return None
        try:
            results = read(path)
        except MeasurementError as error:
            logger.warning("%s is measured anew. %s", name, error)
            return None
        asked = (name, dict(subject), dict(circumstances))
        for found in results:
            if (found.name, dict(found.subject), dict(found.circumstances)) == asked:
                return found
        if results:
            logger.warning("%s is measured anew: %s holds another result.", name, path)
        return None

    def keep(self, result: Measured) -> None:
        """Keep a result; where the disk refuses it, say so and go on."""
        path = self._path(result.name, result.subject, result.circumstances)
        if self._distrusted():
            return
        try:
            if path.is_dir() and not path.is_symlink():
                path.replace(path.with_name(f"{path.name}.bad"))
            write(path, [result])
        except (OSError, ValueError) as error:
            logger.warning("%s could not be kept for the next time: %s", result.name, error)

    def _distrusted(self) -> bool:
        """Whether another user could have written what is here; said once."""
        fault = files.distrust(self._folder)
        if fault and fault not in self._told:
            self._told.add(fault)
            logger.warning(
                "Nothing that was kept is used, and nothing is kept: %s. Take it for yourself "
                "(chown, chmod o-w), or name another folder in HANDWRITING_CACHE.",
                fault,
            )
        return fault is not None

    def _path(
        self, name: str, subject: Mapping[str, str], circumstances: Mapping[str, str]
    ) -> Path:
        key = digest({"subject": dict(subject), "circumstances": dict(circumstances)})
        return self._folder / f"{name}-{key[:16]}.json"


def read(path: Path) -> tuple[Measured, ...]:
    """Return the results that a file holds; none where there is no file.

    A file is believed where it is, byte for byte, what `write` makes of what it says.

    Raises:
        MeasurementError: It cannot be read, is damaged, or is not such a file.
    """
    try:
        with files.opened(path, follow=False) as file:
            text = file.read(_MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        what = "a link" if error.errno == errno.ELOOP else error.strerror or str(error)
        raise _refusal(path, what) from error
    if len(text) > _MOST_BYTES:
        raise _refusal(path, f"more than {_MOST_BYTES:,} bytes")
    return _parsed(path, text)


def _parsed(path: Path, text: bytes) -> tuple[Measured, ...]:
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or set(content) != {"format", "sha256", "results"}:
            raise _refusal(path, "JSON of another kind")
        if content["format"] != _FORMAT:
            raise _refusal(path, f"format {reprlib.repr(content['format'])}")
        if content["sha256"] != digest(content["results"]):
            raise _refusal(path, "results that do not have the SHA-256 noted with them")
        if text != _text(content["results"]).encode() or _DEEP in text:
            raise _refusal(path, "something that was not written here")
        return _RESULTS.validate_python(content["results"])
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        raise _refusal(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise _refusal(path, "text that is not JSON") from error


def kept(name: str) -> tuple[Measured, ...]:
    """Return what a project keeps of that name, beside its notebooks; none where there is no file.

    Raises:
        MeasurementError: It cannot be read, is damaged, or is not such a file.
    """
    return read(Path("measured") / f"{name}.json")


def keep(name: str, results: Sequence[Measured]) -> None:
    """Keep results for later reports in the folder that `HANDWRITING_KEEP` names, if it does.

    Raises:
        OSError: The disk refuses it; the old file is as it was.
    """
    if folder := os.environ.get("HANDWRITING_KEEP"):
        write(Path(folder) / f"{name}.json", results)


def write(path: Path, results: Sequence[Measured]) -> None:
    """Write results into a file, in one step: a reader finds the old file or the new one.

    The folder is made where there is none.

    Raises:
        OSError: The disk refuses it; the old file is as it was.
        ValueError: A result holds what JSON cannot.
    """
    text = _text([asdict(result) for result in results])
    files.made(path.parent)
    files.write_text(path, text)


def _text(entries: object) -> str:
    content = {"format": _FORMAT, "sha256": digest(entries), "results": entries}
    return f"{json.dumps(content, indent=1, sort_keys=True, allow_nan=False)}\n"


def digest(content: object) -> str:
    """Return the SHA-256, in hexadecimal, of what JSON makes of the content.

    Raises:
        TypeError: The content is not what JSON can hold.
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def circumstances(
    machine: Mapping[str, object], packages: Iterable[str], entry: str
) -> dict[str, str]:
    """Return what a result of this moment comes about under, each as text.

    Args:
        machine: processor, cores and the like, each by name.
        packages: the packages that it depends on, whose versions count.
        entry: the module of this package that it begins in: its code counts, and that of what it
            imports, see `source.modules`.
    """
    return {
        **{f"machine: {name}": str(value) for name, value in machine.items()},
        **{f"version: {name}": value for name, value in versions(packages).items()},
        "source": source.digest(entry),
    }


def now() -> str:
    """Return this moment, ISO 8601 with its offset from UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the version of Python and of each package, by name."""
    found = {name: importlib.metadata.version(name) for name in packages}
    return {"python": platform.python_version(), **found}


def _refusal(path: Path, found: str) -> MeasurementError:
    found = "".join(letter if letter.isprintable() else "?" for letter in found[:_MOST_SHOWN])
    return MeasurementError(
        f"{path}: expected kept results as they were written; found {found}. "
        "Bring the file back, or remove it and measure again."
    )


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
