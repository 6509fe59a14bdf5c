"""The files of a published data set: found on this machine, or fetched, and verified either way.

They are looked for one by one, in this order:

1. `<directory>/<folder>`, or `$HANDWRITING_DATA/<folder>` where no `directory` is given: both hold
   one sub-folder a data set. A file found there must be the right one; it is never touched.
2. `$HANDWRITING_CACHE/<folder>`, or that folder in the user's cache. A bad file there is set aside
   (as `NAME.bad`) and fetched again.
3. The mirrors in turn, over https only, into that cache.
"""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from handwriting import downloads, idx
from handwriting.downloads import File
from handwriting.errors import DatasetError, DownloadError

__all__ = ["Archive", "cache_folder", "verified"]

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
    cache = cache_folder() / archive.folder
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


def cache_folder() -> Path:
    """The folder for all that is kept on this machine: `$HANDWRITING_CACHE`, or the user's own."""
    cache = os.environ.get("HANDWRITING_CACHE") or platformdirs.user_cache_dir("psychic-pancake")
    return Path(cache).expanduser()


def _given_folder(archive: Archive, directory: str | Path | None) -> Path | None:
    """The folder in which the user keeps the files, where there is one."""
    if directory is None:
        value = os.environ.get("HANDWRITING_DATA", "")
        return Path(value).expanduser() / archive.folder if value else None
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
    found = downloads.sha256_of(path)
    if found == file.sha256:
        return
    if found is None:
        shown = "none that can be read"
    else:
        with path.open("rb") as opened:
            hint = idx.describe_start(opened.read(64))
        shown = f"{path.stat().st_size:,} bytes with the SHA-256 {found}"
        shown += f" (it {hint})" if hint else ""
    expected = f"{file.size:,} bytes with the SHA-256 {file.sha256}"
    remedy = f"Replace it by {archive.title}'s own file, or move it away to have it downloaded."
    raise DatasetError.at(path, expected=expected, found=shown, remedy=remedy)


def _lacking(cache: Path, files: Sequence[File]) -> list[File]:
    return [file for file in files if downloads.sha256_of(cache / file.name) != file.sha256]


def _fill_cache(archive: Archive, cache: Path, files: Sequence[File]) -> None:
    """Fetch into the cache what it lacks, one process at a time; set bad files aside."""
    import filelock

    failed = cache / ".failed"
    age = _age(failed)
    if age < archive.respite:
        found = f"none, {age:.0f} s ago; it is tried again after {archive.respite:.0f} s"
        raise _refusal(archive, archive.title, "a mirror that gives its files", found)
    deadline = time.monotonic() + archive.seconds
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(cache / ".lock", timeout=archive.seconds):
            lacking = _lacking(cache, files)
            for name in (file.name for file in lacking if (cache / file.name).exists()):
                (cache / name).replace(cache / f"{name}.bad")
                logger.warning("%s was damaged: set aside as %s.bad", cache / name, name)
            downloads.fetch(lacking, archive.mirrors, cache, deadline)
    except filelock.Timeout as error:
        found = f"another process that has been fetching for {archive.seconds:.0f} s"
        raise _refusal(archive, cache, f"a turn to fetch {archive.title}", found) from error
    except OSError as error:
        found = error.strerror or str(error)
        expected = "a folder that can be written ($HANDWRITING_CACHE names another)"
        raise _refusal(archive, cache, expected, found) from error
    except DownloadError as error:
        if archive.respite:
            failed.touch()
        expected = "its files on this machine or from a mirror"
        raise _refusal(archive, archive.title, expected, f"neither ({error})") from error


def _age(path: Path) -> float:
    """Seconds since a file was touched; endless where there is none."""
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return math.inf


def _refusal(archive: Archive, place: str | Path, expected: str, found: str) -> DownloadError:
    names = ", ".join(file.name for file in archive.files)
    remedy = (
        f"Put {names} into $HANDWRITING_DATA/{archive.folder}, connect to the network, "
        f"or {archive.remedy}."
    )
    return DownloadError.at(place, expected=expected, found=found, remedy=remedy)
