"""What a build shows while it runs."""

import io

import nbformat
from rich.console import Console

from notebook_press.console import RunProgress


def notebook():
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Title\n\n## What are the data?"),
            nbformat.v4.new_code_cell("a = 1"),
            nbformat.v4.new_markdown_cell("## Where does it err?"),
            nbformat.v4.new_code_cell("b = 2"),
        ]
    )


def lines(*started: int, terminal: bool = False, last: float | None = None) -> list[str]:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120)
    with RunProgress(console, "story", notebook(), injected_after=1, last_seconds=last) as progress:
        for index in started:
            progress.cell_started(index)
    return console.file.getvalue().splitlines()


def test_a_log_has_a_plain_line_a_cell_with_place_total_and_heading():
    assert lines(4)[-1] == "story: cell 5/5, 0 s  Where does it err?"


def test_prose_has_no_line_of_its_own_in_a_log():
    assert len(lines(0, 1)) == 2


def test_the_injected_cell_is_counted():
    assert lines(2)[-1] == "story: cell 3/5, 0 s  parameters"


def test_the_press_own_last_cell_is_not_shown():
    assert len(lines(5)) == 1


def test_the_last_runs_time_is_shown_where_it_is_known():
    assert lines(last=25.4) == ["story: starting, 5 cells, about 25 s"]
    assert lines() == ["story: starting, 5 cells"]


def test_a_terminal_has_a_live_line_that_is_taken_away():
    text = "\n".join(lines(0, 1, terminal=True))
    assert "\x1b[" in text
    assert "story: cell" not in text


def noted(text: str, *, terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120)
    with RunProgress(console, "story", notebook(), injected_after=1, last_seconds=None) as progress:
        progress.cell_started(4)
        progress.note(text)
    return console.file.getvalue()


def test_what_a_cell_says_of_its_progress_is_a_line_in_a_log():
    assert noted("two of three", terminal=False).splitlines()[-1] == (
        "story: cell 5/5, 0 s  two of three"
    )


def test_on_a_terminal_it_stands_behind_the_heading():
    assert "Where does it err?: two of [b]three" in noted("two of [b]three", terminal=True)


def test_a_long_note_is_cut():
    assert len(noted("x" * 10_000, terminal=False).splitlines()[-1]) < 200
