"""How a signal ends a command: the first is taken, and none that follows breaks the clean-up.

Ctrl-C, SIGTERM and SIGHUP go the same way: kernels are killed at once, and a `KeyboardInterrupt`
that carries the signal's number unwinds the command, so that folders are removed and locks freed.
"""

import atexit
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

__all__ = ["check", "finish", "killing", "listen", "taken", "unbroken"]

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 5.0  # seconds that a clean-up has to itself; a signal after them interrupts it anew


@dataclass
class _State:
    number: int | None = None
    patient_until: float = 0.0
    kills: list[Callable[[], None]] = field(default_factory=list)
    unbroken: int = 0
    waiting: bool = False
    finished: bool = False


_state = _State()


def listen() -> None:
    """Take the signals from now on, but those that this process was told to ignore (`nohup`)."""
    _state.number, _state.waiting, _state.finished = None, False, False
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _take)


def finish() -> None:
    """Take no signal any more: the command has ended, and only its process has not."""
    _state.finished = True
    atexit.register(_ignore)  # Python's own end would put the system's handlers back


def _ignore() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def taken() -> int | None:
    """Return the number of the signal that ends this command; None while there was none."""
    return _state.number


def check() -> None:
    """Raise the interruption again where a library has made another error of it.

    Raises:
        KeyboardInterrupt: A signal was taken.
    """
    if _state.number is not None:
        raise KeyboardInterrupt(_state.number)


@contextmanager
def killing(kill: Callable[[], None]) -> Iterator[None]:
    """Have `kill` called as soon as a signal is taken during the body."""
    _state.kills.append(kill)
    try:
        yield
    finally:
        _state.kills.remove(kill)


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
            check()


def _take(number: int, _frame: object) -> None:
    now = time.monotonic()
    if _state.finished or (_state.number is not None and now < _state.patient_until):
        return
    _state.number = number if _state.number is None else _state.number
    _state.patient_until = now + PATIENCE
    for kill in list(_state.kills):
        kill()
    if _state.unbroken:
        _state.waiting = True
        return
    raise KeyboardInterrupt(_state.number)
