"""Notebooks as files: read, renewed with another run's outputs, freed of this machine's paths."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from notebook_press.author import METADATA_KEY
from notebook_press.errors import ExecutionError, UsageError, one_line
from notebook_press.mending import mend
from notebook_press.messages import escaped, in_one_line, listed

OF_A_RUN = ("kernelspec", "language_info", METADATA_KEY, "papermill", "widgets")
"""What of a notebook's metadata a run writes; the rest is its author's."""

NOTE_TAG = "notebook-press-note"
LONGEST_QUOTE = 60  # characters of a cell's first line
HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # which is no text where its other half is missing
FIRST_WITH_IDS = (4, 5)  # the first format whose cells have names of their own


def read_notebook(path: Path, tell: Callable[[str], None] = lambda line: None) -> NotebookNode:
    """Return a notebook as it is on the disk, with what can be mended without a guess mended.

    Args:
        path: The notebook's file, which is not changed.
        tell: Called with a line that says what is mended, if anything is.

    Raises:
        UsageError: There is no such file, it is not a notebook or not a valid one, or its name or
            its text holds what no page can.
    """
    where = escaped(path)
    if not path.name.isprintable():
        raise UsageError(
            f"{where}: expected a name of characters that can be printed; rename the file"
        )
    mended: list[str] = []
    try:
        content = path.read_bytes()
        notebook, fault = _read_valid(content.decode("utf-8-sig"), mended)
        if HALF.search(content):
            json.dumps(notebook, ensure_ascii=False).encode()
    except FileNotFoundError as error:
        raise UsageError(f"{where}: no such notebook; give a path to an .ipynb file") from error
    except Exception as error:  # nbformat raises a dozen kinds for files that are no notebooks
        cause = in_one_line(error)
        raise UsageError(
            f"{where}: not a notebook that can be read: {cause}; restore it, or save it again "
            "where it was made"
        ) from error
    if fault:
        cause = in_one_line(fault)
        raise UsageError(f"{where}: not a valid notebook: {cause}; open it in Jupyter and save it")
    if mended:
        tell(f"mended for this build, not in its file: {listed(dict.fromkeys(mended))}")
    return notebook


def _read_valid(text: str, mended: list[str]) -> tuple[NotebookNode, Exception | None]:
    """Return a notebook and what is wrong with it after all that could be mended."""
    if not text.strip():
        raise ValueError("the file is empty")
    content = json.loads(text)
    if not isinstance(content, dict):
        raise TypeError(f"expected names and values, found {type(content).__name__}")
    mended += mend(content)
    notebook, fault = _read_as_version_4(json.dumps(content) if mended else text)
    if content.get("nbformat") != notebook.nbformat:
        mended.append("its format, which is an old one")
        notebook.nbformat_minor = FIRST_WITH_IDS[1] - 1
        for cell in notebook.cells:
            cell.pop("id", None)  # a new one at each reading
    if fault:
        # The file's own outputs are shown nowhere, so it doesn't matter what is wrong with them.
        for cell in notebook.cells:
            if cell.get("cell_type") == "code":
                cell.outputs, cell.execution_count = [], None
        notebook, still = _read_as_version_4(json.dumps(notebook))
        mended += [] if still else ["stale outputs that are not valid"]
        fault = fault if still else None
    return notebook, fault


def _read_as_version_4(text: str) -> tuple[NotebookNode, Exception | None]:
    faults: dict[str, Exception] = {}
    read = nbformat.reads(  # type: ignore[no-untyped-call]
        text, as_version=4, capture_validation_error=faults
    )
    # Of an old format it is a class that papermill takes for a path.
    notebook: NotebookNode = nbformat.from_dict(read)  # type: ignore[no-untyped-call]
    return notebook, next(iter(faults.values()), None)


def renew(notebook: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Return the notebook as it is now with the outputs of a run of the same code cells.

    Raises:
        UsageError: The code cells are not those that ran.
    """
    renewed = copy.deepcopy(notebook)
    renewed.metadata |= {
        name: executed.metadata[name] for name in OF_A_RUN if name in executed.metadata
    }
    if injected := next(filter(is_injected, executed.cells), None):
        _inject(renewed, copy.deepcopy(injected))
    ran, cells = code_cells(executed), code_cells(renewed)
    if [cell.source for cell in cells] != [cell.source for cell in ran]:
        raise UsageError(
            "expected the published notebook to hold the code that the notebook holds, found other "
            "code; build it with --fresh"
        )
    for cell in renewed.cells:
        if cell.cell_type == "code":  # what the notebook's file holds is of no run of the press
            cell.outputs, cell.execution_count = [], None
    for cell, before in zip(cells, ran, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return renewed


def _inject(notebook: NotebookNode, injected: NotebookNode) -> None:
    """Put the cell that papermill made where papermill puts it."""
    if (notebook.nbformat, notebook.nbformat_minor) < FIRST_WITH_IDS:
        injected.pop("id", None)
    places = [i for i, cell in enumerate(notebook.cells) if is_injected(cell)]
    tagged = [i + 1 for i, cell in enumerate(notebook.cells) if is_parameters(cell)]
    start = (places or tagged or [0])[0]
    notebook.cells[start : start + bool(places)] = [injected]


def code_cells(notebook: NotebookNode, *, keep_tagged: bool = False) -> list[NotebookNode]:
    """Return the cells that a kernel is given; with `keep_tagged` also an empty one with a role."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and (is_run(cell) or (keep_tagged and (is_parameters(cell) or is_injected(cell))))
    ]


def language_of(notebook: NotebookNode) -> str:
    """Return the language of a notebook's code, in small letters; Python where it tells none."""
    kernel = notebook.metadata.get("kernelspec") or {}
    named = (notebook.metadata.get("language_info") or {}).get("name")
    return str(named or kernel.get("language") or "python").lower()


def is_run(cell: NotebookNode) -> bool:
    """Return whether a cell holds code to run: one tagged `skip-execution` does not."""
    is_code = cell.cell_type == "code" and cell.source.strip()
    return bool(is_code and not is_tagged(cell, "skip-execution"))


def may_raise(cell: NotebookNode) -> bool:
    """Return whether a cell is tagged `raises-exception`."""
    return is_tagged(cell, "raises-exception")


def is_parameters(cell: NotebookNode) -> bool:
    """Return whether a cell is the one that declares the notebook's parameters."""
    return is_tagged(cell, "parameters")


def is_injected(cell: NotebookNode) -> bool:
    """Return whether papermill made the cell, to give the parameters their values."""
    return is_tagged(cell, "injected-parameters")


def is_tagged(cell: NotebookNode, tag: str) -> bool:
    """Return whether a cell has a tag."""
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
