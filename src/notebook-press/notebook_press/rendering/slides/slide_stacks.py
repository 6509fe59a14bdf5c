"""What is printed, said and not shown, one below the other on a slide. Lengths are in points."""

import bisect
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pptx.enum.text import MSO_AUTO_SIZE
from pptx.util import Pt

from notebook_press.messages import how_many
from notebook_press.rendering.slides.slide_parts import (
    INK,
    LINE_HEIGHT,
    PANEL,
    QUIET,
    RULE,
    WARNING,
    Box,
    add_text,
    colour,
    fill,
    line_count,
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
_LINE_END = re.compile("\n")
_STEP = re.compile(r"(?<=[.!?。])\s+|\n")
_BULLET = re.compile(r"^(\s*)- {1,3}(?=\S)", re.MULTILINE)
_DASHES = re.compile(r"^\s*-{3,}\s*$\n?", re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """One text in a stack."""

    kind: Kind
    text: str

    @property
    def is_typed(self) -> bool:
        """Whether each of its letters is as wide as the others."""
        return self.kind in ("Printed", "Error")

    def height(self, width: float, size: int) -> float:
        """How much room it takes at a font's size."""
        return self._lines(self.text, width, size) * size * LINE_HEIGHT + 2 * _INSET

    def shortened(self, width: float, height: float, size: int) -> "Piece":
        """What the room has room for: its first lines, sentences or else letters, and a sign."""
        allowed = max(2, int((height - 2 * _INSET) / (size * LINE_HEIGHT)))
        step = _LINE_END if self.is_typed else _STEP
        ends = [found.start() for found in step.finditer(self.text)]
        for places in (ends, range(len(self.text))):
            kept = bisect.bisect_left(
                places, allowed, key=lambda end: self._lines(self.text[:end], width, size)
            )
            if kept:
                break
        more = len(ends) + 1 - kept
        sign = f"\n… {how_many(more, 'more line')}" if self.is_typed else "\n…"
        start = self.text[: places[kept - 1]].rstrip()
        return Piece(self.kind, start + (sign if places is ends else "…"))

    def _lines(self, text: str, width: float, size: int) -> int:
        if not self.is_typed:
            return line_count(text, width - 2 * _INSET, size)
        in_line = max(1, int((width - 2 * _INSET) / (_LETTER * size)))
        return sum(max(1, math.ceil(len(line) / in_line)) for line in text.split("\n"))


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


Arranged = tuple[Piece, Box, int]
"""What is shown of a piece, where it stands, and the size of its letters."""


def arranged(pieces: Sequence[Piece], box: Box) -> list[Arranged]:
    """The pieces as large as they fit a box, from its top downwards.

    Only a piece that stands alone may be too long for a slide, and is cut short.
    """
    left, top, width, height = box
    steps = range(max(largest - smallest for largest, smallest in _SIZES.values()) + 1)
    step = next((s for s in steps if _height(pieces, width, s) <= height), steps[-1])
    places: list[Arranged] = []
    for piece in pieces:
        size = _size(piece, step)
        tall = piece.height(width, size)
        room = max(2.0 * size + 2 * _INSET, box[1] + height - top)
        if tall > room:
            piece, tall = piece.shortened(width, room, size), room
        places.append((piece, (left, top, width, tall), size))
        top += tall + _GAP
    return places


def draw_stack(slide: Any, stack: Sequence[Arranged]) -> None:
    """Draw what was arranged."""
    for piece, box, size in stack:
        shape = add_text(slide, piece.kind, box)
        font = _TYPEWRITER if piece.is_typed else None
        ink = {"Error": WARNING, "Not shown": QUIET}.get(piece.kind, INK)
        fill(shape.text_frame, piece.text, size, ink, _INSET, font)
        shape.text_frame.auto_size = MSO_AUTO_SIZE.NONE
        if piece.kind == "Words":
            shape.text_frame.margin_left = shape.text_frame.margin_right = 0
        elif piece.kind == "Not shown":
            shape.line.color.rgb = colour(RULE)
            shape.line.width = Pt(0.75)
        else:
            shape.fill.solid()
            shape.fill.fore_color.rgb = colour(PANEL)
