"""A page as a PDF: paged, tagged (PDF/UA-1), with its fonts inside."""

from dataclasses import replace

from notebook_press.rendering.composition import Placed, compose, when
from notebook_press.rendering.page import Code, Fragment, Image, Page
from notebook_press.rendering.paper.fonts import OWN_FONTS, reads_from_right
from notebook_press.rendering.paper.typst import (
    Document,
    TypstSource,
    file_ending,
    fonts_of,
    run_typst,
    templates,
)


def render_pdf(page: Page) -> bytes:
    """The PDF of a page; the same bytes whenever it is made.

    Raises:
        RenderingError: pandoc or Typst failed.
    """
    finished = when(page.provenance.finished) if page.provenance else None
    wanted = {"format": "pdf", "timestamp": int(finished.timestamp()) if finished else 0}
    (pdf,) = run_typst(typst_document(page), wanted, f"report {page.stem!r}")
    return pdf


def typst_document(page: Page) -> Document:
    """The page as Typst is given it.

    Raises:
        RenderingError: pandoc failed.
    """
    pictures: dict[Image, str] = {}

    def picture(image: Image) -> str:
        name = f"picture-{len(pictures) + 1}.{file_ending(image.mime)}"
        return pictures.setdefault(image, name)

    composed = compose(page, "typst", picture, _source)
    known = {
        "report": composed,
        "page": page,
        "finished": when(page.provenance.finished) if page.provenance else None,
        "code": _listings(composed.blocks),
        "picture": picture,
    }
    template = templates().get_template("report.typ.j2")
    source = template.render(known, fonts=OWN_FONTS, from_right=False)
    files = {name: image.content for image, name in pictures.items()}
    fonts, from_right = fonts_of(source, files, page.language), reads_from_right(source)
    if fonts != OWN_FONTS or from_right:
        source = template.render(known, fonts=fonts, from_right=from_right)
    return Document(source, files, fonts)


def _source(fragment: Fragment) -> Fragment:
    """The fragment with what pandoc wrote marked as Typst source."""
    return replace(fragment, source=TypstSource(fragment.source))


def _listings(blocks: tuple[Placed, ...]) -> list[tuple[str, Code]]:
    """Each code cell, with the heading that it stands under, for the appendix."""
    heading, listings = "", []
    for placed in blocks:
        if placed.text.headings:
            heading = placed.text.headings[-1].plain
        if isinstance(placed.block, Code):
            listings.append((heading, placed.block))
    return listings
