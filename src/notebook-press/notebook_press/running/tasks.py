"""A run as a value: what is to be run goes in, what came of it comes out, and both pickle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from nbformat import NotebookNode

from notebook_press.project import Project
from notebook_press.running.processes import TimeLimits


@dataclass(frozen=True)
class RunTask:
    """A notebook to be run.

    Attributes:
        report: The name that messages use.
        notebook: The notebook; it is not changed.
        parameters: Every parameter's value, injected after the cell tagged `parameters`.
        folder: The kernel's working directory.
        log: Where what the kernel wrote past Jupyter is kept.
        mark: The variable that marks the kernel's processes.
        limits: How long a cell and the run may take.
        threads: How many threads libraries may use in the kernel; None leaves that to them.
        project: The project that the notebook belongs to.
        inputs: SHA-256 of each input file, by name.
        expected: The run key that it was planned with.
        tagged_errors: Whether cells tagged `raises-exception` may raise one.
    """

    report: str
    notebook: NotebookNode
    parameters: Mapping[str, Any]
    folder: Path
    log: Path
    mark: str
    limits: TimeLimits = field(default=TimeLimits())
    threads: int | None = None
    project: Project | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, str] = field(default_factory=dict)
    tagged_errors: bool = False


@dataclass(frozen=True)
class Failure:
    """Why a run does not count.

    Attributes:
        cell: The index of the cell that it ended at.
        why: What is said of that cell.
        of: What failed: a cell, the kernel, which died, or the worker, which was lost.
    """

    cell: int
    why: str
    of: Literal["cell", "kernel", "worker"] = "cell"


@dataclass(frozen=True)
class RunOutcome:
    """What came of a task.

    Attributes:
        executed: The notebook as far as it ran.
        failed: Why the run does not count; None if it does.
        trouble: The system's error that ended the run, where it was one, as of a full disk.
        seconds: How long it took, without what a kernel that was ready waited for its turn.
        facts: What a page says of the run's making, as found where it ran.
        key: The run key, as found where it ran; what changed meanwhile is marked in it.
    """

    executed: NotebookNode
    failed: Failure | None = None
    trouble: OSError | None = None
    seconds: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)
    key: Mapping[str, str] = field(default_factory=dict)


class Observer(Protocol):
    """Who is told what happens while a notebook runs."""

    def ready(self) -> None:
        """Take note that the kernel is there, and return when its cells may run."""

    def cell_started(self, index: int) -> None:
        """Take note that the cell of this index starts."""

    def note(self, text: str) -> None:
        """Take note of what the cell in progress says of itself."""
