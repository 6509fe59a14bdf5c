"""The nbconvert exporter `notebook-press-pptx`."""

from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import default

from notebook_press.rendering.deck import render_slides

__all__ = ["SlidesExporter"]


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
