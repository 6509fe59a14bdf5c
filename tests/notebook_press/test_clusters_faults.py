"""A sweep on a Dask cluster of real processes on loopback: faults lose nothing, and are told."""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter

import psutil
import pytest

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

PARAMETERS = "x: int = 1\npause: float = 0.0\nfolder: str = ''"
RUN = """
import os, time
from pathlib import Path
import psutil
from notebook_press import author
import helper
Path(folder, f'{x} {os.getpid()}').touch()
if x == 3:
    raise ValueError('three')
if x in (66, 77):
    worker = psutil.Process().parent()
    (worker if x == 77 else worker.parent()).kill()
    time.sleep(600)
time.sleep(pause if x > 4 else 0)
author.record(validation_accuracy=helper.twice(x))
"""
MAIN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
MAIN += "from notebook_press.cli import main; main()"
PATIENCE = 120.0  # seconds, on a machine that does much else
PR_SET_CHILD_SUBREAPER = 36
HERE = ("--host", "127.0.0.1", "--no-dashboard")


def until(found, why=lambda: ""):
    """Wait until something is found, and return it."""
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end, why()
        time.sleep(0.05)
    return answer


class Cluster:
    """A scheduler and its workers, and sweeps that join them, each a process."""

    def __init__(self, project, scratch):
        self.project, self.scratch, self.started = project, scratch, []
        self.file = scratch / "scheduler.json"
        self.noted = scratch / "noted"
        self.noted.mkdir(parents=True)

    def start(self, *command, **options):
        with (self.scratch / f"{len(self.started)}.log").open("w") as log:
            options = {"stdout": log, "stderr": subprocess.STDOUT, **options}
            self.started.append(subprocess.Popen([sys.executable, *command], **options))
        return self.started[-1]

    def scheduler(self, **variables):
        self.file.unlink(missing_ok=True)
        command = ("-m", "dask", "scheduler", *HERE, "--port", "0")
        environment = {**os.environ, **variables}
        found = self.start(*command, "--scheduler-file", self.file, env=environment)
        until(self.file.is_file)
        return found

    def worker(self, *options, python_path="", **more):
        command = ("-m", "dask", "worker", *HERE, "--nthreads", "1", "--memory-limit", "0")
        place = self.scratch / f"worker {len(self.started)}"
        path = os.pathsep.join([*sys.path, python_path])
        environment = {**os.environ, "PYTHONPATH": path, "PWD": str(self.scratch)}
        options = options or ("--no-nanny",)
        command += ("--scheduler-file", self.file, "--local-directory", place, *options)
        return self.start(*command, env=environment, cwd=self.scratch, **more)

    def sweep(self, *options, pause=0.0, **more):
        command = ("sweep", "notebooks/story.ipynb", "--name", "width", "--threads", "1")
        given = ("-p", "folder", self.noted, "-p", "pause", str(pause))
        source = str(self.project / "src")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, source])}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **more}
        joined = ("--scheduler-file", self.file)
        return self.start(
            *("-c", MAIN, *command, *given, *joined, *options), env=environment, **pipes
        )

    def swept(self, *options, **more):
        """Return the exit code and the words of a sweep."""
        return ended(self.sweep(*options, **more))

    def runs(self):
        """How often each point began."""
        return Counter(int(path.name.split()[0]) for path in self.noted.iterdir())

    def kernels(self):
        return [int(path.name.split()[1]) for path in self.noted.iterdir()]

    def published(self):
        return list(self.project.glob("reports/sweeps/width/*/story.json"))

    def rows(self):
        content = json.loads((self.project / "reports/sweeps/width/sweep.json").read_text())
        return Counter(each["state"] for each in content["points"])

    def kill(self, *processes):
        for each in processes:
            each.kill()
            each.wait()


def ended(program):
    words, _ = program.communicate(timeout=3 * PATIENCE)
    return program.returncode, words


def below(*programs):
    """The processes that programs have started, and theirs in turn."""
    return [each for program in programs for each in psutil.Process(program.pid).children(True)]


def gone(processes):
    _, alive = psutil.wait_procs(processes, timeout=15)
    return [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def cluster(write_notebook, project, tmp_path_factory):
    """A cluster without any process; orphans come to this process, as below a subreaper."""
    write_notebook(RUN, parameters=PARAMETERS)
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nsources = ['src/helper']\n")
    (project / "src/helper").mkdir(parents=True)
    (project / "src/helper/__init__.py").write_text("def twice(x):\n    return 2 * x\n")
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    found = Cluster(project, tmp_path_factory.mktemp("cluster"))
    yield found
    left = below(*(each for each in found.started if each.poll() is None))
    for each in reversed(found.started):
        each.terminate()
    for each in found.started:
        try:
            each.wait(15)
        except subprocess.TimeoutExpired:
            found.kill(each)
    left = gone(left)
    for each in left:
        each.kill()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0)
    assert left == []


@pytest.mark.promise("The points of a Dask worker that is lost are run by others, and no others.")
def test_workers_are_killed_and_new_ones_go_on(cluster):
    cluster.scheduler()
    first, second = cluster.worker(), cluster.worker()
    program = cluster.sweep("--grid", "x=1..12", "-j", "2", pause=0.3)
    until(lambda: len(cluster.published()) >= 2)
    orphans = below(first)
    cluster.kill(first)
    assert gone(orphans) == []
    until(lambda: len(cluster.published()) >= 4)
    orphans, its_own = below(second), psutil.Process(second.pid).children()
    cluster.kill(second)
    for each in its_own:  # so that nobody is left to end the kernel
        each.kill()
    assert gone(orphans) == []
    done = {path: path.read_bytes() for path in cluster.published()}
    cluster.worker(), cluster.worker()
    code, words = ended(program)
    assert (code, cluster.rows()) == (4, {"run": 11, "failed": 1}), words
    assert "ValueError: three" in words
    assert {path: path.read_bytes() for path in done} == done
    runs = cluster.runs()
    assert set(runs) == {*range(1, 13)}
    assert sum(runs.values()) <= 12 + 2  # one on each worker that was killed


def test_a_scheduler_is_lost_and_the_next_call_does_the_rest(cluster):
    scheduler = cluster.scheduler()
    workers = [cluster.worker() for _ in range(2)]
    program = cluster.sweep("--grid", "x=4..7", "-j", "2", pause=0.5)
    until(cluster.published)
    orphans = below(*workers)
    cluster.kill(scheduler)
    code, words = ended(program)
    assert (code, "the scheduler was lost" in words) == (9, True), words
    assert gone([*orphans, *(psutil.Process(each.pid) for each in workers)]) == []
    done = {path: path.read_bytes() for path in cluster.published()}
    assert 1 <= cluster.rows()["run"] <= len(done)
    cluster.scheduler()
    cluster.worker()
    code, words = cluster.swept("--grid", "x=4..7", "-j", "2", pause=0.5)
    rows = cluster.rows()  # what was cut short while it was published is finished, too
    assert (code, rows["up to date"] + rows["run"]) == (0, 4), words
    assert rows["up to date"] >= len(done)
    assert {path: path.read_bytes() for path in done} == done


@pytest.mark.promise("A Dask worker with other packages is refused by name and difference.")
def test_a_worker_with_another_version_is_refused_and_two_sweeps_share_the_other(cluster):
    other = cluster.scratch / "packages/zzz-1.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: zzz\nVersion: 1.0\n")
    cluster.scheduler()
    cluster.worker(python_path=str(other.parent))
    until(lambda: "Registered" in (cluster.scratch / "1.log").read_text())
    code, words = cluster.swept("--grid", "x=1,2", "-j", "2")
    assert code == 9, words
    assert "is refused: zzz 1.0 (expected none)" in words
    assert "no worker that fits" in words
    cluster.worker()
    until(lambda: "Registered" in (cluster.scratch / "3.log").read_text())
    both = [cluster.sweep("--grid", "x=1,2", "-j", "2") for _ in range(2)]
    found = [ended(each) for each in both]
    assert [code for code, _ in found] == [0, 0], found
    assert sum("is refused: zzz" in words for _, words in found) == 1
    assert sum("waiting for another build" in words for _, words in found) == 1
    assert (cluster.runs(), cluster.rows()) == ({1: 1, 2: 1}, {"up to date": 2})
    code, words = cluster.swept("--grid", "x=1", "--fresh", "--any-environment")
    assert (code, "is refused" in words) == (0, False), words


def test_a_point_that_kills_its_workers_fails_alone(cluster):
    cluster.scheduler(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1")
    cluster.worker("--nanny"), cluster.worker("--nanny")
    code, words = cluster.swept("--grid", "x=66,77,1")
    assert (code, cluster.rows()) == (4, {"run": 1, "failed": 2}), words
    assert "all 2 workers that it was given to were lost" in words
    assert "its worker process was lost (killed by SIGKILL" in words
    assert (cluster.runs()[66], cluster.runs()[77]) == (2, 1)
    assert (
        gone([psutil.Process(each) for each in cluster.kernels() if psutil.pid_exists(each)]) == []
    )


def test_a_full_disk_at_a_worker_leaves_the_points_to_others(cluster):
    (cluster.project / "src/helper/large.txt").write_bytes(bytes(3_000_000))
    cluster.scheduler()
    full = (2_000_000, 2_000_000)
    cluster.worker(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, full))
    cluster.worker()
    until(lambda: "Registered" in (cluster.scratch / "1.log").read_text())
    until(lambda: "Registered" in (cluster.scratch / "2.log").read_text())
    code, words = cluster.swept("--grid", "x=1,2", "-j", "2")
    assert (code, cluster.rows()) == (0, {"run": 2}), words
    assert "is refused: OSError: [Errno 27] File too large" in words


@pytest.mark.promise("Ctrl-C ends a sweep's points on a Dask cluster, and what was finished stays.")
def test_a_sweep_that_is_interrupted_killed_or_has_no_room_goes_on_later(cluster):
    cluster.scheduler()
    workers = [cluster.worker() for _ in range(2)]
    grid = ("--grid", "x=1,5,6", "-j", "2")
    for number, code in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
        program = cluster.sweep(*grid, pause=600.0)
        until(lambda: sum(each.pid in cluster.kernels() for each in below(*workers)) == 2)
        until(cluster.published)
        processes = below(*workers)
        program.send_signal(number)
        found, words = ended(program)
        assert found == code, words
        assert gone(processes) == []
        assert [each.poll() for each in workers] == [None, None]
        assert cluster.runs()[1] == 1
    small = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))}
    code, words = cluster.swept("--grid", "x=1,2", pause=600.0, **small)
    assert (code, "File too large; make room" in words) == (7, True), words
    code, words = cluster.swept("--grid", "x=1,2", pause=600.0)
    assert (code, cluster.rows()) == (0, {"up to date": 1, "run": 1}), words
