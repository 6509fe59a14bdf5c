"""The exporters that plain nbconvert finds by name, and the press's way through them."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import default

from notebook_press.errors import RenderingError, rendering_errors
from notebook_press.project import find_project
from notebook_press.rendering import FORMATS, checks
from notebook_press.rendering.html import render_html
from notebook_press.rendering.page import Page
from notebook_press.rendering.paper.pdf import render_pdf, typst_document
from notebook_press.rendering.prose.beside import Beside
from notebook_press.rendering.reading import read_ahead, read_page
from notebook_press.rendering.slides.pptx import render_pptx

_RENDERERS: Mapping[str, Callable[[Page], str | bytes]] = {
    "html": render_html,
    "pdf": render_pdf,
    "pptx": render_pptx,
}


class ReportExporter(Exporter):
    """Makes an executed notebook one file; nbconvert wants a class for each format."""

    ending: ClassVar[str]

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return f".{self.ending}"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str | bytes, dict[str, Any]]:
        """The file and nbconvert's resources; a `page` among them saves reading the notebook.

        Raises:
            RenderingError: The notebook can't be made such a file.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        stem = resources.get("metadata", {}).get("name") or "report"
        with rendering_errors(f"report {stem!r}"):
            page = resources.pop("page", None)
            if page is None:
                folder = resources.get("metadata", {}).get("path")
                page = read_page(notebook, stem, _beside(Path(folder)) if folder else None)
            return _RENDERERS[self.ending](page), resources


class HTMLReportExporter(ReportExporter):
    """Makes an executed notebook one self-contained HTML page."""

    ending = "html"
    output_mimetype = "text/html"
    export_from_notebook = "Report (HTML)"


class PDFReportExporter(ReportExporter):
    """Makes an executed notebook a tagged PDF."""

    ending = "pdf"
    output_mimetype = "application/pdf"
    export_from_notebook = "Report (PDF)"


class SlidesExporter(ReportExporter):
    """Makes an executed notebook a deck of slides for PowerPoint."""

    ending = "pptx"
    output_mimetype = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    export_from_notebook = "Report (slides)"


_EXPORTERS = {each.ending: each for each in (HTMLReportExporter, PDFReportExporter, SlidesExporter)}
_preparing = Lock()


def render_pages(
    executed: NotebookNode, report: str, formats: Sequence[str], source: Path
) -> tuple[Page, dict[str, bytes]]:
    """The page of an executed notebook, and the checked file of each format.

    The formats are made side by side, since each waits for programs of its own.

    Args:
        executed: The notebook, with what a page says of its making.
        report: The report's name, which its files have before their ending.
        formats: Some of `rendering.FORMATS`.
        source: The folder that the notebook came from.

    Raises:
        RenderingError: A file can't be made, or is not what it should be.
    """
    with _preparing, rendering_errors(f"report {report!r}"):
        page = read_page(executed, report, _beside(source))

    def make(ending: str) -> bytes:
        resources = {"metadata": {"name": report, "path": str(source.resolve())}, "page": page}
        exporter = _EXPORTERS[ending](optimistic_validation=True)  # once is enough
        made, _ = exporter.from_notebook_node(executed, resources)
        content = made if isinstance(made, bytes) else made.encode("utf-8")
        try:
            getattr(checks, f"check_{ending}")(content)
        except RenderingError as error:
            raise RenderingError(f"{report}.{ending}: {error}") from error
        return content

    with ThreadPoolExecutor(len(FORMATS)) as pool:
        # The last is made here: a signal comes to the main thread, which ends the program it is at.
        others = [pool.submit(copy_context().run, make, ending) for ending in formats[:-1]]
        last = [make(ending) for ending in formats[-1:]]
        contents = [other.result() for other in others] + last
    return page, dict(zip(formats, contents, strict=True))


def _beside(folder: Path) -> Beside:
    return Beside(folder.resolve(), find_project(folder).root)


def prepare(notebook: NotebookNode, source: Path) -> None:
    """Do what pages need and no output changes, while the notebook runs.

    Its own Markdown is typeset, and the templates, the lexer and the fonts are there afterwards.
    What goes wrong is found again when the pages are made; they wait for what is still prepared.
    """
    with _preparing, suppress(Exception):
        page = read_ahead(notebook, "report", _beside(source))
        exporter = HTMLReportExporter()  # type: ignore[no-untyped-call]
        exporter.from_notebook_node(notebook, {"page": page})
        typst_document(page)
