"""A check that a page has lost nothing of its notebook in silence, which knows nothing of the press.

All that it reads is the executed notebook and the finished page: what JupyterLab shows of each output
and of each piece of Markdown must stand on the page, in order, or a line that names it instead.
"""

import base64
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from seen import FRONT_MATTER, Piece, Seen, of_markdown

NEVER = re.compile(
    r"<[\w. ]+ at 0x[0-9a-fA-F]+>|please rerun this cell|browser does not support|Loading BokehJS"
    r"|\(shown in the HTML report\)",
    re.IGNORECASE,
)
SOUP = re.compile(r"</?(?:div|span|br|p|b|i|table|tr|td|font|center|img|sub|sup|details)\b[^<>]*>")
TEX = re.compile(r"\\begin\{|\$\$|\\\\[(\[]")
ADDRESS = re.compile(r"(?: object)? at 0x[0-9a-fA-F]+|(?<=[\w.]) object(?=>)")
NOT_SEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
OUTPUTS = {"outputs", "stdout", "stderr"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGETS = "application/vnd.jupyter.widget-state+json"
PLOTLY = r"application/vnd\.plotly\.v1\+json"
PREFERRED = (
    r"application/vnd\.jupyter\.widget-view\+json",
    PLOTLY,
    r"application/vnd\.(?:vega|vegalite)\.v\d+\+json",
    *(r"text/html", r"text/markdown", r"text/latex", r"image/svg\+xml", r"image/.*"),
    *("application/pdf", "application/geo\\+json", "application/json"),
    *(r"(?:application|text)/javascript", r"text/plain", r"text/.*", r".*"),
)


def silent_losses(
    notebook: Mapping[str, Any], page: str, folder: Path | None = None
) -> list[str]:
    """What of a notebook neither stands on its page nor is named there, and what may stand on none.

    Args:
        notebook: The executed notebook, as nbformat or `json` read it.
        page: The HTML of its page.
        folder: The folder of the pictures that the notebook names.
    """
    return _Check(notebook, page, folder).faults()


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
        """Go past these pieces in order; the first that is not there, and then stay where it was."""
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
        if self._take(lambda other: _alike(piece, other)):
            return True
        if piece.kind == "formula" and self._go_to(squeezed(piece.value)):
            return True  # in a box, as it was written
        return self._take(lambda other: other.kind in ("missing", piece.kind if piece.kind == "formula" else ""))

    def _go_to(self, text: str) -> bool:
        place = self.text.find(text, self.cursor)
        self.cursor = place + len(text) if place >= 0 else self.cursor
        return place >= 0

    def _take(self, fits: Callable[[Piece], bool]) -> bool:
        for entry in self.others:
            if entry[0] >= self.cursor and fits(entry[1]):
                self.cursor = entry[0]
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
    if wanted.kind == "formula":
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
        self.notebook, self.folder = notebook, folder
        main = page[page.index("<main") : page.index("</main>")]
        self.seen = Seen(main, is_page=True)
        head, _, body = main.partition("</header>")
        self.opening = _text_of(Seen(head, is_page=True))
        title = [_text_of(Seen(head.partition("</h1>")[0], is_page=True))]
        self.parts = [_Part("", title)]
        for piece in Seen(body, is_page=True).pieces:
            if piece.kind == "listing":
                self.parts.append(_Part(piece.value, title))
            else:
                self.parts[-1].add(piece)
        self.text = "".join(part.text for part in self.parts) + squeezed(page[page.index("</main>") :])
        self.number = self.at = 0
        self.said: list[str] = []
        self.expected: set[str] = set()
        self.hidden: list[str] = []
        self.states = _within(notebook, "metadata", "widgets", WIDGETS, "state")

    def faults(self) -> list[str]:
        shows_stderr = _within(self.notebook, "metadata", "notebook_press").get("stderr") == "show"
        for self.number, cell in enumerate(self.notebook["cells"], start=1):
            hidden = hidden_parts(cell.get("metadata", {})) | (set() if shows_stderr else {"stderr"})
            if cell["cell_type"] != "code" and "source" not in hidden:
                self.words(cell)
            elif cell["cell_type"] == "code":
                self.source(joined(cell["source"]), hidden)
                for output in joined_streams(cell.get("outputs", ())):
                    self.output(output, hidden)
        return [*self.said, *self.unfit()]

    def lost(self, piece: Piece) -> None:
        value = piece.value[:80] if isinstance(piece.value, str | bytes) else piece.value
        self.said.append(f"cell {self.number}: {piece.kind} {value!r}")

    def source(self, source: str, hidden: set[str]) -> None:
        if "source" in hidden or not squeezed(source):
            return
        if [part.listing for part in self.parts[self.at + 1 : self.at + 2]] == [squeezed(source)]:
            self.at += 1
        else:
            self.lost(Piece("listing", source))

    def words(self, cell: Mapping[str, Any]) -> None:
        """Look for what a Markdown cell or a raw one says."""
        source, metadata = joined(cell["source"]), cell.get("metadata", {})
        source = FRONT_MATTER.sub("", source) if self.number == 1 else source
        form = metadata.get("raw_mimetype") or metadata.get("format") or "text/plain"
        if cell["cell_type"] == "markdown" or form == "text/markdown":
            self.find(self.markdown(source, cell.get("attachments", {})))
        elif form in ("text/html", "text/plain"):
            self.find(self.html(source) if form == "text/html" else lines(source))

    def markdown(self, source: str, attached: Mapping[str, Any] | None = None) -> list[Piece]:
        bundles = (attached or {}).items()
        pictures = {f"attachment:{unquote(name)}": _bytes(*next(iter(bundle.items()))) for name, bundle in bundles}
        seen = self.noted(of_markdown(source, pictures))
        for note in seen.notes:
            if squeezed(note.value) not in self.text:
                self.lost(note)
        return seen.pieces

    def latex(self, source: str) -> list[Piece]:
        return self.markdown(re.sub(r"\\([()\[\]])", r"\\\\\1", source))

    def html(self, source: str) -> list[Piece]:
        seen = self.noted(Seen(source))
        is_drawn = set(re.findall(r"[\w-]+", seen.scripts)) & (seen.ids - {""})
        return [*seen.pieces, *([Piece("drawn")] if is_drawn else [])]

    def noted(self, seen: Seen) -> Seen:
        """Note what is not displayed, and read the pictures that are named."""
        self.hidden += seen.hidden
        for place, piece in enumerate(seen.pieces):
            if piece.kind == "picture" and isinstance(piece.value, str):
                is_here = self.folder and not re.match(r"\w+:|//", piece.value)
                path = self.folder / unquote(piece.value) if is_here else None
                named = piece.value.encode()
                seen.pieces[place] = Piece("picture", path.read_bytes() if path and path.is_file() else named)
        return seen

    def find(self, *faces: list[Piece]) -> None:
        """Look for something in the first of its forms, or in any other."""
        missed = []
        for face in faces:
            pieces = [p for p in face if p.kind != "text" or squeezed(p.value)]
            self.expected.update(squeezed(p.value) for p in pieces if p.kind == "text")
            if (piece := self.parts[self.at].find(pieces)) is None:
                return
            missed.append(piece)
        self.lost(missed[0])

    def output(self, output: Mapping[str, Any], hidden: set[str]) -> None:
        kind = output["output_type"]
        told = _within(output, "metadata", "notebook_press").get("kind", "")
        if (output.get("name") or "outputs") in hidden or told in ("progress", "caption", "results"):
            return
        if kind == "stream":
            self.find(lines(joined(output["text"])))
        elif kind == "error":
            self.find(lines(f"{output['ename']}: {output['evalue']}"))
            self.find(lines("\n".join(output["traceback"])))
        elif told in ("answer", "notice"):
            said = self.markdown(joined(output["data"].get("text/markdown", "")))
            lost = (p for p in said if p.kind == "text" and squeezed(p.value) not in self.opening)
            for piece in lost:
                self.lost(piece)
        else:
            self.find(*self.faces(output["data"]), [Piece("missing")])

    def faces(self, data: Mapping[str, Any]) -> Iterator[list[Piece]]:
        """The forms of an output, the one that JupyterLab shows first."""
        for _, mime in sorted((rank(mime), mime) for mime in data):
            yield self.face(mime, data[mime])

    def face(self, mime: str, held: Any) -> list[Piece]:
        if mime == WIDGET_VIEW:
            known = held.get("model_id") in self.states
            return self.widget(str(held.get("model_id"))) if known else [Piece("missing")]
        if re.fullmatch(PLOTLY, mime):
            return [Piece("chart", len(held.get("data", ())))]
        if mime == "text/html":
            return self.html(joined(held))
        if mime in ("text/markdown", "text/latex"):
            return (self.latex if mime == "text/latex" else self.markdown)(joined(held))
        if mime.startswith("image/") or mime == "application/pdf":
            return [Piece("picture", _bytes(mime, held))]
        if mime in ("application/json", "application/geo+json"):
            return [Piece("text", json.dumps(held, ensure_ascii=False, indent=2))]
        if mime.startswith("text/"):
            return [] if mime == "text/javascript" else lines(joined(held))
        return [] if mime == "application/javascript" else [Piece("drawn")]

    def widget(self, name: str, depth: int = 0) -> list[Piece]:
        """What simple widgets say, and those in them."""
        model = self.states.get(name.removeprefix("IPY_MODEL_"), {})
        state, kind, pieces = model.get("state", {}), model.get("model_name", ""), []
        for text in (state.get("description"), state.get("value")):
            if isinstance(text, str) and "Image" not in kind and "Button" not in kind:
                read = self.latex if "Math" in kind else self.html if "HTML" in kind else lines
                pieces += read(text)
        for output in joined_streams(state.get("outputs", ())):
            if output["output_type"] == "stream":
                pieces += lines(joined(output["text"])) if output["name"] == "stdout" else []
            else:
                pieces += next(self.faces(output.get("data", {})), [])
        for child in state.get("children", ()) if depth < 9 else ():
            pieces += self.widget(child, depth + 1)
        return pieces

    def unfit(self) -> Iterator[str]:
        """What may stand on no page."""
        known = "\n".join(self.expected)
        visible = "\n".join(p.value for p in self.seen.pieces if p.kind == "text")
        found = [each[0] for each in NEVER.finditer(visible)]
        found += [each[0] for check in (SOUP, TEX) for each in check.finditer(self.seen.prose)]
        for text in dict.fromkeys(found):
            if NEVER.fullmatch(text) or squeezed(text) not in known:
                yield f"on the page: {text[:80]!r}"
        for text in filter(lambda text: len(squeezed(text)) > 12, dict.fromkeys(self.hidden)):
            if squeezed(text) in self.text and squeezed(text) not in known:
                yield f"on the page, though it is not displayed: {text.strip()[:80]!r}"


def _text_of(seen: Seen) -> str:
    return squeezed("".join(p.value for p in seen.pieces if p.kind in ("text", "formula")))


def rank(mime: str) -> int:
    """How far behind others JupyterLab prefers a type."""
    return next(place for place, each in enumerate(PREFERRED) if re.fullmatch(each, mime))


def hidden_parts(metadata: Mapping[str, Any]) -> set[str]:
    """What somebody asked to hide of a cell, among its source and what it gives."""
    folded = _within(metadata, "jupyter")
    hidden = {"source"} if folded.get("source_hidden") else set()
    hidden |= OUTPUTS if folded.get("outputs_hidden", metadata.get("collapsed")) is True else set()
    for tag in metadata.get("tags", ()):
        verb, _, part = str(tag).replace("_", "-").partition("-")
        if verb in ("hide", "remove"):
            hidden |= {"source"} if part in ("cell", "input") else set()
            hidden |= OUTPUTS if part in ("cell", "output", "outputs", "all-outputs") else set()
            hidden |= {part} & OUTPUTS
    return hidden


def joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(map(str, text))


def joined_streams(outputs: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The outputs, where what is printed to one stream in a row is one."""
    for name, alike in itertools.groupby(outputs, lambda output: output.get("name", "")):
        if name:
            text = "".join(joined(output["text"]) for output in alike)
            yield {"output_type": "stream", "name": name, "text": text}
        else:
            yield from alike


def lines(text: str) -> list[Piece]:
    """The lines of a text as a terminal leaves them."""
    return [Piece("text", _left(line)) for line in CODES.sub("", text).replace("\r\n", "\n").split("\n")]


def _left(line: str) -> str:
    """What is left of a line in which the cursor goes back."""
    letters: list[str] = []
    place = 0
    for letter in line if re.search("[\b\r]", line) else "":
        if letter in "\b\r":
            place = max(place - 1, 0) if letter == "\b" else 0
        else:
            letters[place : place + 1] = letter
            place += 1
    return "".join(letters) or line.strip("\b\r")


def _bytes(mime: str, held: Any) -> bytes:
    text = joined(held)
    if mime == "image/svg+xml" and "<svg" in text:
        return text.encode()
    try:
        return base64.b64decode("".join(text.split()) + "==")
    except ValueError:
        return text.encode()


def _within(mapping: Any, *keys: str) -> Mapping[str, Any]:
    """What lies within a mapping below some keys; nothing where one of them is missing."""
    for key in keys:
        mapping = mapping.get(key) if isinstance(mapping, Mapping) else None
    return mapping if isinstance(mapping, Mapping) else {}


def lost_on_paper(notebook: Mapping[str, Any], text: str) -> list[str]:
    """The cells of which a PDF's text lacks more than a few words; looser than the page's.

    Lines are broken and words hyphenated on paper, so that only words are looked for, in any order.
    """
    check = _Check(notebook, "<main></header></main>", None)
    letters = squeezed(text).replace("-", "")
    for check.number, cell in enumerate(notebook["cells"], start=1):
        hidden = hidden_parts(cell.get("metadata", {}))
        found: list[Piece] = []
        check.find = lambda *faces: found.extend(faces[0] if faces else [])  # type: ignore
        if cell["cell_type"] == "markdown" and "source" not in hidden:
            check.words(cell)
        for output in joined_streams(cell.get("outputs", ())):
            check.output(output, {*hidden, "stderr"})
        words = re.findall(r"[^\W\d_]{5,}", "\n".join(p.value for p in found if p.kind == "text"))
        missing = [word for word in words if word not in letters]
        if len(missing) > len(words) / 50:
            check.said.append(f"cell {check.number}, on paper: {' '.join(missing[:8])}")
    return check.said
