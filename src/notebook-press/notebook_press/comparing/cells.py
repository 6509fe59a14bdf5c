"""What of two executed notebooks differs, cell by cell: code, prose, what was printed, figures."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import nh3
from nbformat import NotebookNode

from notebook_press.author import METADATA_KEY
from notebook_press.comparing.figures import FigureChange, Picture, figure_changes
from notebook_press.comparing.matching import matched, moved
from notebook_press.comparing.texts import Part, TextChange, text_change
from notebook_press.notebook import is_injected
from notebook_press.publishing.manifest import describe_content
from notebook_press.rendering.cells import joined
from notebook_press.rendering.images import IMAGE_TYPES
from notebook_press.rendering.outputs.bundle import Bundle, is_bare_object
from notebook_press.rendering.sanitising import plain, printable

_TOLD_ELSEWHERE = ("answer", "results", "progress")
_WIDGET = "application/vnd.jupyter.widget-"  # names of models, which are others in each run
LONGEST_MATCHED = 10_000  # characters of a cell by which it is found again
_COUNTED = re.compile(r"\d{1,5}")  # a name that some tools give: the cell's place in the notebook


@dataclass(frozen=True)
class Cell:
    """A cell as it is compared.

    Attributes:
        position: Its place in the notebook, from 1.
        name: The name that its notebook gives it, or None.
        part: `code` or `prose`.
        source: Its text.
        said: What it printed or displayed, as text; None if that is none.
        pictures: The pictures that it displayed, or that are attached to it.
    """

    position: int | None
    name: str | None
    part: Part
    source: str | None
    said: str | None
    pictures: tuple[Picture, ...]


_NOTHING = Cell(None, None, "prose", None, None, ())
"""What stands where the other notebook has a cell."""


def cell_changes(
    before: NotebookNode, after: NotebookNode
) -> tuple[list[TextChange], list[FigureChange], int]:
    """Return the texts and the figures that differ, and how many cells were moved."""
    old, new = list(_cells(before)), list(_cells(after))
    keys = (
        lambda cell: (cell.name, cell.part, cell.source),
        lambda cell: (cell.part, cell.source),
        lambda cell: cell.name,
    )
    pairs = matched(
        old, new, keys, lambda cell: frozenset((cell.source or "")[:LONGEST_MATCHED].split())
    )
    texts: list[TextChange | None] = []
    figures: list[FigureChange] = []
    for one, other in ((one or _NOTHING, other or _NOTHING) for one, other in pairs):
        places = (one.position, other.position)
        part = one.part if other is _NOTHING else other.part
        texts.append(text_change(part, one.source, other.source, places))
        texts.append(text_change("output", one.said, other.said, places))
        figures += figure_changes(one.pictures, other.pictures)
    stayed = [one.position for one, other in pairs if one and other and one.position]
    return [*filter(None, texts)], figures, moved(stayed)


def _cells(notebook: NotebookNode) -> Iterator[Cell]:
    """The cells that an author wrote, without empty ones."""
    for position, cell in enumerate(notebook.cells, start=1):
        source = joined(cell.source)
        if is_injected(cell) or not (source.strip() or cell.get("outputs")):
            continue
        name = cell.get("id")
        yield Cell(
            position=position,
            name=None if name is None or _COUNTED.fullmatch(name) else name,
            part="code" if cell.cell_type == "code" else "prose",
            source=source,
            said="\n".join(filter(None, map(_said, cell.get("outputs", ())))) or None,
            pictures=tuple(_pictures(cell, position)),
        )


def _details(output: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `author` says of an output; anyone may use its name."""
    details = output.get("metadata", {}).get(METADATA_KEY)
    return details if isinstance(details, Mapping) else {}


def _said(output: Mapping[str, Any]) -> str:
    """What an output says, as text; nothing for a picture and for what is compared elsewhere."""
    if output["output_type"] == "stream":
        return "" if output["name"] == "stderr" else plain(joined(output["text"]))
    if output["output_type"] == "error":
        return plain(f"{output['ename']}: {output['evalue']}")
    bundle = Bundle(output["data"])
    is_told = _details(output).get("kind") in _TOLD_ELSEWHERE
    if is_told or any(mime in bundle.data for mime in IMAGE_TYPES):
        return ""
    text = bundle.text("text/markdown") or bundle.text("text/latex")
    if not text and is_bare_object(bundle.text("text/plain") or "<x>"):
        text = html.unescape(nh3.clean(bundle.text("text/html"), tags=set()))
        text = "\n".join(filter(None, map(str.strip, text.splitlines())))
    text = text or bundle.text("text/plain")
    if text and not is_bare_object(text):
        return plain(text)
    return "\n".join(_named(mime, found) for mime, found in sorted(bundle.data.items()))


def _named(mime: str, content: object) -> str:
    """What stands for content that is no text: its type, and what tells it from other content."""
    if mime.startswith(_WIDGET) or mime == "text/plain":
        return ""
    digest = describe_content(json.dumps(content, sort_keys=True).encode()).sha256
    return f"({printable(mime)}, {digest[:12]})"


def _pictures(cell: NotebookNode, position: int) -> Iterator[Picture]:
    """The pictures that are attached to a cell, or that it displayed."""
    attached = [(found, name, name) for name, found in cell.get("attachments", {}).items()]
    for output in cell.get("outputs", ()):
        caption, alt = (str(_details(output).get(name) or "") for name in ("caption", "alt"))
        attached.append((output.get("data", {}), caption, alt))
    for data, caption, alt in attached:
        for mime in [mime for mime in IMAGE_TYPES if mime in data][:1]:
            title = printable(caption) or f"Picture of cell {position}"
            yield Picture(position, title, printable(alt) or title, mime, joined(data[mime]))
