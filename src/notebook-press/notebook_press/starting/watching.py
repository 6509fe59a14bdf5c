"""Builds again whatever has changed, while its reports are open in a browser."""

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from notebook_press.builds import build
from notebook_press.digests import WatchedFiles
from notebook_press.errors import PressError, one_line
from notebook_press.events import Event, Teller
from notebook_press.messages import escaped
from notebook_press.project import Project
from notebook_press.request import Request, check_request
from notebook_press.running import signals
from notebook_press.starting.beginning import SETTINGS
from notebook_press.starting.serving import serving

PAUSE = 0.5  # seconds between two looks at the files
Ask = Callable[[], Request]


def watch(ask: Ask, files: Sequence[Path], teller: Teller, port: int = 0) -> None:
    """Build, serve the reports, and build again what has changed, until Ctrl-C.

    Args:
        ask: Returns what is asked for; asked again at every look, since settings and the notebooks
            that a folder or a pattern means can change.
        files: The files of parameters and the profile that were named.
        teller: Who is told what happens.
        port: The port to serve at, or 0 for one that is free.

    Raises:
        PressError: What is asked for at the beginning can't be, or the port is taken.
    """
    _, reports = check_request(ask())
    with serving(reports, port) as address:
        while True:
            asked = _asked(ask)
            watched = _watched(asked, files)
            _make(asked, teller)
            _tell(teller, f"open {address} (Ctrl-C ends this)")
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


def _make(asked: tuple[Request, Project] | str, teller: Teller) -> None:
    """Build, which tells what notebooks come to, and tell what else went wrong."""
    if isinstance(asked, str):
        _tell(teller, asked)
        return
    try:
        build(asked[0], teller)
    except PressError as error:
        _tell(teller, f"{error.meaning}: {error}")


def _tell(teller: Teller, line: str) -> None:
    teller.tell(Event("said", "", escaped(one_line(line))))
