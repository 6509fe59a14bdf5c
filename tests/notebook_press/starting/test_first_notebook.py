"""A first notebook: where it is written, and what it comes to."""

from pathlib import Path

import nbformat
import pytest
from refusals import refusal

from notebook_press.builds import build
from notebook_press.errors import PublishingError, UsageError
from notebook_press.events import Silence
from notebook_press.notebook import read_notebook
from notebook_press.parameters import read_parameters
from notebook_press.request import request_for
from notebook_press.starting.beginning import start


def started(name: str) -> list[str]:
    return list(start(name))


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".ipynb",
        "a/b",
        "/etc/a",
        "../a",
        "a\\b",
        ".hidden",
        "a\n",
        "a\0",
        "a ",
        "x" * 300,
        "\ud800",
    ],
    ids=ascii,
)
def test_a_name_that_is_none_is_refused_and_nothing_is_written(project, name):
    before = sorted(project.rglob("*"))
    assert "expected" in refusal(UsageError, started, name)
    assert sorted(project.rglob("*")) == before


@pytest.mark.promise("No notebook is written over by `new`.")
@pytest.mark.parametrize("name", ["story", "story.ipynb", "Story"])
def test_a_notebook_that_is_there_is_left_as_it_is(project, name):
    settings = project / "pyproject.toml"
    settings.write_text("[tool.notebook-press]\nnotebooks = ['notebooks']")
    (project / "notebooks/story.ipynb").write_text("mine")
    assert "there is one already" in refusal(UsageError, started, name)
    assert [path.read_text() for path in project.rglob("*.ipynb")] == ["mine"]


def test_a_file_in_the_place_of_the_folder_is_named(project):
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nnotebooks = ['pyproject.toml']")
    assert "pyproject.toml" in refusal(PublishingError, started, "story")


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ("", "story.ipynb"),
        ("notebooks = ['made/here']", "made/here/story.ipynb"),
        ("notebooks = ['*.ipynb', 'one.ipynb', 'second']", "second/story.ipynb"),
        ("notebooks = ['*.ipynb']", "story.ipynb"),
    ],
)
def test_it_is_written_where_the_project_has_its_notebooks(project, settings, place):
    (project / "pyproject.toml").write_text(f"[tool.notebook-press]\n{settings}")
    assert started("story")[0] == f"wrote {place}"
    assert read_notebook(Path(place)).cells


def test_what_has_to_be_installed_first_is_told(project, monkeypatch):
    monkeypatch.setattr("notebook_press.starting.beginning.find_spec", lambda _: None)
    assert any(line.endswith("pip install matplotlib") for line in started("story"))


@pytest.mark.usefixtures("no_kernel", "no_rendering")
def test_it_builds_without_a_word_and_answers_its_question(project):
    started("story")
    request = request_for([Path("story.ipynb")], formats=("html",), strict=True)
    (manifest,) = build(request, Silence()).checked()
    assert manifest.title.endswith("?")
    assert manifest.answer
    assert manifest.results["minutes_above_60"] == pytest.approx(12.1, abs=0.05)
    assert manifest.not_shown == 0


def test_each_of_its_parameters_is_typed_and_says_what_it_is_for(project):
    started("story")
    notebook = read_notebook(Path("story.ipynb"))
    parameters = read_parameters(notebook, "story")
    assert [each.name for each in parameters] == ["tea", "room", "half_life"]
    assert all(each.help and each.annotation is not None for each in parameters)


def test_it_holds_no_outputs_and_a_kernel_that_everybody_has(project):
    started("story")
    notebook = nbformat.read("story.ipynb", as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    assert not any(cell.get("outputs") for cell in notebook.cells)
