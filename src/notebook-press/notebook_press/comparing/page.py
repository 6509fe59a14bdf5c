"""A comparison as one self-contained HTML page, in which no script runs."""

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import jinja2

from notebook_press.comparing import words
from notebook_press.comparing.comparison import Comparison
from notebook_press.comparing.figures import FigureChange
from notebook_press.errors import rendering_errors
from notebook_press.rendering.checks import check_html
from notebook_press.rendering.html import picture_address, templates

MOST_OF_PICTURES = 30_000_000  # bytes of all pictures of a page
_KINDS = {"-": "went", "+": "came", "@": "place"}


class Line(NamedTuple):
    """A line of a difference: its kind, and what in it is marked, between what is not."""

    kind: str
    start: str
    marked: str = ""
    end: str = ""


def render_page(comparison: Comparison) -> str:
    """Return the HTML of a comparison.

    Raises:
        RenderingError: The page can't be made, or would not be fit to be shown.
    """
    with rendering_errors("the page of the comparison"):
        page = (
            _templates()
            .get_template("comparison.html.j2")
            .render(comparison=comparison, words=words, lines=lines, room=_Room(MOST_OF_PICTURES))
        )
        check_html(page)
        return page


@functools.cache
def _templates() -> jinja2.Environment:
    """This room's templates, and those that they stand in."""
    rooms = [jinja2.PackageLoader(f"notebook_press.{room}") for room in ("comparing", "rendering")]
    return templates().overlay(loader=jinja2.ChoiceLoader(rooms))


class _Room:
    """How much of a page its pictures may still take."""

    def __init__(self, left: int) -> None:
        self.left = left

    def pictures(self, change: FigureChange) -> list[tuple[str, str, str]]:
        """The side, the address and the words of each picture of a change, while there is room."""
        self.left -= sum(len(image.content) for image, _ in change.pictures.values())
        if self.left < 0:
            return []
        found = change.pictures.items()
        return [(side, picture_address(image), alt) for side, (image, alt) in found]


def lines(difference: Sequence[str]) -> Iterator[Line]:
    """Yield the lines of a unified difference; of a line that was changed, what of it was."""
    told = [Line(_KINDS.get(line[:1], "same"), line) for line in difference]
    runs = [(kind, [*run]) for kind, run in itertools.groupby(told, lambda line: line.kind)]
    for position, (kind, run) in enumerate(runs):
        other: list[Line] = []
        if kind == "went" and position + 1 < len(runs) and runs[position + 1][0] == "came":
            other = runs[position + 1][1]
        elif kind == "came" and position and runs[position - 1][0] == "went":
            other = runs[position - 1][1]
        paired = len(other) == len(run)
        yield from map(_marked, run, other) if paired else run


def _marked(line: Line, other: Line) -> Line:
    """The line with the words marked that the other line does not have in their place."""
    text, compared = line.start[1:], other.start[1:]
    start = _alike(text, compared)
    start = text.rfind(" ", 0, start) + 1 if start < len(text) else start
    end = _alike(text[start:][::-1], compared[start:][::-1])
    last = text.find(" ", len(text) - end)
    last = len(text) if last < 0 or not end else max(start, last)
    return Line(line.kind, line.start[0] + text[:start], text[start:last], text[last:])


def _alike(text: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(text, other, strict=False)
    return next((n for n, (one, two) in enumerate(pairs) if one != two), min(len(text), len(other)))
