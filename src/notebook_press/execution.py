"""Running a notebook with papermill, and the gate behind it.

papermill used plainly accepts runs that did not happen: a killed kernel leaves every cell marked
`completed`, and `sys.exit(0)` ends a run with status 0 (papermill issues 125, 396, 435, 511, 536
and 818). A run counts here only if papermill ended well, every code cell was executed without an
error, and a sentinel cell at the very end printed a number that nothing else knows.
"""

import copy
import logging
import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from notebook_press.author import METADATA_KEY
from notebook_press.errors import ExecutionError, one_line
from notebook_press.kernel_log import kernel_log
from notebook_press.output_limits import LimitedOutput, TooMuchDisplayedError
from notebook_press.terminal_text import in_one_line

__all__ = ["NotebookFailedError", "check_kernel", "execute", "failing_cell", "failure"]

SENTINEL_TAG = "notebook-press-sentinel"
NOTE_TAG = "notebook-press-note"
PAPERMILL_MARKER_TAG = "papermill-error-cell-tag"
LONGEST_QUOTE = 60
LONGEST_SOCKET_FOLDER = 70  # a socket's whole path may have 103 bytes on macOS

CellStarted = Callable[[int], None]
Noted = Callable[[str], None]


class NotebookFailedError(ExecutionError):
    """A notebook did not run to its end; carries what there is of it.

    Attributes:
        partial: The notebook as far as it ran, with the failing cell named in it.
    """

    def __init__(self, message: str, partial: NotebookNode) -> None:
        super().__init__(message)
        self.partial = partial


def check_kernel(notebook: NotebookNode, report: str) -> None:
    """Check that the kernel that the notebook asks for is installed.

    Raises:
        NotebookFailedError: It names no kernel, or one that is not there.
    """
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    name = notebook.metadata.get("kernelspec", {}).get("name", "")
    try:
        KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError):
        found = ", ".join(sorted(KernelSpecManager().find_kernel_specs())) or "none"
        why = f"needs the kernel {name!r}, which is not installed (installed: {found})"
        cell = next((i for i, cell in enumerate(notebook.cells) if _is_code(cell)), 0)
        raise failure(notebook, report, cell, why) from None


def execute(
    notebook: NotebookNode,
    report: str,
    parameters: Mapping[str, Any],
    *,
    output: Path,
    folder: Path,
    cell_started: CellStarted,
    noted: Noted = lambda _: None,
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

    Raises:
        NotebookFailedError: The run did not pass the gate.
    """
    check_kernel(notebook, report)
    nonce = secrets.token_hex(16)
    started = [0]

    def remember(index: int) -> None:
        started.append(index)
        cell_started(index)

    guarded = _with_sentinel(notebook, nonce)
    trouble = _run_papermill(guarded, parameters, output, folder, remember, noted)
    executed = _without_markers(_read_back(output) or copy.deepcopy(guarded))
    failing = failing_cell(executed, nonce)
    if trouble is not None and not _has_error(executed):
        # A dead kernel leaves its cell with a number and the next one without: name the former.
        failing = started[-1], f"ended the run: {_cause(trouble, executed, started[-1])}"
    if isinstance(trouble, TooMuchDisplayedError):
        failing = started[-1], str(trouble)
    if failing is not None:
        raise failure(_without_sentinel(executed), report, *failing) from trouble
    return _without_sentinel(executed)


def _cause(trouble: Exception, executed: NotebookNode, cell: int) -> str:
    """Return why a run ended without an error output: a refused magic command says it on stderr."""
    streams = (item for item in executed.cells[cell].get("outputs", ()) if "text" in item)
    lines = [line for item in streams for line in item.text.splitlines() if line.strip()]
    if type(trouble).__name__ == "PapermillExecutionError" and lines:
        return in_one_line(lines[-1])
    return in_one_line(f"{type(trouble).__name__}: {trouble}")


def failing_cell(executed: NotebookNode, nonce: str) -> tuple[int, str] | None:
    """Return the index of the first cell that did not run well, and why; None if all did.

    Args:
        executed: A notebook as papermill left it, with the sentinel as its last cell.
        nonce: What the sentinel prints.
    """
    for index, cell in enumerate(executed.cells):
        if not _is_code(cell):
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
        return len(executed.cells) - 1, "did not answer: the kernel was gone after the last cell"
    return None


def _run_papermill(
    notebook: NotebookNode,
    parameters: Mapping[str, Any],
    output: Path,
    folder: Path,
    cell_started: CellStarted,
    noted: Noted,
) -> Exception | None:
    """Run the notebook and return what papermill raised, if anything."""
    import papermill
    from papermill.engines import papermill_engines

    papermill_engines.register("notebook-press", _engine())
    # papermill can't read `Annotated[int, Ge(1)]` and would call such a parameter unknown.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        papermill.execute_notebook(
            notebook,
            str(output).replace("{", "{{").replace("}", "}}"),  # papermill formats paths
            parameters=dict(parameters),
            engine_name="notebook-press",
            progress_bar=False,
            cwd=folder,
            cell_started=cell_started,
            noted=noted,
            log_path=output.with_suffix(".log"),
        )
    except Exception as error:  # whatever it is, the gate says what became of the run
        return error
    return None


def _engine() -> Any:
    """Return papermill's own engine, which also says which cell it starts.

    The kernel talks over sockets in a folder that only this user can enter, not over TCP ports, and
    what its libraries write past Jupyter goes to a file, not to the terminal.
    """
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import Engine
    from papermill.log import logger
    from traitlets.config import Config

    class ReportingClient(LimitedOutput, PapermillNotebookClient):  # type: ignore[misc]
        noted: Noted

        def process_message(self, msg: Any, *rest: Any, **named: Any) -> Any:
            note = _progress_note(msg)
            if note is None:
                return super().process_message(msg, *rest, **named)
            self.noted(note)
            return None

    class ReportingEngine(Engine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(
            cls,
            nb_man: Any,
            kernel_name: str,
            *,
            cell_started: CellStarted,
            noted: Noted,
            log_path: Path,
            **_: Any,
        ) -> None:
            cell_start = nb_man.cell_start

            def reporting_cell_start(cell: NotebookNode, cell_index: int, **rest: Any) -> None:
                cell_started(cell_index)
                cell_start(cell, cell_index, **rest)

            nb_man.cell_start = reporting_cell_start
            short = "/tmp" if len(tempfile.gettempdir()) > LONGEST_SOCKET_FOLDER else None  # noqa: S108
            with (
                tempfile.TemporaryDirectory(prefix="press-", dir=short) as sockets,
                kernel_log(log_path) as log,
            ):
                ipc = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
                client = ReportingClient(
                    nb_man, kernel_name=kernel_name, config=ipc, log=logger, timeout=None
                )
                client.noted = noted
                client.execute(stdout=log, stderr=log)

    return ReportingEngine


def _progress_note(message: Mapping[str, Any]) -> str | None:
    """Return what a kernel's message says of a cell's progress; None where it is no such message.

    It ends on a terminal, so it is one line of letters that can be printed.
    """
    content = message.get("content") or {}
    details = (content.get("metadata") or {}).get(METADATA_KEY)
    if not isinstance(details, Mapping) or details.get("kind") != "progress":
        return None
    text = one_line((content.get("data") or {}).get("text/plain", ""))
    return "".join(letter for letter in text if letter.isprintable())


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
    return any(_error_output(cell) is not None for cell in executed.cells if _is_code(cell))


def _with_sentinel(notebook: NotebookNode, nonce: str) -> NotebookNode:
    guarded = copy.deepcopy(notebook)
    for cell in guarded.cells:
        if cell.cell_type == "code":  # what an earlier run left must not pass for this one's
            cell.outputs, cell.execution_count = [], None
    sentinel = nbformat.v4.new_code_cell(  # type: ignore[no-untyped-call]
        f'print("{nonce}")', metadata={"tags": [SENTINEL_TAG]}
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


def _is_code(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code" and cell.source.strip())
