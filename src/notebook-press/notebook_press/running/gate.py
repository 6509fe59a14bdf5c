"""Running a notebook with papermill, and the gate behind it.

papermill used plainly accepts runs that did not happen: a killed kernel leaves every cell marked
`completed`, and `sys.exit(0)` ends a run with status 0 (papermill issues 125, 396, 435, 511, 536
and 818). A run counts here only if papermill ended well, every code cell was executed without an
error, and a sentinel cell at the very end printed a number that nothing else knows.
"""

import copy

import nbformat
from nbformat import NotebookNode

from notebook_press.errors import ExecutionError, one_line
from notebook_press.messages import in_one_line

SENTINEL_TAG = "notebook-press-sentinel"
NOTE_TAG = "notebook-press-note"
PAPERMILL_MARKER_TAG = "papermill-error-cell-tag"
LONGEST_QUOTE = 60


class NotebookFailedError(ExecutionError):
    """A notebook did not run to its end; carries what there is of it.

    Attributes:
        partial: The notebook as far as it ran, with the failing cell named in it.
    """

    def __init__(self, message: str, partial: NotebookNode) -> None:
        super().__init__(message)
        self.partial = partial


def failing_cell(executed: NotebookNode, nonce: str) -> tuple[int, str] | None:
    """Return the index of the first cell that did not run well, and why; None if all did.

    Args:
        executed: A notebook as papermill left it, with the sentinel as its last cell.
        nonce: What the sentinel prints.
    """
    for index, cell in enumerate(executed.cells):
        if not is_code(cell):
            continue
        error = _error_output(cell)
        if error is not None:
            return index, f"raised {in_one_line(f'{error.ename}: {error.evalue}')}".rstrip(": ")
        if cell.execution_count is None:
            return index, "was not executed"
    sentinel = executed.cells[-1] if executed.cells else None
    if sentinel is None or SENTINEL_TAG not in sentinel.metadata.get("tags", []):
        return max(len(executed.cells) - 1, 0), "is not the press's own last cell: it was lost"
    if nonce not in "".join(item.get("text", "") for item in sentinel.outputs):
        why = "did not answer: its kernel was gone, or what it prints goes elsewhere"
        return len(executed.cells) - 1, why
    return None


def without_markers(executed: NotebookNode) -> NotebookNode:
    """Return the notebook without the cells in which papermill says that another failed."""
    executed.cells = [
        cell for cell in executed.cells if PAPERMILL_MARKER_TAG not in cell.metadata.get("tags", [])
    ]
    return executed


def _error_output(cell: NotebookNode) -> NotebookNode | None:
    return next((item for item in cell.outputs if item.output_type == "error"), None)


def has_error(executed: NotebookNode) -> bool:
    """Return whether a cell holds an error that its kernel reported."""
    return any(_error_output(cell) is not None for cell in executed.cells if is_code(cell))


def with_sentinel(notebook: NotebookNode, nonce: str) -> NotebookNode:
    """Return a copy without outputs, and with a last cell that prints the nonce."""
    guarded = copy.deepcopy(notebook)
    for cell in guarded.cells:
        if cell.cell_type == "code":  # what an earlier run left must not pass for this one's
            cell.outputs, cell.execution_count = [], None
    kernel, language = (guarded.metadata.get(name, {}) for name in ("kernelspec", "language_info"))
    is_python = "python" in (kernel.get("language"), language.get("name"))
    own = '__import__("builtins").' if is_python else ""  # the notebook's `print` may be another
    sentinel = nbformat.v4.new_code_cell(  # type: ignore[no-untyped-call]
        f'{own}print("{nonce}")', metadata={"tags": [SENTINEL_TAG]}
    )
    guarded.cells.append(sentinel)
    return guarded


def without_sentinel(executed: NotebookNode) -> NotebookNode:
    """Return the notebook as its author knows it, without the press's own last cell."""
    executed.cells = [
        cell for cell in executed.cells if SENTINEL_TAG not in cell.metadata.get("tags", [])
    ]
    return executed


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


def is_code(cell: NotebookNode) -> bool:
    """Return whether a cell holds code to run."""
    return bool(cell.cell_type == "code" and cell.source.strip())
