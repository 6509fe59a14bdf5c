"""SVG drawings freed of what would run or be fetched."""

import re
from xml.etree import ElementTree

from notebook_press.author import style_fault
from notebook_press.errors import RenderingError, one_line

__all__ = ["clean_svg"]

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XHTML = "http://www.w3.org/1999/xhtml"
REFUSED = frozenset({"script", "foreignObject", "iframe", "handler", "listener"})
ANIMATED = frozenset({"animate", "animateMotion", "animateTransform", "set"})
HREFS = ("href", f"{{{XLINK}}}href")
OWN_ADDRESS = re.compile(r"\s*(#|data:image/)")
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
    except ElementTree.ParseError as error:
        raise RenderingError(
            f"{place}: expected a drawing in SVG, found {one_line(error)}; draw it again"
        ) from error
    try:
        if not _clean(root) and not DECLARES.search(drawing):
            return drawing
        ElementTree.register_namespace("", SVG)
        ElementTree.register_namespace("xlink", XLINK)
        return ElementTree.tostring(root, encoding="unicode")
    except RecursionError:
        raise RenderingError(
            f"{place}: expected a drawing in SVG, found one nested too deeply; draw it again"
        ) from None


def _clean(element: ElementTree.Element) -> bool:
    """Clean an element and what is below it; return whether anything was taken away."""
    unfit = [name for name, value in element.attrib.items() if _is_unfit(element, name, value)]
    for name in unfit:
        del element.attrib[name]
    changed = bool(unfit)
    for child in list(element):
        if _is_refused(child):
            element.remove(child)
            changed = True
        else:
            changed = _clean(child) or changed
    return changed


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
