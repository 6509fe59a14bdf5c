"""Builds again whatever has changed, while its reports are open in a browser."""

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from notebook_press.builds import build
from notebook_press.errors import ExecutionError, PressError, RenderingError, one_line
from notebook_press.keys import WatchedFiles
from notebook_press.messages import escaped
from notebook_press.plan import Request, check_request
from notebook_press.project import Project
from notebook_press.running import signals
from notebook_press.starting.beginning import SETTINGS
from notebook_press.starting.serving import serving

PAUSE = 0.5  # seconds between two looks at the files
TOLD = (ExecutionError, RenderingError)  # which a build tells itself
Ask = Callable[[], Request]


def watch(ask: Ask, files: Sequence[Path], console: Console, port: int = 0) -> None:
    """Build, serve the reports, and build again what has changed, until Ctrl-C.

    Args:
        ask: Returns what is asked for; asked again at every look, since settings and the notebooks
            that a folder or a pattern means can change.
        files: The files of parameters and the profile that were named.
        console: Where to tell what happens.
        port: The port to serve at, or 0 for one that is free.

    Raises:
        PressError: What is asked for at the beginning can't be, or the port is taken.
    """
    _, reports = check_request(ask())
    with serving(reports, port) as address:
        while True:
            asked = _asked(ask)
            watched = _watched(asked, files)
            _make(asked, console)
            _tell(console, f"open {address} (Ctrl-C ends this)")
            try:
                while asked == _asked(ask) and not _has_changed(watched):
                    time.sleep(PAUSE)
                time.sleep(PAUSE)  # an editor may not be done
            except KeyboardInterrupt:
                if signals.taken() not in (None, signal.SIGINT):
                    raise
                return


def _asked(ask: Ask) -> tuple[Request, Project] | str:
    """What is asked for, and of which project; if it can't be, why."""
    try:
        request = ask()
        return request, check_request(request)[0]
    except PressError as error:
        return f"{error.meaning}: {error}"


def _watched(asked: tuple[Request, Project] | str, files: Sequence[Path]) -> WatchedFiles | None:
    """The files that a build depends on; None where that can't be told."""
    if isinstance(asked, str):
        return None
    request, project = asked
    lock = (project.lock,) if project.lock else ()
    paths = (*request.notebooks, *project.sources, *lock, project.root / SETTINGS, *files)
    try:
        return WatchedFiles(project.root, paths)
    except PressError:  # the build says so
        return None


def _has_changed(watched: WatchedFiles | None) -> bool:
    try:
        return watched is not None and watched.has_changed()
    except PressError:
        return True


def _make(asked: tuple[Request, Project] | str, console: Console) -> None:
    """Build, and tell what went wrong."""
    if isinstance(asked, str):
        _tell(console, asked)
        return
    try:
        build(asked[0], console)
    except PressError as error:
        if not isinstance(error, TOLD):
            _tell(console, f"{error.meaning}: {error}")


def _tell(console: Console, line: str) -> None:
    console.print(escaped(one_line(line)), markup=False, highlight=False, soft_wrap=True)
