"""A first notebook: a question, typed parameters, one figure and one answer."""

import glob
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from notebook_press.errors import UsageError, publishing_errors
from notebook_press.finding import ENDING, nearer, notebooks_of
from notebook_press.messages import escaped, shown
from notebook_press.project import Project, find_project
from notebook_press.publishing.manifest import check_report_name
from notebook_press.starting.beginning import template


def start(name: str) -> Iterator[str]:
    """Write a first notebook where the project has its notebooks, and yield what was done.

    Args:
        name: The file's name, with or without its ending.

    Raises:
        UsageError: It is no name of a file, or there is such a notebook.
        PublishingError: The file can't be written.
    """
    stem = name.removesuffix(ENDING)
    if not stem or {"/", "\\"} & set(stem):
        raise UsageError(f"expected a name without a folder, as in 'sales', found {shown(name)}")
    check_report_name(stem, escaped(name))
    project = find_project(Path.cwd())
    path = nearer(_folder(project) / f"{stem}{ENDING}")
    with suppress(UsageError):  # there are none yet
        for other in notebooks_of(project):
            if other.stem.lower() == stem.lower():
                path = other
    with publishing_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(template(f"starter{ENDING}"))
        except FileExistsError as error:
            raise UsageError(
                f"{escaped(path)}: there is one already; choose another name"
            ) from error
    yield f"wrote {escaped(path)}"
    if find_spec("matplotlib") is None:
        yield "its figure is Matplotlib's, which is not installed here: pip install matplotlib"
    yield "next: notebook-press build" + ("" if project.notebooks else f" {escaped(path)}")


def _folder(project: Project) -> Path:
    """The first folder that a project names for its notebooks; without one that at work in."""
    folders = (
        project.root / each
        for each in project.notebooks
        if not glob.has_magic(each) and not each.endswith(ENDING)
    )
    return next(folders, Path.cwd())
