"""How much output a notebook keeps, and how text is measured: for the press and for its kernels.

The largest outputs of real reports are figures to explore, of some megabytes each; a printed
million characters are three hundred pages of paper.
"""

import re
from collections.abc import Mapping
from typing import Any

__all__ = [
    "DISPLAY_LIMIT",
    "ENDING",
    "TEXT_LIMIT",
    "cut_sentence",
    "data_size",
    "settled",
    "without_surrogates",
]

TEXT_LIMIT = 1_000_000
"""Characters that one cell may print before the rest, but for the last lines, is left out."""

ENDING = 2_000
"""Characters that are kept of the end of what is left out."""

DISPLAY_LIMIT = 50_000_000
"""Characters of displayed data that one notebook may hold; one that holds more is refused."""

# A state of a line that a later state has replaced, as progress bars write them.
_REWRITTEN = re.compile(r"(?<=\r)[^\r\n]*\r(?!\n)")


def cut_sentence(position: int, missing: int) -> str:
    """Return what a page and a log say of a cell whose text was cut.

    Args:
        position: The cell's position in the notebook, from 1.
        missing: How many characters are left out.
    """
    return (
        f"Cell {position} printed more than {TEXT_LIMIT // 10**6} MB of text: "
        f"{missing:,} characters between its beginning and its last lines are left out."
    )


def settled(text: str) -> str:
    """Return the text with no more than the first and the last state of a rewritten line."""
    return _REWRITTEN.sub("", text) if "\r" in text else text


def data_size(data: Any) -> int:
    """Return about how many characters a file needs for a message's data."""
    if isinstance(data, str | bytes):
        return len(data)
    if isinstance(data, Mapping):
        return sum(len(str(name)) + data_size(value) for name, value in data.items())
    if isinstance(data, list | tuple):
        return sum(data_size(value) for value in data)
    return 8


def without_surrogates(data: Any) -> Any:
    """Return JSON data with each half of a character, which UTF-8 can't hold, replaced."""
    if isinstance(data, str):
        try:
            data.encode("utf-8")
        except UnicodeEncodeError:
            return "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in data)
        return data
    if isinstance(data, Mapping):
        return {without_surrogates(k): without_surrogates(v) for k, v in data.items()}
    if isinstance(data, list):
        return [without_surrogates(value) for value in data]
    return data
