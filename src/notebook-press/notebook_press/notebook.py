"""Notebooks as files: read, renewed with another run's outputs, freed of this machine's paths."""

import copy
import json
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from notebook_press.author import METADATA_KEY
from notebook_press.errors import ExecutionError, UsageError, one_line
from notebook_press.messages import escaped

OF_A_RUN = ("kernelspec", "language_info", METADATA_KEY, "papermill", "widgets")
"""What of a notebook's metadata a run writes; the rest is its author's."""

LONGEST_CAUSE = 300
NOTE_TAG = "notebook-press-note"
LONGEST_QUOTE = 60  # characters of a cell's first line
HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # which is no text where its other half is missing
FIRST_WITH_IDS = (4, 5)  # the first format whose cells have names of their own


def read_notebook(path: Path) -> NotebookNode:
    """Return a notebook as it is on the disk.

    Raises:
        UsageError: There is no such file, it is not a notebook or not a valid one, or its name or
            its text holds what no page can.
    """
    if not path.name.isprintable():
        raise UsageError(
            f"{escaped(path)}: expected a name of characters that can be printed; rename the file"
        )
    faults: dict[str, Exception] = {}
    try:
        notebook: NotebookNode = nbformat.read(  # type: ignore[no-untyped-call]
            path, as_version=4, capture_validation_error=faults
        )
        if HALF.search(path.read_bytes()):
            json.dumps(notebook, ensure_ascii=False).encode()
    except FileNotFoundError as error:
        raise UsageError(
            f"{escaped(path)}: no such notebook; give a path to an .ipynb file"
        ) from error
    except Exception as error:  # nbformat raises a dozen kinds for files that are no notebooks
        cause = escaped(one_line(error))[:LONGEST_CAUSE]
        raise UsageError(f"{escaped(path)}: not a notebook that can be read: {cause}") from error
    for fault in faults.values():
        cause = escaped(one_line(fault))[:LONGEST_CAUSE]
        raise UsageError(
            f"{escaped(path)}: not a valid notebook: {cause}; open it in Jupyter and save it"
        )
    return notebook


def renew(notebook: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Return the notebook as it is now with the outputs of a run of the same code cells.

    Raises:
        UsageError: The code cells are not those that ran.
    """
    renewed = copy.deepcopy(notebook)
    kept = {name: executed.metadata[name] for name in OF_A_RUN if name in executed.metadata}
    renewed.metadata |= kept
    _inject(renewed, next(filter(is_injected, executed.cells), None))
    for cell in renewed.cells:
        if cell.cell_type == "code":  # what the notebook's file holds is of no run of the press
            cell.outputs, cell.execution_count = [], None
    ran = code_cells(executed)
    cells = code_cells(renewed)
    if [cell.source for cell in cells] != [cell.source for cell in ran]:
        raise UsageError(
            "expected the published notebook to hold the code that the notebook holds, found other "
            "code; build it with --fresh"
        )
    for cell, before in zip(cells, ran, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return renewed


def _inject(notebook: NotebookNode, injected: NotebookNode | None) -> None:
    """Put the cell that papermill made where papermill puts it."""
    if injected is None:
        return
    injected = copy.deepcopy(injected)
    if (notebook.nbformat, notebook.nbformat_minor) < FIRST_WITH_IDS:
        injected.pop("id", None)
    places = [i for i, cell in enumerate(notebook.cells) if is_injected(cell)]
    tagged = [i + 1 for i, cell in enumerate(notebook.cells) if is_parameters(cell)]
    if places:
        notebook.cells[places[0]] = injected
    else:
        notebook.cells.insert(tagged[0] if tagged else 0, injected)


def code_cells(notebook: NotebookNode, *, keep_tagged: bool = False) -> list[NotebookNode]:
    """Return the cells that a kernel is given; with `keep_tagged` also an empty one with a role."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and (cell.source.strip() or (keep_tagged and (is_parameters(cell) or is_injected(cell))))
    ]


def is_parameters(cell: NotebookNode) -> bool:
    """Return whether a cell is the one that declares the notebook's parameters."""
    return _is_tagged(cell, "parameters")


def is_injected(cell: NotebookNode) -> bool:
    """Return whether papermill made the cell, to give the parameters their values."""
    return _is_tagged(cell, "injected-parameters")


def _is_tagged(cell: NotebookNode, tag: str) -> bool:
    tags = cell.metadata.get("tags", [])
    return isinstance(tags, list) and tag in tags


class NotebookFailedError(ExecutionError):
    """A notebook did not run to its end; carries what there is of it.

    Attributes:
        partial: The notebook as far as it ran, with the failing cell named in it.
    """

    def __init__(self, message: str, partial: NotebookNode) -> None:
        super().__init__(message)
        self.partial = partial


def failure(notebook: NotebookNode, report: str, cell: int, why: str) -> NotebookFailedError:
    """Return the error that names a cell, with the partial notebook that shows it."""
    count = len(notebook.cells)
    cell = min(cell, max(count - 1, 0))
    quote = ""
    if count:
        first = next(iter(notebook.cells[cell].source.strip().splitlines()), "")
        quote = f" ({first[:LONGEST_QUOTE]!r})" if first else ""
    what = f"cell {cell + 1} of {count}{quote} {why}"
    partial = copy.deepcopy(notebook)
    # As code, since an error's message can hold markup, and Jupyter would fetch its pictures.
    note = f"**This run failed.** The next cell is where:\n\n    {one_line(what)}"
    note_cell = nbformat.v4.new_markdown_cell(  # type: ignore[no-untyped-call]
        note, metadata={"tags": [NOTE_TAG]}
    )
    partial.cells.insert(cell, note_cell)
    return NotebookFailedError(f"{report}: {what}", partial)
