"""The gate: what counts as a run, and what a failed one says."""

from pathlib import Path

import nbformat
import pytest

from notebook_press.execution import NotebookFailedError, execute, failing_cell
from notebook_press.notebooks import read_notebook


def run(path: Path, **parameters: object) -> nbformat.NotebookNode:
    """Run a notebook as the press does."""
    return execute(
        read_notebook(path),
        path.stem,
        parameters,
        output=path.parent / "staged.ipynb",
        folder=path.parent,
        cell_started=lambda index: None,
    )


def failure_of(path: Path) -> NotebookFailedError:
    with pytest.raises(NotebookFailedError) as caught:
        run(path)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_good_run_keeps_its_outputs_and_loses_the_sentinel(write_notebook):
    executed = run(write_notebook("1 + 1"))
    assert [cell.cell_type for cell in executed.cells] == ["markdown", "code"]
    assert executed.cells[1].outputs[0].data["text/plain"] == "2"


def test_parameters_are_injected_after_their_cell(write_notebook):
    executed = run(write_notebook("print(epochs * 2)", parameters="epochs: int = 10"), epochs=21)
    assert executed.cells[-1].outputs[0].text == "42\n"


def test_annotated_parameters_cause_no_warning(write_notebook, capfd):
    path = write_notebook(
        "epochs",
        parameters="from typing import Annotated\nepochs: Annotated[int, 'any'] = 10",
    )
    run(path, epochs=3)
    assert "unknown parameter" not in capfd.readouterr().err


def test_the_kernel_works_in_the_notebooks_folder(write_notebook):
    path = write_notebook("import os; print(os.getcwd())")
    assert run(path).cells[1].outputs[0].text.strip() == str(path.parent)


def test_each_cell_is_announced_as_it_starts(write_notebook):
    path, started = write_notebook("1", "2"), []
    execute(
        read_notebook(path),
        "story",
        {},
        output=path.parent / "staged.ipynb",
        folder=path.parent,
        cell_started=started.append,
    )
    assert started == [0, 1, 2, 3]  # the last is the sentinel


def test_a_cell_that_raises_is_named_with_its_exception(write_notebook):
    error = failure_of(write_notebook("1", "1 / 0", "3"))
    assert str(error) == "story: cell 3 of 4 ('1 / 0') raised ZeroDivisionError: division by zero"


def test_sys_exit_with_status_0_is_a_failure(write_notebook):
    error = failure_of(write_notebook("import sys; sys.exit(0)", "2"))
    assert "cell 2 of 3" in str(error)
    assert "SystemExit: 0" in str(error)


@pytest.mark.parametrize("position", [0, 1], ids=["in the middle", "in the last cell"])
def test_a_killed_kernel_is_a_failure_in_the_cell_that_it_died_in(write_notebook, position):
    cells = ["1", "2"]
    cells[position] = "import os; os.kill(os.getpid(), 9)"
    error = failure_of(write_notebook(*cells))
    assert f"cell {position + 2} of 3 ('import os; os.kill" in str(error)
    assert "DeadKernelError" in str(error)


def test_a_kernel_killed_after_the_last_output_is_a_failure(write_notebook):
    killer = "import os, threading; threading.Timer(0.0, lambda: os.kill(os.getpid(), 9)).start()"
    assert "DeadKernelError" in str(failure_of(write_notebook("1", killer)))


def test_a_refused_magic_command_is_a_failure_with_its_own_words(write_notebook):
    error = failure_of(write_notebook("%nosuchmagic", "2"))
    assert "cell 2 of 3 ('%nosuchmagic') ended the run: UsageError: Line magic" in str(error)


def test_the_partial_notebook_names_the_failing_cell_above_it(write_notebook):
    partial = failure_of(write_notebook("1", "1 / 0")).partial
    assert "This run failed" in partial.cells[2].source
    assert partial.cells[3].source == "1 / 0"
    assert all("papermill" not in cell.source for cell in partial.cells)


def executed_notebook(*outputs: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    """An executed notebook with one cell an entry, and a sentinel that printed `nonce`."""
    cells = [
        nbformat.v4.new_code_cell("work()", execution_count=number, outputs=list(found))
        for number, found in enumerate(outputs, start=1)
    ]
    printed = nbformat.v4.new_output("stream", name="stdout", text="nonce\n")
    cells.append(
        nbformat.v4.new_code_cell(
            "print()",
            execution_count=len(cells) + 1,
            outputs=[printed],
            metadata={"tags": ["notebook-press-sentinel"]},
        )
    )
    return nbformat.v4.new_notebook(cells=cells)


def test_the_gate_accepts_a_run_whose_sentinel_answered():
    assert failing_cell(executed_notebook([], []), "nonce") is None


def test_the_gate_refuses_a_cell_without_an_execution_count():
    notebook = executed_notebook([], [])
    notebook.cells[1].execution_count = None
    assert failing_cell(notebook, "nonce") == (1, "was not executed")


def test_the_gate_refuses_an_error_output_even_where_errors_are_allowed():
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    notebook = executed_notebook([], [error])
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    assert failing_cell(notebook, "nonce") == (1, "raised ValueError: no")


def test_the_gate_refuses_a_sentinel_that_printed_another_number():
    index, why = failing_cell(executed_notebook([]), "another")
    assert (index, "did not answer" in why) == (1, True)


def test_the_gate_refuses_a_notebook_that_lost_its_sentinel():
    notebook = executed_notebook([], [nbformat.v4.new_output("stream", text="nonce")])
    notebook.cells.pop()
    assert failing_cell(notebook, "nonce") == (1, "is not the press's own last cell: it was lost")


def test_what_an_earlier_run_left_in_a_notebook_does_not_pass_for_this_ones(write_notebook):
    path = write_notebook("import os; os.kill(os.getpid(), 9)", "2")
    notebook = read_notebook(path)
    notebook.cells[2].execution_count = 7
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="old")]
    nbformat.write(notebook, path)
    partial = failure_of(path).partial
    assert partial.cells[-1].outputs == []


def test_cells_without_code_need_no_execution_count():
    notebook = executed_notebook([], [])
    notebook.cells[0].source, notebook.cells[0].execution_count = "  \n", None
    assert failing_cell(notebook, "nonce") is None
