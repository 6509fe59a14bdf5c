"""What a run is judged by, where several things went wrong at once or a notebook is an odd one."""

import nbformat.v4 as v4
import pytest
from nbformat import NotebookNode

from notebook_press.running.gate import (
    SENTINEL_TAG,
    Ending,
    failing_cell,
    verdict,
    with_sentinel,
    without_tag,
)
from notebook_press.running.tasks import Failure

RAISED = v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
PYTHON = {"name": "odd", "display_name": "Odd", "language": "python"}
LOST = "is not the press's own last cell: it was lost"


def code(number: int | None, *outputs: NotebookNode, **metadata: object) -> NotebookNode:
    return v4.new_code_cell("work()", execution_count=number, outputs=[*outputs], metadata=metadata)


def sentinel(printed: str = "nonce") -> NotebookNode:
    return code(9, v4.new_output("stream", text=printed), tags=[SENTINEL_TAG])


def good() -> NotebookNode:
    return v4.new_notebook(cells=[v4.new_markdown_cell("# Why?"), code(1), sentinel()])


def raising() -> NotebookNode:
    return v4.new_notebook(cells=[v4.new_markdown_cell("# Why?"), code(None, RAISED), sentinel()])


@pytest.mark.parametrize(
    ("notebook", "ending", "found"),
    [
        (good(), Ending(1), None),
        (good(), Ending(1, reason="is too much"), Failure(1, "is too much")),
        (raising(), Ending(2, reason="is too much"), Failure(2, "is too much")),
        (raising(), Ending(2, trouble="it died", reason="is too much"), Failure(2, "is too much")),
        (raising(), Ending(2, trouble="it died"), Failure(1, "raised ValueError: no")),
        (good(), Ending(2, trouble="no magic"), Failure(2, "ended the run: no magic")),
        (
            good(),
            Ending(2, trouble="it died", died=True),
            Failure(2, "ended the run: it died", "kernel"),
        ),
    ],
    ids=["good", "refused", "first", "not dead", "raised", "ended", "dead"],
)
def test_the_first_cause_is_what_is_told(notebook, ending, found):
    assert verdict(notebook, "nonce", ending) == found


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ([], (0, LOST)),
        ([v4.new_markdown_cell("# Why?"), code(1)], (1, LOST)),
        ([sentinel(), code(1)], (1, LOST)),
    ],
    ids=["no cell", "no sentinel", "a sentinel that is not the last"],
)
def test_a_run_without_its_own_last_cell_is_refused(cells, found):
    assert failing_cell(v4.new_notebook(cells=cells), "nonce") == found


@pytest.mark.parametrize(
    ("metadata", "source"),
    [
        ({"kernelspec": PYTHON}, '__import__("builtins").print("nonce")'),
        ({"language_info": {"name": "python"}}, '__import__("builtins").print("nonce")'),
        ({"language_info": {"name": "R"}}, 'print("nonce")'),
        ({}, 'print("nonce")'),
    ],
    ids=["by its kernel", "by its language", "another", "none"],
)
def test_the_sentinel_prints_in_the_notebooks_language(metadata, source):
    guarded = with_sentinel(v4.new_notebook(cells=[code(1)], metadata=metadata), "nonce")
    last = guarded.cells[-1]
    assert (last.source, last.metadata.tags) == (source, [SENTINEL_TAG])


def test_cells_of_a_tag_are_left_out_and_no_others():
    kept, other = code(1, tags=["hide"]), code(2)
    notebook = v4.new_notebook(cells=[kept, sentinel(), other])
    assert without_tag(notebook, SENTINEL_TAG).cells == [kept, other]
