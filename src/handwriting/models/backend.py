"""Keras and what it computes with, imported without the log lines that their libraries write.

TensorFlow's own code writes to file descriptor 2 which processor and which graphics card it found,
while it is imported and when it first computes; readers take that for errors. Those lines are
caught for just that long, and shown if it fails.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr
from typing import TextIO


@contextmanager
def _caught_lines() -> Iterator[None]:
    """Catch what is written to file descriptor 2, but by Python, and show it if the body fails."""
    with ExitStack() as after, tempfile.TemporaryFile() as caught:
        real = os.dup(2)
        after.callback(os.close, real)
        if (stderr := _stderr_on_two()) is not None:
            after.enter_context(redirect_stderr(stderr))
        os.dup2(caught.fileno(), 2)
        try:
            yield
        except BaseException:
            caught.seek(0)
            os.write(real, caught.read())
            raise
        finally:
            os.dup2(real, 2)


def _stderr_on_two() -> TextIO | None:
    """What Python may write to meanwhile, where its stderr is file descriptor 2.

    It is left open: loggers that are made meanwhile go on writing to it.
    """
    try:
        if sys.stderr.fileno() != 2:
            return None
    except (AttributeError, OSError, ValueError):
        return None
    return open(os.dup(2), "w", buffering=1, encoding=sys.stderr.encoding, errors="replace")  # noqa: PTH123


with _caught_lines():
    import keras as keras  # for the modules beside this one

    keras.ops.zeros(1)

# Of a single class they are right, and the data's findings say so.
warnings.filterwarnings("ignore", "You are using a softmax over axis")
warnings.filterwarnings("ignore", "In loss categorical_crossentropy")


def name() -> str:
    """Return what Keras computes with: `tensorflow`, `jax` or `torch`."""
    return str(keras.backend.backend())
