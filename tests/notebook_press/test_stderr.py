"""What cells write to stderr: read from the executed notebook, shown in the log, counted."""

import nbformat.v4 as v4
import pytest

from notebook_press.notebook import NotebookFailedError
from notebook_press.running.logs import MOST_LINES, account_for, as_log, read_stderr

WARNING = "/tmp/ipykernel_7/1.py:3: UserWarning: old\n  warnings.warn('old')\n"


def executed(*texts, name="stderr"):
    cells = [
        v4.new_code_cell("x", outputs=[v4.new_output("stream", name=name, text=text)])
        for text in texts
    ]
    return v4.new_notebook(cells=[v4.new_markdown_cell("# T"), *cells])


def test_what_is_printed_is_no_stderr():
    assert read_stderr(executed("hello", name="stdout")) == ()


def test_the_outputs_of_a_cell_are_read_as_one_text():
    notebook = executed("a li")
    notebook.cells[1].outputs.append(v4.new_output("stream", name="stderr", text="ne\n\nlast"))
    (found,) = read_stderr(notebook)
    assert (found.cell, found.lines) == (1, ("a line", "last"))


def test_a_line_that_was_rewritten_counts_once():
    (found,) = read_stderr(executed("10%\r20%\r\x1b[31m100%\x1b[0m\n"))
    assert found.lines == ("100%",)


@pytest.mark.parametrize(
    "text",
    [
        WARNING,
        "sys:1: ResourceWarning: unclosed file\n",
        "50%\r<string>:1: DeprecationWarning: \n",
        "a\n/a b/c.py:10: ConvergenceWarning: not yet",
    ],
)
def test_a_warning_of_python_is_found(text):
    (found,) = read_stderr(executed(text))
    assert len(found.warnings) == 1


@pytest.mark.parametrize(
    "text",
    [
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 00:00:1795374418.409034   31091 port.cc:153] oneDNN custom operations are on.",
        "WARNING:root:UserWarning: no",
        "UserWarning: not where",
    ],
)
def test_what_a_library_logs_is_no_warning_of_python(text):
    (found,) = read_stderr(executed(text))
    assert found.warnings == ()


def test_the_log_names_report_and_cell():
    (found,) = read_stderr(executed("a\nb\n"))
    assert as_log("02_network", found) == [
        "02_network: cell 2 stderr: a",
        "02_network: cell 2 stderr: b",
    ]


def test_a_long_log_ends_in_a_count():
    (found,) = read_stderr(executed("line\n" * (MOST_LINES + 3)))
    lines = as_log("r", found)
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "r: cell 2 stderr: … and 3 more lines"


def test_lines_and_warnings_are_counted():
    counts = account_for(executed(WARNING, "noise"), "r", strict=False, log=lambda line: None)
    assert counts == {"stderr_lines": 3, "warnings": 1}


def test_a_strict_run_with_a_warning_fails_and_names_the_cell():
    with pytest.raises(NotebookFailedError, match=r"cell 3 of 3 .*UserWarning: old") as caught:
        account_for(executed("noise", WARNING), "r", strict=True, log=lambda line: None)
    assert "This run failed" in caught.value.partial.cells[2].source


def test_a_strict_run_without_a_warning_passes():
    counts = account_for(executed("noise"), "r", strict=True, log=lambda line: None)
    assert counts == {"stderr_lines": 1, "warnings": 0}
