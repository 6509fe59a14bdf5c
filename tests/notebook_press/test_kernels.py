"""A kernel's processes and sockets: private, marked, and gone when the run has ended."""

import os
import re
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from notebook_press.builds import build
from notebook_press.errors import ExecutionError, PressError
from notebook_press.notebook import NotebookFailedError, read_notebook
from notebook_press.plan import Request
from notebook_press.running.papermill_engine import execute
from notebook_press.running.processes import Kernel, end_leftovers, mark_of, private_folder

# They leave the kernel's process group, its environment, its family, or none of these.
LEAVERS = """
import os, subprocess, sys
def note(pid):
    with open("pids", "a") as file:
        file.write(f"{pid}\\n")
note(subprocess.Popen(["sleep", "600"], start_new_session=True).pid)
deaf = "import os, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "
deaf += "print(os.getpid(), file=open('pids', 'a'), flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", deaf], env={})
detach = "import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); "
detach += "print(os.getpid(), file=open('pids', 'a'), flush=True); time.sleep(600)"
subprocess.run([sys.executable, "-c", detach], check=True)
child = os.fork()
if child == 0:
    import time; time.sleep(600)
note(child)
while len(open("pids").read().splitlines()) < 4:
    pass
"""
SOCKETS = """
import os, psutil
for each in psutil.Process().net_connections("all"):
    print("socket", each.family.name, each.status, each.laddr)
import ipykernel
print("keys", ipykernel.get_connection_file())
"""


def run(path: Path, **options: object):
    return execute(
        read_notebook(path),
        path.stem,
        {},
        output=path.parent / "staged.ipynb",
        folder=path.parent,
        cell_started=lambda index: None,
        **options,
    )


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def left_of(path: Path) -> list[int]:
    """The processes that a notebook noted and that still live."""
    pids = [int(line) for line in (path.parent / "pids").read_text().splitlines()]
    assert len(pids) == 4
    return [pid for pid in pids if alive(pid)]


@pytest.mark.promise(
    "A process that left the kernel's session is ended with the kernel, after success and failure."
)
def test_what_cells_left_running_is_ended_after_a_good_run(write_notebook):
    path = write_notebook(LEAVERS)
    run(path)
    assert left_of(path) == []


@pytest.mark.promise(
    "A process without the kernel's environment is ended with the kernel's session."
)
@pytest.mark.slow
@pytest.mark.parametrize("end", ["1 / 0", "os._exit(1)", "os.kill(os.getpid(), 9)"])
def test_what_cells_left_running_is_ended_after_a_failed_run(write_notebook, end):
    path = write_notebook(LEAVERS, end)
    with pytest.raises(NotebookFailedError):
        run(path)
    assert left_of(path) == []


@pytest.fixture
def process():
    """Return a function that starts a process with one more variable in its environment."""
    started = []

    def start(variable: str) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(["sleep", "600"], env={**os.environ, variable: "1"})
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()


def test_what_is_marked_for_a_reports_folder_is_ended(process, tmp_path):
    child = process(mark_of(tmp_path / "reports"))
    end_leftovers(tmp_path / "reports")
    assert child.wait(5) == -9


@pytest.mark.promise(
    "The next build ends the processes that a killed press left, before it runs anything."
)
def test_a_build_ends_what_a_killed_press_left_before_it_runs_anything(
    process, project, write_notebook
):
    child = process(mark_of(project / "reports"))
    request = Request(notebooks=(write_notebook("import nowhere"),))
    with pytest.raises(ExecutionError, match="nowhere"):
        build(request, Console(quiet=True))
    assert child.wait(5) == -9


@pytest.mark.promise("Nothing is ended that is not marked for the reports folder at hand.")
def test_what_is_marked_for_another_folder_or_not_at_all_is_left_alone(process, tmp_path):
    others = [process(mark_of(tmp_path / "other")), process("NOTEBOOK_PRESS_")]
    end_leftovers(tmp_path / "reports")
    assert [child.poll() for child in others] == [None, None]


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
def test_a_mark_tells_nothing_of_the_folder(tmp_path):
    assert re.fullmatch(r"NOTEBOOK_PRESS_[0-9A-F]{32}", mark_of(tmp_path))


def test_one_folder_has_one_mark_by_whatever_path(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert mark_of(tmp_path / "link" / "reports") == mark_of(Path("reports"))


def test_a_kernel_that_never_started_has_nothing_to_end():
    Kernel("NOTEBOOK_PRESS_TEST").end()


def sockets_of(executed) -> list[str]:
    return [line for line in executed.cells[1].outputs[0].text.splitlines() if "socket" in line]


@pytest.mark.promise(
    "Kernels talk over sockets of a private folder, where their keys are too, and no TCP port"
    " is open."
)
@pytest.mark.promise("What forked children print takes no TCP port either.")
def test_a_kernel_talks_over_sockets_of_a_private_folder_and_no_port(write_notebook):
    executed = run(write_notebook(SOCKETS))
    found = sockets_of(executed)
    assert [line for line in found if "AF_INET" in line] == []
    bound = [line for line in found if re.search(r"press-[0-9a-f]{12}-\w+/kernel-\d", line)]
    assert len(bound) >= 5
    keys = executed.cells[1].outputs[0].text.split("keys ")[1].strip()
    assert re.search(r"/press-[0-9a-f]{12}-\w+/", keys)
    assert not Path(keys).parent.exists()


def test_what_a_forked_child_prints_still_reaches_the_notebook(write_notebook):
    fork = "import multiprocessing as mp\nmp.set_start_method('fork')\n"
    fork += "child = mp.Process(target=print, args=('of the child',)); child.start(); child.join()"
    assert "of the child" in run(write_notebook(fork)).cells[1].outputs[0].text


@pytest.mark.slow
def test_a_kernel_does_not_look_for_modules_in_the_presss_folder(write_notebook):
    executed = run(write_notebook("import sys; print([p for p in sys.path if 'press' in p])"))
    assert executed.cells[1].outputs[0].text == "[]\n"


def test_a_private_folder_is_absolute_and_closed_to_others_and_goes_away():
    with private_folder(mark_of(Path())) as folder:
        assert folder.is_absolute()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


@pytest.mark.promise("A private folder has a path that is short enough for a socket.")
@pytest.mark.parametrize("place", ["long" * 25, "relative"])
def test_a_private_folder_has_a_path_that_a_socket_can_have(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    Path(place).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", place)
    with private_folder(mark_of(tmp_path)) as folder:
        assert folder.is_absolute()
        assert len(os.fsencode(folder / "kernel-12345")) <= 103 - len("-children")


@pytest.mark.slow
def test_a_kernel_starts_where_the_folder_for_temporary_files_is_deep(
    write_notebook, tmp_path, monkeypatch
):
    deep = tmp_path / ("deep" * 25)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert run(write_notebook("1 + 1")).cells[1].execution_count == 1


def test_no_place_for_sockets_is_an_error_with_its_remedy(monkeypatch):
    monkeypatch.setattr("notebook_press.running.processes._places", lambda: [Path("/nowhere")])
    with pytest.raises(PressError, match="set TMPDIR"), private_folder(mark_of(Path())):
        pass


@pytest.mark.promise("The private folder that a killed press left is removed by the next command.")
def test_a_private_folder_that_a_killed_press_left_is_removed(tmp_path):
    with private_folder(mark_of(tmp_path)) as left, private_folder(mark_of(Path())) as other:
        (left / "kernel-1").touch()
        end_leftovers(tmp_path)
        assert (left.exists(), other.exists()) == (False, True)


def test_a_link_with_the_name_of_a_private_folder_is_not_followed(tmp_path):
    with private_folder(mark_of(tmp_path)) as folder:
        (tmp_path / "kept").mkdir()
        link = Path(f"{folder}x")
        link.symlink_to(tmp_path / "kept")
        end_leftovers(tmp_path)
        assert (tmp_path / "kept").is_dir()
        link.unlink()


@pytest.mark.promise("IPython leaves no folder behind where the user's home can't be written.")
@pytest.mark.parametrize("home", ["nowhere/user", "closed/user"])
def test_a_home_without_room_leaves_no_folder_of_ipython_behind(
    write_notebook, project, tmp_path, monkeypatch, home
):
    path = write_notebook("from IPython.paths import get_ipython_dir", "get_ipython_dir()")
    places = tmp_path / "temporary"
    places.mkdir()
    (tmp_path / "closed").write_text("a file, in which nobody can make a folder, not even root")
    monkeypatch.setenv("HOME", str(tmp_path / home))
    monkeypatch.delenv("IPYTHONDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(places))
    monkeypatch.setenv("TMPDIR", str(places))
    build(Request(notebooks=(path,), formats=("html",)), Console(quiet=True))
    assert not list(places.iterdir())
    assert "IPYTHONDIR" not in os.environ
