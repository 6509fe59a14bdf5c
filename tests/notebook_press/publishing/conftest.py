"""A reports folder with one report, what is none of the press's business, and a bound on time."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from manifests import reports_in, staged

SECONDS = 30


@pytest.fixture
def no_hang() -> Iterator[None]:
    """End a test that waits for a pipe nobody writes to."""

    def stop(*_: object) -> None:
        pytest.fail(f"still at work after {SECONDS} s")  # no OSError, which might be taken for one

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that is none of the press's business, with a file."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "precious").write_text("precious")
    return folder


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A reports folder with a report, its index, and what a failed run left."""
    folder = tmp_path / "reports"
    reports_in(folder).publish(staged())
    reports_in(folder).keep_failed("default", "story", b"partial", b"log")
    return folder
