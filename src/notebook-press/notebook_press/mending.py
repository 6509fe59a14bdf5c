"""What is wrong with a notebook's file and can be mended in one way only.

Programs that write notebooks leave such faults, and papermill and Jupyter read over them. What
could be meant in two ways is left as it is, for the reader of the file to refuse.
"""

import re
from collections.abc import Iterator
from typing import Any

FIRST_WITH_IDS = 5  # of the minor versions of format 4

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OF_ALL = {"id", "cell_type", "metadata", "source"}
_OF_A_KIND = {
    "code": _OF_ALL | {"outputs", "execution_count"},
    "markdown": _OF_ALL | {"attachments"},
    "raw": _OF_ALL | {"attachments"},
}
_OF_A_NOTEBOOK = {"metadata", "nbformat", "nbformat_minor", "cells"}


def mend(content: Any) -> list[str]:
    """Mend a notebook as JSON holds it, and return what was wrong, in words.

    Args:
        content: What a file held, which is changed; left alone where it is no notebook of format 4.
    """
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list) or content.get("nbformat") != 4:
        return []
    cells = [cell for cell in cells if isinstance(cell, dict)]
    found = []
    if "nbformat_minor" not in content:
        content["nbformat_minor"] = FIRST_WITH_IDS - (not all("id" in cell for cell in cells))
        found.append("a missing minor version")
    minor = content["nbformat_minor"]
    with_ids = isinstance(minor, int) and minor >= FIRST_WITH_IDS
    found += [*_mend_metadata(content), *_without(content, _OF_A_NOTEBOOK, "a notebook")]
    for cell in cells:
        kind = cell.get("cell_type")
        if isinstance(kind, str) and kind in _OF_A_KIND:
            found += _mend_cell(cell, kind, with_ids)
    return found + (_mend_ids(cells) if with_ids else [])


def _mend_metadata(content: dict[str, Any]) -> Iterator[str]:
    if content.get("metadata") is None:
        content["metadata"] = {}
        yield "missing metadata"
    metadata = content["metadata"]
    for name in ("kernelspec", "language_info") if isinstance(metadata, dict) else ():
        found = metadata.get(name, {"name": "", "display_name": ""})
        if found is None or (isinstance(found, dict) and not isinstance(found.get("name"), str)):
            del metadata[name]
            yield f"a {name} without a name"
        elif name == "kernelspec" and isinstance(found, dict) and "display_name" not in found:
            found["display_name"] = found["name"]
            yield "a kernelspec without a name for readers"


def _mend_cell(cell: dict[str, Any], kind: str, with_ids: bool) -> Iterator[str]:
    if cell.get("metadata") is None:
        cell["metadata"] = {}
        yield "missing metadata"
    tags = cell["metadata"].get("tags") if isinstance(cell["metadata"], dict) else None
    if isinstance(tags, list) and all(isinstance(tag, str) for tag in tags):
        cell["metadata"]["tags"] = list(dict.fromkeys(tags))
        if len(cell["metadata"]["tags"]) < len(tags):
            yield "tags that a cell has twice"
    if kind == "code" and ("execution_count" not in cell or cell.get("outputs") is None):
        cell["outputs"] = cell.get("outputs") or []
        cell.setdefault("execution_count", None)
        yield "missing outputs or numbers of code cells"
    known = _OF_A_KIND[kind] - (set() if with_ids else {"id"})
    yield from _without(cell, known, f"a {kind} cell")


def _without(part: dict[str, Any], known: set[str], what: str) -> Iterator[str]:
    for name in [name for name in part if name not in known]:
        del part[name]
        yield f"{name!r} of {what}" if name != "id" else "cell ids, which its format has not"


def _mend_ids(cells: list[dict[str, Any]]) -> list[str]:
    """Give each cell an id of its own, the same whenever the file is read."""
    faults = []
    taken = {str(cell.get("id")) for cell in cells}
    seen: set[str] = set()
    for position, cell in enumerate(cells):
        name = cell.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name) or name in seen:
            faults.append("a cell id that is missing, wrong or not its own")
            name = f"cell-{position}"
            while name in taken | seen:
                name += "-"
            cell["id"] = name
        seen.add(name)
    return faults
