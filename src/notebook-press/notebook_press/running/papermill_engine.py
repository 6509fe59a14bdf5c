"""papermill's own engine and client, which also say what happens while a notebook runs.

The kernel talks over sockets in a folder that only this user can enter, not over TCP ports, and
what its libraries write past Jupyter goes to a file, not to the terminal.
"""

import copy
import logging
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from notebook_press.author import METADATA_KEY
from notebook_press.errors import PressError
from notebook_press.messages import in_one_line
from notebook_press.running import signals
from notebook_press.running.gate import (
    failing_cell,
    failure,
    has_error,
    is_code,
    with_sentinel,
    without_markers,
    without_sentinel,
)
from notebook_press.running.logs import kernel_log
from notebook_press.running.output import LimitedOutput
from notebook_press.running.processes import (
    Kernel,
    TimeLimits,
    Watchdog,
    mark_of,
    private_folder,
)

NO_LIMITS = TimeLimits()
Began = Callable[[NotebookNode], None]
CellStarted = Callable[[int], None]
Noted = Callable[[str], None]


class KernelQuitError(Exception):
    """A cell asked its kernel to end, with `quit()` say; it would go on for a moment."""


def engine() -> Any:
    """Return the class of the engine, for papermill to register."""
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import Engine
    from papermill.log import logger
    from traitlets.config import Config

    class ReportingClient(LimitedOutput, PapermillNotebookClient):  # type: ignore[misc]
        noted: Noted
        kernel: Kernel
        watchdog: Watchdog

        def start_new_kernel(self, **named: Any) -> None:
            super().start_new_kernel(**named)
            self.kernel.started(getattr(self.km.provisioner, "process", None))

        def process_message(self, msg: Any, *rest: Any, **named: Any) -> Any:
            note = _progress_note(msg)
            if note is None:
                return super().process_message(msg, *rest, **named)
            self.noted(note)
            return None

        def _cleanup_kernel(self) -> None:
            self.watchdog.rest()
            if sys.exception() is not None:  # ask no kernel that may not answer
                self.shutdown_kernel = "immediate"
            super()._cleanup_kernel()

    class ReportingEngine(Engine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(
            cls,
            nb_man: Any,
            kernel_name: str,
            *,
            began: Began,
            cell_started: CellStarted,
            noted: Noted,
            kernel: Kernel,
            watchdog: Watchdog,
            log_path: Path,
            **_: Any,
        ) -> None:
            began(nb_man.nb)
            cell_start = nb_man.cell_start

            def reporting_cell_start(cell: NotebookNode, cell_index: int, **rest: Any) -> None:
                watchdog.cell_started(cell_index)
                cell_started(cell_index)
                cell_start(cell, cell_index, **rest)

            nb_man.cell_start = reporting_cell_start
            with private_folder(kernel.mark) as private, kernel_log(log_path) as log:
                ipc = {"transport": "ipc", "ip": f"{private}/kernel"}
                files = {"connection_file": f"{private}/connection.json"}
                config = Config({"KernelManager": {**ipc, **files}})
                client = ReportingClient(
                    nb_man, kernel_name=kernel_name, config=config, log=logger, timeout=None
                )
                client.on_cell_executed = _refuse_to_quit
                client.noted, client.kernel, client.watchdog = noted, kernel, watchdog
                with signals.killing(kernel.kill, kernel.end), watchdog:
                    try:
                        client.execute(stdout=log, stderr=log, env=kernel.marked_environment)
                    finally:
                        with signals.unbroken():
                            kernel.end()

    return ReportingEngine


def _refuse_to_quit(execute_reply: Mapping[str, Any], **_: Any) -> None:
    for each in execute_reply["content"].get("payload", ()):
        if each.get("source") == "ask_exit" and not each.get("keepkernel"):
            raise KernelQuitError("asked its kernel to end; leave that out")


def _progress_note(message: Mapping[str, Any]) -> str | None:
    """Return what a kernel's message says of a cell's progress; None where it is no such message.

    It ends on a terminal, so it is one line of letters that can be printed.
    """
    content = message.get("content") or {}
    details = (content.get("metadata") or {}).get(METADATA_KEY)
    if not isinstance(details, Mapping) or details.get("kind") != "progress":
        return None
    return in_one_line((content.get("data") or {}).get("text/plain", ""))


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
    signals.raise_if_taken()
    nonce = secrets.token_hex(16)
    # A kernel that never starts ends the run at the first cell that it was to execute.
    first = next((i for i, cell in enumerate(notebook.cells) if is_code(cell)), 0)
    live: list[NotebookNode] = []
    guarded = with_sentinel(notebook, nonce)
    kernel = Kernel(mark or mark_of(output.parent))
    watchdog = Watchdog(limits, kernel.kill, first)
    trouble = _run_papermill(
        guarded,
        parameters,
        output,
        folder,
        began=live.append,
        cell_started=cell_started,
        noted=noted,
        kernel=kernel,
        watchdog=watchdog,
    )
    executed = without_markers(_read_back(output) or copy.deepcopy([guarded, *live][-1]))
    failing = failing_cell(executed, nonce)
    if watchdog.reason is not None:
        failing = watchdog.cell, watchdog.reason
    elif trouble is not None and not has_error(executed):
        # A dead kernel leaves its cell with a number and the next one without: name the former.
        failing = (
            watchdog.cell,
            f"ended the run: {_cause(trouble, executed, watchdog.cell, kernel)}",
        )
    if isinstance(trouble, KernelQuitError):
        failing = watchdog.cell, str(trouble)
    if failing is not None:
        raise failure(without_sentinel(executed), report, *failing) from trouble
    return without_sentinel(executed)


def _cause(trouble: Exception, executed: NotebookNode, cell: int, kernel: Kernel) -> str:
    """Return why a run ended without an error output: a refused magic command says it on stderr."""
    streams = (item for item in executed.cells[cell].get("outputs", ()) if "text" in item)
    lines = [line for item in streams for line in item.text.splitlines() if line.strip()]
    if type(trouble).__name__ == "PapermillExecutionError" and lines:
        return in_one_line(lines[-1])
    death = kernel.death() if "Kernel died" in str(trouble) else ""  # not where the press ended it
    return in_one_line(f"{type(trouble).__name__}: {trouble}") + (f" ({death})" if death else "")


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
        signals.raise_if_taken()
        return error
    return None


def _read_back(output: Path) -> NotebookNode | None:
    try:
        executed: NotebookNode = nbformat.read(output, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.reader.NotJSONError, nbformat.ValidationError):
        return None
    return executed
