"""What a build shows while it runs: a live line on a terminal, plain lines in a log.

The console's pipe, log or terminal may go away: what is told is lost then, not the build.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self, TextIO

from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from notebook_press.messages import in_one_line

LONGEST_LABEL = 60
LONGEST_NOTE = 100


class RunProgress:
    """Shows the cell in progress, cells done of the total, seconds, and the last run's seconds.

    Use as a context manager around one run; call `cell_started` with each cell's index. The labels
    are the headings above the cells.
    """

    def __init__(
        self,
        console: Console,
        report: str,
        notebook: NotebookNode,
        *,
        injected_after: int | None,
        last_seconds: float | None,
    ) -> None:
        """Prepare to show a run.

        Args:
            console: Where to show it.
            report: The report's name.
            notebook: The notebook before papermill injects its cell.
            injected_after: The index of the cell after which papermill injects one, if it does.
            last_seconds: How long the last run took, where known.
        """
        self._console = console
        self._report = report
        self._labels = _labels(notebook)
        self._code = [cell.cell_type == "code" for cell in notebook.cells]
        if injected_after is not None:
            self._labels.insert(injected_after + 1, "parameters")
            self._code.insert(injected_after + 1, True)
        self._last = "" if last_seconds is None else f" of about {last_seconds:.0f} s"
        self._live: Progress | None = None
        self._where, self._label = "", ""

    def __enter__(self) -> Self:
        """Start the clock."""
        self._start = time.monotonic()
        if self._console.is_terminal:
            self._live = Progress(
                TextColumn("{task.fields[report]}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[last]} {task.description}", markup=False),
                console=self._console,
                transient=True,
            )
            self._live.start()
            self._task = self._live.add_task(
                "starting", total=len(self._labels), report=self._report, last=self._last
            )
        else:
            self._line(f"starting, {len(self._labels)} cells{self._last.replace(' of', ',')}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the live line away."""
        if self._live is not None:
            self._live.stop()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def cell_started(self, index: int) -> None:
        """Show that a cell starts; the press's own cell at the end is not shown."""
        if index >= len(self._labels):
            return
        self._label = self._labels[index]
        self._where = f"cell {index + 1}/{len(self._labels)}"
        if self._live is not None:
            self._live.update(self._task, completed=index, description=self._label)
        elif self._code[index]:
            self._line(f"{self._where}, {self.seconds:.0f} s  {self._label}")

    def note(self, text: str) -> None:
        """Show what the cell in progress says of itself."""
        text = text[:LONGEST_NOTE]
        if self._live is not None:
            self._live.update(self._task, description=f"{self._label}: {text}")
        else:
            self._line(f"{self._where}, {self.seconds:.0f} s  {text}")

    def _line(self, text: str) -> None:
        self._console.print(
            f"{self._report}: {text}", markup=False, highlight=False, soft_wrap=True
        )


def _labels(notebook: NotebookNode) -> list[str]:
    """Return the heading above each cell."""
    labels, heading = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = [line for line in cell.source.splitlines() if line.startswith("#")]
            heading = in_one_line(lines[-1].lstrip("# "))[:LONGEST_LABEL] if lines else heading
        labels.append(heading)
    return labels


def lasting_console() -> Console:
    """Return a console on stdout that raises nothing where that can't be written any more."""
    stream: Any = None if sys.stdout is None else _LastingStream(sys.stdout)
    return Console(file=stream)


class _LastingStream:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        with self._lasting():
            self._stream.write(text)

    def flush(self) -> None:
        with self._lasting():
            self._stream.flush()

    @contextmanager
    def _lasting(self) -> Iterator[None]:
        try:
            yield
        except OSError:  # the reader is gone, or the disk is full
            with suppress(OSError):  # else Python would try again at its end, and complain
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)
