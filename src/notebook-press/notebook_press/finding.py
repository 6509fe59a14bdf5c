"""Which notebooks files, folders and patterns mean."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, takewhile
from pathlib import Path

from notebook_press.errors import UsageError
from notebook_press.messages import shown
from notebook_press.project import Project

ENDING = ".ipynb"
# What marks folders with notebooks that nobody means: an environment's, and the press's reports.
_APART = ("pyvenv.cfg", ".press")
_OTHERS = ("node_modules", "site-packages")


def find_notebooks(places: Iterable[Path]) -> tuple[Path, ...]:
    """Return the notebooks that are meant, each once, in order.

    A file stands for itself, even if it is not there. Hidden folders, environments and
    published reports are not looked into.

    Args:
        places: Notebooks, folders, and patterns as in a shell, where `**` is any folders.

    Raises:
        UsageError: A place holds no notebook.
    """
    return tuple(dict.fromkeys(chain.from_iterable(map(_meant, places))))


def notebooks_of(project: Project) -> tuple[Path, ...]:
    """Return the notebooks that a project's settings name.

    Raises:
        UsageError: They name none.
    """
    if not project.notebooks:
        raise UsageError(
            "expected notebooks, found none: name files, folders or patterns, or write them into "
            f"`notebooks` of [tool.notebook-press] in {project.root / 'pyproject.toml'} "
            "(`notebook-press init` does)"
        )
    return find_notebooks(nearer(project.root / each) for each in project.notebooks)


def nearer(path: Path) -> Path:
    """Return a path as seen from the working folder, if it lies below that."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _meant(place: Path) -> Sequence[Path]:
    text = str(place)
    if os.path.isdir(place):  # noqa: PTH112 - says no to a path that is too long, too
        found = sorted(filter(os.path.isfile, _below(place)))
    elif glob.has_magic(text) and not os.path.lexists(place):
        found = sorted(filter(os.path.isfile, _matching(place)))
    elif place.suffix == ENDING or os.path.lexists(place):
        return [place]
    else:
        found = []
    if not found:
        raise UsageError(
            f"{shown(text)}: expected notebooks, found none there; correct the path, or make one "
            "with `notebook-press new NAME`"
        )
    return found


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if not _is_apart(Path(place, each))]
        yield from (Path(place, each) for each in files if each.endswith(ENDING))


def _matching(pattern: Path) -> Iterator[Path]:
    fixed = Path(*takewhile(lambda part: not glob.has_magic(part), pattern.parts))
    for path in map(Path, glob.glob(str(pattern), recursive=True)):  # noqa: PTH207 - knows `**/x`
        between = path.relative_to(fixed).parents[:-1]
        if path.suffix == ENDING and not any(_is_apart(fixed / each) for each in between):
            yield path


def _is_apart(folder: Path) -> bool:
    name = folder.name
    marked = any(os.path.lexists(folder / each) for each in _APART)
    return marked or name.startswith(".") or name in _OTHERS
