"""The action for GitHub: its steps are run here, as they are."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {Path(shlex.split(step["run"])[0]).name: step for step in ACTION["runs"]["steps"]}
NOTES = """#!{python}
import pathlib, sys
if "venv" in sys.argv:
    made = pathlib.Path(sys.argv[-1], "bin")
    made.mkdir(parents=True)
    (made / "python").symlink_to(pathlib.Path(sys.argv[0]).resolve())
with open({notes!r}, "a") as file:
    print(*sys.argv[1:], sep="|", file=file)
"""
REAL = "#!{python}\nfrom notebook_press.cli import main\nmain()\n"


@pytest.fixture
def program(tmp_path):
    """Return a function that puts a program on the path of the steps."""

    def put(name: str, text: str) -> None:
        (tmp_path / "bin").mkdir(exist_ok=True)
        path = tmp_path / "bin" / name
        path.write_text(text.format(python=sys.executable, notes=str(tmp_path / "notes")))
        path.chmod(0o755)

    return put


@pytest.fixture
def run(project, tmp_path):
    """Return a function that runs a step with inputs as GitHub does."""

    def step(name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        given = {key: each["default"] for key, each in ACTION["inputs"].items()} | inputs

        def filled(text: str) -> str:
            return re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: given[match[1]], text)

        what = STEPS[name]
        environment = {
            **os.environ,
            **{key: filled(value) for key, value in what["env"].items()},
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_PATH": str(tmp_path / "path"),
            "RUNNER_TEMP": str(tmp_path / "temporary"),
        }
        return subprocess.run(
            ["bash", "-e", "-c", filled(what["run"])],
            cwd=project / filled(what["working-directory"]),
            env=environment,
            capture_output=True,
            text=True,
        )

    return step


def noted(tmp_path: Path) -> list[str]:
    return (tmp_path / "notes").read_text().splitlines()


def test_every_step_is_a_script_of_the_repository_and_no_input_is_part_of_a_command():
    assert ACTION["runs"]["using"] == "composite"
    for step in ACTION["runs"]["steps"]:
        assert set(step) == {"name", "shell", "working-directory", "env", "run"}
        (word,) = shlex.split(step["run"])
        assert "{{" not in word
        assert os.access(word.replace("$GITHUB_ACTION_PATH", str(ROOT)), os.X_OK)


def test_every_input_is_explained_and_reaches_a_step():
    given = "".join(map(str, ACTION["runs"]["steps"]))
    unused = [name for name in ACTION["inputs"] if f"inputs.{name} " not in given]
    assert unused == []
    assert all(each["description"].endswith(".") for each in ACTION["inputs"].values())


@pytest.mark.parametrize("extras", ["plotly] evil", "a;b", "$(touch owned)", "a b"])
def test_extras_that_are_none_are_refused_and_nothing_is_installed(
    run, program, tmp_path, project, extras
):
    program("python3", NOTES)
    result = run("install", extras=extras)
    assert (result.returncode, "expected names" in result.stderr) == (2, True)
    assert not (tmp_path / "notes").exists()
    assert not (project / "owned").exists()


PRESS = f"{ROOT}/src/notebook-press"


@pytest.mark.parametrize(
    ("there", "inputs", "installed"),
    [
        ("", {}, PRESS),
        ("", {"extras": "plotly,vega"}, f"{PRESS}[plotly,vega]"),
        ("requirements.txt", {}, f"{PRESS}|--requirement|requirements.txt"),
        ("my list.txt", {"requirements": "my list.txt"}, f"{PRESS}|--requirement|my list.txt"),
    ],
)
def test_the_press_and_what_the_notebooks_need_are_installed(
    run, program, project, tmp_path, there, inputs, installed
):
    program("python3", NOTES)
    if there:
        (project / there).touch()
    result = run("install", **inputs)
    assert result.returncode == 0, result.stderr
    assert noted(tmp_path)[-1] == f"-m|pip|install|--quiet|{installed}"
    assert (tmp_path / "path").read_text() == f"{tmp_path}/temporary/notebook-press/bin\n"


@pytest.mark.parametrize(
    ("inputs", "arguments"),
    [
        ({}, "build|--"),
        ({"notebooks": "a b.ipynb\n*.ipynb\n\n$(x)\n"}, "build|--|a b.ipynb|*.ipynb|$(x)"),
        ({"options": "--strict  --expect\na>=1 *"}, "build|--strict|--expect|a>=1|*|--"),
        ({"notebooks": "--reports"}, "build|--|--reports"),
    ],
)
def test_inputs_reach_the_press_as_they_are(run, program, project, tmp_path, inputs, arguments):
    (project / "other.ipynb").touch()
    program("notebook-press", NOTES)
    assert run("build", **inputs).returncode == 0
    assert noted(tmp_path) == [arguments]


def test_a_build_that_fails_fails_its_step_and_is_an_annotation(run, program):
    program("notebook-press", REAL)
    result = run("build", notebooks="nowhere.ipynb")
    assert result.returncode == 2
    assert result.stderr.startswith(
        "::error title=Report failed::'nowhere.ipynb': no such notebook"
    )
