"""Running a notebook with papermill, and the gate behind it.

papermill used plainly accepts runs that did not happen: a killed kernel leaves every cell marked
`completed`, and `sys.exit(0)` ends a run with status 0 (papermill issues 125, 396, 435, 511, 536
and 818). A run counts here only if papermill ended well, every code cell was executed without an
error, and a sentinel cell at the very end printed a number that nothing else knows.
"""

import copy
import logging
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from notebook_press import stopping
from notebook_press.engine import CellStarted, KernelQuitError, Noted, engine
from notebook_press.errors import ExecutionError, PressError, one_line
from notebook_press.kernels import Kernel, mark_of
from notebook_press.output_limits import TooMuchDisplayedError
from notebook_press.terminal_text import in_one_line
from notebook_press.time_limits import TimeLimits, Watchdog

__all__ = ["NotebookFailedError", "execute", "failing_cell", "failure", "is_code"]

SENTINEL_TAG = "notebook-press-sentinel"
NOTE_TAG = "notebook-press-note"
PAPERMILL_MARKER_TAG = "papermill-error-cell-tag"
LONGEST_QUOTE = 60
NO_LIMITS = TimeLimits()


class NotebookFailedError(ExecutionError):
    """A notebook did not run to its end; carries what there is of it.

    Attributes:
        partial: The notebook as far as it ran, with the failing cell named in it.
    """

    def __init__(self, message: str, partial: NotebookNode) -> None:
        super().__init__(message)
        self.partial = partial


def execute(
    notebook: NotebookNode,
    report: str,
    parameters: Mapping[str, Any],
    *,
    output: Path,
    folder: Path,
    cell_started: CellStarted,
    noted: Noted = lambda _: None,
    limits: TimeLimits = NO_LIMITS,
    mark: str | None = None,
) -> NotebookNode:
    """Return the executed notebook, which has passed the gate.

    Args:
        notebook: The notebook to run; it is not changed.
        report: The name that messages use.
        parameters: Every parameter's value, injected after the cell tagged `parameters`.
        output: Where papermill keeps the notebook while it runs; beside it, ending in `.log`, lies
            what the kernel wrote past Jupyter.
        folder: The kernel's working directory.
        cell_started: Called with the index of each cell as it starts.
        noted: Called with what a cell says of its progress, which is not kept in the notebook.
        limits: How long a cell and the run may take.
        mark: What marks the kernel's processes; made from the output's folder if left out.

    Raises:
        NotebookFailedError: The run did not pass the gate.
    """
    stopping.check()
    nonce = secrets.token_hex(16)
    # A kernel that never starts ends the run at the first cell that it was to execute.
    started = [next((i for i, cell in enumerate(notebook.cells) if is_code(cell)), 0)]
    live: list[NotebookNode] = []

    def remember(index: int) -> None:
        started.append(index)
        cell_started(index)

    guarded = _with_sentinel(notebook, nonce)
    kernel = Kernel(mark or mark_of(output.parent))
    watchdog = Watchdog(limits, kernel.kill)
    trouble = _run_papermill(
        guarded,
        parameters,
        output,
        folder,
        began=live.append,
        cell_started=remember,
        noted=noted,
        kernel=kernel,
        watchdog=watchdog,
    )
    executed = _without_markers(_read_back(output) or copy.deepcopy([guarded, *live][-1]))
    failing = failing_cell(executed, nonce)
    if watchdog.expired is not None:
        failing = started[-1], f"{watchdog.expired}: its kernel was ended, with all that it started"
    elif trouble is not None and not _has_error(executed):
        # A dead kernel leaves its cell with a number and the next one without: name the former.
        failing = started[-1], f"ended the run: {_cause(trouble, executed, started[-1], kernel)}"
    if isinstance(trouble, TooMuchDisplayedError | KernelQuitError):
        failing = started[-1], str(trouble)
    if failing is not None:
        raise failure(_without_sentinel(executed), report, *failing) from trouble
    return _without_sentinel(executed)


def _cause(trouble: Exception, executed: NotebookNode, cell: int, kernel: Kernel) -> str:
    """Return why a run ended without an error output: a refused magic command says it on stderr."""
    streams = (item for item in executed.cells[cell].get("outputs", ()) if "text" in item)
    lines = [line for item in streams for line in item.text.splitlines() if line.strip()]
    if type(trouble).__name__ == "PapermillExecutionError" and lines:
        return in_one_line(lines[-1])
    death = kernel.death() if "Kernel died" in str(trouble) else ""  # not where the press ended it
    return in_one_line(f"{type(trouble).__name__}: {trouble}") + (f" ({death})" if death else "")


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


def _run_papermill(
    notebook: NotebookNode,
    parameters: Mapping[str, Any],
    output: Path,
    folder: Path,
    **observers: Any,
) -> Exception | None:
    """Run the notebook and return what papermill raised, if anything.

    Args:
        notebook: The notebook with its sentinel.
        parameters: Every parameter's value.
        output: Where papermill keeps the notebook.
        folder: The kernel's working directory.
        **observers: What the engine needs of its own.
    """
    import papermill
    from papermill.engines import papermill_engines

    papermill_engines.register("notebook-press", engine())
    # papermill can't read `Annotated[int, Ge(1)]` and would call such a parameter unknown. What it
    # logs of a run that failed is said by the gate, with the cell.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    try:
        papermill.execute_notebook(
            notebook,
            str(output).replace("{", "{{").replace("}", "}}"),  # papermill formats paths
            parameters=dict(parameters),
            engine_name="notebook-press",
            progress_bar=False,
            cwd=folder,
            log_path=output.with_suffix(".log"),
            **observers,
        )
    except PressError:
        raise
    except Exception as error:  # whatever it is, the gate says what became of the run
        stopping.check()
        return error
    return None


def _read_back(output: Path) -> NotebookNode | None:
    try:
        executed: NotebookNode = nbformat.read(output, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.reader.NotJSONError, nbformat.ValidationError):
        return None
    return executed


def _without_markers(executed: NotebookNode) -> NotebookNode:
    executed.cells = [
        cell for cell in executed.cells if PAPERMILL_MARKER_TAG not in cell.metadata.get("tags", [])
    ]
    return executed


def _error_output(cell: NotebookNode) -> NotebookNode | None:
    return next((item for item in cell.outputs if item.output_type == "error"), None)


def _has_error(executed: NotebookNode) -> bool:
    return any(_error_output(cell) is not None for cell in executed.cells if is_code(cell))


def _with_sentinel(notebook: NotebookNode, nonce: str) -> NotebookNode:
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


def _without_sentinel(executed: NotebookNode) -> NotebookNode:
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
