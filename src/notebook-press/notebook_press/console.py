"""What a build shows while it runs: live lines on a terminal, one a run, or plain lines in a log.

The console's pipe, log or terminal may go away: what is told is lost then, not the build.
"""

import io
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from notebook_press.events import Event

LIVE = ("started", "cell", "note")
"""What a terminal has no lasting line of."""


class Terminal:
    """Tells of a build in words, and on a terminal shows the runs at work."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Progress(
            TextColumn("{task.fields[report]}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[last]} {task.description}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._one = threading.Lock()

    def tell(self, event: Event) -> None:
        """Show an event."""
        with self._one:
            if event.words and not (self._console.is_terminal and event.kind in LIVE):
                self._console.print(event.words, markup=False, highlight=False, soft_wrap=True)
            if event.kind == "started":
                self._start(event)
            elif event.kind == "progress":
                self._sum_up(event)
            elif event.report in self._tasks:
                self._move(event)

    def _start(self, event: Event) -> None:
        last = event.facts["last_seconds"]
        self._tasks[event.report] = self._live.add_task(
            "starting",
            total=event.facts["cells"],
            report=event.report,
            last="" if last is None else f" of about {last:.0f} s",
        )
        self._live.start()

    def _sum_up(self, event: Event) -> None:
        """Show how far a sweep is, above the points at work."""
        facts = event.facts
        if facts["sweep"] not in self._tasks:
            self._tasks[facts["sweep"]] = self._live.add_task(
                "", total=facts["points"], report=facts["sweep"], last=""
            )
            self._live.start()
        task, failed = self._tasks[facts["sweep"]], facts["failed"]
        self._live.update(task, completed=facts["done"], last=f"{failed} failed" if failed else "")

    def _end(self, name: str) -> None:
        task = self._tasks.pop(name)
        if not self._tasks:
            self._live.stop()
        self._live.remove_task(task)

    def _move(self, event: Event) -> None:
        task, facts = self._tasks[event.report], event.facts
        if event.kind == "cell":
            done, heading = facts["cell"] - 1, facts["heading"]
            self._live.update(task, completed=done, description=heading)
        elif event.kind == "note":
            heading = facts.get("heading", "")
            self._live.update(task, description=f"{heading}: {facts['note']}")
        elif event.kind == "ended":
            self._end(event.report)


def lasting_console(*, stderr: bool = False) -> Console:
    """Return a console that raises nothing where it can't be written any more.

    Args:
        stderr: Whether it is on stderr; on stdout without it.
    """
    return Console(file=_lasting(sys.stderr if stderr else sys.stdout))


def stdout_alone() -> Any:
    """Return stdout as a stream that raises nothing; what else is written there goes to stderr."""
    stream: TextIO | None = sys.stdout
    with suppress(OSError, AttributeError):  # one of them is closed, or is no file
        out, error = sys.stdout.fileno(), sys.stderr.fileno()
        stream = os.fdopen(os.dup(out), "w", encoding="utf-8")
        os.dup2(error, out)
    return _lasting(stream)


def _lasting(stream: TextIO | None) -> Any:
    return _LastingStream(io.StringIO() if stream is None else stream)


class _LastingStream:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # the reader is gone, or the disk is full
            # What is left would be written again at Python's end, and complained about.
            with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), self._stream.fileno())

    def flush(self) -> None:
        """Do nothing: what is written is flushed."""
