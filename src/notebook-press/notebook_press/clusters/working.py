"""What happens on a Dask worker: its points are run by a process of a pool's kind.

That process ends, its kernel first, when the Dask worker is gone, whatever ended that; when its
point is not wanted any more; and when it had nothing to do for a while.
"""

import asyncio
import os
import pickle
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from distributed import Status, get_worker

from notebook_press.clusters.shipping import Shipment, differences, environment
from notebook_press.errors import DataError, PressError
from notebook_press.keys import ProjectParts
from notebook_press.messages import in_one_line, listed
from notebook_press.parameters import defaults, read_parameters
from notebook_press.project import Project, prepare
from notebook_press.running.backends import Workers
from notebook_press.running.processes import mark_of
from notebook_press.running.redaction import without_machine
from notebook_press.running.tasks import Failure, Observer, RunOutcome, RunTask
from notebook_press.runs import perform

LONGEST_REST = 5.0  # seconds that a process is kept that has nothing to do
PAUSE_BETWEEN_LOOKS = 0.5  # seconds between two looks at whether a point is still wanted

_Place = tuple[str, str]  # a Dask worker's address, and the name of what was sent there
_projects: dict[_Place, tuple[Project, Path]] = {}
_resting: dict[_Place, list[Workers]] = {}
_one = threading.Lock()


async def admit(shipment: Shipment, dask_worker: Any) -> list[str]:
    """Have a Dask worker take the points of a sweep; return what keeps it from that, if anything.

    Raises:
        OSError: There is no room for what it is sent.
    """
    wrong = differences(shipment.expected, await asyncio.to_thread(environment, shipment.project))
    if not wrong:
        place = Path(dask_worker.local_directory)
        folder = await asyncio.to_thread(shipment.unpacked, place)
        _projects[dask_worker.address, shipment.name] = shipment.project_in(folder), folder
        await dask_worker.set_resources(**{shipment.name: dask_worker.state.nthreads})
        # Only a worker that begins or goes on is given what waits for its kind.
        dask_worker.status = Status.paused
        dask_worker.status = Status.running
    return wrong


def run_point(content: bytes, name: str) -> bytes:
    """Return what came of a task and its kernel's log; the task's folder is relative.

    Args:
        content: The task.
        name: The name of the shipment that it belongs to.

    Raises:
        PressError: It can't be run at all.
    """
    task: RunTask = pickle.loads(content)  # noqa: S301  (a scheduler runs what it is sent)
    worker, log = get_worker(), b""
    place = worker.address, name
    project, folder = _projects[place]
    try:
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as own:
            (folder / task.folder).mkdir(parents=True, exist_ok=True)
            here = replace(
                task,
                folder=folder / task.folder,
                log=Path(own) / task.log.name,
                mark=mark_of(Path(own)),
                project=project,
            )
            outcome = _outcome(here, place, worker)
            log = here.log.read_bytes() if here.log.is_file() else b""
    except PressError as error:
        raise type(error)(f"{error} (at the worker {worker.address})") from None
    except OSError as error:
        why = f"never ran: {in_one_line(error)}"
        outcome = RunOutcome(task.notebook, Failure(0, why), trouble=error)
    if outcome.failed and (outcome.trouble or outcome.failed.of == "worker"):
        why = f"{outcome.failed.why} (at the worker {worker.address})"
        outcome = replace(outcome, failed=replace(outcome.failed, why=why), trouble=None)
    return pickle.dumps((outcome, log))


def _outcome(task: RunTask, place: _Place, worker: Any) -> RunOutcome:
    with _one:
        resting = _resting.setdefault(place, [])
        workers = resting.pop() if resting else Workers(perform_here, 1)
    try:
        with _wanted(worker, workers.stop), workers.run(task, _Silence()) as outcome:
            pass
    except BaseException as error:
        workers.__exit__()
        if isinstance(error, KeyboardInterrupt):  # which would end the Dask worker
            raise PressError(f"{task.report}: is not wanted any more") from None
        raise
    with _one:
        resting.append(workers)
    timer = threading.Timer(LONGEST_REST, _dismiss, [resting, workers])
    timer.daemon = True  # the Dask worker's end waits for no other
    timer.start()
    return outcome


def _dismiss(resting: list[Workers], workers: Workers) -> None:
    with _one:
        if workers not in resting:  # it is at work again
            return
        resting.remove(workers)
    workers.__exit__()


@contextmanager
def _wanted(worker: Any, stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` during the body if nobody waits for the task any more, or the worker closes."""
    key, over = worker.get_current_task(), threading.Event()

    def look() -> None:
        while not over.wait(PAUSE_BETWEEN_LOOKS):
            task = worker.state.tasks.get(key)
            at_work = task is not None and task.state in ("executing", "long-running")
            if not at_work or worker.status not in (Status.running, Status.paused):
                stop()
                return

    threading.Thread(target=look, daemon=True).start()
    try:
        yield
    finally:
        over.set()


class _Silence:
    """Takes note of nothing: who follows a sweep is told of its points, not of their cells."""

    def ready(self) -> None:
        pass

    def cell_started(self, index: int) -> None:
        pass

    def note(self, text: str) -> None:
        pass


@contextmanager
def perform_here(task: RunTask, observer: Observer) -> Iterator[RunOutcome]:
    """Give what comes of a task in a process of its own, with the sources that were sent.

    Raises:
        DataError: Its inputs can't be had here, or are not those that it was planned with.
    """
    project = task.project or Project(task.folder)
    _import_from(project)
    values = {**defaults(read_parameters(task.notebook, task.report)), **task.parameters}
    found, expected = prepare(project, values).inputs, task.inputs
    if moved := sorted(
        each for each in {*found, *expected} if found.get(each) != expected.get(each)
    ):
        raise DataError(
            f"{task.report}: expected the data that it was planned with, found others: "
            f"{listed(moved)}; give each worker the same"
        )
    with perform(task, observer, ProjectParts(project, task.threads)) as outcome:
        yield replace(outcome, executed=without_machine(outcome.executed, project.root))


def _import_from(project: Project) -> None:
    """Have this process and its kernels import what was sent, before what is installed."""
    places = []
    for path in project.sources:
        is_folder = path.is_dir() and not (path / "__init__.py").is_file()
        places.append(str(path if is_folder else path.parent))
    new = [place for place in dict.fromkeys(places) if place not in sys.path]
    sys.path[:0] = new
    known = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [*new, known]))
