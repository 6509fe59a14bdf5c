"""What is to be seen in HTML, in Markdown and in outputs, told without the press's own code."""

import base64
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from markdown_it import MarkdownIt


class Piece(NamedTuple):
    """One thing to be seen.

    `kind` is `text`, `picture` (its bytes, or what names it), `formula` (its TeX), `chart` (its
    JSON, or how many traces it has), `drawn` (what a script, a plug-in or another page would show
    there), `listing` (code that can be unfolded), `printed` (all text of the box that it opens) or
    `missing` (a line that names something not shown).
    """

    kind: str
    value: Any = ""


VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"}
VOID |= {"source", "track", "wbr"}
CLOSED_BY_ITSELF = {"p", "li", "td", "th", "tr", "dt", "dd", "option"}
UNSEEN = {"script", "style", "title", "head", "template", "noscript", "nav", "select", "datalist"}
DRAWN = {"iframe", "video", "audio", "object", "embed", "canvas", "frame", "applet"}
ADDED = {"skip", "section", "count", "tools"}  # classes of what a page adds to a notebook
HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
HIDING_RULE = re.compile(r"([^{}]+)\{[^{}]*display\s*:\s*none", re.IGNORECASE)


class Seen(HTMLParser):
    """The pieces that a browser shows of HTML, in order.

    Attributes:
        pieces: The pieces.
        hidden: The texts that are there and not displayed.
        scripts: The scripts, together.
        prose: The text that stands neither in code nor in a listing, a line for each piece.
        notes: What footnotes say, wherever they stand.
        empty: The names of elements in which there is nothing to be seen.
        coded: The places of the pieces that are code.
    """

    def __init__(
        self, html: str, pictures: Mapping[str, bytes] | None = None, is_page: bool = False
    ) -> None:
        super().__init__()
        self.pieces: list[Piece] = []
        self.hidden: list[str] = []
        self.scripts = self.prose = ""
        self.empty: set[str] = set()
        self.coded: set[int] = set()
        self.pictures, self.is_page = pictures or {}, is_page
        self.notes: list[Piece] = []
        self._open: list[tuple[str, str]] = []
        self._begun: list[tuple[str, int]] = []
        self._drawing = self._held = ""
        self._opened = 0
        styles = re.findall(r"<style[^>]*>([^<]*)", html, re.IGNORECASE)
        rules = ",".join(HIDING_RULE.findall("".join(styles)))
        self._hiding = set(re.findall(r"(?:^|,)\s*[.#]([\w-]+)\s*(?=,|$)", rules))
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if self._open and self._open[-1][0] == tag in CLOSED_BY_ITSELF:
            self._open.pop()
            self._begun.pop()
        if self._drawing:
            self._drawing += self.get_starttag_text() or ""
        elif not self._is_within("unseen"):
            if tag in ("img", "image"):
                self._picture(given)
            elif tag in DRAWN and not self._is_within("drawn"):
                self.pieces.append(Piece("drawn", given.get("src", "")))
            elif tag == "svg":
                self._drawing = self.get_starttag_text() or ""
        if tag not in VOID:
            self._begun.append((given.get("id", ""), len(self.pieces)))
            self._open.append((tag, self._mode(tag, given)))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID and self._drawing:
            self.handle_endtag(tag)

    def _mode(self, tag: str, given: Mapping[str, str]) -> str:
        classes = set(given.get("class", "").split())
        if tag == "script" and "json" in given.get("type", ""):
            return "data"
        if tag in UNSEEN or tag in DRAWN:
            return "drawn" if tag in DRAWN else tag
        if self.is_page and classes & ADDED:
            return "unseen"
        if "hidden" in given or HIDING.search(given.get("style", "")) or tag == "button":
            return "unseen"
        if self._hiding & (classes | {given.get("id", "")}):
            return "unseen"
        if "not-shown" in classes:
            return "missing"
        if self.is_page and "printed" in classes:
            self._opened = len(self.pieces)
            return "printed"
        if tag == "details" and "code" in classes:
            return "listing"
        return {"annotation": "formula", "math": "maths", "pre": "code", "code": "code"}.get(
            tag, ""
        )

    def _is_within(self, *modes: str) -> bool:
        return any(mode in modes or mode in UNSEEN for _, mode in self._open)

    def handle_endtag(self, tag: str) -> None:
        if self._drawing:
            self._drawing += f"</{tag}>"
            if tag == "svg" and sum(each == "svg" for each, _ in self._open) == 1:
                self.pieces.append(Piece("picture", self._drawing.encode()))
                self._drawing = ""
        places = [place for place, (each, _) in enumerate(self._open) if each == tag]
        if not places:
            return
        _, mode = self._open[places[-1]]
        name, count = self._begun[places[-1]]
        if name and count == len(self.pieces):
            self.empty.add(name)
        del self._open[places[-1] :], self._begun[places[-1] :]
        if mode in ("listing", "missing", "formula", "printed"):
            place = self._opened if mode == "printed" else len(self.pieces)
            self.pieces.insert(place, Piece(mode, self._held))
            self._held = ""

    def handle_data(self, data: str) -> None:
        modes = {mode for _, mode in self._open}
        if self._drawing:
            self._drawing += data.replace("&", "&amp;").replace("<", "&lt;")
        elif "script" in modes:
            self.scripts += data
        elif "data" in modes:
            self.pieces.append(Piece("chart", data))
        elif "unseen" in modes:
            self.hidden.append(data)
        elif modes & {"listing", "formula"}:
            self._held += data if "code" in modes or "formula" in modes else ""
        elif not modes & {*UNSEEN, "drawn", "maths"} and data.strip():
            self._held += data if modes & {"missing", "printed"} else ""
            if "code" in modes:
                self.coded.add(len(self.pieces))
            self.pieces.append(Piece("text", data))
            if not modes & {"code", "missing", "printed"}:
                self.prose += f"{data}\n"

    def _picture(self, given: Mapping[str, str]) -> None:
        address = (given.get("src") or given.get("href") or "").strip()
        found: bytes | str = self.pictures.get(unquote(address), address)
        if address.startswith("data:image"):
            head, _, content = address.partition(",")
            found = unquote_to_bytes(content)
            if "base64" in head:
                found = base64.b64decode(found + b"==")
        self.pieces.append(Piece("picture", found))


CODE = re.compile(
    r"^( {0,3})(`{3,}|~{3,}).*?(?:^ {0,3}\2[`~]*\s*$|\Z)|(`+)(?!`).+?(?<!`)\3(?!`)", re.M | re.S
)
MATHS = re.compile(
    r"(?<!\\)\$\$(.+?)\$\$|\\\\\[(.+?)\\\\\]|\\\\\((.+?)\\\\\)|(\\begin\{(\w+\*?)\}.*?\\end\{\5\})"
    r"|(?<![\\$\w])\$(?![\s$]*\n\s*\n)((?:[^$\\\n]|\\.|\n(?!\s*\n))+?)\$(?![\d$])",
    re.DOTALL,
)
DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator|def)\*?(?:\{?\\\w+\}?)(?:\[\d\]|#\d)*"
    r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
)
KEPT = re.compile("\ue000(\\d+)\ue001")
FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
NOTE = re.compile(r"^\[\^[^\]\s]+\]:[ \t]*((?:.+\n?)+)", re.MULTILINE)
_markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def of_markdown(source: str, attached: Mapping[str, bytes] | None = None) -> Seen:
    """What JupyterLab shows of Markdown: formulas are set apart before it is read."""
    kept: list[tuple[str, str]] = []

    def keep(found: re.Match[str]) -> str:
        formula = next(filter(None, (found[n] for n in (1, 2, 3, 4, 6))), "")
        kept.append((DEFINITION.sub("", formula).strip(), found[0]))
        return f"\ue000{len(kept) - 1}\ue001" if kept[-1][0] else ""

    parts, end = [], 0
    for code in [*CODE.finditer(source), None]:
        between = source[end : code.start() if code else None]
        parts += [MATHS.sub(keep, between), code[0] if code else ""]
        end = code.end() if code else 0
    text = re.sub(r"^((?:> ?)+)\[!\w+\]\s*$", r"\1", "".join(parts), flags=re.MULTILINE)
    text = re.sub(r"^([ >]*(?:[-*+]|\d+[.)]) +)\[[ xX]\] ", r"\1", text, flags=re.MULTILINE)
    notes = NOTE.findall(text)
    text = re.sub(r"\[\^[^\]\s]+\]", "", NOTE.sub("", text))
    seen = Seen(_markdown.render(text), attached)
    seen.pieces = list(_with_formulas(seen, kept))
    seen.notes = [Piece("text", each) for note in notes for each in re.findall(r"[\w ]{4,}", note)]
    return seen


def _with_formulas(seen: Seen, kept: list[tuple[str, str]]) -> Iterator[Piece]:
    for place, piece in enumerate(seen.pieces):
        if piece.kind != "text":
            yield piece
            continue
        if place in seen.coded:
            yield Piece("text", KEPT.sub(lambda found: kept[int(found[1])][1], piece.value))
            continue
        for number, part in enumerate(KEPT.split(piece.value)):
            if number % 2:
                yield Piece("formula", kept[int(part)][0])
            elif part.strip():
                yield Piece("text", part)
