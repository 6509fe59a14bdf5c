"""The values of parameters: read from text by the declared type, and checked by pydantic."""

import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from notebook_press.errors import ParameterError
from notebook_press.parameters.scalars import Scalar, as_typed, parse_scalar, shown
from notebook_press.parameters.types import choices_in, in_words, kind_of, matching_choices

__all__ = [
    "COMMAND_LINE",
    "LONGEST_NAME",
    "Given",
    "Parameter",
    "check_name",
    "parse_assignments",
    "parse_given",
    "parse_text",
    "validated",
]

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
