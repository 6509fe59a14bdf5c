"""What no page shows: a kernel's log, bounded and never waited for, and a cell's stderr."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import nbformat.v4 as v4
import pytest

from notebook_press.running.logs import LOG_PART, MOST_LINES, account_for, kernel_log, read_stderr


def write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


@pytest.mark.parametrize("size", [4, LOG_PART + 1, 2 * LOG_PART])
def test_two_parts_are_kept_whole(tmp_path, size):
    content = (b"a\x00\xff\n" * size)[:size]
    with kernel_log(tmp_path / "a.log") as sink:
        write_all(sink, content)
    assert (tmp_path / "a.log").read_bytes() == content


@pytest.mark.promise(
    "What a kernel writes past Jupyter fills no disk: of its log the beginning and the end "
    "are kept."
)
def test_of_more_the_beginning_and_the_end_are_kept_and_the_rest_counted(tmp_path):
    with kernel_log(tmp_path / "a.log") as sink:
        write_all(sink, b"first" + b"x" * 5_000_000 + b"last")
    log = (tmp_path / "a.log").read_bytes()
    assert (log[:5], log[-4:]) == (b"first", b"last")
    missing = f"\n[{5_000_009 - 2 * LOG_PART:,} bytes are left out here]\n".encode()
    assert missing in log
    assert len(log) == 2 * LOG_PART + len(missing)


@pytest.mark.promise("A process left with the kernel's log open is not waited for.")
def test_a_process_that_is_left_with_the_pipe_is_not_waited_for(tmp_path):
    endless = "import os\nwhile True: os.write(1, b'x' * 4096)"
    with kernel_log(tmp_path / "a.log") as sink:
        left = subprocess.Popen([sys.executable, "-c", endless], stdout=sink)
        while not (tmp_path / "a.log").stat().st_size:
            pass
    assert (tmp_path / "a.log").stat().st_size < 2 * LOG_PART + 100
    left.wait(timeout=30)  # it is told that nobody reads any more


@pytest.mark.promise("A full disk does not make a kernel wait for its log.")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk_does_not_make_the_writer_wait(tmp_path):
    (tmp_path / "a.log").symlink_to("/dev/full")

    def write() -> None:
        with kernel_log(tmp_path / "a.log") as sink:
            write_all(sink, b"x" * 1_000_000)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    writer.join(timeout=10)
    assert not writer.is_alive()


WARNING = "/tmp/ipykernel_7/1.py:3: UserWarning: old\n  warnings.warn('old')\n"


def executed(*texts):
    cells = [
        v4.new_code_cell("x", outputs=[v4.new_output("stream", name="stderr", text=text)])
        for text in texts
    ]
    return v4.new_notebook(cells=[v4.new_markdown_cell("# T"), *cells])


@pytest.mark.parametrize(
    ("text", "lines"),
    [("a\n\nlast", ("a", "last")), ("10%\r20%\r\x1b[31m100%\x1b[0m\n", ("100%",))],
    ids=["lines", "a line that was rewritten"],
)
def test_the_lines_of_stderr_are_read_as_a_terminal_shows_them(text, lines):
    notebook = executed(text[:1])
    notebook.cells[1].outputs.append(v4.new_output("stream", name="stderr", text=text[1:]))
    notebook.cells[1].outputs.append(v4.new_output("stream", name="stdout", text="printed"))
    (found,) = read_stderr(notebook)
    assert (found.cell, found.lines) == (1, lines)


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        (WARNING, 1),
        ("sys:1: ResourceWarning: unclosed file\n", 1),
        ("50%\r<string>:1: DeprecationWarning: \n", 1),
        ("a\n/a b/c.py:10: ConvergenceWarning: not yet", 1),
        ("WARNING: All log messages before absl::InitializeLog() are written to STDERR", 0),
        ("I0000 00:00:1795374418.409034   31091 port.cc:153] custom operations are on.", 0),
        ("WARNING:root:UserWarning: no", 0),
        ("UserWarning: not where", 0),
    ],
)
def test_a_warning_of_python_is_known_from_what_a_library_logs(text, warnings):
    (found,) = read_stderr(executed(text))
    assert len(found.warnings) == warnings


def test_the_log_names_report_and_cell_counts_and_ends_a_long_one_in_a_count():
    lines = []
    notebook = executed("a\nb\n", "line\n" * (MOST_LINES + 3))
    counts = account_for(notebook, "02_network", strict=True, log=lines.append)
    assert counts == {"stderr_lines": MOST_LINES + 5, "warnings": 0}
    assert lines[:2] == ["02_network: cell 2 stderr: a", "02_network: cell 2 stderr: b"]
    assert lines[2:-1] == ["02_network: cell 3 stderr: line"] * MOST_LINES
    assert lines[-1] == "02_network: cell 3 stderr: … and 3 more lines"
