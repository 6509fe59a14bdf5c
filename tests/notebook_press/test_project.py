"""What the press reads of a project, and how it asks the project to prepare."""

from pathlib import Path

import pytest

from notebook_press.errors import DataError, UsageError
from notebook_press.project import Project, find_common_project, find_project, prepare


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


@pytest.mark.promise("A `sources` that names nothing is refused, not silently left out of the key.")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.notebook-press]\nsource = []", "unknown setting 'source'"),
        ("[tool.notebook-press]\nsources = 'src'", "should be a list"),
        ("[tool.notebook-press]\nlock = 3", "`lock` should be text"),
        ("[tool.notebook-press", "can't be read as TOML"),
        ("[tool]\nnotebook-press = 3", "expected a table of settings, found 3"),
        ("[[tool.notebook-press]]", "expected a table of settings"),
        ("a = " + "[" * 5_000, "can't be read as TOML"),
        ("[tool.notebook-press]\n'" + "x" * 10_000 + "' = 1", "unknown setting"),
        ("[tool.notebook-press]\nsources = ['" + "x" * 10_000 + "', 3]", "should be a list"),
        ("[tool.notebook-press]\nsources = ['nowhere']", "found nothing at 'nowhere'"),
        ("[tool.notebook-press]\nlock = 'nowhere'", "found nothing at 'nowhere'"),
        ("[tool.notebook-press]\nsources = ['.']", "without the reports in it, found '.'"),
        ("[tool.notebook-press]\nsources = ['']", "without the reports in it, found ''"),
        ("[tool.notebook-press]\nsources = ['a/../..']", "without the reports in it"),
        ("[tool.notebook-press]\nsources = ['/']", "without the reports in it, found '/'"),
        ("[tool.notebook-press]\nmeasured = '..'", "without the reports in it, found '..'"),
        ('[tool.notebook-press]\nsources = ["a\\u0000b"]', "found 'a.x00b'"),
        ("[project]\ndependencies = 'numpy'\n[tool.notebook-press]", "list of requirements"),
    ],
)
def test_settings_that_are_wrong_are_refused_in_one_short_line(tmp_path, settings, message):
    start = write(tmp_path, settings)
    with pytest.raises(UsageError, match=message) as caught:
        find_project(start)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1_000


def test_without_a_prepare_function_the_parameters_stay_as_they_are(tmp_path):
    assert prepare(Project(root=tmp_path), {"a": 1}).parameters == {"a": 1}


def test_whatever_prepare_raises_is_a_data_error_in_one_line(tmp_path):
    (tmp_path / "refusing.py").write_text("def prepare(p): raise ValueError('no\\n  data')")
    with pytest.raises(DataError, match=r"^no data$"):
        prepare(Project(root=tmp_path, prepare="refusing:prepare"), {})


def test_settings_of_other_tools_are_none(tmp_path):
    start = write(tmp_path, "tool = 3")
    assert find_project(start) == Project(root=start)


def test_sources_may_lie_beside_the_project(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "project").mkdir()
    settings = f"[tool.notebook-press]\nsources = ['../shared', '{tmp_path}/shared']"
    assert len(find_project(write(tmp_path / "project", settings)).sources) == 2


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("raise RuntimeError('x' * 10_000)", "xxx"),
        ("raise SystemExit(0)", "it ended the program with 0"),
        ("raise ValueError('\\x1b[31m')", "31m"),
        ("raise RecursionError", "RecursionError"),
    ],
)
def test_a_prepare_function_that_gives_up_is_a_data_error_in_one_short_line(tmp_path, body, cause):
    name = f"giving_up_{abs(hash(body))}"
    (tmp_path / f"{name}.py").write_text(f"def prepare(p): {body}")
    with pytest.raises(DataError, match=cause) as caught:
        prepare(Project(root=tmp_path, prepare=f"{name}:prepare"), {})
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1_000


@pytest.mark.promise("What `prepare` returns is what a notebook can be given, or is refused.")
@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("None", "`parameters` with the names that it is given, found None"),
        ("N(parameters={}, inputs={}, notice=None)", "`parameters` with the names"),
        ("N(parameters=p | {'b': 1}, inputs={}, notice=None)", "`parameters` with the names"),
        ("N(parameters={'a': [1]}, inputs={}, notice=None)", "it is no whole number"),
        ("N(parameters={'a': 'b\\n'}, inputs={}, notice=None)", "a line break"),
        ("N(parameters={'a': float('nan')}, inputs={}, notice=None)", "it is not finite"),
        ("N(parameters=p, inputs=None, notice=None)", "`inputs` as text by name"),
        ("N(parameters=p, inputs={'a': 1}, notice=None)", "`inputs` as text by name"),
        ("N(parameters=p, inputs={}, notice=3)", "`notice` as text or None"),
    ],
)
def test_what_prepare_returns_is_checked(tmp_path, answer, fault):
    name = f"answering_{abs(hash(answer))}"
    text = f"from types import SimpleNamespace as N\ndef prepare(p): return {answer}"
    (tmp_path / f"{name}.py").write_text(text)
    with pytest.raises(UsageError, match=fault):
        prepare(Project(root=tmp_path, prepare=f"{name}:prepare"), {"a": 1})


@pytest.mark.parametrize("body", ["1 / 0", "raise SystemExit(0)", "def", "import nowhere"])
def test_a_module_of_prepare_that_can_not_be_imported_is_a_usage_error(tmp_path, body):
    name = f"broken_{abs(hash(body))}"
    (tmp_path / f"{name}.py").write_text(body)
    with pytest.raises(UsageError, match="should be 'module:function'"):
        prepare(Project(root=tmp_path, prepare=f"{name}:prepare"), {})


@pytest.mark.parametrize(
    "name",
    ["nowhere:prepare", "json:nothing", "json", "", ".:a", "..:a", "json:__doc__", "x" * 10_000],
)
def test_a_prepare_function_that_is_not_there_is_a_usage_error(tmp_path, name):
    with pytest.raises(UsageError, match="should be 'module:function'"):
        prepare(Project(root=tmp_path, prepare=name), {})


@pytest.mark.promise("A notebook of another project is not built by the settings of this one.")
def test_notebooks_of_two_projects_are_not_built_as_if_they_were_of_one(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "src").mkdir(parents=True)
        write(tmp_path / name, "[tool.notebook-press]\nsources = ['src']")
    notebooks = [tmp_path / name / "notebooks" / "story.ipynb" for name in ("one", "two")]
    with pytest.raises(UsageError, match="found one of another; build the notebooks of each"):
        find_common_project(notebooks)


def test_notebooks_without_settings_may_lie_anywhere(tmp_path):
    notebooks = [tmp_path / name / "story.ipynb" for name in ("one", "two")]
    assert find_common_project(notebooks) == Project(root=tmp_path / "one")
