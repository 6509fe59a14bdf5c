"""What a report holds, whatever it is printed on: one model for the HTML page and the PDF."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Block",
    "Code",
    "Failure",
    "Figure",
    "Html",
    "Image",
    "Interactive",
    "Page",
    "Parameter",
    "Prose",
    "Provenance",
    "Table",
    "Text",
]


@dataclass(frozen=True)
class Image:
    """The bytes of a picture and their MIME type, such as `image/svg+xml`."""

    mime: str
    content: bytes


@dataclass(frozen=True)
class Prose:
    """Markdown, and the images that it may refer to, by the address that it uses."""

    markdown: str
    images: Mapping[str, Image] = field(default_factory=dict)


@dataclass(frozen=True)
class Code:
    """The source of one code cell."""

    source: str
    execution_count: int | None
    language: str


@dataclass(frozen=True)
class Figure:
    """A numbered picture; its caption is Markdown, its alternative text plain."""

    number: int
    caption: str
    alt: str
    image: Image


@dataclass(frozen=True)
class Interactive(Figure):
    """A figure to explore in a web page; its picture is what stands wherever else it is shown.

    `html` is not to be trusted; `script` and `style` are the author's own, and let nothing in.
    """

    html: str
    script: str
    style: str


@dataclass(frozen=True)
class Table:
    """A numbered table of plain text, its first column naming the rows; its caption is Markdown.

    `numbers` holds for each column what stands behind its text, row by row, or nothing.
    """

    number: int
    caption: str
    columns: tuple[str, ...]
    alignments: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[tuple[float | None, ...], ...] = ()


@dataclass(frozen=True)
class Text:
    """What a cell printed, without terminal codes."""

    text: str


@dataclass(frozen=True)
class Html:
    """A cell's `text/html`, not to be trusted, and what to show where HTML can't be."""

    source: str
    fallback: str


@dataclass(frozen=True)
class Failure:
    """The error that a cell ended with, as plain text."""

    summary: str
    traceback: str


Block = Prose | Code | Figure | Table | Text | Html | Failure


@dataclass(frozen=True)
class Parameter:
    """A parameter as the report was made with it; values are shown as Python writes them."""

    name: str
    value: str
    default: str
    is_default: bool
    help: str


@dataclass(frozen=True)
class Provenance:
    """What made the report; absent after a plain nbconvert, which doesn't know."""

    run: str
    finished: str
    seconds: float | None
    parameters: tuple[Parameter, ...]
    inputs: Mapping[str, str]
    commit: str | None
    versions: Mapping[str, str]
    machine: Mapping[str, Any]
    formats: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """A report: what opens it, its blocks in order, and what made it.

    `key_figure` is the one that the answer was given after, or the first.
    `title`, `answer` and `notices` are Markdown; `stem` is the file name without its ending.
    """

    stem: str
    title: str
    answer: str | None
    notices: tuple[str, ...]
    results: Mapping[str, float]
    blocks: tuple[Block, ...]
    key_figure: Figure | None
    provenance: Provenance | None
