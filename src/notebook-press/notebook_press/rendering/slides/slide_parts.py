"""Letters and tables on slides.

Nobody can measure the font that a reader's machine will take, so the room that text needs is
estimated, on the safe side.
"""

import bisect
import functools
import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from notebook_press.rendering.page import Table

INK, QUIET, ACCENT, WARNING = "1C2126", "59636D", "0A5A86", "8A5200"
PANEL, RULE = "F3F5F6", "CFD5D9"
LANGUAGE = "en-GB"
Box = tuple[float, float, float, float]
"""Left, top, width and height in points."""


def colour(name: str) -> RGBColor:
    """The colour that six hexadecimal digits name."""
    made: RGBColor = RGBColor.from_string(name)  # type: ignore[no-untyped-call]
    return made


def set_letters(
    frame: Any, size: int, ink: str = INK, *, bold: bool | None = None, font: str | None = None
) -> None:
    """Give all text of a frame its size (points), colour, font and language."""
    for run in (run for paragraph in frame.paragraphs for run in paragraph.runs):
        run.font.size = Pt(size)
        run.font.color.rgb = colour(ink)
        run.font.bold, run.font.name = bold, font
        run._r.get_or_add_rPr().set("lang", LANGUAGE)


def place(shape: Any, box: Box) -> Any:
    """Return the shape, which now fills the box."""
    shape.left, shape.top, shape.width, shape.height = (Pt(round(length)) for length in box)
    return shape


def fill(
    frame: Any, text: str, size: int, ink: str = INK, inset: float = 0, font: str | None = None
) -> None:
    """Put text into a frame, with room around it."""
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Pt(inset)
    frame.text = text
    set_letters(frame, size, ink, font=font)


def add_text(slide: Any, name: str, box: Box) -> Any:
    """Return a new box for text."""
    shape = place(slide.shapes.add_textbox(0, 0, 0, 0), box)
    shape.name = name
    return shape


LINE_HEIGHT = 1.22
_ELLIPSIS = "…"
# How wide a letter is, in parts of the font's size: the first line that speaks of it counts.
_EM_WIDTHS: tuple[tuple[float, Callable[[str], object]], ...] = (
    (0.0, unicodedata.combining),
    (0.36, frozenset("iljtfr.,:;'|!()[] `-/\\I").__contains__),
    (1.05, lambda letter: unicodedata.east_asian_width(letter) in "WF" or letter > "\u2fff"),
    (0.95, frozenset("mwMW@%—…&+<=>~^#").__contains__),
    (0.95, lambda letter: unicodedata.category(letter) == "So"),
    (0.66, str.isupper),
    (0.66, str.isdigit),
    (0.56, lambda _: True),
)


def text_width(text: str, size: float) -> float:
    """The width of a line in points, at a font size in points."""
    return size * sum(map(_em_width, text))


@functools.lru_cache(maxsize=1024)
def _em_width(letter: str) -> float:
    return next(width for width, speaks_of in _EM_WIDTHS if speaks_of(letter))


def line_count(text: str, width: float, size: float) -> int:
    """How many lines the text takes when it is wrapped to a width in points."""
    return sum(_paragraph_lines(paragraph, width, size) for paragraph in text.split("\n"))


def _paragraph_lines(paragraph: str, width: float, size: float) -> int:
    lines, used, space = 1, 0.0, text_width(" ", size)
    for word in paragraph.split():
        wide = text_width(word, size)
        if used and used + space + wide > width:
            lines, used = lines + 1, 0.0
        used += wide + (space if used else 0)
        if used > width:  # a word longer than its line is broken anywhere
            lines, used = lines + math.ceil(used / width) - 1, used % width
    return lines


def fitted(text: str, room: tuple[float, float], sizes: tuple[int, int]) -> tuple[str, int]:
    """The text and the largest font size at which it fits, cut short where none does.

    Args:
        text: Lines apart by line feeds.
        room: Width and height in points.
        sizes: The largest and the smallest font size in points.
    """
    width, height = room
    largest, smallest = sizes
    for size in range(largest, smallest - 1, -1):
        if line_count(text, width, size) * size * LINE_HEIGHT <= height:
            return text, size
    allowed = max(1, int(height / (smallest * LINE_HEIGHT)))
    kept = bisect.bisect_right(
        range(1, len(text) + 1),
        allowed,
        key=lambda length: line_count(text[:length] + _ELLIPSIS, width, smallest),
    )
    return text[:kept].rstrip() + _ELLIPSIS, smallest


_PLAIN_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No Style, No Grid"
_SIZES = (18, 17, 16, 15, 14, 13, 12, 11, 10, 9)
_BOLD = 1.15  # how much wider bold letters are
_SPREAD = 1.6  # columns stand apart by this at most, where there is room
_SPARE = 8  # for a font that runs wider than expected
_LONGEST_WORD = 20  # letters: a longer one may be broken
_SIDE, _ABOVE = 7, 4  # margins of a cell, in points
_BORDER = (
    '<a:lnB {names} w="{width}"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></a:lnB>'
)


class TableLayout(NamedTuple):
    """How a table is drawn: its letters, columns and rows, heads included; lengths in points."""

    size: int
    widths: Sequence[float]
    heights: Sequence[float]


def layout_of(table: Table, room: tuple[float, float]) -> TableLayout | None:
    """How a table is drawn in a room (width, height in points) that is large enough for it."""
    available, height = room
    lines = _lines(table)
    for size in _SIZES:
        widths = _widths([line for line, _ in lines], available, size)
        heights = [_height(line, widths, size, bold) for line, bold in lines]
        tall_enough, broad_enough = sum(heights) <= height, min(widths) >= 3 * size
        if tall_enough and broad_enough and _has_whole_words(lines, widths, size):
            return TableLayout(size, widths, heights)
    return None


def _lines(table: Table) -> list[tuple[Sequence[str], float]]:
    """The heads, if there are any, and the rows, each with how much wider its letters are."""
    heads = [(table.columns, _BOLD)] if any(table.columns) else []
    return [*heads, *((row, 1.0) for row in table.rows)]


def draw_table(
    slide: Any, table: Table, layout: TableLayout, corner: tuple[float, float], description: str
) -> None:
    """Draw a table from a corner (left, top in points)."""
    lines = _lines(table)
    frame = slide.shapes.add_table(len(lines), len(layout.widths), 0, 0, 0, 0)
    place(frame, (*corner, 0, 0))  # it is as large as its columns and rows then are
    frame.name = f"Table {table.number}" if table.number else "Table"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", description)
    drawn = frame.table
    drawn.horz_banding, drawn.first_row, drawn.first_col = False, any(table.columns), True
    next(drawn._tbl.iter(qn("a:tableStyleId"))).text = _PLAIN_STYLE
    for column, width in zip(drawn.columns, layout.widths, strict=True):
        column.width = Pt(int(width))
    for row, (line, bold), height in zip(drawn.rows, lines, layout.heights, strict=True):
        row.height = Pt(int(height))
        for cell, text, alignment in zip(row.cells, line, table.alignments, strict=True):
            _write(cell, text, alignment, layout.size, heading=bold > 1)


def _has_whole_words(
    lines: Iterable[tuple[Sequence[str], float]], widths: Sequence[float], size: float
) -> bool:
    """Whether no cell breaks a word that is not very long, such as a number."""
    return all(
        text_width(word, size * bold) + 2 * _SIDE <= width
        for line, bold in lines
        for cell, width in zip(line, widths, strict=True)
        for word in cell.split()
        if len(word) <= _LONGEST_WORD
    )


def _widths(lines: Sequence[Sequence[str]], available: float, size: float) -> list[float]:
    """As wide as the longest cell of each column; the widest give way where that is too wide."""
    natural = [_natural_width(column, size) for column in zip(*lines, strict=True)]
    if sum(natural) <= available:
        spread = min(available / sum(natural), _SPREAD)
        return [width * spread for width in natural]
    rising = sorted(natural)
    shares = [(available - sum(rising[:n])) / (len(rising) - n) for n in range(len(rising))]
    limit = next(share for share, width in zip(shares, rising, strict=True) if width > share)
    return [min(width, limit) for width in natural]


def _natural_width(column: Sequence[str], size: float) -> float:
    heading, *cells = column
    parts = (part for cell in cells for part in cell.split("\n"))
    widest = max((text_width(part, size) for part in parts), default=0.0)
    longest_word = max((text_width(word, size) for word in heading.split()), default=0.0)
    return max(widest, longest_word * _BOLD, 3 * size) + 2 * _SIDE + _SPARE


def _height(line: Sequence[str], widths: Sequence[float], size: float, bold: float) -> float:
    cells = zip(line, widths, strict=True)
    count = max(line_count(cell, width - 2 * _SIDE, size * bold) for cell, width in cells)
    return count * size * LINE_HEIGHT + 2 * _ABOVE


def _write(cell: Any, text: str, alignment: str, size: int, *, heading: bool) -> None:
    cell.text = text
    cell.margin_left = cell.margin_right = Pt(_SIDE)
    cell.margin_top = cell.margin_bottom = Pt(_ABOVE)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    for paragraph in cell.text_frame.paragraphs:
        paragraph.alignment = PP_ALIGN.RIGHT if alignment == "right" else PP_ALIGN.LEFT
    set_letters(cell.text_frame, size, bold=heading)
    line = _BORDER.format(
        names=nsdecls("a"), width=Pt(1 if heading else 0.5), colour=INK if heading else RULE
    )
    cell._tc.get_or_add_tcPr().append(parse_xml(line))
