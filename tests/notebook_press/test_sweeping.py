"""A sweep: each point is a run of its own, and a second call does what is left to do."""

import csv
import json
import pickle
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import psutil
import pytest
from rich.console import Console

import notebook_press
from notebook_press.api import _given
from notebook_press.console import Terminal
from notebook_press.errors import (
    ExecutionError,
    LockedError,
    ParameterError,
    PublishingError,
    UsageError,
)
from notebook_press.making import open_reports
from notebook_press.publishing.check import check
from notebook_press.publishing.lock import Waiting, sweep_locked
from notebook_press.request import Request
from notebook_press.sweeping.asking import SweepRequest
from notebook_press.sweeping.grid import parse_axis
from notebook_press.sweeping.results import Objective
from notebook_press.sweeping.run import run_sweep

PARAMETERS = (
    "from typing import Annotated\nfrom annotated_types import Ge\n"
    "x: Annotated[int, Ge(0)] = 1\nrate: float = 0.5\nseed: int = 0"
)
RECORD = """
from pathlib import Path
from notebook_press import author
with Path('ran.txt').open('a') as file:
    file.write(f'{x} {seed}\\n')
if x == 3:
    raise ValueError('three')
author.record(validation_accuracy=x * rate + seed, test_accuracy=x)
"""
# Whoever runs tests may ignore Ctrl-C.
MAIN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
MAIN += "from notebook_press.cli import main; main()"
HANG = "import os, time; open(f'{x}.pid', 'w').write(str(os.getpid()))\nif x > 1: time.sleep(600)"
KILL_WORKER = "import os, signal, time\nif x == 2: os.kill(os.getppid(), 9); time.sleep(600)"


class InThisProcess:
    """Takes the place of the workers, where no process is what a test is about."""

    def __init__(self, perform, count):
        self.run = lambda task, observer, turn: perform(task, observer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def stop(self):
        pass


@pytest.fixture
def quick(no_kernel, no_rendering, monkeypatch):
    """Run points in this process, one after the other."""
    monkeypatch.setattr("notebook_press.sweeping.run.Workers", InThisProcess)
    monkeypatch.setattr("notebook_press.sweeping.run.unmet", lambda *_: None)


@pytest.fixture
def story(write_notebook):
    return write_notebook(RECORD, parameters=PARAMETERS)


def sweep(path, *grid, repeat=(), teller=None, name="width", **options):
    """Sweep a notebook, and return what came of it."""
    of_build = {"given", "jobs", "wait", "fresh", "formats"}
    build = {key: value for key, value in options.items() if key in of_build}
    build["given"] = {key: _given(key, each) for key, each in build.get("given", {}).items()}
    axes = [parse_axis(each) for each in grid]
    axes += [parse_axis(each, repeated=True) for each in repeat]
    rest = {key: value for key, value in options.items() if key not in of_build}
    asked = SweepRequest(Request((path,), **{"run": name, **build}), tuple(axes), **rest)
    return run_sweep(asked, teller or Terminal(Console(record=True, width=200)))


def states(swept):
    return [each.state for each in swept.outcomes]


def runs(project):
    path = project / "notebooks/ran.txt"
    return path.read_text().split("\n")[:-1] if path.is_file() else []


def rows(project, name="width"):
    with (project / f"reports/sweeps/{name}/results.csv").open() as file:
        return list(csv.DictReader(file))


def test_each_point_is_a_run_with_a_manifest_and_a_row(quick, story, project):
    swept = sweep(story, "x=1,2", repeat=["seed=0,1"], given={"rate": 0.25})
    assert states(swept) == ["run"] * 4
    assert sorted(runs(project)) == ["1 0", "1 1", "2 0", "2 1"]
    for row, outcome in zip(rows(project), swept.outcomes, strict=True):
        place = project / "reports/sweeps/width" / outcome.point.name
        manifest = json.loads((place / "story.json").read_text())
        given = {each["name"]: each["value"] for each in manifest["parameters"]}
        assert [str(given[name]) for name in ("x", "seed", "rate")] == [
            row[name] for name in ("x", "seed", "rate")
        ]
        assert float(row["validation_accuracy"]) == manifest["results"]["validation_accuracy"]
        assert {path.name for path in place.iterdir()} == {"story.ipynb", "story.json"}
    assert pickle.loads(pickle.dumps(swept.outcomes)) == swept.outcomes


def test_the_table_is_written_as_parquet_too_where_that_can_be(quick, story, project):
    pandas, _ = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    folder = sweep(story, "x=1,2,3", repeat=["seed=0,1"]).folder
    found = pandas.read_parquet(folder / "results.parquet")
    expected = pandas.read_csv(folder / "results.csv", dtype={"point": str})
    assert list(found) == list(expected)
    assert len(found) == 6
    for name in ("point", "state", "x", "seed", "validation_accuracy"):
        assert found[name].equals(expected[name].astype(found[name].dtype))


def test_no_table_of_another_call_stays_where_none_is_written(quick, story, project, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    folder = project / "reports/sweeps/width"
    folder.mkdir(parents=True)
    (folder / "results.parquet").write_text("of another call")
    sweep(story, "x=1")
    assert not (folder / "results.parquet").exists()


def test_a_second_call_runs_what_is_new_alone(quick, story, project):
    sweep(story, "x=1,2")
    swept = sweep(story, "x=1,2,4")
    assert states(swept) == ["up to date", "up to date", "run"]
    assert sorted(runs(project)) == ["1 0", "2 0", "4 0"]
    assert [row["validation_accuracy"] for row in rows(project)] == ["0.5", "1.0", "2.0"]


def test_what_is_stale_or_damaged_runs_again(quick, story, project):
    swept = sweep(story, "x=1,2")
    damaged = swept.folder / swept.outcomes[0].point.name / "story.ipynb"
    damaged.write_text("{}")
    assert states(sweep(story, "x=1,2")) == ["run", "up to date"]
    assert states(sweep(story, "x=1,2", given={"rate": 0.25})) == ["run", "run"]
    assert states(sweep(story, "x=1,2", given={"rate": 0.25}, fresh=True)) == ["run", "run"]


def test_a_point_that_another_sweep_measured_is_taken_from_it(quick, story, project):
    first = sweep(story, "x=1,2", given={"seed": 7}, name="first")
    swept = sweep(story, "x=2,4", repeat=["seed=7"], name="second")
    assert states(swept) == ["taken", "run"]
    assert sorted(runs(project)) == ["1 7", "2 7", "4 7"]
    taken, original = swept.outcomes[0], first.outcomes[1]
    assert (taken.results, taken.key, taken.seconds, taken.finished) == (
        original.results,
        original.key,
        original.seconds,
        original.finished,
    )
    assert states(sweep(story, "x=2,4", repeat=["seed=7"], name="second")) == ["up to date"] * 2


def test_a_point_is_not_taken_from_a_notebook_that_is_damaged(quick, story, project):
    first = sweep(story, "x=2", name="first")
    (first.folder / first.outcomes[0].point.name / "story.ipynb").write_text("{}")
    assert states(sweep(story, "x=2", name="second")) == ["run"]


@pytest.mark.promise("A point of a sweep that fails keeps what it left, and the others go on.")
def test_a_point_that_fails_names_its_cell_and_the_others_go_on(quick, story, project):
    swept = sweep(story, "x=1,3,4")
    assert states(swept) == ["run", "failed", "run"]
    why = rows(project)[1]["why"]
    assert "cell 4 of 4" in why
    assert "ValueError: three" in why
    assert str(project) not in why
    failed = swept.outcomes[1].point.name
    assert (project / f"reports/sweeps/width/failed/{failed}/story.ipynb").is_file()
    with pytest.raises(ExecutionError, match="three"):
        swept.checked()
    assert states(sweep(story, "x=1,3,4")) == ["up to date", "failed", "up to date"]


@pytest.mark.parametrize(
    ("grid", "options", "error", "words"),
    [
        (["x=1,-1"], {}, ParameterError, "x: expected a whole number of at least 0, found '-1'"),
        (["y=1"], {}, ParameterError, "unknown parameter 'y'"),
        (["x=1..2000"], {}, UsageError, "2,000 points are many; .* say --yes"),
        (["x=1"], {"name": "failed"}, UsageError, "keeps the name 'failed' for itself"),
        (["x=1"], {"objective": Objective("test_accuracy")}, UsageError, "say --on-test"),
        (["x=log:1..9"], {}, UsageError, "--random"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_runs(
    quick, story, project, grid, options, error, words
):
    with pytest.raises(error, match=words):
        sweep(story, *grid, **options)
    assert runs(project) == []
    assert not (project / "reports").exists()


@pytest.mark.parametrize("name", ["sweeps", "history", "Sweeps"])
def test_a_run_can_not_be_called_as_a_folder_that_the_press_needs(quick, story, name):
    with pytest.raises(UsageError, match="for itself"):
        notebook_press.build(story, run=name)


def test_a_test_result_chooses_where_it_is_asked_to(quick, story):
    swept = sweep(story, "x=1,2", objective=Objective("test_accuracy"), on_test=True)
    assert swept.sweep.objective.is_of_test_data


def test_a_result_that_no_point_recorded_can_not_choose(quick, story, project):
    with pytest.raises(UsageError, match="no point recorded 'loss'"):
        sweep(story, "x=1", objective=Objective("loss"))
    assert len(rows(project)) == 1


def test_a_dry_run_tells_each_point_and_writes_nothing(quick, story, project):
    said = Console(record=True, width=200)
    swept = sweep(story, "x=1,2", dry=True, teller=Terminal(said))
    assert states(swept) == ["waiting", "waiting"]
    assert not (project / "reports").exists()
    words = said.export_text()
    assert "x=1: to run (first run)" in words
    assert "2 to run, for how long is not known" in words


def test_a_sweep_says_how_long_it_takes_by_the_last_run(quick, story, project):
    notebook_press.build(story, formats=["html"])
    path = project / "reports/default/story.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "seconds": 90.0}))
    said = Console(record=True, width=200)
    sweep(story, "x=1..6", dry=True, jobs=2, teller=Terminal(said))
    assert "6 to run, about 4 min at 90 s each, 2 at once" in said.export_text()


def test_pages_are_made_where_they_are_asked_for(quick, story, project):
    swept = sweep(story, "x=1", formats=("html",), pages=True)
    place = swept.folder / swept.outcomes[0].point.name
    assert {path.suffix for path in place.iterdir()} == {".html", ".ipynb", ".json"}


def test_reports_beside_sweeps_are_as_they_were(quick, story, project):
    notebook_press.build(story, formats=["html"])
    index = (project / "reports/index.html").read_bytes()
    sweep(story, "x=1,3")
    assert notebook_press.build(story, formats=["html"]).published == ()
    assert (project / "reports/index.html").read_bytes() == index
    assert check(open_reports(project / "reports")) == ()


def test_a_second_sweep_of_a_name_is_refused_where_it_does_not_wait(quick, story, project):
    folder = project / "reports/sweeps/width"
    with sweep_locked(folder, Waiting()), pytest.raises(LockedError, match="is at work here"):
        sweep(story, "x=1", wait=False)
    assert runs(project) == []


@pytest.mark.promise("Of two sweeps of one name the second waits, and runs nothing twice.")
def test_a_second_sweep_of_a_name_waits_and_runs_nothing_twice(quick, story, project):
    found, said = [], Console(record=True, width=300)
    with sweep_locked(project / "reports/sweeps/width", Waiting()):
        other = threading.Thread(
            target=lambda: found.append(sweep(story, "x=1,2", teller=Terminal(said)))
        )
        other.start()
        while "waiting for" not in said.export_text(clear=False):
            time.sleep(0.02)
        assert runs(project) == []
    other.join()
    assert states(found[0]) == ["run", "run"]


def test_a_full_disk_ends_a_sweep_and_the_next_call_goes_on(quick, story, project, monkeypatch):
    from notebook_press.publishing.publish import Reports

    real, count = Reports.publish, iter(range(9))

    def full(self, staged):
        if next(count) == 1:
            raise PublishingError("no room")
        real(self, staged)

    monkeypatch.setattr(Reports, "publish", full)
    with pytest.raises(PublishingError, match="no room"):
        sweep(story, "x=1,2,4,5")
    done = [row["state"] for row in rows(project)].count("run")
    assert done < 4
    swept = sweep(story, "x=1,2,4,5")
    assert states(swept).count("up to date") >= done
    assert set(states(swept)) <= {"up to date", "run"}


def test_programs_are_told_of_each_point_and_logs_of_little(quick, story, project):
    told = []
    sweep(
        story,
        "x=1,3",
        objective=Objective("validation_accuracy"),
        teller=SimpleNamespace(tell=told.append),
    )
    by_kind = {
        kind: [each for each in told if each.kind == kind] for kind in ("published", "failed")
    }
    assert [each.facts["report"] for kind in by_kind.values() for each in kind] == ["story"] * 2
    assert "x=3: failed: story: cell 4" in by_kind["failed"][0].words
    last = [each for each in told if each.kind == "progress"][-1]
    assert (last.facts["done"], last.facts["failed"], last.facts["points"]) == (2, 1, 2)
    assert "2 of 2 points done, 1 failed, best validation_accuracy 0.5 at x=1" in last.words
    assert sum(bool(each.words) for each in told) == 3


def test_a_program_sweeps_with_values(quick, story, project):
    swept = notebook_press.sweep(
        story,
        grid={"x": [1, 2], "rate": "0.5,0.25"},
        repeat={"seed": range(2)},
        maximize="validation_accuracy",
    )
    assert len(swept.checked()) == 8
    assert (swept.sweep.varied, swept.sweep.name) == (("x", "rate"), "story")


@pytest.fixture
def start(project):
    """The function that starts a sweep as a program, and ends it where a test did not."""
    started = []

    def start(*arguments):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        code = [sys.executable, "-c", MAIN, "sweep", "notebooks/story.ipynb", "--name", "width"]
        started.append(subprocess.Popen([*code, *arguments], text=True, **pipes))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.communicate()


@pytest.mark.slow
@pytest.mark.promise("Ctrl-C ends a sweep with all its processes, and what was finished stays.")
def test_an_interrupted_sweep_keeps_what_was_finished(write_notebook, project, start):
    write_notebook(HANG, parameters="x: int = 1")
    program = start("--grid", "x=0..3", "-j", "2")
    noted = [project / f"notebooks/{x}.pid" for x in (2, 3)]
    while not all(path.is_file() and path.read_text() for path in noted):
        assert program.poll() is None
        time.sleep(0.02)
    while len(list(project.glob("reports/sweeps/width/*/story.json"))) < 2:
        time.sleep(0.02)
    children = psutil.Process(program.pid).children(recursive=True)
    program.send_signal(signal.SIGINT)
    _, words = program.communicate(timeout=30)
    assert (program.returncode, "run the same command again" in words) == (130, True)
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
    assert [row["state"] for row in rows(project)] == ["run", "run", "waiting", "waiting"]


@pytest.mark.slow
def test_a_point_that_kills_its_worker_fails_alone(write_notebook, project, start):
    write_notebook(KILL_WORKER, parameters="x: int = 1")
    program = start("--grid", "x=1..3", "-j", "2")
    program.communicate()
    assert program.returncode == 4
    assert [row["state"] for row in rows(project)] == ["run", "failed", "run"]
    assert "its worker process was lost" in rows(project)[1]["why"]


@pytest.mark.slow
def test_two_sweeps_of_one_name_at_once_run_each_point_once(story, project, start):
    both = [start("--grid", "x=1,2,4", "-j", "2") for _ in range(2)]
    words = [each.communicate()[0] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert sum("waiting for another build" in each for each in words) == 1
    assert sorted(runs(project)) == ["1 0", "2 0", "4 0"]
    assert {row["state"] for row in rows(project)} == {"up to date"}
