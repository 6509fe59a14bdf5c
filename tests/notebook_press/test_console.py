"""What a build shows while it runs, and that it lasts where nobody is there to see it."""

import io
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from notebook_press.console import Terminal, lasting_console
from notebook_press.events import Event, RunProgress

MAIN = "from notebook_press.cli import main; main()"
FULL = Path("/dev/full")  # a device that takes nothing (full(4), Linux only)


def notebook():
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Title\n\n## What are the data?"),
            nbformat.v4.new_code_cell("a = 1", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_markdown_cell("## Where does it err?"),
            nbformat.v4.new_code_cell("b = 2"),
        ]
    )


def lines(*started: int, note: str = "", terminal: bool = False, last: float | None = None):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120)
    report = "{story} [b]"
    shown = Terminal(console)
    progress = RunProgress(shown, report, notebook(), last)
    for index in started:
        progress.cell_started(index)
    if note:
        progress.note(note)
    shown.tell(Event("ended", report))
    text = console.file.getvalue()
    return text if terminal else [line.removeprefix(f"{report}: ") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("started", "line"),
    [
        (4, "cell 5/5, 0 s  Where does it err?"),
        (2, "cell 3/5, 0 s  parameters"),  # the cell that papermill injects
        (0, "starting, 5 cells"),  # prose has no line of its own
        (5, "starting, 5 cells"),  # nor has the press's own last cell
    ],
)
def test_a_log_has_a_plain_line_a_cell_with_place_total_and_heading(started, line):
    assert lines(started)[-1] == line


def test_the_last_runs_time_is_shown_where_it_is_known():
    assert lines(last=25.4) == ["starting, 5 cells, about 25 s"]


def test_what_a_cell_says_of_its_progress_is_a_line_in_a_log():
    assert lines(4, note="two of three")[-1] == "cell 5/5, 0 s  two of three"
    assert len(lines(4, note="x" * 10_000)[-1]) < 200


def test_a_terminal_has_a_live_line_that_is_taken_away():
    text = lines(0, 4, note="two of [b]three", terminal=True, last=25.4)
    assert "\x1b[" in text
    assert "{story} [b] " in text
    assert "of about 25 s Where does it err?: two of [b]three" in text
    assert "{story} [b]: cell" not in text


def test_a_terminal_is_as_it_was_where_a_run_is_interrupted():
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with pytest.raises(KeyboardInterrupt), RunProgress(Terminal(console), "a", notebook(), None):
        raise KeyboardInterrupt
    hidden, shown = (console.file.getvalue().rfind(f"\x1b[?25{each}") for each in "lh")
    assert -1 < hidden < shown  # the cursor


def nobody_reads() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def full_disk() -> int:
    if not FULL.exists():
        pytest.skip("needs /dev/full")
    return os.open(FULL, os.O_WRONLY)


GONE = [nobody_reads, full_disk]


@pytest.mark.promise("A build goes on where nobody reads what it tells, or its log's disk is full.")
@pytest.mark.parametrize("gone", GONE)
def test_what_a_build_tells_may_be_lost(monkeypatch, gone):
    with os.fdopen(gone(), "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        console = lasting_console()
        for text in ("told", "x" * 100_000, "told"):
            console.print(text, soft_wrap=True, highlight=False)


@pytest.mark.slow
@pytest.mark.parametrize("gone", GONE)
def test_a_build_goes_on_where_what_it_tells_is_lost(write_notebook, project, gone):
    def build(*code: str) -> tuple[int, bytes]:
        command = [sys.executable, "-c", MAIN, "build", write_notebook(*code), "--to", "html"]
        with os.fdopen(gone(), "wb") as stdout:
            done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, check=False)
        return done.returncode, done.stderr

    assert build("1") == (0, b"")
    assert (project / "reports" / "default" / "story.json").is_file()
    code, told = build("1 / 0")
    assert (code, told.count(b"\n"), b"ZeroDivisionError" in told) == (4, 1, True)
