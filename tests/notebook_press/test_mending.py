"""Faults of a notebook's file: mended where that takes no guess, else refused."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from refusals import refusal

from notebook_press.errors import UsageError
from notebook_press.notebook import read_notebook

PROSE = {"cell_type": "markdown", "metadata": {}, "source": "# Why?"}
CODE = {
    "cell_type": "code",
    "metadata": {},
    "source": "1",
    "outputs": [],
    "execution_count": None,
}


def read(
    folder: Path, *cells: dict[str, Any], minor: int = 4, **more: Any
) -> tuple[nbformat.NotebookNode, list[str]]:
    """A notebook as it is read, and what is told of it."""
    path = folder / "story.ipynb"
    told: list[str] = []
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": minor} | more
    path.write_text(json.dumps({name: each for name, each in content.items() if each != "gone"}))
    notebook = read_notebook(path, told.append)
    nbformat.validate(notebook)
    return notebook, told


def without(cell: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: each for name, each in cell.items() if name not in names}


@pytest.mark.parametrize(
    ("cells", "minor", "told"),
    [
        ([PROSE | {"id": "a"}, CODE | {"id": "a"}], 4, "cell ids, which its format has not"),
        ([PROSE, CODE | {"id": "a"}], 5, "a cell id that is missing, wrong or not its own"),
        ([PROSE | {"id": "a"}, CODE | {"id": "a"}], 5, "a cell id that is missing"),
        ([PROSE | {"id": "a b"}, CODE | {"id": 3}], 5, "a cell id that is missing"),
        ([PROSE | {"outputs": [], "execution_count": 3}], 4, "'outputs' of a markdown cell"),
        ([CODE | {"attachments": {}, "prompt_number": 3}], 4, "'attachments' of a code cell"),
        ([without(CODE, "outputs", "execution_count")], 4, "missing outputs or numbers"),
        ([CODE | {"outputs": None}], 4, "missing outputs or numbers"),
        ([without(PROSE, "metadata"), CODE | {"metadata": None}], 4, "missing metadata"),
        ([CODE | {"metadata": {"tags": ["a", "b", "a"]}}], 4, "tags that a cell has twice"),
        ([CODE | {"outputs": [{"output_type": "stream"}]}], 4, "stale outputs that are not valid"),
        ([CODE | {"outputs": {}, "execution_count": "3"}], 4, "stale outputs that are not valid"),
    ],
)
def test_a_fault_that_takes_no_guess_is_mended_and_told(tmp_path, cells, minor, told):
    notebook, lines = read(tmp_path, *cells, minor=minor)
    assert [cell.source for cell in notebook.cells] == [cell["source"] for cell in cells]
    (line,) = lines
    assert line.startswith(f"mended for this build, not in its file: {told}")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"metadata": "gone"}, "missing metadata"),
        ({"metadata": {"kernelspec": {"name": "a"}}}, "a kernelspec without a name for readers"),
        ({"metadata": {"kernelspec": {"display_name": "a"}}}, "a kernelspec without a name"),
        ({"metadata": {"language_info": {}}}, "a language_info without a name"),
        ({"signature": "a"}, "'signature' of a notebook"),
        ({"nbformat_minor": "gone"}, "a missing minor version"),
    ],
)
def test_what_is_wrong_with_the_whole_is_mended_and_told(tmp_path, more, told):
    assert read(tmp_path, CODE, **more)[1] == [f"mended for this build, not in its file: {told}"]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b" \n", "the file is empty"),
        (b"[1]", "expected names and values, found list"),
        (b"<<<<<<< HEAD\n{}", "Expecting value: line 1 column 1"),
        ("{}".encode("utf-16"), "'utf-8' codec can't decode byte"),
        (b"{}", "Notebook"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused_with_the_cause_and_what_to_do(
    tmp_path, content, cause
):
    path = tmp_path / "story.ipynb"
    path.write_bytes(content)
    message = refusal(UsageError, read_notebook, path)
    assert f"story.ipynb: not a notebook that can be read: {cause}" in message
    assert message.endswith("; restore it, or save it again where it was made")


def test_of_a_valid_file_nothing_is_told_and_nothing_changed(tmp_path):
    output = {"output_type": "stream", "name": "stdout", "text": "1"}
    notebook, lines = read(tmp_path, CODE | {"id": "a", "outputs": [output]}, minor=5)
    assert (lines, notebook.cells[0].outputs) == ([], [output])


def test_a_notebook_of_an_old_format_is_read_as_one_of_today_the_same_each_time(tmp_path):
    path, told = tmp_path / "old.ipynb", []
    cell = {"cell_type": "code", "language": "python", "input": "1", "outputs": [], "metadata": {}}
    heading = {"cell_type": "heading", "level": 1, "source": "Why?", "metadata": {}}
    sheet = {"cells": [heading, cell], "metadata": {}}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}
    path.write_text(json.dumps(old))
    notebook = read_notebook(path, told.append)
    nbformat.validate(notebook)
    assert type(notebook) is nbformat.NotebookNode  # papermill takes any other for a path
    assert [cell.source for cell in notebook.cells] == ["# Why?", "1"]
    assert told == ["mended for this build, not in its file: its format, which is an old one"]
    assert notebook == read_notebook(path)


def test_new_ids_are_the_same_each_time_and_none_of_the_others(tmp_path):
    cells = [CODE | {"id": "cell-1"}, CODE, CODE | {"id": "cell-1"}]
    first, again = (read(tmp_path, *cells, minor=5)[0] for _ in "ab")
    ids = [cell["id"] for cell in first.cells]
    assert ids == [cell["id"] for cell in again.cells]
    assert len({*ids}) == 3


@pytest.mark.parametrize(
    "cell",
    [
        *[{"cell_type": "heading", "metadata": {}, "source": "a"}, without(CODE, "source"), 3],
        *[PROSE | {"metadata": []}, PROSE | {"source": 5}, CODE | {"metadata": {"tags": 5}}],
        *[{"metadata": {}, "source": ""}, CODE | {"cell_type": []}, PROSE | {"attachments": 3}],
    ],
)
def test_what_could_be_meant_in_two_ways_is_refused(tmp_path, cell):
    assert "story.ipynb: not a" in refusal(UsageError, read, tmp_path, cell)
