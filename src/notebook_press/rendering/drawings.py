"""SVG drawings freed of what would run or be fetched."""

import re
from xml.etree import ElementTree

from notebook_press.errors import RenderingError, one_line

__all__ = ["clean_svg"]

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
REFUSED = frozenset({"script", "foreignObject", "iframe", "handler", "listener"})
HREFS = ("href", f"{{{XLINK}}}href")
OWN_ADDRESS = re.compile(r"\s*(#|data:image/)")
STYLE_ADDRESS = re.compile(r"url\(\s*['\"]?\s*(?!#|data:image/)|@import", re.IGNORECASE)


def clean_svg(drawing: str, place: str) -> str:
    """Return an SVG drawing without scripts, event handlers and outside addresses.

    A drawing that has none of them comes back as it is, to the letter. `place` is what an error
    calls the drawing's place.

    Raises:
        RenderingError: The drawing is no XML.
    """
    try:
        root = ElementTree.fromstring(drawing)  # noqa: S314 - expat bounds what entities expand to
    except ElementTree.ParseError as error:
        raise RenderingError(
            f"{place}: expected a drawing in SVG, found {one_line(error)}; draw it again"
        ) from error
    if not _clean(root):
        return drawing
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element) -> bool:
    """Clean what is below an element; return whether anything was taken away."""
    changed = False
    for name in [name for name, value in element.attrib.items() if _runs(name, value)]:
        del element.attrib[name]
        changed = True
    for child in list(element):
        if _is_refused(child):
            element.remove(child)
            changed = True
        else:
            changed = _clean(child) or changed
    return changed


def _runs(name: str, value: str) -> bool:
    local = name.rpartition("}")[2].lower()
    return local.startswith("on") or bool(STYLE_ADDRESS.search(value))


def _is_refused(element: ElementTree.Element) -> bool:
    local = str(element.tag).rpartition("}")[2]
    outside = any(
        name in element.attrib and not OWN_ADDRESS.match(element.attrib[name]) for name in HREFS
    )
    styled = local == "style" and bool(STYLE_ADDRESS.search(element.text or ""))
    return local in REFUSED or styled or (outside and local != "a")
