"""What JupyterLab shows of a notebook's cells, told without the press's own code."""

import base64
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from seen import FRONT_MATTER, MATHS, Piece, Seen, of_markdown

CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
OUTPUTS = {"outputs", "stdout", "stderr"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGETS = "application/vnd.jupyter.widget-state+json"
PLOTLY = r"application/vnd\.plotly\.v1\+json"
EXCUSE = re.compile("please rerun this cell|browser does not support|Loading BokehJS")
FINISHED = re.compile(r"\d+%\|")
UP = "\x1b[A"
PREFERRED = (
    r"application/vnd\.jupyter\.widget-view\+json",
    PLOTLY,
    r"application/vnd\.(?:vega|vegalite)\.v\d+\+json",
    *(r"text/html", r"text/markdown", r"text/latex", r"image/svg\+xml", r"image/.*"),
    *("application/pdf", "application/geo\\+json", "application/json"),
    *(r"(?:application|text)/javascript", r"text/plain", r"text/.*", r".*"),
)


@dataclass(frozen=True)
class Wanted:
    """One thing that is shown: its forms, that of JupyterLab first, and where they may stand.

    `place` is `here`, among what its cell gives, `above`, at the page's top, or `anywhere`.
    """

    forms: tuple[list[Piece], ...]
    place: str = "here"


class Lab:
    """JupyterLab, as far as a check needs it.

    Attributes:
        hidden: The texts that it has been found to hold and not to display.
    """

    def __init__(self, notebook: Mapping[str, Any], folder: Path | None) -> None:
        self.folder, self.hidden = folder, list[str]()
        self.states = within(notebook, "metadata", "widgets", WIDGETS, "state")
        noted = within(notebook, "metadata", "notebook_press")
        self.unseen = set() if noted.get("stderr") == "show" else {"stderr"}

    def shown(self, cell: Mapping[str, Any], is_first: bool) -> Iterator[Wanted]:
        """What a cell shows besides its code."""
        hidden = hidden_parts(cell.get("metadata", {})) | self.unseen
        if cell["cell_type"] != "code" and "source" not in hidden:
            yield from self.words(cell, is_first)
        for output in joined_streams(cell.get("outputs", ())):
            if (output.get("name") or "outputs") not in hidden:
                yield from self.output(output)

    def words(self, cell: Mapping[str, Any], is_first: bool) -> Iterator[Wanted]:
        """What a Markdown cell or a raw one says."""
        source, metadata = joined(cell["source"]), cell.get("metadata", {})
        source = FRONT_MATTER.sub("", source) if is_first else source
        form = metadata.get("raw_mimetype") or metadata.get("format") or "text/plain"
        if cell["cell_type"] == "markdown" or form == "text/markdown":
            pictures = {
                f"attachment:{unquote(name)}": content_of(*next(iter(bundle.items())))
                for name, bundle in cell.get("attachments", {}).items()
            }
            seen = self.noted(of_markdown(source, pictures))
            yield Wanted((seen.pieces,))
            yield from (Wanted(([note],), "anywhere") for note in seen.notes)
        elif form in ("text/html", "text/plain"):
            yield Wanted((self.html(source) if form == "text/html" else lines(source),))

    def output(self, output: Mapping[str, Any]) -> Iterator[Wanted]:
        """What an output shows, or tells the press to show."""
        told = within(output, "metadata", "notebook_press").get("kind", "")
        if output["output_type"] == "stream":
            yield Wanted((lines(joined(output["text"])),))
        elif output["output_type"] == "error":
            yield Wanted((lines(f"{output['ename']}: {output['evalue']}"),))
            yield Wanted((lines("\n".join(output["traceback"])),))
        elif told in ("answer", "notice"):
            said = self.markdown(joined(output["data"].get("text/markdown", "")))
            yield from (Wanted(([p],), "above") for p in said if p.kind == "text")
        elif told not in ("progress", "caption", "results") and not self.is_closed(output["data"]):
            yield Wanted((*self.forms(output["data"]), [Piece("missing")]))

    def is_closed(self, data: Mapping[str, Any]) -> bool:
        """Whether nothing is left of an output, as of a bar that went at its end."""
        known = within(data, WIDGET_VIEW).get("model_id") in self.states
        text = joined(data.get("text/plain", ""))
        bar = WIDGET_VIEW in data and not known and self.states and FINISHED.search(text)
        return not data or bool(bar)

    def forms(self, data: Mapping[str, Any]) -> Iterator[list[Piece]]:
        """The forms of an output, the one that JupyterLab shows first."""
        for place, (_, mime) in enumerate(sorted((rank(mime), mime) for mime in data)):
            is_lesser = place > 0 and mime == "text/plain"
            if mime == "text/html":
                yield with_formulas(self.html(joined(data[mime])))
            printed = [Piece("printed", CODES.sub("", joined(data[mime])))] if is_lesser else []
            yield [*printed, *self.form(mime, data[mime])]

    def form(self, mime: str, held: Any) -> list[Piece]:
        """What one type of an output shows."""
        if mime == WIDGET_VIEW:
            known = held.get("model_id") in self.states
            return self.widget(str(held.get("model_id"))) if known else [Piece("missing")]
        if re.fullmatch(PLOTLY, mime):
            return [Piece("chart", len(held.get("data", ())))]
        if re.fullmatch(r"application/(?!vnd\.)([\w.-]+\+)?json", mime):
            return [Piece("text", json.dumps(held, ensure_ascii=False, indent=2))]
        if mime.startswith("image/") or mime == "application/pdf":
            return [Piece("picture", content_of(mime, held))]
        if mime in ("application/javascript", "text/javascript"):
            return []
        if not mime.startswith("text/"):
            return [Piece("drawn")]
        readers = {"html": self.html, "markdown": self.markdown, "latex": self.latex}
        return readers.get(mime.removeprefix("text/"), lines)(joined(held))

    def markdown(self, source: str) -> list[Piece]:
        return self.noted(of_markdown(source)).pieces

    def latex(self, source: str) -> list[Piece]:
        return self.markdown(re.sub(r"\\([()\[\]])", r"\\\\\1", source))

    def html(self, source: str) -> list[Piece]:
        seen = self.noted(Seen(source))
        is_drawn = set(re.findall(r"[\w-]+", seen.scripts)) & seen.empty
        said = [p for p in seen.pieces if p.kind != "text" or not EXCUSE.search(p.value)]
        return [*said, *([Piece("drawn")] if is_drawn else [])]

    def noted(self, seen: Seen) -> Seen:
        """Note what is not displayed, and read the pictures that are named."""
        self.hidden += seen.hidden
        for place, piece in enumerate(seen.pieces):
            if piece.kind == "picture" and isinstance(piece.value, str):
                is_beside = self.folder and not re.match(r"\w+:|//", piece.value)
                path = self.folder / unquote(piece.value) if is_beside else None  # type: ignore[operator]
                content = path.read_bytes() if path and path.is_file() else piece.value.encode()
                seen.pieces[place] = Piece("picture", content)
        return seen

    def widget(self, name: str, depth: int = 0) -> list[Piece]:
        """What simple widgets say, and those in them."""
        model = self.states.get(name.removeprefix("IPY_MODEL_"), {})
        state, kind = model.get("state", {}), model.get("model_name", "")
        read = self.latex if "Math" in kind else self.html if "HTML" in kind else lines
        said = (state.get("description"), state.get("value"))
        is_said = "Image" not in kind and "Button" not in kind
        pieces = [p for text in said if is_said and isinstance(text, str) for p in read(text)]
        pieces = with_formulas(pieces) if kind == "LabelModel" else pieces
        for output in joined_streams(state.get("outputs", ())):
            if output["output_type"] != "stream":
                pieces += next(self.forms(output.get("data", {})), [])
            elif output["name"] not in self.unseen:
                pieces += lines(joined(output["text"]))
        titles = [*(state.get("titles") or ())]
        for place, child in enumerate(state.get("children", ()) if depth < 9 else ()):
            pieces += [Piece("text", title) for title in titles[place : place + 1]]
            pieces += self.widget(child, depth + 1)
        return pieces


def rank(mime: str) -> int:
    """How far behind others JupyterLab prefers a type."""
    return next(place for place, each in enumerate(PREFERRED) if re.fullmatch(each, mime))


def hidden_parts(metadata: Mapping[str, Any]) -> set[str]:
    """What somebody asked to hide of a cell, among its source and what it gives."""
    folded = within(metadata, "jupyter")
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
    """A text that may be held as a list of lines."""
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
    text = "".join(
        each for each in re.split(f"({CODES.pattern})", text) if each == UP or not CODES.match(each)
    )
    rows: list[list[str]] = [[]]
    row = column = 0
    for letter in re.findall(f"{re.escape(UP)}|.", text.replace("\r\n", "\n"), re.DOTALL):
        if letter in "\r\b":
            column = max(column - 1, 0) if letter == "\b" else 0
        elif letter == UP:
            row = max(row - 1, 0)
        elif letter == "\n":
            row, column = row + 1, 0
            rows += [[]] if row == len(rows) else []
        else:
            rows[row] += " " * (column - len(rows[row]))
            rows[row][column : column + 1] = letter
            column += 1
    return [Piece("text", "".join(each)) for each in rows]


def with_formulas(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces of HTML, whose text JupyterLab typesets too."""
    made: list[Piece] = []
    for piece in pieces:
        text = re.sub(r"\\([()\[\]])", r"\\\\\1", piece.value) if piece.kind == "text" else ""
        end = 0
        for found in MATHS.finditer(text):
            formula = next(filter(None, (found[n] for n in (1, 2, 3, 4, 6))), "")
            made += [Piece("text", text[end : found.start()]), Piece("formula", formula)]
            end = found.end()
        made.append(Piece("text", text[end:]) if end else piece)
    return made


def content_of(mime: str, held: Any) -> bytes:
    """The bytes of a picture; what is held instead, where it is none."""
    text = joined(held)
    if mime == "image/svg+xml" and "<svg" in text:
        return text.encode()
    try:
        return base64.b64decode("".join(text.split()) + "==")
    except ValueError:
        return text.encode()


def within(mapping: Any, *keys: str) -> Mapping[str, Any]:
    """What lies within a mapping below some keys; nothing where one of them is missing."""
    for key in keys:
        mapping = mapping.get(key) if isinstance(mapping, Mapping) else None
    return mapping if isinstance(mapping, Mapping) else {}
