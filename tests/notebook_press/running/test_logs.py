"""The log of what a kernel writes past Jupyter: bounded, always read, and never waited for."""

import itertools
import os
import subprocess
import sys
import threading
import time

import pytest

from notebook_press.running.logs import LAST_READ, LOG_PART, _pieces, kernel_log


def write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def test_what_is_written_is_in_the_file(tmp_path):
    with kernel_log(tmp_path / "a.log") as sink:
        write_all(sink, b"a\x00\xff\n")
    assert (tmp_path / "a.log").read_bytes() == b"a\x00\xff\n"


@pytest.mark.parametrize("size", [LOG_PART, LOG_PART + 1, 2 * LOG_PART])
def test_two_parts_are_kept_whole(tmp_path, size):
    content = (b"0123456789" * (size // 10 + 1))[:size]
    with kernel_log(tmp_path / "a.log") as sink:
        write_all(sink, content)
    assert (tmp_path / "a.log").read_bytes() == content


@pytest.mark.promise(
    "What a kernel writes past Jupyter fills no disk: of its log the beginning and the end "
    "are kept."
)
def test_of_more_the_beginning_and_the_end_are_kept_and_the_rest_counted(tmp_path):
    with kernel_log(tmp_path / "a.log") as sink:
        write_all(sink, b"first" + b"x" * 5_000_000 + b"last")
    log = (tmp_path / "a.log").read_bytes()
    assert (log[:5], log[-4:]) == (b"first", b"last")
    missing = 5_000_009 - 2 * LOG_PART
    assert f"\n[{missing:,} bytes are left out here]\n".encode() in log
    assert len(log) < 2 * LOG_PART + 100


def test_a_process_that_is_left_with_the_pipe_is_not_waited_for(tmp_path):
    endless = "import os\nwhile True: os.write(1, b'x' * 4096)"
    with kernel_log(tmp_path / "a.log") as sink:
        left = subprocess.Popen([sys.executable, "-c", endless], stdout=sink)
        while not (tmp_path / "a.log").stat().st_size:
            time.sleep(0.01)
    assert (tmp_path / "a.log").stat().st_size < 2 * LOG_PART + 100
    left.wait(timeout=30)  # it is told that nobody reads any more


@pytest.mark.promise("A process left with the kernel's log open is not waited for.")
def test_what_is_read_at_the_end_is_bounded():
    source = os.open("/dev/zero", os.O_RDONLY)
    stop, stopper = os.pipe()
    os.close(stopper)
    pieces = list(itertools.islice(_pieces(source, stop), 100))
    os.close(source)
    os.close(stop)
    assert sum(len(piece) for piece in pieces) == LAST_READ


@pytest.mark.promise("A full disk does not make a kernel wait for its log.")
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full disk")  # noqa: PTH110
def test_a_full_disk_does_not_make_the_writer_wait(tmp_path):
    (tmp_path / "a.log").symlink_to("/dev/full")
    written = threading.Event()

    def write() -> None:
        with kernel_log(tmp_path / "a.log") as sink:
            write_all(sink, b"x" * 1_000_000)
        written.set()

    threading.Thread(target=write, daemon=True).start()
    assert written.wait(timeout=10)
