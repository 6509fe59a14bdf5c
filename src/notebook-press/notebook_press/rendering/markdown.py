"""Every piece of Markdown on a page, made HTML, Typst or plain text by one call of pandoc.

Starting pandoc takes longer than its work, so all pieces travel together; each is still read on its
own, and what one leaves open ends with it.
"""

import functools
import importlib.resources
import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from notebook_press.errors import RenderingError, one_line
from notebook_press.rendering.programs import own_workplace, surroundings

Target = Literal["html", "typst", "plain"]
Form = Literal["prose", "block", "inline", "title"]
_SECONDS = 60.0


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
    request = {
        "target": target,
        "identifiers": list(identifiers),
        "pieces": [
            {"markdown": piece.markdown, "form": piece.form, "images": dict(piece.images)}
            for piece in pieces
        ],
    }
    return [_fragment(answer) for answer in json.loads(_run_pandoc(json.dumps(request)))]


def _fragment(answer: Mapping[str, Any]) -> Fragment:
    headings = tuple(Heading(**heading) for heading in answer["headings"])
    return Fragment(answer["source"], answer["plain"], headings)


def _run_pandoc(request: str) -> str:
    script = Path(__file__).parent / "templates" / "markdown.lua"
    try:
        done = _finished([_pandoc(), "lua", str(script)], request.encode())
    except subprocess.TimeoutExpired:
        raise RenderingError(
            f"expected pandoc to read the Markdown within {_SECONDS:.0f} s, found it still "
            "running; look for a very long or deeply nested Markdown cell"
        ) from None
    except FileNotFoundError as error:
        raise RenderingError(
            f"expected pandoc at {_pandoc()}, found: {error}; install pypandoc_binary again"
        ) from error
    if done.returncode != 0:
        cause = one_line(done.stderr.decode(errors="replace"))[:500]
        raise RenderingError(f"pandoc could not read the Markdown: {cause}; look for odd markup")
    return done.stdout.decode()


def _finished(command: list[str], text: bytes) -> subprocess.CompletedProcess[bytes]:
    with own_workplace("pandoc") as folder:  # where it is killed, it leaves a file
        return subprocess.run(  # noqa: S603  (our own binary and script; the text goes to stdin)
            command,
            input=text,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=surroundings(folder),
        )


@functools.cache
def _pandoc() -> str:
    """The path of the pandoc that pypandoc_binary brings, found without starting it."""
    return str(importlib.resources.files("pypandoc") / "files" / "pandoc")
