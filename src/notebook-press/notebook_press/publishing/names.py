"""Names of runs and of reports, which are folders, files and parts of addresses."""

import re
from pathlib import Path

from notebook_press.errors import UsageError
from notebook_press.messages import shown

LONGEST_RUN = 64
LONGEST_REPORT = 150  # bytes: a file's name may have 255, and the press adds endings
_RUN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_RESERVED = ("failed", "history", "index.html", "readme.md", "sweeps")


def check_run_name(name: str) -> str:
    """Return a name that a run can have, wherever the reports folder may be copied to.

    Raises:
        UsageError: The name is not a plain folder name, or the reports folder needs it itself.
    """
    plain = _RUN.fullmatch(name) and ".." not in name and not name.endswith(".")
    if not plain or len(name) > LONGEST_RUN:
        raise UsageError(
            f"expected a run name of 1 to {LONGEST_RUN} ASCII letters, digits, points, underscores "
            "and hyphens, not starting with a point or a hyphen and not ending with a point, "
            f"found {shown(name, in_ascii=True)}; choose for example --name long"
        )
    if name.lower() in _RESERVED:
        raise UsageError(
            f"the reports folder keeps the name {shown(name)} for itself; "
            "choose another, for example --name long"
        )
    return name


def check_new_run(name: str, reports: Path) -> str:
    """Return a run's name that no other run has but for the case of its letters.

    On macOS and Windows the two would share a folder.

    Args:
        name: A name that a run can have.
        reports: The reports folder, which need not be there.

    Raises:
        UsageError: There is a run of such a name.
    """
    try:
        names = sorted(path.name for path in reports.iterdir())
    except OSError:  # where it can't be read, publishing says why
        return name
    there = [each for each in names if each.lower() == name.lower()]
    if there and name not in there:
        raise UsageError(
            f"expected a run name of its own, found {shown(name)} beside {shown(there[0])}, which "
            f"some systems take for the same; choose --name {there[0]} or another"
        )
    return name


def check_report_name(name: str, where: str) -> str:
    """Return a report's name, a notebook's file name without its ending, that files can have.

    Raises:
        UsageError: It is hidden, can't be printed, is too long, or ends so that Windows drops it.
    """
    faults = {
        "one that starts with a point": name.startswith("."),
        "one that ends with a point or a space": name.endswith((".", " ")),
        "one with control characters": not name.isprintable(),
        f"one of more than {LONGEST_REPORT} bytes": (
            len(name.encode("utf-8", "surrogatepass")) > LONGEST_REPORT
        ),
    }
    if fault := next((words for words, found in faults.items() if found), ""):
        raise UsageError(
            f"{where}: expected a file name that a report can have too, found {fault}; rename it"
        )
    return name
