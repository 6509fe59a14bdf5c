"""The exporters that plain nbconvert finds by name: `notebook-press-html`, `-pdf` and `-pptx`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import default

from notebook_press.rendering import checks, programs
from notebook_press.rendering.html import render_webpage
from notebook_press.rendering.page import Page
from notebook_press.rendering.pdf import render_document
from notebook_press.rendering.pptx import render_slides
from notebook_press.rendering.reading import read_page


class HTMLReportExporter(Exporter):
    """Makes an executed notebook one self-contained HTML page."""

    output_mimetype = "text/html"
    export_from_notebook = "Report (HTML)"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page and nbconvert's resources.

        Raises:
            RenderingError: The notebook can't be made a page.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        stem = resources.get("metadata", {}).get("name") or "report"
        return render_webpage(notebook, stem), resources


class PDFReportExporter(Exporter):
    """Makes an executed notebook a tagged PDF."""

    output_mimetype = "application/pdf"
    export_from_notebook = "Report (PDF)"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """The PDF and nbconvert's resources.

        Raises:
            RenderingError: The notebook can't be made a PDF.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        stem = resources.get("metadata", {}).get("name") or "report"
        return render_document(notebook, stem), resources


class SlidesExporter(Exporter):
    """Makes an executed notebook a deck of slides for PowerPoint."""

    output_mimetype = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    export_from_notebook = "Report (slides)"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pptx"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """The deck and nbconvert's resources.

        Raises:
            RenderingError: The notebook can't be made slides.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        stem = resources.get("metadata", {}).get("name") or "report"
        return render_slides(notebook, stem), resources


def render_pages(
    executed: NotebookNode, report: str, formats: Sequence[str], source: Path
) -> tuple[Page, dict[str, bytes]]:
    """Return what a notebook's page holds, and the page in each format, looked at and fit to print.

    Args:
        executed: The executed notebook.
        report: The report's name.
        formats: Some of `FORMATS`.
        source: The folder that the notebook came from.

    Raises:
        RenderingError: A page can't be made, or is not what it should be.
    """
    exporters = {
        "html": HTMLReportExporter,
        "pdf": PDFReportExporter,
        "pptx": SlidesExporter,
    }
    pages: dict[str, bytes] = {}
    for name in formats:
        resources = {"metadata": {"name": report, "path": str(source.resolve())}}
        body, _ = exporters[name]().from_notebook_node(executed, resources)
        pages[name] = body if isinstance(body, bytes) else body.encode("utf-8")
        with programs.own_workplace("check") as folder:
            (folder / f"{report}.{name}").write_bytes(pages[name])
            getattr(checks, f"check_{name}")(folder / f"{report}.{name}")
    return read_page(executed, report), pages


def prepare(notebook: NotebookNode) -> None:
    """Do what pages need and no output changes, while the notebook runs."""
