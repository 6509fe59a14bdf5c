"""Finding and ending what a benchmark started, wherever in the process tree it has got to.

A kernel leads a process group of its own, and outlives a press that was killed. So each command is
started with a mark in its environment, which all that it starts inherit; what bears the mark was
started here, and nothing else is ever ended.
"""

import os
import secrets
from collections.abc import Mapping

import psutil

__all__ = ["end", "marked", "new_mark", "with_mark"]

NAME = "STARTED_BY_BENCHMARK"
TURNS = 6
PATIENCE = 10  # seconds that a killed process may take to be gone


def new_mark() -> str:
    """Return a mark that nothing bears yet."""
    return secrets.token_hex(8)


def with_mark(mark: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return an environment whose processes, and theirs, bear the mark."""
    return {**environment, NAME: mark}


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes that bear the mark and still run."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(NAME) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # it has just ended, or is not ours
    return found


def end(mark: str) -> int:
    """Kill what bears the mark, by process id, and return how many there were.

    Raises:
        TimeoutError: Something does not end.
    """
    ended: set[int] = set()
    for _ in range(TURNS):  # one that was being started meanwhile is found in the next turn
        if not (left := marked(mark)):
            return len(ended)
        for process in left:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        ended |= {process.pid for process in left}
        psutil.wait_procs(left, timeout=PATIENCE)
    raise TimeoutError(f"processes {sorted(ended)} were killed and do not end; look at them")
