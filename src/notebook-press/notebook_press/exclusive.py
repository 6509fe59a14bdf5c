"""One timing at a time on a machine, whichever process takes it, and what else was at work then."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

LOCK = Path("/tmp/notebook-press.timing")  # noqa: S108 - of the machine: all users' timings meet here
PAUSE = 0.1  # seconds between two attempts to take the lock


@dataclass
class Load:
    """What else was at work during a timing; known at its end.

    Attributes:
        cores: How many cores the machine has.
        others: How many of them other processes kept busy, on average.
        waited: Seconds that were waited for other timings.
        alone: Whether the lock could be held; where not, another timing may have been at work.
    """

    cores: int
    alone: bool = True
    others: float = 0.0
    waited: float = 0.0


@contextmanager
def alone(announce: Callable[[str], None]) -> Iterator[Load]:
    """Hold the machine's one lock for timings during the body; give what else is at work.

    The system frees the lock if this process dies.

    Args:
        announce: Called with one line before it waits for another timing.
    """
    descriptor = _opened()
    load = Load(os.cpu_count() or 1, alone=descriptor is not None)
    start = time.monotonic()
    try:
        if not _taken(descriptor):
            announce("waiting for another timing on this machine")
            while not _taken(descriptor):
                time.sleep(PAUSE)
        begun = time.monotonic()
        load.waited = begun - start
        before = _busy()
        yield load
        load.others = max(_busy() - before, 0) / max(time.monotonic() - begun, 1e-9)
    finally:
        if descriptor is not None:
            with suppress(OSError):  # what was forked meanwhile has the descriptor, too
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)


def _opened() -> int | None:
    """Open the lock's file, which may be another user's; None where that can't be."""
    for flags in (os.O_CREAT, 0):  # some systems let only its owner ask for it to be made
        with suppress(OSError):
            return os.open(LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | flags, 0o644)
    return None


def _taken(descriptor: int | None) -> bool:
    if descriptor is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy() -> float:
    """Return the seconds that cores were busy so far with anything but this process's own work."""
    import psutil  # here, for it is not needed to show a page

    machine, own = psutil.cpu_times(), 0.0
    this = psutil.Process()
    for process in (this, *this.children(recursive=True)):
        with suppress(psutil.Error):  # it has just ended
            own += sum(process.cpu_times()[:4])  # its own, and what ended children of it took
    return sum(machine) - machine.idle - getattr(machine, "iowait", 0.0) - own
