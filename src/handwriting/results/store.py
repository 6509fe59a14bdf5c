"""Results that took long, kept: in the user's cache, or in a file of the project.

A result is kept with its *key* (data and settings: with others it would be another) and its
*environment* (versions, source, machine). The cache gives back a result only where both are the
same; a file of the project may come from another machine, so there the key decides, and a report
says where and when it was made. Files are JSON, never pickles, and carry their own SHA-256: a file
that is damaged, or was changed by hand, is not used, and neither is the cache where another user
could have written it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

import pydantic

from handwriting.errors import MeasurementError
from handwriting.results import files

logger = logging.getLogger(__name__)

Origin = Literal["now", "cache", "kept"]
"""Whether a result was made now, or comes from the user's cache or from a file of the project."""

Value = TypeVar("Value")

_FORMAT = 2
_MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$"
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
    moment: Annotated[str, pydantic.Field(pattern=_MOMENT)]
    content: Mapping[str, Any]


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
        environment: as `source.environment` returns it.
        check: raises ValueError or MeasurementError where a kept one cannot be of these data.
        fresh: make it anew, whatever the cache holds.
        prepare: called where there is none, before anybody is waited for.
    """
    folder = files.cache_folder() / "results"
    path = folder / f"{name}-{digest({'key': key, 'environment': environment})[:16]}.json"
    asked = (name, dict(key), dict(environment))

    def cached() -> Remembered[Value] | None:
        found = [] if fresh else _cached(path, name)
        for each in found:
            if (each.name, dict(each.key), dict(each.environment)) == asked:
                return _decoded(each, "cache", schema, check)
        if found:
            logger.warning("%s is measured anew: %s holds another result.", name, path)
        return None

    seen = files.stamp(path)
    if known := cached():
        return known
    prepare()
    with files.alone(path):
        if files.stamp(path) != seen and (known := cached()):
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


def _cached(path: Path, name: str) -> Sequence[Entry]:
    """What a file of the cache holds; nothing, and a warning, where it cannot be believed."""
    if files.distrusted(path.parent):
        return ()
    try:
        return read(path)
    except MeasurementError as error:
        logger.warning("%s is measured anew. %s", name, error)
        return ()


def _keep_in_cache(path: Path, result: Entry) -> None:
    """Keep a result; where the disk refuses it, say so and go on."""
    if files.distrusted(path.parent):
        return
    try:
        if path.is_dir() and not path.is_symlink():
            path.replace(path.with_name(f"{path.name}.bad"))
        write(path, [result])
    except (OSError, ValueError) as error:
        logger.warning("%s could not be kept for the next time: %s", result.name, error)


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
        results = json.loads(text)["results"]
        if text != _text(results).encode():
            raise _refusal(path, "something else, or of another format")
        return _ENTRIES.validate_python(results)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        raise _refusal(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _refusal(path, "text of another kind") from error


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


# --- Keys and moments ------------------------------------------------------------------------


def digest(content: object) -> str:
    """Return the SHA-256, in hexadecimal, of what JSON makes of the content.

    Raises:
        TypeError: The content is not what JSON can hold.
        ValueError: Likewise, of a number that is not finite.
    """
    return hashlib.sha256(_json(content).encode("ascii")).hexdigest()


def now() -> str:
    """Return this moment, ISO 8601 with its offset from UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
