"""What the cells of a run wrote to stderr: for the build's log, never for the page."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from nbformat import NotebookNode

from notebook_press.execution import failure
from notebook_press.terminal_text import in_one_line, without_terminal_codes

__all__ = ["MOST_LINES", "CellStderr", "account_for", "as_log", "counted", "read_stderr"]

MOST_LINES = 20  # of one cell in the log; the executed notebook holds them all

# As the standard library's `warnings.formatwarning` writes them: file, line, category, message.
_WARNING = re.compile(r"^.*?:\d+: (\w*Warning: .*)$", re.MULTILINE)


@dataclass(frozen=True)
class CellStderr:
    """What one cell wrote to stderr.

    Attributes:
        cell: The cell's position in the executed notebook, from 0.
        lines: The lines that are not empty, without terminal codes; of a line that was rewritten,
            as progress bars do, the last state.
        warnings: The category and the message of each Python warning among them.
    """

    cell: int
    lines: tuple[str, ...]
    warnings: tuple[str, ...]


def account_for(
    executed: NotebookNode, report: str, *, strict: bool, log: Callable[[str], None]
) -> dict[str, int]:
    """Put what a run wrote to stderr into the log; return how much it was, for the manifest.

    Args:
        executed: The executed notebook.
        report: The name that messages use.
        strict: Refuse Python warnings.
        log: Called with each line for the log.

    Raises:
        NotebookFailedError: There is a Python warning, and the build is strict.
    """
    found = read_stderr(executed)
    for stderr in found:
        for line in as_log(report, stderr):
            log(line)
    warned = [stderr for stderr in found if stderr.warnings]
    if warned and strict:
        why = f"warned, which --strict refuses: {in_one_line(warned[0].warnings[0])}"
        raise failure(executed, report, warned[0].cell, why)
    return counted(executed)


def counted(executed: NotebookNode) -> dict[str, int]:
    """Return how much a run wrote to stderr, for the manifest."""
    found = read_stderr(executed)
    return {
        "stderr_lines": sum(len(stderr.lines) for stderr in found),
        "warnings": sum(len(stderr.warnings) for stderr in found),
    }


def read_stderr(executed: NotebookNode) -> tuple[CellStderr, ...]:
    """Return what each cell that wrote to stderr wrote there, in order."""
    found = []
    for position, cell in enumerate(executed.cells):
        text = "".join(
            output.text
            for output in cell.get("outputs", ())
            if output.output_type == "stream" and output.name == "stderr"
        )
        text = without_terminal_codes(text)
        lines = (line.rstrip().rpartition("\r")[2] for line in text.split("\n"))
        shown = tuple(line for line in lines if line)
        if shown:
            warnings = tuple(line.strip() for line in _WARNING.findall(text.replace("\r", "\n")))
            found.append(CellStderr(position, shown, warnings))
    return tuple(found)


def as_log(report: str, stderr: CellStderr) -> list[str]:
    """Return the lines that a build's log shows of it."""
    start = f"{report}: cell {stderr.cell + 1} stderr:"
    lines = [f"{start} {in_one_line(line)}" for line in stderr.lines[:MOST_LINES]]
    rest = len(stderr.lines) - MOST_LINES
    if rest > 0:
        lines.append(f"{start} … and {rest} more line{'' if rest == 1 else 's'}")
    return lines
