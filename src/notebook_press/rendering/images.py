"""Pictures as a notebook holds them, looked at before any page shows them."""

import base64
import binascii
import io
import warnings
from collections.abc import Sequence

from notebook_press.errors import RenderingError, one_line
from notebook_press.rendering.drawings import clean_svg
from notebook_press.rendering.page import Image

__all__ = ["IMAGE_TYPES", "MOST_PIXELS", "read_image"]

IMAGE_TYPES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
MOST_PIXELS = 50_000_000  # 200 MB as a browser holds them

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}


def read_image(mime: str, data: str | Sequence[str], place: str) -> Image:
    """Return a picture whose bytes are what their type says, a drawing without what would run.

    Args:
        mime: One of `IMAGE_TYPES`.
        data: Its text, or its bytes as base64; notebooks may hold either as a list of lines.
        place: What an error calls the picture's place.

    Raises:
        RenderingError: It is no such picture, it is damaged, or it has too many pixels.
    """
    text = data if isinstance(data, str) else "".join(data)
    if mime == "image/svg+xml" and "<svg" in text:
        return Image(mime, clean_svg(text, place).encode())
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise RenderingError(
            f"{place}: expected {mime}, found something else; run the notebook again"
        ) from None
    if mime == "image/svg+xml":
        return Image(mime, clean_svg(content.decode("utf-8", "replace"), place).encode())
    _check_raster(content, mime, place)
    return Image(mime, content)


def _check_raster(content: bytes, mime: str, place: str) -> None:
    import PIL.Image  # slow to import, and wanted only where there is such a picture

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of is refused below
            with PIL.Image.open(io.BytesIO(content), formats=[_FORMATS[mime]]) as opened:
                width, height = opened.size
                if width * height <= MOST_PIXELS:
                    opened.load()
                    return
    except Exception as error:  # a damaged picture can make Pillow stumble in any way
        raise RenderingError(
            f"{place}: expected {mime} that can be shown, found {_cause(error)}; draw it again"
        ) from error
    raise RenderingError(
        f"{place}: expected a picture of {MOST_PIXELS:,} pixels at most, found {width:,} by "
        f"{height:,}; draw it smaller"
    )


def _cause(error: Exception) -> str:
    unknown = type(error).__name__ == "UnidentifiedImageError"  # its words name an address
    return "something else" if unknown else one_line(error)
