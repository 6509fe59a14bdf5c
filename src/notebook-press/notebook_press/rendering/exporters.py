"""The exporters that plain nbconvert finds by name: `notebook-press-html`, `-pdf` and `-pptx`."""

from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import default

from notebook_press.rendering.html import render_webpage
from notebook_press.rendering.pdf import render_document
from notebook_press.rendering.pptx import render_slides


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
