"""Files that are whole at every moment, in folders that are the press's own.

A file is written apart, flushed to the disk and moved over what was in its place. Nothing is read
or written through a symbolic link below the reports folder, and no read waits for a pipe.
"""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from notebook_press.errors import PublishingError, publishing_errors

PRIVATE = ".press"
FAILED = "failed"
SWEEPS = "sweeps"
HISTORY = "history"
APART = (PRIVATE, FAILED, SWEEPS, HISTORY)
"""Folders of a reports folder that are no run's."""
_DISK_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFREG: "a file",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def describe_kind(path: Path) -> str | None:
    """Return what stands at a path, in words, a link for itself; None where nothing does."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    return _KINDS.get(stat.S_IFMT(mode), "a device")


def is_folder(path: Path) -> bool:
    """Return whether there is a folder, and no link to one."""
    return describe_kind(path) == "a folder"


def subfolders(folder: Path) -> list[Path]:
    """Return the folders in a folder, in order, without links; none where it is itself a link."""
    entries = sorted(folder.iterdir()) if is_folder(folder) else ()
    return [path for path in entries if is_folder(path)]


def own_folder(reports: Path, *names: str) -> Path:
    """Return a folder below the reports folder, made where it is missing.

    Raises:
        PublishingError: Something else stands in its place; what a link leads to is not ours.
        OSError: It can't be made.
    """
    with suppress(FileExistsError):
        reports.mkdir(parents=True, exist_ok=True)
    if not reports.is_dir():  # the reports folder itself may be a link: that is its owner's wish
        raise _in_the_way(reports, "a folder")
    folder = reports
    for name in names:
        folder /= name
        if describe_kind(folder) is None:
            with _naming(folder):
                with suppress(FileExistsError):
                    folder.mkdir()
                _flush_folder(folder.parent)
        if not is_folder(folder):
            raise _in_the_way(folder, "a folder")
    return folder


def check_plain(path: Path) -> None:
    """Check that at a path is a plain file or nothing.

    Raises:
        PublishingError: Something else stands in its place.
    """
    if describe_kind(path) not in (None, "a file"):
        raise _in_the_way(path, "a file")


def open_plain(path: Path) -> int:
    """Return a descriptor to read a plain file from, which never waits for a writer.

    Raises:
        OSError: There is no such file, it can't be read, or it is a link, a folder or a pipe.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    return descriptor


def read_plain(path: Path, limit: int | None = None) -> bytes:
    """Return the bytes of a plain file.

    Args:
        path: The file.
        limit: The most bytes that it may have.

    Raises:
        OSError: As `open_plain`, or it is larger.
    """
    with os.fdopen(open_plain(path), "rb") as file:
        if limit is not None and os.fstat(file.fileno()).st_size > limit:
            raise OSError(errno.EFBIG, "larger than such a file can be", str(path))
        return file.read()


def write_file(reports: Path, target: Path, content: bytes) -> None:
    """Write a file in one step: readers see the old bytes or the new ones, never a part.

    Raises:
        PublishingError: Something stands in the way of the file or of its folder.
        OSError: The file can't be written; the error names it.
    """
    own_folder(reports, *target.relative_to(reports).parts[:-1])
    temporary = write_temporary(reports, target, content)
    try:
        put(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_temporary(reports: Path, target: Path, content: bytes) -> Path:
    """Return a file with the content, safe on the disk and ready to be put in its place.

    Raises:
        PublishingError: Something stands in the way of the press's own folder.
        OSError: The file can't be written; the error names the target.
    """
    folder = own_folder(reports, PRIVATE, "temporary")
    with _naming(target):
        handle, name = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return Path(name)


def put(temporary: Path, target: Path) -> None:
    """Move a temporary file to its place in an existing folder, over whatever file is there.

    Raises:
        PublishingError: A folder that is not empty is in the way.
        OSError: The file can't be moved; the error names the target.
    """
    with _naming(target):
        if is_folder(target):
            remove(target)
        temporary.replace(target)
        _flush_folder(target.parent)


def remove(path: Path) -> None:
    """Remove a file, a link (not what it leads to), a pipe or an empty folder, where there is one.

    Raises:
        PublishingError: It is a folder that holds something, which may be all there is of it.
        OSError: It can't be removed.
    """
    if not is_folder(path):
        path.unlink(missing_ok=True)
        return
    try:
        path.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise _in_the_way(path, "a file") from None


def clear_away(path: Path) -> None:
    """Remove what is the press's own, with all that it holds; what a link leads to stays."""
    with _naming(path):
        if is_folder(path):
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _in_the_way(path: Path, expected: str) -> PublishingError:
    return PublishingError(
        f"{path}: expected {expected}, found {describe_kind(path)}; move it away, "
        "then run the same command again"
    )


def raise_disk_trouble(error: BaseException | None, place: Path) -> None:
    """Raise what says that the disk is full, read-only or broken as an error of publishing.

    Args:
        error: What a run was ended by.
        place: The file that was being written.

    Raises:
        PublishingError: It is such an error.
    """
    if isinstance(error, OSError) and error.errno in _DISK_TROUBLE:
        with publishing_errors(place):
            raise error


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Make an error that names no file, or a temporary one, name the file that a user knows."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(target)) from error


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
