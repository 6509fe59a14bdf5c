"""The press's exceptions: one tree, each with the exit code that a build ends with.

PressError
├── UsageError          2  the command, a parameter or an expectation is wrong
│   └── ParameterError  2  a notebook's parameter
├── DataError           3  what the notebook would read can't be had
├── ExecutionError      4  a notebook failed
├── RenderingError      5  a page could not be made
├── ExpectationError    6  all is made, but a result is not what was expected
├── PublishingError     7  the disk or a permission stood in the way
├── LockedError         8  another build holds the reports folder
└── ClusterError        9  a Dask cluster can't be joined, was lost, or has no worker that fits
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar


def one_line(text: object) -> str:
    """The text with every run of white space made a single space, so that a log keeps it whole."""
    return " ".join(str(text).split())


class PressError(Exception):
    """A build can't end well; its message is one line: cause, place and remedy."""

    exit_code: ClassVar[int] = 1
    meaning: ClassVar[str] = "the press itself failed"

    def __init_subclass__(cls, *, exit_code: int | None = None, meaning: str | None = None) -> None:
        """Give a kind of error its exit code and what that means, or those of its parent."""
        cls.exit_code = exit_code or cls.exit_code
        cls.meaning = meaning or cls.meaning


class UsageError(PressError, exit_code=2, meaning="usage"):
    """The command asks for something that can't be."""


class ParameterError(UsageError, meaning="parameters"):
    """A parameter has a wrong name, type or value."""


class DataError(PressError, exit_code=3, meaning="data"):
    """The project's `prepare` refused: the inputs are missing or not what they should be."""


class ExecutionError(PressError, exit_code=4, meaning="a notebook failed"):
    """A notebook did not run from its first cell to its last."""


class RenderingError(PressError, exit_code=5, meaning="rendering failed"):
    """An executed notebook could not be turned into a page."""


class ExpectationError(PressError, exit_code=6, meaning="an expectation was not met"):
    """All is made, but a result is not what `--expect` allows, or moved as `--fail-on` refuses."""


class PublishingError(PressError, exit_code=7, meaning="publishing failed"):
    """A file could not be written where reports are kept."""


class LockedError(PressError, exit_code=8, meaning="locked by another build"):
    """Another build is at work in the same reports folder."""


class ClusterError(PressError, exit_code=9, meaning="the cluster"):
    """A Dask cluster can't be joined, was lost, or has no worker that fits."""


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


@contextmanager
def publishing_errors(place: Path) -> Iterator[None]:
    """Turn an `OSError` into a `PublishingError` that names the file and the remedy.

    Args:
        place: What is named where the error names no file.
    """
    try:
        yield
    except OSError as error:
        where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else place
        raise PublishingError(
            f"{where}: {error.strerror or one_line(error)}; make room or mend the permissions, "
            "then run the same command again (every published file is whole, old or new)"
        ) from error
