"""Text and values as errors and logs show them: in one line, never long, and never obeyed."""

import difflib
import re
from collections.abc import Iterable

MOST_SHOWN = 60
MOST_LISTED = 300
LONGEST_GUESSED = 100
LONGEST_LINE = 500  # characters of one line in a log
TEXT_LIMIT = 1_000_000  # characters that a cell may print before what follows is left out
TERMINAL_CODE = re.compile(
    # ECMA-48, 5.4 and 5.6: control sequences, control strings, two-character codes. A string that
    # is never ended ends with its line, or all that follows would be lost.
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)


def without_terminal_codes(text: str) -> str:
    """Return the text without colours, cursor movements, links, titles and other such codes."""
    return TERMINAL_CODE.sub("", text)


def escaped(text: object) -> str:
    """Return the text with everything escaped that could break a line or steer a terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in str(text)
    )


def in_one_line(text: object) -> str:
    """Return the text as one line that can't steer a terminal and is never long."""
    start = str(text)[: 20 * LONGEST_LINE]  # codes and white space are taken out of no more
    line = escaped(" ".join(without_terminal_codes(start).split()))
    return cut_short(line, LONGEST_LINE)


def cut_short(text: str, longest: int) -> str:
    """Return the text, or as many of its first characters, and a sign that there are more."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def how_many(count: int, what: str) -> str:
    """Return how many of something there are, in words, as in `1 line` and `2,000 lines`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def shown(value: object, *, in_ascii: bool = False) -> str:
    """Return a value as an error shows it: quoted if text, escaped, and never long."""
    show, ellipsis = (ascii, "...") if in_ascii else (repr, "…")
    if isinstance(value, str) and len(value) > MOST_SHOWN:
        start = show(value[: MOST_SHOWN - 3])
        return f"{start[:-1]}{ellipsis}{start[-1]} ({len(value):,} characters)"
    text = show(value)
    fits = isinstance(value, str) or len(text) <= MOST_SHOWN
    return text if fits else f"{text[: MOST_SHOWN - 3]}{ellipsis}"


def listed(texts: Iterable[str]) -> str:
    """Return texts with commas between them; of many, the first and how many there are."""
    texts = list(texts)
    whole = ", ".join(texts)
    if len(whole) <= MOST_LISTED:
        return whole
    start = whole[:MOST_LISTED].rpartition(", ")[0] or whole[:MOST_LISTED]
    return f"{start}, … ({len(texts):,} in all)"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that tells of the known name nearest to an unknown one, or nothing."""
    nearest = difflib.get_close_matches(name[:LONGEST_GUESSED].lower(), sorted(known), n=1)
    return f"did you mean {nearest[0]}? " if nearest else ""


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
