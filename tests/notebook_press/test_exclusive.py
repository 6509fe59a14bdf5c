"""Timings of a machine: one at a time, whoever takes them, and what else was at work is told."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from notebook_press import author, exclusive

HOLD = """
import sys
from pathlib import Path
from notebook_press import exclusive
exclusive.LOCK = Path(sys.argv[1])
with exclusive.alone(print):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def lock(tmp_path, monkeypatch) -> Path:
    """The lock of a machine of the test's own."""
    monkeypatch.setattr(exclusive, "LOCK", tmp_path / "timing")
    return exclusive.LOCK


@pytest.fixture
def holder(lock):
    """Another process that takes times."""
    command = [sys.executable, "-c", HOLD, str(lock)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.promise("Two processes of a machine never take times at once.")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_timing_waits_for_that_of_another_process_and_for_no_dead_one(holder, number):
    said = []

    def end(line: str) -> None:
        said.append(line)
        holder.send_signal(number)

    with exclusive.alone(end):
        assert holder.wait(10) == -number
    assert said == ["waiting for another timing on this machine"]


def test_a_process_that_was_forked_during_a_timing_keeps_no_other_waiting(lock):
    with exclusive.alone(pytest.fail):
        opened = Path("/dev/fd").iterdir()
        descriptors = [int(each.name) for each in opened if each.resolve() == lock]
        child = subprocess.Popen(["sleep", "600"], pass_fds=descriptors)
    try:
        assert descriptors
        with exclusive.alone(pytest.fail):
            pass
    finally:
        child.kill()
        child.wait()


def test_a_timing_that_fails_frees_the_machine():
    with pytest.raises(ZeroDivisionError), exclusive.alone(pytest.fail):
        _ = 1 / 0
    with exclusive.alone(pytest.fail) as load:
        pass
    assert load.cores == os.cpu_count()


@pytest.mark.parametrize("put", [lambda path: path.symlink_to("/etc/passwd"), Path.mkdir])
def test_what_stands_in_the_lock_s_place_keeps_no_timing_from_being_taken(lock, put):
    put(lock)
    with exclusive.alone(pytest.fail):
        pass


def test_what_other_processes_keep_busy_is_told(monkeypatch):
    busy = iter([10.0, 13.0])
    monkeypatch.setattr(exclusive, "_busy", lambda: next(busy))
    monkeypatch.setattr(exclusive.time, "monotonic", iter([0.0, 0.0, 2.0]).__next__)
    with exclusive.alone(pytest.fail) as load:
        pass
    assert load.others == 1.5


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (True, "nothing else was timed on this machine"),
        (False, "something else may have been timed on this machine"),
    ],
)
def test_a_page_says_what_else_was_at_work(monkeypatch, tmp_path, there, words):
    said = []
    monkeypatch.setattr(author, "_display", lambda kind, data, **_: said.append((kind, data)))
    if not there:
        monkeypatch.setattr(exclusive, "LOCK", tmp_path / "nowhere" / "timing")
    with author.timing():
        pass
    ((kind, data),) = said
    assert kind == "say"
    assert words in data["text/plain"]
    assert f"of its {os.cpu_count()} cores busy" in data["text/plain"]
