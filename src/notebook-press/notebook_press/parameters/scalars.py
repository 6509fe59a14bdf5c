"""The four kinds of value that a parameter can have, and their plain text."""

import math
import re
import shlex
import unicodedata
from collections.abc import Callable

from notebook_press.messages import MOST_SHOWN, escaped, shown

Scalar = bool | int | float | str

MOST_DIGITS = 1_000

_WHOLE_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TRUTH = {"true": True, "True": True, "false": False, "False": False}


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
    if type(value) not in (bool, int, float, str):
        return "it is no whole number, number, text, True or False"
    if isinstance(value, str) and any(
        unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in value
    ):
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
    return _PARSERS[kind](text)


def _parse_whole_number(text: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise ValueError("use the digits 0 to 9 without leading zeros, points or spaces")
    if len(text.lstrip("+-")) > MOST_DIGITS:
        raise ValueError("write one nearer to 0")
    return int(text)


def _parse_number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError("use the digits 0 to 9, a point and e")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("write one nearer to 0")
    if value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        raise ValueError("write 0 or one further from it")
    return value


def _parse_truth(text: str) -> bool:
    if text not in _TRUTH:
        raise ValueError("write true or false")
    return _TRUTH[text]


def _parse_text(text: str) -> str:
    if trouble_with(text):
        raise ValueError("take the line breaks and other control characters out")
    return text


_PARSERS: dict[type, Callable[[str], Scalar]] = {
    int: _parse_whole_number,
    float: _parse_number,
    bool: _parse_truth,
    str: _parse_text,
}
