"""A check that a page has lost nothing of its notebook in silence; it knows nothing of the press.

All that it reads is the executed notebook and the finished page: what JupyterLab shows of each
output and of each piece of Markdown must stand on the page, in order, or a line that names it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab import Lab, Wanted, hidden_parts, joined
from seen import Piece, Seen

NEVER = re.compile(
    r"<[\w. ]+ at 0x[0-9a-fA-F]+>|please rerun this cell|browser does not support|Loading BokehJS"
    r"|\(shown in the HTML report\)",
    re.IGNORECASE,
)
SOUP = re.compile(r"</?(?:div|span|br|p|b|i|table|tr|td|font|center|img|sub|sup|details)\b[^<>]*>")
TEX = re.compile(r"\\begin\{|\$\$|\\\\[(\[]")
ADDRESS = re.compile(r"(?: object)? at 0x[0-9a-fA-F]+|(?<=[\w.]) object(?=>)")
NOT_SEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


def silent_losses(notebook: Mapping[str, Any], page: str, folder: Path | None = None) -> list[str]:
    """What of a notebook neither stands on its page nor is named there, and what may stand on none.

    Args:
        notebook: The executed notebook, as nbformat or `json` read it.
        page: The HTML of its page.
        folder: The folder of the pictures that the notebook names.
    """
    check = _Check(notebook, page, folder)
    return [*check.losses(), *check.unfit()]


def squeezed(text: str) -> str:
    """A text without blanks, unseen letters and places in memory, which pages may change."""
    return NOT_SEEN.sub("", ADDRESS.sub("", text))


class _Part:
    """What stands on a page between two listings: its text, and all else by its place in that."""

    def __init__(self, listing: str, title: list[str]) -> None:
        self.listing, self.title = squeezed(listing), title
        self.text, self.cursor = "", 0
        self.others: list[tuple[int, Piece]] = []

    def add(self, piece: Piece) -> None:
        if piece.kind == "text":
            self.text += squeezed(piece.value)
        else:
            self.others.append((len(self.text), piece))

    def find(self, pieces: Sequence[Piece]) -> Piece | None:
        """Go past these pieces in order; the first that is missing, and then stay."""
        before = self.cursor, list(self.others)
        for piece in pieces:
            if not self._find(piece):
                self.cursor, self.others = before
                return piece
        return None

    def _find(self, piece: Piece) -> bool:
        if piece.kind == "text":
            text = squeezed(piece.value)
            if self.title[0].startswith(text):  # which stands above all else
                self.title[0] = self.title[0].removeprefix(text)
                return True
            return self._go_to(text)
        if piece.kind in ("chart", "drawn", "missing"):  # whatever comes first
            return self._take(lambda other: other.kind == "missing" or _alike(piece, other))
        if self._take(lambda other: _alike(piece, other)):
            return True
        if piece.kind == "formula" and self._go_to(squeezed(piece.value)):
            return True  # in a box, as it was written
        instead = {"formula": ("formula", "missing"), "printed": ()}.get(piece.kind, ("missing",))
        return self._take(lambda other: other.kind in instead)

    def _go_to(self, text: str) -> bool:
        place = self.text.find(text, self.cursor)
        self.cursor = place + len(text) if place >= 0 else self.cursor
        return place >= 0

    def _take(self, fits: Callable[[Piece], bool]) -> bool:
        for entry in self.others:
            if entry[0] >= self.cursor and fits(entry[1]):
                self.cursor = entry[0]
                if entry[1].kind != "printed":  # which may hold the text of several
                    self.others.remove(entry)
                return True
        return False


def _alike(wanted: Piece, found: Piece) -> bool:
    """Whether a piece on the page is what is wanted."""
    if wanted.kind in ("chart", "drawn") and found.kind == "picture":
        return True
    if wanted.kind in ("drawn", "missing") or found.kind != wanted.kind:
        return wanted.kind == "drawn" and found.kind == "chart"
    if wanted.kind == "chart":
        return len(json.loads(found.value)["data"]) == wanted.value
    if wanted.kind in ("formula", "printed"):
        return squeezed(wanted.value) in squeezed(found.value)
    if b"<svg" in wanted.value[:2000]:
        return _drawn(wanted.value) == _drawn(found.value)
    is_converted = wanted.value.startswith((b"BM", b"%PDF"))
    return wanted.value == found.value or is_converted


def _drawn(svg: bytes) -> list[int]:
    """How much of each kind a drawing holds."""
    return [len(re.findall(rb"<%s\b" % tag, svg)) for tag in (b"path", b"rect", b"text", b"circle")]


class _Check:
    """Walks through the cells, and looks for what they show on the page."""

    def __init__(self, notebook: Mapping[str, Any], page: str, folder: Path | None) -> None:
        self.notebook, self.lab = notebook, Lab(notebook, folder)
        head, _, body = page[page.index("<main") : page.index("</main>")].partition("</header>")
        self.opening = _text_of(head)
        title = [_text_of(head.partition("</h1>")[0])]
        self.seen = Seen(body, is_page=True)
        self.parts, self.at = [_Part("", title)], 0
        for piece in self.seen.pieces:
            if piece.kind == "listing":
                self.parts.append(_Part(piece.value, title))
            else:
                self.parts[-1].add(piece)
        self.text = "".join(part.text for part in self.parts)
        self.known: set[str] = set()

    def losses(self) -> Iterator[str]:
        """What is on the page neither by itself nor by a line that names it."""
        for number, cell in enumerate(self.notebook["cells"], start=1):
            wanted = self.lab.shown(cell, number == 1)
            for piece in (*self.source(cell), *filter(None, map(self.lost, wanted))):
                value = piece.value[:80] if isinstance(piece.value, str | bytes) else piece.value
                yield f"cell {number}: {piece.kind} {value!r}"

    def source(self, cell: Mapping[str, Any]) -> Iterator[Piece]:
        """Go on to the part of the page that begins with a cell's code."""
        source = joined(cell["source"]) if cell["cell_type"] == "code" else ""
        if not squeezed(source) or "source" in hidden_parts(cell.get("metadata", {})):
            return
        if [part.listing for part in self.parts[self.at + 1 : self.at + 2]] == [squeezed(source)]:
            self.at += 1
        else:
            yield Piece("listing", source)

    def lost(self, wanted: Wanted) -> Piece | None:
        """The first piece that is missing of something, if no form of it is on the page."""
        missed = []
        for form in wanted.forms:
            pieces = [p for p in form if p.kind != "text" or squeezed(p.value)]
            self.known.update(squeezed(p.value) for p in pieces if p.kind == "text")
            if wanted.place == "here":
                piece = self.parts[self.at].find(pieces)
            else:
                text = self.opening if wanted.place == "above" else self.text
                piece = next((p for p in pieces if squeezed(p.value) not in text), None)
            if piece is None:
                return None
            missed.append(piece)
        return missed[0]

    def unfit(self) -> Iterator[str]:
        """What may stand on no page."""
        known = "\n".join(self.known)
        visible = "\n".join(p.value for p in self.seen.pieces if p.kind == "text")
        found = [each[0] for each in NEVER.finditer(visible)]
        found += [each[0] for check in (SOUP, TEX) for each in check.finditer(self.seen.prose)]
        for text in dict.fromkeys(found):
            if NEVER.fullmatch(text) or squeezed(text) not in known:
                yield f"on the page: {text[:80]!r}"
        for text in filter(lambda text: len(squeezed(text)) > 12, dict.fromkeys(self.lab.hidden)):
            if squeezed(text) in self.text and squeezed(text) not in known:
                yield f"on the page, though it is not displayed: {text.strip()[:80]!r}"


def _text_of(html: str) -> str:
    pieces = Seen(html, is_page=True).pieces
    return squeezed("".join(p.value for p in pieces if p.kind in ("text", "formula")))


def lost_on_paper(notebook: Mapping[str, Any], text: str) -> list[str]:
    """The cells of which a PDF's text lacks more than a few words; looser than the page's check.

    Lines are broken and words hyphenated on paper, so that only words are looked for, in any order.
    """
    lab, letters = Lab(notebook, None), squeezed(text).replace("-", "")
    losses = []
    for number, cell in enumerate(notebook["cells"], start=1):
        pieces = [p for wanted in lab.shown(cell, number == 1) for p in wanted.forms[0]]
        said = "\n".join(p.value for p in pieces if p.kind == "text")
        words = re.findall(r"[^\W\d_]{5,}", ADDRESS.sub("", said))
        missing = [word for word in words if word not in letters]
        if len(missing) > len(words) / 50:
            losses.append(f"cell {number}, on paper: {' '.join(missing[:8])}")
    return losses
