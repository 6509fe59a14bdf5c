"""Ctrl-C, SIGTERM, SIGHUP and kill -9: how a command ends, and that nothing of it is left."""

import hashlib
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

from notebook_press.publishing.lock import locked
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


STARTED: list[subprocess.Popen[str]] = []


def start(*arguments: object, before: str = "", **options: object) -> subprocess.Popen[str]:
    """Start a command of the press that leads a process group of its own, as a shell's job does."""
    code = MAIN.format(before=before)
    command = [sys.executable, "-c", code, *map(str, arguments)]
    options = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, **options}
    build = subprocess.Popen(command, text=True, start_new_session=True, **options)
    STARTED.append(build)
    return build


@pytest.fixture(autouse=True)
def nothing_left(project):
    """End what a test that failed left behind."""
    yield
    while STARTED:
        build = STARTED.pop()
        if build.poll() is None:
            build.kill()
            build.communicate()
    end_leftovers(project / "reports")


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def snapshot(reports: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in reports.rglob("*")
        if path.is_file() and ".press" not in path.parts
    }


def private_folders(reports: Path) -> list[Path]:
    start = mark_of(reports).removeprefix("NOTEBOOK_PRESS_")[:12].lower()
    return list(Path(tempfile.gettempdir()).glob(f"press-{start}-*"))


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


def send(build: subprocess.Popen[str], numbers: list[signal.Signals]) -> None:
    for number in numbers:
        os.killpg(build.pid, number)


def ended(build: subprocess.Popen[str]) -> tuple[int, list[str]]:
    """Wait for a command; return its exit code and the lines of its stderr."""
    _, err = build.communicate(timeout=60)
    return build.returncode, (err or "").splitlines()


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ([signal.SIGINT, signal.SIGINT], 130),
        pytest.param([signal.SIGINT], 130, marks=pytest.mark.slow),
        pytest.param([signal.SIGTERM], 143, marks=pytest.mark.slow),
        pytest.param([signal.SIGHUP], 129, marks=pytest.mark.slow),
        pytest.param([signal.SIGTERM, signal.SIGINT, signal.SIGHUP], 143, marks=pytest.mark.slow),
        pytest.param([signal.SIGINT] * 20, 130, marks=pytest.mark.slow),
    ],
    ids=lambda value: "+".join(each.name for each in value) if isinstance(value, list) else "",
)
def test_a_signal_ends_the_command_its_kernel_and_all_children_within_5_seconds(
    hanging, reports, numbers, code
):
    before = snapshot(reports)
    build = start("build", hanging)
    pids = pids_of(hanging)
    sent = time.monotonic()
    send(build, numbers)
    wait_until(lambda: not any(alive(pid) for pid in pids), 5)
    found, err = ended(build)
    assert time.monotonic() - sent < 5
    assert found in ((code,) if numbers[0] == numbers[-1] else (129, 130, 143))
    assert err[-1].startswith(f"notebook-press: exit {found} (interrupted): ")
    assert "Traceback" not in "".join(err)
    assert snapshot(reports) == before
    assert private_folders(reports) == []


@pytest.mark.slow
def test_signals_that_keep_coming_do_not_break_the_clean_up(hanging, reports):
    build = start("build", hanging)
    pids = pids_of(hanging)
    while build.poll() is None:
        send(build, [signal.SIGINT])
        time.sleep(0.01)
    assert (build.returncode, [pid for pid in pids if alive(pid)]) == (130, [])
    assert build.communicate()[1].splitlines()[-1].startswith("notebook-press: exit 130")


def is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel_launcher" in " ".join(process.cmdline())
    except psutil.Error:  # one of the press's other children, which has ended
        return False


@pytest.mark.promise(
    "A kernel that is being started when a signal comes is ended, with its private folder."
)
def test_a_signal_while_the_kernel_starts_leaves_none(hanging, reports):
    build = start("build", hanging)
    press = psutil.Process(build.pid)
    wait_until(lambda: any(is_kernel(child) for child in press.children()))
    kernels = press.children(recursive=True)
    send(build, [signal.SIGINT])
    code, err = ended(build)
    assert (code, [each for each in kernels if alive(each.pid)]) == (130, [])
    assert err[-1].startswith("notebook-press: exit 130")
    assert private_folders(reports) == []


@pytest.mark.promise(
    "Ctrl-C, SIGTERM and SIGHUP end a command with 130, 143 and 129, also while it waits for "
    "another."
)
def test_a_signal_while_a_command_waits_for_another_ends_it(write_notebook, reports):
    story = write_notebook("1")
    with locked(reports, wait=True, announce=print):
        build = start("build", story)
        assert build.stdout is not None
        wait_until(lambda: "waiting for" in build.stdout.readline())
        send(build, [signal.SIGTERM])
        code, err = ended(build)
    assert (code, err[-1].split(":")[1]) == (143, " exit 143 (interrupted)")


@pytest.mark.slow
def test_a_signal_while_data_are_prepared_ends_the_command(write_notebook, project):
    settings = '[tool.notebook-press]\nprepare = "slow_data:prepare"\n'
    (project / "pyproject.toml").write_text(settings)
    (project / "slow_data.py").write_text(
        "import time\ndef prepare(p):\n    open('began', 'w').close(); time.sleep(600)\n"
    )
    build = start("build", write_notebook("1"))
    wait_until((project / "began").is_file)
    send(build, [signal.SIGINT, signal.SIGINT])
    code, err = ended(build)
    assert (code, err[-1].split(":")[1]) == (130, " exit 130 (interrupted)")


@pytest.mark.slow
def test_a_signal_while_pages_are_made_ends_the_command(write_notebook, reports, project):
    before = snapshot(reports)
    hang = "import time; from notebook_press.rendering import checks\n"
    hang += "checks.check_html = lambda path: (open('began', 'w').close(), time.sleep(600))"
    build = start("build", write_notebook("1"), "--to", "html", before=hang)
    wait_until((project / "began").is_file)
    send(build, [signal.SIGHUP])
    code, err = ended(build)
    assert (code, err[-1].split(":")[1]) == (129, " exit 129 (interrupted)")
    assert snapshot(reports) == before


@pytest.mark.slow
def test_a_terminal_that_is_closed_ends_the_command_and_its_kernel(hanging, reports):
    ours, theirs = pty.openpty()
    build = start("build", hanging, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    pids = pids_of(hanging)
    os.close(ours)
    send(build, [signal.SIGHUP])
    assert build.wait(30) == 129
    assert [pid for pid in pids if alive(pid)] == []


@pytest.mark.promise("A signal that was ignored when the command began stays ignored (nohup).")
def test_a_signal_that_was_ignored_stays_ignored(project):
    code = (
        "import os, signal; from notebook_press.running import signals\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); signals.listen()\n"
        "os.kill(os.getpid(), signal.SIGHUP); print('went on')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "went on\n"


@pytest.mark.promise("The next check ends the processes that a killed press left.")
def test_what_a_killed_press_left_is_gone_after_the_next_command(hanging, reports):
    build = start("build", hanging)
    pids = pids_of(hanging)
    build.kill()
    build.communicate()
    assert any(alive(pid) for pid in pids), "the kernel ended by itself: nothing to prove"
    code, _ = ended(start("check", reports))
    assert code in (0, 7)
    assert [pid for pid in pids if alive(pid)] == []
    assert private_folders(reports) == []


@pytest.mark.promise("A pandoc or Typst that outlives a killed press is ended by the next command.")
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_page_that_hangs_is_gone_after_the_next_command(
    write_notebook, reports, tmp_path, number
):
    tower = "$" + "x^{" * 40 + "x" + "}" * 40 + "$"  # pandoc never ends with it
    story, scratch = write_notebook("1"), tmp_path / "scratch"
    story.write_text(story.read_text().replace("# What is the answer?", f"# What?\\n{tower}"))
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch)}
    build = start("build", story, "--to", "pdf", env=environment)
    pages: list[psutil.Process] = []

    def hangs() -> bool:
        pages[:] = [each for each in psutil.Process(build.pid).children() if is_pandoc(each)]
        return bool(pages) and time.time() - pages[0].create_time() > 0.5

    wait_until(hangs)
    build.send_signal(number)
    build.communicate()
    ended(start("check", reports, env=environment))
    assert [each.pid for each in pages if alive(each.pid)] == []
    assert list(scratch.iterdir()) == []


def is_pandoc(process: psutil.Process) -> bool:
    try:
        return "pandoc" in process.name()
    except psutil.Error:
        return False
