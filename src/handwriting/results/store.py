"""Results that took long, kept: in the user's cache, or in a file of the project.

A result is kept with its *key* (data and settings: with others it would be another) and its
*environment* (versions, source, machine). The cache gives back a result only where both are the
same; a file of the project may come from another machine, so there the key decides, and a report
says where and when it was made. Files are JSON, never pickles, and carry their own SHA-256: a file
that is damaged, or was changed by hand, is not used, and neither is the cache where another user
could have written it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.metadata
import json
import logging
import os
import platform
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import filelock
import pydantic

from handwriting.errors import MeasurementError
from handwriting.results import files, source

logger = logging.getLogger(__name__)

Origin = Literal["now", "cache", "kept"]
"""Whether a result was made now, or comes from the user's cache or from a file of the project."""

Value = TypeVar("Value")

_FORMAT = 2
_MOST_BYTES = 50_000_000
_MOST_SHOWN = 300


@dataclass(frozen=True)
class Entry:
    """A result as a file holds it.

    Attributes:
        name: what it is of, such as a classifier.
        key: data and settings, each as text: with others it would be another result.
        environment: versions, source and machine, each as text: with others it should be much the
            same, but a time need not be.
        moment: when it was made, ISO 8601 with its offset from UTC.
        content: the result itself: what JSON can hold.
    """

    name: str
    key: Mapping[str, str]
    environment: Mapping[str, str]
    moment: str
    content: Mapping[str, Any]

    def __post_init__(self) -> None:
        try:
            offset = datetime.fromisoformat(self.moment).tzinfo
        except ValueError:
            offset = None
        if offset is None:
            raise ValueError(f"moment: expected ISO 8601 with an offset; found {self.moment!r}")


_ENTRIES = pydantic.TypeAdapter(tuple[Entry, ...])


@dataclass(frozen=True, eq=False)
class Remembered(Generic[Value]):
    """A result and how it came about.

    Attributes:
        value: the result.
        origin: where it comes from.
        moment: when it was made, ISO 8601 with its offset from UTC.
        environment: what it was made under, as `Entry` has it.
    """

    value: Value
    origin: Origin
    moment: str
    environment: Mapping[str, str]


def remember(
    name: str,
    key: Mapping[str, str],
    compute: Callable[[], Value],
    schema: pydantic.TypeAdapter[Value],
    environment: Mapping[str, str],
    *,
    check: Callable[[Value], object] = lambda _: None,
    fresh: bool = False,
    prepare: Callable[[], object] = lambda: None,
) -> Remembered[Value]:
    """Return a result from the user's cache, or made now and kept there.

    Where another process is making the same one, this one waits for it and takes it; one that was
    killed keeps nobody waiting. A file that is damaged, or is not what its name says, is reported
    once and not used.

    Args:
        name: what files call it.
        key: data and settings, each as text.
        compute: makes it; what it raises is raised here, and nothing is kept.
        schema: writes and reads it.
        environment: as `environment` returns it.
        check: raises ValueError or MeasurementError where a kept one cannot be of these data.
        fresh: make it anew, whatever the cache holds.
        prepare: called where there is none, before anybody is waited for.
    """
    path = _folder() / f"{name}-{digest({'key': key, 'environment': environment})[:16]}.json"
    asked = (name, dict(key), dict(environment))

    def cached() -> Remembered[Value] | None:
        found = [] if fresh else _cached(path, name)
        for each in found:
            if (each.name, dict(each.key), dict(each.environment)) == asked:
                return _decoded(each, "cache", schema, check)
        if found:
            logger.warning("%s is measured anew: %s holds another result.", name, path)
        return None

    seen = _stamp(path)
    if known := cached():
        return known
    prepare()
    with _alone(path):
        if _stamp(path) != seen and (known := cached()):
            return known
        made = Remembered(compute(), "now", now(), environment)
        _keep_in_cache(path, entry(name, key, made, schema))
    return made


def recall(
    kept: Iterable[Entry],
    name: str,
    key: Mapping[str, str],
    schema: pydantic.TypeAdapter[Value],
    check: Callable[[Value], object] = lambda _: None,
) -> Remembered[Value] | None:
    """Return the kept result of that name and key, or None; a warning where it cannot be used.

    Args:
        kept: what `kept` returned.
        name: what files call it.
        key: data and settings, each as text.
        schema: reads it.
        check: as in `remember`.
    """
    for each in kept:
        if each.name == name and dict(each.key) == dict(key):
            return _decoded(each, "kept", schema, check)
    return None


def entry(
    name: str,
    key: Mapping[str, str],
    result: Remembered[Value],
    schema: pydantic.TypeAdapter[Value],
) -> Entry:
    """Return a result as a file holds it."""
    content = schema.dump_python(result.value, mode="json")
    return Entry(name, dict(key), dict(result.environment), result.moment, content)


def _decoded(
    found: Entry,
    origin: Origin,
    schema: pydantic.TypeAdapter[Value],
    check: Callable[[Value], object],
) -> Remembered[Value] | None:
    try:
        value = schema.validate_json(json.dumps(found.content), strict=True)
        check(value)
    except (MeasurementError, OverflowError, ValueError) as error:
        why = " ".join(str(error).split())[:_MOST_SHOWN]
        logger.warning("%s is not taken from the %s: %s", found.name, origin, why)
        return None
    return Remembered(value, origin, found.moment, found.environment)


# --- The user's cache --------------------------------------------------------------------------


def _folder() -> Path:
    return files.cache_folder() / "results"


def _cached(path: Path, name: str) -> Sequence[Entry]:
    """What a file of the cache holds; nothing, and a warning, where it cannot be believed."""
    if _distrusted(path.parent):
        return ()
    try:
        return read(path)
    except MeasurementError as error:
        logger.warning("%s is measured anew. %s", name, error)
        return ()


def _keep_in_cache(path: Path, result: Entry) -> None:
    """Keep a result; where the disk refuses it, say so and go on."""
    if _distrusted(path.parent):
        return
    try:
        if path.is_dir() and not path.is_symlink():
            path.replace(path.with_name(f"{path.name}.bad"))
        write(path, [result])
    except (OSError, ValueError) as error:
        logger.warning("%s could not be kept for the next time: %s", result.name, error)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes from making the same file meanwhile, where the disk can do that."""
    lock = filelock.FileLock(path.with_name(f".{path.stem}.lock"))
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError, NotImplementedError):
            if not files.distrust(files.made(path.parent)):
                held.enter_context(lock)
        yield


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells a file from one that was put in its place; None where there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


_told: set[str] = set()


def _distrusted(folder: Path) -> bool:
    """Whether another user could have written what is in a folder; said once."""
    fault = files.distrust(folder)
    if fault and fault not in _told:
        _told.add(fault)
        logger.warning(
            "Nothing that was kept is used, and nothing is kept: %s. Take it for yourself "
            "(chown, chmod o-w), or name another folder in HANDWRITING_CACHE.",
            fault,
        )
    return fault is not None


# --- Files -------------------------------------------------------------------------------------


def kept(name: str) -> tuple[Entry, ...]:
    """Return what a project keeps of that name, beside its notebooks; none where there is no file.

    Raises:
        MeasurementError: It cannot be read, is damaged, or is not such a file.
    """
    return read(Path("measured") / f"{name}.json")


def keep(name: str, results: Sequence[Entry]) -> None:
    """Keep results for later reports in the folder that `HANDWRITING_KEEP` names, if it does.

    Raises:
        OSError: The disk refuses it; the old file is as it was.
    """
    if folder := os.environ.get("HANDWRITING_KEEP"):
        write(Path(folder) / f"{name}.json", results)


def read(path: Path) -> tuple[Entry, ...]:
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


def _parsed(path: Path, text: bytes) -> tuple[Entry, ...]:
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or set(content) != {"format", "sha256", "results"}:
            raise _refusal(path, "JSON of another kind")
        if content["format"] != _FORMAT:
            raise _refusal(path, f"format {reprlib.repr(content['format'])}")
        if content["sha256"] != digest(content["results"]):
            raise _refusal(path, "results that do not have the SHA-256 noted with them")
        if text != _text(content["results"]).encode():
            raise _refusal(path, "something that was not written here")
        return _ENTRIES.validate_python(content["results"])
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        raise _refusal(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise _refusal(path, "text that is not JSON") from error


def write(path: Path, results: Sequence[Entry]) -> None:
    """Write results into a file, in one step: a reader finds the old file or the new one.

    The folder is made where there is none. Each result is a line.

    Raises:
        OSError: The disk refuses it; the old file is as it was.
        ValueError: A result holds what JSON cannot.
    """
    text = _text([asdict(result) for result in results])
    files.made(path.parent)
    files.write_text(path, text)


def _text(entries: Sequence[object]) -> str:
    lines = ",\n".join(map(_json, entries))
    return f'{{"format":{_FORMAT},"sha256":"{digest(entries)}","results":[\n{lines}\n]}}\n'


def _json(content: object) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _refusal(path: Path, found: str) -> MeasurementError:
    found = "".join(letter if letter.isprintable() else "?" for letter in found[:_MOST_SHOWN])
    return MeasurementError(
        f"{path}: expected kept results as they were written; found {found}. "
        "Bring the file back, or remove it and measure again."
    )


# --- Keys and environments ---------------------------------------------------------------------


def digest(content: object) -> str:
    """Return the SHA-256, in hexadecimal, of what JSON makes of the content.

    Raises:
        TypeError: The content is not what JSON can hold.
        ValueError: Likewise, of a number that is not finite.
    """
    return hashlib.sha256(_json(content).encode("ascii")).hexdigest()


def environment(
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


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the version of Python and of each package, by name."""
    found = {name: importlib.metadata.version(name) for name in packages}
    return {"python": platform.python_version(), **found}


def now() -> str:
    """Return this moment, ISO 8601 with its offset from UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
