"""Output without end: what is kept of it, by the kernel and by the press, and what is refused."""

import re
from pathlib import Path
from unittest.mock import Mock

import nbformat
import pytest
from drivers import last_words
from nbclient import NotebookClient

from notebook_press.author import METADATA_KEY, RESULTS_TYPE
from notebook_press.rendering.outputs import terminal
from notebook_press.running.in_kernel import LEFT_OUT, settled
from notebook_press.running.output import LimitedOutput, account_for_cuts
from notebook_press.running.processes import TimeLimits, Watchdog

MOST_GROWTH = 200  # MB
KEPT = 1_010_000  # characters: what a cell may print, the last lines and the mark

# Runs a notebook in a process of its own and says by how many MB its peak memory grew.
MEASURED = """
import resource, runpy, sys
from pathlib import Path
import nbformat, papermill, nbclient  # what any run imports is no growth
from notebook_press.notebook import NotebookFailedError
run = runpy.run_path(sys.argv[2])["run_notebook"]
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
try:
    executed = run(Path(sys.argv[1]))
except NotebookFailedError as error:  # one that displayed too much
    executed = error.partial
grown = peak() - before
nbformat.write(executed, sys.argv[3])
print(grown / (2**20 if sys.platform == "darwin" else 2**10))
"""


@pytest.fixture
def run_measured(monkeypatch):
    """The function that runs a notebook in a process of its own; returns its growth too."""

    def run_measured(path: Path) -> tuple[nbformat.NotebookNode, float]:
        helper, executed = Path(__file__).with_name("conftest.py"), path.with_name("executed.ipynb")
        growth = last_words("-c", MEASURED, path, helper, executed)
        return nbformat.read(executed, as_version=4), growth

    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # in tests ipykernel omits what programs print
    return run_measured


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def left_out(cell: nbformat.NotebookNode) -> int:
    marks = (output.get("metadata", {}).get(METADATA_KEY, {}) for output in cell.outputs)
    return sum(mark["characters"] for mark in marks if mark.get("kind") == "cut")


LINES = "for i in range(30_000): print(f'{i:040}')"
BAR = "for i in range(80_001): print(f'\\r{i} of 80,000', end='')"
CLEARS = """from IPython.display import clear_output
for i in range(30):
    clear_output(wait=True)
    print('x' * 50_000, i)"""
FLOOD = """from notebook_press import author
kernel = get_ipython().kernel
for i in range(3_000):
    kernel.session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': 'x'},
                        parent=kernel.get_parent())
author.record(accuracy=0.5)"""
UPDATES = """from IPython.display import HTML, display
shown = display(HTML('start'), display_id=True)
for i in range(8): shown.update(HTML(f'{i}' * 9_000_000))"""
BYTES = """import os, sys
print('a\\x00b\\x07 \\x1b[31mred')
print('half \\udc80 \\ud800')
os.write(1, b'\\xff\\xfe bytes\\n'); sys.stdout.flush()
display({'text/plain': 'half \\udc80'}, raw=True)
b'\\x00\\xff'"""


@pytest.fixture(scope="module")
def executed(run_once):
    """A run of a cell for each way to print or to display a lot, what is slow to save last."""
    return run_once(BAR, CLEARS, FLOOD, BYTES, UPDATES, "print('y' * 900_000)", LINES)


@pytest.mark.promise(
    "A cell that prints without end is cut at 1 MB; its beginning and last lines stay, and "
    "all that is missing is counted."
)
def test_whole_lines_are_kept_and_all_that_is_missing_is_counted(executed):
    cell = executed.cells[7]
    lines = printed(cell).splitlines()
    assert (int(lines[0]), int(lines[-1])) == (0, 29_999)
    assert {len(line) for line in lines} == {40}
    assert len(printed(cell)) + left_out(cell) == 41 * 30_000


def test_each_cell_has_a_limit_of_its_own(executed):
    cut = [left_out(cell) for cell in executed.cells[1:]]
    assert (cut[:6], cut[6] > 0) == ([0] * 6, True)
    counts, (line,) = account_for_cuts(executed)
    assert counts == {"characters_left_out": cut[6]}
    assert line.startswith("Cell 8 printed more than 1 MB of text")


def test_a_progress_bar_is_kept_in_its_last_state(executed):
    text = printed(executed.cells[1])
    assert (len(text) < 100_000, text.rpartition("\r")[2]) == (True, "80000 of 80,000")


@pytest.mark.parametrize("colour", ["", "\x1b[32m"])
def test_bars_below_each_other_end_as_in_a_terminal(colour):
    inner = "".join(f"\n\r{colour}inner {part}/2\x1b[A" for part in range(3))
    text = "".join(f"\r{colour}outer {part}/2{inner}" for part in range(3))
    text += f"\r{colour}outer 3/2\r{colour}outer 4/2"
    kept = settled(text)
    assert terminal.settled(kept) == terminal.settled(text) == "outer 4/2\ninner 2/2"
    assert len(kept) < len(text)


def test_what_is_cleared_again_counts_for_nothing(executed):
    assert printed(executed.cells[2]).split() == ["x" * 50_000, "29"]


@pytest.mark.promise(
    "No result is dropped between kernel and press when messages come faster than they are read."
)
def test_what_is_displayed_after_a_flood_of_messages_arrives(executed):
    cell = executed.cells[3]
    assert printed(cell) == "x" * 3_000
    assert cell.outputs[-1].data[RESULTS_TYPE] == {"accuracy": 0.5}


@pytest.mark.promise("What a cell updates or clears counts once, as it is at last.")
def test_updates_of_one_display_count_once(executed):
    assert executed.cells[5].outputs[0].data["text/html"] == "7" * 9_000_000


@pytest.mark.promise(
    "Half a character that UTF-8 can't hold does not take with it what else a cell printed."
)
def test_no_output_keeps_the_notebook_from_being_utf_8(executed):
    cell = executed.cells[4]
    written = nbformat.writes(executed).encode("utf-8")
    assert nbformat.reads(written.decode("utf-8"), as_version=4).cells[4] == cell
    assert all(text in printed(cell) for text in ("\x1b[31mred", "half", "bytes"))
    shown = [output.data["text/plain"] for output in cell.outputs if "data" in output]
    assert shown == ["half \N{REPLACEMENT CHARACTER}", "b'\\x00\\xff'"]


@pytest.mark.promise("What a library in C prints last in its cell is in that cell.")
def test_what_is_written_to_a_descriptor_is_in_its_cell(run_once):
    code = "import os; os.write(1, b'cell {0}'); os.write(2, b'error {0}');"
    executed = run_once(*(code.format(number) for number in range(50)))
    for number, cell in enumerate(executed.cells[1:51]):
        assert {output.text for output in cell.outputs} == {f"cell {number}", f"error {number}"}


@pytest.mark.slow
@pytest.mark.promise(
    "The press's memory stays flat whatever a cell prints: the kernel cuts a message before "
    "it is sent."
)
def test_a_printer_without_end_is_cut_and_memory_stays_flat(write_notebook, run_measured):
    path = write_notebook("print('x' * 40_000_000)\nprint('the end')")
    executed, growth = run_measured(path)
    text = printed(executed.cells[1])
    assert growth < MOST_GROWTH / 4
    assert (len(text) < KEPT, text.startswith("xxx"), text.endswith("the end\n")) == (True,) * 3
    whole = 40_000_000 + len("\nthe end\n")
    assert left_out(executed.cells[1]) + len(text.replace("…", "")) == whole


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "line = 'x' * 999\nfor i in range(300_000): print(line)",
        "for i in range(300_000): print(f'\\r{i}', end='')",
        "for i in range(10_000): print(i, flush=True)",
        "import subprocess\nsubprocess.run('yes | head -c 100000000', shell=True)",
        "from IPython.display import display\nfor i in range(1_000_000): display(i)",
        "shown = display(0, display_id=True)\nfor i in range(10_000): shown.update(i)",
    ],
    ids=["300 MB", "a bar", "flushed", "a program", "a million displays", "updates"],
)
def test_memory_stays_flat_whatever_is_printed_or_displayed(write_notebook, run_measured, code):
    executed, growth = run_measured(write_notebook(code))
    assert len(printed(executed.cells[-1])) < KEPT
    assert growth < MOST_GROWTH


@pytest.mark.promise(
    "A notebook that displays more than a report can hold is refused, not published without "
    "its figures."
)
def test_a_run_that_displays_too_much_is_refused_with_its_cell(
    write_notebook, failure_of, monkeypatch
):
    monkeypatch.setattr("notebook_press.running.output.DISPLAY_LIMIT", 2_000_000)
    error = failure_of(write_notebook("from IPython.display import HTML\nHTML('x' * 2**21)", "1"))
    assert re.search("cell 2 of 3 .* displayed more than 2 MB", str(error))


class Client(LimitedOutput, NotebookClient):
    """A client that is given messages where a kernel would send them."""

    def __init__(self) -> None:
        super().__init__(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))
        self.clear_before_next_output = False
        self.watchdog = Watchdog(TimeLimits(), lambda: None)
        self.cell = self.nb.cells[0]

    def take(self, kind: str, **content: object) -> None:
        message = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {"msg_id": "1"}}
        self.process_message({**message, "content": content, "metadata": {}}, self.cell, 0)


@pytest.mark.parametrize("length", [100_000, 3], ids=["long", "short"])
def test_a_kernel_that_does_not_limit_itself_is_limited_by_the_press(monkeypatch, length):
    monkeypatch.setattr("notebook_press.running.output.MOST_PIECES", 20)
    client = Client()
    for number in range(60):
        name = ("stdout", "stderr")[number % 2]  # two streams that take turns
        client.take("stream", name=name, text="x" * (length - 1) + "\n")
    text = printed(client.cell).replace("…", "")
    assert (len(text) < KEPT, len(client.cell.outputs) < 25) == (True, True)
    assert len(text) + left_out(client.cell) == 60 * length


def test_what_a_cleared_cell_printed_before_leaves_room_for_as_much_again():
    client = Client()
    client.take("stream", name="stdout", text="x" * 2_000_000)
    client.take("clear_output", wait=True)
    client.take("stream", name="stdout", text="y" * 999_999)
    assert (printed(client.cell), left_out(client.cell)) == ("y" * 999_999, 0)


def test_what_a_widget_takes_is_not_the_cells_and_counts_as_displayed():
    client, widget = Client(), Mock()  # in the place of an `Output` widget
    client.register_output_hook("1", widget)
    client.take("stream", name="stdout", text="hello")
    assert (widget.output.call_count, client.cell.outputs) == (1, [])
    client.take("stream", name="stdout", text="", **{LEFT_OUT: 51_000_000})
    assert client.watchdog.reason.startswith("displayed more than 50 MB")
    client.take("stream", name="stdout", text="too late")
    assert widget.output.call_count == 2


@pytest.mark.parametrize(
    ("kind", "value", "stored_as", "stored"),
    [
        (
            "application/vnd.vegalite.v6.json",
            {"mark": "bar"},
            *("application/vnd.vegalite.v6+json", {"mark": "bar"}),
        ),
        ("application/x.json", "{}", "application/x.json", "{}"),
        ("application/geo+json", [1, 2], "application/geo+json", [1, 2]),
        ("application/json", None, "application/json", None),
        ("text/html", ["<b>", "</b>"], "text/html", ["<b>", "</b>"]),
        ("text/plain", {"a": 1}, "text/plain", '{"a": 1}'),
        ("image/png", 3, "image/png", "3"),
    ],
)
@pytest.mark.parametrize("message", ["display_data", "execute_result"])
def test_what_is_displayed_is_kept_as_a_notebook_can_hold_it(
    message, kind, value, stored_as, stored
):
    client = Client()
    client.take(message, data={kind: value}, metadata={}, execution_count=1)
    nbformat.validate(client.nb)
    assert client.cell.outputs[0].data == {stored_as: stored}


@pytest.mark.parametrize("content", [{"data": 3, "metadata": {}}, {"data": {}, "metadata": 3}])
def test_an_output_that_no_notebook_can_hold_ends_the_run_in_words(content):
    client = Client()
    client.take("display_data", **content)
    assert client.watchdog.reason.startswith("gave an output that a notebook can't hold: 3 is not")
    assert client.cell.outputs == []


def test_an_error_is_kept_as_short_as_what_is_printed_and_in_utf_8():
    client, text = Client(), "half \ud800" + "x" * 3_000_000
    client.take("error", ename="ValueError", evalue=text, traceback=["no"] * 3 + [text])
    (error,) = client.cell.outputs
    assert len(nbformat.writes(client.nb).encode("utf-8")) < 2_100_000
    assert (error.evalue[:6], error.traceback[0][:9]) == ("half \ufffd", "no\nno\nno\n")
