"""A build whose pipe, log or terminal goes away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = "from notebook_press.cli import main; main()"
FULL = Path("/dev/full")  # a device that takes nothing (full(4), Linux only)


def build(story: Path, stdout: int) -> tuple[int, bytes]:
    command = [sys.executable, "-c", MAIN, "build", str(story), "--to", "html"]
    done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, timeout=100, check=False)
    return done.returncode, done.stderr


@pytest.mark.promise("A build goes on where nobody reads what it tells, or its log's disk is full.")
def test_a_build_goes_on_where_nobody_reads_what_it_tells(write_notebook, project):
    reading, writing = os.pipe()
    os.close(reading)
    assert build(write_notebook("1"), writing) == (0, b"")
    os.close(writing)
    assert (project / "reports" / "default" / "story.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_build_goes_on_where_its_log_can_not_be_written(write_notebook, project):
    with FULL.open("wb") as full:
        assert build(write_notebook("1"), full.fileno()) == (0, b"")
        code, told = build(write_notebook("1 / 0"), full.fileno())
    assert (code, told.count(b"\n"), b"ZeroDivisionError" in told) == (4, 1, True)
