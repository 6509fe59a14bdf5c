"""papermill's own engine and client, which also say what happens while a notebook runs.

The kernel talks over sockets in a folder that only this user can enter, not over TCP ports, and
what its libraries write past Jupyter goes to a file, not to the terminal.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from notebook_press import stopping
from notebook_press.author import METADATA_KEY
from notebook_press.kernel_log import kernel_log
from notebook_press.kernels import Kernel, private_folder, privately
from notebook_press.output_limits import LimitedOutput
from notebook_press.terminal_text import in_one_line
from notebook_press.time_limits import Watchdog

__all__ = ["CellStarted", "KernelQuitError", "Noted", "engine"]

Began = Callable[[NotebookNode], None]
CellStarted = Callable[[int], None]
Noted = Callable[[str], None]


class KernelQuitError(Exception):
    """A cell asked its kernel to end, with `quit()` say; it would go on for a moment."""


def engine() -> Any:
    """Return the class of the engine, for papermill to register."""
    from jupyter_client.manager import AsyncKernelManager
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import Engine
    from papermill.log import logger
    from traitlets.config import Config

    class PrivateKernelManager(AsyncKernelManager):
        def format_kernel_cmd(self, *rest: Any, **named: Any) -> list[str]:
            return privately(super().format_kernel_cmd(*rest, **named))

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
                watchdog.cell_started()
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
                client.kernel_manager_class = PrivateKernelManager
                client.on_cell_executed = _refuse_to_quit
                client.noted, client.kernel, client.watchdog = noted, kernel, watchdog
                with stopping.killing(kernel.kill, kernel.end), watchdog:
                    try:
                        client.execute(stdout=log, stderr=log, env=kernel.environment)
                    finally:
                        with stopping.unbroken():
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
