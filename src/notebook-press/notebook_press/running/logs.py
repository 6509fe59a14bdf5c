"""What a run writes that no page shows: a kernel's log, and what cells wrote to stderr."""

import os
import re
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from nbformat import NotebookNode

from notebook_press.messages import how_many, in_one_line, without_terminal_codes
from notebook_press.notebook import failure

LOG_PART = 500_000
"""Bytes that are kept of a log's beginning, and of its end."""

READ_AT_ONCE = 2**16
LAST_READ = 2**20  # as much as a pipe can hold where no administrator raised it (pipe(7))


@contextmanager
def kernel_log(path: Path) -> Iterator[int]:
    """Keep what is written to the descriptor given in a file of bounded size.

    The pipe is always read, so that a kernel never waits; at the end only what lies in it is still
    read, so that a process left with it open is not waited for.
    """
    with path.open("wb", buffering=0) as file:
        source, sink = os.pipe()
        stop, stopper = os.pipe()
        reader = threading.Thread(target=_keep, args=(file, source, stop), daemon=True)
        reader.start()
        try:
            yield sink
        finally:
            os.close(sink)
            os.close(stopper)
            reader.join()
            os.close(source)
            os.close(stop)


def _keep(file: FileIO, source: int, stop: int) -> None:
    size = 0
    end = bytearray()
    for piece in _pieces(source, stop):
        room = max(LOG_PART - size, 0)
        size += len(piece)
        _write(file, piece[:room])
        end += piece[room:]
        del end[:-LOG_PART]
    if size > 2 * LOG_PART:
        _write(file, f"\n[{size - 2 * LOG_PART:,} bytes are left out here]\n".encode())
    _write(file, end)


def _pieces(source: int, stop: int) -> Iterator[bytes]:
    """Return what is written until it is told to stop, and what lies in the pipe by then."""
    left = LAST_READ
    while left > 0:
        ready, _, _ = select.select([source, stop], [], [])
        piece = os.read(source, READ_AT_ONCE) if source in ready else b""
        if not piece:
            return
        yield piece
        if stop in ready:
            left -= len(piece)


def _write(file: FileIO, piece: bytes | bytearray) -> None:
    with suppress(OSError):  # a full disk must not keep the pipe from being read
        file.write(piece)


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
        for line in _as_log(report, stderr):
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


def _as_log(report: str, stderr: CellStderr) -> list[str]:
    """Return the lines that a build's log shows of it."""
    start = f"{report}: cell {stderr.cell + 1} stderr:"
    lines = [f"{start} {in_one_line(line)}" for line in stderr.lines[:MOST_LINES]]
    rest = len(stderr.lines) - MOST_LINES
    if rest > 0:
        lines.append(f"{start} … and {how_many(rest, 'more line')}")
    return lines
