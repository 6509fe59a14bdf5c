"""The nbconvert exporter `notebook-press-pdf`."""

from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import default

from notebook_press.rendering.document import render_document

__all__ = ["PDFReportExporter"]


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
