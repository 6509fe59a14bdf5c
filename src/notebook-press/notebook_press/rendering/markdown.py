"""Every piece of Markdown on a page, made HTML, Typst or plain text by one call of pandoc.

Starting pandoc takes longer than its work, so all pieces travel together; each is still read on its
own, and what one leaves open ends with it. What was typeset for the page before is not typeset
again, where what comes before it leaves it its place.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from notebook_press.rendering.programs import Program, own_workplace

Target = Literal["html", "typst", "plain"]
Form = Literal["prose", "block", "inline", "title"]

PANDOC = Program(
    "pandoc",
    (
        str(files("pypandoc") / "files" / "pandoc"),
        "lua",
        str(Path(__file__).parent / "templates" / "markdown.lua"),
    ),
    60.0,
    "look for a very long or deeply nested Markdown cell, or for odd markup",
)
# What pandoc said of the pieces of the last page for each target. Some of them come again: a
# notebook's own cells, typeset while it runs, stand on its page too.
_typeset: dict[Target, dict[tuple[str, Form], Mapping[str, Any]]] = {}


@dataclass(frozen=True)
class Piece:
    """One piece of Markdown.

    `prose` has headings that belong to the page; in a `block` they are only bold; an `inline` piece
    has no paragraphs, and a `title` no links either. `images` maps each address that may be shown
    to its replacement.
    """

    markdown: str
    form: Form = "prose"
    images: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Heading:
    """A heading of the page: its level from 2, its anchor, its text plain and typeset."""

    level: int
    identifier: str
    plain: str
    source: str


@dataclass(frozen=True)
class Fragment:
    """A typeset piece for its target, its letters alone, and the headings in it."""

    source: str
    plain: str
    headings: tuple[Heading, ...]


def typeset(
    pieces: Sequence[Piece], target: Target, identifiers: Iterable[str] = ()
) -> list[Fragment]:
    """The pieces typeset, in their order; headings get anchors that are unique on the page.

    Args:
        pieces: The Markdown of one page, in reading order.
        target: What to make of it. The HTML still has to be sanitised.
        identifiers: Anchors that the page has besides its headings.

    Raises:
        RenderingError: pandoc failed.
    """
    if not pieces:
        return []
    before = _typeset.get(target, {})
    known = [None if p.images else before.get((p.markdown, p.form)) for p in pieces]
    request = {
        "target": target,
        "identifiers": list(identifiers),
        "pieces": [
            vars(piece) | ({"known": earlier["place"]} if earlier else {})
            for piece, earlier in zip(pieces, known, strict=True)
        ],
    }
    answers: list[Mapping[str, Any]] = [
        earlier if earlier and answer == "stands" else answer
        for answer, earlier in zip(json.loads(_run_pandoc(json.dumps(request))), known, strict=True)
    ]
    _typeset[target] = {
        (piece.markdown, piece.form): answer
        for piece, answer in zip(pieces, answers, strict=True)
        if answer["alone"] and not piece.images
    }
    return [
        Fragment(answer["source"], answer["plain"], tuple(Heading(**h) for h in answer["headings"]))
        for answer in answers
    ]


def _run_pandoc(request: str) -> str:
    with own_workplace("pandoc") as folder:  # where it is killed, it leaves a file
        return PANDOC.answer(request, folder, "the Markdown")
