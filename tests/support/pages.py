"""Pages that are made for one test, by the parts of the press that make them of notebooks."""

from typing import Any

import nbformat.v4 as v4
import pytest
from matplotlib.figure import Figure
from nbformat import NotebookNode
from report_notebooks import as_html

from notebook_press import author
from notebook_press.author import INTERACTIVE_TYPE, METADATA_KEY, RESULTS_TYPE, TABLE_TYPE
from notebook_press.rendering.index import render_index

__all__ = [
    "INTERACTIVE_TYPE",
    "RESULTS_TYPE",
    "TABLE_TYPE",
    "index_of",
    "noted",
    "page_of_cells",
    "page_of_explorers",
    "said",
    "shown",
]


def index_of(manifests: list[dict[str, Any]]) -> str:
    """The page that lists reports."""
    return render_index(manifests)


def page_of_cells(*cells: NotebookNode, name: str = "a_title", **metadata: Any) -> str:
    """The page of a notebook of these cells."""
    return as_html(v4.new_notebook(cells=list(cells), metadata=metadata), name)


def page_of_explorers(*explorers: Any) -> str:
    """The page of a notebook that shows figures to explore."""
    outputs: list[NotebookNode] = []

    def display(data: object, *, raw: bool, metadata: object) -> None:
        outputs.append(v4.new_output("display_data", data=data, metadata=metadata))

    still = {"fallback": Figure(), "caption": "To explore.", "alt": "As on paper."}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("IPython.display.display", display)
        for each in explorers:
            author.interactive(each.html, script=each.script, style=each.style, **still)
    return page_of_cells(
        v4.new_markdown_cell("# A title"), v4.new_code_cell("explore()", outputs=outputs)
    )


def noted(what: dict[str, Any]) -> dict[str, Any]:
    """Metadata of a notebook or of an output in which the press notes something."""
    return {METADATA_KEY: what}


def said(kind: str, data: dict[str, Any], **details: Any) -> NotebookNode:
    """What a notebook says to its page in one way."""
    return v4.new_output("display_data", data=data, metadata=noted({"kind": kind, **details}))


def shown(data: dict[str, Any]) -> NotebookNode:
    """What a notebook shows without the press."""
    return v4.new_output("display_data", data=data)
