"""A kernel's processes and its private folder: none is left, whatever the notebook did.

Everything that a kernel starts inherits a variable of the environment whose name is made from the
folder that its run is prepared in. By it whoever holds that run's lock finds what was left by a
press that was killed. By a second one, which no other kernel has, it finds what left the kernel's
process group or outlived the kernel. A watchdog ends a kernel that takes longer than it may.
"""

import hashlib
import math
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from notebook_press.errors import PressError, UsageError

VARIABLE = "NOTEBOOK_PRESS_"
LONGEST_SOCKET = 103  # bytes that a socket's path may have on macOS; Linux allows 107
LONGEST_NAME = len("/press-0123456789ab-01234567/kernel-12345")
PATIENCE = 5.0  # seconds in which killed processes have to be gone
PAUSE_BETWEEN_LOOKS = 0.02  # seconds between two looks at them


def mark_of(place: Path) -> str:
    """Return the name of the variable that marks the processes that work for a folder's run."""
    digest = hashlib.sha256(os.fsencode(place.resolve())).hexdigest()
    return f"{VARIABLE}{digest[:32].upper()}"


def pages_mark_of(place: Path) -> str:
    """Return what marks the programs that make pages for a folder's run.

    They may be at work already while its kernel, and all that carries the kernel's mark, is ended.
    """
    return mark_of(place / "pages")


class Kernel:
    """A kernel's processes, from its start until none is left.

    Attributes:
        mark: The variable that marks them.
        process: The first of them, the leader of its own session; None before it has started.
    """

    def __init__(self, mark: str) -> None:
        """Prepare for a kernel whose processes carry the mark."""
        self.mark = mark
        self._own = f"{mark}_{secrets.token_hex(8).upper()}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def marked_environment(self) -> Mapping[str, str]:
        """The variables that mark the kernel and all that it starts, with the press's own."""
        return {**os.environ, self.mark: "1", self._own: "1"}

    def kill(self) -> None:
        """Kill the kernel's process group at once; safe in a signal's handler and in a thread."""
        process = self.process
        if process is not None and process.poll() is None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for a kernel that was asked to end, or killed, but not for long."""
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)

    def end(self) -> None:
        """Kill the kernel and whatever it started, and wait until none is left.

        By the time that a worker does so its build may be gone, and another one be at work here.
        """
        self.kill()
        self.wait()
        end_marked(self._own, session=self.process.pid if self.process else None)

    def death(self) -> str:
        """Return how the kernel's process ended, in words; empty where that is not known."""
        status = self.process.poll() if self.process else None
        return "" if status is None else describe_end(status)


def describe_end(status: int) -> str:
    """Return how a process ended, in words, from what `Popen.returncode` is."""
    if status == -signal.SIGKILL:
        return "killed by SIGKILL, as a system does that runs out of memory"
    if status < 0:
        names = {each.value: each.name for each in signal.Signals}
        return f"killed by {names.get(-status, f'signal {-status}')}"
    return f"it exited with status {status}"


def end_leftovers(place: Path) -> None:
    """End what runs that worked for this folder left behind; only its lock's holder may ask."""
    mark = mark_of(place)
    end_marked(mark, pages_mark_of(place))
    for above in _places():
        for folder in above.glob(f"{_prefix(mark)}*"):
            with suppress(OSError):
                if folder.lstat().st_uid == os.getuid() and not folder.is_symlink():
                    shutil.rmtree(folder)


@contextmanager
def private_folder(mark: str) -> Iterator[Path]:
    """Make a folder for a kernel's sockets that only this user can enter; remove it afterwards.

    Raises:
        PressError: There is no place for it whose path is short enough for a socket.
    """
    for place in _places():
        with suppress(OSError):
            folder = tempfile.TemporaryDirectory(
                prefix=_prefix(mark), dir=place, ignore_cleanup_errors=True
            )
            break
    else:
        raise PressError(
            "expected a folder for a kernel's sockets that can be written and has a path of at "
            f"most {LONGEST_SOCKET - LONGEST_NAME} bytes, found none; set TMPDIR to such a folder"
        )
    with folder as path:
        yield Path(path)


def _prefix(mark: str) -> str:
    return f"press-{mark.removeprefix(VARIABLE)[:12].lower()}-"


def _places() -> list[Path]:
    """Return where a private folder may lie: the user's choice first, if it is short enough."""
    places = (os.path.realpath(tempfile.gettempdir()), "/tmp", "/var/tmp")  # noqa: S108
    short = (each for each in places if len(os.fsencode(each)) <= LONGEST_SOCKET - LONGEST_NAME)
    return [Path(each) for each in dict.fromkeys(short)]


def end_marked(*marks: str, session: int | None = None) -> None:
    """End the processes that carry a mark or are of a session, and wait until none is left."""
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    deadline = time.monotonic() + PATIENCE
    while found := [each for each in _belonging(marks, session) if each.pid not in spared]:
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        if time.monotonic() > deadline:
            return
        time.sleep(PAUSE_BETWEEN_LOOKS)


def _belonging(marks: Sequence[str], session: int | None) -> Iterator[psutil.Process]:
    """Yield the processes that carry a mark or are of the session; what is dead does neither."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and (os.getsid(process.pid) == session or {*marks} & {*process.environ()}):
                yield process


LONGEST_NAP = 3600.0  # seconds; the system's clocks do not take any number
PAUSE_BETWEEN_KILLS = 0.1  # seconds between two attempts to kill


@dataclass(frozen=True)
class TimeLimits:
    """How long a run may go on.

    Attributes:
        cell: The seconds that each cell may take; None for no limit.
        run: The seconds that the notebook may take as a whole; None for no limit.
        answer: The seconds that a kernel that has done with a cell may take to answer.
    """

    cell: float | None = None
    run: float | None = None
    answer: float = 60.0

    def __post_init__(self) -> None:
        """Check the limits.

        Raises:
            UsageError: A limit is no number above 0.
        """
        for option, limit in (("--timeout", self.cell), ("--run-timeout", self.run)):
            if limit is not None and not 0 < limit < math.inf:
                raise UsageError(
                    f"{option}: expected a number of seconds above 0, found {limit:g}; "
                    "leave it out for no limit"
                )


class Watchdog:
    """Ends a run that has gone too far: kills its kernel, whether or not that answers.

    Use as a context manager around a run; call `cell_started` with each cell, and `rest` when the
    last one is done.

    Attributes:
        cell: The index of the cell at work, or of the one in which the run was ended.
        reason: Why the run was ended, as a sentence about that cell; None while it was not.
        limits: How long each cell and the run may take.
    """

    def __init__(self, limits: TimeLimits, kill: Callable[[], None], first: int = 0) -> None:
        """Prepare to watch a run.

        Args:
            limits: How long each cell and the run may take.
            kill: Kills the kernel; called from another thread.
            first: The index of the first cell that will be run.
        """
        self.cell = first
        self.reason: str | None = None
        self.limits = limits
        self._kill = kill
        self._change = threading.Condition()
        self._cell_since: float | None = None
        self._idle_since: float | None = None
        self._resting = False
        self._run_since = time.monotonic()

    def __enter__(self) -> Self:
        """Start the clock of the run."""
        self._run_since = time.monotonic()
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self.rest()

    @property
    def seconds(self) -> float:
        """Seconds since the run's start, without those in which its clock was stopped."""
        return time.monotonic() - self._run_since

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the clock of the run during the body."""
        since, self._run_since, start = self._run_since, math.inf, time.monotonic()
        try:
            yield
        finally:
            with self._change:
                self._run_since = since + time.monotonic() - start
                self._change.notify()

    def cell_started(self, index: int) -> None:
        """Start the clock of the next cell."""
        with self._change:
            self._cell_since, self._idle_since = time.monotonic(), None
            if self.reason is None:
                self.cell = index
            self._change.notify()

    def kernel_idle(self) -> None:
        """Start the clock of an answer: the kernel has done with the cell."""
        with self._change:
            self._idle_since = self._idle_since or time.monotonic()
            self._change.notify()

    def rest(self) -> None:
        """Stop both clocks: nothing can run out any more."""
        with self._change:
            self._resting = True
            self._change.notify()

    def end_run(self, reason: str) -> None:
        """Kill the kernel; the first reason that there was for it stays."""
        self.reason = self.reason or reason
        self._kill()

    def _watch(self) -> None:
        with self._change:
            while not self._resting:
                end, what = min(self._ends(), default=(math.inf, ""))
                left = end - time.monotonic()
                if left <= 0:  # and again, until the run is over: a kernel may just be starting
                    self.end_run(f"{what}: its kernel was ended, with all that it started")
                    left = PAUSE_BETWEEN_KILLS
                self._change.wait(min(left, LONGEST_NAP))

    def _ends(self) -> list[tuple[float, str]]:
        """Return when each clock runs out, and what is then said of the cell at work."""
        ends = []
        if self.limits.cell is not None and self._cell_since is not None:
            words = f"took longer than the {self.limits.cell:g} s that --timeout allows a cell"
            ends.append((self._cell_since + self.limits.cell, words))
        if self._idle_since is not None:
            words = f"was never answered by its kernel, which was idle for {self.limits.answer:g} s"
            ends.append((self._idle_since + self.limits.answer, words))
        if self.limits.run is not None:
            words = (
                f"was still at work when the {self.limits.run:g} s were over that --run-timeout "
                "allows a notebook"
            )
            ends.append((self._run_since + self.limits.run, words))
        return ends
