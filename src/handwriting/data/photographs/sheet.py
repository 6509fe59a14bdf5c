"""The sheet to write on: boxes for ten of each digit between four marks, drawn as PDF.

Lengths are millimetres, from the upper left corner of the first mark to the right and downwards.
The sheet is the same on each paper, so that no paper has to be told from another when it is read.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""Width and height of each paper."""

WIDTH, HEIGHT = 186.0, 255.0
"""From the outer edge of one mark to that of the next."""

DIGITS = 10
EACH = 10
"""How many boxes there are for each digit, side by side."""

BOX_WIDTH, BOX_HEIGHT = 14.5, 17.5
_LEFT, _TOP = 14.0, 29.0
_STEP_RIGHT, _STEP_DOWN = 17.5, 20.5

MARK = 10.0
"""How wide and high a mark is: a square in a ring, in widths of 1 : 1 : 3 : 1 : 1."""

KEY = 4.0
"""How wide and high the square is that tells the first mark from the others."""

KEY_LEFT, KEY_TOP = 13.0, 3.0

_INK, _GREY, _LINE = "#1f2328", "#5c6570", "#c3d3e3"
_POINT = 72 / 25.4
_TITLE = "Ten of each digit"
_INSTRUCTIONS = (
    "Write into each box the digit at the left of its row, as you always write it, with a dark",
    "pen and within the lines. A box that is empty is left out, and so is one that you black",
    "out after a slip. Then lay the sheet flat, in even light, and photograph all of it,",
    "with the four marks in its corners.",
)
_PRIVACY = "No name is asked for: please write none."
_COMMAND = "make report DATASET=photograph.jpg"


def corners() -> list[tuple[float, float]]:
    """The middles of the four marks, clockwise from the first, which has the key beside it."""
    near, right, below = MARK / 2, WIDTH - MARK / 2, HEIGHT - MARK / 2
    return [(near, near), (right, near), (right, below), (near, below)]


def box(digit: int, place: int) -> tuple[float, float]:
    """Left and top of a digit's box, `place` counted from 0."""
    return _LEFT + place * _STEP_RIGHT, _TOP + digit * _STEP_DOWN


def pdf(paper: str) -> bytes:
    """The sheet as a PDF of one page, the same bytes each time.

    Args:
        paper: one of `PAPERS`.
    """
    import matplotlib

    stream = io.BytesIO()
    with matplotlib.rc_context({"pdf.fonttype": 42}):
        nothing = dict.fromkeys(("CreationDate", "Creator", "Producer"))
        drawn(paper).savefig(stream, format="pdf", metadata=nothing | {"Title": _TITLE})
    return stream.getvalue()


def drawn(paper: str) -> Figure:
    """The sheet as a figure of a paper's size.

    Args:
        paper: one of `PAPERS`.
    """
    from matplotlib.figure import Figure

    width, height = PAPERS[paper]
    figure = Figure(figsize=(width / 25.4, height / 25.4), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    left, top = (WIDTH - width) / 2, (HEIGHT - height) / 2
    axes.set_xlim(left, left + width)
    axes.set_ylim(top + height, top)
    _draw_marks(axes)
    _draw_boxes(axes)
    _write(axes, 23, 5, [_TITLE], 17, _INK)
    _write(axes, 23, 11.4, _INSTRUCTIONS, 8.8, _GREY)
    _write(axes, 14, 249, [_PRIVACY], 8.5, _GREY)
    axes.text(172, 249, _COMMAND, size=8, color=_GREY, ha="right", va="center", family="monospace")
    return figure


def _draw_marks(axes: Axes) -> None:
    for x, y in corners():
        for modules, colour in ((7, _INK), (5, "white"), (3, _INK)):
            side = MARK * modules / 7
            _draw_square(axes, x - side / 2, y - side / 2, side, colour)
    _draw_square(axes, KEY_LEFT, KEY_TOP, KEY, _INK)


def _draw_square(axes: Axes, left: float, top: float, side: float, colour: str) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((left, top), side, side, facecolor=colour, linewidth=0))


def _draw_boxes(axes: Axes) -> None:
    from matplotlib.patches import Rectangle

    for digit, place in np.ndindex(DIGITS, EACH):
        corner, thick = box(digit, place), 0.4 * _POINT
        outline = Rectangle(
            corner, BOX_WIDTH, BOX_HEIGHT, fill=False, edgecolor=_LINE, linewidth=thick
        )
        axes.add_patch(outline)
    for digit in range(DIGITS):
        _, top = box(digit, 0)
        middle = top + BOX_HEIGHT / 2
        axes.text(MARK / 2, middle, str(digit), size=15, color=_GREY, ha="center", va="center")


def _write(
    axes: Axes, left: float, top: float, lines: Sequence[str], size: float, colour: str
) -> None:
    for number, line in enumerate(lines):
        axes.text(left, top + number * 4.3, line, size=size, color=colour, va="center")
