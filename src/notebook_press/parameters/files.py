"""Reading parameter files and profiles: YAML, of which only names and plain values are let in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from notebook_press.errors import ParameterError
from notebook_press.parameters.scalars import shown
from notebook_press.parameters.values import Given, check_name
from notebook_press.terminal_text import escaped

__all__ = ["read_parameter_file", "read_profile"]

# PyYAML reads 100 kB in about 0.3 s.
MOST_BYTES = 100_000
FORM = "write one `name: value` a line"
PROFILE_FORM = "write a notebook's name and a colon; below it, indented, one `name: value` a line"

_NO_VALUE = ("", "~", "null", "Null", "NULL")
_KINDS = {
    "ScalarEvent": "a single value",
    "SequenceStartEvent": "a list",
    "MappingStartEvent": "a mapping",
    "AliasEvent": "an alias (*)",
    "DocumentStartEvent": "a second document (---)",
    "DocumentEndEvent": "nothing",
    "StreamEndEvent": "nothing",
}


def read_parameter_file(path: Path) -> dict[str, Given]:
    """Return what a parameter file gives, by name: each value as text, whatever YAML makes of it.

    Raises:
        ParameterError: The file can't be read, or is anything but one mapping of names to scalars.
    """
    where = escaped(path)
    events = _events(_read(path, where), where)
    _expect("MappingStartEvent", "a mapping", next(events), where)
    found = _values(events, where)
    _expect("StreamEndEvent", "the end of the file", next(events), where)
    return found


def read_profile(path: Path) -> dict[str, dict[str, Given]]:
    """Return what a profile gives each notebook: by the notebook's name, then by the parameter's.

    Raises:
        ParameterError: The file can't be read, or is anything but a mapping of names to such
            mappings as a parameter file holds.
    """
    where = escaped(path)
    events = _events(_read(path, where), where)
    _expect("MappingStartEvent", "a mapping", next(events), where, PROFILE_FORM)
    found: dict[str, dict[str, Given]] = {}
    while not _is(event := next(events), "MappingEndEvent"):
        _expect("ScalarEvent", "a notebook's name", event, where, PROFILE_FORM)
        notebook, line = event.value, _line(event)
        if notebook in found:
            raise _error(where, line, f"{shown(notebook)} is named twice; keep one of them")
        what = f"the parameters of {shown(notebook)}"
        _expect("MappingStartEvent", what, next(events), where, PROFILE_FORM)
        found[notebook] = _values(events, where)
    _expect("StreamEndEvent", "the end of the file", next(events), where, PROFILE_FORM)
    return found


def _values(events: Iterator[Any], where: str) -> dict[str, Given]:
    """Names and values up to the end of the mapping that has just begun."""
    found: dict[str, Given] = {}
    lines: dict[str, int] = {}
    while not _is(event := next(events), "MappingEndEvent"):
        _expect("ScalarEvent", "a parameter's name", event, where)
        name, line = event.value, _line(event)
        check_name(name, f"{where}:{line}", FORM)
        if name in lines:
            complaint = f"{name} is given twice, first in line {lines[name]}; keep one of them"
            raise _error(where, line, complaint)
        lines[name] = line
        found[name] = _given(name, next(events), where)
    return found


def _read(path: Path, where: str) -> str:
    try:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no file"
            raise ParameterError(
                f"expected a parameter file {where}, found {found}; check its path"
            )
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ParameterError(f"can't read the parameter file {where}: {reason}") from None
    if len(content) > MOST_BYTES:
        raise _error(where, 1, f"expected at most {MOST_BYTES:,} bytes; is it a parameter file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _error(where, line, "expected UTF-8 text; save the file as UTF-8") from None


def _events(text: str, where: str) -> Iterator[Any]:
    """Yield what YAML is before it resolves a type or builds an object, without its frames."""
    # Here, because importing yaml takes as long as the rest of the press.
    import yaml

    frames = {"StreamStartEvent", "DocumentStartEvent"}
    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            name = type(event).__name__
            if name in frames:
                frames.remove(name)
            elif name != "DocumentEndEvent":
                yield event
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _not_yaml(where, line, error.problem) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise _not_yaml(where, line, "found a character that can't be in a text file") from None
    except (ValueError, OverflowError):
        # PyYAML lets Python's own errors through for escapes such as "\U99999999".
        raise _not_yaml(where, 1, "found an escape or a directive out of range") from None


def _given(name: str, event: Any, where: str) -> Given:
    _expect("ScalarEvent", f"a single value for {name}", event, where)
    line = _line(event)
    if event.start_mark.line != event.end_mark.line:
        raise _error(where, line, f"expected the value of {name} to stand on one line; {FORM}")
    quoted = bool(event.style)
    if not quoted and event.value in _NO_VALUE:
        complaint = f"{name} has no value; write one, in quotation marks if it is empty text"
        raise _error(where, line, complaint)
    return Given(event.value, f"{where}:{line}", quoted)


def _expect(kind: str, expected: str, event: Any, where: str, form: str = FORM) -> None:
    for mark, sign in (("anchor", "&"), ("tag", "!")):
        if value := getattr(event, mark, None) if not _is(event, "AliasEvent") else None:
            complaint = f"found the {mark} {shown(sign + value)}; take it away: {form}"
            raise _error(where, _line(event), complaint)
    if not _is(event, kind):
        found = _KINDS[type(event).__name__]
        raise _error(where, _line(event), f"expected {expected}, found {found}; {form}")


def _is(event: Any, kind: str) -> bool:
    return type(event).__name__ == kind


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _not_yaml(where: str, line: int, problem: str | None) -> ParameterError:
    return _error(where, line, f"expected YAML: {escaped(problem or 'an error')}; {FORM}")


def _error(where: str, line: int, complaint: str) -> ParameterError:
    return ParameterError(f"{where}:{line}: {complaint}")
