"""What the types of parameters allow: in words, and as values read from text.

A type is an annotation, as in `Annotated[int, Ge(1), Le(500)]`. Text is a value where it is the
plain, full spelling of one; pydantic checks values against types.
"""

import math
import re
import shlex
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from notebook_press.messages import MOST_SHOWN, escaped, listed, shown

Scalar = bool | int | float | str

MOST_DIGITS = 1_000

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


def as_text(value: Scalar) -> str:
    """Return the text that `parse_scalar` reads as this value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def as_typed(value: Scalar) -> str:
    """Return the text of a value as one word for a shell; a long one as an error shows it."""
    text = as_text(value)
    return escaped(shlex.quote(text)) if len(text) <= MOST_SHOWN else shown(value)


def trouble_with(value: object) -> str | None:
    """Return what keeps a value from being any parameter's, in words, or None."""
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


def parse_value(annotation: Any, text: str, *, quoted: bool = False) -> Scalar:
    """Return the value of an annotation's type and in its range that the text spells.

    Args:
        annotation: A typing object, as `read_annotation` returns it.
        text: What a user wrote.
        quoted: Whether that stood in quotation marks, and so can only be text.

    Raises:
        ValueError: The text spells no such value; says what to do.
    """
    choices, kind = choices_in(annotation), kind_of(annotation)
    kinds = {type(each) for each in choices} or {kind}
    may_be = [each for each in choices if isinstance(each, str) or not quoted]
    if matches := matching_choices(may_be, text):
        return matches[0]
    if quoted and kinds != {str}:
        raise ValueError("take the quotation marks away")
    if choices:
        raise ValueError("write one")
    return check_value(annotation, parse_scalar(kind, text))


def check_value(annotation: Any, value: object) -> Scalar:
    """Return a value as one of the annotation's type, such as 5 as a number.

    Raises:
        ValueError: It is of another type or out of range; says what to do.
    """
    # pydantic's strict Literal[1] takes True and 1.0, which Python calls equal to 1.
    choices = [(type(each), each) for each in choices_in(annotation)]
    config = ConfigDict(strict=True, allow_inf_nan=False)
    try:
        checked: Scalar = TypeAdapter(annotation, config=config).validate_python(value)
    except ValidationError:
        raise ValueError("write one") from None
    if choices and (type(value), value) not in choices:
        raise ValueError("write one")
    return checked


def kind_of(annotation: Any) -> Any:
    """Return the annotation without its arguments: `int`, `float`, `str`, `bool` or `Literal`."""
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
