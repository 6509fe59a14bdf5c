"""Locks: one a report keeps two builds of it apart, and the folder's is held while publishing.

Whoever holds a report's lock may end what its last run left, and finish or clear away what that had
prepared. The system frees a lock whose process dies. A report's lock is always taken first, and
nobody waits for one while holding the folder's.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from filelock import BaseFileLock, FileLock, Timeout

from notebook_press.errors import LockedError, publishing_errors
from notebook_press.publishing.files import (
    PRIVATE,
    check_plain,
    describe_kind,
    own_folder,
    read_plain,
    remove,
)

OWNER = "owner.json"
LONGEST_NOTE = 1000  # bytes of who holds the lock
LONGEST_PUBLICATION = 10.0  # seconds that a build waits for others' before it says so


@dataclass(frozen=True)
class Waiting:
    """Whether and how a build waits for another.

    Attributes:
        announce: Called with one line that says for whom; None where it fails at once.
        cancelled: Asked again and again whether to wait no longer.
        publication: The seconds that another's publication is waited for before all that.
    """

    announce: Callable[[str], None] | None = None
    cancelled: Callable[[], bool] = lambda: False
    publication: float = LONGEST_PUBLICATION


def locked(reports: Path, waiting: Waiting) -> AbstractContextManager[None]:
    """Hold the reports folder for the body; it is made where it is missing.

    What others publish meanwhile is waited for in silence.

    Raises:
        LockedError: Another build holds the folder for longer, and this one does not wait.
        PublishingError: The folder can't be made or written.
    """
    return _hold(reports, (), waiting.publication, waiting)


def report_locked(
    reports: Path, run: str, report: str, waiting: Waiting
) -> AbstractContextManager[None]:
    """Hold one report for the body, which brings it up to date; the folder is made if missing.

    Raises:
        LockedError: Another build is at work on it, and this one does not wait.
        PublishingError: The folder can't be made or written.
    """
    return _hold(reports, ("locks", run, report), 0, waiting)


def sweep_locked(folder: Path, waiting: Waiting) -> AbstractContextManager[None]:
    """Hold the folder of a sweep for the body, which runs its points; it is made if missing.

    Raises:
        LockedError: Another sweep of the name is at work, and this one does not wait.
        PublishingError: The folder can't be made or written.
    """
    return _hold(folder, ("sweep",), 0, waiting)


@contextmanager
def _hold(
    reports: Path, names: tuple[str, ...], patience: float, waiting: Waiting
) -> Iterator[None]:
    with publishing_errors(reports):
        place = own_folder(reports, PRIVATE, *names)
        path, owner = place / "lock", place / OWNER
        check_plain(path)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=patience, cancel_check=waiting.cancelled)
        except Timeout:
            what = f"{names[-1]} in {reports}" if names else f"{reports}"
            _wait(lock, f"{_describe(owner)}", what, waiting)
    try:
        with publishing_errors(owner):
            _sign(owner)
        yield
    finally:
        with suppress(OSError):  # who reads it asks whether that process lives
            owner.unlink()
        lock.release()


def _wait(lock: BaseFileLock, holder: str, what: str, waiting: Waiting) -> None:
    if waiting.announce is not None and not waiting.cancelled():
        waiting.announce(f"waiting for {holder} to finish {what}")
        with suppress(Timeout):
            lock.acquire(cancel_check=waiting.cancelled)
            return
    raise LockedError(f"{what}: {holder} is at work here; wait for it, or leave out --no-wait")


def is_signed(place: Path) -> bool:
    """Return whether somebody holds the lock in a folder, or was killed while holding it."""
    return describe_kind(place / OWNER) is not None


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
