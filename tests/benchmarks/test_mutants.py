"""The script that puts faults into functions, on a toy module of which one function is tested."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SOURCE = """def seen(number):
    return number > 0


def unseen(number):
    return number > 0
"""
TESTS = """from toy import seen

def test_seen():
    assert [number for number in range(3) if seen(number)] == [1, 2]
"""


def run(root: Path) -> subprocess.CompletedProcess[str]:
    """Try all mutants of the toy."""
    command = [sys.executable, str(BENCHMARKS / "mutants.py"), "--root", str(root), "--jobs", "1"]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [*command, "--module", "toy", "--tests", "test_toy.py"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    (tmp_path / "toy.py").write_text(SOURCE)
    (tmp_path / "tests" / "test_toy.py").write_text(TESTS)
    return tmp_path


@pytest.mark.slow
def test_a_fault_in_a_tested_function_is_noticed_and_one_in_an_untested_function_survives(toy):
    done = run(toy)
    assert (done.returncode, done.stderr) == (0, "")
    _, _, table, *survivors = done.stdout.splitlines()
    assert table.startswith("| `toy` | 6 | 3 | 3 |")
    assert [line for line in survivors if line.startswith("toy.")] == [
        f"toy.unseen: return number > 0 -> return {mutant}"
        for mutant in ("None", "number >= 0", "number > 1")
    ]
    assert (toy / "toy.py").read_text() == SOURCE


def test_nothing_is_said_of_tests_that_fail_anyway(toy):
    with (toy / "tests" / "test_toy.py").open("a") as tests:
        tests.write("    assert seen(0)\n")
    done = run(toy)
    assert done.returncode == 1
    assert done.stderr.endswith("toy: its tests have to pass before anything is changed\n")


def test_known_survivors_are_read_with_their_reasons(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    listed = "a.b: 1 -> 2\na.c: 3 -> 4\n    No\n    matter.\nd: x\n    Why.\n"
    page = f"# All\n\n## `mutants.py`: what\n\n    command\n\n```\n{listed}```\n"
    assert importlib.import_module("mutants").known(page) == {
        "a.b: 1 -> 2": "No matter.",
        "a.c: 3 -> 4": "No matter.",
        "d: x": "Why.",
    }
