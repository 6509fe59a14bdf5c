"""Images as PNG, for whatever can't show them as they are."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from notebook_press.errors import RenderingError, one_line
from notebook_press.rendering.page import Image
from notebook_press.rendering.typst_runs import TypstRefusedError, run_typst

__all__ = ["Raster", "file_ending", "rasterise"]

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


@dataclass(frozen=True)
class Raster:
    """A PNG and its size in pixels."""

    content: bytes
    width: int
    height: int


def file_ending(mime: str) -> str:
    """The ending that a file of an image's MIME type has, without the point."""
    return _ENDINGS.get(mime) or mime.removeprefix("image/")


def rasterise(
    images: Sequence[Image], box: tuple[int, int], what: str, pixels_per_inch: int = 160
) -> list[Raster]:
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
    listed = "(" + "".join(f'"{name}", ' for name in names) + ")"
    source = _SOURCE.format(names=listed, width=box[0], height=box[1])
    files = {name: image.content for name, image in zip(names, images, strict=True)}
    wanted = {"format": "png", "pixels_per_inch": pixels_per_inch}
    try:
        return [_measured(page) for page in run_typst(source, files, wanted, what)]
    except TypstRefusedError as error:
        raise RenderingError(
            f"{what}: expected pictures that can be drawn, found: {one_line(error.message)}; "
            "draw them again, with author.figure"
        ) from error


def _measured(content: bytes) -> Raster:
    width, height = struct.unpack(">II", content[16:24])  # of the PNG's first chunk
    return Raster(content, width, height)
