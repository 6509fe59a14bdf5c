"""The values of parameters, as the command line and YAML files give them.

Of a file only names and plain values are let in, each as the text that it is written as. The
declared type reads the text.
"""

import keyword
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from notebook_press.errors import ParameterError
from notebook_press.messages import escaped, shown
from notebook_press.parameters.types import Scalar, as_typed, in_words, kind_of, parse_value

COMMAND_LINE = "the command line"
LONGEST_NAME = 100
A_NAME = f"a public name of at most {LONGEST_NAME} letters, digits and underscores"
MOST_BYTES = 100_000  # PyYAML reads them in about 0.3 s
FORM = "write one `name: value` a line"
PROFILE_FORM = "write a notebook's name and a colon; below it, indented, one `name: value` a line"

_NO_VALUE = ("", "~", "null", "Null", "NULL")
_MARK = re.compile(r"[&!]\S*")
_NODES = {"scalar": "a single value", "sequence": "a list", "mapping": "a mapping"}


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


def is_name(name: str) -> bool:
    """Return whether a parameter can have the name: a public one of Python, and not a long one."""
    public = name.isidentifier() and not name.startswith("_") and not keyword.iskeyword(name)
    return public and len(name) <= LONGEST_NAME


def read_value(parameter: Parameter, given: Given) -> Scalar:
    """Return the value that was given, of the parameter's type and in its range.

    Raises:
        ParameterError: What was given spells no such value.
    """
    annotation = parameter.annotation
    try:
        return parse_value(annotation, given.text, quoted=given.quoted)
    except ValueError as error:
        found = shown(given.text, in_ascii=kind_of(annotation) in (int, float, bool))
        raise ParameterError(
            f"parameter {parameter.name}: expected {in_words(annotation)}, found {found}"
            f"{' in quotation marks' if given.quoted else ''} ({given.source}); "
            f"{error}, as in {as_typed(parameter.default)}"
        ) from None


def parse_assignments(pairs: Iterable[tuple[str, str]]) -> dict[str, Given]:
    """Return what `-p NAME VALUE` gives, by name.

    Raises:
        ParameterError: A name is given twice, or is one that no parameter can have.
    """
    found: dict[str, Given] = {}
    for name, text in pairs:
        _check_name(name, COMMAND_LINE, "write -p epochs 20, with a space between name and value")
        if name in found:
            raise ParameterError(
                f"parameter {shown(name)} is given twice on {COMMAND_LINE}: "
                f"{shown(found[name].text)} and {shown(text)}; give it once"
            )
        found[name] = Given(text, COMMAND_LINE)
    return found


def _check_name(name: str, source: str, remedy: str) -> None:
    if not is_name(name):
        raise ParameterError(
            f"unknown parameter {shown(name, in_ascii=True)} ({source}): expected {A_NAME}; "
            f"{remedy}"
        )


def read_parameter_file(path: Path) -> dict[str, Given]:
    """Return what a parameter file gives, by name: each value as text, whatever YAML makes of it.

    Raises:
        ParameterError: The file can't be read, or is anything but one mapping of names to scalars.
    """
    file = _File(path, FORM)
    return file.values(file.root(), "a mapping")


def read_profile(path: Path) -> dict[str, dict[str, Given]]:
    """Return what a profile gives each notebook: by the notebook's name, then by the parameter's.

    Raises:
        ParameterError: The file can't be read, or is anything but a mapping of names to such
            mappings as a parameter file holds.
    """
    file = _File(path, PROFILE_FORM)
    return {
        name.value: file.values(node, f"the parameters of {shown(name.value)}")
        for name, node in file.pairs(file.root(), "a mapping", "a notebook's name")
    }


class _File:
    """A YAML file's text, what errors call it, and how it is to be written."""

    def __init__(self, path: Path, form: str) -> None:
        self.where = escaped(path)
        self.form = form
        self.text = self._read(path)

    def error(self, line: int, complaint: str) -> ParameterError:
        return ParameterError(f"{self.where}:{line}: {complaint}")

    def root(self) -> Any:
        """What YAML is before it resolves a type or builds an object."""
        try:
            return yaml.compose(self.text, Loader=yaml.BaseLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            problem = escaped(error.problem or "an error")
        except yaml.reader.ReaderError as error:
            line = self.text[: error.position].count("\n") + 1
            problem = "found a character that can't be in a text file"
        except (ValueError, OverflowError, RecursionError):
            # PyYAML lets Python's own errors through for escapes such as "\U99999999".
            line, problem = 1, "found an escape or a directive out of range, or too deep a nesting"
        raise self.error(line, f"expected YAML: {problem}; {self.form}")

    def values(self, node: Any, what: str) -> dict[str, Given]:
        """The values of a mapping by name, each with its line."""
        found = {}
        for key, value in self.pairs(node, what, "a parameter's name"):
            name, line = key.value, _line(value)
            _check_name(name, f"{self.where}:{_line(key)}", FORM)
            self.expect(value, "scalar", f"a single value for {name}")
            if value.start_mark.line != value.end_mark.line:
                raise self.error(line, f"expected the value of {name} to stand on one line; {FORM}")
            if not value.style and value.value in _NO_VALUE:
                complaint = (
                    f"{name} has no value; write one, in quotation marks if it is empty text"
                )
                raise self.error(line, complaint)
            found[name] = Given(value.value, f"{self.where}:{line}", quoted=bool(value.style))
        return found

    def pairs(self, node: Any, what: str, keys: str) -> Iterator[tuple[Any, Any]]:
        """The names of a mapping, no two alike, each with what stands behind it."""
        lines: dict[str, int] = {}
        for name, value in self.expect(node, "mapping", what).value:
            line = _line(self.expect(name, "scalar", keys))
            if first := lines.get(name.value):
                complaint = f"{shown(name.value)} is named twice, first in line {first}"
                raise self.error(line, f"{complaint}; keep one of them")
            lines[name.value] = line
            yield name, value

    def expect(self, node: Any, kind: str, what: str) -> Any:
        """The node, if it is of the kind and has neither an anchor nor a tag."""
        if node is None:
            raise self.error(1, f"expected {what}, found nothing; {self.form}")
        if found := _MARK.match(self.text, node.start_mark.index):
            mark = "anchor" if found[0].startswith("&") else "tag"
            complaint = f"found the {mark} {shown(found[0])}; take it away: {self.form}"
            raise self.error(_line(node), complaint)
        if node.id != kind:
            complaint = f"expected {what}, found {_NODES[node.id]}; {self.form}"
            raise self.error(_line(node), complaint)
        return node

    def _read(self, path: Path) -> str:
        try:
            if not path.is_file():
                found = "a folder" if path.is_dir() else "no file"
                raise ParameterError(
                    f"expected a parameter file {self.where}, found {found}; check its path"
                )
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ParameterError(
                f"can't read the parameter file {self.where}: {reason}; check its path"
            ) from None
        if len(content) > MOST_BYTES:
            raise self.error(1, f"expected at most {MOST_BYTES:,} bytes; is it a parameter file?")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise self.error(line, "expected UTF-8 text; save the file as UTF-8") from None


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1
