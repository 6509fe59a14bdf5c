"""The values of parameters, as the command line and YAML files give them.

A declared type reads the text that a value is written as. Where none is declared, text on the
command line and in files means what it means to papermill, and beyond that lists and mappings as
YAML writes them.
"""

import keyword
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from notebook_press.errors import ParameterError, one_line
from notebook_press.messages import escaped, shown
from notebook_press.parameters.types import (
    NO_VALUE,
    Code,
    as_text,
    as_typed,
    check_value,
    in_words,
    json_like,
    kind_of,
    parse_value,
    without_none,
)

COMMAND_LINE = "the command line"
LONGEST_NAME = 100
A_NAME = f"a name of at most {LONGEST_NAME} letters, digits and underscores"
MOST_BYTES = 100_000  # PyYAML reads them in about 0.3 s
FORM = "write one `name: value` a line"
PROFILE_FORM = "write a notebook's name and a colon; below it, indented, one `name: value` a line"

_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_TAG = re.compile(r"(?:&\S*\s+)?(!\S*)")
_NODES = {"scalar": "a single value", "sequence": "a list", "mapping": "a mapping"}


@dataclass(frozen=True)
class Parameter:
    """A parameter as its notebook declares it.

    Attributes:
        name: The variable's name.
        annotation: The typing object, as in `Annotated[int, Ge(1), Le(500)]`; None for any value.
        type_text: The annotation as written in the notebook, in one line, or the default's type.
        default: A value that the annotation allows, or the code that computes it.
        help: The comment beside or above the declaration, or nothing.
        line: The declaration's first line in its cell, counted from 1.
    """

    name: str
    annotation: Any
    type_text: str
    default: Any
    help: str
    line: int

    @property
    def is_settled(self) -> bool:
        """Whether its default is given to the kernel too, as the type that was declared."""
        plain = self.annotation is None or isinstance(self.default, Code)
        return not plain and not isinstance(self.default, list | dict)


@dataclass(frozen=True)
class Given:
    """A value as its user wrote it.

    Attributes:
        text: The text, not yet read as any type.
        source: Where it was written: the command line, or a file and its line.
        quoted: Whether it stood in quotation marks in a file, and so can only be text.
        items: The list or mapping that stood in a file in place of text, or what a program gave.
    """

    text: str
    source: str
    quoted: bool = False
    items: Any = None

    @property
    def is_null(self) -> bool:
        """Whether a file has no value there."""
        in_a_file = self.source != COMMAND_LINE and self.items is None
        return in_a_file and not self.quoted and self.text in ("", *NO_VALUE[1:])

    def untyped(self) -> Any:
        """Return the value where no type is declared.

        Raises:
            ValueError: It is none that a notebook can be given; says what it is.
        """
        if self.items is not None:
            return self.items
        if self.quoted:
            return json_like(self.text)
        value = (_spelt if self.source == COMMAND_LINE else _as_yaml)(self.text)
        if isinstance(value, float) and math.isinf(value) and re.search("[0-9]", self.text):
            raise ValueError("write a number nearer to 0")
        return json_like(value)


def _spelt(text: str) -> Any:
    """What text means to papermill's own `-p`; truths, null, lists and mappings as in YAML."""
    if text in NO_VALUE:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    if text[:1] in ("[", "{", '"', "'"):
        with suppress(yaml.YAMLError, ValueError, RecursionError):
            value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe one
            if isinstance(value, list | dict | str):
                return value
    return text


def _as_yaml(text: str) -> Any:
    """What a plain scalar of a YAML file means to papermill."""
    loader = _Loader("")
    with suppress(yaml.YAMLError, ValueError):
        tag = loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
        return loader.construct_object(yaml.ScalarNode(tag, text))
    return text


class _Loader(yaml.SafeLoader):
    """Reads YAML as papermill does: a date stays text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way
        first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def is_name(name: str) -> bool:
    """Return whether a parameter can have the name: one of Python's, and not a long one."""
    return name.isidentifier() and not keyword.iskeyword(name) and len(name) <= LONGEST_NAME


def read_value(parameter: Parameter, given: Given) -> Any:
    """Return the value that was given, of the parameter's type and in its range.

    Raises:
        ParameterError: What was given spells no such value.
    """
    annotation, may_be_none = without_none(parameter.annotation)
    try:
        if annotation is None or (may_be_none and given.is_null):
            return given.untyped()
        if given.is_null:
            raise ValueError("write a value, in quotation marks if it is text")
        if given.items is None and kind_of(annotation) not in (list, dict):
            return parse_value(parameter.annotation, given.text, quoted=given.quoted)
        return check_value(parameter.annotation, given.untyped())
    except ValueError as error:
        text = as_text(given.items) if given.items is not None else given.text
        found = shown(text, in_ascii=kind_of(annotation) in (int, float, bool))
        no_example = parameter.default is None or isinstance(parameter.default, Code)
        example = "" if no_example else as_typed(parameter.default)
        raise ParameterError(
            f"parameter {parameter.name}: expected {in_words(parameter.annotation)}, found {found}"
            f"{' in quotation marks' if given.quoted else ''} ({given.source}); "
            f"{error}{example and f', as in {example}'}"
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
    """Return what a parameter file gives, by name; nothing where it holds nothing.

    Raises:
        ParameterError: The file can't be read, or is anything but one mapping of names to values.
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
        self.loader: Any = None

    def error(self, line: int, complaint: str) -> ParameterError:
        return ParameterError(f"{self.where}:{line}: {complaint}")

    def root(self) -> Any:
        """What YAML is before it builds an object; None of nothing."""
        try:
            self.loader = _Loader(self.text)
            return self.loader.get_single_node()
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
            self.refuse_tag(value)
            source = f"{self.where}:{line}"
            if value.id == "scalar":
                found[name] = Given(value.value, source, quoted=bool(value.style))
            else:
                found[name] = Given("", source, items=self.items(value, name))
        return found

    def items(self, node: Any, name: str) -> Any:
        """The list or the mapping that a node is."""
        try:
            return json_like(self.loader.construct_object(node, deep=True))
        except yaml.MarkedYAMLError as error:
            problem = escaped(error.problem or "an error")
        except (ValueError, TypeError, RecursionError) as error:
            problem = escaped(one_line(error))
        raise self.error(_line(node), f"{name} can't be given to a notebook: {problem}; {FORM}")

    def pairs(self, node: Any, what: str, keys: str) -> Iterator[tuple[Any, Any]]:
        """The names of a mapping, no two alike, each with what stands behind it."""
        lines: dict[str, int] = {}
        if node is None:
            return
        for name, value in self.expect(node, "mapping", what).value:
            line = _line(self.expect(name, "scalar", keys))
            if first := lines.get(name.value):
                complaint = f"{shown(name.value)} is named twice, first in line {first}"
                raise self.error(line, f"{complaint}; keep one of them")
            lines[name.value] = line
            yield name, value

    def expect(self, node: Any, kind: str, what: str) -> Any:
        """The node, if it is of the kind and has no tag."""
        self.refuse_tag(node)
        if node.id != kind:
            complaint = f"expected {what}, found {_NODES[node.id]}; {self.form}"
            raise self.error(_line(node), complaint)
        return node

    def refuse_tag(self, node: Any) -> None:
        if found := _TAG.match(self.text, node.start_mark.index):
            complaint = f"found the tag {shown(found[1])}; take it away: {self.form}"
            raise self.error(_line(node), complaint)

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
