"""The names that a run can have: each is a folder in the reports folder and part of an address."""

import re

from notebook_press.errors import UsageError
from notebook_press.parameters.scalars import shown

__all__ = ["check_run_name"]

LONGEST = 64

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_RESERVED = ("failed", "index.html", "readme.md")


def check_run_name(name: str) -> str:
    """Return a name that a run can have.

    Raises:
        UsageError: The name is not a plain folder name, or the reports folder needs it itself.
    """
    if not _NAME.fullmatch(name) or ".." in name or len(name) > LONGEST:
        raise UsageError(
            f"expected a run name of 1 to {LONGEST} ASCII letters, digits, points, underscores and "
            f"hyphens, not starting with a point or a hyphen, found {shown(name, in_ascii=True)}; "
            "choose for example --name long"
        )
    if name.lower() in _RESERVED:
        raise UsageError(
            f"the reports folder keeps the name {shown(name)} for itself; "
            "choose another, for example --name long"
        )
    return name
