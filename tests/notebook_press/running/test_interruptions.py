"""Ctrl-C, SIGTERM, SIGHUP and kill -9: how a command ends, and that nothing of it is left."""

import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from snapshots import PRIVATE, snapshot

from notebook_press.publishing.lock import Waiting, report_locked
from notebook_press.running.processes import end_leftovers, mark_of

MAIN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n{before}\n"
MAIN += "from notebook_press.cli import main; main()"
# Neither answers a signal nor lets another thread run: PyDLL keeps the interpreter's lock.
HANG = "import ctypes; ctypes.PyDLL(None).sleep(600)"
CHILD = """
import json, os, subprocess
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
open("new", "w").write(json.dumps([os.getpid(), child.pid]))
os.rename("new", "pids")
"""


@pytest.fixture
def start(project):
    """The function that starts a command that leads a process group, as a shell's job does."""
    started = []

    def start(*arguments: object, before: str = "", **options: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", MAIN.format(before=before), *map(str, arguments)]
        options = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, **options}
        started.append(subprocess.Popen(command, text=True, start_new_session=True, **options))
        return started[-1]

    yield start
    for each in started:  # what a test that failed left behind
        each.kill()
        each.communicate()
    end_leftovers(staging(project / "reports"))


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def staging(reports: Path, report: str = "story") -> Path:
    """Where a report is prepared, by which its processes are marked."""
    return reports / ".press" / "staging" / "default" / report


def private_folders(reports: Path) -> list[Path]:
    found = []
    for report in ("story", "one", "two"):
        start = mark_of(staging(reports, report)).removeprefix("NOTEBOOK_PRESS_")[:12].lower()
        found += Path(tempfile.gettempdir()).glob(f"press-{start}-*")
    return found


@pytest.fixture
def hanging(write_notebook):
    return write_notebook(CHILD, HANG)


@pytest.fixture
def reports(project):
    """The reports folder with something in it."""
    folder = project / "reports"
    (folder / "default").mkdir(parents=True)
    (folder / "default" / "story.html").write_text("yesterday's")
    return folder


def pids_of(notebook: Path) -> list[int]:
    """The processes of the kernel, once they hang."""
    noted = notebook.parent / "pids"
    wait_until(noted.is_file)
    return json.loads(noted.read_text())


def send(build: subprocess.Popen[str], *numbers: int) -> None:
    for number in numbers:
        os.killpg(build.pid, number)


def ended(build: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command; return its exit code and how its last line on stderr begins."""
    _, err = build.communicate(timeout=60)
    assert "Traceback" not in (err or "")
    return build.returncode, (err or "").rstrip().rpartition("\n")[2][:36]


def interrupted(code: int) -> tuple[int, str]:
    return code, f"notebook-press: exit {code} (interrupted)"[:36]


@pytest.mark.parametrize(
    ("numbers", "codes"),
    [
        ([signal.SIGINT, signal.SIGINT], [130]),
        pytest.param([signal.SIGTERM], [143], marks=pytest.mark.slow),
        pytest.param([signal.SIGHUP], [129], marks=pytest.mark.slow),
        pytest.param(
            [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], [129, 130, 143], marks=pytest.mark.slow
        ),
        pytest.param([signal.SIGINT] * 20, [130], marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_the_command_its_kernel_and_all_children_within_5_seconds(
    start, hanging, reports, still_alive, numbers, codes
):
    before = snapshot(reports, PRIVATE)
    build = start("build", hanging)
    pids = pids_of(hanging)
    send(build, *numbers)
    wait_until(lambda: not still_alive(pids), 5)
    assert ended(build) in [interrupted(code) for code in codes]
    assert (snapshot(reports, PRIVATE), private_folders(reports)) == (before, [])


def is_running(process: psutil.Process, program: str) -> bool:
    try:
        return program in " ".join(process.cmdline())
    except psutil.Error:  # one of the press's other children, which has ended
        return False


@pytest.mark.slow
@pytest.mark.promise(
    "A kernel that is being started when a signal comes is ended, with its private folder."
)
def test_a_signal_while_the_kernel_starts_leaves_none(start, hanging, reports, still_alive):
    build = start("build", hanging)
    press = psutil.Process(build.pid)
    wait_until(lambda: any(is_running(each, "ipykernel_launcher") for each in press.children()))
    kernels = [each.pid for each in press.children(recursive=True)]
    send(build, signal.SIGINT)
    assert (ended(build), still_alive(kernels)) == (interrupted(130), [])
    assert private_folders(reports) == []


@pytest.mark.promise(
    "Ctrl-C, SIGTERM and SIGHUP end a command with 130, 143 and 129, also while it waits for "
    "another."
)
def test_a_signal_while_a_command_waits_for_another_ends_it(start, write_notebook, reports):
    story = write_notebook("1")
    with report_locked(reports, "default", "story", Waiting()):
        build = start("build", story)
        wait_until(lambda: "waiting for" in build.stdout.readline())
        send(build, signal.SIGTERM)
        assert ended(build) == interrupted(143)


@pytest.fixture
def hanging_pair(write_notebook):
    """Two notebooks that hang, and note their processes in folders of their own."""
    pair = []
    for name in ("one", "two"):
        path = write_notebook(
            f"import os; os.makedirs('{name}'); os.chdir('{name}')", CHILD, HANG, name=name
        )
        pair.append(path)
    return pair


def pids_of_pair(pair: list[Path]) -> list[int]:
    noted = [path.parent / path.stem / "pids" for path in pair]
    wait_until(lambda: all(path.is_file() for path in noted))
    return [pid for path in noted for pid in json.loads(path.read_text())]


@pytest.mark.slow
@pytest.mark.promise(
    "A signal ends runs side by side, with their workers and all that they started."
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_runs_side_by_side_and_leaves_nothing(
    start, hanging_pair, reports, still_alive, number
):
    before = snapshot(reports, PRIVATE)
    build = start("build", *hanging_pair, "-j", 2)
    pids = pids_of_pair(hanging_pair)
    workers = [each.pid for each in psutil.Process(build.pid).children()]
    build.send_signal(number)
    wait_until(lambda: not still_alive(pids), 5)
    assert ended(build) == interrupted(128 + number)
    assert still_alive(workers) == []
    assert (snapshot(reports, PRIVATE), private_folders(reports)) == (before, [])


@pytest.mark.slow
@pytest.mark.promise("Workers of a press that is killed end themselves, and their kernels.")
def test_workers_of_a_killed_press_end_themselves(start, hanging_pair, reports, still_alive):
    build = start("build", *hanging_pair, "-j", 2)
    pids = pids_of_pair(hanging_pair)
    workers = [each.pid for each in psutil.Process(build.pid).children()]
    build.kill()
    build.communicate()
    wait_until(lambda: not still_alive(workers), 10)
    assert ended(start("check", reports))[0] in (0, 7)
    assert (still_alive(pids), private_folders(reports)) == ([], [])


@pytest.mark.slow
@pytest.mark.promise("Two builds of different reports work side by side in one reports folder.")
def test_a_build_leaves_the_processes_of_a_neighbour_alone(
    start, hanging, write_notebook, still_alive
):
    neighbour = start("build", hanging)
    pids = pids_of(hanging)
    assert ended(start("build", write_notebook("1", name="other"), "--to", "html"))[0] == 0
    assert sorted(still_alive(pids)) == sorted(pids)
    send(neighbour, signal.SIGTERM)
    assert ended(neighbour) == interrupted(143)


@pytest.mark.slow
def test_a_terminal_that_is_closed_ends_the_command_and_its_kernel(start, hanging, still_alive):
    ours, theirs = pty.openpty()
    build = start("build", hanging, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    pids = pids_of(hanging)
    os.close(ours)
    send(build, signal.SIGHUP)
    assert (build.wait(30), still_alive(pids)) == (129, [])


@pytest.mark.promise("The next check ends the processes that a killed press left.")
def test_what_a_killed_press_left_is_gone_after_the_next_command(
    start, hanging, reports, still_alive
):
    build = start("build", hanging)
    pids = pids_of(hanging)
    build.kill()
    build.communicate()
    assert still_alive(pids), "the kernel ended by itself: nothing to prove"
    assert ended(start("check", reports))[0] in (0, 7)
    assert (still_alive(pids), private_folders(reports)) == ([], [])


@pytest.mark.promise("A pandoc or Typst that outlives a killed press is ended by the next command.")
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_page_that_hangs_is_gone_after_the_next_command(
    start, write_notebook, reports, tmp_path, still_alive, number
):
    tower = "$" + "x^{" * 40 + "x" + "}" * 40 + "$"  # pandoc never ends with it
    story, scratch = write_notebook("1"), tmp_path / "scratch"
    story.write_text(story.read_text().replace("# What is the answer?", f"# What?\\n{tower}"))
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch)}
    build = start("build", story, "--to", "pdf", env=environment)
    pages: list[psutil.Process] = []

    def hangs() -> bool:
        children = psutil.Process(build.pid).children()
        pages[:] = [each for each in children if is_running(each, "pandoc")]
        return bool(pages) and time.time() - pages[0].create_time() > 0.5

    wait_until(hangs)
    build.send_signal(number)
    build.communicate()
    ended(start("check", reports, env=environment))
    assert still_alive([each.pid for each in pages]) == []
    assert list(scratch.iterdir()) == []
