"""A kernel's processes and its private folder: none is left, whatever the notebook did.

Everything that a kernel starts inherits a variable of the environment whose name is made from the
reports folder. By it the press finds what left the kernel's process group or outlived the kernel,
and the next command finds what was left by a press that was killed. A watchdog ends a kernel that
takes longer than it may.
"""

import hashlib
import itertools
import math
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from notebook_press.errors import PressError, UsageError

VARIABLE = "NOTEBOOK_PRESS_"
LONGEST_SOCKET = 103  # bytes that a socket's path may have on macOS; Linux allows 107
LONGEST_NAME = len("/press-0123456789ab-01234567/kernel-12345-children")
PATIENCE = 5.0  # seconds in which killed processes have to be gone
PAUSE_BETWEEN_LOOKS = 0.02  # seconds between two looks at them


def mark_of(reports: Path) -> str:
    """Return the name of the variable that marks the processes of a reports folder's kernels."""
    digest = hashlib.sha256(os.fsencode(reports.resolve())).hexdigest()
    return f"{VARIABLE}{digest[:32].upper()}"


class Kernel:
    """A kernel's processes, from its start until none is left."""

    def __init__(self, mark: str) -> None:
        """Prepare for a kernel whose processes carry the mark."""
        self.mark = mark
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment that marks the kernel and all that it starts."""
        return {**os.environ, self.mark: "1"}

    def started(self, process: subprocess.Popen[bytes] | None) -> None:
        """Take note of the kernel's process, the leader of its own session."""
        self._process = process

    def kill(self) -> None:
        """Kill the kernel's process group at once; safe in a signal's handler and in a thread."""
        process = self._process
        if process is not None and process.poll() is None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for a kernel that was asked to end, but not for long."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)

    def end(self) -> None:
        """Kill the kernel and whatever it started, and wait until none is left."""
        self.kill()
        _end(self.mark, session=self._process.pid if self._process else None)

    def death(self) -> str:
        """Return how the kernel's process ended, in words; empty where that is not known."""
        status = self._process.poll() if self._process else None
        if status == -signal.SIGKILL:
            return "killed by SIGKILL, as a system does that runs out of memory"
        if status is not None and status < 0:
            return f"killed by {signal.Signals(-status).name}"
        return "" if status is None else f"it exited with status {status}"


def end_leftovers(reports: Path) -> None:
    """End what kernels of this reports folder left behind; only its lock's holder may ask."""
    mark = mark_of(reports)
    _end(mark, session=None)
    for place in _places():
        for folder in place.glob(f"{_prefix(mark)}*"):
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
        try:
            folder = tempfile.mkdtemp(prefix=_prefix(mark), dir=place)
        except OSError:
            continue
        try:
            yield Path(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    raise PressError(
        "expected a folder for a kernel's sockets that can be written and has a path of at most "
        f"{LONGEST_SOCKET - LONGEST_NAME} bytes, found none; set TMPDIR to such a folder"
    )


@contextmanager
def room_for_ipython(mark: str) -> Iterator[None]:
    """Give IPython a private folder where the user's home has no room for its own, for the body.

    It would make a folder for temporary files, and leave it there, each time that it looks for one.

    Raises:
        PressError: There is no place for such a folder.
    """
    # These, and not Path's, raise nothing where there is no home, or none that may be entered.
    own = os.path.expanduser("~/.ipython")  # noqa: PTH111
    room = own if os.path.exists(own) else os.path.dirname(own)  # noqa: PTH110, PTH120
    if "IPYTHONDIR" in os.environ or os.access(room, os.W_OK):
        yield
        return
    with private_folder(mark) as folder:
        os.environ["IPYTHONDIR"] = str(folder)
        try:
            yield
        finally:
            del os.environ["IPYTHONDIR"]


def privately(command: list[str]) -> list[str]:
    """Return the command of a kernel, which opens no TCP port if it is IPython's."""
    for position, pair in enumerate(itertools.pairwise(command)):
        if pair in (("-m", "ipykernel_launcher"), ("-m", "ipykernel")):
            launcher = str(Path(__file__).with_name("kernel_launcher.py"))
            return [*command[:position], launcher, *command[position + 2 :]]
    return command


def _prefix(mark: str) -> str:
    return f"press-{mark.removeprefix(VARIABLE)[:12].lower()}-"


def _places() -> list[Path]:
    """Return where a private folder may lie: the user's choice first, if it is short enough."""
    places = (os.path.realpath(tempfile.gettempdir()), "/tmp", "/var/tmp")  # noqa: S108
    short = (each for each in places if len(os.fsencode(each)) <= LONGEST_SOCKET - LONGEST_NAME)
    return [Path(each) for each in dict.fromkeys(short)]


def _end(mark: str, *, session: int | None) -> None:
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    deadline = time.monotonic() + PATIENCE
    while found := [each for each in _belonging(mark, session) if each.pid not in spared]:
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        if time.monotonic() > deadline:
            return
        time.sleep(PAUSE_BETWEEN_LOOKS)


def _belonging(mark: str, session: int | None) -> Iterator[psutil.Process]:
    """Yield the processes that carry the mark or are of the session; what is dead does neither."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and (os.getsid(process.pid) == session or mark in process.environ()):
                yield process


LONGEST_NAP = 3600.0  # seconds; the system's clocks do not take any number
PAUSE_BETWEEN_KILLS = 0.1  # seconds between two attempts to kill


@dataclass(frozen=True)
class TimeLimits:
    """The seconds that each cell, and a notebook's run as a whole, may take; None for no limit."""

    cell: float | None = None
    run: float | None = None

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
    """Kills a kernel that outlasts a limit, whether or not it answers.

    Use as a context manager around a run; call `cell_started` with each cell, and `rest` when the
    last one is done.

    Attributes:
        expired: Which limit was reached, in words; None while there was none.
    """

    def __init__(self, limits: TimeLimits, kill: Callable[[], None]) -> None:
        """Prepare to watch a run.

        Args:
            limits: The limits of the run.
            kill: Kills the kernel; called from another thread.
        """
        self.expired: str | None = None
        self._limits = limits
        self._kill = kill
        self._change = threading.Condition()
        self._cell_since: float | None = None
        self._resting = False
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Start the clock of the run."""
        self._run_since = time.monotonic()
        if self._limits != TimeLimits():
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop watching."""
        self.rest()

    def cell_started(self) -> None:
        """Start the clock of the next cell."""
        with self._change:
            self._cell_since = time.monotonic()
            self._change.notify()

    def rest(self) -> None:
        """Stop both clocks: nothing can expire any more."""
        with self._change:
            self._resting = True
            self._change.notify()

    def _watch(self) -> None:
        with self._change:
            while not self._resting:
                end, words = min(self._ends(), default=(math.inf, ""))
                left = end - time.monotonic()
                if left <= 0:
                    self.expired = self.expired or words
                    self._kill()  # and again, until the run is over: a kernel may just be starting
                    left = PAUSE_BETWEEN_KILLS
                self._change.wait(min(left, LONGEST_NAP))

    def _ends(self) -> list[tuple[float, str]]:
        """Return when each clock runs out, and what is then said of the cell in progress."""
        ends = []
        if self._limits.cell is not None and self._cell_since is not None:
            words = f"took longer than the {self._limits.cell:g} s that --timeout allows a cell"
            ends.append((self._cell_since + self._limits.cell, words))
        if self._limits.run is not None:
            words = (
                f"was still at work when the {self._limits.run:g} s were over that --run-timeout "
                "allows a notebook"
            )
            ends.append((self._run_since + self._limits.run, words))
        return ends
