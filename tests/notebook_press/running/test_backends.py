"""Runs in worker processes: side by side, with a share of the cores, and none lost in silence."""

from pathlib import Path

import pytest

from notebook_press.builds import Built, build
from notebook_press.events import Silence
from notebook_press.plan import Request

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


def test_a_notebook_that_fails_in_a_worker_is_told_as_ever(write_notebook, make):
    built = make(write_notebook("1 / 0", name="bad"), write_notebook("1", name="good"))
    assert [str(each.error).partition(";")[0] for each in built.failed] == [
        "bad: cell 2 of 2 ('1 / 0') raised ZeroDivisionError: division by zero"
    ]


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


def test_a_report_is_the_same_however_many_run_beside_it(write_notebook, make):
    pair = [write_notebook(f"print({number})", name=f"n{number}") for number in (1, 2)]
    make(*pair, threads=1)
    assert make(*pair, threads=1, jobs=1).published == ()
