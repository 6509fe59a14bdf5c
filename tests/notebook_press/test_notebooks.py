"""Notebooks as files: renewed with another run's outputs, freed of this machine's paths."""

import json

import nbformat
import pytest

from notebook_press.errors import UsageError
from notebook_press.notebooks import read_notebook, renew, without_folders, without_paths


def code(source, tags=(), outputs=(), number=None):
    return nbformat.v4.new_code_cell(
        source, metadata={"tags": list(tags)}, outputs=list(outputs), execution_count=number
    )


def printed(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def test_a_renewed_notebook_has_new_prose_and_old_outputs():
    executed = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("old"),
            code("a: int = 1", ["parameters"], number=1),
            code("a = 2", ["injected-parameters"], number=2),
            code("print(a)", outputs=[printed("2\n")], number=3),
        ]
    )
    notebook = nbformat.v4.new_notebook(
        cells=[
            code("a: int = 1", ["parameters"]),
            nbformat.v4.new_markdown_cell("new"),
            code("print(a)"),
            nbformat.v4.new_markdown_cell("newer"),
        ]
    )
    renewed = renew(notebook, executed)
    sources = [cell.source for cell in renewed.cells]
    assert sources == ["a: int = 1", "a = 2", "new", "print(a)", "newer"]
    assert renewed.cells[3].outputs[0].text == "2\n"
    assert [renewed.cells[index].execution_count for index in (0, 1, 3)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("/home/someone/digits", "digits"), ("mnist", "mnist"), ("a/b", "a/b"), (3, 3), (0.5, 0.5)],
)
def test_an_absolute_path_is_shown_by_its_last_name(value, shown):
    assert without_folders(value) == shown


def test_the_injected_cell_and_the_metadata_lose_this_machines_paths():
    path = "/home/someone/digits"
    executed = nbformat.v4.new_notebook(
        cells=[code(f'# Parameters\ndataset = "{path}"\n', ["injected-parameters"])],
        metadata={"papermill": {"output_path": path, "parameters": {"dataset": path}}},
    )
    assert path not in str(without_paths(executed, {"dataset": path}))


@pytest.mark.parametrize(
    "change",
    [
        {"cells": [{"cell_type": "code", "id": "a", "metadata": {"tags": 5}, "source": "1"}]},
        {"cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "\ud800"}]},
        {"cells": {"a": 1}},
        {"metadata": {"language_info": "x"}},
        {"metadata": "x"},
    ],
    ids=["tags", "half a character", "cells", "language", "metadata"],
)
def test_a_notebook_that_is_not_valid_is_refused_in_one_line(tmp_path, change):
    path = tmp_path / "story.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, **change}))
    with pytest.raises(UsageError, match=r"story\.ipynb: not a") as caught:
        read_notebook(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["odd\nname", "bad\udcffname", "turned\u202ename", "e\x1b[31m"])
def test_a_name_that_can_not_be_printed_is_refused(tmp_path, name):
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), path)
    with pytest.raises(UsageError, match="rename the file") as caught:
        read_notebook(path)
    assert str(caught.value).isprintable()
