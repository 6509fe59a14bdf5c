"""What the press reads of a project, and how it asks the project to prepare."""

import re
from pathlib import Path

import pytest
from refusals import refusal

from notebook_press.errors import DataError, UsageError
from notebook_press.project import (
    Project,
    Settings,
    find_common_project,
    find_project,
    prepare,
)


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


@pytest.mark.parametrize("settings", ["", "tool = 3", "[tool.other]\na = 1"])
def test_a_folder_without_settings_is_a_project_of_its_own(tmp_path, settings):
    start = write(tmp_path, settings)
    assert find_project(start) == Project(root=start)
    assert prepare(Project(root=start), {"a": 1}).parameters == {"a": 1}


@pytest.mark.promise("A `sources` that names nothing is refused, not silently left out of the key.")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.notebook-press]\nsource = []", "'source'; did you mean sources"),
        ("[tool.notebook-press]\nsources = 'src'", "should be a list"),
        ("[tool.notebook-press]\nlock = 3", "'lock' should be a path, found 3"),
        ("[tool.notebook-press", "can't be read as TOML"),
        ("[tool]\nnotebook-press = 3", "expected a table, found 3"),
        ("a = " + "[" * 5_000, "can't be read as TOML"),
        ("[tool.notebook-press]\n'" + "x" * 10_000 + "' = 1", "unknown setting"),
        ("[tool.notebook-press]\nsources = [3, 'src']", r"'sources\.0' should be a path, found 3"),
        ("[tool.notebook-press]\nsources = ['nowhere']", "should name what .* found 'nowhere'"),
        ("[tool.notebook-press]\nsources = ['.']", "without the reports in it, found '.'"),
        ("[tool.notebook-press]\nsources = ['a/../..']", "without the reports in it"),
        ("[tool.notebook-press]\nmeasured = '..'", "without the reports in it, found '..'"),
        ('[tool.notebook-press]\nsources = ["a\\u0000b"]', "found 'a.x00b'"),
        ("[tool.notebook-press]\nnotebooks = 'a'", "'notebooks' should be a list, found 'a'"),
        ("[tool.notebook-press]\nformats = [1]", r"'formats\.0' should be text, found 1"),
        ("[tool.notebook-press]\njobs = 0", "'jobs' should be greater .* 1, found 0"),
        ("[tool.notebook-press]\njobs = 1.5", "'jobs' should be a whole number, found 1.5"),
        ("[tool.notebook-press]\njobs = true", "'jobs' should be a whole number, found True"),
        ("[tool.notebook-press]\ntimeout = 0", "'timeout' should be greater than 0, found 0"),
        ("[tool.notebook-press]\nrun_timeout = inf", "'run_timeout' should be finite, found inf"),
        ("[tool.notebook-press]\nrun_timeout = 'a'", "'run_timeout' should be a valid number"),
        ("[project]\ndependencies = 3\n[tool.notebook-press]", "'dependencies' should be a list"),
    ],
)
def test_settings_that_are_wrong_are_refused_in_one_short_line(tmp_path, settings, message):
    start = write(tmp_path, settings)
    assert re.search(message, refusal(UsageError, find_project, start))


def test_each_setting_says_what_it_is_for():
    settings = Settings.model_json_schema()["properties"]
    assert list(settings) == [
        *("sources", "lock", "measured", "prepare", "stderr", "allow_tagged_errors"),
        *("notebooks", "formats", "jobs", "timeout", "run_timeout"),
    ]
    assert all(setting["description"].endswith(".") for setting in settings.values())


def test_sources_may_lie_beside_the_project(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "project").mkdir()
    settings = f"[tool.notebook-press]\nsources = ['../shared', '{tmp_path}/shared']"
    assert len(find_project(write(tmp_path / "project", settings)).sources) == 2


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("raise ValueError('no\\n  data')", "^no data$"),
        ("raise RuntimeError('x' * 10_000)", "xxx"),
        ("raise SystemExit(0)", "it ended the program with 0"),
        ("raise ValueError('\\x1b[31mred')", "^red$"),
        ("raise RecursionError", "RecursionError"),
    ],
)
def test_a_prepare_function_that_gives_up_is_a_data_error_in_one_short_line(tmp_path, body, cause):
    name = f"giving_up_{abs(hash(body))}"
    (tmp_path / f"{name}.py").write_text(f"def prepare(p): {body}")
    project = Project(root=tmp_path, prepare=f"{name}:prepare")
    assert re.search(cause, refusal(DataError, prepare, project, {}))


@pytest.mark.promise("What `prepare` returns is what a notebook can be given, or is refused.")
@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("None", "expected an object with `parameters`, `inputs` and `notice`, found None"),
        ("N(parameters={}, inputs={}, notice=None)", "should have the names that it is given"),
        ("N(parameters={'a': (1,)}, inputs={}, notice=None)", "it is no text, number"),
        ("N(parameters={'a': [b'1']}, inputs={}, notice=None)", "it is no text, number"),
        ("N(parameters={'a': '\\ud800'}, inputs={}, notice=None)", "half a character"),
        ("N(parameters=p, inputs=None, notice=None)", "'inputs' should be a mapping, found None"),
        ("N(parameters=p, inputs={'a': 1}, notice=None)", r"'inputs\.a' should be text, found 1"),
        ("N(parameters=p, inputs={}, notice=3)", "'notice' should be text, found 3"),
        ("N(parameters=p, inputs={})", "'notice' is missing"),
        ("N(parameters=p, inputs={}, notice=None, faults='a')", "'faults' should be a list"),
    ],
)
def test_what_prepare_returns_is_checked(tmp_path, answer, fault):
    name = f"answering_{abs(hash(answer))}"
    text = f"from types import SimpleNamespace as N\ndef prepare(p): return {answer}"
    (tmp_path / f"{name}.py").write_text(text)
    with pytest.raises(UsageError, match=fault):
        prepare(Project(root=tmp_path, prepare=f"{name}:prepare"), {"a": 1})


BROKEN = ["1 / 0", "raise SystemExit(0)", "def", "import nowhere"]
NOT_THERE = ["nowhere:prepare", "json:nothing", "json", "", ".:a", "json:__doc__", "x" * 10_000]


@pytest.mark.parametrize("name", [*NOT_THERE, *(f"broken_{n}:prepare" for n in range(len(BROKEN)))])
def test_a_prepare_function_that_can_not_be_imported_is_a_usage_error(tmp_path, name):
    for number, body in enumerate(BROKEN):
        (tmp_path / f"broken_{number}.py").write_text(body)
    with pytest.raises(UsageError, match="should be 'module:function'"):
        prepare(Project(root=tmp_path, prepare=name), {})


@pytest.mark.promise("A notebook of another project is not built by the settings of this one.")
def test_notebooks_of_two_projects_are_not_built_as_if_they_were_of_one(tmp_path):
    notebooks = [tmp_path / name / "notebooks" / "story.ipynb" for name in ("one", "two")]
    assert find_common_project(notebooks) == Project(root=tmp_path / "one" / "notebooks")
    for name in ("one", "two"):
        (tmp_path / name / "src").mkdir(parents=True)
        write(tmp_path / name, "[tool.notebook-press]\nsources = ['src']")
    with pytest.raises(UsageError, match="found one of another; build the notebooks of each"):
        find_common_project(notebooks)
