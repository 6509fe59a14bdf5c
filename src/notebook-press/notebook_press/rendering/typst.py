"""Typst: source in which nothing that others wrote is more than text, and what is made of it.

It works in a process of its own, which may crash or never end without taking the press along.
"""

import functools
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from notebook_press.errors import RenderingError, one_line
from notebook_press.rendering.composition import environment
from notebook_press.rendering.fonts import Fonts, fonts_for, typst_string
from notebook_press.rendering.page import Image
from notebook_press.rendering.programs import Program, own_workplace

_UNBROKEN = re.compile(r"(\S{90})(?=\S)")  # as many letters as a line of a listing has room for
_EIGHT = re.compile(r".{8}(?=.)")


class TypstSource(str):
    """Typst source that is safe to put into a template as it stands."""

    __slots__ = ()


@functools.cache
def templates() -> jinja2.Environment:
    """The templates; every value that they print becomes a Typst literal of its type."""
    return environment(
        autoescape=False,  # `finalize` escapes for Typst
        finalize=_literal,
        breakable=breakable,
        within_margins=within_margins,
    )


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


def run_typst(
    source: str, files: Mapping[str, bytes], wanted: Mapping[str, Any], what: str
) -> list[bytes]:
    """Return what Typst makes of a source: one PDF, or one PNG a page.

    Args:
        source: The document.
        files: The images that it may read, by name; there is nothing else for it to read.
        wanted: The `format`, `pdf` with its `timestamp` or `png` with its `pixels_per_inch`.
        what: What to call it where it fails.

    Raises:
        RenderingError: Typst refuses the document, crashed, or did not end within two minutes.
    """
    with own_workplace("typst") as folder:
        for file, content in files.items():
            (folder / file).write_bytes(content)
        (folder / "document.typ").write_text(source, encoding="utf-8")
        request = {**wanted, "folder": str(folder), "processor_seconds": 5 * TYPST.seconds}
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
    return run_typst(source, files, wanted, what)
