"""Where the programs that make pages work, so that none of them outlives a press that is killed."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_PLACE: ContextVar[Path | None] = ContextVar("_PLACE", default=None)
_MARK: ContextVar[str | None] = ContextVar("_MARK", default=None)


@contextmanager
def working_below(folder: Path, mark: str) -> Iterator[None]:
    """Let programs work in folders below this one, cleared by whoever follows a killed press.

    Otherwise, as when nbconvert is used alone, they work where temporary files belong.

    Args:
        folder: The folder.
        mark: The variable by which whoever follows finds the programs themselves.
    """
    place, name = _PLACE.set(folder), _MARK.set(mark)
    try:
        yield
    finally:
        _PLACE.reset(place)
        _MARK.reset(name)


@contextmanager
def own_workplace(program: str) -> Iterator[Path]:
    """Make a folder for one run of a program, and remove it with all that the program left."""
    with tempfile.TemporaryDirectory(prefix=f"{program}-", dir=_PLACE.get()) as name:
        yield Path(name)


def surroundings(workplace: Path) -> Mapping[str, str]:
    """Return the environment of a program: its temporary files are in its workplace."""
    mark = _MARK.get()
    return {**os.environ, **({mark: "1"} if mark else {}), "TMPDIR": str(workplace)}
