"""Ending what was started here, and nothing else."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PARENT = """import subprocess, sys
child = [sys.executable, "-c", "import signal; signal.pause()"]
subprocess.Popen(child, stdin=subprocess.DEVNULL, start_new_session=True)
print("started", flush=True)
input()"""


@pytest.fixture
def processes(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("processes")


@pytest.mark.slow
def test_what_was_started_is_ended_though_its_parent_is_gone_and_others_live_on(processes):
    mark, other = processes.new_mark(), processes.new_mark()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", PARENT]
    with (
        subprocess.Popen(command, env=processes.with_mark(mark), **pipes) as ours,
        subprocess.Popen(command, env=processes.with_mark(other), **pipes) as theirs,
    ):
        assert [ours.stdout.readline(), theirs.stdout.readline()] == ["started\n"] * 2
        ours.kill()
        ours.wait()
        assert processes.end(mark) == 1
        assert processes.marked(mark) == []
        assert len(processes.marked(other)) == 2
        assert processes.end(other) == 2
