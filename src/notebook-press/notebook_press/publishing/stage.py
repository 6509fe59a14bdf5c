"""What a report is published from: the executed notebook, its pages and its manifest, staged."""

import base64
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
    from notebook_press.rendering.exporters import render_pages

    report = staged.name
    making = executed.metadata[METADATA_KEY]
    making["formats"] = list(formats)
    notebook_path = staged / f"{report}.ipynb"
    with files.publishing_errors(notebook_path):
        nbformat.write(executed, notebook_path)  # type: ignore[no-untyped-call]
    executed = read_notebook(notebook_path)  # pages show what is in the file, and nothing else
    with working_below(staged, mark):
        page, contents = render_pages(executed, report, formats, source)
    paths = [notebook_path]
    for name, content in contents.items():
        path = staged / f"{report}.{name}"
        with files.publishing_errors(path):
            path.write_bytes(content)
        paths.append(path)
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
