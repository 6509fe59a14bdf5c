"""A page as slides: one figure or table each, with the prose in the speaker's notes."""

import io
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from notebook_press.errors import RenderingError
from notebook_press.rendering.composition import Composition, Placed, compose, when
from notebook_press.rendering.page import SLIDE_STARTS, Figure, Page, Prose, Table
from notebook_press.rendering.slide_layout import PICTURE_BOX, Deck
from notebook_press.rendering.typst import rasterise

_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # a ZIP file knows none before
_LAST_YEAR = 2107  # and none after


@dataclass
class _Slide:
    """One slide: its title, what it shows, and what is said; `words` stand where nothing else."""

    title: str
    block: Placed | None = None
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def render_pptx(page: Page) -> bytes:
    """The slides (PPTX, 16:9) of a page; the same bytes whenever they are made.

    Cells choose their part by `slideshow.slide_type` in their metadata: `slide` and `subslide`
    start a slide, `notes` is said and not shown, `skip` is left out. Where no cell chooses, each
    figure and each table of a section is a slide, and the prose goes to the notes.

    Raises:
        RenderingError: pandoc or Typst failed, or the clock is one that no PPTX file can hold.
    """
    composed = compose(page, "plain")
    opening, *slides = _outline(composed)
    what = f"report {page.stem!r}"
    figures = [s.block.block for s in slides if s.block and isinstance(s.block.block, Figure)]
    drawn = iter(rasterise([figure.image for figure in figures], PICTURE_BOX, what))
    finished = when(page.provenance.finished) if page.provenance else None
    deck = Deck(composed.title.source or page.stem, composed.answer, finished)
    deck.add_opening(composed, _said(opening))
    for slide in slides:
        match slide.block:
            case None:
                deck.add_words(slide.title, "\n\n".join(slide.words), "\n\n".join(slide.notes))
            case Placed(block=Figure() as figure, text=text):
                deck.add_figure(slide.title, figure, text.source, next(drawn), _said(slide))
            case Placed(block=Table() as table, text=text):
                deck.add_table(slide.title, table, text.source, _said(slide))
    return _saved(deck.presentation, what)


def _said(slide: _Slide) -> str:
    return "\n\n".join([*slide.words, *slide.notes])


def _outline(composed: Composition) -> list[_Slide]:
    """The slides in order, the opening one first."""
    origins = composed.page.origins
    chosen = any(kind in {*SLIDE_STARTS, "fragment", "skip", "notes"} for _, kind in origins)
    title = heading = composed.title.source
    slides = [_Slide(title)]
    started = -1
    for placed, (position, kind) in zip(composed.blocks, origins, strict=True):
        if kind == "skip":
            continue
        headings = [each.source for each in placed.text.headings]
        begins = kind in SLIDE_STARTS and position != started if chosen else bool(headings)
        if begins:
            slides.append(_Slide(headings[0] if headings else heading))
            started = position
        heading = headings[-1] if headings else heading
        if kind == "notes":
            slides[-1].notes += _words(placed, heading)
        elif isinstance(placed.block, Figure | Table):
            if slides[-1].block or len(slides) == 1:
                slides.append(_Slide(heading))
            slides[-1].block = placed
        else:
            slides[-1].words += _words(placed, slides[-1].title)
    return slides if chosen else _with_something_to_show(slides)


def _with_something_to_show(slides: Sequence[_Slide]) -> list[_Slide]:
    """The slides with a figure or a table; what the others say is said before them."""
    kept = [slides[0]]
    for slide in slides[1:]:
        if slide.block:
            if not slide.words and not slide.notes and slide.title == kept[-1].title:
                slide.notes += kept[-1].words  # a section's last figure, after all its prose
            kept.append(slide)
        elif slide.words:
            kept[-1].notes += [slide.title, *slide.words]
    return kept


def _words(placed: Placed, title: str) -> list[str]:
    """Prose as plain text, without the heading that is the slide's title already."""
    if not isinstance(placed.block, Prose):
        return []
    words = placed.text.source.strip()
    if title and words.startswith(f"{title}\n"):
        words = words.removeprefix(title).strip()
    return [words] if words and words != title else []


def _saved(presentation: Any, what: str) -> bytes:
    """The PPTX file, the members of its ZIP file as old as they can be."""
    year = time.localtime(time.time()).tm_year
    if not _FIRST_DATE[0] <= year <= _LAST_YEAR:  # python-pptx writes the time into the file
        raise RenderingError(
            f"{what}: expected a clock between {_FIRST_DATE[0]} and {_LAST_YEAR}, which "
            f"a PPTX file can hold, found {year}; set the clock, or leave pptx out of --to"
        )
    dated, made = io.BytesIO(), io.BytesIO()
    presentation.save(dated)
    with zipfile.ZipFile(dated) as old, zipfile.ZipFile(made, "w") as new:
        for member in old.infolist():
            info = zipfile.ZipInfo(member.filename, _FIRST_DATE)
            new.writestr(info, old.read(member), compress_type=zipfile.ZIP_DEFLATED)
    return made.getvalue()
