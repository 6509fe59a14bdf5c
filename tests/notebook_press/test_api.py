"""A build as a function: what it takes and returns, from wherever it is called."""

import json
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import psutil
import pytest

import notebook_press
from notebook_press.errors import ExpectationError, ParameterError, UsageError

SCRIPT = """
import notebook_press, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # which whoever runs tests may ignore
built = notebook_press.build("notebooks", formats="html", jobs=2)
sys.exit(f"published {sorted(built.published)}")
"""
PREPARE = """
import os
from types import SimpleNamespace
def prepare(parameters):
    print("words")
    os.system("echo words")
    return SimpleNamespace(parameters=parameters, inputs={}, notice=None)
"""
MAIN = "from notebook_press.cli import main; main()"
HANG = "import os, time; open('{}.pid', 'w').write(str(os.getpid())); time.sleep(600)"

quick = pytest.mark.usefixtures("no_kernel", "no_rendering")


@pytest.fixture
def start(project):
    """The function that starts Python, and ends it where a test did not."""
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen([sys.executable, *arguments], text=True, **pipes))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.communicate()


@quick
@pytest.mark.parametrize(
    ("declared", "given", "shown"),
    [
        ("x = None", None, "None"),
        ("x = None", [1, {"a": True}], "[1, {'a': True}]"),
        ("x = None", "3", "'3'"),
        ("x: int = 1", np.int64(3), "3"),
        ("x: float = 1.0", 1e-7, "1e-07"),
        ("x = None", 1e-7, "1e-07"),
        ("x: float = 1.0", 2, "2.0"),
        ("x: int = 1", 10**30, str(10**30)),
        ("x: bool = True", False, "False"),
        ("x: int | None = 1", None, "None"),
        ("x: list[int] = [1]", (1, 2), "[1, 2]"),
        ("x = None", np.array([1, 2]), "[1, 2]"),
        ("x = None", Path("folder"), "'folder'"),
        ("from datetime import date\nx: date = date(2026, 1, 1)", date(2026, 2, 3), "'2026-02-03'"),
    ],
)
def test_values_of_python_reach_the_notebook(write_notebook, project, declared, given, shown):
    story = write_notebook("print(repr(x))", parameters=declared)
    notebook_press.build(story, parameters={"x": given}, formats=["html"])
    cells = json.loads((project / "reports/default/story.ipynb").read_text())["cells"]
    text = "".join(cells[-1]["outputs"][0]["text"]).strip()
    assert text.replace("datetime.date(2026, 2, 3)", "'2026-02-03'") == shown


@quick
@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"parameters": {"x": object()}}, ParameterError, "a value that JSON can hold"),
        ({"parameters": {"n": 0.5}}, ParameterError, "n: expected a whole number, found '0.5'"),
        ({"jobs": 0}, UsageError, "--jobs: expected a whole number from 1, found 0"),
        ({"threads": -1}, UsageError, "--threads: expected a whole number from 1, found -1"),
    ],
)
def test_what_can_not_be_met_is_an_error_of_the_press(write_notebook, options, error, words):
    record = "from notebook_press import author\nauthor.record(n=1)"
    story = write_notebook(record, parameters="x = None\nn: int = 1")
    with pytest.raises(error, match=words):
        notebook_press.build(story, formats=["html"], **options)


@quick
@pytest.mark.parametrize(
    ("bound", "error", "words"),
    [
        ("n>2", ExpectationError, r"^story\.n is 1, expected > 2$"),
        ("m>2", UsageError, "no report recorded it"),
    ],
)
def test_what_is_not_as_expected_is_published_and_among_what_failed(
    write_notebook, bound, error, words
):
    story = write_notebook("from notebook_press import author\nauthor.record(n=1)")
    built = notebook_press.build(story, formats=["html"], expect=[bound])
    assert (built.published, len(built.reports)) == (("story",), 1)
    with pytest.raises(error, match=words):
        built.checked()


@pytest.mark.slow
def test_a_plain_script_builds_side_by_side_and_prints_nothing(write_notebook, start):
    for name in ("one", "two"):
        write_notebook("1", name=name)
    assert start("-c", SCRIPT).communicate() == ("", "published ['one', 'two']\n")


@pytest.mark.slow
@pytest.mark.promise("Ctrl-C ends a program's runs side by side, and nothing of them is left.")
def test_an_interrupted_program_does_not_wait_for_runs_side_by_side(write_notebook, project, start):
    for name in ("one", "two"):
        write_notebook(HANG.format(name), name=name)
    program = start("-c", SCRIPT)
    noted = [project / "notebooks" / f"{name}.pid" for name in ("one", "two")]
    while not all(path.is_file() and path.read_text() for path in noted):
        assert program.poll() is None
        time.sleep(0.02)
    program.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in program.communicate(timeout=30)[1]
    assert not any(psutil.pid_exists(int(path.read_text())) for path in noted)


@pytest.mark.promise("With --json stdout holds lines of JSON alone, whatever a project prints.")
@pytest.mark.parametrize("refused", [pytest.param(False, marks=pytest.mark.slow), True])
def test_stdout_holds_json_alone_where_it_is_asked_for(write_notebook, project, start, refused):
    (project / "preparing.py").write_text(PREPARE)
    (project / "pyproject.toml").write_text('[tool.notebook-press]\nprepare = "preparing:prepare"')
    write_notebook("1 / 0", name="bad")
    write_notebook("1", name="good", parameters="x = 1")
    given = ["-p", "y", "1"] if refused else []
    build = start("-c", MAIN, "build", "notebooks", "-j", "2", "--json", "--to", "html", *given)
    out, err = build.communicate()
    events = [json.loads(line) for line in out.splitlines()]
    ends = {each["report"]: each["event"] for each in events}
    assert ends == ({} if refused else {"bad": "failed", "good": "published"})
    assert {each["version"] for each in events} <= {1}
    assert ("words" in err, build.returncode) == ((False, 2) if refused else (True, 4))
