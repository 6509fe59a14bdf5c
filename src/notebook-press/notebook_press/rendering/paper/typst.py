"""Typst: source in which nothing that others wrote is more than text, and what is made of it.

It works in a process of its own, which may crash or never end without taking the press along.
"""

import functools
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import jinja2

from notebook_press.errors import RenderingError, one_line
from notebook_press.rendering.composition import environment
from notebook_press.rendering.page import Image
from notebook_press.rendering.paper.fonts import OWN_FONTS, Fonts, fonts_for, typst_string
from notebook_press.rendering.paper.languages import region_of
from notebook_press.rendering.programs import Program, own_workplace

_UNBROKEN = re.compile(r"(\S{90})(?=\S)")  # as many letters as a line of a listing has room for
_ENTITY = re.compile(r"&#(?:x[0-9a-fA-F]{2,8}|\d{2,10});")
_EIGHT = re.compile(r".{8}(?=.)")


class TypstSource(str):
    """Typst source that is safe to put into a template as it stands."""

    __slots__ = ()


@functools.cache
def templates() -> jinja2.Environment:
    """The templates; every value that they print becomes a Typst literal of its type."""
    made = environment(
        autoescape=False,  # `finalize` escapes for Typst
        finalize=_literal,
        breakable=breakable,
        within_margins=within_margins,
    )
    made.globals["region_of"] = region_of
    return made


def breakable(text: str, longest: int = 50) -> str:
    """The text with spaces of no width in longer words, so that none need run off the paper."""
    return re.sub(
        rf"\S{{{longest + 1},}}", lambda found: _EIGHT.sub("\\g<0>\u200b", found[0]), text
    )


def within_margins(text: str) -> str:
    """The text with a new line wherever a word would run off the paper."""
    return _UNBROKEN.sub(r"\1\n", text)


def _literal(value: Any) -> str:
    match value:
        case TypstSource():
            return value
        case None | bool():
            return str(value).lower()
        case int():
            return str(value)
        case _:
            return typst_string(str(value))


TYPST = Program(
    "Typst",
    (sys.executable, "-I", str(Path(__file__).parent / "typst_worker.py")),
    120.0,
    "look for an equation or a list nested very deeply, or a drawing of very many marks",
)
_REMEDIES = {  # by words of what Typst says
    "alt text": "give every figure and equation an alternative text",
    "could not be displayed": "draw the figure's text as outlines: matplotlib's svg.fonttype = "
    "'path'",
}


@dataclass(frozen=True)
class Document:
    """A document for Typst.

    Attributes:
        source: Its source.
        files: The pictures that it may read, by name; there is nothing else for it to read.
        fonts: What its characters need, those of its drawings too.
    """

    source: str
    files: Mapping[str, bytes]
    fonts: Fonts = OWN_FONTS


def fonts_of(source: str, files: Mapping[str, bytes], language: str = "en") -> Fonts:
    """The fonts that a document's source and its drawings need."""
    drawn = (_letters(each) for name, each in files.items() if name.endswith(".svg"))
    return fonts_for("\n".join([source, *drawn]), language)


def _letters(drawing: bytes) -> str:
    """The text of a drawing, as far as it needs more than Latin letters."""
    if drawing.isascii() and b"&#" not in drawing:
        return ""
    return unescape(drawing.decode("utf-8", "replace"))


def run_typst(document: Document, wanted: Mapping[str, Any], what: str) -> list[bytes]:
    """Return what Typst makes of a document: one PDF, or one PNG a page.

    Args:
        document: The document.
        wanted: The `format`, `pdf` with its `timestamp` or `png` with its `pixels_per_inch`.
        what: What to call it where it fails.

    Raises:
        RenderingError: Typst refuses the document, crashed, or did not end within two minutes.
    """
    with own_workplace("typst") as folder:
        for file, content in document.files.items():
            (folder / file).write_bytes(_shown(file, content, document.fonts))
        source = document.fonts.shown(document.source)
        (folder / "document.typ").write_text(source, encoding="utf-8")
        request = {
            **wanted,
            "folder": str(folder),
            "processor_seconds": 5 * TYPST.seconds,
            "fonts_of_machine": document.fonts.of_machine,
        }
        answer = json.loads(TYPST.answer(json.dumps(request), folder, what))
        if "message" in answer:
            cause = one_line(answer["message"])
            known = (remedy for words, remedy in _REMEDIES.items() if words in cause)
            remedy = next(known, "") or "; ".join(map(one_line, answer["hints"]))
            raise RenderingError(
                f"{what}: Typst refuses the {wanted['format'].upper()}: {cause}; "
                f"{remedy or 'look at what the notebook displays'}"
            )
        return [(folder / f"made-{n + 1}").read_bytes() for n in range(answer["made"])]


def _shown(file: str, content: bytes, fonts: Fonts) -> bytes:
    """A picture's bytes, a drawing's without what no font has."""
    if not fonts.missing or not file.endswith(".svg") or not _letters(content):
        return content
    return fonts.shown(_ENTITY.sub(_spelt_out, content.decode("utf-8", "replace"))).encode()


def _spelt_out(entity: re.Match[str]) -> str:
    character = unescape(entity[0])
    return character if character > "~" else entity[0]  # the others may be markup


_ENDINGS = {"image/svg+xml": "svg", "image/jpeg": "jpg"}
_SOURCE = """#set page(width: auto, height: auto, margin: 0pt)
#for name in {names} {{
  page(context {{
    let natural = measure(image(name))
    let factor = calc.min({width}pt / natural.width, {height}pt / natural.height)
    image(name, width: natural.width * factor)
  }})
}}
"""


def file_ending(mime: str) -> str:
    """The ending that a file of an image's MIME type has, without the point."""
    return _ENDINGS.get(mime) or mime.removeprefix("image/")


def rasterise(
    images: Sequence[Image], box: tuple[int, int], what: str, pixels_per_inch: int = 160
) -> list[bytes]:
    """Each image as a PNG on white, as large as fits the box; the same bytes every time.

    Args:
        images: What to draw; text in an SVG is drawn in Typst's own fonts.
        box: Width and height in points.
        what: What to call it where it fails.
        pixels_per_inch: How fine the grid is.

    Raises:
        RenderingError: An image can't be read.
    """
    if not images:
        return []
    names = [f"{number}.{file_ending(image.mime)}" for number, image in enumerate(images, start=1)]
    quoted = "(" + "".join(f'"{name}", ' for name in names) + ")"
    source = _SOURCE.format(names=quoted, width=box[0], height=box[1])
    files = {name: image.content for name, image in zip(names, images, strict=True)}
    wanted = {"format": "png", "pixels_per_inch": pixels_per_inch}
    return run_typst(Document(source, files, fonts_of("", files)), wanted, what)
