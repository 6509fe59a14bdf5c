"""The values of parameters, as they are given.

A declared type reads the text that a value is written as. Where none is declared, text on the
command line and in files means what it means to papermill, and beyond that lists and mappings as
YAML writes them.
"""

import keyword
import math
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml

from notebook_press.errors import ParameterError
from notebook_press.messages import shown
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

_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


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
            value = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one
            if isinstance(value, list | dict | str):
                return value
    return text


def _as_yaml(text: str) -> Any:
    """What a plain scalar of a YAML file means to papermill."""
    loader = Loader("")
    with suppress(yaml.YAMLError, ValueError):
        tag = loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
        return loader.construct_object(yaml.ScalarNode(tag, text))
    return text


class Loader(yaml.SafeLoader):
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
        check_name(name, COMMAND_LINE, "write -p epochs 20, with a space between name and value")
        if name in found:
            raise ParameterError(
                f"parameter {shown(name)} is given twice on {COMMAND_LINE}: "
                f"{shown(found[name].text)} and {shown(text)}; give it once"
            )
        found[name] = Given(text, COMMAND_LINE)
    return found


def check_name(name: str, source: str, remedy: str) -> None:
    """Check that a parameter can have a name.

    Args:
        name: The name.
        source: Where it was written.
        remedy: How it is to be written.

    Raises:
        ParameterError: No parameter can have it.
    """
    if not is_name(name):
        raise ParameterError(
            f"unknown parameter {shown(name, in_ascii=True)} ({source}): expected {A_NAME}; "
            f"{remedy}"
        )
