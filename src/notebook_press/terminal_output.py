"""A console whose pipe, log or terminal may go away: what is told is lost then, not the build."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from rich.console import Console

__all__ = ["lasting_console"]


def lasting_console() -> Console:
    """Return a console on stdout that raises nothing where that can't be written any more."""
    stream: Any = None if sys.stdout is None else _LastingStream(sys.stdout)
    return Console(file=stream)


class _LastingStream:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        with self._lasting():
            self._stream.write(text)

    def flush(self) -> None:
        with self._lasting():
            self._stream.flush()

    @contextmanager
    def _lasting(self) -> Iterator[None]:
        try:
            yield
        except OSError:  # the reader is gone, or the disk is full
            with suppress(OSError):  # else Python would try again at its end, and complain
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)
