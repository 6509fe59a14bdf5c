"""SHA-256 of what a report depends on: of plain data, and of files and folders."""

import fnmatch
import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from notebook_press.errors import UsageError
from notebook_press.terminal_text import escaped

__all__ = ["digest", "digest_files"]

# What editors, Python and tools leave beside sources, and no result depends on.
LEFTOVERS = (
    *("__pycache__", ".ipynb_checkpoints", "*.egg-info", ".git", ".DS_Store"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache"),
    *("*~", ".*.sw[a-p]", ".#*", "#*#"),
)


def digest(content: Any) -> str:
    """Return the SHA-256 of plain data; the order of a mapping's names does not matter."""
    text = json.dumps(content, sort_keys=True, default=repr, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def digest_files(root: Path, paths: Iterable[Path], leave_out: Iterable[Path] = ()) -> str:
    """Return one SHA-256 over the names and bytes of the files at and below the paths.

    Times, permissions and what editors leave behind do not count; links are followed.

    Args:
        root: What names are relative to, so that a copy elsewhere has the same SHA-256.
        paths: Files and folders; one that is missing counts as empty.
        leave_out: Files that do not count.

    Raises:
        UsageError: There is something that can't be read to its end, such as a pipe, a broken link
            or a file without permission.
    """
    left_out = set(leave_out)
    try:
        return digest(
            [
                [Path(os.path.relpath(path, root)).as_posix(), content]
                for path, content in _entries(paths, {})
                if path not in left_out
            ]
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _unreadable(Path(str(error.filename)), f"one that can't be ({reason})") from error


def _entries(paths: Iterable[Path], visited: dict[Path, Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file with the SHA-256 of its bytes; a folder's entries in order of their names."""
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
            yield from _entries(sorted(each for each in path.iterdir() if _counts(each)), visited)
        elif stat.S_ISREG(kind):
            with path.open("rb") as file:
                yield path, hashlib.file_digest(file, "sha256").hexdigest()
        else:
            raise _unreadable(path, "a pipe, a socket or a device")


def _counts(path: Path) -> bool:
    return not any(fnmatch.fnmatchcase(path.name, pattern) for pattern in LEFTOVERS)


def _unreadable(path: Path, found: str) -> UsageError:
    return UsageError(
        f"{escaped(path)}: expected a file or folder that can be read, since results depend on "
        f"it, found {found}; mend it or move it away"
    )
