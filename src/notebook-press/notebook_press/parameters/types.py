"""What the types of parameters allow: in words, and as values read from text.

A type is an annotation, as in `Annotated[int, Ge(1), Le(500)]`, or None where any value will do.
Text is a value where it is the plain, full spelling of one; pydantic checks values against types.
"""

import json
import math
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import count
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from notebook_press.messages import MOST_SHOWN, escaped, listed, shown

Scalar = bool | int | float | str

MOST_DIGITS = 1_000
MOST_VALUES = 10_000  # in one value that holds others
DEEPEST = 20
NO_VALUE = ("None", "null", "Null", "NULL", "~")

_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

# Each type's plain, full spelling, and what to do about any other.
_SPELLINGS = {
    int: (
        re.compile(r"[+-]?(?:0|[1-9][0-9]*)"),
        "use the digits 0 to 9 without leading zeros, points or spaces",
    ),
    float: (
        re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"),
        "use the digits 0 to 9, a point and e",
    ),
    bool: (re.compile("[Tt]rue|[Ff]alse"), "write true or false"),
    str: (
        # Unicode's categories Cc, Cs, Zl and Zp: control characters, halves of characters, breaks.
        re.compile("[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*"),
        "take the line breaks and other control characters out",
    ),
}
_NOUNS = {
    "integer": "a whole number",
    "number": "a finite number",
    "string": "text",
    "boolean": "true or false",
}
_LIMITS = {
    "minimum": "of at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}


@dataclass(frozen=True)
class Code:
    """A default that its notebook computes, as it is written there; only its kernel knows it."""

    text: str


def as_text(value: Any) -> str:
    """Return the text that is read as this value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict | None):
        return json.dumps(as_data(value), ensure_ascii=False)
    return str(value) if isinstance(value, str | date) else repr(value)


def as_typed(value: Any) -> str:
    """Return the text of a value as one word for a shell; a long one as an error shows it."""
    if isinstance(value, Code):
        return value.text
    text = as_text(value)
    return escaped(shlex.quote(text)) if len(text) <= MOST_SHOWN else shown(value)


def as_data(value: Any) -> Any:
    """Return a value as any reader of JSON takes it: dates and what is not finite as text."""
    if isinstance(value, Mapping):
        return {name: as_data(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_data(each) for each in value]
    if isinstance(value, Code):
        return value.text
    unusual = type(value) is date or (isinstance(value, float) and not math.isfinite(value))
    return str(value) if unusual else value


def json_like(value: Any) -> Any:
    """Return a value as papermill writes it into a notebook: its names are text.

    Raises:
        ValueError: It is no text, number, truth, None, list or mapping of such; says what it is.
    """
    return _json_like(value, count(1), 0)


def _json_like(value: Any, counter: Iterator[int], depth: int) -> Any:
    # YAML's aliases make much of a short text, or a list that holds itself.
    if next(counter) > MOST_VALUES or depth > DEEPEST:
        raise ValueError(f"it holds more than {MOST_VALUES:,} values, or is nested too deeply")
    if isinstance(value, dict):
        return {
            _json_like(str(name), counter, depth): _json_like(each, counter, depth + 1)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_json_like(each, counter, depth + 1) for each in value]
    if not isinstance(value, bool | int | float | str | None):
        raise ValueError("it is no text, number, true, false, null, list or mapping")
    if isinstance(value, str) and not value.isascii() and re.search("[\ud800-\udfff]", value):
        raise ValueError("it holds half a character")
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        raise ValueError(f"it has more than {MOST_DIGITS:,} digits")
    return value


def trouble_with(value: object) -> str | None:
    """Return what keeps a value from being one that a plain type allows, in words, or None."""
    if type(value) not in _SPELLINGS:
        return "it is no whole number, number, text, True or False"
    if isinstance(value, str) and not _SPELLINGS[str][0].fullmatch(value):
        return "it holds a line break or another control character"
    if isinstance(value, float) and not math.isfinite(value):
        return "it is not finite"
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        return f"it has more than {MOST_DIGITS:,} digits"
    return None


def parse_scalar(kind: type, text: str) -> Scalar:
    """Return the value of a type (`int`, `float`, `bool` or `str`) that the text spells.

    Raises:
        ValueError: The text is not the plain, full spelling of such a value; says what to do.
    """
    spelling, remedy = _SPELLINGS[kind]
    if not spelling.fullmatch(text):
        raise ValueError(remedy)
    if kind is bool:
        return text.lower() == "true"
    if kind is int and len(text.lstrip("+-")) > MOST_DIGITS:
        raise ValueError("write one nearer to 0")
    value: Scalar = kind(text)
    if kind is float and math.isinf(value):  # type: ignore[arg-type]
        raise ValueError("write one nearer to 0")
    if kind is float and not value and re.search("[1-9]", re.split("[eE]", text)[0]):
        raise ValueError("write 0 or one further from it")
    return value


def parse_value(annotation: Any, text: str, *, quoted: bool = False) -> Scalar | date | None:
    """Return the value of an annotation's type and in its range that the text spells.

    Args:
        annotation: A typing object, as `read_annotation` returns it.
        text: What a user wrote.
        quoted: Whether that stood in quotation marks, and so can only be text.

    Raises:
        ValueError: The text spells no such value; says what to do.
    """
    annotation, may_be_none = without_none(annotation)
    if may_be_none and text in NO_VALUE and not quoted:
        return None
    choices, kind = choices_in(annotation), kind_of(annotation)
    if kind is date:
        return _parse_date(text)
    kinds = {type(each) for each in choices} or {kind}
    may_be = [each for each in choices if isinstance(each, str) or not quoted]
    if matches := matching_choices(may_be, text):
        return matches[0]
    if quoted and kinds != {str}:
        raise ValueError("take the quotation marks away")
    if choices:
        raise ValueError("write one")
    checked: Scalar = check_value(annotation, parse_scalar(kind, text))
    return checked


def _parse_date(text: str) -> date:
    with suppress(ValueError):
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    raise ValueError("write four digits, two and two with hyphens between them")


def check_value(annotation: Any, value: object) -> Any:
    """Return a value as one of the annotation's type, such as 5 as a number.

    In a list or a mapping a date is text.

    Raises:
        ValueError: It is of another type or out of range; says what to do.
    """
    # pydantic's strict Literal[1] takes True and 1.0, which Python calls equal to 1.
    choices = [(type(each), each) for each in choices_in(annotation)]
    config = ConfigDict(strict=True, allow_inf_nan=False)
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation, config=config)
        holds_others = isinstance(value, list | dict)
        checked = (
            adapter.validate_json(json.dumps(value))
            if holds_others
            else adapter.validate_python(value)
        )
    except ValidationError:
        raise ValueError("write one") from None
    if choices and (type(value), value) not in choices:
        raise ValueError("write one")
    return checked


def without_none(annotation: Any) -> tuple[Any, bool]:
    """Return the annotation without its `| None`, and whether it had one."""
    if get_origin(annotation) in (Union, UnionType):
        (inner,) = (each for each in get_args(annotation) if each is not NoneType)
        return inner, True
    return annotation, False


def kind_of(annotation: Any) -> Any:
    """Return the annotation without its arguments: `int`, `list`, `Literal` and so on."""
    origin = get_origin(annotation)
    return get_args(annotation)[0] if origin is Annotated else origin or annotation


def choices_in(annotation: Any) -> tuple[Scalar, ...]:
    """Return the values of a `Literal`; none of any other annotation."""
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def matching_choices(choices: Iterable[Scalar], text: str) -> list[Scalar]:
    """Return those values that the text spells, each read as its own type."""
    found = []
    for choice in choices:
        with suppress(ValueError):
            if parse_scalar(type(choice), text) == choice:
                found.append(choice)
    return found


def spelt_by_several(choices: Sequence[Scalar]) -> str | None:
    """Return the text by which more than one of the values is spelt, if there is any."""
    texts = map(as_text, choices)
    return next((text for text in texts if len(matching_choices(choices, text)) > 1), None)


def in_words(annotation: Any) -> str:
    """Return what an annotation allows, as in "a whole number from 1 to 500"."""
    annotation, may_be_none = without_none(annotation)
    if may_be_none:
        return f"{in_words(annotation)}, or null"
    if annotation is None:
        return "any value"
    if annotation is date:
        return "a date"
    if kind_of(annotation) in (list, dict):
        noun = "a list" if kind_of(annotation) is list else "a mapping"
        return f"{noun} of values, each {in_words(get_args(annotation)[-1])}"
    if choices := choices_in(annotation):
        words = [as_text(each) if isinstance(each, bool) else shown(each) for each in choices]
        return words[0] if len(words) == 1 else f"one of {listed(words)}"
    schema = TypeAdapter(annotation).json_schema()
    noun = _NOUNS[schema["type"]]
    if schema["type"] == "string":
        return f"{noun}{_length_in_words(schema.get('minLength', 0), schema.get('maxLength'))}"
    if "multipleOf" in schema:
        noun = f"a multiple of {shown(schema['multipleOf'])}"
    if "minimum" in schema and "maximum" in schema:
        return f"{noun} from {shown(schema['minimum'])} to {shown(schema['maximum'])}"
    limits = [f"{word} {shown(schema[name])}" for name, word in _LIMITS.items() if name in schema]
    return f"{noun} {' and '.join(limits)}" if limits else noun


def _length_in_words(least: int, most: int | None) -> str:
    if most is None:
        limits = f"at least {least}" if least else ""
    else:
        limits = f"{least} to {most}" if least else f"at most {most}"
    noun = "character" if (most or least) == 1 else "characters"
    return limits and f" of {limits} {noun}"
