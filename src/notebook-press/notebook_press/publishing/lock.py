"""One build at a time in a reports folder."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from notebook_press.errors import LockedError, publishing_errors
from notebook_press.publishing.files import PRIVATE, check_plain, own_folder, read_plain, remove

LONGEST_NOTE = 1000  # bytes of who holds the lock


@contextmanager
def locked(reports: Path, *, wait: bool, announce: Callable[[str], None]) -> Iterator[None]:
    """Hold the reports folder for the body; the system frees it if this process dies.

    Args:
        reports: The reports folder; it is made where it is missing.
        wait: Wait for another build to end, or fail at once.
        announce: Called with one line that says for whom this build waits.

    Raises:
        LockedError: Another build holds the folder, and `wait` is false.
        PublishingError: The folder can't be made or written.
    """
    with publishing_errors(reports):
        private = own_folder(reports, PRIVATE)
        check_plain(private / "lock")
        lock, owner = FileLock(private / "lock"), private / "owner.json"
        try:
            lock.acquire(timeout=0)
        except Timeout:
            holder = _describe(owner)
            if not wait:
                raise LockedError(
                    f"{reports}: {holder} is at work here; wait for it, or leave out --no-wait"
                ) from None
            announce(f"waiting for {holder} to finish in {reports}")
            lock.acquire()
    try:
        with publishing_errors(owner):
            _sign(owner)
        yield
    finally:
        with suppress(OSError):  # who reads it asks whether that process lives
            owner.unlink()
        lock.release()


def _sign(owner: Path) -> None:
    """Say who holds the lock, in a new file: what lies there may be a link or a pipe."""
    remove(owner)
    note = {"process": os.getpid(), "started": time.strftime("%H:%M:%S")}
    with owner.open("x", encoding="ascii") as file:
        json.dump(note, file)


def _describe(owner: Path) -> str:
    """Return who holds the lock; the note of a process that was killed may have outlived it."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        holder = json.loads(read_plain(owner, LONGEST_NOTE))
        process, started = holder["process"], holder["started"]
        if re.fullmatch(r"\d\d:\d\d:\d\d", started) and psutil.pid_exists(process):
            return f"another build (process {process:d}, started {started})"
    return "another build"
