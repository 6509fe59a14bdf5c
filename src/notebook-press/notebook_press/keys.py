"""What a report depends on: two keys say whether to run it again or to render it again.

A key is a mapping from the name of a part to its SHA-256, so that a build can say what changed.
The *run* key covers whatever can change a result; the *render* key whatever else a page shows.
Neither knows of time or of the machine: a report that was copied elsewhere is the same report.
"""

import ast
import functools
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from notebook_press import provenance
from notebook_press.digests import WatchedFiles, digest, digest_files
from notebook_press.notebook import (
    OF_A_RUN,
    code_cells,
    is_injected,
    is_parameters,
    is_run,
    may_raise,
)
from notebook_press.project import Project
from notebook_press.publishing.manifest import Key
from notebook_press.running.preflight import kernel_start

PRESS = Path(__file__).parent
ROOMS = {"run": ("running", "author"), "render": ("rendering", "provenance")}
"""Of each key, what of the press stands in it, with whatever of the hall that imports."""

UNSETTLED = "changed while it ran"
ENVIRONMENT = ("press", "packages", "python", "lock")
"""Of a run key, the parts that tell of where it runs."""
_OF_A_RUN = ("execution", "ExecuteTime", "papermill", "trusted")  # written into a cell's metadata


@dataclass(frozen=True)
class Keys:
    """What one report depends on."""

    run: Key
    render: Key


class ProjectParts:
    """The parts of a run key that all notebooks of a project share, taken once a build."""

    def __init__(self, project: Project, threads: int | None) -> None:
        """Take them.

        Args:
            project: The project.
            threads: How many threads each run gets; None where that is left to libraries.

        Raises:
            UsageError: A file that results depend on can't be read.
        """
        self.root = project.root
        self.tagged_errors = project.allow_tagged_errors
        watched = {
            "sources": project.sources,
            "lock": (project.lock,),
            "measured": (project.measured,),
        }
        self._files = {
            name: WatchedFiles(project.root, filter(None, paths)) for name, paths in watched.items()
        }
        self.parts = {
            **{name: watched.sha256 for name, watched in self._files.items()},
            "press": press_parts()["run"],
            "packages": digest(provenance.result_versions(project.dependencies)),
            "python": platform.python_version(),
            "threads": str(threads),
        }

    def settled(self, key: Mapping[str, str]) -> Key:
        """Return a run's key now that it has ended; what changed meanwhile is never up to date."""
        moved = {name for name, watched in self._files.items() if watched.has_changed()}
        return {name: UNSETTLED if name in moved else value for name, value in key.items()}


def run_key(
    notebook: NotebookNode,
    folder: Path,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, str],
    shared: ProjectParts,
) -> Key:
    """Return the parts that results depend on.

    Args:
        notebook: The notebook.
        folder: The folder that it lies in, where its kernel works.
        parameters: The value of each that the kernel is given; to have kept nothing makes it no
            other run.
        inputs: The SHA-256 of each input file, by name.
        shared: What all notebooks of the project depend on.
    """
    parameters = {k: v for k, v in parameters.items() if k != provenance.FRESH}
    return {
        "code": digest(_code(notebook, bool(parameters), shared.tagged_errors)),
        "folder": Path(os.path.relpath(folder.resolve(), shared.root)).as_posix(),
        "kernel": digest(_kernel(notebook)),
        "parameters": digest(parameters),
        "data": digest(dict(inputs)),
        **shared.parts,
    }


def render_key(notebook: NotebookNode, run: str, notice: str | None, stderr: str) -> Key:
    """Return the parts that a page depends on besides its results.

    Args:
        notebook: The notebook.
        run: The run's name, which the page tells.
        notice: What `prepare` puts at the top of the page.
        stderr: Whether the page shows what cells write there.
    """
    cells = [
        {
            "type": cell.cell_type,
            "metadata": {k: v for k, v in cell.metadata.items() if k not in _OF_A_RUN},
            "attachments": cell.get("attachments", {}),
            "source": "" if is_run(cell) else cell.source,
        }
        for cell in notebook.cells
        if cell.cell_type != "code" or cell.source.strip()
    ]
    metadata = {k: v for k, v in notebook.metadata.items() if k not in OF_A_RUN}
    return {
        "prose": digest([cells, metadata]),
        "name": run,
        "notice": digest(notice),
        "stderr": stderr,
        "rendering": press_parts()["render"],
        "packages for pages": digest(
            provenance.rendering_versions() | provenance.drawing_versions()
        ),
    }


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the parts that differ, in order."""
    return tuple(name for name in sorted({*before, *now}) if before.get(name) != now.get(name))


def _code(notebook: NotebookNode, injects: bool, tagged_errors: bool) -> list[list[str]]:
    """What the kernel is given, where papermill puts the parameters, and what may fail."""
    found = []
    for cell in code_cells(notebook, keep_tagged=True):
        role = "parameters" if is_parameters(cell) else "injected" if is_injected(cell) else ""
        # papermill puts the parameters in the place of those of an earlier run.
        replaced = injects and is_injected(cell) and ["injected", ""] not in found
        fails = ["may raise"] if tagged_errors and may_raise(cell) else []
        found.append([role, "" if replaced or not is_run(cell) else cell.source, *fails])
    return found


def _kernel(notebook: NotebookNode) -> dict[str, Any]:
    """The kernel's name, the language of the parameters, and how the kernel is started."""
    kernel, language = (notebook.metadata.get(name, {}) for name in ("kernelspec", "language_info"))
    return {
        "name": kernel.get("name"),
        "language": language.get("name") or kernel.get("language"),
        "started": kernel_start(str(kernel.get("name"))),
    }


@functools.cache
def press_parts() -> dict[str, str]:
    """Return what of the press itself a report depends on, as it was when first asked for.

    Taken once: a module that is edited later is not the one at work here.
    """
    return {key: digest_files(PRESS, _with_imports(rooms)) for key, rooms in ROOMS.items()}


def _with_imports(names: Iterable[str]) -> list[Path]:
    """Return rooms and modules of the press, with all modules that they import in turn."""
    found: list[Path] = []
    ahead = list(names)
    while ahead:
        place = PRESS.joinpath(*ahead.pop().split("."))
        place = place if place.is_dir() else place.with_suffix(".py")
        if place.exists() and not {place, *place.parents} & set(found):
            found.append(place)
            files = place.rglob("*.py") if place.is_dir() else [place]
            ahead += [name for file in files for name in _imported(file)]
    return sorted(found)


def _imported(path: Path) -> Iterator[str]:
    """Yield what a file of the press imports of the press, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        package, _, module = (getattr(node, "module", "") or "").partition(".")
        if isinstance(node, ast.ImportFrom) and package == __package__:
            yield from (f"{module}.{alias.name}".removeprefix(".") for alias in node.names)
            yield module or "__init__"
