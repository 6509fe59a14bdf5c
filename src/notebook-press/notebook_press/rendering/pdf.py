"""A page as a PDF: paged, tagged (PDF/UA-1), with its fonts inside."""

from collections.abc import Mapping
from dataclasses import replace

from notebook_press.rendering.composition import Placed, compose, when
from notebook_press.rendering.page import Code, Fragment, Image, Page
from notebook_press.rendering.typst import (
    TypstSource,
    file_ending,
    run_typst,
    templates,
    with_known_glyphs,
)


def render_pdf(page: Page) -> bytes:
    """The PDF of a page; the same bytes whenever it is made.

    Raises:
        RenderingError: pandoc or Typst failed.
    """
    source, pictures, seconds = typst_source(page)
    wanted = {"format": "pdf", "timestamp": seconds}
    (pdf,) = run_typst(source, pictures, wanted, f"report {page.stem!r}")
    return pdf


def typst_source(page: Page) -> tuple[str, Mapping[str, bytes], int]:
    """The Typst source of a page, the pictures that it names, and its moment, as seconds.

    Raises:
        RenderingError: pandoc failed.
    """
    pictures: dict[Image, str] = {}

    def picture(image: Image) -> str:
        name = f"picture-{len(pictures) + 1}.{file_ending(image.mime)}"
        return pictures.setdefault(image, name)

    composed = compose(page, "typst", picture, _source)
    finished = when(page.provenance.finished) if page.provenance else None
    known = {
        "report": composed,
        "page": page,
        "finished": finished,
        "code": _listings(composed.blocks),
        "picture": picture,
    }
    template = templates().get_template("report.typ.j2")
    source, missing = with_known_glyphs(template.render(known, missing_glyphs=0))
    if missing:
        source, _ = with_known_glyphs(template.render(known, missing_glyphs=missing))
    files = {name: image.content for image, name in pictures.items()}
    return source, files, int(finished.timestamp()) if finished else 0


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
