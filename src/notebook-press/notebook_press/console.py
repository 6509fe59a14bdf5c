"""What a build shows while it runs: a live line on a terminal, plain lines in a log.

The console's pipe, log or terminal may go away: what is told is lost then, not the build.
"""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TextIO

from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from notebook_press.messages import in_one_line
from notebook_press.notebook import is_injected, is_parameters, is_run

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
        last_seconds: float | None,
        *,
        injects: bool = True,
    ) -> None:
        """Prepare to show a run.

        Args:
            console: Where to show it.
            report: The report's name.
            notebook: The notebook before papermill injects its cell.
            last_seconds: How long the last run took, where known.
            injects: Whether papermill injects a cell.
        """
        self._report, self._console = report, console
        self._cells = _cells(notebook, injects)
        self._last = "" if last_seconds is None else f"about {last_seconds:.0f} s"
        self._where = self._label = ""
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
        last = self._last and f" of {self._last}"
        total = len(self._cells)
        self._task = self._live.add_task("starting", total=total, report=report, last=last)

    def __enter__(self) -> Self:
        """Start the clock."""
        self._start = time.monotonic()
        self._live.start()
        self._line(f"starting, {len(self._cells)} cells{self._last and f', {self._last}'}")
        return self

    def __exit__(self, *_: object) -> None:
        """Take the live line away."""
        self._live.stop()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def cell_started(self, index: int) -> None:
        """Show that a cell starts; the press's own cell at the end is not shown."""
        if index < len(self._cells):
            self._label, is_code = self._cells[index]
            self._where = f"cell {index + 1}/{len(self._cells)}"
            self._live.update(self._task, completed=index, description=self._label)
            if is_code:
                self._line(f"{self._where}, {self.seconds:.0f} s  {self._label}")

    def note(self, text: str) -> None:
        """Show what the cell in progress says of itself."""
        text = text[:LONGEST_NOTE]
        self._live.update(self._task, description=f"{self._label}: {text}")
        self._line(f"{self._where}, {self.seconds:.0f} s  {text}")

    def _line(self, text: str) -> None:
        """Add a line to a log; a terminal has the live line."""
        if self._live.disable:
            line = f"{self._report}: {text}"
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _cells(notebook: NotebookNode, injects: bool) -> list[tuple[str, bool]]:
    """Return the heading above each cell that will be run, and whether it is code."""
    cells, heading = [], ""
    injects = injects and not any(map(is_injected, notebook.cells))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = [line for line in cell.source.splitlines() if line.startswith("#")]
            heading = in_one_line(lines[-1].lstrip("# "))[:LONGEST_LABEL] if lines else heading
        cells.append((heading, is_run(cell)))
        if injects and is_parameters(cell):
            cells.append(("parameters", True))  # which papermill injects, behind the first
            injects = False
    return cells


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
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # the reader is gone, or the disk is full
            # What is left would be written again at Python's end, and complained about.
            with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), self._stream.fileno())
