"""SHA-256 of plain data, and of files and folders that are then watched for changes."""

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from notebook_press.errors import UsageError
from notebook_press.messages import escaped

# What editors, Python and tools leave beside sources, and no result depends on.
LEFTOVERS = re.compile(
    r"__pycache__|\.ipynb_checkpoints|.*\.egg-info|\.git|\.DS_Store|\.(?:mypy|pytest|ruff)_cache"
    r"|.*~|\..*\.sw[a-p]|\.#.*|#.*#",
    re.DOTALL,
)


def digest(content: Any) -> str:
    """Return the SHA-256 of plain data; the order of a mapping's names does not matter."""
    text = json.dumps(content, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class WatchedFiles:
    """Files and folders whose SHA-256 is taken once, and which are then watched for changes."""

    def __init__(self, root: Path, paths: Iterable[Path]) -> None:
        """Take one SHA-256 over the names and bytes of the files at and below the paths.

        Times, permissions and what editors leave behind do not count; links are followed.

        Args:
            root: What names are relative to, so that a copy elsewhere has the same SHA-256.
            paths: Files and folders; one that is missing counts as empty.

        Raises:
            UsageError: There is something that can't be read to its end, such as a pipe, a broken
                link or a file without permission.
        """
        self._root, self._paths = root, tuple(paths)
        self._state = self._stated()
        self.sha256 = digest_files(root, self._paths)

    def has_changed(self) -> bool:
        """Return whether the files are others by now; they are read again only if one was touched.

        Raises:
            UsageError: As when it was taken.
        """
        touched = self._stated() != self._state
        return touched and digest_files(self._root, self._paths) != self.sha256

    def _stated(self) -> list[tuple[Path, tuple[int, ...]]]:
        with _readable():
            return [
                (path, (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))
                for path, _ in _entries(self._paths, {})
                for found in [path.stat()]
            ]


def digest_files(root: Path, paths: Iterable[Path]) -> str:
    """Return the SHA-256 that `WatchedFiles` takes.

    Raises:
        UsageError: There is something that can't be read to its end.
    """
    with _readable():
        return digest(
            [
                [Path(os.path.relpath(path, root)).as_posix(), same_as or _sha256(path)]
                for path, same_as in _entries(paths, {})
            ]
        )


def files_below(paths: Iterable[Path]) -> list[Path]:
    """Return the files whose bytes `digest_files` takes, in order.

    Raises:
        UsageError: There is something that can't be read to its end.
    """
    with _readable():
        return [path for path, same_as in _entries(paths, {}) if not same_as]


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _unreadable(Path(str(error.filename)), f"one that can't be ({reason})") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entries(paths: Iterable[Path], visited: dict[Path, Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file, in order of names within a folder; of a folder met before, where it was."""
    for path in paths:
        try:
            kind = path.stat().st_mode
        except FileNotFoundError:
            if path.is_symlink():
                raise _unreadable(path, "a link to nowhere") from None
            continue
        if stat.S_ISDIR(kind):
            real = path.resolve()
            if real in visited:  # a second way to the same files, or back to where it came from
                yield path, f"the same as {os.path.relpath(visited[real], path)}"
                continue
            visited[real] = path
            inner = (each for each in path.iterdir() if not LEFTOVERS.fullmatch(each.name))
            yield from _entries(sorted(inner), visited)
        elif stat.S_ISREG(kind):
            yield path, ""
        else:
            raise _unreadable(path, "a pipe, a socket or a device")


def _unreadable(path: Path, found: str) -> UsageError:
    return UsageError(
        f"{escaped(path)}: expected a file or folder that can be read, since results depend on "
        f"it, found {found}; mend it or move it away"
    )
