"""Strikes at the k-th thing that a process does to a folder: test code, for a forked child only.

Counted are files opened for writing, each `write` that reaches the system, `fsync`, and whatever
makes, moves or removes a name. Audit hooks see most of it; the rest stands in for Python's own.
"""

import builtins
import errno
import io
import os
import signal
import stat
import sys
from collections.abc import Callable
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
NAMES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "os.link")


def kill(_path: str | None) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def no_space(path: str | None) -> None:
    """Raise what the system does: it names a file where a name was given, and not a descriptor."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *([path] if path else []))


class Points:
    """Counts what is done below `root` from now on and strikes at the point `at`, from 1.

    With `half`, a write is struck when half of it is done. With `lasting`, every later point that
    needs room is struck too, as on a disk that stays full.
    """

    def __init__(
        self,
        root: str,
        strike: Callable[[str | None], None],
        at: int,
        *,
        half: bool = False,
        lasting: bool = False,
    ) -> None:
        self.root, self.strike, self.at = root, strike, at
        self.half, self.lasting = half, lasting
        self.seen: list[str] = []
        sys.addaudithook(self._audit)
        self._flush, self._open = os.fsync, io.open
        os.fsync = self._fsync
        builtins.open = io.open = self._open_counted

    def count(self, kind: str, path: str | None = None) -> bool:
        """Note a point; strike, or return True where half of a write is to be done before."""
        self.seen.append(kind)
        number = len(self.seen)
        if number == self.at and kind == "write" and self.half:
            return True
        needs_room = kind not in ("os.remove", "os.rmdir", "os.chmod")
        if number == self.at or (self.lasting and number > self.at and needs_room):
            self.strike(path)
        return False

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in NAMES and self._is_ours(arguments[0]):
            self.count(event, os.fsdecode(arguments[0]))
        elif event == "open" and self._is_ours(arguments[0]) and arguments[2] & WRITING:
            self.count("open", os.fsdecode(arguments[0]))

    def _is_ours(self, path: object) -> bool:
        text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        # a name alone is one in a folder that is open: how whole trees are removed
        return text.startswith(self.root) or (text != "" and not text.startswith("/"))

    def _fsync(self, descriptor: int) -> None:
        self.count("fsync")
        self._flush(descriptor)

    def _open_counted(
        self, file: Any, mode: str = "r", buffering: int = -1, *text: Any, **named: Any
    ) -> Any:
        mine = (
            stat.S_ISREG(os.fstat(file).st_mode) if isinstance(file, int) else self._is_ours(file)
        )
        if not mine or not set(mode) & set("wax+"):
            return self._open(file, mode, buffering, *text, **named)
        raw_mode, closefd = mode.replace("b", "").replace("t", ""), named.pop("closefd", True)
        raw = CountedFile(self, file, raw_mode, closefd, named.pop("opener", None))
        buffered = io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, *text, **named)


class CountedFile(io.FileIO):
    """A file whose every write to the system is a point."""

    def __init__(self, points: Points, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.points = points

    def write(self, data: Any) -> int:
        if self.points.count("write"):
            super().write(bytes(data)[: len(data) // 2])
            self.points.strike(None)
        return super().write(data)
