"""The gate as a pure function: what counts as a run, on notebooks that were made for it."""

import nbformat
import pytest

from notebook_press.running.gate import SENTINEL_TAG, failing_cell, with_sentinel, without_tag


def executed(*outputs: list[nbformat.NotebookNode], answer: str = "nonce") -> nbformat.NotebookNode:
    """An executed notebook with one cell an entry, and a sentinel that printed the answer."""
    printed = nbformat.v4.new_output("stream", name="stdout", text=f"{answer}\n")
    cells = [
        nbformat.v4.new_code_cell("work()", execution_count=number, outputs=found)
        for number, found in enumerate([*outputs, [printed]], start=1)
    ]
    cells[-1].metadata["tags"] = [SENTINEL_TAG]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.promise("A run in which a code cell was not executed is not accepted.")
def test_a_cell_without_an_execution_count_is_refused():
    notebook = executed([], [])
    notebook.cells[1].execution_count = None
    assert failing_cell(notebook, "nonce") == (1, "was not executed")


@pytest.mark.promise(
    "A run with an error in its outputs is not accepted, even where the cell is tagged "
    "raises-exception, unless the project allows that."
)
def test_an_error_output_is_refused_even_where_its_cell_is_tagged():
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    notebook = executed([], [error])
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    index, why = failing_cell(notebook, "nonce")
    assert (index, why.startswith("raised ValueError: no; its tag raises-exception")) == (1, True)
    assert failing_cell(notebook, "nonce", tagged_errors=True) is None


@pytest.mark.promise(
    "A run counts only if a cell at its very end printed a number that nothing else knows."
)
@pytest.mark.promise(
    "A run whose kernel was gone after the last cell is not accepted, though each cell looks "
    "complete."
)
def test_a_sentinel_that_printed_another_number_is_refused():
    index, why = failing_cell(executed([], answer="another"), "nonce")
    assert (index, "did not answer" in why) == (1, True)


def test_cells_without_code_need_no_execution_count():
    notebook = executed([], [])
    notebook.cells[0].source, notebook.cells[0].execution_count = "  \n", None
    assert failing_cell(notebook, "nonce") is None


def test_a_cell_that_is_to_be_skipped_needs_no_execution_count_and_keeps_no_output():
    notebook = executed([nbformat.v4.new_output("stream", text="old")], [])
    notebook.cells[0].metadata["tags"], notebook.cells[0].execution_count = ["skip-execution"], None
    assert failing_cell(notebook, "nonce") is None
    assert with_sentinel(notebook, "nonce").cells[0].outputs == []


def test_what_an_earlier_run_left_in_a_notebook_does_not_pass_for_this_ones():
    notebook = executed([nbformat.v4.new_output("stream", text="old")])
    guarded = without_tag(with_sentinel(notebook, "nonce"), SENTINEL_TAG)
    assert [(cell.outputs, cell.execution_count) for cell in guarded.cells] == [([], None)]
    assert notebook.cells[0].execution_count == 1, "the notebook itself was changed"
