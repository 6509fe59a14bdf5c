"""Runs in worker processes: side by side, with a share of the cores, and none lost in silence."""

import sys
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import Mock

import nbformat
import psutil
import pytest

from notebook_press.builds import Built, build
from notebook_press.errors import PressError
from notebook_press.events import Silence
from notebook_press.notebook import read_notebook
from notebook_press.request import Request
from notebook_press.running import papermill_engine
from notebook_press.running.backends import Workers
from notebook_press.running.processes import mark_of
from notebook_press.running.tasks import RunOutcome, RunTask

MEET = """
import time
from pathlib import Path
Path('{own} is here').touch()
end = time.monotonic() + 60
while not Path('{other} is here').exists() and time.monotonic() < end:
    time.sleep(0.02)
assert Path('{other} is here').exists()
"""
NOTE_KERNEL = "import os; open('../pid', 'w').write(str(os.getpid()))"
KILL_WORKER = "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)"
SHOW_THREADS = """
import os
from notebook_press import author
author.record(threads=int(os.environ['OMP_NUM_THREADS']))
"""

TRAIN = """
import keras
import numpy as np
from notebook_press import author
keras.utils.set_random_seed(1)
images = np.random.default_rng(1).random((300, 14, 14, 1), dtype="float32")
labels = (images.mean((1, 2, 3)) > 0.5).astype("uint8")
layers = [keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(2)]
network = keras.Sequential([keras.Input(images.shape[1:]), *layers])
network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
loss = network.fit(images, labels, epochs=3, verbose=0).history["loss"][-1]
author.record(loss=loss, weights=sum(float(each.sum()) for each in network.get_weights()))
"""
COMPUTE = "import numpy as np\nfor _ in range(40): np.linalg.svd(np.ones((300, 300)))"


@contextmanager
def echo(task, observer):
    yield RunOutcome(task.notebook)


@contextmanager
def fail(task, observer):
    raise ValueError("not foreseen")
    yield


def task_in(folder: Path) -> RunTask:
    """Return a task that holds no cell."""
    notebook = nbformat.v4.new_notebook()
    return RunTask("story", notebook, {}, folder, folder / "log", mark_of(folder))


@pytest.fixture
def make(project):
    """The function that builds notebooks, two at a time."""

    def make(*notebooks: Path, **options: object) -> Built:
        return build(Request(notebooks, ("html",), **{"jobs": 2, **options}), Silence())

    return make


def test_two_notebooks_run_at_the_same_time(write_notebook, make):
    pair = [("one", "other"), ("other", "one")]
    notebooks = [write_notebook(MEET.format(own=own, other=other), name=own) for own, other in pair]
    built = make(*notebooks)
    assert sorted(built.published) == ["one", "other"]
    assert built.failed == ()


@pytest.mark.slow
@pytest.mark.promise("A worker that is killed costs its own run only, and nothing of it is left.")
def test_a_worker_that_is_killed_costs_its_own_run_only(write_notebook, make, project, still_alive):
    lost = write_notebook(NOTE_KERNEL, KILL_WORKER, name="lost")
    good = [write_notebook("1", name=name) for name in ("good", "better")]
    built = make(lost, *good)
    (failed,) = built.failed
    assert "cell 3 of 3" in str(failed.error)
    assert "its worker process was lost (killed by SIGKILL" in str(failed.error)
    assert sorted(built.published) == ["better", "good"]
    assert still_alive([int((project / "pid").read_text())]) == []


@pytest.mark.promise("A worker that is killed while it has nothing to do costs no run.")
def test_a_worker_that_is_killed_before_its_task_is_replaced(tmp_path):
    with Workers(echo, 1) as workers:
        (worker,) = psutil.Process().children()
        worker.kill()
        while worker.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        with workers.run(task_in(tmp_path), Mock()) as outcome:
            assert outcome.failed is None


@pytest.mark.slow
def test_a_kernel_stands_ready_until_it_is_its_turn_and_the_wait_is_not_its_own(
    write_notebook, project
):
    path = write_notebook("from pathlib import Path\nPath('ran.txt').touch()")
    place = project / "staging"
    place.mkdir()
    log, mark = place / "log", mark_of(place)
    task = RunTask("story", read_notebook(path), {}, path.parent, log, mark)
    found, start = [], time.monotonic()

    def turn():
        time.sleep(2)
        alive = [each.cmdline() for each in psutil.Process().children(recursive=True)]
        found.append((any("ipykernel_launcher" in each for each in alive), *path.parent.iterdir()))

    with Workers(papermill_engine.run, 1) as workers, workers.run(task, Mock(), turn) as outcome:
        assert outcome.failed is None
    assert found == [(True, path)]
    assert (path.parent / "ran.txt").is_file()
    assert outcome.seconds <= time.monotonic() - start - 2


def test_an_error_that_is_none_of_ours_is_told_in_words(tmp_path):
    with (
        Workers(fail, 1) as workers,
        pytest.raises(PressError, match="ValueError: not foreseen"),
        workers.run(task_in(tmp_path), Mock()),
    ):
        pass


def test_a_worker_that_does_not_start_is_told_as_such(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Workers(echo, 1) as workers, workers.run(task_in(tmp_path), Mock()) as outcome:
        assert outcome.failed.of == "worker"
        assert outcome.failed.why == (
            "never ran: its worker process was lost (it exited with status 1)"
        )


def test_a_system_that_starts_no_more_processes_is_an_error_of_the_press(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(PressError, match=r"expected to start a worker process, found: .*--jobs"):
        Workers(echo, 1)


@pytest.mark.slow
def test_a_notebook_that_fails_in_a_worker_is_told_as_ever(write_notebook, make):
    built = make(write_notebook("1 / 0", name="bad"), write_notebook("1", name="good"))
    assert [str(each.error).partition(";")[0] for each in built.failed] == [
        "bad: cell 2 of 2 ('1 / 0') raised ZeroDivisionError: division by zero"
    ]


@pytest.mark.slow
def test_cores_are_shared_out_and_the_number_is_in_the_key_and_on_the_page(
    write_notebook, make, project, monkeypatch
):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("notebook_press.running.threads.cores", lambda: 6)
    names = ("first", "second")
    built = make(*[write_notebook(SHOW_THREADS, name=name) for name in names], jobs=2)
    assert [each.results["threads"] for each in built.reports] == [3, 3]
    assert {each.keys.run["threads"] for each in built.reports} == {"3"}
    assert "3 threads a run" in (project / "reports/default/first.html").read_text()


@pytest.mark.slow
def test_a_report_is_the_same_however_many_run_beside_it(write_notebook, make):
    pair = [write_notebook(f"print({number})", name=f"n{number}") for number in (1, 2)]
    make(*pair, threads=1)
    assert make(*pair, threads=1, jobs=1).published == ()


@pytest.mark.slow
@pytest.mark.promise("A trained network is the same whatever ran beside it, at the same threads.")
def test_a_network_is_trained_the_same_whatever_runs_beside_it(write_notebook, make):
    network = write_notebook(TRAIN, name="network")
    beside = make(network, write_notebook(COMPUTE, name="other"), threads=1, run="beside")
    alone = make(network, threads=1, jobs=1, run="alone")
    (one, _), (other,) = beside.reports, alone.reports
    assert one.results["weights"] != 0
    assert one.results == other.results
