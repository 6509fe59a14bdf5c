"""The nbconvert exporter `notebook-press-html`."""

from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import default

from notebook_press.rendering.webpage import render_webpage

__all__ = ["HTMLReportExporter"]


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
