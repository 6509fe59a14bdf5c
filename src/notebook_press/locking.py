"""One build at a time in a reports folder."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from notebook_press.errors import LockedError
from notebook_press.publishing import PRIVATE, publishing_errors

__all__ = ["locked"]


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
    private = reports / PRIVATE
    with publishing_errors(reports):
        private.mkdir(parents=True, exist_ok=True)
        lock = FileLock(private / "lock")
        owner = private / "owner.json"
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
        started = time.strftime("%H:%M:%S")
        owner.write_text(json.dumps({"process": os.getpid(), "started": started}))
    try:
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _describe(owner: Path) -> str:
    try:
        holder = json.loads(owner.read_text())
        return f"another build (process {holder['process']}, started {holder['started']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another build"
