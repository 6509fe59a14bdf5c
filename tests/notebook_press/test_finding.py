"""Which notebooks files, folders and patterns mean."""

import os
from pathlib import Path

import pytest
from refusals import refusal

from notebook_press.errors import UsageError
from notebook_press.finding import find_notebooks, notebooks_of
from notebook_press.project import find_project


def found(*places: str) -> list[str]:
    return list(map(str, find_notebooks(map(Path, places))))


@pytest.fixture
def tree(project) -> Path:
    """A folder with notebooks, and with others that nobody means."""
    for path in (
        *(
            "notebooks/b.ipynb",
            "notebooks/a.ipynb",
            "notebooks/deep/er/c.ipynb",
            "notebooks/[x].ipynb",
        ),
        *("notebooks/data.csv", "notebooks/.ipynb_checkpoints/a-checkpoint.ipynb"),
        *("out/.press/lock", "out/default/a.ipynb", "venv/pyvenv.cfg", "venv/lib/d.ipynb"),
        *("node_modules/e.ipynb", "empty/data.csv", ".hidden/g.ipynb"),
    ):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).touch()
    return project


ALL = ["notebooks/[x].ipynb", "notebooks/a.ipynb", "notebooks/b.ipynb", "notebooks/deep/er/c.ipynb"]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (["notebooks"], ALL),
        (["."], ALL),
        (["**/*.ipynb"], ALL),
        (["notebooks/*.ipynb"], ALL[:3]),
        (["notebooks/?.ipynb", "notebooks/deep"], ALL[1:]),
        (["notebooks/b.ipynb", "notebooks"], ["notebooks/b.ipynb", ALL[0], ALL[1], ALL[3]]),
        (["notebooks/[x].ipynb"], ALL[:1]),
        (["notebooks/*"], ALL[:3]),
        (["out/default"], ["out/default/a.ipynb"]),
        (["nowhere.ipynb"], ["nowhere.ipynb"]),
        (["x" * 5_000 + ".ipynb"], ["x" * 5_000 + ".ipynb"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
@pytest.mark.usefixtures("tree")
def test_places_stand_for_their_notebooks_each_once_and_in_order(places, expected):
    assert found(*places) == expected


@pytest.mark.parametrize(
    "place", ["empty", "empty/*.ipynb", "*.ipynb", "[", "venv*/**/*.ipynb", "nowhere"]
)
@pytest.mark.usefixtures("tree")
def test_a_place_without_notebooks_is_refused(place):
    assert "found none there" in refusal(UsageError, found, place)


def test_hidden_folders_above_a_pattern_do_not_matter(project):
    (project / ".work" / "venv").mkdir(parents=True)
    (project / ".work" / "pyvenv.cfg").touch()
    (project / ".work" / "a.ipynb").touch()
    assert found(str(project / ".work" / "*.ipynb")) == [str(project / ".work" / "a.ipynb")]


@pytest.mark.parametrize("here", [".", "notebooks/deep"])
def test_a_projects_notebooks_are_found_from_each_of_its_folders(tree, here):
    settings = "[tool.notebook-press]\nnotebooks = ['notebooks/deep', 'notebooks/a.ipynb']"
    (tree / "pyproject.toml").write_text(settings)
    os.chdir(here)
    names = [path.name for path in notebooks_of(find_project(Path.cwd()))]
    assert names == ["c.ipynb", "a.ipynb"]


def test_a_project_that_names_none_is_told_how_to(project):
    message = refusal(UsageError, notebooks_of, find_project(project))
    assert "notebook-press init" in message
    assert str(project / "pyproject.toml") in message
