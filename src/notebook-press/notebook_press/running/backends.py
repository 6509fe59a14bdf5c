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
        """
        self._perform = perform
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

    @contextmanager
    def run(self, task: RunTask, observer: Observer) -> Iterator[RunOutcome]:
        """Give what comes of a task in a worker."""
        signals.raise_if_taken()
        worker = self._idle.get()
        try:
            with signals.killing(worker.stop, worker.end):
                outcome = worker.outcome(self._perform, task, observer)
                if outcome is not None:
                    try:
                        yield outcome
                    finally:
                        worker.finish()
                    return
                signals.raise_if_taken()
                outcome = _lost(task, worker)
            worker = _Worker()
            yield outcome
        finally:
            self._idle.put(worker)


class _Worker:
    """One process that runs tasks."""

    def __init__(self) -> None:
        self._pipe, theirs = Pipe()
        self.cell = 0
        code = _WORKER.format(path=sys.path, pipe=theirs.fileno())
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", code],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # a terminal's Ctrl-C reaches whoever started it, not this
        )
        theirs.close()

    def outcome(self, perform: Perform, task: RunTask, observer: Observer) -> RunOutcome | None:
        """Return what comes of a task; None where the worker is lost."""
        self.cell = 0
        with suppress(OSError, EOFError):
            send(self._pipe, (perform, task))
            while True:
                kind, content = receive(self._pipe)
                if kind == "raised":
                    raise content
                if kind == "outcome":
                    found: RunOutcome = content
                    return found
                if kind == "cell_started":
                    self.cell = content
                getattr(observer, kind)(content)
        return None

    def finish(self) -> None:
        """Wait until the worker has done with its task: the kernel has ended."""
        with suppress(OSError, EOFError):
            receive(self._pipe)

    def stop(self) -> None:
        """Have the worker end, and first its kernel; safe in a signal's handler."""
        with suppress(OSError):
            self._process.terminate()

    def end(self) -> None:
        """End the worker, which has nothing to do or was stopped."""
        self._pipe.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def death(self) -> str:
        """Return how the worker's process ended, in words."""
        self.end()
        return describe_end(self._process.returncode)


def _lost(task: RunTask, worker: _Worker) -> RunOutcome:
    """Return what is left of a run whose worker is lost, after ending what that left."""
    why = f"ended the run: its worker process was lost ({worker.death()})"
    end_marked(task.mark)
    return RunOutcome(task.notebook, Failure(worker.cell, why, "worker"))


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
