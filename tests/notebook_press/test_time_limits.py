"""Time limits: what outlasts one is ended, whether it answers or not, and the cell is named."""

import json
import math
import time

import psutil
import pytest

from notebook_press.errors import UsageError
from notebook_press.notebook import NotebookFailedError, read_notebook
from notebook_press.running.papermill_engine import execute
from notebook_press.running.processes import TimeLimits

IGNORE = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(600)"
# PyDLL keeps the interpreter's lock, so that no signal's handler and no other thread runs.
HOLD = "import ctypes\nctypes.PyDLL(None).sleep(30)"
WAIT = """import subprocess
child = subprocess.Popen(['sleep', '600'], start_new_session=True)
with open('pids', 'w') as file: json.dump([os.getpid(), child.pid], file)
child.wait()"""
BUSY = "while True:\n    pass"
NOTE = "import json, os\nwith open('pids', 'w') as file: json.dump([os.getpid()], file)"


@pytest.fixture
def run(project):
    """Return a function that runs a notebook within limits."""

    def run(path, **limits):
        return execute(
            read_notebook(path),
            path.stem,
            {},
            output=project / "staged.ipynb",
            folder=path.parent,
            cell_started=lambda index: None,
            limits=TimeLimits(**limits),
        )

    return run


def still_alive(pids) -> list[int]:
    found = (psutil.Process(pid) for pid in pids if psutil.pid_exists(pid))
    return [each.pid for each in found if each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.promise(
    "A cell that takes longer than --timeout is ended, even where its kernel answers nothing."
)
@pytest.mark.parametrize(
    "hang",
    [
        pytest.param("import time; time.sleep(600)", id="sleeps", marks=pytest.mark.slow),
        pytest.param(IGNORE, id="ignores the interruption", marks=pytest.mark.slow),
        pytest.param(BUSY, id="is busy", marks=pytest.mark.slow),
        pytest.param(HOLD, id="holds the lock of the interpreter"),
        pytest.param(WAIT, id="waits for a child", marks=pytest.mark.slow),
    ],
)
def test_a_cell_that_hangs_is_ended_and_named_with_its_limit(write_notebook, run, hang):
    path = write_notebook(f"{NOTE}\n{hang}", "2")
    began = time.monotonic()
    with pytest.raises(NotebookFailedError) as caught:
        run(path, cell=1.5)
    assert time.monotonic() - began < 25
    assert str(caught.value) == (
        "story: cell 2 of 3 ('import json, os') took longer than the 1.5 s that --timeout allows a "
        "cell: its kernel was ended, with all that it started"
    )
    assert still_alive(json.loads((path.parent / "pids").read_text())) == []


def test_a_run_that_takes_too_long_is_ended_in_the_cell_in_progress(write_notebook, run):
    path = write_notebook("1", "import time; time.sleep(600)", "3")
    with pytest.raises(NotebookFailedError, match=r"cell 3 of 4 .* 6 s were over that --run-timeo"):
        run(path, run=6)


@pytest.mark.promise(
    "A run that takes longer than --run-timeout is ended, and the cell in progress is named."
)
@pytest.mark.slow
def test_a_limit_that_is_reached_while_the_kernel_starts_ends_it(write_notebook, run):
    with pytest.raises(NotebookFailedError, match=r"cell 2 of 2 .* 0\.001 s were over"):
        run(write_notebook("import time; time.sleep(600)"), run=0.001)


@pytest.mark.slow
def test_a_kernel_that_hangs_after_its_last_cell_is_ended(write_notebook, run):
    later = "get_ipython().events.register('pre_run_cell', lambda _: PyDLL(None).sleep(600))"
    later = f"from ctypes import PyDLL\n{later}"
    with pytest.raises(NotebookFailedError, match=r"cell 2 of 2 .* --timeout allows a cell"):
        run(write_notebook(later), cell=3)


@pytest.mark.slow
def test_a_run_within_its_limits_is_none_the_worse(write_notebook, run):
    assert run(write_notebook("1 + 1"), cell=60, run=300).cells[1].execution_count == 1


@pytest.mark.promise("A time limit that is no number above 0 is refused before anything runs.")
@pytest.mark.parametrize("limit", [0, -1, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(("name", "option"), [("cell", "--timeout"), ("run", "--run-timeout")])
def test_a_limit_that_is_none_is_refused(name, option, limit):
    with pytest.raises(UsageError, match=f"^{option}: expected a number of seconds above 0, found"):
        TimeLimits(**{name: limit})
