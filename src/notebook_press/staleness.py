"""What a report depends on: two keys say whether to run it again or to render it again.

A key is a mapping from the name of a part to its SHA-256, so that a build can say what changed.
The *run* key covers whatever can change a result; the *render* key whatever else a page shows.
Neither knows of time or of the machine: a report that was copied elsewhere is the same report.
"""

import functools
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from notebook_press import packages
from notebook_press.fingerprints import digest, digest_files
from notebook_press.notebooks import OF_A_RUN, code_cells, is_injected, is_parameters
from notebook_press.project import Project

__all__ = [
    "Key",
    "changes",
    "press_parts",
    "render_key",
    "run_key",
    "settled",
    "unsettled",
]

Key = dict[str, str]

PRESS = Path(__file__).parent
RENDERING = (
    *("build", "jobs", "making", "parameters", "rendering", "staging", "stderr", "terminal_text"),
)
"""The press's modules and folders that make a page of an executed notebook."""
NEITHER = (
    *("__init__", "cli", "errors", "expectations", "fingerprints", "imports", "kernel_log"),
    *("locking", "manifests", "packages", "progress", "project", "publishing", "requirements"),
    *("run_names", "staleness", "stopping", "terminal_output", "time_limits", "whole_files"),
)
"""Those that no page depends on, or only by what stands in a key itself. All others are run."""
INDEX = ("history.py", "index.py", "templates/index.css", "templates/index.html.j2")

UNSETTLED = "changed while it ran"
# What Jupyter and papermill write into a cell when they run it.
_OF_A_RUN = ("execution", "ExecuteTime", "papermill", "trusted")


def run_key(
    notebook: NotebookNode,
    folder: Path,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, str],
    project: Project,
) -> Key:
    """Return the parts that results depend on.

    Args:
        notebook: The notebook.
        folder: The folder that it lies in, where its kernel works.
        parameters: Every parameter's value.
        inputs: The SHA-256 of each input file, by name.
        project: What the notebook depends on besides itself.

    Raises:
        UsageError: A file that results depend on can't be read.
    """
    root = project.root
    return {
        "code": digest(_code(notebook, bool(parameters))),
        "folder": Path(os.path.relpath(folder.resolve(), root)).as_posix(),
        "kernel": digest(_kernel(notebook)),
        "parameters": digest(dict(parameters)),
        "data": digest(dict(inputs)),
        "sources": digest_files(root, project.sources),
        "press": press_parts()["run"],
        "lock": digest_files(root, [project.lock] if project.lock else []),
        "packages": digest(packages.result_versions(project.dependencies)),
        "python": platform.python_version(),
        "measured": digest_files(root, [project.measured] if project.measured else []),
    }


def render_key(notebook: NotebookNode, run: str, notice: str | None) -> Key:
    """Return the parts that a page depends on besides its results.

    Args:
        notebook: The notebook.
        run: The run's name, which the page tells.
        notice: What `prepare` puts at the top of the page.
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
        "rendering": press_parts()["render"],
        "packages for pages": digest(packages.rendering_versions()),
    }


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the parts that differ, in order."""
    return tuple(name for name in sorted({*before, *now}) if before.get(name) != now.get(name))


def settled(before: Key, after: Key) -> Key:
    """Return the key of a run that has ended; a part that changed meanwhile is never up to date.

    Args:
        before: The key from before the run.
        after: The same, taken after it.
    """
    moved = changes(before, after)
    return {name: UNSETTLED if name in moved else value for name, value in before.items()}


def unsettled(key: Key) -> str:
    """Return in words which parts of a run's key changed while it ran, or nothing."""
    moved = ", ".join(name for name, value in key.items() if value == UNSETTLED)
    return f"{moved} {UNSETTLED}" if moved else ""


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
    metadata = notebook.metadata
    name = metadata.get("kernelspec", {}).get("name")
    language = metadata.get("language_info", {}).get("name")
    return {
        "name": name,
        "language": language or metadata.get("kernelspec", {}).get("language"),
        "started": _kernel_specification(str(name)),
    }


def _kernel_specification(name: str) -> dict[str, Any]:
    """What of a kernel's file changes results; nothing for the kernel of this very Python.

    jupyter_client would find the same, but takes most of a second to be imported.
    """
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("kernels"):
        try:
            content = json.loads((Path(folder) / name / "kernel.json").read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(content, dict):
            started = content.get("argv")
            if isinstance(started, list) and started and _is_this_python(str(started[0])):
                started = ["", *started[1:]]
            return {"started": started, "environment": content.get("env") or {}}
    return {}


def _is_this_python(program: str) -> bool:
    """Whether a kernel's program is this Python, wherever it is installed on this machine."""
    version = sys.version_info
    plain = ("python", f"python{version[0]}", f"python{version[0]}.{version[1]}")
    return program in plain or Path(program) in {Path(sys.prefix, "bin", each) for each in plain}


@functools.cache
def press_parts() -> dict[str, str]:
    """Return what of the press itself a report depends on, as it was when first asked for.

    Taken once: a module that is edited later is not the one at work here.
    """
    entries = {path: path.stem for path in sorted([*PRESS.glob("*.py"), *_folders()])}
    run = [path for path, name in entries.items() if name not in (*RENDERING, *NEITHER)]
    render = [path for path, name in entries.items() if name in RENDERING]
    index = [PRESS / "rendering" / name for name in INDEX]
    return {
        "run": digest_files(PRESS, run),
        "render": digest_files(PRESS, render, leave_out=index),
    }


def _folders() -> list[Path]:
    return [path.parent for path in PRESS.glob("*/__init__.py")]
