"""The files of a published data set: found on this machine, or fetched, and verified either way.

They are looked for one by one, in this order:

1. `$HANDWRITING_DATA/<name>`. A file found there must be the right one; it is never touched.
2. `$HANDWRITING_CACHE/<name>`, or that folder in the user's cache. A bad file there is set aside
   (as `NAME.bad`) and fetched again. Whose folder it is does not matter, since each file is
   verified whenever it is read, and nothing is written through a link in it.
3. The mirrors in turn, over https only, into that cache.
"""

from __future__ import annotations

import contextlib
import logging
import os
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
        name: what the data set is asked for by, and the sub-folder that they lie in.
        title: what prose calls them.
        files: what each of them is.
        mirrors: addresses that a file's name is put behind, in the order in which they are asked.
        remedy: what else a user who has none of them can do, to go on after "or".
        seconds: after how many seconds fetching them is given up, waiting for another process
            included.
        respite: for how many seconds a failure is remembered and nobody is asked again, so that
            what is not needed does not make each run wait.
    """

    name: str
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


def verified(archive: Archive) -> list[Path]:
    """Path of each of an archive's files, verified.

    Raises:
        DatasetError: A file of the user's own is not the right one.
        DownloadError: A file is not on this machine, and no mirror gives it.
    """
    cache = files.cache_folder() / archive.name
    paths = {file: _given(archive, file) for file in archive.files}
    wanted = [file for file, path in paths.items() if not path]
    if _lacking(cache, wanted):
        _fill_cache(archive, cache, wanted)
    return [path or cache / file.name for file, path in paths.items()]


def _given(archive: Archive, file: File) -> Path | None:
    """A user's own file, or None where there is none; what is not the archive's is refused."""
    if not os.environ.get("HANDWRITING_DATA"):
        return None
    path = files.absolute("HANDWRITING_DATA") / archive.name / file.name
    if _is_whole(file, path.parent):
        return path
    try:
        with files.opened(path) as opened:
            size, start = os.fstat(opened.fileno()).st_size, opened.read(64)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        shown = "none that can be read"
    else:
        shown = f"{size:,} bytes"
        if size == file.size:  # another one may be huge
            shown += f" with the SHA-256 {files.sha256_of(path)}"
        shown += idx.describe_start(start)
    expected = f"{file.size:,} bytes with the SHA-256 {file.sha256}"
    remedy = f"Replace it by {archive.title}'s own file, or move it away to have it downloaded."
    raise DatasetError.at(path, expected=expected, found=shown, remedy=remedy)


def _is_whole(file: File, folder: Path) -> bool:
    """Whether a folder holds a file as everybody has it."""
    path = folder / file.name
    try:
        return path.stat().st_size == file.size and files.sha256_of(path) == file.sha256
    except OSError:
        return False


# The cache


def _lacking(cache: Path, wanted: Sequence[File]) -> list[File]:
    return [file for file in wanted if not _is_whole(file, cache)]


def _fill_cache(archive: Archive, cache: Path, wanted: Sequence[File]) -> None:
    """Fetch into the cache what it lacks, one process at a time; set bad files aside."""
    import filelock

    failed = cache / ".failed"
    if _is_younger(failed, archive.respite):
        found = f"none, just now; it is tried again after {archive.respite:.0f} s"
        raise _refusal(archive, archive.title, "a mirror that gives its files", found)
    deadline = time.monotonic() + archive.seconds
    try:
        files.made(cache)
        with filelock.FileLock(cache / ".lock", timeout=archive.seconds):
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
        raise _refusal(archive, error.filename or cache, expected, found) from error
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


def _is_younger(path: Path, seconds: float) -> bool:
    """Whether a file was made within the last seconds; one that is from the future was not."""
    try:
        return 0 <= time.time() - path.lstat().st_mtime < seconds
    except OSError:
        return False


def _refusal(archive: Archive, place: str | Path, expected: str, found: str) -> DownloadError:
    names = ", ".join(file.name for file in archive.files)
    given = os.environ.get("HANDWRITING_DATA")
    points = f"which is {files.absolute('HANDWRITING_DATA')}" if given else "which is not set"
    remedy = (
        f"Put {names} into $HANDWRITING_DATA/{archive.name} ($HANDWRITING_DATA, {points}), "
        f"connect to the network, or {archive.remedy}."
    )
    return DownloadError.at(place, expected=expected, found=found, remedy=remedy)
