"""What slides look like. Lengths are in points; a slide has 960 by 540."""

import copy
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml.ns import qn
from pptx.util import Pt

from notebook_press.messages import cut_short
from notebook_press.rendering.composition import Composition, headline, in_words
from notebook_press.rendering.page import Figure, Table
from notebook_press.rendering.paper.fonts import begins_from_right
from notebook_press.rendering.slides.slide_parts import (
    ACCENT,
    INK,
    LANGUAGE,
    LINE_HEIGHT,
    PANEL,
    QUIET,
    WARNING,
    Box,
    add_text,
    colour,
    draw_table,
    fill,
    fitted,
    layout_of,
    line_count,
    place,
)
from notebook_press.rendering.slides.slide_stacks import Piece, arranged, draw_stack, in_prose

WIDTH, HEIGHT, MARGIN = 960, 540, 48
INNER = WIDTH - 2 * MARGIN
TOP, BOTTOM = 104, 500
PICTURE_BOX = (INNER, BOTTOM - TOP)
TITLE_BOX: Box = (MARGIN, 26, INNER, 66)
MOST_COLUMNS, MOST_ROWS, MOST_NOTES = 12, 12, 20_000
# How many columns and rows of a table too large, and how many letters of its cells, are tried.
_TRIES = tuple(
    (columns, rows, letters)
    for rows, letters in ((MOST_ROWS, 10_000), (MOST_ROWS, 120), (6, 80), (3, 40))
    for columns in (MOST_COLUMNS, 10, 8, 6, 4)
)
_FOOT_BOX: Box = (MARGIN, 508, 700, 20)
_PLACES: dict[Any, Box] = {
    PP_PLACEHOLDER.TITLE: TITLE_BOX,
    PP_PLACEHOLDER.BODY: (MARGIN, TOP, INNER, BOTTOM - TOP),
    PP_PLACEHOLDER.DATE: (WIDTH - MARGIN - 220, 508, 110, 20),
    PP_PLACEHOLDER.FOOTER: _FOOT_BOX,
    PP_PLACEHOLDER.SLIDE_NUMBER: (WIDTH - MARGIN - 100, 508, 100, 20),
}
_FOOT = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)


class Deck:
    """Slides, one drawn after the other."""

    def __init__(self, composed: Composition, finished: datetime | None) -> None:
        self.title = title = composed.title.source or composed.page.stem
        language = composed.page.language
        self.language = LANGUAGE if language == "en" else language
        answer = composed.answer
        self.presentation = Presentation()
        self.presentation.slide_width = Pt(WIDTH)
        self.presentation.slide_height = Pt(HEIGHT)
        self._layout = _house_layout(self.presentation)
        moment = finished.replace(tzinfo=None) if finished else datetime(1980, 1, 1)
        properties = {
            "title": title[:255],
            "language": self.language,
            "subject": answer.source[:255] if answer else "",
            "author": "notebook-press",
            "last_modified_by": "notebook-press",
            "comments": "",
            "keywords": "",
            "revision": 1,
            "created": moment,
            "modified": moment,
        }
        for name, value in properties.items():
            setattr(self.presentation.core_properties, name, value)

    def add_opening(self, composed: Composition, lead: str, notes: str) -> None:
        """Add the title slide: question, answer, headline results, and what it was made with.

        `lead` is what is said first, where there is no answer.
        """
        said = " ".join(notice.source for notice in composed.notices)
        if fitted(said, (INNER, 34), (13, 9))[0] != said:
            notes = f"{said}\n\n{notes}".rstrip()
        slide = self._add_slide(self.title, (MARGIN, 52, INNER, 112), (40, 22), notes)
        if said:
            _write(slide, "Notice", said, (MARGIN, 18, INNER, 34), (13, 9), WARNING)
        if composed.answer:
            _bar(slide, (MARGIN, 184, 4, 104))
            beside = (MARGIN + 20, 184, INNER - 20, 104)
            _write(
                slide, "Answer", composed.answer.source, beside, (26, 12), anchor=MSO_ANCHOR.MIDDLE
            )
        results = list(composed.page.results.items())[:3]
        if lead:
            room: Box = (MARGIN, 184, INNER, 116 if results else 220)
            draw_stack(slide, arranged([in_prose(lead)], room))
        width = (INNER - 2 * 16) / 3
        for position, (name, value) in enumerate(results):
            box: Box = (MARGIN + position * (width + 16), 316, width, 84)
            _card(slide, name.replace("_", " "), headline(name, value), box)
        if composed.page.provenance:
            facts = [f"{name}: {text}" for name, text, _ in in_words(composed.page.provenance)]
            _write(slide, "Facts", "\n".join(facts), (MARGIN, 420, INNER, 80), (13, 9), QUIET)

    def add_figure(
        self, title: str, figure: Figure, caption: str, drawn: bytes, notes: str
    ) -> None:
        """Add a slide with a figure as large as it can be, its caption below or beside it."""
        slide = self._add_slide(title, TITLE_BOX, (28, 16), notes)
        words = _numbered("Figure", figure.number, caption)
        picture = slide.shapes.add_picture(io.BytesIO(drawn), 0, 0)
        picture.name = f"Figure {figure.number}" if figure.number else "Picture"
        picture._element.nvPicPr.cNvPr.set("descr", figure.alt)
        size = picture.image.size
        box: Box
        room: Box
        if words and size[0] / size[1] < 1.35:  # its caption stands beside it
            width, height = _scaled(size, (560, BOTTOM - TOP))
            box, left = (MARGIN, TOP, width, height), MARGIN + width + 32
            room, sizes = (left, TOP, WIDTH - MARGIN - left, BOTTOM - TOP), (18, 9)
        else:
            foot = min(3, line_count(words, INNER, 14)) * 14 * LINE_HEIGHT + 4 if words else 0
            above = BOTTOM - TOP - foot - 10
            width, height = _scaled(size, (INNER, above))
            box = (MARGIN + (INNER - width) / 2, TOP + (above - height) / 2, width, height)
            room, sizes = (MARGIN, BOTTOM - foot, INNER, foot), (14, 9)
        place(picture, box)
        if words:
            _write(slide, "Caption", words, room, sizes, QUIET)

    def add_table(self, title: str, table: Table, caption: str, notes: str) -> None:
        """Add a slide with as many of a table's first rows and columns as it has room for."""
        slide = self._add_slide(title, TITLE_BOX, (28, 16), notes)
        room = (INNER, BOTTOM - TOP - 44)
        fitting = ((part, layout_of(part, room)) for part in _parts_of(table))
        part, layout = next(((part, found) for part, found in fitting if found), (table, None))
        said = f"{_numbered('Table', table.number, caption)} {_how_much(part, table)}".strip()
        if said:
            _write(slide, "Caption", said, (MARGIN, TOP, INNER, 38), (14, 9), QUIET)
        if layout:
            draw_table(slide, part, layout, (MARGIN, TOP + 44), said or "A table")
        else:
            size = f"{len(table.rows):,} rows and {len(table.columns):,} columns"
            sentence = f"With {size}, this table is too large for a slide; it is in the report."
            _write(slide, "Where it is", sentence, (MARGIN, TOP + 44, *room), (20, 12))

    def add_stack(self, title: str, pieces: Sequence[Piece], notes: str) -> None:
        """Add a slide of texts; what does not fit on it is in its notes."""
        box = (MARGIN, TOP, INNER, BOTTOM - TOP)
        stack = arranged(pieces, box)
        if [piece for piece, _, _ in stack] != [*pieces]:
            whole = "\n\n".join(piece.text for piece in pieces)
            if len(whole) > MOST_NOTES:
                whole = f"{whole[:MOST_NOTES]}…\n\nThe rest is in the report."
            notes = f"{notes}\n\n{whole}".lstrip()
        draw_stack(self._add_slide(title, TITLE_BOX, (28, 16), notes), stack)

    def finish(self) -> None:
        """Give all text its language, and what is read from right to left its direction."""
        for slide in self.presentation.slides:
            notes = [slide.notes_slide] if slide.has_notes_slide else []
            for paragraph in (p for part in (slide, *notes) for p in part.element.iter(qn("a:p"))):
                for letters in paragraph.iter(qn("a:rPr")):
                    letters.set("lang", self.language)
                if begins_from_right("".join(paragraph.itertext())):
                    properties = paragraph.get_or_add_pPr()
                    properties.attrib.update({"rtl": "1", "algn": "r"})

    def _add_slide(self, title: str, box: Box, sizes: tuple[int, int], notes: str) -> Any:
        slide = self.presentation.slides.add_slide(self._layout)
        heading = place(slide.shapes.title, box)
        text, size = fitted(title, box[2:], sizes)
        fill(heading.text_frame, text, size)
        if text != title:
            notes = f"{title}\n\n{notes}".rstrip()
        if notes:
            fill(slide.notes_slide.notes_text_frame, notes, 12)
        for placeholder in self._layout.placeholders:
            if placeholder.placeholder_format.type in _FOOT:
                foot = copy.deepcopy(placeholder._element)
                next(foot.iter("{*}cNvPr")).set("id", str(slide.shapes._next_shape_id))
                slide.shapes._spTree.append(foot)
            if placeholder.placeholder_format.type == PP_PLACEHOLDER.FOOTER:
                text, size = fitted(self.title, _FOOT_BOX[2:], (10, 10))
                fill(slide.shapes[-1].text_frame, text, size, QUIET)
        return slide


def _numbered(name: str, number: int, caption: str) -> str:
    """A caption; what stood in the text of its notebook has no number."""
    if number:
        return f"{name} {number}. {caption}".rstrip()
    return f"{caption}." if caption[-1:].isalnum() else caption


def _parts_of(table: Table) -> Iterator[Table]:
    """The beginning of a table, in fewer and fewer columns, rows and letters."""
    for columns, rows, letters in _TRIES:
        yield replace(
            table,
            columns=table.columns[:columns],
            alignments=table.alignments[:columns],
            rows=tuple(
                tuple(cut_short(cell, letters) for cell in row[:columns])
                for row in table.rows[:rows]
            ),
        )


def _how_much(part: Table, table: Table) -> str:
    """How many of a table's rows and columns a part of it has."""
    rows, columns = len(part.rows), len(part.columns)
    shares = [f"{rows} of {len(table.rows):,} rows"] if rows < len(table.rows) else []
    if columns < len(table.columns):
        shares.append(f"{columns} of {len(table.columns):,} columns")
    return f"The first {' and '.join(shares)}." if shares else ""


def _house_layout(presentation: Any) -> Any:
    """The one layout that is used, fitted to 16:9; python-pptx's own is 4:3."""
    master = presentation.slide_master
    layout = presentation.slide_layouts.get_by_name("Title Only")
    for other in list(presentation.slide_layouts):
        if other.name != layout.name:
            presentation.slide_layouts.remove(other)
    for placeholder in master.placeholders:
        place(placeholder, _PLACES[placeholder.placeholder_format.type])
    for level in master.element.findall(".//{*}lvl1pPr[@algn='ctr']"):
        level.set("algn", "l")
    letters = master.element.find(".//{*}titleStyle/{*}lvl1pPr/{*}defRPr")
    letters.attrib.update({"sz": "2800", "b": "1"})
    return layout


def _write(
    slide: Any,
    name: str,
    text: str,
    box: Box,
    sizes: tuple[int, int],
    ink: str = INK,
    anchor: Any = MSO_ANCHOR.TOP,
) -> None:
    """Put text into a box, in the largest size that fits."""
    frame = add_text(slide, name, box).text_frame
    fill(frame, *fitted(text, box[2:], sizes), ink)
    frame.vertical_anchor = anchor


def _scaled(size: tuple[int, int], room: tuple[float, float]) -> tuple[float, float]:
    factor = min(room[0] / size[0], room[1] / size[1])
    return size[0] * factor, size[1] * factor


def _bar(slide: Any, box: Box, name: str = "Line", ink: str = ACCENT) -> None:
    shape = place(slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, 0, 0), box)
    shape.name = name
    shape.fill.solid()
    shape.fill.fore_color.rgb = colour(ink)
    shape.line.fill.background()
    shape._element.remove(shape._element.find(qn("p:style")))  # its shadow


def _card(slide: Any, name: str, value: str, box: Box) -> None:
    left, top, width, _ = box
    _bar(slide, box, "Panel", PANEL)
    _write(slide, "Result", value, (left + 14, top + 8, width - 28, 40), (28, 12))
    _write(slide, "Name of the result", name, (left + 14, top + 52, width - 28, 28), (13, 8), QUIET)
