"""What all explorers are made of: text made safe, images inlined."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class Interactive:
    """A figure to explore.

    Attributes:
        html: What is shown; class names in it are escaped.
        script: The body of a function of `root`, the element that holds the HTML.
        style: CSS, each rule under the class `explorer`.
    """

    html: str
    script: str
    style: str


def assembled(html: str, data: str, *names: str) -> Interactive:
    """Return an explorer with the styles and scripts that stand beside this module.

    Args:
        html: What is shown.
        data: What the scripts need, as a script that comes before them.
        names: Which files, besides `common.css` and `common.js`.
    """
    files = ("common.css", "common.js", *names)
    folder = resources.files("handwriting.explorer")
    texts = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in files}
    style = "".join(text for name, text in texts.items() if name.endswith(".css"))
    script = data + "".join(text for name, text in texts.items() if name.endswith(".js"))
    return Interactive(html, script, style)


def image(pixels: NDArray[np.uint8], alt: str) -> str:
    """Return an `img` element with the image in it, dark on light, a PNG pixel a pixel.

    Args:
        pixels: (height, width) uint8, 0-255, where 255 is full ink.
        alt: What it shows.
    """
    file = io.BytesIO()
    Image.fromarray(255 - pixels).save(file, "PNG", optimize=True)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{escape(alt)}">'


def bars(rows: Sequence[tuple[str, float, str]], best: int | None = None) -> str:
    """Return a list of names, each with a bar and a number.

    Args:
        rows: The name, the length of the bar (0-1), and the number as it is written.
        best: Which row is set off.
    """
    items = ""
    for row, (name, length, number) in enumerate(rows):
        mark = ' class="best"' if row == best else ""
        width = f' style="width:{length:.0%}"' if length >= 0.005 else ""  # none: its least width
        items += f"<li{mark}>{escape(name)}<i{width}></i>{escape(number)}</li>"
    return f'<ul class="bars">{items}</ul>'
