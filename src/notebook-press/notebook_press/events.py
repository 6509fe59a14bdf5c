"""What happens in a build, as who follows it is told: in words, as JSON lines, or not at all."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self, TextIO

from nbformat import NotebookNode

from notebook_press.messages import in_one_line
from notebook_press.notebook import is_injected, is_parameters, is_run

VERSION = 1
"""The version of the JSON lines' form; what is added to it changes nothing that was there."""

LONGEST_LABEL = 60
LONGEST_NOTE = 100

Kind = Literal[
    "started",
    "cell",
    "note",
    "ended",
    "published",
    "failed",
    "up to date",
    "planned",
    "progress",
    "said",
]


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        kind: What happened; `said` is words and nothing else.
        report: The report that it happened to; empty for the build as a whole.
        words: The line that a log has of it; empty where it has none.
        facts: What a program is told besides.
    """

    kind: Kind
    report: str
    words: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Teller(Protocol):
    """Who is told what happens; runs side by side tell it from several threads."""

    def tell(self, event: Event) -> None:
        """Take note of an event."""


class Silence:
    """Is told, and says nothing."""

    def tell(self, event: Event) -> None:
        """Take no note."""


class JsonLines:
    """Writes a line of JSON for each event, and tells another the words."""

    def __init__(self, stream: TextIO, words: Teller) -> None:
        self._stream, self._words = stream, words

    def tell(self, event: Event) -> None:
        """Write the event, in one write: lines of several threads never mix."""
        self._words.tell(event)
        if event.kind not in ("said", "ended"):
            kind = event.kind.replace(" ", "_")
            line = {"version": VERSION, "event": kind, "report": event.report, **event.facts}
            self._stream.write(f"{json.dumps(line)}\n")
            self._stream.flush()


class RunProgress:
    """Follows one run: the cell in progress, cells done of the total, and seconds.

    The labels are the headings above the cells. Use as a context manager around the run.

    Attributes:
        cells: How many cells there are, with the one that papermill injects.
    """

    def __init__(
        self,
        teller: Teller,
        report: str,
        notebook: NotebookNode,
        last_seconds: float | None,
        *,
        injects: bool = True,
    ) -> None:
        """Start the clock, and tell that the run starts.

        Args:
            teller: Who is told.
            report: The report's name.
            notebook: The notebook before papermill injects its cell.
            last_seconds: How long the last run took, where known.
            injects: Whether papermill injects a cell.
        """
        self._report, self._teller = report, teller
        self._cells = _cells(notebook, injects)
        self._where: Mapping[str, Any] = {}
        self._start = time.monotonic()
        about = "" if last_seconds is None else f", about {last_seconds:.0f} s"
        facts = {"cells": len(self._cells), "last_seconds": last_seconds}
        self._tell("started", f"starting, {len(self._cells)} cells{about}", facts)

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Tell that the run has ended, where an error or a signal ended it."""
        self.end()

    def end(self) -> None:
        """Tell that the run has ended, whatever came of it."""
        self._teller.tell(Event("ended", self._report))

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def ready(self) -> None:
        """Start the clock anew where a kernel that was ready had to wait for its turn."""
        self._start = time.monotonic()

    def cell_started(self, index: int) -> None:
        """Tell that a cell starts; of the press's own cell at the end nothing is told."""
        if index < len(self._cells):
            label, is_code = self._cells[index]
            self._where = {"cell": index + 1, "cells": len(self._cells), "heading": label}
            if is_code:
                self._tell("cell", self._told(label), self._where)

    def note(self, text: str) -> None:
        """Tell what the cell in progress says of itself."""
        text = text[:LONGEST_NOTE]
        self._tell("note", self._told(text), {**self._where, "note": text})

    def _told(self, text: str) -> str:
        where = f"cell {self._where['cell']}/{self._where['cells']}" if self._where else "starting"
        return f"{where}, {self.seconds:.0f} s  {text}"

    def _tell(self, kind: Kind, words: str, facts: Mapping[str, Any]) -> None:
        facts = {**facts, "seconds": round(self.seconds, 1)}
        self._teller.tell(Event(kind, self._report, f"{self._report}: {words}", facts))


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
