"""Differences of texts, line by line and within bounds."""

import difflib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from notebook_press.comparing.matching import How, how
from notebook_press.messages import cut_short
from notebook_press.rendering.sanitising import listing

Part = Literal["answer", "notice", "code", "prose", "output"]

MOST_COMPARED = 1_000  # lines of a text; longer ones are shown by their beginnings
MOST_LINES = 200  # of one difference
MOST_OF_ALL = 4_000  # of all differences of a report
LONGEST_LINE = 2_000  # characters
LONGEST_TITLE = 80


@dataclass(frozen=True)
class TextChange:
    """A text that is another one, or that only one side has.

    Attributes:
        part: What of the report it is.
        how: Whether it changed, came or went.
        before: The position of its cell in the notebook before, from 1; None without one.
        after: The same for the notebook after.
        title: The first line of the text.
        lines: A unified difference: lines that begin with ` `, `-`, `+` or `@@`.
        left_out: How many lines of the difference, or of the texts, are not among them.
    """

    part: Part
    how: How
    before: int | None
    after: int | None
    title: str
    lines: tuple[str, ...]
    left_out: int = 0


def text_change(
    part: Part, before: str | None, after: str | None, places: tuple[int | None, int | None]
) -> TextChange | None:
    """Return how a text differs, or None where it does not.

    Args:
        part: What of the report it is.
        before: The text before; None where there was none.
        after: The same for after.
        places: The positions of its cell before and after, from 1.
    """
    if before == after:
        return None
    old, new = (listing(text or "").splitlines() for text in (before, after))
    title = next((line.strip() for line in (new or old) if line.strip()), "")
    beyond = sum(max(0, len(lines) - MOST_COMPARED) for lines in (old, new))
    lines = [
        cut_short(line, LONGEST_LINE) for line in _unified(old[:MOST_COMPARED], new[:MOST_COMPARED])
    ]
    if not lines and not beyond:
        lines = [" (the difference is in characters that can't be seen)"] if old or new else []
    left_out = beyond + max(0, len(lines) - MOST_LINES)
    shown = tuple(lines[:MOST_LINES])
    return TextChange(
        part, how(before, after), *places, cut_short(title, LONGEST_TITLE), shown, left_out
    )


def _unified(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    # Without the names of two files, and without a place where there is but one.
    found = difflib.unified_diff(before, after, lineterm="")
    return itertools.islice(found, 2 if before and after else 3, None)


def within_bounds(changes: Sequence[TextChange]) -> tuple[TextChange, ...]:
    """Return the changes with as many lines as a report may have; the rest is counted."""
    room, kept = MOST_OF_ALL, []
    for change in changes:
        lines = change.lines[:room]
        missing = len(change.lines) - len(lines)
        kept.append(replace(change, lines=lines, left_out=change.left_out + missing))
        room -= len(lines)
    return tuple(kept)
