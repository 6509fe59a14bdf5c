"""The gate: what counts as a run, and what a failed one says."""

import sys
from pathlib import Path

import nbformat
import pytest

from notebook_press.notebook import NotebookFailedError, read_notebook
from notebook_press.running import papermill_engine, signals
from notebook_press.running.gate import failing_cell
from notebook_press.running.papermill_engine import execute


def run(path: Path, output: Path | None = None, **parameters: object) -> nbformat.NotebookNode:
    """Run a notebook as the press does."""
    return execute(
        read_notebook(path),
        path.stem,
        parameters,
        output=output or path.parent / "staged.ipynb",
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


ENDS = {
    "sys.exit(0)": "SystemExit: 0",
    "os._exit(0)": "DeadKernelError: Kernel died (it exited with status 0)",
    "os._exit(3)": "DeadKernelError: Kernel died (it exited with status 3)",
    "os.kill(os.getpid(), 9)": "DeadKernelError: Kernel died (killed by SIGKILL, as a system does "
    "that runs out of memory)",
    "os.abort()": "DeadKernelError: Kernel died (killed by SIGABRT)",
}


@pytest.mark.parametrize("position", [0, 1, 2], ids=["first", "middle", "last"])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.slow
def test_a_kernel_that_ends_is_a_failure_in_the_cell_that_ended_it(write_notebook, end, position):
    assert_named(write_notebook, end, position)


@pytest.mark.promise(
    "A kernel that is killed or ends itself, in its last cell too, fails the run; the message"
    " names the cell and how the kernel ended."
)
@pytest.mark.parametrize("end", ["sys.exit(0)", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_a_kernel_that_ends_in_the_last_cell_is_a_failure(write_notebook, end):
    assert_named(write_notebook, end, 2)


def assert_named(write_notebook, end: str, position: int) -> None:
    cells = ["1", "2", "3"]
    cells[position] = f"import os, sys; {end}"
    error = failure_of(write_notebook(*cells))
    assert f"story: cell {position + 2} of 4 ('import os, sys; {end}') " in str(error)
    assert str(error).endswith(ENDS[end])


@pytest.mark.promise(
    "A cell that asks its kernel to end, with `quit()`, fails the run and is named, though "
    "the kernel lives on for a moment."
)
@pytest.mark.parametrize("end", ["quit()", pytest.param("exit", marks=pytest.mark.slow)])
def test_a_cell_that_quits_is_a_failure_and_named(write_notebook, end):
    why = "asked its kernel to end; leave that out"
    assert str(failure_of(write_notebook("1", end))) == f"story: cell 3 of 3 ('{end}') {why}"


@pytest.mark.promise(
    "A run that failed is told in one line: what libraries log of it is not told beside it."
)
def test_what_libraries_log_of_a_kernel_that_died_is_not_told_beside_the_cause(
    write_notebook, caplog
):
    failure_of(write_notebook("import os; os._exit(0)"))
    assert caplog.messages == []


def test_a_kernel_that_is_killed_from_outside_is_a_failure_in_the_cell_at_work(write_notebook):
    killer = "import os, subprocess, time\nsubprocess.Popen(['kill', '-9', str(os.getpid())])\n"
    error = failure_of(write_notebook("1", f"{killer}time.sleep(600)", "3"))
    assert "cell 3 of 4 ('import os, subprocess, time') ended the run: DeadKernelError" in str(
        error
    )


def test_a_kernel_that_ends_before_it_has_begun_is_a_failure_that_says_how(
    write_notebook, monkeypatch
):
    monkeypatch.setattr(
        papermill_engine, "privately", lambda _: [sys.executable, "-c", "raise SystemExit(3)"]
    )
    why = "RuntimeError: Kernel died before replying to kernel_info (it exited with status 3)"
    assert str(failure_of(write_notebook("1"))).endswith(f"cell 2 of 2 ('1') ended the run: {why}")


@pytest.mark.promise(
    "An interruption that a library swallowed is not taken for a failed cell, and starts no "
    "other notebook."
)
def test_an_interruption_that_was_swallowed_is_not_taken_for_a_failed_cell(
    write_notebook, monkeypatch
):
    def swallow(index: int) -> None:
        monkeypatch.setattr(signals._state, "number", 15)

    path = write_notebook("import os; os._exit(1)")
    with pytest.raises(KeyboardInterrupt, match="15"):
        execute(
            read_notebook(path),
            "story",
            {},
            output=path.parent / "staged.ipynb",
            folder=path.parent,
            cell_started=swallow,
        )


@pytest.mark.slow
def test_a_kernel_that_runs_out_of_memory_is_a_failure(write_notebook):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))"
    error = failure_of(write_notebook(limit, "hoard = [bytearray(2**28) for _ in range(64)]", "3"))
    assert "cell 3 of 4 ('hoard" in str(error)
    assert "raised MemoryError" in str(error)


def test_a_kernel_killed_after_the_last_output_is_a_failure(write_notebook):
    killer = "import os, threading; threading.Timer(0.0, lambda: os.kill(os.getpid(), 9)).start()"
    assert "DeadKernelError" in str(failure_of(write_notebook("1", killer)))


@pytest.mark.slow
def test_a_notebook_that_changes_its_folder_is_kept_where_it_belongs(write_notebook):
    path = write_notebook("import os; os.makedirs('other'); os.chdir('other')", "open('x', 'w')")
    assert run(path).cells[-1].execution_count == 2
    assert (path.parent / "staged.ipynb").is_file()


@pytest.mark.slow
def test_a_notebook_that_deletes_what_papermill_keeps_of_it_still_passes(write_notebook):
    path = write_notebook("import os; os.remove('staged.ipynb')", "2")
    assert [cell.execution_count for cell in run(path).cells[1:]] == [1, 2]


@pytest.mark.promise(
    "Where a notebook destroys the staged copy of itself, the message names the cell that "
    "ended the run."
)
def test_a_notebook_that_removes_the_folder_of_its_output_is_a_failure(write_notebook):
    path = write_notebook("import shutil; shutil.rmtree('staging')", "2", parameters="n: int = 1")
    (path.parent / "staging").mkdir()
    with pytest.raises(NotebookFailedError, match=r"cell 4 of 5 .*rmtree.* FileNotFoundError"):
        run(path, output=path.parent / "staging" / "story.ipynb", n=2)


@pytest.mark.promise("A notebook that calls something of its own `print` passes.")
def test_a_notebook_may_call_something_of_its_own_print(write_notebook):
    assert run(write_notebook("print = lambda *words: None", "print(1)")).cells[-1].outputs == []


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


@pytest.mark.promise("A run in which a code cell was not executed is not accepted.")
def test_the_gate_refuses_a_cell_without_an_execution_count():
    notebook = executed_notebook([], [])
    notebook.cells[1].execution_count = None
    assert failing_cell(notebook, "nonce") == (1, "was not executed")


@pytest.mark.promise(
    "A run with an error in its outputs is not accepted, even where the cell allows errors."
)
def test_the_gate_refuses_an_error_output_even_where_errors_are_allowed():
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    notebook = executed_notebook([], [error])
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    assert failing_cell(notebook, "nonce") == (1, "raised ValueError: no")


@pytest.mark.promise(
    "A run counts only if a cell at its very end printed a number that nothing else knows."
)
@pytest.mark.promise(
    "A run whose kernel was gone after the last cell is not accepted, though each cell looks "
    "complete."
)
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
