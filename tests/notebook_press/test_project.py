"""What the press reads of a project, and how it asks the project to prepare."""

from pathlib import Path

import pytest

from notebook_press.errors import DataError, UsageError
from notebook_press.project import Project, find_project, prepare


def write(folder: Path, settings: str) -> Path:
    (folder / "pyproject.toml").write_text(settings)
    (folder / "notebooks").mkdir(exist_ok=True)
    return folder / "notebooks"


def test_settings_are_found_above_a_notebook_and_paths_are_below_them(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "lock").touch()
    start = write(
        tmp_path,
        '[project]\ndependencies = ["numpy>=2"]\n'
        '[tool.notebook-press]\nsources = ["src"]\nlock = "lock"\nmeasured = "m"\n',
    )
    assert find_project(start) == Project(
        root=tmp_path,
        sources=(tmp_path / "src",),
        lock=tmp_path / "lock",
        measured=tmp_path / "m",
        dependencies=("numpy>=2",),
    )


def test_a_folder_without_settings_is_a_project_of_its_own(tmp_path):
    assert find_project(tmp_path) == Project(root=tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.notebook-press]\nsource = []", "unknown setting 'source'"),
        ("[tool.notebook-press]\nsources = 'src'", "should be a list"),
        ("[tool.notebook-press]\nlock = 3", "`lock` should be text"),
        ("[tool.notebook-press", "can't be read as TOML"),
    ],
)
def test_settings_that_are_wrong_are_refused(tmp_path, settings, message):
    with pytest.raises(UsageError, match=message):
        find_project(write(tmp_path, settings))


def test_without_a_prepare_function_the_parameters_stay_as_they_are(tmp_path):
    assert prepare(Project(root=tmp_path), {"a": 1}).parameters == {"a": 1}


def test_whatever_prepare_raises_is_a_data_error_in_one_line(tmp_path):
    (tmp_path / "refusing.py").write_text("def prepare(p): raise ValueError('no\\n  data')")
    with pytest.raises(DataError, match=r"^no data$"):
        prepare(Project(root=tmp_path, prepare="refusing:prepare"), {})


@pytest.mark.parametrize("name", ["nowhere:prepare", "json:nothing", "json", ""])
def test_a_prepare_function_that_is_not_there_is_a_usage_error(tmp_path, name):
    with pytest.raises(UsageError, match="should be 'module:function'"):
        prepare(Project(root=tmp_path, prepare=name), {})
