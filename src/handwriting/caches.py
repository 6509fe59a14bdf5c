"""Where things are kept on this machine, and whether what lies there can be believed.

Data have a SHA-256 that everybody knows, so they may lie anywhere. Results have only the one that
is noted beside them, which whoever can write to their folder can write too: that must be the user
alone, or those with whom the user shares a group.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import platformdirs

from handwriting.errors import DatasetError

__all__ = ["absolute", "cache_folder", "distrust"]


def cache_folder() -> Path:
    """The folder for all that is kept on this machine: `$HANDWRITING_CACHE`, or the user's own.

    Raises:
        DatasetError: The variable names the home of nobody.
    """
    if os.environ.get("HANDWRITING_CACHE"):
        return absolute("HANDWRITING_CACHE")
    return Path(platformdirs.user_cache_dir("psychic-pancake"))


def absolute(variable: str) -> Path:
    """The folder that a variable of the environment names, seen from the root.

    Raises:
        DatasetError: It names the home of nobody.
    """
    named = os.environ[variable]
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError as error:
        found = f"{named!r}, and nobody of that name has a home here"
        remedy = "Name another folder, or unset it."
        raise DatasetError.at(variable, expected="a folder", found=found, remedy=remedy) from error


def distrust(folder: Path) -> str | None:
    """Why another user could have put something into a folder, or None where nobody could.

    Root is trusted, and so is the group. A folder that is not there, or cannot be looked at, holds
    nothing that could be believed.
    """
    for place, harmless in ((folder, 0), (folder.parent, stat.S_ISVTX)):
        try:
            status = place.stat()
        except OSError:
            continue
        if status.st_uid not in (0, os.geteuid()):
            return f"{place} belongs to another user"
        if status.st_mode & stat.S_IWOTH and not status.st_mode & harmless:
            return f"anyone may write to {place}"
    return None
