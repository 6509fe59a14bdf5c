"""What a report depends on: two keys say whether to run it again or to render it again.

A key is a mapping from the name of a part to its SHA-256, so that a build can say what changed.
The *run* key covers whatever can change a result; the *render* key whatever else a page shows.
"""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from notebook_press.project import Project

__all__ = ["Key", "changes", "render_key", "run_key"]

Key = dict[str, str]

PRESS = Path(__file__).parent


def run_key(
    notebook: NotebookNode,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, str],
    project: Project,
) -> Key:
    """Return the parts that results depend on."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return {
        "code": _digest(code),
        "kernel": _digest(notebook.metadata.get("kernelspec", {}).get("name")),
        "parameters": _digest(dict(parameters)),
        "data": _digest(dict(inputs)),
        "sources": _digest_files(project.root, project.sources),
        "press": _digest_files(
            PRESS,
            [PRESS / f"{name}.py" for name in ("author", "engine", "execution", "kernel_launcher")],
        ),
        "lock": _digest_files(project.root, [project.lock] if project.lock else []),
        "python": platform.python_version(),
        "measured": _digest_files(project.root, [project.measured] if project.measured else []),
    }


def render_key(notebook: NotebookNode) -> Key:
    """Return the parts that a page depends on besides its results."""
    cells = [
        {
            "type": cell.cell_type,
            "metadata": cell.metadata,
            "attachments": cell.get("attachments", {}),
            "source": "" if cell.cell_type == "code" else cell.source,
        }
        for cell in notebook.cells
    ]
    return {
        "prose": _digest(cells),
        "rendering": _digest_files(PRESS, [PRESS / "rendering"]),
    }


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the parts that differ, in order."""
    return tuple(name for name in sorted({*before, *now}) if before.get(name) != now.get(name))


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _digest_files(root: Path, paths: Iterable[Path]) -> str:
    """Return one SHA-256 over the names and bytes of the files at and below the paths."""
    files: list[Path] = []
    for path in paths:
        files += sorted(path.rglob("*")) if path.is_dir() else [path]
    entries = [
        [file.relative_to(root).as_posix(), hashlib.sha256(file.read_bytes()).hexdigest()]
        for file in files
        if file.is_file() and "__pycache__" not in file.parts
    ]
    return _digest(entries)
