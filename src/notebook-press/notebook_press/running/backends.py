"""Backends: where tasks become outcomes, in this process or in worker processes beside it.

A worker does one task after the other, is told of nothing but tasks, and ends itself, its kernel
first, when whoever started it is gone. One that is lost costs its own run only.
"""

import pickle
import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, Protocol, Self

from notebook_press.errors import PressError
from notebook_press.messages import in_one_line
from notebook_press.running import signals
from notebook_press.running.processes import PATIENCE, describe_end, end_marked
from notebook_press.running.tasks import Failure, Observer, RunOutcome, RunTask

Perform = Callable[[RunTask, Observer], AbstractContextManager[RunOutcome]]
"""Runs a task where it is called; the kernel may end during the body."""

_WORKER = """
import sys
sys.path[:] = {path!r}
sys.modules.setdefault("rfc3987_syntax", None)  # as in `cli`: it is slow to import
from notebook_press.running.worker import main
main({pipe})
"""


class Backend(Protocol):
    """Turns tasks into outcomes, each in its own thread where there are several at once."""

    def run(self, task: RunTask, observer: Observer) -> AbstractContextManager[RunOutcome]:
        """Give what comes of a task; its kernel may end during the body.

        Raises:
            KeyboardInterrupt: A signal ends the command.
            PressError: The task can't be run at all.
        """


class Pool(Backend, Protocol):
    """A backend that does several tasks at once."""

    def stop(self) -> None:
        """Interrupt the tasks at work, and those that are still to come."""


class InThisProcess:
    """Runs tasks where it is called."""

    def __init__(self, perform: Perform) -> None:
        self._perform = perform

    def run(self, task: RunTask, observer: Observer) -> AbstractContextManager[RunOutcome]:
        """Give what comes of a task."""
        return self._perform(task, observer)


class Workers:
    """A pool of processes; use as a context manager, after which none of them is left."""

    def __init__(self, perform: Perform, count: int) -> None:
        """Start so many workers.

        Args:
            perform: What runs a task; a function of a module that a worker can import.
            count: How many tasks are run at once, at most.

        Raises:
            PressError: The system starts no more processes.
        """
        self._perform = perform
        self._stopped = False
        self._at_work: set[_Worker] = set()
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for _ in range(count):
            self._idle.put(_Worker())

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers."""
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait().end()

    def stop(self) -> None:
        """Interrupt the tasks at work, and those that are still to come."""
        self._stopped = True
        for worker in list(self._at_work):
            worker.stop()

    def _raise_if_stopped(self) -> None:
        signals.raise_if_taken()
        if self._stopped:
            raise KeyboardInterrupt

    @contextmanager
    def run(
        self, task: RunTask, observer: Observer, turn: Callable[[], object] = lambda: None
    ) -> Iterator[RunOutcome]:
        """Give what comes of a task in a worker, whose kernel waits until `turn` has returned."""
        worker = self._idle.get()
        try:
            if worker.is_lost():  # while it had nothing to do
                worker.end()
                worker = _Worker()
            self._at_work.add(worker)
            self._raise_if_stopped()
            with signals.killing(worker.stop, worker.end), worker.doing(self._perform, task):
                outcome = worker.outcome(observer, turn)
                if outcome is None:
                    self._raise_if_stopped()
                    outcome = worker.lost(task)
                yield outcome
        finally:
            self._at_work.discard(worker)
            self._idle.put(worker)


class _Worker:
    """One process that runs tasks."""

    def __init__(self) -> None:
        self._pipe, theirs = Pipe()
        self._cell: int | None = None
        code = _WORKER.format(path=sys.path, pipe=theirs.fileno())
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", code],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # a terminal's Ctrl-C reaches whoever started it, not this
            )
        except OSError as error:
            raise PressError(
                f"expected to start a worker process, found: {error}; ask for fewer --jobs"
            ) from error
        theirs.close()

    def is_lost(self) -> bool:
        """Return whether it has ended."""
        return self._process.poll() is not None

    @contextmanager
    def doing(self, perform: Perform, task: RunTask) -> Iterator[None]:
        """Have it do a task during the body; after that the task's kernel has ended."""
        self._cell = None
        with suppress(OSError):  # it is lost, as is seen at once
            send(self._pipe, (perform, task))
        try:
            yield
        finally:
            kind = ""
            while kind not in ("ended", "lost"):
                kind, _ = self._received()
            if kind == "lost":
                end_marked(task.mark)

    def outcome(self, observer: Observer, turn: Callable[[], object]) -> RunOutcome | None:
        """Return what comes of its task, run after `turn`; None where the worker is lost."""
        while True:
            kind, content = self._received()
            if kind == "lost":
                return None
            if kind == "raised":
                raise content
            if kind == "outcome":
                found: RunOutcome = content
                return found
            if kind == "ready":
                turn()
                observer.ready()
                with suppress(OSError):
                    send(self._pipe, None)
                continue
            if kind == "cell_started":
                self._cell = content
            getattr(observer, kind)(content)

    def _received(self) -> tuple[str, Any]:
        try:
            kind, content = receive(self._pipe)
        except (OSError, EOFError):
            return "lost", None
        return kind, content

    def stop(self) -> None:
        """Have the worker end, and first its kernel; safe in a signal's handler."""
        with suppress(OSError):
            self._process.terminate()

    def end(self) -> None:
        """End the worker, which has nothing to do, was stopped or is lost."""
        self._pipe.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def lost(self, task: RunTask) -> RunOutcome:
        """Return what is left of a task whose worker is lost."""
        self.end()
        begun = "never ran" if self._cell is None else "ended the run"
        why = f"{begun}: its worker process was lost ({describe_end(self._process.returncode)})"
        return RunOutcome(task.notebook, Failure(self._cell or 0, why, "worker"))


def send(pipe: Connection, content: Any) -> None:
    """Send what pickles through a pipe."""
    pipe.send_bytes(pickle.dumps(content))


def receive(pipe: Connection) -> Any:
    """Return what the other end sent, which is of this press.

    Raises:
        EOFError: There is no other end any more.
    """
    return pickle.loads(pipe.recv_bytes())  # noqa: S301


def sendable(error: Exception) -> Exception:
    """Return an error that pickles: ours as it is, and what nobody foresaw in words."""
    if isinstance(error, PressError):
        return error
    return PressError(in_one_line(f"{type(error).__name__}: {error}"))
