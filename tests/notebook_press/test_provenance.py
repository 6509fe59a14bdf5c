"""Where a report comes from: enough to make it again, nothing that names its maker."""

import base64
import getpass
import importlib.metadata
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import nbformat
import pytest
from installed import install_package
from packaging.requirements import Requirement

from notebook_press import provenance
from notebook_press.author import METADATA_KEY
from notebook_press.provenance import installed, rendering_versions, result_versions
from notebook_press.rendering.images import Image
from notebook_press.rendering.page import Figure


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_commit_says_whether_there_are_changes_on_top(tmp_path):
    assert provenance.commit(tmp_path) is None
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "first")
    clean = provenance.commit(tmp_path)
    (tmp_path / "file").write_text("1")
    assert provenance.commit(tmp_path) == f"{clean} + changes"


def test_a_machine_is_described_without_naming_host_or_user():
    machine = provenance.machine()
    assert machine["processor"]
    assert machine["cores"] >= 1
    assert machine["memory_gib"] > 0
    assert socket.gethostname() not in str(machine)
    assert getpass.getuser() not in str(machine)


def test_a_page_tells_the_versions_of_python_the_project_and_the_press():
    found = provenance.versions(("numpy>=2", "no-such-distribution", "=="))
    asked = list(map(Requirement, importlib.metadata.requires("notebook-press") or ()))
    names = {each.name for each in asked if not each.marker or each.marker.evaluate({"extra": ""})}
    assert {"python", "numpy", *names} <= set(found)
    assert set(found) <= {"python", "numpy", *(each.name for each in asked)}
    assert found["python"] == ".".join(str(part) for part in sys.version_info[:3])
    assert found["papermill"] == importlib.metadata.version("papermill")


def test_a_page_that_is_made_again_tells_what_makes_pages_now_and_the_rest_as_it_ran():
    making = {
        "versions": {"numpy": "1.0", "typst": "0.1"},
        "parameters": [{"name": "fresh", "value": True}, {"name": "a", "value": 1}],
    }
    executed = nbformat.v4.new_notebook(metadata={METADATA_KEY: making})
    anew = {"parameters": [{"name": "fresh", "value": False}, {"name": "a", "value": 2}]}
    again = provenance.made_again(executed, anew)
    assert again["versions"]["numpy"] == "1.0"
    assert again["versions"]["typst"] == importlib.metadata.version("typst")
    assert [each["value"] for each in again["parameters"]] == [True, 2]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that installs a package that needs others."""

    monkeypatch.syspath_prepend(tmp_path)
    yield partial(install_package, tmp_path)
    result_versions.cache_clear()


def test_what_is_required_is_followed_once(install):
    install("alpha-one", "1.0", "beta")
    install("beta", "2.0", "Alpha_One")
    assert installed(["alpha_one>=1"]) == {"alpha-one": "1.0", "beta": "2.0"}


@pytest.mark.parametrize(
    ("need", "asked_for", "found"),
    [
        ("beta; extra == 'more'", "alpha", {"alpha"}),
        ("beta; extra == 'more'", "alpha[more]", {"alpha", "beta"}),
        ("beta; sys_platform == 'linux'", "alpha", {"alpha"}),
        ("beta; python_version > '3'", "alpha", {"alpha", "beta"}),
        ("not-there", "alpha", {"alpha"}),
        ("!!", "alpha", {"alpha"}),
        ("beta", "nowhere-to-be-found", set()),
    ],
)
def test_what_is_needed_everywhere_is_followed(install, need, asked_for, found):
    install("alpha", "1.0", need)
    install("beta", "2.0")
    assert set(installed([asked_for])) == found


def test_results_depend_on_the_project_and_the_press_but_not_on_what_only_makes_pages(install):
    install("alpha", "1.0", "nbconvert")
    found = result_versions(("alpha", "typst"))
    assert {"alpha", "ipykernel", "papermill"} <= set(found)
    assert not {"nbconvert", "typst", "numpy"} & set(found)


def test_without_stated_dependencies_whatever_is_installed_counts(install):
    install("alpha", "1.0")
    found = result_versions(())
    assert {"alpha", "numpy", "papermill"} <= set(found)
    assert not {"nbconvert", "typst"} & set(found)


def test_pages_are_made_with_what_the_renderer_imports():
    assert {"nbconvert", "pypandoc-binary", "python-pptx", "lxml"} <= set(rendering_versions())


def test_the_index_shows_a_drawing_that_follows_the_theme_where_the_page_does():
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><path style="fill: #000000"/></svg>'
    figure = Figure(1, "", "98%", Image("image/svg+xml", drawing), themed=True)
    shown = provenance.described(figure)
    assert shown.themed
    assert b"prefers-color-scheme:dark" in base64.b64decode(shown.content)
