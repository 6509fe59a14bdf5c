"""Reports from memory: a manifest as the press writes it, and files that say what they are."""

import hashlib
import json
import os
import socket
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from notebook_press.publishing.manifest import Manifest
from notebook_press.publishing.publish import Reports, Staged


def describe(content: bytes) -> dict[str, object]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def contents(text: str = "new", endings: tuple[str, ...] = ("html", "ipynb")) -> dict[str, bytes]:
    return {f"story.{ending}": f"{text} {ending}".encode() for ending in endings}


def manifest(**changed: object) -> dict[str, Any]:
    """What the file of a manifest holds, but for what is changed."""
    return {
        "press": 1,
        "report": "story",
        "run": "default",
        "title": "What is the answer?",
        "answer": "It is 42.",
        "notice": None,
        "finished": "2026-11-22T18:00:00+00:00",
        "seconds": 1.5,
        "parameters": [{"name": "factor", "value": 2, "default": 2, "type": "int", "help": ""}],
        "results": {"product": 42},
        "keys": {"run": {"code": "1"}, "render": {}},
        "files": {name: describe(content) for name, content in contents().items()},
        **changed,
    }


def as_manifest(**changed: Any) -> Manifest:
    """A manifest as the press reads it."""
    return Manifest.model_validate_json(json.dumps(manifest(**changed)))


def staged(
    text: str = "new", endings: tuple[str, ...] = ("html", "ipynb"), **changed: Any
) -> Staged:
    """A report that is ready to be published."""
    files = contents(text, endings)
    described = {name: describe(content) for name, content in files.items()}
    return Staged(as_manifest(files=described, **changed), files)


def put_report(folder: Path, *cells: NotebookNode, report: str = "story", **changed: Any) -> None:
    """Leave in the folder of a run what is published of a report: its notebook and its manifest."""
    notebook = v4.new_notebook(cells=list(cells))
    content = nbformat.writes(notebook).encode()
    told = {"report": report, "files": {f"{report}.ipynb": describe(content)}, **changed}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{report}.ipynb").write_bytes(content)
    (folder / f"{report}.json").write_text(json.dumps(manifest(**told)))


def reports_in(folder: Path) -> Reports:
    """A reports folder as a command finds it, whose index is made at once."""
    return Reports(
        folder,
        lambda *shown: "\n".join(each.model_dump_json() for part in shown for each in part),
    )


def left_staged(folder: Path, **changed: object) -> Path:
    """The staging folder of a report as a build leaves it that was killed before it published."""
    reports = reports_in(folder)
    place = reports.staging_folder("default", "story")
    reports.stage(staged())
    (place / "story.json").write_text(json.dumps(manifest(**changed)))
    return place


def link_to_a_file(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "precious")


def link_to_a_folder(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def link_to_nothing(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "missing")


def pipe(path: Path, _outside: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path, _outside: Path) -> None:
    with chdir(path.parent), socket.socket(socket.AF_UNIX) as end:
        end.bind(path.name)  # a socket's path has to be short


def empty_folder(path: Path, _outside: Path) -> None:
    path.mkdir()


def plain_file(path: Path, _outside: Path) -> None:
    path.write_text("not what belongs here")


Put = Callable[[Path, Path], None]
