"""What all explorers are made of: text made safe, images inlined, disputed labels explained."""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from handwriting.data.label_disputes import MEANING, Dispute

DISPUTED = "disputed.css"
"""The file that an explorer needs besides, where it shows an image whose label is disputed."""


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
    style = "".join(asset(name) for name in files if name.endswith(".css"))
    script = data + "".join(asset(name) for name in files if name.endswith(".js"))
    return Interactive(html, script, style)


def asset(name: str) -> str:
    """Return the text of a file that stands beside this module."""
    return resources.files("handwriting.explorer").joinpath(name).read_text(encoding="utf-8")


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
    mark = ' class="best"'
    items = (
        f"<li{mark if row == best else ''}>"
        f"{escape(name)}<i{_width(length)}></i>{escape(number)}</li>"
        for row, (name, length, number) in enumerate(rows)
    )
    return f'<ul class="bars">{"".join(items)}</ul>'


def _width(length: float) -> str:
    """The width of a bar; none is needed where it would be no wider than its least."""
    return f' style="width:{length:.0%}"' if length >= 0.005 else ""


def remarks(disputes: Iterable[Dispute], class_names: Sequence[str]) -> Mapping[int, str]:
    """Return what to say of each such image, by its index: HTML, `label disputed: people read 9`.

    Args:
        disputes: The images.
        class_names: What to call each class; it may contain markup, which is shown as it is.
    """
    return {each.index: escape(f"label disputed: {each.remark(class_names)}") for each in disputes}


def legend(mark: str) -> str:
    """Return a line that says what is meant by the mark."""
    return f'<p class="legend">{escape(mark)}: {escape(MEANING)}</p>'
