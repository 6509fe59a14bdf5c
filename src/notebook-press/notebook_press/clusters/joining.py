"""A sweep's points on a Dask cluster, one on this machine or one that is joined."""

import importlib
import importlib.util
import logging
import os
import pickle
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from notebook_press.clusters.shipping import pack
from notebook_press.errors import ClusterError, PressError, UsageError, publishing_errors
from notebook_press.keys import ProjectParts
from notebook_press.messages import escaped, in_one_line, listed, shown
from notebook_press.project import Project
from notebook_press.provenance import commit
from notebook_press.running import signals
from notebook_press.running.tasks import Failure, Observer, RunOutcome, RunTask

ADDRESS = re.compile(r"(?:(?:tcp|tls|ucx|ws|wss)://)?[^/\s]+:\d+")
LOOPBACK = "127.0.0.1"
PAUSE_BETWEEN_LOOKS = 1.0  # seconds between two looks for new workers
PATIENCE = 10.0  # seconds in which a scheduler has to answer


@dataclass(frozen=True)
class Cluster:
    """Where the points of a sweep are run.

    Attributes:
        scheduler: The address of a Dask scheduler.
        file: A file that names it, as `dask scheduler --scheduler-file` writes; without both, a
            cluster is started on this machine.
        any_environment: Whether workers may have another Python and other packages.
    """

    scheduler: str | None = None
    file: Path | None = None
    any_environment: bool = False

    def __post_init__(self) -> None:
        """Check that it can be joined from here.

        Raises:
            UsageError: Dask is not installed, there are two schedulers, or what is to name one
                does not.
        """
        if importlib.util.find_spec("distributed") is None:
            raise UsageError(
                "a sweep on Dask needs the package distributed, which is not installed: "
                "pip install 'notebook-press[dask]'"
            )
        if self.scheduler and self.file:
            raise UsageError("expected --scheduler or --scheduler-file, found both; leave one out")
        if self.scheduler and not ADDRESS.fullmatch(self.scheduler):
            raise UsageError(
                "--scheduler: expected an address such as tcp://host:8786 or tls://host:8786, "
                f"found {shown(self.scheduler)}; correct it"
            )
        if self.file and not self.file.is_file():
            raise UsageError(f"--scheduler-file: {escaped(self.file)}: no such file; correct it")


def cluster_of(
    backend: str | None, scheduler: str | None, file: Path | None, *, any_environment: bool
) -> Cluster | None:
    """Return the cluster that a sweep is to run on; None for processes of this machine.

    Raises:
        UsageError: What is asked for is at odds, or a `Cluster` can't be so.
    """
    if backend != "dask" and not (scheduler or file):
        if any_environment:
            raise UsageError("--any-environment is for Dask workers; leave it out, or name them")
        return None
    if backend == "processes":
        raise UsageError("--backend processes joins no scheduler; leave one of the two out")
    return Cluster(scheduler, file, any_environment)


class DaskBackend:
    """Runs tasks on a Dask cluster; use as a context manager, after which it has left it.

    Attributes:
        at_once: How many tasks are given to it at a time.
    """

    def __init__(
        self,
        cluster: Cluster,
        jobs: int,
        project: Project,
        parts: ProjectParts,
        say: Callable[[str], None],
    ) -> None:
        """Prepare to join a cluster.

        Args:
            cluster: Which one.
            jobs: How many workers one on this machine has; of another, how many tasks are given
                to it at least.
            project: What is sent to its workers.
            parts: What all tasks depend on, as they were planned with.
            say: Tells words.
        """
        self.at_once = jobs
        self._cluster, self._project, self._parts, self._say = cluster, project, parts, say
        self._shipment = pack(project, any_environment=cluster.any_environment)
        self._refused: set[str] = set()
        self._over = threading.Event()
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        """Join the cluster, and have its workers admitted.

        Raises:
            ClusterError: There is no scheduler, or it has workers and none of them fits.
        """
        for name in ("distributed", "tornado", "bokeh"):  # what becomes of a task is told by us
            logging.getLogger(name).setLevel(logging.CRITICAL)
        with ExitStack() as closing:
            self._client = self._joined(closing)
            closing.callback(self.stop)
            workers = self._workers()
            self.at_once = max(self.at_once, sum(each["nthreads"] for each in workers.values()))
            self._admit_new(workers)
            if workers and not {*workers} - self._refused:
                raise ClusterError(
                    "the cluster has no worker that fits; install there what is expected, or say "
                    "--any-environment"
                )
            if not workers:
                self._say("the cluster has no worker yet; waiting for one")
            threading.Thread(target=self._admit, daemon=True).start()
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster, and end it where it was started here."""
        self._closing.close()

    def stop(self) -> None:
        """Interrupt the tasks at work, and those that are still to come."""
        self._over.set()
        with suppress(Exception):  # whatever a lost cluster makes of it
            self._client.close(timeout=2)

    @contextmanager
    def run(self, task: RunTask, observer: Observer) -> Iterator[RunOutcome]:
        """Give what comes of a task; one whose worker is lost is tried again elsewhere.

        Raises:
            ClusterError: The scheduler is lost.
            PublishingError: The kernel's log can't be kept.
        """
        outcome, log = self._answer(task)
        if log:
            with publishing_errors(task.log):
                task.log.write_bytes(log)
        facts = {**outcome.facts, "commit": commit(self._project.root)}
        yield replace(outcome, facts=facts, key=self._parts.settled(outcome.key))

    def _answer(self, task: RunTask) -> tuple[RunOutcome, bytes]:
        from distributed import CancelledError, KilledWorker

        folder = Path(os.path.relpath(task.folder.resolve(), self._shipment.base))
        content = pickle.dumps(replace(task, folder=folder, project=None))
        name = self._shipment.name
        key = f"{task.report}-{uuid.uuid4().hex}"
        try:
            future = self._client.submit(
                _run_point, content, name, key=key, resources={name: 1}, pure=False
            )
            found: tuple[RunOutcome, bytes] = pickle.loads(future.result())  # noqa: S301
            return found
        except KilledWorker as error:
            tries = error.allowed_failures + 1
            why = f"never ran to its end: all {tries} workers that it was given to were lost"
            return RunOutcome(task.notebook, Failure(0, why, "worker")), b""
        except PressError:
            raise
        except (Exception, CancelledError) as error:
            signals.raise_if_taken()
            if self._over.is_set():
                raise KeyboardInterrupt from None
            cause = in_one_line(f"{type(error).__name__}: {error}")
            if self._client.status == "running" and not isinstance(error, CancelledError):
                raise PressError(f"{task.report}: {cause}") from error
            raise ClusterError(
                "the scheduler was lost; what is published stays: run the same command again, once "
                "there is one, to do the rest"
            ) from error

    def _joined(self, closing: ExitStack) -> Any:
        dask: Any = importlib.import_module("distributed")
        asked = self._cluster
        where: Any = asked.scheduler
        if not asked.scheduler and not asked.file:
            # A point has a process of its own anyway, so its Dask worker needs none.
            where = dask.LocalCluster(
                n_workers=self.at_once,
                threads_per_worker=1,
                processes=False,
                protocol="tcp",
                host=LOOPBACK,
                dashboard_address=f"{LOOPBACK}:0",
                memory_limit=None,
                silence_logs=logging.CRITICAL,
            )
            closing.callback(where.close)
        named = {"scheduler_file": str(asked.file)} if asked.file else {"address": where}
        try:
            client = dask.Client(**named, set_as_default=False, timeout=PATIENCE)
        except OSError as error:
            raise ClusterError(
                f"expected a Dask scheduler at {shown(str(asked.scheduler or asked.file))}, found "
                f"none that answers ({in_one_line(error)}); start one, or correct the address"
            ) from error
        if importlib.util.find_spec("bokeh"):  # without it there is none
            self._say(f"the cluster's dashboard: {client.dashboard_link}")
        return client

    def _workers(self) -> dict[str, Any]:
        found: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return found

    def _admit(self) -> None:
        """Admit workers that come later."""
        while not self._over.wait(PAUSE_BETWEEN_LOOKS):
            with suppress(Exception):  # one may be lost just then; the next look is soon
                self._admit_new(self._workers())

    def _admit_new(self, workers: dict[str, Any]) -> None:
        from notebook_press.clusters.working import admit

        name = self._shipment.name
        new = [
            address
            for address, each in workers.items()
            if name not in each["resources"] and address not in self._refused
        ]
        if not new:
            return
        answers = self._client.run(admit, self._shipment, workers=new, on_error="return")
        for address, wrong in answers.items():
            if wrong:
                self._refused.add(address)
                lost = isinstance(wrong, Exception)
                why = f"{type(wrong).__name__}: {wrong}" if lost else listed(wrong)
                self._say(f"the worker {address} is refused: {in_one_line(why)}")


def _run_point(content: bytes, name: str) -> bytes:
    from notebook_press.clusters.working import run_point

    return run_point(content, name)


# What is sent is then the function itself, not its name: a scheduler reads it, too, and need not
# have the press (cloudpickle, of what it takes for a program's own).
_run_point.__module__ = "__main__"
