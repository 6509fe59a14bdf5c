"""What a report is published from: the executed notebook, its pages and its manifest, staged."""

import base64
import copy
import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from notebook_press.author import METADATA_KEY
from notebook_press.keys import Key
from notebook_press.notebook import read_notebook
from notebook_press.publishing import files
from notebook_press.publishing.manifest import describe_file
from notebook_press.rendering.page import Figure
from notebook_press.rendering.programs import working_below

# Of each format: module and class of its exporter, imported only when a page is made, since
# nbconvert takes its time; and the function of `rendering.checks` that looks at what it made.
FORMATS: Mapping[str, tuple[str, str, str]] = {
    "html": ("notebook_press.rendering.exporters", "HTMLReportExporter", "check_html"),
    "pdf": ("notebook_press.rendering.exporters", "PDFReportExporter", "check_pdf"),
    "pptx": ("notebook_press.rendering.exporters", "SlidesExporter", "check_pptx"),
}


def import_exporters() -> None:
    """Import what pages are made with, which takes a second."""
    for module, _, _ in FORMATS.values():
        importlib.import_module(module)


def stage(
    executed: NotebookNode,
    keys: Mapping[str, Key],
    formats: Sequence[str],
    source: Path,
    staged: Path,
    mark: str,
) -> None:
    """Write the executed notebook, its pages and, last, the manifest into the staging folder.

    Args:
        executed: The notebook, with what a page says of its making.
        keys: What it depends on.
        formats: The formats that are asked for.
        source: The folder that the notebook came from.
        staged: The staging folder, which has the report's name.
        mark: What marks the processes of the reports folder.

    Raises:
        RenderingError: A page can't be made, or is not what it should be.
        PublishingError: A file can't be written.
    """
    from notebook_press.rendering import checks
    from notebook_press.rendering.reading import read_page

    report = staged.name
    making = executed.metadata[METADATA_KEY]
    making["formats"] = list(formats)
    notebook_path = staged / f"{report}.ipynb"
    with files.publishing_errors(notebook_path):
        nbformat.write(executed, notebook_path)  # type: ignore[no-untyped-call]
    executed = read_notebook(notebook_path)  # pages show what is in the file, and nothing else
    resources = {"metadata": {"name": report, "path": str(source.resolve())}}
    paths = [notebook_path]
    for name in formats:
        module, exporter, check = FORMATS[name]
        with working_below(staged, mark):
            body, _ = getattr(importlib.import_module(module), exporter)().from_notebook_node(
                executed, copy.deepcopy(resources)
            )
        path = staged / f"{report}.{name}"
        with files.publishing_errors(path):
            path.write_bytes(body if isinstance(body, bytes) else body.encode("utf-8"))
        getattr(checks, check)(path)
        paths.append(path)
    page = read_page(executed, report)
    manifest = {
        "press": 1,
        "report": report,
        **making,
        "title": page.title,
        "answer": page.answer,
        "results": dict(page.results),
        "key_figure": _key_figure(page.key_figure),
        "keys": keys,
        "files": {path.name: describe_file(path) for path in paths},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    with files.publishing_errors(staged / f"{report}.json"):
        (staged / f"{report}.json").write_text(f"{text}\n", encoding="utf-8")


def _key_figure(figure: Figure | None) -> dict[str, str] | None:
    """Return what the index shows of a report, as the manifest holds it."""
    if figure is None:
        return None
    content = base64.b64encode(figure.image.content).decode("ascii")
    return {"mime": figure.image.mime, "content": content, "alt": figure.alt}
