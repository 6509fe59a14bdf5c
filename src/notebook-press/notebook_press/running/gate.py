"""The gate behind a run: whether what came of it counts.

papermill used plainly accepts runs that did not happen: a killed kernel leaves every cell marked
`completed`, and `sys.exit(0)` ends a run with status 0 (papermill issues 125, 396, 435, 511, 536
and 818). A run counts here only if papermill ended well, every code cell was executed without an
error, and a sentinel cell at the very end printed a number that nothing else knows.
"""

import copy
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from notebook_press.messages import in_one_line
from notebook_press.running.tasks import Failure

SENTINEL_TAG = "notebook-press-sentinel"
PAPERMILL_MARKER_TAG = "papermill-error-cell-tag"


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes:
        cell: The index of the last cell that was started.
        reason: Why the press itself ended it.
        trouble: What papermill raised, in words.
        died: Whether the kernel died by itself.
    """

    cell: int
    reason: str | None = None
    trouble: str | None = None
    died: bool = False


def verdict(executed: NotebookNode, nonce: str, ending: Ending) -> Failure | None:
    """Return why a run does not count; None if it does.

    Args:
        executed: A notebook as papermill left it, with the sentinel as its last cell.
        nonce: What the sentinel prints.
        ending: How the run ended.
    """
    if ending.reason is not None:
        return Failure(ending.cell, ending.reason)
    errors = (_error_output(cell) for cell in executed.cells if is_code(cell))
    if ending.trouble is not None and not any(errors):
        # A dead kernel leaves its cell with a number and the next one without: name the former.
        why = f"ended the run: {ending.trouble}"
        return Failure(ending.cell, why, "kernel" if ending.died else "cell")
    failed = failing_cell(executed, nonce)
    return None if failed is None else Failure(*failed)


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


def without_tag(executed: NotebookNode, tag: str) -> NotebookNode:
    """Return the notebook without the cells of a tag that is the press's or papermill's own."""
    executed.cells = [cell for cell in executed.cells if tag not in cell.metadata.get("tags", [])]
    return executed


def is_code(cell: NotebookNode) -> bool:
    """Return whether a cell holds code to run."""
    return bool(cell.cell_type == "code" and cell.source.strip())


def _error_output(cell: NotebookNode) -> NotebookNode | None:
    return next((item for item in cell.outputs if item.output_type == "error"), None)
