"""Pictures that any library displayed: as they are, made ones that all formats know, or named."""

import base64
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import read_image, reason
from notebook_press.rendering.outputs.bundle import Bundle, Shown, named
from notebook_press.rendering.page import UNDESCRIBED, Figure, Image
from notebook_press.rendering.sanitising import printable

_DARK = "#111111"
WIDEST = 4000  # pixels: as wide as the largest screens
_DRAWN = """#set page(width: auto, height: auto, margin: 0pt)
#context {
  let natural = measure(image("1.pdf"))
  let factor = calc.min(1, 900pt / natural.width, 900pt / natural.height)
  image("1.pdf", width: natural.width * factor)
}
"""


def read_picture(bundle: Bundle, mime: str) -> Shown:
    """A picture; one that is damaged or too large is named."""
    try:
        image = read_image(mime, bundle.data[mime], bundle.place)
    except RenderingError as error:
        return named("Picture", reason(error, bundle.place))
    asked = bundle.metadata.get(mime)
    if isinstance(asked, Mapping) and asked.get("needs_background") == "dark":
        image = _on_dark(image)
    alt = asked.get("alt") if isinstance(asked, Mapping) else None
    described = printable(alt).strip() if isinstance(alt, str) else ""
    shown = _figure(image, _width(asked, image), described or UNDESCRIBED)
    if "<foreignObject" in bundle.text(mime):
        return replace(shown, fate="lesser", note="the HTML in it as plain text")
    return shown


def read_pdf(bundle: Bundle, mime: str) -> Shown:
    """The first page of a PDF as a picture, drawn in the typesetter's process."""
    from notebook_press.rendering.paper.typst import Document, run_typst  # slow to import

    wanted = {"format": "png", "pixels_per_inch": 192}
    try:
        content = base64.b64decode("".join(bundle.text(mime).split()), validate=True)
        if not content.startswith(b"%PDF"):
            raise ValueError("something else")
        (drawn,) = run_typst(Document(_DRAWN, {"1.pdf": content}), wanted, bundle.place)
    except (ValueError, RenderingError):
        return named("PDF", "store a picture with it, such as a PNG")
    image = Image("image/png", drawn)
    shown = _figure(image, _size(image)[0] // 2)
    return Shown(shown.blocks, "PDF", "lesser", "its first page as a picture")


def _on_dark(image: Image) -> Image:
    """A picture with light lines and no ground of its own, on a ground where they are seen."""
    import PIL.Image  # slow to import

    if image.mime == "image/svg+xml":
        return image
    with PIL.Image.open(io.BytesIO(image.content)) as opened:
        lines = opened.convert("RGBA")
    made, ground = io.BytesIO(), PIL.Image.new("RGBA", lines.size, _DARK)
    PIL.Image.alpha_composite(ground, lines).convert("RGB").save(made, "PNG")
    return Image("image/png", made.getvalue())


def _figure(image: Image, width: int | None, alt: str = UNDESCRIBED) -> Shown:
    return Shown((Figure(0, "", alt, image, width=width),), "Picture")


def _width(asked: object, image: Image) -> int | None:
    """The width that an output asks for, by itself or by its height."""
    if not isinstance(asked, Mapping):
        return None
    width, height = (_pixels(asked.get(side)) for side in ("width", "height"))
    if width is None and height is not None and image.mime != "image/svg+xml":
        natural = _size(image)
        width = round(height * natural[0] / natural[1])
    return None if width is None else min(max(width, 1), WIDEST)


def _pixels(length: Any) -> int | None:
    """A length in pixels, which people write as a number or as text; None for other units."""
    try:
        return round(float(str(length).removesuffix("px")))
    except (ValueError, OverflowError):
        return None


def _size(image: Image) -> tuple[int, int]:
    import PIL.Image  # slow to import

    with PIL.Image.open(io.BytesIO(image.content)) as opened:
        return opened.size
