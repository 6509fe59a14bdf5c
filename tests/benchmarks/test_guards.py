"""The script that takes guards out, on a toy project with one good guard and several bad ones."""

import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "guards.py"
BEGIN, END = "<!-- made by benchmarks/guards.py --table -->", "<!-- end of what was made -->"
SOURCE = """def half(number):
    if number % 2:
        raise ValueError(number)
    return number // 2


def wait(seconds=0):
    import subprocess, sys
    program = f"import time; time.sleep({seconds})"
    subprocess.run([sys.executable, "-c", program], start_new_session=True)
"""
TESTS = """import pytest
from toy import half, wait

def test_odd_numbers_are_refused():
    with pytest.raises(ValueError):
        half(3)

def test_nothing():
    pass

def test_it_waits_for_no_one():
    wait()

@pytest.mark.parametrize("number", [2])
def test_wrong(number):
    assert half(number) == 2
"""


def entry(test: str, guard: str, without: str) -> str:
    return (
        f"[[guard]]\npromise = '{test} | holds'\ntest = 'tests/test_toy.py::{test}'\n"
        f"file = 'src/toy.py'\nguard = '{guard}'\nwithout = '{without}'\n"
    )


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Return a function that makes a project with some guards."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take their time to load

    def make(*entries: str) -> Path:
        for folder in ("src", "tests/guards"):
            (tmp_path / folder).mkdir(parents=True)
        (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
        (tmp_path / "src/toy.py").write_text(SOURCE)
        (tmp_path / "tests/test_toy.py").write_text(TESTS)
        (tmp_path / "tests/guards/toy_part.toml").write_text("\n".join(entries))
        return tmp_path

    return make


def run(root: Path, *options: str) -> tuple[int, list[str]]:
    command = [sys.executable, str(SCRIPT), "--root", str(root), *options]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.stderr == ""
    return answer.returncode, answer.stdout.splitlines()


GOOD = entry("test_odd_numbers_are_refused", "if number % 2:", "if False:")


def test_a_guard_whose_test_fails_without_it_is_proven_and_the_tree_untouched(toy):
    root = toy(GOOD)
    code, lines = run(root)
    assert (code, lines[2].endswith("| test_odd_numbers_are_refused | yes |")) == (0, True)
    assert (root / "src/toy.py").read_text() == SOURCE


@pytest.mark.parametrize(
    ("bad", "outcome"),
    [
        (entry("test_nothing", "if number % 2:", "if False:"), "NO: it passes"),
        (entry("test_nothing", "if number % 2:", "if"), "no: what takes its place is not Python"),
        (entry("test_nothing", "number", "n"), "no: src/toy.py: its lines stand there 4 times"),
        (entry("test_gone", "if number % 2:", "if False:"), "there is no such test"),
        (entry("test_wrong[2]", "if number % 2:", "if False:"), "no: it fails with the guard, too"),
    ],
    ids=["passes", "no Python", "ambiguous", "no test", "red anyway"],
)
def test_a_guard_that_is_not_proven_makes_it_red(toy, bad, outcome):
    code, lines = run(toy(bad))
    assert (code, outcome in lines[2]) == (1, True)
    assert lines[-1].startswith("1 guards, 0 proven")


@pytest.mark.slow
def test_a_test_that_hangs_without_its_guard_is_ended_with_all_that_it_started(toy):
    hanging = entry("test_it_waits_for_no_one", "seconds=0", "seconds=3600.25")
    code, lines = run(toy(hanging), "--limit", "15")
    assert (code, lines[2].endswith("| yes, it hangs |")) == (0, True)
    running = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert [line for line in running if "time.sleep(3600.25)" in " ".join(line)] == []


def test_only_takes_those_that_match(toy):
    root = toy(GOOD, entry("test_nothing", "number", "n"))
    assert run(root, "--only", "nothing")[1][-1].startswith("1 guards, 0 proven")


def test_the_table_has_each_promise_with_its_test(toy):
    root = toy(GOOD)
    page = root / "RELIABILITY.md"
    page.write_text(f"# Before\n{BEGIN}\nstale\n{END}\n# After\n")
    assert run(root, "--table")[0] == 0
    assert "### Toy part" in page.read_text()
    row = (
        r"^\| test_odd_numbers_are_refused \\\| holds \| \[`test_odd_.*`\]\(tests/test_toy.py\) \|$"
    )
    assert re.search(row, page.read_text(), re.MULTILINE)
    assert "stale" not in page.read_text()
