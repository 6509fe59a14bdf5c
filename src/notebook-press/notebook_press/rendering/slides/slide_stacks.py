"""What is printed, said and not shown, one below the other on a slide. Lengths are in points."""

import bisect
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pptx.enum.text import MSO_AUTO_SIZE
from pptx.util import Pt

from notebook_press.rendering.slides.slide_parts import (
    INK,
    LINE_HEIGHT,
    PANEL,
    QUIET,
    RULE,
    WARNING,
    colour,
    fitted,
    line_count,
    set_letters,
)

Kind = Literal["Words", "Printed", "Error", "Not shown"]
_SIZES: dict[Kind, tuple[int, int]] = {
    "Words": (22, 14),
    "Printed": (16, 10),
    "Error": (16, 10),
    "Not shown": (14, 12),
}
_TYPEWRITER = "Courier New"
_LETTER = 0.6  # how wide each of its letters is, in parts of its size
_INSET, _GAP = 8, 10
_STEP = re.compile(r"(?<=[.!?。])\s+|\n")
_BULLET = re.compile(r"^(\s*)- {1,3}(?=\S)", re.MULTILINE)
_DASHES = re.compile(r"^\s*-{3,}\s*$\n?", re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """One text in a stack."""

    kind: Kind
    text: str

    def height(self, width: float, size: int) -> float:
        """How much room it takes at a font's size."""
        return self._lines(self.text, width, size) * size * LINE_HEIGHT + 2 * _INSET

    def shortened(self, width: float, height: float, size: int) -> str:
        """Its first lines, or sentences, that the room has room for."""
        allowed = max(1, int((height - 2 * _INSET) / (size * LINE_HEIGHT)))
        if self.kind in ("Printed", "Error"):
            return self._first_lines(width, allowed, size)
        ends = [found.start() for found in _STEP.finditer(self.text)]
        kept = bisect.bisect_left(
            ends, allowed, key=lambda end: self._lines(self.text[:end], width, size)
        )
        if not kept:
            return fitted(self.text, (width, allowed * size * LINE_HEIGHT), (size, size))[0]
        return self.text[: ends[kept - 1]].rstrip() + "\n…"

    def _first_lines(self, width: float, allowed: int, size: int) -> str:
        lines = self.text.split("\n")
        kept, taken = 0, 1  # the line that says how many more there are
        while kept < len(lines) and taken + self._lines(lines[kept], width, size) <= allowed:
            taken += self._lines(lines[kept], width, size)
            kept += 1
        if not kept:  # a single line longer than the slide
            letters = int(width / (_LETTER * size)) * (allowed - 1)
            return f"{lines[0][:letters]}…"
        more = len(lines) - kept
        return "\n".join([*lines[:kept], f"… {more:,} more line{'' if more == 1 else 's'}"])

    def _lines(self, text: str, width: float, size: int) -> int:
        if self.kind in ("Printed", "Error"):
            in_line = max(1, int((width - 2 * _INSET) / (_LETTER * size)))
            return sum(max(1, math.ceil(len(line) / in_line)) for line in text.split("\n"))
        return line_count(text, width - 2 * _INSET, size)


def in_prose(text: str) -> Piece:
    """A piece of prose, as pandoc made it plain text."""
    return Piece("Words", _BULLET.sub("\\1• ", _DASHES.sub("", text)).strip())


def fit_together(pieces: Sequence[Piece], room: tuple[float, float]) -> bool:
    """Whether the pieces fit a room (width, height), their letters as small as they may be."""
    return _height(pieces, room[0], 100) <= room[1]


def _size(piece: Piece, step: int) -> int:
    largest, smallest = _SIZES[piece.kind]
    return max(smallest, largest - step)


def _height(pieces: Sequence[Piece], width: float, step: int) -> float:
    heights = [piece.height(width, _size(piece, step)) for piece in pieces]
    return sum(heights) + _GAP * (len(pieces) - 1)


@dataclass(frozen=True)
class Arranged:
    """A piece where it stands: what is shown of it, from where, how high, and how large."""

    piece: Piece
    top: float
    height: float
    size: int


def arranged(pieces: Sequence[Piece], room: tuple[float, float]) -> list[Arranged]:
    """The pieces as large as they fit a room (width, height), from its top downwards.

    Only a piece that stands alone may be too long for a slide, and is cut short.
    """
    width, height = room
    steps = range(max(largest - smallest for largest, smallest in _SIZES.values()) + 1)
    step = next((s for s in steps if _height(pieces, width, s) <= height), steps[-1])
    places, top = [], 0.0
    for piece in pieces:
        size = _size(piece, step)
        tall = piece.height(width, size)
        left = max(2.0 * size + 2 * _INSET, height - top)
        if tall > left:
            piece, tall = Piece(piece.kind, piece.shortened(width, left, size)), left
        places.append(Arranged(piece, top, tall, size))
        top += tall + _GAP
    return places


def draw_stack(
    slide: Any, stack: Sequence[Arranged], box: tuple[float, float, float, float]
) -> None:
    """Draw what was arranged for the box's width and height."""
    left, top, width, _ = box
    for each in stack:
        _draw(slide, each.piece, (left, top + each.top, width, each.height), each.size)


def _draw(slide: Any, piece: Piece, box: tuple[float, float, float, float], size: int) -> None:
    shape = slide.shapes.add_textbox(*(Pt(int(length)) for length in box))
    shape.name = piece.kind
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    side = 0 if piece.kind == "Words" else _INSET
    frame.margin_left = frame.margin_right = Pt(side)
    frame.margin_top = frame.margin_bottom = Pt(_INSET)
    frame.text = piece.text
    ink = {"Error": WARNING, "Not shown": QUIET}.get(piece.kind, INK)
    set_letters(frame, size, ink)
    if piece.kind in ("Printed", "Error"):
        shape.fill.solid()
        shape.fill.fore_color.rgb = colour(PANEL)
        for paragraph in frame.paragraphs:
            for run in paragraph.runs:
                run.font.name = _TYPEWRITER
    if piece.kind == "Not shown":
        shape.line.color.rgb = colour(RULE)
        shape.line.width = Pt(0.75)
