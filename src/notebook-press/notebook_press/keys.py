"""What a report depends on: two keys say whether to run it again or to render it again.

A key is a mapping from the name of a part to its SHA-256, so that a build can say what changed.
The *run* key covers whatever can change a result; the *render* key whatever else a page shows.
Neither knows of time or of the machine: a report that was copied elsewhere is the same report.
"""

import ast
import functools
import hashlib
import json
import os
import platform
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from notebook_press import provenance
from notebook_press.errors import UsageError
from notebook_press.messages import escaped
from notebook_press.notebook import OF_A_RUN, code_cells, is_injected, is_parameters
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

    def settled(self, key: Key) -> Key:
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
        parameters: Every parameter's value; to have kept nothing makes it no other run.
        inputs: The SHA-256 of each input file, by name.
        shared: What all notebooks of the project depend on.
    """
    parameters = {k: v for k, v in parameters.items() if k != provenance.FRESH}
    return {
        "code": digest(_code(notebook, bool(parameters))),
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
            "source": "" if cell.cell_type == "code" else cell.source,
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


def _code(notebook: NotebookNode, injects: bool) -> list[list[str]]:
    """What the kernel is given, and where papermill puts the parameters."""
    found = []
    for cell in code_cells(notebook, keep_tagged=True):
        role = "parameters" if is_parameters(cell) else "injected" if is_injected(cell) else ""
        # papermill puts the parameters in the place of those of an earlier run.
        replaced = injects and is_injected(cell) and ["injected", ""] not in found
        found.append([role, "" if replaced else cell.source])
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


# What editors, Python and tools leave beside sources, and no result depends on.
LEFTOVERS = re.compile(
    r"__pycache__|\.ipynb_checkpoints|.*\.egg-info|\.git|\.DS_Store|\.(?:mypy|pytest|ruff)_cache"
    r"|.*~|\..*\.sw[a-p]|\.#.*|#.*#",
    re.DOTALL,
)


def digest(content: Any) -> str:
    """Return the SHA-256 of plain data; the order of a mapping's names does not matter."""
    text = json.dumps(content, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class WatchedFiles:
    """Files and folders whose SHA-256 is taken once, and which are then watched for changes."""

    def __init__(self, root: Path, paths: Iterable[Path]) -> None:
        """Take one SHA-256 over the names and bytes of the files at and below the paths.

        Times, permissions and what editors leave behind do not count; links are followed.

        Args:
            root: What names are relative to, so that a copy elsewhere has the same SHA-256.
            paths: Files and folders; one that is missing counts as empty.

        Raises:
            UsageError: There is something that can't be read to its end, such as a pipe, a broken
                link or a file without permission.
        """
        self._root, self._paths = root, tuple(paths)
        self._state = self._stated()
        self.sha256 = digest_files(root, self._paths)

    def has_changed(self) -> bool:
        """Return whether the files are others by now; they are read again only if one was touched.

        Raises:
            UsageError: As when it was taken.
        """
        touched = self._stated() != self._state
        return touched and digest_files(self._root, self._paths) != self.sha256

    def _stated(self) -> list[tuple[Path, tuple[int, ...]]]:
        with _readable():
            return [
                (path, (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))
                for path, _ in _entries(self._paths, {})
                for found in [path.stat()]
            ]


def digest_files(root: Path, paths: Iterable[Path]) -> str:
    """Return the SHA-256 that `WatchedFiles` takes.

    Raises:
        UsageError: There is something that can't be read to its end.
    """
    with _readable():
        return digest(
            [
                [Path(os.path.relpath(path, root)).as_posix(), same_as or _sha256(path)]
                for path, same_as in _entries(paths, {})
            ]
        )


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _unreadable(Path(str(error.filename)), f"one that can't be ({reason})") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entries(paths: Iterable[Path], visited: dict[Path, Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file, in order of names within a folder; of a folder met before, where it was."""
    for path in paths:
        try:
            kind = path.stat().st_mode
        except FileNotFoundError:
            if path.is_symlink():
                raise _unreadable(path, "a link to nowhere") from None
            continue
        if stat.S_ISDIR(kind):
            real = path.resolve()
            if real in visited:  # a second way to the same files, or back to where it came from
                yield path, f"the same as {os.path.relpath(visited[real], path)}"
                continue
            visited[real] = path
            inner = (each for each in path.iterdir() if not LEFTOVERS.fullmatch(each.name))
            yield from _entries(sorted(inner), visited)
        elif stat.S_ISREG(kind):
            yield path, ""
        else:
            raise _unreadable(path, "a pipe, a socket or a device")


def _unreadable(path: Path, found: str) -> UsageError:
    return UsageError(
        f"{escaped(path)}: expected a file or folder that can be read, since results depend on "
        f"it, found {found}; mend it or move it away"
    )
