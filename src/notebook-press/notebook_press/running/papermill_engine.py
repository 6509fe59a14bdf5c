"""papermill's own engine and client, which also say what happens while a notebook runs.

The kernel talks over sockets in a folder that only this user can enter, and what its libraries
write past Jupyter goes to a file, not to the terminal.
"""

import copy
import logging
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook
from papermill.log import logger
from papermill.translators import papermill_translators
from traitlets.config import Config

from notebook_press.author import METADATA_KEY
from notebook_press.errors import PressError
from notebook_press.messages import in_one_line
from notebook_press.notebook import is_run
from notebook_press.parameters.types import as_data
from notebook_press.running import signals
from notebook_press.running.answers import AnsweredClient
from notebook_press.running.gate import (
    PAPERMILL_MARKER_TAG,
    SENTINEL_TAG,
    Ending,
    failing_cell,
    verdict,
    with_sentinel,
    without_tag,
)
from notebook_press.running.logs import kernel_log
from notebook_press.running.output import LimitedOutput
from notebook_press.running.processes import Kernel, Watchdog, private_folder
from notebook_press.running.tasks import Observer, RunOutcome, RunTask
from notebook_press.running.threads import threads_environment
from notebook_press.running.translating import DatedTranslator

ENGINE = "notebook-press"


class _Run:
    """One task in progress: its kernel, and the watchdog that knows how far it has come."""

    def __init__(self, task: RunTask, observer: Observer) -> None:
        self.task = task
        self.observer = observer
        self.nonce = secrets.token_hex(16)
        self.guarded = self.live = with_sentinel(task.notebook, self.nonce)
        self.kernel = Kernel(task.mark)
        self.closing = ExitStack()
        # A kernel that never starts ends the run at the first cell that it was to execute.
        first = next((i for i, cell in enumerate(task.notebook.cells) if is_run(cell)), 0)
        self.watchdog = Watchdog(task.limits, self.kernel.kill, first)

    def cell_started(self, index: int) -> None:
        self.watchdog.cell_started(index)
        self.observer.cell_started(index)


@contextmanager
def run(task: RunTask, observer: Observer) -> Iterator[RunOutcome]:
    """Give what came of running a notebook with papermill, judged by the gate.

    A kernel that has done all cells ends during the body, in which pages can be made. After it none
    of its processes is left.
    """
    signals.raise_if_taken()
    current = _Run(task, observer)
    with current.closing:
        outcome = _outcome(current)
        if outcome.failed is not None:
            current.closing.close()  # and its log is whole
        yield outcome


def _outcome(current: _Run) -> RunOutcome:
    trouble = _run_papermill(current)
    executed = without_tag(copy.deepcopy(current.live), PAPERMILL_MARKER_TAG)
    allowed = {"tagged_errors": current.task.tagged_errors}
    if isinstance(trouble, PapermillExecutionError):  # papermill knows no tag that allows an error
        trouble = trouble if failing_cell(executed, current.nonce, **allowed) else None
    ending = Ending(
        current.watchdog.cell,
        reason=current.watchdog.reason,
        trouble=_cause(trouble, executed, current) if trouble is not None else None,
        died=_has_died(trouble),
    )
    failed = verdict(executed, current.nonce, ending, **allowed)
    system = trouble if isinstance(trouble, OSError) else None
    seconds = current.watchdog.seconds
    return RunOutcome(without_tag(executed, SENTINEL_TAG), failed, system, seconds)


def _run_papermill(current: _Run) -> Exception | None:
    """Run the notebook with its sentinel, and return what papermill raised, if anything."""
    papermill_engines.register(ENGINE, ReportingEngine)
    papermill_translators.register("python", DatedTranslator)
    # papermill can't read `Annotated[int, Ge(1)]` and would call such a parameter unknown. What it
    # logs of a run that failed is said by the gate, with the cell.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    try:
        execute_notebook(
            current.guarded,
            None,  # it would write all outputs so far, twice a cell; they are in `live`
            parameters=dict(current.task.parameters),
            engine_name=ENGINE,
            progress_bar=False,
            cwd=current.task.folder,
            current=current,
        )
    except PressError:
        raise
    except Exception as error:  # whatever it is, the gate says what became of the run
        signals.raise_if_taken()
        return error
    return None


def _cause(trouble: Exception, executed: NotebookNode, current: _Run) -> str:
    """Return why a run ended without an error output: a refused magic command says it on stderr."""
    outputs = executed.cells[current.watchdog.cell].get("outputs", ()) if executed.cells else ()
    lines = [line for item in outputs for line in item.get("text", "").splitlines() if line.strip()]
    if isinstance(trouble, PapermillExecutionError) and lines:
        return in_one_line(lines[-1])
    death = current.kernel.death() if _has_died(trouble) else ""
    return in_one_line(f"{type(trouble).__name__}: {trouble}") + (f" ({death})" if death else "")


def _has_died(trouble: Exception | None) -> bool:
    return "Kernel died" in str(trouble)  # not where the press ended it


class ReportingEngine(Engine):  # type: ignore[misc]
    """Runs a notebook that papermill manages, and tells who asked for it what happens."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, current: _Run, **_: Any
    ) -> None:
        """Run the notebook; papermill's other options are of no use here.

        Args:
            nb_man: papermill's manager of the notebook.
            kernel_name: The kernel's name.
            current: The run that the press asked for.
            **_: What papermill gives its own engine.
        """
        current.live = nb_man.nb
        noted = nb_man.nb.metadata.get("papermill", {})
        noted["parameters"] = as_data(noted.get("parameters", {}))  # which it writes as JSON
        cell_start = nb_man.cell_start

        def reporting_cell_start(cell: NotebookNode, cell_index: int, **rest: Any) -> None:
            current.cell_started(cell_index)
            cell_start(cell, cell_index, **rest)

        nb_man.cell_start = reporting_cell_start
        kernel, closing = current.kernel, current.closing
        private = closing.enter_context(private_folder(kernel.mark))
        log = closing.enter_context(kernel_log(current.task.log))
        ipc = {"transport": "ipc", "ip": f"{private}/kernel"}
        files = {"connection_file": f"{private}/connection.json"}
        answered = {"client_class": f"{AnsweredClient.__module__}.{AnsweredClient.__name__}"}
        config = Config({"KernelManager": {**ipc, **files, **answered}})
        client = ReportingClient(
            nb_man,
            kernel_name=kernel_name,
            config=config,
            log=logger,
            timeout=None,
            force_raise_errors=not current.task.tagged_errors,
        )
        client.kernel_manager_class = LeavingKernelManager
        client.on_cell_executed = partial(_refuse_to_quit, current.watchdog)
        client.current, client.watchdog = current, current.watchdog
        closing.enter_context(signals.killing(kernel.kill, kernel.end))
        closing.push(partial(_finish, kernel))
        with current.watchdog:
            threads = threads_environment(current.task.threads)
            environment = {**kernel.marked_environment, **threads}
            client.execute(stdout=log, stderr=log, env=environment)


def _finish(kernel: Kernel, error: type[BaseException] | None, *_: object) -> None:
    """End a kernel; one that was asked to end has the time to do so, if nothing went wrong."""
    with signals.unbroken():
        if error is None:
            kernel.wait()
        kernel.end()


class LeavingKernelManager(AsyncKernelManager):
    """Asks a kernel to end without waiting for it: that is done when the pages are made."""

    async def _async_finish_shutdown(self, *_: Any, **__: Any) -> None:
        pass


class ReportingClient(LimitedOutput, PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client, which knows the kernel's process and tells what a cell says."""

    current: _Run

    def start_new_kernel(self, **named: Any) -> None:
        """Start the kernel, and take note of its process."""
        super().start_new_kernel(**named)
        self.current.kernel.process = getattr(self.km.provisioner, "process", None)

    def start_new_kernel_client(self) -> Any:
        """Start the client, which tells where the kernel owes an answer."""
        client = super().start_new_kernel_client()
        channel, watchdog = client.shell_channel, self.current.watchdog
        channel.patience, channel.missing = watchdog.limits.answer, watchdog.kernel_idle
        return client

    def papermill_execute_cells(self) -> None:
        """Execute the cells as soon as they may be: a kernel may have been started ahead."""
        with self.current.watchdog.stopped():
            self.current.observer.ready()
        super().papermill_execute_cells()

    def process_message(self, msg: Any, *rest: Any, **named: Any) -> Any:
        """Take in a message of the kernel; what it says of its progress is kept nowhere."""
        if msg["content"].get("execution_state") == "idle":
            self.current.watchdog.kernel_idle()
        note = _progress_note(msg)
        if note is None:
            return super().process_message(msg, *rest, **named)
        self.current.observer.note(note)
        return None

    def _cleanup_kernel(self) -> None:
        self.current.watchdog.rest()
        if sys.exception() is not None:  # ask no kernel that may not answer
            self.shutdown_kernel = "immediate"
        super()._cleanup_kernel()


def _refuse_to_quit(watchdog: Watchdog, execute_reply: Mapping[str, Any], **_: Any) -> None:
    for each in execute_reply["content"].get("payload", ()):
        if each.get("source") == "ask_exit" and not each.get("keepkernel"):
            # It would go on for a while.
            watchdog.end_run("asked its kernel to end; leave that out")
            raise DeadKernelError(watchdog.reason)


def _progress_note(message: Mapping[str, Any]) -> str | None:
    """Return what a kernel's message says of a cell's progress; None where it is no such message.

    It ends on a terminal, so it is one line of letters that can be printed.
    """
    content = message.get("content") or {}
    details = (content.get("metadata") or {}).get(METADATA_KEY)
    if not isinstance(details, Mapping) or details.get("kind") != "progress":
        return None
    return in_one_line((content.get("data") or {}).get("text/plain", ""))
