"""What a report holds, whatever it is printed on: one model for the web page, paper and slides."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from notebook_press.author import Estimate


@dataclass(frozen=True)
class Image:
    """The bytes of a picture and their MIME type, such as `image/svg+xml`."""

    mime: str
    content: bytes

    @property
    def address(self) -> str:
        """The `data:` address that holds it."""
        return f"data:{self.mime};base64,{base64.b64encode(self.content).decode('ascii')}"


@dataclass(frozen=True)
class Heading:
    """A heading of the page: its level from 2, its anchor, its text plain and typeset."""

    level: int
    identifier: str
    plain: str
    source: str


@dataclass(frozen=True)
class Fragment:
    """A typeset piece for its target, its letters alone, and the headings in it.

    `lost` says of what could not be typeset as it was written what it is, and what became of it.
    """

    source: str
    plain: str
    headings: tuple[Heading, ...] = ()
    lost: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Words:
    """All Markdown of a page as sanitised HTML; `texts` holds the prose or caption of each block.

    `helps` are those of the parameters.
    """

    title: Fragment
    answer: Fragment
    notices: tuple[Fragment, ...]
    texts: tuple[Fragment, ...]
    helps: tuple[Fragment, ...]


@dataclass(frozen=True)
class Prose:
    """Markdown, and the pictures attached to it, by their names, or what is wrong with them."""

    markdown: str
    attachments: Mapping[str, Image | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Code:
    """The source of one code cell."""

    source: str
    execution_count: int | None
    language: str


@dataclass(frozen=True)
class Figure:
    """A numbered picture; its caption is Markdown, its alternative text plain.

    `width` is what its notebook asks for, in pixels as CSS counts them; `themed` says that it is a
    drawing whose colours may follow the page's theme.
    """

    number: int
    caption: str
    alt: str
    image: Image
    width: int | None = field(default=None, kw_only=True)
    themed: bool = field(default=False, kw_only=True)


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
    """What a cell printed, without terminal codes, and where to."""

    text: str
    stream: str = "stdout"


@dataclass(frozen=True)
class Html:
    """A cell's HTML, as `foreign` made it fit."""

    source: str


@dataclass(frozen=True)
class Failure:
    """The error that a cell ended with, as plain text."""

    summary: str
    traceback: str


@dataclass(frozen=True)
class NotShown:
    """What stands in the place of something that no page can show: what it is, and what helps."""

    what: str
    advice: str = ""

    @property
    def sentence(self) -> str:
        """What a reader is told in its place."""
        return f"{self.what}: not shown here{'; ' if self.advice else ''}{self.advice}"


@dataclass(frozen=True)
class Chart:
    """A numbered Plotly figure, live on a web page and a picture, if there is one, elsewhere.

    `figure` is its JSON, fit to stand in a page; `width` the most px that it wants, or None.
    """

    number: int
    alt: str
    figure: str
    width: int | None
    height: int
    image: Image | None

    @property
    def still(self) -> Figure | NotShown:
        """What stands for it wherever it can't be live."""
        if self.image is None:
            return NotShown("Plotly chart", STORE_A_PICTURE)
        return Figure(self.number, "", self.alt, self.image)


STORE_A_PICTURE = 'store a picture with it, for instance with fig.show("plotly_mimetype+png")'

Block = Prose | Code | Figure | Table | Text | Html | Failure | NotShown | Chart

UNDESCRIBED = "A picture that the notebook does not describe in words"
"""The alternative text of a picture whose author gave it none."""

SLIDE_STARTS = ("slide", "subslide")
"""The parts of a slide show that begin a slide."""

Fate = Literal["shown", "lesser", "not shown", "not run", "hidden"]
"""`lesser`: shown in another form; `not run`: a script without anything to see of its own."""


@dataclass(frozen=True)
class Booked:
    """What came of one output, or of one thing in a piece of Markdown.

    Attributes:
        cell: The cell's position, from 1.
        what: What it is, in words, such as `Plotly chart`.
        fate: What came of it.
        note: The lesser form, or what would help to have it shown.
    """

    cell: int
    what: str
    fate: Fate
    note: str = ""


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
    `origins` holds for each block its cell's position and the cell's part in a slide show, or `-`.
    `estimates` holds those results that have an interval.
    `account` tells of each output and each thing in Markdown what came of it.
    `language` is the tag of the one that it is written in, such as `en` or `zh-Hant`.
    """

    stem: str
    title: str
    answer: str | None
    notices: tuple[str, ...]
    results: Mapping[str, float]
    blocks: tuple[Block, ...]
    origins: tuple[tuple[int, str], ...]
    key_figure: Figure | None
    provenance: Provenance | None
    words: Words
    account: tuple[Booked, ...] = ()
    language: str = "en"
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
