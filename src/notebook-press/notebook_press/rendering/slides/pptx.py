"""A page as slides: its figures, tables and texts, with the prose in the speaker's notes."""

import io
import time
import zipfile
from typing import Any

from notebook_press.errors import RenderingError
from notebook_press.rendering.composition import Placed, compose, when
from notebook_press.rendering.page import Figure, Page, Table
from notebook_press.rendering.paper.typst import rasterise
from notebook_press.rendering.slides.slide_content import taken_apart
from notebook_press.rendering.slides.slide_layout import PICTURE_BOX, Deck
from notebook_press.rendering.slides.slide_outline import Outline, is_told
from notebook_press.rendering.slides.slide_stacks import in_prose

_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # a ZIP file knows none before
_LAST_YEAR = 2107  # and none after


def render_pptx(page: Page) -> bytes:
    """The slides (PPTX, 16:9) of a page; the same bytes whenever they are made.

    Cells choose their part by `slideshow.slide_type` in their metadata: `slide` and `subslide`
    start a slide, `notes` is said and not shown, `skip` is left out. Where no cell chooses, each
    figure and each table of a section is a slide, what its cells printed others, and its prose
    goes to the notes. A section of prose alone is a slide of words, unless an author tells with
    figures, tables or an answer of their own what is to be shown.

    Raises:
        RenderingError: pandoc or Typst failed, or the clock is one that no PPTX file can hold.
    """
    composed = compose(taken_apart(page), "plain")
    opening, *slides = Outline(composed, PICTURE_BOX).slides
    what = f"report {page.stem!r}"
    figures = [s.block.block for s in slides if s.block and isinstance(s.block.block, Figure)]
    drawn = iter(rasterise([figure.image for figure in figures], PICTURE_BOX, what))
    deck = Deck(composed, when(page.provenance.finished) if page.provenance else None)
    lead = "" if is_told(composed) else "\n\n".join(opening.words)
    deck.add_opening(composed, lead, opening.said)
    for slide in slides:
        match slide.block:
            case Placed(block=Figure() as figure, text=text):
                deck.add_figure(slide.title, figure, text.source, next(drawn), slide.said)
            case Placed(block=Table() as table, text=text):
                deck.add_table(slide.title, table, text.source, slide.said)
            case _ if slide.pieces:
                deck.add_stack(slide.title, slide.pieces, slide.said)
            case _:
                words = [in_prose("\n\n".join(slide.words))] if slide.words else []
                deck.add_stack(slide.title, words, "\n\n".join(slide.notes))
    deck.finish()
    return _saved(deck.presentation, what)


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
