"""The values of parameters, as the command line and YAML files give them, and as types allow them.

Of a file only names and plain values are let in, each as the text that it is written as. The
declared type reads the text, and pydantic checks what comes of it.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from notebook_press.errors import ParameterError
from notebook_press.messages import escaped, shown
from notebook_press.parameters.scalars import Scalar, as_typed, parse_scalar
from notebook_press.parameters.types import choices_in, in_words, kind_of, matching_choices

COMMAND_LINE = "the command line"
LONGEST_NAME = 100


@dataclass(frozen=True)
class Parameter:
    """A parameter as its notebook declares it.

    Attributes:
        name: The variable's name.
        annotation: The typing object, as in `Annotated[int, Ge(1), Le(500)]`.
        type_text: The annotation as written in the notebook, in one line.
        default: A value that the annotation allows.
        help: The comment beside or above the declaration, or nothing.
        line: The declaration's first line in its cell, counted from 1.
    """

    name: str
    annotation: Any
    type_text: str
    default: Scalar
    help: str
    line: int


@dataclass(frozen=True)
class Given:
    """A value as its user wrote it.

    Attributes:
        text: The text, not yet read as any type.
        source: Where it was written: the command line, or a file and its line.
        quoted: Whether it stood in quotation marks in a file, and so can only be text.
    """

    text: str
    source: str
    quoted: bool = False


def check_name(name: str, source: str, remedy: str) -> str:
    """Return a name that a parameter can have.

    Raises:
        ParameterError: The name is not a public Python name.
    """
    public = name.isidentifier() and not name.startswith("_") and not keyword.iskeyword(name)
    if not public or len(name) > LONGEST_NAME:
        raise ParameterError(
            f"unknown parameter {shown(name, in_ascii=True)} ({source}): expected a name of at "
            f"most {LONGEST_NAME} letters, digits and underscores; {remedy}"
        )
    return name


def parse_assignments(pairs: Iterable[tuple[str, str]]) -> dict[str, Given]:
    """Return what `-p NAME VALUE` gives, by name.

    Raises:
        ParameterError: A name is given twice, or is one that no parameter can have.
    """
    found: dict[str, Given] = {}
    for name, text in pairs:
        check_name(name, COMMAND_LINE, "write -p epochs 20, with a space between name and value")
        if name in found:
            raise ParameterError(
                f"parameter {shown(name)} is given twice on {COMMAND_LINE}: "
                f"{shown(found[name].text)} and {shown(text)}; give it once"
            )
        found[name] = Given(text, COMMAND_LINE)
    return found


def parse_text(parameter: Parameter, text: str, source: str = COMMAND_LINE) -> Scalar:
    """Return the value that the text spells, of the parameter's type; its range is not checked.

    Raises:
        ParameterError: The text does not spell a value of that type.
    """
    return parse_given(parameter, Given(text, source))


def parse_given(parameter: Parameter, given: Given) -> Scalar:
    """Return the value that was given, of the parameter's type; its range is not checked.

    Raises:
        ParameterError: What was given does not spell a value of that type.
    """
    kind = kind_of(parameter.annotation)
    choices = choices_in(parameter.annotation) if kind is Literal else ()
    if given.quoted and kind is not str:
        texts = [each for each in choices if isinstance(each, str)]
        if given.text in texts:
            return given.text
        text_only = kind is Literal and len(texts) == len(choices)
        remedy = "write one" if text_only else "take the quotation marks away"
        raise _refusal(parameter, f"{shown(given.text)} in quotation marks", given.source, remedy)
    if kind is Literal:
        if matches := matching_choices(choices, given.text):
            return matches[0]
        raise _refusal(parameter, shown(given.text), given.source)
    try:
        return parse_scalar(kind, given.text)
    except ValueError as error:
        found = shown(given.text, in_ascii=kind is not str)
        raise _refusal(parameter, found, given.source, str(error)) from None


def validated(
    parameters: Sequence[Parameter], values: Mapping[str, Any], given: Mapping[str, Given]
) -> dict[str, Any]:
    """Return the values, checked strictly against types and ranges, in the parameters' order.

    Args:
        parameters: The parameters, each with a value in `values`.
        values: The values by name.
        given: What the user wrote, for the error; a value that is not here is a default.

    Raises:
        ParameterError: A value is of the wrong type or out of range.
    """
    # Here, because importing pydantic takes as long as the rest of the press.
    from pydantic import ConfigDict, Field, ValidationError, create_model

    # pydantic's strict Literal[1] takes True and 1.0, which Python calls equal to 1.
    for each in parameters:
        choices = choices_in(each.annotation) if kind_of(each.annotation) is Literal else ()
        value = values[each.name]
        if choices and type(value) not in [type(choice) for choice in choices if choice == value]:
            raise _invalid(each, value, given)
    # An alias keeps names such as `json` and `model_config` from those of pydantic's own.
    fields: dict[str, Any] = {
        f"field_{index}": (each.annotation, Field(alias=each.name))
        for index, each in enumerate(parameters)
    }
    config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    model = create_model("Parameters", __config__=config, **fields)
    try:
        checked: dict[str, Any] = model.model_validate(dict(values)).model_dump(by_alias=True)
    except ValidationError as error:
        name = error.errors(include_url=False)[0]["loc"][0]
        by_name = {each.name: each for each in parameters}
        raise _invalid(by_name[str(name)], values[str(name)], given) from None
    return checked


def _invalid(parameter: Parameter, value: object, given: Mapping[str, Given]) -> ParameterError:
    written = given.get(parameter.name)
    if written is None:
        return _refusal(parameter, shown(value), "the notebook's default")
    return _refusal(parameter, shown(written.text), written.source)


def _refusal(
    parameter: Parameter, found: str, source: str, remedy: str = "write one"
) -> ParameterError:
    return ParameterError(
        f"parameter {parameter.name}: expected {in_words(parameter.annotation)}, "
        f"found {found} ({source}); {remedy}, as in {as_typed(parameter.default)}"
    )


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
