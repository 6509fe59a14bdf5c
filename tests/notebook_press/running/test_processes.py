"""A kernel's processes and its folder: marked, private, watched, and gone at the end."""

import math
import os
import re
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from notebook_press.builds import build
from notebook_press.errors import ExecutionError, PressError, UsageError
from notebook_press.events import Silence
from notebook_press.request import Request
from notebook_press.running.processes import (
    Kernel,
    TimeLimits,
    Watchdog,
    describe_end,
    end_leftovers,
    mark_of,
    pages_mark_of,
    private_folder,
)


@pytest.fixture
def process():
    """Return a function that starts a process with one more variable in its environment."""
    started = []

    def start(variable: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(["sleep", "600"], env={**os.environ, variable: "1"}))
        return started[-1]

    yield start
    for child in started:
        child.kill()
        child.wait()


@pytest.mark.promise("Nothing is ended that is not marked for the reports folder at hand.")
def test_what_is_marked_for_a_reports_folder_is_ended_and_nothing_else(process, tmp_path):
    child = process(mark_of(tmp_path / "reports"))
    others = [process(mark_of(tmp_path / "other")), process("NOTEBOOK_PRESS_")]
    end_leftovers(tmp_path / "reports")
    assert child.wait(5) == -9
    assert [other.poll() for other in others] == [None, None]


@pytest.mark.promise(
    "The next build ends the processes that a killed press left, before it runs anything."
)
def test_a_build_ends_what_a_killed_press_left_before_it_runs_anything(
    process, project, write_notebook
):
    staging = project / "reports" / ".press" / "staging" / "default" / "story"
    staging.mkdir(parents=True)
    child = process(mark_of(staging))
    request = Request(notebooks=(write_notebook("import nowhere"),))
    with pytest.raises(ExecutionError, match="nowhere"):
        build(request, Silence()).checked()
    assert child.wait(5) == -9


def test_what_makes_pages_outlives_their_kernel_and_is_ended_as_a_leftover(process, tmp_path):
    pages = process(pages_mark_of(tmp_path))
    Kernel(mark_of(tmp_path)).end()
    assert pages.poll() is None
    end_leftovers(tmp_path)
    assert pages.wait(5) == -9


@pytest.mark.promise("A command that a notebook started ends neither itself nor what it runs in.")
def test_a_command_that_a_notebook_started_does_not_end_itself_or_its_parents(tmp_path):
    code = "from pathlib import Path; "
    code += "from notebook_press.running.processes import end_leftovers as end; "
    code += f"end(Path({str(tmp_path)!r})); print('went on')"
    command = f"{sys.executable} -c {code!r}; echo as did its parent"
    marked = {**os.environ, mark_of(tmp_path): "1"}
    done = subprocess.run(["sh", "-c", command], env=marked, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["went on", "as did its parent"]


@pytest.mark.promise("The mark of a reports folder tells nothing of its path.")
def test_a_mark_tells_nothing_of_the_folder_and_is_the_same_by_whatever_path(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    mark = mark_of(Path("reports"))
    assert re.fullmatch(r"NOTEBOOK_PRESS_[0-9A-F]{32}", mark)
    assert mark == mark_of(tmp_path / "link" / "reports")


@pytest.mark.promise("A worker whose build was killed ends nothing of the build that follows.")
def test_a_kernel_ends_what_it_started_and_nothing_of_the_next_run_of_its_report(tmp_path):
    kernels = [Kernel(mark_of(tmp_path)) for _ in range(2)]
    with ExitStack() as started:
        before, after = [
            started.enter_context(subprocess.Popen(["sleep", "600"], env=each.marked_environment))
            for each in kernels
        ]
        kernels[0].end()
        assert (before.wait(5), after.poll()) == (-9, None)
        end_leftovers(tmp_path)
        assert after.wait(5) == -9


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (3, "it exited with status 3"),
        (-15, "killed by SIGTERM"),
        (-40, "killed by signal 40"),  # one of those without a name
    ],
)
def test_the_end_of_a_process_is_told_in_words(status, words):
    assert describe_end(status) == words


def test_a_kernel_that_never_started_has_nothing_to_end():
    Kernel("NOTEBOOK_PRESS_TEST").end()


@pytest.mark.promise("A private folder has a path that is short enough for a socket.")
@pytest.mark.parametrize("place", ["long" * 25, "relative"])
def test_a_private_folder_suits_a_socket_is_closed_to_others_and_goes_away(
    tmp_path, monkeypatch, place
):
    monkeypatch.chdir(tmp_path)
    Path(place).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", place)
    with private_folder(mark_of(tmp_path)) as folder:
        assert folder.is_absolute()
        assert len(os.fsencode(folder / "kernel-12345")) <= 103
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_no_place_for_sockets_is_an_error_with_its_remedy(monkeypatch):
    monkeypatch.setattr("notebook_press.running.processes._places", lambda: [Path("/nowhere")])
    with pytest.raises(PressError, match="set TMPDIR"), private_folder(mark_of(Path())):
        pass


@pytest.mark.promise("The private folder that a killed press left is removed by the next command.")
def test_a_private_folder_that_a_killed_press_left_is_removed_and_no_link_followed(tmp_path):
    (tmp_path / "kept").mkdir()
    with private_folder(mark_of(tmp_path)) as left, private_folder(mark_of(Path())) as other:
        (left / "kernel-1").touch()
        link = Path(f"{left}x")
        link.symlink_to(tmp_path / "kept")
        end_leftovers(tmp_path)
        link.unlink()
        found = (left.exists(), other.exists(), (tmp_path / "kept").exists())
    assert found == (False, True, True)


@pytest.mark.promise("A time limit that is no number above 0 is refused before anything runs.")
@pytest.mark.parametrize("limit", [0, -1, math.nan, math.inf])
@pytest.mark.parametrize(("name", "option"), [("cell", "--timeout"), ("run", "--run-timeout")])
def test_a_limit_that_is_none_is_refused(name, option, limit):
    with pytest.raises(UsageError, match=f"^{option}: expected a number of seconds above 0, found"):
        TimeLimits(**{name: limit})


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"run": 0.01}, "the 0.01 s were over"),
        ({"cell": 0.01}, "longer than the 0.01 s"),
    ],
)
def test_a_watchdog_kills_until_the_run_is_over_and_names_the_cell(limits, words):
    killed = threading.Semaphore(0)
    watchdog = Watchdog(TimeLimits(**limits), killed.release)
    watchdog.cell_started(7)  # before the clock of the run, which a busy machine may let run out
    with watchdog:
        assert killed.acquire(timeout=60)
        assert killed.acquire(timeout=60)
        watchdog.cell_started(8)
    assert words in watchdog.reason
    assert watchdog.cell == 7


def test_a_run_whose_clock_is_stopped_does_not_take_too_long():
    killed = threading.Event()
    watchdog = Watchdog(TimeLimits(run=0.2), killed.set)
    with watchdog:
        with watchdog.stopped():
            assert not killed.wait(0.5)
        assert watchdog.seconds < 0.5
        assert killed.wait(60)


def test_the_first_reason_to_end_a_run_stays():
    watchdog = Watchdog(TimeLimits(), lambda: None, first=2)
    watchdog.end_run("displayed too much")
    watchdog.cell_started(3)
    watchdog.end_run("took too long")
    assert (watchdog.cell, watchdog.reason) == (2, "displayed too much")
