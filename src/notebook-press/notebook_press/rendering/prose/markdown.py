"""Every piece of Markdown on a page, made HTML by one call of pandoc; and HTML made Typst or text.

Starting pandoc takes longer than its work, so all pieces travel together; each is still read on its
own, and what one leaves open ends with it. What was typeset for the page before is not typeset
again.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from notebook_press.rendering.page import Fragment, Heading
from notebook_press.rendering.programs import Program, own_workplace
from notebook_press.rendering.prose.dialect import for_pandoc, notes_apart
from notebook_press.rendering.prose.maths import Formula, Formulas

Target = Literal["html", "typst", "plain"]
Form = Literal["prose", "block", "inline", "title", "html", "note"]

PREFIX = "report-"
"""How the anchors begin that a page has besides those of its authors."""

TOP = f"{PREFIX}top"
"""The anchor of a page's title."""


def _pandoc(script: str) -> Program:
    return Program(
        "pandoc",
        (
            str(files("pypandoc") / "files" / "pandoc"),
            "lua",
            str(Path(__file__).parents[1] / "templates" / script),
        ),
        60.0,
        "look for a very long or deeply nested Markdown cell, or for odd markup",
    )


PANDOC, PAPER = _pandoc("markdown.lua"), _pandoc("paper.lua")
# Of the last page for each target, what pandoc made of each piece: a notebook's own cells, typeset
# while it runs, stand on its page too.
_typeset: dict[Target, dict[tuple[str, Form], Fragment]] = {}


_SUMMARY = re.compile(r"<summary\b([^<>]*)>")
_SIDED = re.compile(r'<p\b([^<>]*? style="[^"]*text-align[^<>]*)>(.*?)</p>', re.DOTALL)
_ANCHORED = re.compile(r'<(?:p|t[dh]|d[dt])\b[^<>]*? id="([^"]*)"[^<>]*>')  # which pandoc drops


@dataclass(frozen=True)
class Piece:
    """One piece of Markdown, or of sanitised HTML.

    `prose` has headings that belong to the page; in a `block` they are only bold; an `inline` piece
    has no paragraphs, and a `title` no links either; `html` stays as it is. `formulas` are those
    that stand where the text has their marks, `notes` the places of its footnotes, by their names,
    which are pieces themselves.
    """

    text: str
    form: Form = "prose"
    formulas: Sequence[Formula] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Typeset:
    """Pieces of Markdown as HTML, which still has to be sanitised.

    `title` is the heading of the first level that opens them, where one does, `title_markdown` the
    same as it was written, and `opening` the place of the piece that it was taken out of.
    """

    pieces: tuple[Fragment, ...]
    title: Fragment | None = None
    title_markdown: str = ""
    opening: int = -1


def _with_notes(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, and after them the footnotes that their prose refers to."""
    made, notes = list(pieces), dict[str, int]()
    prose = [place for place, piece in enumerate(pieces) if piece.form == "prose"]
    apart = notes_apart([pieces[place].text for place in prose])
    for place, (text, named) in zip(prose, apart, strict=True):
        for note in named.values():
            if note not in notes:
                notes[note] = len(made)
                made.append(Piece(note, "note"))
        own = {name: notes[note] for name, note in named.items()}
        made[place] = replace(pieces[place], text=text, notes=own)
    return made


def _with_formulas(pieces: Sequence[Piece]) -> tuple[list[Piece], Sequence[str]]:
    """The pieces with their formulas, and the anchors of those; of HTML what has any, or links."""
    formulas = Formulas(PREFIX, (piece.text for piece in pieces))
    found = [
        formulas.in_html(piece.text) if piece.form == "html" else formulas.in_markdown(piece.text)
        for piece in pieces
    ]
    made = [
        replace(
            piece,
            text=text if own or piece.form != "html" or 'href="#' in text else "",
            formulas=tuple(formulas.resolved(own)),
        )
        for piece, (text, own) in zip(pieces, found, strict=True)
    ]
    return made, formulas.equations.anchors


def to_html(pieces: Sequence[Piece], identifiers: Iterable[str] = ()) -> Typeset:
    """The pieces typeset, in their order; headings get anchors that are unique on the page.

    Of sanitised HTML, only what has formulas or links within the page is; after the pieces come
    the footnotes in them.

    Args:
        pieces: The Markdown of one page, in reading order.
        identifiers: Anchors that the page has besides those of its authors.

    Raises:
        RenderingError: pandoc failed.
    """
    pieces, equations = _with_formulas(_with_notes(pieces))
    if not any(piece.text for piece in pieces):
        return Typeset(tuple(Fragment("", "") for _ in pieces))
    asked = [
        {
            "markdown": for_pandoc(each.text) if each.form != "html" else each.text,
            "form": each.form,
            "notes": {name: place + 1 for name, place in each.notes.items()},
            "formulas": [asdict(formula) for formula in each.formulas],
        }
        for each in pieces
    ]
    request = {
        "top": TOP,
        "prefix": PREFIX,
        "identifiers": [*identifiers, *equations],
        "pieces": asked,
    }
    answer = _answer(PANDOC, request)
    title = answer["title"]
    return Typeset(
        tuple(map(_fragment, answer["pieces"])),
        _fragment(title) if title else None,
        title["markdown"] if title else "",
        title["piece"] - 1 if title else -1,
    )


def from_html(pieces: Sequence[Piece], target: Target) -> list[Fragment]:
    """Sanitised HTML made Typst or plain text; a picture's address is what it is found by.

    Raises:
        RenderingError: pandoc failed.
    """
    known = _typeset.get(target, {})
    wanted = dict.fromkeys((piece.text, piece.form) for piece in pieces)
    missing = [each for each in wanted if each[0] and each not in known]
    made = {each: known[each] for each in wanted if each in known}
    if missing:
        asked = [{"html": _opened(html), "form": form} for html, form in missing]
        answers = _answer(PAPER, {"target": target, "pieces": asked})
        made |= dict(zip(missing, map(_fragment, answers), strict=True))
    _typeset[target] = made
    return [made.get((piece.text, piece.form), Fragment("", "")) for piece in pieces]


def _opened(html: str) -> str:
    """The HTML with what is folded away on a page opened, its summary above it."""
    html = _SUMMARY.sub(r"<div\1><strong>", html).replace("</summary>", "</strong></div>")
    html = html.replace("<details", "<div").replace("</details>", "</div>")
    html = _SIDED.sub(r"<div\1><p>\2</p></div>", html)
    return _ANCHORED.sub(r'\g<0><span id="\1"></span>', html)


def _fragment(answer: dict[str, Any]) -> Fragment:
    headings = tuple(Heading(**heading) for heading in answer["headings"])
    lost = tuple((each["what"], each["note"]) for each in answer.get("lost", ()))
    return Fragment(answer["source"], answer["plain"], headings, lost)


def _answer(program: Program, request: Any) -> Any:
    with own_workplace("pandoc") as folder:  # where it is killed, it leaves a file
        return json.loads(program.answer(json.dumps(request), folder, "the Markdown"))
