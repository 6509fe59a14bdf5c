"""Output without end: real kernels that flood the press, whose notebook and memory stay small."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from notebook_press.author import METADATA_KEY, RESULTS_TYPE
from notebook_press.notebook import NotebookFailedError, read_notebook
from notebook_press.running.output import account_for_cuts
from notebook_press.running.papermill_engine import execute

MOST_GROWTH = 200  # MB
KEPT = 1_010_000  # characters: what a cell may print, the last lines and the mark

# Runs a notebook in a process of its own and says by how many MB its peak memory grew.
MEASURED = """
import resource, sys
from pathlib import Path
import papermill, nbclient, nbconvert  # what any run imports is no growth
from notebook_press.running.papermill_engine import execute
from notebook_press.notebook import read_notebook
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
path, before = Path(sys.argv[1]), peak()
try:
    execute(read_notebook(path), "story", {}, output=path.with_name("staged.ipynb"),
            folder=path.parent, cell_started=lambda index: None)
finally:
    scale = 2**20 if sys.platform == "darwin" else 2**10
    print((peak() - before) / scale)
"""


@pytest.fixture(autouse=True)
def as_outside_of_tests(monkeypatch):
    """Let kernels take in what is written to their descriptors, which ipykernel omits in tests."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")


def run(path: Path) -> nbformat.NotebookNode:
    return execute(
        read_notebook(path),
        path.stem,
        {},
        output=path.with_name("staged.ipynb"),
        folder=path.parent,
        cell_started=lambda index: None,
    )


def run_measured(path: Path) -> tuple[nbformat.NotebookNode, float]:
    """Run a notebook in a process of its own; return what it staged, and by how many MB it grew."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True
    )
    growth = float(done.stdout.split()[-1])
    return nbformat.read(path.with_name("staged.ipynb"), as_version=4), growth


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def left_out(cell: nbformat.NotebookNode) -> int:
    marks = (output.get("metadata", {}).get(METADATA_KEY, {}) for output in cell.outputs)
    return sum(mark["characters"] for mark in marks if mark.get("kind") == "cut")


@pytest.mark.promise(
    "The press's memory stays flat whatever a cell prints: the kernel cuts a message before "
    "it is sent."
)
def test_a_printer_without_end_is_cut_and_memory_stays_flat(write_notebook):
    executed, growth = run_measured(write_notebook("print('x' * 60_000_000)\nprint('the end')"))
    text = printed(executed.cells[1])
    assert growth < MOST_GROWTH / 4
    assert (len(text) < KEPT, text.startswith("xxx"), text.endswith("the end\n")) == (True,) * 3
    assert left_out(executed.cells[1]) + len(text.replace("…", "")) == 60_000_000 + len(
        "\nthe end\n"
    )


@pytest.mark.promise(
    "A cell that prints without end is cut at 1 MB; its beginning and last lines stay, and "
    "all that is missing is counted."
)
def test_whole_lines_are_kept_and_all_that_is_missing_is_counted(write_notebook):
    cell = run(write_notebook("for i in range(300_000): print(i)")).cells[1]
    lines = printed(cell).splitlines()
    assert lines[:2] == ["0", "1"]
    assert lines[-2:] == ["299998", "299999"]
    assert all(line.isdigit() and str(int(line)) == line for line in lines)
    whole = sum(len(f"{i}\n") for i in range(300_000))
    assert len(printed(cell)) + left_out(cell) == whole


def test_each_cell_has_a_limit_of_its_own(write_notebook):
    executed = run(write_notebook("print('x' * 900_000)", "print('y' * 900_000)"))
    assert [left_out(cell) for cell in executed.cells[1:]] == [0, 0]
    assert account_for_cuts(executed) == ({"characters_left_out": 0}, [])


def test_a_progress_bar_is_kept_in_its_last_state(write_notebook):
    cell = run(
        write_notebook("for i in range(200_001): print(f'\\r{i} of 200,000', end='')")
    ).cells[1]
    assert (left_out(cell), len(printed(cell)) < 100_000) == (0, True)
    assert printed(cell).rpartition("\r")[2] == "200000 of 200,000"


def test_what_is_cleared_again_counts_for_nothing(write_notebook):
    cell = run(
        write_notebook(
            "from IPython.display import clear_output\n"
            "for i in range(30):\n"
            "    clear_output(wait=True)\n"
            "    print('x' * 50_000, i)"
        )
    ).cells[1]
    assert (left_out(cell), printed(cell).split()[-1]) == (0, "29")


@pytest.mark.promise(
    "No result is dropped between kernel and press when messages come faster than they are read."
)
def test_what_is_displayed_after_a_flood_of_messages_arrives(write_notebook):
    flood = (
        "from notebook_press import author\n"
        "kernel = get_ipython().kernel\n"
        "for i in range(6_000):\n"
        "    kernel.session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': 'x'},\n"
        "                        parent=kernel.get_parent())\n"
        "author.record(accuracy=0.5)"
    )
    cell = run(write_notebook(flood)).cells[1]
    assert printed(cell) == "x" * 6_000
    assert cell.outputs[-1].data[RESULTS_TYPE] == {"accuracy": 0.5}


@pytest.mark.promise(
    "A notebook that displays more than a report can hold is refused, not published without "
    "its figures."
)
@pytest.mark.parametrize(
    "code",
    [
        "from IPython.display import HTML, display\ndisplay(HTML('x' * 51_000_000))",
        "from IPython.display import HTML\nHTML('x' * 51_000_000)",
        pytest.param(
            "from IPython.display import HTML, display\nwhile True: display(HTML('x' * 9_000_000))",
            marks=pytest.mark.slow,
        ),
    ],
    ids=["at once", "as a cell's value", "without end"],
)
def test_a_run_that_displays_too_much_is_refused_with_its_cell(write_notebook, code):
    with pytest.raises(NotebookFailedError, match=r"cell 2 of 3 .* displayed more than 50 MB"):
        run(write_notebook(code, "1"))


@pytest.mark.promise("What a cell updates or clears counts once, as it is at last.")
def test_updates_of_one_display_count_once(write_notebook):
    cell = run(
        write_notebook(
            "from IPython.display import HTML, display\n"
            "shown = display(HTML('start'), display_id=True)\n"
            "for i in range(8): shown.update(HTML(f'{i}' * 9_000_000))"
        )
    ).cells[1]
    assert cell.outputs[0].data["text/html"] == "7" * 9_000_000


def test_an_exceptions_text_is_kept_short_in_the_error(write_notebook):
    with pytest.raises(NotebookFailedError) as caught:
        run(write_notebook("raise ValueError('\\x1b]0;title\\x07' + 'x' * 3_000_000)"))
    assert len(str(caught.value)) < 1_000
    assert "\x1b" not in str(caught.value)
    assert len(nbformat.writes(caught.value.partial)) < 4_000_000


@pytest.mark.promise(
    "Half a character that UTF-8 can't hold does not take with it what else a cell printed."
)
def test_no_output_keeps_the_notebook_from_being_utf_8(write_notebook):
    path = write_notebook(
        "import os, sys\n"
        "print('a\\x00b\\x07 \\x1b[31mred')\n"
        "print('half \\udc80 \\ud800')\n"
        "os.write(1, b'\\xff\\xfe bytes\\n'); sys.stdout.flush()",
        "from IPython.display import display\n"
        "display({'text/plain': 'half \\udc80'}, raw=True)\n"
        "b'\\x00\\xff'",
    )
    executed = run(path)
    written = nbformat.writes(executed).encode("utf-8")
    assert nbformat.reads(written.decode("utf-8"), as_version=4).cells == executed.cells
    assert "half" in printed(executed.cells[1])
    assert "half" in executed.cells[2].outputs[0].data["text/plain"]
    assert executed.cells[2].outputs[1].data["text/plain"] == "b'\\x00\\xff'"


def test_an_exception_that_utf_8_cannot_hold_is_an_error_like_others(write_notebook):
    with pytest.raises(NotebookFailedError, match=r"cell 2 of 2 .*ValueError"):
        run(write_notebook("raise ValueError('half \\ud800')"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "line = 'x' * 999\nfor i in range(1_000_000): print(line)",
        "for i in range(1_000_000): print(i)",
        "print('x' * 500_000_000)",
        "for i in range(1_000_000): print(f'\\r{i}', end='')",
        "for i in range(50_000): print(i, flush=True)",
        "import subprocess\nsubprocess.run('yes | head -c 100000000', shell=True)",
    ],
    ids=["1 GB", "a million lines", "500 MB at once", "a bar", "flushed", "a program"],
)
def test_memory_stays_flat_whatever_is_printed(write_notebook, code):
    executed, growth = run_measured(write_notebook(code))
    assert len(printed(executed.cells[1])) < KEPT
    assert growth < MOST_GROWTH


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "from IPython.display import display\nfor i in range(1_000_000): display(i)",
        "shown = display(0, display_id=True)\nfor i in range(30_000): shown.update(i)",
    ],
    ids=["a million displays", "updates"],
)
def test_memory_stays_flat_whatever_is_displayed(write_notebook, code):
    assert run_measured(write_notebook(code))[1] < MOST_GROWTH
