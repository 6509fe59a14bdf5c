"""Folders of this machine, told without the machine: `~`, `.`, `$TMPDIR` and the like.

A notebook prints paths without meaning to: a warning names the file that it comes from, a traceback
every file on its way. Who reads a report should not learn from it who made it, and where.
"""

import contextlib
import json
import os
import pwd
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nbformat import NotebookNode

from notebook_press.notebook import NOTE_TAG, is_injected
from notebook_press.parameters.types import as_data
from notebook_press.running.in_kernel import without_surrogates

CELL = "cell.py"
"""What stands for the temporary file that ipykernel names after a cell."""

_CELL_FILE = re.compile(r"[^\s\"'<>]{0,300}/ipykernel_[0-9]+/[0-9]+\.py")
_NAMES_A_FOLDER = re.compile(r"\w+_(?:CACHE|CONFIG|DATA|DIR|HOME|PREFIX)|VIRTUAL_ENV")
# Whole paths only: not a part of a longer name, of an address of the web or of base64.
_BEFORE = r"(?:(?<![\w.~+/-])|(?<=://)|(?<=-[A-Za-z])|(?<=\\[nrt]))"
_AFTER = r"(?![\w-]|\.\w)"
_COLOUR = r"\x1b\[[\d;]*m"  # ends with a letter, and yet a path can follow it
_BINARY = re.compile(r"(?:image/(?!svg)|audio/|video/|application/(?:pdf|octet-stream))")


class FolderNames:
    """The folders of this machine and of a project, and what a page calls each of them.

    The project's is `.`, the user's `~`, that for temporary files `$TMPDIR`; a folder that an
    environment variable such as `XDG_CACHE_HOME` or `HANDWRITING_DATA` names is called by it.
    """

    def __init__(self, root: Path) -> None:
        names: dict[str, str] = {}
        for folder, name in _folders(root):
            for path in (folder, os.path.realpath(folder)):
                if len(Path(path).parts) > 1:  # `/` is no secret
                    plain = path.rstrip("/")
                    for written in (plain, quote(plain), json.dumps(plain)[1:-1]):
                        names.setdefault(written, name)
        longest_first = sorted(names, key=len, reverse=True)
        self._names = names
        paths = "|".join(map(re.escape, longest_first)) if names else r"(?!)"
        self._paths = re.compile(f"(?:{_BEFORE}|({_COLOUR}))({paths}){_AFTER}")

    def told(self, text: str) -> str:
        """The text with each of these folders by its name, and the file of a cell by `cell.py`."""
        text = without_surrogates(text)  # no file can hold them
        if "/ipykernel_" in text:
            text = _CELL_FILE.sub(CELL, text)
        return self._paths.sub(lambda found: (found[1] or "") + self._names[found[2]], text)

    def throughout(self, value: Any) -> Any:
        """A value as JSON knows them, each text in it told so; pictures are left as they are."""
        if isinstance(value, str):
            return self.told(value)
        if isinstance(value, list | tuple):
            return [self.throughout(item) for item in value]
        if isinstance(value, Mapping):
            told = {
                self.throughout(key): item if _BINARY.match(str(key)) else self.throughout(item)
                for key, item in value.items()
            }
            return NotebookNode(told) if isinstance(value, NotebookNode) else told  # type: ignore[no-untyped-call]
        return value


def without_machine(executed: NotebookNode, root: Path) -> NotebookNode:
    """Tell the folders of this machine by their names in what a run put into a notebook.

    That is its outputs and its metadata; what its author wrote stays as it was written.

    Args:
        executed: The executed notebook, which is changed.
        root: The project's folder.
    """
    names = FolderNames(root)
    executed.metadata = names.throughout(executed.metadata)
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs = names.throughout(cell.outputs)
        elif NOTE_TAG in cell.metadata.get("tags", []):  # ours: where the run failed
            cell.source = names.told(cell.source)
    return executed


def _folders(root: Path) -> Iterator[tuple[str, str]]:
    """Each folder and its name; of two names for one folder, the first counts."""
    yield str(root), "."
    here = os.environ.get("PWD", "")
    if here and Path(here).is_absolute() and Path(here).resolve().is_relative_to(root):
        depth = len(Path(here).resolve().relative_to(root).parts)  # the shell's way to it
        yield str([Path(here), *Path(here).parents][depth]), "."
    yield os.path.expanduser("~"), "~"  # noqa: PTH111  (Path.home() fails without one)
    with contextlib.suppress(KeyError):  # a container's user need not be in the list of users
        yield pwd.getpwuid(os.getuid()).pw_dir, "~"
    yield tempfile.gettempdir(), "$TMPDIR"
    for name, value in sorted(os.environ.items()):
        if _NAMES_A_FOLDER.fullmatch(name) and Path(value).is_absolute() and Path(value).is_dir():
            yield value, f"${name}"
    if not sys.prefix.startswith("/usr"):
        yield sys.prefix, "$VIRTUAL_ENV"


def without_folders(value: Any) -> Any:
    """Return the value, an absolute path by its last name: where it lies is its owner's matter."""
    if isinstance(value, list):
        return [without_folders(each) for each in value]
    if isinstance(value, dict):
        return {name: without_folders(each) for name, each in value.items()}
    if isinstance(value, str) and Path(value).is_absolute():
        return Path(value).name
    return value


def without_paths(executed: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """Take this machine's paths out of what papermill wrote into the notebook."""
    for name in ("input_path", "output_path", "environment_variables"):
        executed.metadata.get("papermill", {}).pop(name, None)
    shown = {name: without_folders(value) for name, value in parameters.items()}
    executed.metadata.get("papermill", {}).get("parameters", {}).update(as_data(shown))
    if shown != dict(parameters):
        from notebook_press.running.translating import as_injected  # slow to import

        for cell in executed.cells:
            if is_injected(cell):
                cell.source = as_injected(executed, shown)
    return executed
