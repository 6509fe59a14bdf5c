"""A kernel's processes and its private folder: none is left, whatever the notebook did.

Everything that a kernel starts inherits a variable of the environment whose name is made from the
reports folder. By it the press finds what left the kernel's process group or outlived the kernel,
and the next command finds what was left by a press that was killed.
"""

import hashlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from notebook_press.errors import PressError

__all__ = [
    "Kernel",
    "end_leftovers",
    "mark_of",
    "private_folder",
    "privately",
    "room_for_ipython",
]

VARIABLE = "NOTEBOOK_PRESS_"
LONGEST_SOCKET = 103  # bytes that a socket's path may have on macOS; Linux allows 107
LONGEST_NAME = len("/press-0123456789ab-01234567/kernel-12345-children")
PATIENCE = 5.0  # seconds in which killed processes have to be gone
PAUSE = 0.02  # seconds between two looks at them


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
        time.sleep(PAUSE)


def _belonging(mark: str, session: int | None) -> Iterator[psutil.Process]:
    """Yield the processes that carry the mark or are of the session; what is dead does neither."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and (os.getsid(process.pid) == session or mark in process.environ()):
                yield process
