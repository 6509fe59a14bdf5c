"""The parts of a key as functions: each is what it says, and differs exactly when that does."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import nbformat.v4 as v4
import pytest
from nbformat import NotebookNode

from notebook_press import keys
from notebook_press.digests import digest
from notebook_press.keys import (
    UNSETTLED,
    Key,
    ProjectParts,
    changes,
    press_parts,
    render_key,
    run_key,
)
from notebook_press.project import Project

INJECTED = {"tags": ["injected-parameters"]}
PARAMETERS = {"tags": ["parameters"]}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("a = 1")
    (tmp_path / "lock").write_text("alpha")
    return Project(tmp_path, sources=(tmp_path / "src",), lock=tmp_path / "lock")


def cell(source: str, tags: dict[str, list[str]] | None = None) -> NotebookNode:
    return v4.new_code_cell(source, metadata=tags or {})


def key(*cells: NotebookNode, project: Project, given: bool = True, kernel: str = "odd") -> Key:
    spec = {"name": kernel, "display_name": kernel}
    notebook = v4.new_notebook(cells=[*cells], metadata={"kernelspec": spec})
    parameters = {"epochs": 2} if given else {}
    return run_key(notebook, project.root, parameters, {}, ProjectParts(project, 1))


def test_a_run_depends_on_the_press_that_runs_it(project: Project):
    assert key(project=project)["press"] == press_parts()["run"]


def test_a_folder_is_known_where_it_really_is(project: Project):
    (project.root / "real").mkdir()
    (project.root / "link").symlink_to("real")
    found = run_key(v4.new_notebook(), project.root / "link", {}, {}, ProjectParts(project, 1))
    assert found["folder"] == "real"


@pytest.mark.parametrize(
    ("one", "other", "given", "same"),
    [
        ([cell("a = 1")], [cell("a = 1", PARAMETERS)], True, False),
        ([cell("a = 1")], [cell("a = 1", INJECTED)], False, False),
        ([cell("a = 1", INJECTED)], [cell("a = 1", PARAMETERS)], False, False),
        ([cell("a = 1", INJECTED)], [cell("a = 2", INJECTED)], True, True),
        ([cell("a = 1", INJECTED)], [cell("a = 2", INJECTED)], False, False),
        ([cell("", INJECTED), cell("b")], [cell("b"), cell("", INJECTED)], True, False),
        (
            [cell("a", INJECTED), cell("b = 1", INJECTED)],
            [cell("a", INJECTED), cell("b = 2", INJECTED)],
            True,
            False,
        ),
    ],
    ids=[
        "the cell of parameters",
        "the injected cell",
        "their roles",
        "what is replaced",
        "what is not replaced",
        "an empty cell that is",
        "only the first is replaced",
    ],
)
def test_code_is_what_a_kernel_is_given(one, other, given, same, project: Project):
    found = [key(*cells, project=project, given=given)["code"] for cells in (one, other)]
    assert (found[0] == found[1]) == same


RAISES = {"tags": ["raises-exception"]}
SKIPPED = {"tags": ["skip-execution"]}


@pytest.mark.parametrize(("allowed", "same"), [(True, False), (False, True)])
def test_a_tag_that_allows_errors_counts_where_the_project_says_so(allowed, same, project: Project):
    project = replace(project, allow_tagged_errors=allowed)
    found = [key(cell("1 / 0", tags), project=project)["code"] for tags in ({}, RAISES)]
    assert (found[0] == found[1]) == same


def test_code_of_a_cell_that_is_skipped_is_of_its_page_and_not_of_its_run(project: Project):
    one, other = (v4.new_notebook(cells=[cell(source, SKIPPED)]) for source in ("a", "b"))
    found = [key(*book.cells, project=project)["code"] for book in (one, other)]
    assert found[0] == found[1]
    assert render_key(one, "a", None, "hide") != render_key(other, "a", None, "hide")


THIS = str(Path(sys.prefix, "bin", "python"))
NUMBERED = f"python{sys.version_info[0]}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"argv": [THIS, "-m", "x"]}, {"argv": ["python", "-m", "x"]}, True),
        ({"argv": ["python", "-m", "x"]}, {"argv": [NUMBERED, "-m", "x"]}, True),
        ({"argv": ["python"]}, {"argv": [f"{NUMBERED}.{sys.version_info[1]}"]}, True),
        ({"argv": ["python", "-m", "x"]}, {"argv": ["/opt/python", "-m", "x"]}, False),
        ({"argv": ["python", "-m", "x"]}, {"argv": ["python", "-m", "y"]}, False),
        ({"argv": ["python", "-m", "x"]}, {"argv": ["python", "-u", "x"]}, False),
        ({"argv": ["python", "-m", "x"]}, {"argv": ["-m", "x"]}, False),
        ({"argv": ["/opt/a"]}, {"argv": ["/opt/b"]}, False),
        ({"argv": []}, {}, False),
        ({"env": {"SEED": "1"}}, {"env": {"SEED": "2"}}, False),
        ({"env": {}}, {}, True),
    ],
)
def test_a_kernel_is_how_it_is_started(one, other, same, project: Project, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(project.root))
    file = project.root / "kernels" / "odd" / "kernel.json"
    file.parent.mkdir(parents=True)
    found = []
    for content in (one, other):
        file.write_text(json.dumps(content))
        found.append(key(project=project)["kernel"])
    assert (found[0] == found[1]) == same


@pytest.mark.parametrize("broken", ["{", "[]", None])
def test_a_kernel_that_is_not_there_is_known_by_its_name(broken, project: Project, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(project.root))
    if broken is not None:
        (project.root / "kernels" / "no").mkdir(parents=True)
        (project.root / "kernels" / "no" / "kernel.json").write_text(broken)
    assert key(project=project, kernel="no") != key(project=project, kernel="none")
    assert key(project=project, kernel="no")["kernel"] == digest(
        {"name": "no", "language": None, "started": {}}
    )


def test_what_was_touched_and_is_the_same_is_settled(project: Project):
    shared = ProjectParts(project, 1)
    before = key(project=project)
    os.utime(project.root / "lock", (0, 0))
    assert shared.settled(before) == before


def test_what_changed_is_not_settled(project: Project):
    shared = ProjectParts(project, 1)
    before = key(project=project)
    (project.root / "lock").write_text("beta")
    (project.root / "src" / "a.py").write_text("a = 2")
    after = shared.settled(before)
    assert after == {**before, "lock": UNSETTLED, "sources": UNSETTLED}
    assert changes(before, after) == ("lock", "sources")


def test_changes_are_named_in_order():
    before, now = dict.fromkeys("hgfedx", "1"), dict.fromkeys("cbax", "1")
    assert changes(before, now) == tuple("abcdefgh")


def test_a_page_depends_on_its_run_and_on_the_press_that_renders_it():
    found = render_key(v4.new_notebook(), "long", None, "hide")
    assert (found["name"], found["rendering"]) == ("long", press_parts()["render"])


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("running/gate.py", True),
        ("author.py", True),
        ("__init__.py", True),
        ("errors.py", True),
        ("messages.py", True),
        ("parameters/cells.py", True),
        ("late.py", True),
        ("publishing.py", False),
        ("json.py", False),
    ],
)
def test_a_run_depends_on_its_rooms_and_what_they_import(
    file: str, counts: bool, tmp_path: Path, monkeypatch
):
    sources = {
        "running/gate.py": "import json\nfrom notebook_press import VERSION, errors\n"
        "from notebook_press.messages import one\nfrom elsewhere import publishing\n"
        "def late():\n    from notebook_press.parameters import cells\n",
        "messages.py": "from notebook_press.late import two\n",
        "parameters/__init__.py": "",
        **dict.fromkeys(("author.py", "__init__.py", "errors.py", "late.py", "json.py"), ""),
        **dict.fromkeys(("publishing.py", "parameters/cells.py"), ""),
        **dict.fromkeys(("rendering/html.py", "provenance.py"), ""),
    }
    for name, source in sources.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    monkeypatch.setattr(keys, "PRESS", tmp_path)
    before = press_parts.__wrapped__()["run"]
    (tmp_path / file).write_text(f"{sources[file]}# changed\n")
    assert (press_parts.__wrapped__()["run"] != before) == counts
