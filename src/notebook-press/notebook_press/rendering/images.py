"""Pictures as a notebook holds them, looked at and cleaned before any page shows them."""

import base64
import binascii
import io
import re
import warnings
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, unquote_to_bytes
from xml.etree import ElementTree

from notebook_press.errors import RenderingError, one_line
from notebook_press.rendering.page import Image
from notebook_press.scripts import style_fault

IMAGE_TYPES = (
    *("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp"),
    "image/bmp",  # which is made a PNG, as not all formats know it
)
MOST_PIXELS = 50_000_000  # 200 MB as a browser holds them

_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
}


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
    return read_content(mime, content, place)


def read_content(mime: str, content: bytes, place: str) -> Image:
    """Return the picture that a file of one of `IMAGE_TYPES` holds, as `read_image` does.

    Raises:
        RenderingError: As `read_image` does.
    """
    if mime == "image/svg+xml":
        return Image(mime, clean_svg(content.decode("utf-8", "replace"), place).encode())
    return _raster(content, mime, place)


def read_address(address: str, place: str) -> Image:
    """Return the picture that a `data:` address holds, in base64 or percent-encoded.

    Raises:
        RenderingError: It is of no type that a page can show, or as of `read_image`.
    """
    head, _, content = address.partition(",")
    mime, *settings = (part.strip().lower() for part in head.partition(":")[2].split(";"))
    if mime not in IMAGE_TYPES:
        raise RenderingError(f"{place}: no page shows pictures of the type {mime[:80]}")
    if "base64" in settings:
        return read_image(mime, unquote(content), place)
    return read_content(mime, unquote_to_bytes(content), place)


def reason(error: RenderingError, place: str) -> str:
    """Return why a picture was refused, without the place that the error names."""
    return str(error).removeprefix(f"{place}: ")


def _raster(content: bytes, mime: str, place: str) -> Image:
    import PIL.Image  # slow to import, and wanted only where there is such a picture

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of is refused below
            with PIL.Image.open(io.BytesIO(content), formats=[_FORMATS[mime]]) as opened:
                width, height = opened.size
                if width * height <= MOST_PIXELS:
                    opened.load()
                    return _as_png(opened) if mime == "image/bmp" else Image(mime, content)
    except Exception as error:  # a damaged picture can make Pillow stumble in any way
        unknown = isinstance(error, PIL.UnidentifiedImageError)  # its words name an address
        raise RenderingError(
            f"{place}: expected {mime} that can be shown, found "
            f"{'something else' if unknown else one_line(error)}; draw it again"
        ) from error
    raise RenderingError(
        f"{place}: expected a picture of {MOST_PIXELS:,} pixels at most, found {width:,} by "
        f"{height:,}; draw it smaller"
    )


def _as_png(opened: Any) -> Image:
    made = io.BytesIO()
    opened.save(made, "PNG")
    return Image("image/png", made.getvalue())


SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XHTML = "http://www.w3.org/1999/xhtml"
REFUSED = frozenset({"script", "foreignObject", "iframe", "handler", "listener"})
ANIMATED = frozenset({"animate", "animateMotion", "animateTransform", "set"})
HREFS = ("href", f"{{{XLINK}}}href")
OWN_ADDRESS = re.compile(r"\s*(#|data:image/)")
_LENGTH = re.compile(r"(-?\d{1,6}(?:\.\d*)?)(?:px)?")
LINK = re.compile(r"\s*(#|https?:|mailto:)", re.IGNORECASE)
MAY_LOAD = re.compile(r"[(@\\]")  # few values have any: those that style_fault looks at
# What a drawing's text can hold besides elements: styles from elsewhere, and names for other text.
DECLARES = re.compile(r"<\?xml-stylesheet|<!(ENTITY|ATTLIST)")


def clean_svg(drawing: str, place: str) -> str:
    """Return an SVG drawing without scripts, event handlers and outside addresses.

    A drawing that has none of them comes back as it is, to the letter. `place` is what an error
    calls the drawing's place.

    Raises:
        RenderingError: The drawing is no XML.
    """
    try:
        root = ElementTree.fromstring(drawing)  # noqa: S314 - expat bounds what entities expand to
        if not _clean(root) and not DECLARES.search(drawing):
            return drawing
        ElementTree.register_namespace("", SVG)
        ElementTree.register_namespace("xlink", XLINK)
        return ElementTree.tostring(root, encoding="unicode")
    except (ElementTree.ParseError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        cause = "one nested too deeply" if deep else one_line(error)
        raise RenderingError(
            f"{place}: expected a drawing in SVG, found {cause}; draw it again"
        ) from None


def _clean(element: ElementTree.Element) -> bool:
    """Clean an element and what is below it; return whether anything was taken away."""
    unfit = [name for name, value in element.attrib.items() if _is_unfit(element, name, value)]
    for name in unfit:
        del element.attrib[name]
    changed = bool(unfit)
    for child in list(element):
        if child.tag == f"{{{SVG}}}foreignObject":
            make_letters(child)
            changed = True
        elif _is_refused(child):
            element.remove(child)
            changed = True
        else:
            changed = _clean(child) or changed
    return changed


def make_letters(html: Any) -> None:
    """Make of HTML in a drawing, a `foreignObject`, its words alone, in the middle of its place."""
    for each in html.iter():
        if str(each.tag).rpartition("}")[2] in ("script", "style"):
            each.text = None
    words, tail = " ".join(" ".join(html.itertext()).split()), html.tail
    sides = (_LENGTH.fullmatch(html.get(side, "")) for side in ("x", "y", "width", "height"))
    left, top, width, height = (float(found[1]) if found else 0.0 for found in sides)
    html.clear()
    html.tag = html.tag.lower().replace("foreignobject", "text" if words else "g")
    html.text, html.tail = words, tail
    middle = {"x": f"{left + width / 2:g}", "y": f"{top + height / 2:g}"}
    html.attrib.update({**middle, "text-anchor": "middle", "dominant-baseline": "central"})


def _is_unfit(element: ElementTree.Element, name: str, value: str) -> bool:
    """Whether an attribute runs something, loads something or leads where no link may."""
    local = name.rpartition("}")[2].lower()
    if local.startswith("on") or local in ("base", "src", "srcset"):
        return True
    if name in HREFS and str(element.tag).rpartition("}")[2] == "a":
        return not LINK.match(value)
    return bool(MAY_LOAD.search(value) and style_fault(value))


def _is_refused(element: ElementTree.Element) -> bool:
    namespace, _, local = str(element.tag).rpartition("}")
    if local in REFUSED or namespace == f"{{{XHTML}":
        return True
    if local == "style":
        return style_fault("".join(element.itertext())) is not None
    if local in ANIMATED:
        return (element.get("attributeName") or "").rpartition(":")[2].lower() == "href"
    outside = any(
        name in element.attrib and not OWN_ADDRESS.match(element.attrib[name]) for name in HREFS
    )
    return outside and local != "a"
