"""Real kernels, one for each way in which a run can end, and what is said of it."""

import re
import sys
from datetime import date
from pathlib import Path

import nbformat
import pytest
from installed import install_kernel

from notebook_press.running import papermill_engine, signals

PARAMETERS = "from typing import Annotated\nepochs: Annotated[int, 'any'] = 10"
SOCKETS = """
import os, ipykernel, psutil
for each in psutil.Process().net_connections("all"):
    print(each.family.name, each.laddr)
print("keys", ipykernel.get_connection_file())
"""
FORK = """
import multiprocessing as mp
child = mp.get_context("fork").Process(target=print, args=("of the child",))
child.start(); child.join()
"""
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
LEFT = "print(open('pids').read(), os.getcwd())"


@pytest.fixture(scope="module")
def started():
    """The indexes of the cells that were announced."""
    return []


@pytest.fixture(scope="module")
def good(run_once, started):
    """The printed or displayed text of each code cell of a run in which all went well."""
    cells = [PARAMETERS, "epochs", SOCKETS, FORK, LEAVERS, LEFT]
    cells += ["print = lambda *words: None", "print(1)"]
    options = {"parameters": {"epochs": 21}, "started": started.append}
    executed = run_once(*cells, tag="parameters", **options)
    assert [cell.source for cell in executed.cells[3:]] == cells[1:], "the sentinel is still there"
    return [
        "".join(item.get("text") or item.data["text/plain"] for item in cell.outputs)
        for cell in executed.cells[3:]
    ]


def test_parameters_are_injected_after_their_cell(good):
    assert good[0] == "21"


def test_each_cell_is_announced_as_it_starts(good, started):
    assert started == list(range(len(good) + 4))  # a title, parameters twice, and the sentinel


@pytest.mark.promise(
    "Kernels talk over sockets of a private folder, where their keys are too; what forked"
    " children print takes ipykernel's own loopback port."
)
def test_a_kernel_talks_over_sockets_of_a_private_folder(good):
    *sockets, keys = good[1].splitlines()
    assert len(re.findall(r"AF_UNIX .*/press-[0-9a-f]{12}-\w+/kernel-\d", good[1])) >= 5
    ports = [line for line in sockets if "AF_INET" in line]
    assert [line for line in ports if "ip='127.0.0.1'" not in line] == []
    assert len(ports) <= 1
    assert re.search(r"/press-[0-9a-f]{12}-\w+/", keys)
    assert not Path(keys.removeprefix("keys ")).parent.exists()


def test_what_a_forked_child_prints_reaches_the_notebook(good):
    assert good[2] == "of the child\n"


@pytest.mark.promise(
    "A process that left the kernel's session is ended with the kernel, after success and failure."
)
def test_what_cells_left_running_is_ended_after_a_good_run(good, still_alive):
    pids = [int(pid) for pid in good[4].split()[:4]]
    assert still_alive(pids) == []


def test_the_kernel_works_in_the_notebooks_folder(good):
    assert Path(good[4].split()[-1]).joinpath("story.ipynb").is_file()


@pytest.mark.promise("A notebook that calls something of its own `print` passes.")
def test_a_notebook_may_call_something_of_its_own_print(good):
    assert good[-1] == ""


def test_a_cell_that_raises_is_named_with_its_exception_and_above_it(write_notebook, failure_of):
    error = failure_of(write_notebook("1", "1 / 0", "3"))
    assert str(error) == "story: cell 3 of 4 ('1 / 0') raised ZeroDivisionError: division by zero"
    note, failed, last = error.partial.cells[2:]
    assert "This run failed" in note.source
    assert (failed.source, last.source, last.execution_count) == ("1 / 0", "3", None)


DIED = "ended the run: DeadKernelError: Kernel died"
OUT_OF_MEMORY = "killed by SIGKILL, as a system does that runs out of memory"
ENDS = {
    "os._exit(0)": f"{DIED} (it exited with status 0)",
    "os.kill(os.getpid(), 9)": f"{DIED} ({OUT_OF_MEMORY})",
    "sys.exit(0)": "raised SystemExit: 0",
    "os._exit(3)": f"{DIED} (it exited with status 3)",
    "os.abort()": f"{DIED} (killed by SIGABRT)",
}


@pytest.mark.promise(
    "A kernel that is killed or ends itself, in its last cell too, fails the run; the message"
    " names the cell and how the kernel ended."
)
@pytest.mark.promise(
    "A run that failed is told in one line: what libraries log of it is not told beside it."
)
@pytest.mark.parametrize(
    ("end", "position"),
    [
        ("os.kill(os.getpid(), 9)", 3),
        pytest.param("os._exit(0)", 3, marks=pytest.mark.slow),
        *(pytest.param(end, 2, marks=pytest.mark.slow) for end in ENDS),
        pytest.param("sys.exit(0)", 3, marks=pytest.mark.slow),
    ],
)
def test_a_kernel_that_ends_is_a_failure_in_the_cell_that_ended_it(
    write_notebook, failure_of, caplog, end, position
):
    cells = ["1", "2", "3"]
    cells[position - 1] = f"import os, sys; {end}"
    path = write_notebook(*cells, parameters=PARAMETERS)
    error = failure_of(path, parameters={"epochs": 3})
    why = ENDS[end]
    assert str(error) == f"story: cell {position + 3} of 6 ('import os, sys; {end}') {why}"
    assert caplog.messages == []


@pytest.mark.promise(
    "A process without the kernel's environment is ended with the kernel's session."
)
@pytest.mark.slow
@pytest.mark.parametrize("end", ["1 / 0", "os.kill(os.getpid(), 9)"])
def test_what_cells_left_running_is_ended_after_a_failed_run(
    write_notebook, failure_of, still_alive, end
):
    path = write_notebook(LEAVERS, end)
    failure_of(path)
    assert still_alive([int(pid) for pid in path.with_name("pids").read_text().split()]) == []


@pytest.mark.promise(
    "A cell that asks its kernel to end, with `quit()`, fails the run and is named, though "
    "the kernel lives on for a moment."
)
@pytest.mark.parametrize("end", ["quit()", pytest.param("exit", marks=pytest.mark.slow)])
def test_a_cell_that_quits_is_a_failure_and_named(write_notebook, failure_of, end):
    error = failure_of(write_notebook("1", end))
    why = "asked its kernel to end; leave that out"
    assert str(error) == f"story: cell 3 of 3 ('{end}') {why}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "kill",
    [
        "subprocess.Popen(['kill', '-9', str(os.getpid())]); time.sleep(600)",
        "threading.Timer(0.0, lambda: os.kill(os.getpid(), 9)).start()",
    ],
    ids=["from outside", "after the last output"],
)
def test_a_kernel_that_is_killed_is_a_failure(write_notebook, failure_of, kill):
    error = failure_of(write_notebook("1", f"import os, subprocess, threading, time\n{kill}"))
    assert "DeadKernelError" in str(error)


def test_a_kernel_that_ends_before_it_has_begun_is_a_failure_that_says_how(
    write_notebook, failure_of, tmp_path, monkeypatch
):
    install_kernel(tmp_path, "ends", sys.executable, "-c", "raise SystemExit(3)")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    why = "RuntimeError: Kernel died before replying to kernel_info (it exited with status 3)"
    error = failure_of(write_notebook("1", kernel="ends"))
    assert str(error).endswith(f"cell 2 of 2 ('1') ended the run: {why}")


@pytest.mark.promise(
    "An interruption that a library swallowed is not taken for a failed cell, and starts no "
    "other notebook."
)
def test_an_interruption_that_was_swallowed_is_not_taken_for_a_failed_cell(
    write_notebook, run, monkeypatch
):
    def swallow(*_: object, **__: object) -> None:
        monkeypatch.setattr(signals._state, "number", 15)
        raise RuntimeError("a library's own")

    monkeypatch.setattr(papermill_engine, "execute_notebook", swallow)
    with pytest.raises(KeyboardInterrupt, match="15"):
        run(write_notebook("1"))


@pytest.mark.slow
def test_a_refused_magic_command_is_a_failure_with_its_own_words(write_notebook, failure_of):
    error = failure_of(write_notebook("%nosuchmagic", "2"))
    assert "cell 2 of 3 ('%nosuchmagic') ended the run: UsageError: Line magic" in str(error)


# PyDLL keeps the interpreter's lock, so that no signal's handler and no other thread runs.
HOLD = "import ctypes; ctypes.PyDLL(None).sleep(600)"
HANGS = {
    "holds the lock of the interpreter": HOLD,
    "sleeps": "import time; time.sleep(600)",
    "ignores the interruption": "import signal, time\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(600)",
    "waits for a child": "subprocess.run(['sleep', '600'], start_new_session=True)",
}


@pytest.mark.promise(
    "A cell that takes longer than --timeout is ended, even where its kernel answers nothing."
)
@pytest.mark.parametrize(
    "hang",
    [
        pytest.param(name, marks=[pytest.mark.slow] if code != HOLD else [])
        for name, code in HANGS.items()
    ],
)
def test_a_cell_that_hangs_is_ended_and_named_with_its_limit(
    write_notebook, failure_of, still_alive, hang
):
    note = "import os, subprocess; file = open('pids', 'w')\n"
    note += "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
    note += "print(os.getpid(), child.pid, file=file, flush=True)"
    path = write_notebook(f"{note}\n{HANGS[hang]}", "2")
    assert str(failure_of(path, cell=1.5)) == (
        "story: cell 2 of 3 (\"import os, subprocess; file = open('pids', 'w')\") took longer than "
        "the 1.5 s that --timeout allows a cell: its kernel was ended, with all that it started"
    )
    assert still_alive([int(pid) for pid in path.with_name("pids").read_text().split()]) == []


@pytest.mark.promise(
    "A run that takes longer than --run-timeout is ended, and the cell in progress is named."
)
@pytest.mark.slow
@pytest.mark.parametrize(("limit", "cell"), [(6, 3), (0.001, 2)], ids=["at work", "starts"])
def test_a_run_that_takes_too_long_is_ended_in_the_cell_at_work(
    write_notebook, failure_of, limit, cell
):
    error = failure_of(write_notebook("1", "import time; time.sleep(600)", "3"), run=limit)
    assert re.search(rf"cell {cell} of 4 .* {limit} s were over that --run-timeout", str(error))


@pytest.mark.slow
def test_a_kernel_that_hangs_after_its_last_cell_is_ended(write_notebook, failure_of):
    later = "get_ipython().events.register('pre_run_cell', lambda _: PyDLL(None).sleep(600))"
    error = failure_of(write_notebook(f"from ctypes import PyDLL\n{later}"), cell=3)
    assert re.search("cell 2 of 2 .* --timeout allows a cell", str(error))


def tag(path: Path, *tags: str) -> Path:
    """Give the cells below the title a tag each, where one is named."""
    notebook = nbformat.read(path, as_version=4)
    for cell, name in zip(notebook.cells[1:], tags, strict=True):
        cell.metadata["tags"] = [name] if name else []
    nbformat.write(notebook, path)
    return path


def test_a_kernel_skips_what_is_to_be_skipped_and_goes_on_after_an_error_that_is_allowed(
    write_notebook, run
):
    tags = ("skip-execution", "parameters", "parameters", "raises-exception", "")
    day = "from datetime import date\nday: date = None"
    cells = ["1 / 0", day, "later = [day]", "raise ValueError(day.year)", "print(repr(later))"]
    path = tag(write_notebook(*cells), *tags)
    parameters = {"day": date(2024, 1, 31)}
    executed = run(path, parameters=parameters, tagged_errors=True)
    skipped, *_, raised, last = executed.cells[1:]
    assert (skipped.outputs, skipped.execution_count) == ([], None)
    assert raised.outputs[0].evalue == "2024"
    assert last.outputs[0].text == "[datetime.date(2024, 1, 31)]\n"


def test_an_error_that_is_not_allowed_ends_the_run_whatever_its_tag(write_notebook, failure_of):
    path = tag(write_notebook("1 / 0", "open('ran', 'w')"), "raises-exception", "")
    assert "its tag raises-exception allows that only where" in str(failure_of(path))
    assert not path.with_name("ran").exists()
