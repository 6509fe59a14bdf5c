"""How a signal ends a command: the first is taken, and none that follows breaks the clean-up.

Ctrl-C, SIGTERM and SIGHUP go the same way: kernels are killed at once, and a `KeyboardInterrupt`
that carries the signal's number unwinds the command, so that folders are removed and locks freed.
Python may leave a lock of its own behind where that interrupts an import, so a thread stands by,
which ends a command that does not come to its end.
"""

import atexit
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 4.0  # seconds that a clean-up may take
SIGNALLED = 128  # what a shell adds to the number of the signal that ended a command
Call = Callable[[], None]


@dataclass
class _State:
    number: int | None = None
    kernels: list[tuple[Call, Call]] = field(default_factory=list)
    unbroken: int = 0
    waiting: bool = False
    taken: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)


_state = _State()


def listen() -> None:
    """Take the signals from now on, but those that this process was told to ignore (`nohup`)."""
    global _state
    _state = _State()
    threading.Thread(target=_stand_by, args=(_state,), daemon=True).start()
    sys.unraisablehook = partial(_show_unraisable, sys.unraisablehook)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _take)


def finish() -> None:
    """Take no signal any more: the command has ended, and only its process has not."""
    _state.finished.set()
    for number in SIGNALS:  # Python's own end would put the system's handlers back
        atexit.register(signal.signal, number, signal.SIG_IGN)


def taken() -> int | None:
    """Return the number of the signal that ends this command; None while there was none."""
    return _state.number


def raise_if_taken() -> None:
    """Raise the interruption again where a library has made another error of it.

    Raises:
        KeyboardInterrupt: A signal was taken.
    """
    if _state.number is not None:
        raise KeyboardInterrupt(_state.number)


@contextmanager
def killing(kill: Call, end: Call) -> Iterator[None]:
    """Have a kernel killed as soon as a signal is taken during the body.

    Args:
        kill: Kills what can be killed in no time.
        end: Ends all that there is; called where the body's own clean-up does not come to its end.
    """
    _state.kernels.append((kill, end))
    try:
        yield
    finally:
        _state.kernels.remove((kill, end))


@contextmanager
def unbroken() -> Iterator[None]:
    """Keep a signal waiting until the end of the body, which is a short clean-up.

    Raises:
        KeyboardInterrupt: A signal came meanwhile.
    """
    _state.unbroken += 1
    try:
        yield
    finally:
        _state.unbroken -= 1
        if _state.waiting and not _state.unbroken:
            _state.waiting = False
            raise_if_taken()


def _take(number: int, _frame: object) -> None:
    if _state.finished.is_set() or _state.number is not None:
        return
    _state.number = number
    _state.taken.set()
    logging.getLogger("asyncio").disabled = True  # what was interrupted there is no fault
    for kill, _ in list(_state.kernels):
        kill()
    if _state.unbroken:
        _state.waiting = True
        return
    raise KeyboardInterrupt(number)


def _show_unraisable(show: Callable[[Any], Any], unraisable: Any) -> None:
    """Show what Python can't raise, as in a destructor, unless it is the interruption: no fault."""
    if _state.number is None or unraisable.exc_type is not KeyboardInterrupt:
        show(unraisable)


def _stand_by(state: _State) -> None:
    """End the process where a signal was taken and its clean-up hangs."""
    state.taken.wait()
    if state.finished.wait(PATIENCE):
        return
    for _, end in list(state.kernels):
        end()
    code = SIGNALLED + (state.number or 0)
    line = f"notebook-press: exit {code} (interrupted): its clean-up did not end; run it again\n"
    with suppress(OSError):
        os.write(2, line.encode("ascii"))
    os._exit(code)
