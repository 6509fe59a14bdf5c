"""Watching: what is built again, what is told, and how it ends."""

import itertools
import re
import shutil
import signal
import socket
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest
from refusals import refusal

from notebook_press.errors import DataError, UsageError
from notebook_press.events import Event
from notebook_press.request import request_for
from notebook_press.running import signals
from notebook_press.starting import watching
from notebook_press.starting.watching import watch


class Lines:
    """Keeps the lines that it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, event: Event) -> None:
        self.lines.append(event.words)


Events = Iterable[Callable[[], object]]


@pytest.fixture
def watched(monkeypatch, project, write_notebook) -> Callable[..., tuple[int, list[str]]]:
    """Return a function that watches a folder of notebooks while things happen: builds, lines."""
    write_notebook("1")
    (project / "mine.py").write_text("a = 1")
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nsources = ['mine.py']")

    def run(events: Events, fails: Exception | None = None, **watching_what: object):
        build, teller = Mock(side_effect=fails), Lines()
        left = iter(events)
        pauses = itertools.count()

        def pause(_seconds: float) -> None:
            if next(pauses) % 4 == 3:  # looks that find nothing new come before
                next(left, stop)()

        monkeypatch.setattr(watching, "build", build)
        monkeypatch.setattr("time.sleep", pause)
        ask = partial(request_for, [Path("notebooks")])
        watch(ask, **{"files": [], **watching_what}, teller=teller)
        return build.call_count, teller.lines

    return run


def stop() -> None:
    raise KeyboardInterrupt


def writing(path: str, text: str) -> Callable[[], object]:
    return lambda: Path(path).write_text(text)


SETTINGS = "[tool.notebook-press]\nsources = ['mine.py']\n"


@pytest.mark.parametrize(
    "event",
    [
        writing("notebooks/story.ipynb", "{}"),
        writing("mine.py", "a = 2"),
        writing("pyproject.toml", f"{SETTINGS}jobs = 2"),
        writing("values.yaml", "a: 1"),
        lambda: shutil.copy("notebooks/story.ipynb", "notebooks/other.ipynb"),
        lambda: Path("mine.py").unlink(),
    ],
    ids=["notebook", "sources", "settings", "parameters", "a new notebook", "lost sources"],
)
def test_what_changes_is_built_again_once(watched, event):
    builds, lines = watched([event], files=[Path("values.yaml")])
    assert builds + sum("usage:" in line for line in lines) == 2


@pytest.mark.parametrize(
    "event",
    [
        writing("other.txt", "a"),
        lambda: Path("mine.py").touch(),
        writing("notebooks/data.csv", "a"),
    ],
    ids=["another file", "the same content", "beside a notebook"],
)
def test_what_no_report_depends_on_is_not(watched, event):
    assert watched([event])[0] == 1


def test_settings_that_become_wrong_are_told_once_and_mended(watched):
    broken = writing("pyproject.toml", f"{SETTINGS}jobs = 0")
    builds, lines = watched([broken, broken, writing("pyproject.toml", SETTINGS)])
    assert builds == 2
    (told,) = [line for line in lines if line.startswith("usage:")]
    assert "'jobs' should be greater than or equal to 1, found 0" in told


def test_a_build_that_fails_is_told_and_does_not_end_it(watched):
    builds, lines = watched([writing("mine.py", "a = 2")], fails=DataError("no data"))
    told = [line for line in lines if "open http" not in line]
    assert (builds, told) == (2, ["data: no data"] * 2)


def test_what_can_not_be_at_the_beginning_is_refused(watched):
    Path("pyproject.toml").write_text("[tool.notebook-press]\njobs = 0")
    assert "'jobs'" in refusal(UsageError, watched, [])


def test_nothing_is_served_any_more_when_it_has_ended(watched):
    _, lines = watched([])
    port = int(re.search(r"open http://127\.0\.0\.1:(\d+)/", lines[-1])[1])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_signal_other_than_ctrl_c_is_told_as_the_interruption_that_it_is(watched, monkeypatch):
    monkeypatch.setattr(signals, "taken", lambda: signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        watched([])
