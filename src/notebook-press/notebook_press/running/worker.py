"""A worker process: it runs what it is sent, and ends when nobody is there to send anything."""

import importlib
import os
import queue
import signal
import threading
from multiprocessing.connection import Connection
from typing import Any

from notebook_press.running import signals
from notebook_press.running.backends import receive, send, sendable


def main(descriptor: int) -> None:
    """Run tasks until the pipe of this descriptor has no other end, or until SIGTERM.

    A task that is being run then is interrupted.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which whoever started this may be ignoring
    signals.listen()
    try:
        os.set_inheritable(descriptor, False)  # no kernel gets it, nor what a kernel starts
        pipe = Connection(descriptor)
        tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(pipe, tasks), daemon=True).start()
        # What a run needs takes a second to import, and there may be nothing to do yet.
        importlib.import_module("notebook_press.running.papermill_engine")
        while True:
            _run(pipe, _Telling(pipe, tasks), *tasks.get())
    except KeyboardInterrupt:
        signals.finish()
        number = signals.taken() or signal.SIGTERM
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # so that whoever waits for it sees how it ended


class _Telling:
    """Tells whoever asked what happens while a notebook runs."""

    def __init__(self, pipe: Connection, answers: "queue.SimpleQueue[Any]") -> None:
        self._pipe, self._answers = pipe, answers

    def ready(self) -> None:
        send(self._pipe, ("ready", None))
        self._answers.get()

    def cell_started(self, index: int) -> None:
        send(self._pipe, ("cell_started", index))

    def note(self, text: str) -> None:
        send(self._pipe, ("note", text))


def _run(pipe: Connection, telling: _Telling, perform: Any, task: Any) -> None:
    try:
        with perform(task, telling) as outcome:
            send(pipe, ("outcome", outcome))
    except Exception as error:  # whatever it is, whoever asked says it
        signals.raise_if_taken()
        send(pipe, ("raised", sendable(error)))
    send(pipe, ("ended", None))


def _listen(pipe: Connection, tasks: "queue.SimpleQueue[Any]") -> None:
    """Take in tasks; where none can come any more, end what is being run."""
    try:
        while True:
            tasks.put(receive(pipe))
    except (OSError, EOFError):
        pass
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
