"""The press's exceptions: one tree, each with the exit code that a build ends with.

PressError
├── UsageError          2  the command, a parameter or an expectation is wrong
│   └── ParameterError  2  a notebook's parameter
├── DataError           3  what the notebook would read can't be had
├── ExecutionError      4  a notebook failed
├── RenderingError      5  a page could not be made
├── ExpectationError    6  published, but a result is not what was expected
├── PublishingError     7  the disk or a permission stood in the way
└── LockedError         8  another build holds the reports folder
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


def one_line(text: object) -> str:
    """The text with every run of white space made a single space, so that a log keeps it whole."""
    return " ".join(str(text).split())


class PressError(Exception):
    """A build can't end well; its message is one line: cause, place and remedy."""

    exit_code: ClassVar[int] = 1
    meaning: ClassVar[str] = "the press itself failed"


class UsageError(PressError):
    """The command asks for something that can't be."""

    exit_code = 2
    meaning = "usage"


class ParameterError(UsageError):
    """A parameter has a wrong name, type or value."""

    meaning = "parameters"


class DataError(PressError):
    """The project's `prepare` refused: the inputs are missing or not what they should be."""

    exit_code = 3
    meaning = "data"


class ExecutionError(PressError):
    """A notebook did not run from its first cell to its last."""

    exit_code = 4
    meaning = "a notebook failed"


class RenderingError(PressError):
    """An executed notebook could not be turned into a page."""

    exit_code = 5
    meaning = "rendering failed"


class ExpectationError(PressError):
    """The report is published, but a recorded result is outside what `--expect` allows."""

    exit_code = 6
    meaning = "an expectation was not met"


class PublishingError(PressError):
    """A file could not be written where reports are kept."""

    exit_code = 7
    meaning = "publishing failed"


class LockedError(PressError):
    """Another build is at work in the same reports folder."""

    exit_code = 8
    meaning = "locked by another build"


@contextmanager
def rendering_errors(what: str) -> Iterator[None]:
    """Turn whatever the body raises into a `RenderingError` that says of what it is.

    What the press says itself passes, and so do the disk's errors, which mean something else.

    Args:
        what: What could not be made, as the message names it.

    Raises:
        RenderingError: The body raised something that nobody foresaw.
    """
    try:
        yield
    except (PressError, OSError):
        raise
    except Exception as error:  # a notebook can hold anything
        raise RenderingError(
            f"{what}: expected outputs as kernels write them, found what makes "
            f"{type(error).__name__}: {one_line(error)[:300]}; look at what the notebook displays"
        ) from error
