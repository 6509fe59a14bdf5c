"""The file of what a kernel writes past Jupyter: its beginning and its end, whatever comes."""

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

__all__ = ["LOG_PART", "kernel_log"]

LOG_PART = 500_000
"""Bytes that are kept of a log's beginning, and of its end."""

READ_AT_ONCE = 2**16
LAST_READ = 2**20  # as much as a pipe can hold where no administrator raised it (pipe(7))


@contextmanager
def kernel_log(path: Path) -> Iterator[int]:
    """Keep what is written to the descriptor given in a file of bounded size.

    The pipe is always read, so that a kernel never waits; at the end only what lies in it is still
    read, so that a process left with it open is not waited for.
    """
    with path.open("wb", buffering=0) as file:
        source, sink = os.pipe()
        stop, stopper = os.pipe()
        reader = threading.Thread(target=_keep, args=(file, source, stop), daemon=True)
        reader.start()
        try:
            yield sink
        finally:
            os.close(sink)
            os.close(stopper)
            reader.join()
            os.close(source)
            os.close(stop)


def _keep(file: FileIO, source: int, stop: int) -> None:
    room = LOG_PART
    left_out = 0
    end = bytearray()
    for piece in _pieces(source, stop):
        _write(file, piece[:room])
        end += piece[room:]
        room -= min(room, len(piece))
        if len(end) > 2 * LOG_PART:
            left_out += len(end) - LOG_PART
            del end[:-LOG_PART]
    if len(end) > LOG_PART:
        left_out += len(end) - LOG_PART
        del end[:-LOG_PART]
    if left_out:
        _write(file, f"\n[{left_out:,} bytes are left out here]\n".encode())
    _write(file, bytes(end))


def _pieces(source: int, stop: int) -> Iterator[bytes]:
    """Return what is written until it is told to stop, and what lies in the pipe by then."""
    left = LAST_READ
    while left > 0:
        ready, _, _ = select.select([source, stop], [], [])
        piece = os.read(source, READ_AT_ONCE) if source in ready else b""
        if not piece:
            return
        yield piece
        if stop in ready:
            left -= len(piece)


def _write(file: FileIO, piece: bytes) -> None:
    with suppress(OSError):  # a full disk must not keep the pipe from being read
        file.write(piece)
