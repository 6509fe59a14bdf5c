"""The files of a published data set: found on this machine, or fetched, and verified either way.

They are looked for one by one, in this order:

1. `<directory>/<folder>`, or `$HANDWRITING_DATA/<folder>` where no `directory` is given: both hold
   one sub-folder a data set. A file found there must be the right one; it is never touched.
2. `$HANDWRITING_CACHE/<folder>`, or that folder in the user's cache. A bad file there is set aside
   (as `NAME.bad`) and fetched again. Whose folder it is does not matter, since each file is
   verified whenever it is read, and nothing is written through a link in it.
3. The mirrors in turn, over https only, into that cache.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from handwriting.data import download, idx
from handwriting.data.download import File
from handwriting.errors import DatasetError, DownloadError
from handwriting.results import files

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Archive:
    """The files of a published data set, and where they can be had.

    Attributes:
        folder: the sub-folder that they lie in.
        title: what prose calls them.
        files: what each of them is.
        mirrors: addresses that a file's name is put behind, in the order in which they are asked.
        remedy: what else a user who has none of them can do, to go on after "or".
        seconds: after how many seconds fetching them is given up, waiting for another process
            included.
        respite: for how many seconds a failure is remembered and nobody is asked again, so that
            what is not needed does not make each run wait.
    """

    folder: str
    title: str
    files: tuple[File, ...]
    mirrors: tuple[str, ...]
    remedy: str
    seconds: float = 60.0
    respite: float = 0.0

    @property
    def sha256(self) -> dict[str, str]:
        """The SHA-256 of each file, by its name."""
        return {file.name: file.sha256 for file in self.files}


def verified(archive: Archive, directory: str | Path | None = None) -> list[Path]:
    """Path of each of an archive's files, verified.

    Args:
        archive: what to look for.
        directory: a folder with one sub-folder a data set, to look in instead of
            `$HANDWRITING_DATA`.

    Raises:
        DatasetError: A file of the user's own is not the right one, or there is no such directory.
        DownloadError: A file is not on this machine, and no mirror gives it.
    """
    given = _given_folder(archive, directory)
    cache = files.cache_folder() / archive.folder
    paths, wanted = [], []
    for file in archive.files:
        path = given / file.name if given else None
        if path and _is_there(path):
            _check_given(archive, file, path)
            paths.append(path)
        else:
            wanted.append(file)
            paths.append(cache / file.name)
    if _lacking(cache, wanted):
        _fill_cache(archive, cache, wanted)
    return paths


def _given_folder(archive: Archive, directory: str | Path | None) -> Path | None:
    """The folder in which the user keeps the files, where there is one."""
    if directory is None:
        named = os.environ.get("HANDWRITING_DATA")
        return files.absolute("HANDWRITING_DATA") / archive.folder if named else None
    folder = Path(directory).expanduser()
    if not folder.is_dir():
        raise DatasetError.at(
            folder,
            expected="a folder with one sub-folder a data set",
            found="no folder",
            remedy="Make it, or leave `directory` out.",
        )
    return folder / archive.folder


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        remedy = "Let it be read, or unset HANDWRITING_DATA."
        raise DatasetError.at(
            path, expected="a readable file", found=error.strerror or "an error", remedy=remedy
        ) from error


def _check_given(archive: Archive, file: File, path: Path) -> None:
    """Refuse a user's own file that is not the archive's."""
    if download.is_whole(file, path.parent):
        return
    try:
        with files.opened(path) as opened:
            hint = idx.describe_start(opened.read(64))
        size = path.stat().st_size
        shown = f"{size:,} bytes"
        if size == file.size:  # another one may be huge
            shown += f" with the SHA-256 {files.sha256_of(path)}"
        shown += f" (it {hint})" if hint else ""
    except OSError:
        shown = "none that can be read"
    expected = f"{file.size:,} bytes with the SHA-256 {file.sha256}"
    remedy = f"Replace it by {archive.title}'s own file, or move it away to have it downloaded."
    raise DatasetError.at(path, expected=expected, found=shown, remedy=remedy)


def _lacking(cache: Path, wanted: Sequence[File]) -> list[File]:
    return [file for file in wanted if not download.is_whole(file, cache)]


def _fill_cache(archive: Archive, cache: Path, wanted: Sequence[File]) -> None:
    """Fetch into the cache what it lacks, one process at a time; set bad files aside."""
    import filelock

    failed = cache / ".failed"
    age = _age(failed)
    if age < archive.respite:
        found = f"none, {age:.0f} s ago; it is tried again after {archive.respite:.0f} s"
        raise _refusal(archive, archive.title, "a mirror that gives its files", found)
    deadline = time.monotonic() + archive.seconds
    try:
        files.made(cache)
        with filelock.FileLock(cache / ".lock", timeout=archive.seconds):
            download.clear(cache)
            lacking = _lacking(cache, wanted)
            for path in (cache / file.name for file in lacking):
                _set_aside(path)
            download.fetch(lacking, archive.mirrors, cache, deadline)
    except filelock.Timeout as error:
        found = f"another process that has been fetching for {archive.seconds:.0f} s"
        raise _refusal(archive, cache, f"a turn to fetch {archive.title}", found) from error
    except OSError as error:
        found = error.strerror or str(error)
        expected = "a cache that can be written ($HANDWRITING_CACHE names another)"
        place = error.filename2 or error.filename or cache  # what stands in the way, such as a link
        raise _refusal(archive, place, expected, found) from error
    except DownloadError as error:
        if archive.respite:
            _note(failed)
        expected = "its files on this machine or from a mirror"
        raise _refusal(archive, archive.title, expected, f"neither ({error})") from error


def _set_aside(path: Path) -> None:
    """Rename what is in the place of a file, whatever it is; a link is renamed, not followed."""
    if os.path.lexists(path):
        path.replace(path.with_name(f"{path.name}.bad"))
        logger.warning("%s was damaged: set aside as %s.bad", path, path.name)


def _note(failed: Path) -> None:
    """Make a file that says by its age when fetching failed, and in the place of any link."""
    with contextlib.suppress(OSError):
        failed.unlink(missing_ok=True)
        failed.touch(exist_ok=False)


def _age(path: Path) -> float:
    """Seconds since a file was made; endless where there is none, or it is from the future."""
    try:
        status = path.lstat()
    except OSError:
        return math.inf
    age = time.time() - status.st_mtime
    return age if stat.S_ISREG(status.st_mode) and age >= 0 else math.inf


def _refusal(archive: Archive, place: str | Path, expected: str, found: str) -> DownloadError:
    names = ", ".join(file.name for file in archive.files)
    remedy = (
        f"Put {names} into $HANDWRITING_DATA/{archive.folder}, connect to the network, "
        f"or {archive.remedy}."
    )
    return DownloadError.at(place, expected=expected, found=found, remedy=remedy)
