"""A page as a PDF: paged, tagged (PDF/UA-1), with its fonts inside."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from notebook_press.errors import RenderingError, one_line
from notebook_press.rendering import composition
from notebook_press.rendering.composition import Placed, compose
from notebook_press.rendering.markdown import Fragment
from notebook_press.rendering.page import Code, Image, Page
from notebook_press.rendering.typst import (
    TypstRefusedError,
    TypstSource,
    file_ending,
    run_typst,
    templates,
    with_known_glyphs,
)


@dataclass
class _Pictures:
    """The images of a page, by the file name that the Typst source calls them."""

    names: dict[Image, str] = field(default_factory=dict)

    def name(self, image: Image) -> str:
        name = f"picture-{len(self.names) + 1}.{file_ending(image.mime)}"
        return self.names.setdefault(image, name)

    def files(self) -> dict[str, bytes]:
        return {name: image.content for image, name in self.names.items()}


def render_pdf(page: Page) -> bytes:
    """The PDF of a page; the same bytes whenever it is made.

    Raises:
        RenderingError: pandoc or Typst failed.
    """
    source, pictures, seconds = typst_source(page)
    return compile_typst(source, pictures, seconds, f"report {page.stem!r}")


def typst_source(page: Page) -> tuple[str, Mapping[str, bytes], int]:
    """The Typst source of a page, the pictures that it names, and its moment, as seconds.

    Raises:
        RenderingError: pandoc failed.
    """
    pictures = _Pictures()
    composed = compose(page, "typst", pictures.name, _source)
    finished = composition.when(page.provenance.finished) if page.provenance else None
    known = {
        "report": composed,
        "page": page,
        "finished": finished,
        "code": _listings(composed.blocks),
        "picture": pictures.name,
        "headline": composition.headline,
        "number": composition.number,
        "in_words": composition.in_words,
        "machine_in_words": composition.machine_in_words,
    }
    template = templates().get_template("report.typ.j2")
    source, missing = with_known_glyphs(template.render(known, missing_glyphs=0))
    if missing:
        source, _ = with_known_glyphs(template.render(known, missing_glyphs=missing))
    return source, pictures.files(), int(finished.timestamp()) if finished else 0


def compile_typst(source: str, files: Mapping[str, bytes], timestamp: int, what: str) -> bytes:
    """The PDF/UA-1 document that a Typst source describes, with no fonts but the embedded ones.

    Args:
        source: The document.
        files: The images that it may read, by name; there is nothing else for it to read.
        timestamp: The moment of its making, in seconds since 1970.
        what: What to call it where it fails.

    Raises:
        RenderingError: Typst refuses the document, crashes or does not end.
    """
    wanted = {"format": "pdf", "timestamp": timestamp}
    try:
        (pdf,) = run_typst(source, files, wanted, what)
    except TypstRefusedError as error:
        raise RenderingError(f"{what}: {_explained(error)}") from error
    return pdf


def _explained(error: TypstRefusedError) -> str:
    cause = one_line(error.message)
    hints = "; ".join(one_line(hint) for hint in error.hints)
    if "alt text" in cause:
        hints = "give every figure and equation an alternative text"
    elif "could not be displayed" in cause:
        hints = "draw the figure's text as outlines: matplotlib's svg.fonttype = 'path'"
    return f"Typst refuses the PDF: {cause}; {hints or 'look at what the notebook displays'}"


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
