"""Where a report comes from: commit, versions and machine (never a host or a user name)."""

import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["commit", "machine", "versions"]

GIBIBYTE = 2**30


def commit(root: Path) -> str | None:
    """Return the short commit of the checkout at `root`, "+ changes" where there are any.

    None where there is no git, no checkout or no commit.
    """
    name = _git(root, "rev-parse", "--short=10", "HEAD")
    if not name:
        return None
    return f"{name} + changes" if _git(root, "status", "--porcelain") else name


def _git(root: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


def versions(requirements: Iterable[str]) -> dict[str, str]:
    """Return the version of Python and of each installed requirement, by name."""
    names = sorted({re.split(r"[^A-Za-z0-9_.-]", item, maxsplit=1)[0] for item in requirements})
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """Return processor, cores, memory (GiB) and system."""
    import psutil

    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / GIBIBYTE, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    """The processor's name: Linux has it in /proc/cpuinfo, macOS in sysctl."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        name = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE)
        if name:
            return name[1].strip()
    if platform.system() == "Darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if answer.stdout.strip():
            return answer.stdout.strip()
    return platform.processor() or platform.machine()
