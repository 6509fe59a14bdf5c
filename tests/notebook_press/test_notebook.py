"""Notebooks as files: renewed with another run's outputs, freed of this machine's paths."""

import json

import nbformat
import pytest
from refusals import refusal

from notebook_press.errors import UsageError
from notebook_press.notebook import read_notebook, renew
from notebook_press.running.redaction import without_folders, without_paths


def code(source, tags=(), outputs=(), number=None):
    return nbformat.v4.new_code_cell(
        source, metadata={"tags": list(tags)}, outputs=list(outputs), execution_count=number
    )


def published(*cells, **metadata):
    return nbformat.v4.new_notebook(cells=list(cells), metadata=metadata)


def printed(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def test_a_renewed_notebook_has_new_prose_and_old_outputs():
    executed = published(
        nbformat.v4.new_markdown_cell("old"),
        code("a: int = 1", ["parameters"], number=1),
        code("a = 2", ["injected-parameters"], number=2),
        code("print(a)", outputs=[printed("2\n")], number=3),
    )
    new, newer = map(nbformat.v4.new_markdown_cell, ("new", "newer"))
    notebook = published(code("a: int = 1", ["parameters"]), new, code("print(a)"), newer)
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


@pytest.mark.promise("The cell that papermill injects loses the folders in its parameters.")
def test_the_injected_cell_and_the_metadata_lose_this_machines_paths():
    path = "/home/someone/digits"
    executed = nbformat.v4.new_notebook(
        cells=[code(f'# Parameters\ndataset = "{path}"\n', ["injected-parameters"])],
        metadata={"papermill": {"output_path": path, "parameters": {"dataset": path}}},
    )
    assert path not in str(without_paths(executed, {"dataset": path}))


@pytest.mark.promise("Outputs that stand in the notebook's own file are never published.")
def test_outputs_of_the_notebooks_own_file_are_never_published():
    executed = published(code("1", outputs=[printed("ran\n")], number=1))
    notebook = published(code("1", outputs=[printed("old\n")]), code("", outputs=[printed("?\n")]))
    renewed = renew(notebook, executed)
    assert [[out.text for out in cell.outputs] for cell in renewed.cells] == [["ran\n"], []]


def test_the_parameters_of_an_earlier_run_are_replaced_where_they_stand():
    def book(injected, number=None):
        return published(
            code("a: int = 1", ["parameters"], number=number),
            code("b", number=number),
            code(injected, ["injected-parameters"], number=number),
        )

    renewed = renew(book("a = 5"), book("a = 2", number=1))
    assert [cell.source for cell in renewed.cells] == ["a: int = 1", "b", "a = 2"]
    assert [cell.execution_count for cell in renewed.cells] == [1, 1, 1]


@pytest.mark.promise("Outputs are never put below code that did not make them.")
def test_code_that_did_not_run_is_not_given_outputs():
    with pytest.raises(UsageError, match="found other code"):
        renew(published(code("2")), published(code("1", outputs=[printed("1\n")], number=1)))


def test_metadata_are_the_authors_but_for_what_a_run_writes():
    executed = published(papermill={"ran": True}, title="old", gone=1, language_info={"name": "x"})
    renewed = renew(published(papermill={"ran": False}, title="new"), executed)
    assert renewed.metadata == {
        "papermill": {"ran": True},
        "title": "new",
        "language_info": {"name": "x"},
    }


def test_a_notebook_of_an_older_format_stays_valid():
    executed = published(code("a: int = 1", ["parameters"]), code("a = 2", ["injected-parameters"]))
    notebook = published(code("a: int = 1", ["parameters"]))
    notebook.nbformat_minor = 4
    del notebook.cells[0]["id"]
    nbformat.validate(renew(notebook, executed))


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "null", "\\x00", "<html>", '{"cells": 3}', "[" * 9_999]
)
def test_a_file_that_is_no_notebook_is_refused_in_one_short_line(tmp_path, content):
    (tmp_path / "story.ipynb").write_text(content)
    message = refusal(UsageError, read_notebook, tmp_path / "story.ipynb")
    assert "not a notebook that can be read" in message


@pytest.mark.promise(
    "A notebook with half a character is refused before anything of it is run or published."
)
def test_a_notebook_with_half_a_character_is_refused_before_it_would_be_published(tmp_path):
    path = tmp_path / "story.ipynb"
    nbformat.write(published(code("'\N{GRINNING FACE}'")), path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\N{GRINNING FACE}", r"\ud83d\ude00"))
    assert read_notebook(path).cells[0].source == "'\N{GRINNING FACE}'"
    path.write_text(text.replace("\N{GRINNING FACE}", r"\ud800"))
    assert "surrogates not allowed" in refusal(UsageError, read_notebook, path)


@pytest.mark.promise("A notebook that is not valid is refused in one line, before a kernel starts.")
@pytest.mark.parametrize(
    "change",
    [
        {"cells": [{"cell_type": "code", "id": "a", "metadata": {"tags": 5}, "source": "1"}]},
        {"cells": {"a": 1}},
        {"metadata": {"language_info": "x"}},
        {"metadata": "x"},
    ],
    ids=["tags", "cells", "language", "metadata"],
)
def test_a_notebook_that_is_not_valid_is_refused_in_one_line(tmp_path, change):
    path = tmp_path / "story.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, **change}))
    assert "story.ipynb: not a" in refusal(UsageError, read_notebook, path)


@pytest.mark.promise("A notebook whose name can't be printed is refused.")
@pytest.mark.parametrize("name", ["odd\nname", "bad\udcffname", "turned\u202ename", "e\x1b[31m"])
def test_a_name_that_can_not_be_printed_is_refused(tmp_path, name):
    assert "rename the file" in refusal(UsageError, read_notebook, tmp_path / f"{name}.ipynb")
