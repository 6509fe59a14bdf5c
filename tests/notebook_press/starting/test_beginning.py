"""A project's first files: what is there stays, and what is written works."""

import os
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from refusals import refusal

from notebook_press.errors import PublishingError, UsageError
from notebook_press.project import find_project
from notebook_press.starting import beginning
from notebook_press.starting.beginning import begin

WORKFLOW = Path(".github/workflows/reports.yml")
WRITTEN = {Path("pyproject.toml"), Path("reports/README.md"), WORKFLOW}


def begun(folder: Path) -> list[str]:
    return list(begin(folder))


def held(folder: Path) -> dict[Path, bytes]:
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def notebook(path: Path, *sources: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


BROKEN = [
    b"[tool",
    b"tool = { other = 1 }",
    b"[tool]\nnotebook-press.old = 1\n[tool.notebook-press]",
    b"\xff\xfe",
    b"a = " + b"[" * 5_000,
]


@pytest.mark.promise("Where `pyproject.toml` can't be added to, `init` changes nothing.")
@pytest.mark.parametrize("content", BROKEN, ids=lambda content: ascii(content[:20]))
def test_a_file_of_settings_that_can_not_be_added_to_is_left_and_nothing_is_written(
    tmp_path, content
):
    (tmp_path / "pyproject.toml").write_bytes(content)
    assert "expected TOML" in refusal(UsageError, begun, tmp_path)
    assert held(tmp_path) == {Path("pyproject.toml"): content}


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert "no such folder" in refusal(UsageError, begun, tmp_path / "nowhere")


@pytest.mark.parametrize("place", ["pyproject.toml", "reports", ".github"])
def test_what_stands_in_a_files_way_is_named(tmp_path, place):
    if place == "pyproject.toml":
        (tmp_path / place).mkdir()
    else:
        (tmp_path / place).touch()
    assert place in refusal(PublishingError, begun, tmp_path)


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pyproject.toml")
    os.mkfifo(tmp_path / "pipe.ipynb")
    assert "not a plain file" in refusal(PublishingError, begun, tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written_to_is_named(tmp_path):
    tmp_path.chmod(0o500)
    assert str(tmp_path) in refusal(PublishingError, begun, tmp_path)


SETTINGS = [b"", b"[project]\nname = 'a'", b"[tool.other]\r\na = 1\r\n", b"# \xe2\x82\xac\n\n\n"]


@pytest.mark.promise("What `pyproject.toml` holds, `init` keeps byte for byte.")
@pytest.mark.parametrize("before", SETTINGS)
def test_a_file_of_settings_keeps_every_byte_and_gets_the_section(tmp_path, before):
    (tmp_path / "pyproject.toml").write_bytes(before)
    begun(tmp_path)
    after = (tmp_path / "pyproject.toml").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\r\n") in (0, after.count(b"\n"))
    assert find_project(tmp_path).notebooks == ("notebooks",)


@pytest.mark.promise("No file is written over by `init`.")
def test_what_is_there_is_left_as_it_is(tmp_path):
    for path in WRITTEN:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("[tool.notebook-press]")
    before = held(tmp_path)
    lines = begun(tmp_path)
    assert held(tmp_path) == before
    assert [line.partition(":")[0] for line in lines[:3]] == ["left as it is"] * 3


def test_once_more_changes_nothing(tmp_path):
    begun(tmp_path)
    before = held(tmp_path)
    begun(tmp_path)
    assert held(tmp_path) == before
    assert set(before) == WRITTEN


def test_the_section_names_the_places_where_there_are_notebooks(tmp_path):
    for place in (
        "a",
        "sales/b",
        "sales/deep/c",
        '"quoted" \\/d',
        "\U0001f600/e",
        "[x]/f",
        "a\nb/g",
    ):
        notebook(tmp_path / f"{place}.ipynb")
    begun(tmp_path)
    named = find_project(tmp_path).notebooks
    assert named == ('"quoted" \\', "*.ipynb", "[x]", "sales", "\U0001f600")


def test_each_setting_that_the_section_tells_of_is_one(tmp_path):
    section = re.sub("^# ", "", beginning.template("section.toml"), flags=re.MULTILINE)
    (tmp_path / "pyproject.toml").write_text(section.replace("NOTEBOOKS", "['a']"))
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "src" / "mine").mkdir(parents=True)
    assert find_project(tmp_path).formats == ("html", "pdf", "pptx")


def workflow(folder: Path) -> dict:
    return yaml.safe_load((folder / WORKFLOW).read_text())


def commands(folder: Path) -> list[str]:
    (job,) = workflow(folder)["jobs"].values()
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize(
    ("origin", "requirement"),
    [
        ("{}", "notebook-press[vega]==0.1.0"),
        ('{"url": "file:///somewhere", "dir_info": {}}', ""),
        (
            '{"url": "https://host/press", "subdirectory": "src/press",'
            ' "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
            "notebook-press[vega] @ git+https://host/press@abc#subdirectory=src/press",
        ),
        (
            '{"url": "https://host/press.whl", "archive_info": {}}',
            "notebook-press[vega] @ https://host/press.whl",
        ),
    ],
)
def test_the_workflow_installs_the_press_from_where_this_one_came(
    tmp_path, monkeypatch, origin, requirement
):
    texts = {"direct_url.json": origin, "RECORD": "there"}

    class Installed:
        version = "0.1.0"
        read_text = staticmethod(texts.get)

    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Installed())
    notebook(tmp_path / "a.ipynb", "import altair")
    lines = begun(tmp_path)
    (job,) = workflow(tmp_path)["jobs"].values()
    assert job["env"]["PRESS"] == requirement
    assert any(line.startswith("to do:") for line in lines) is not bool(requirement)


@pytest.mark.parametrize(
    ("files", "installed"),
    [
        ({}, "pillow pyyaml"),
        ({"requirements.txt": ""}, "-r requirements.txt"),
        ({"pyproject.toml": "[project]\nname = 'a'"}, "."),
        ({"pyproject.toml": "[tool.a]\nb = '[project] of mine'"}, "pillow pyyaml"),
    ],
)
def test_the_workflow_installs_what_the_notebooks_import(tmp_path, files, installed):
    notebook(tmp_path / "a.ipynb", "import yaml, json\nfrom PIL import Image", "import nowhere_")
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    begun(tmp_path)
    assert commands(tmp_path)[1].lower() == f"python -m pip install {installed}"


def test_a_folder_within_a_repository_gets_no_workflow_that_nobody_reads(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "inner").mkdir()
    lines = begun(tmp_path / "inner")
    assert set(held(tmp_path / "inner")) == WRITTEN - {WORKFLOW}
    assert f"left out: {WORKFLOW}, since GitHub reads those of {tmp_path} only" in lines


def test_what_is_written_is_told_and_what_comes_next(tmp_path):
    lines = begun(tmp_path)
    assert lines[-1] == "next: notebook-press new NAME"
    notebook(tmp_path / "a.ipynb", "1")
    assert begun(tmp_path)[-1] == "next: notebook-press build"
    assert tomllib.loads((tmp_path / "pyproject.toml").read_text())
