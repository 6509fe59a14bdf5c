"""Pictures, drawings and recordings in HTML of others: embedded where a page can, else named."""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import lxml.html
import nh3
from lxml.html.builder import E

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import make_letters, read_address, read_image, reason
from notebook_press.rendering.outputs.bundle import FindPicture, Loss
from notebook_press.rendering.outputs.libraries import name_of
from notebook_press.rendering.page import UNDESCRIBED, Image, NotShown
from notebook_press.rendering.sanitising import NOT_SHOWN


class Embedder:
    """Makes what stands for each of them in its place, and notes what was lost."""

    def __init__(self, place: str, find_picture: FindPicture) -> None:
        self.place, self.find_picture = place, find_picture
        self.losses: list[Loss] = []

    def drawing(self, element: Any) -> Iterator[Any]:
        """The picture that an `<svg>` makes; nothing where it only holds what others use."""
        for outside in filter(_is_remote, element.xpath(".//image/@*[contains(name(), 'href')]")):
            self.losses.append(Loss("Picture in a drawing", "not shown", outside))
        for html in list(element.iter("foreignobject")):
            make_letters(html)
            self.losses.append(Loss("Drawing", "lesser", "the HTML in it as plain text"))
        if not any(_is_drawn(each) for each in element.iter(*_DRAWN)):
            return
        try:
            image = read_image("image/svg+xml", _as_xml(element), self.place)
        except RenderingError as error:
            yield self.named("Drawing", reason(error, self.place))
        else:
            yield _picture(image, _title(element), element.attrib)

    def picture(self, element: Any) -> Any:
        """What stands for an `<img>`."""
        address, alt = element.get("src", "").strip(), element.get("alt")
        image = self._found(address)
        if isinstance(image, Image):
            return _picture(image, UNDESCRIBED if alt is None else alt, element.attrib)
        what = f"Picture {alt!r}" if alt and alt != address else "Picture"
        line = self.named(what, image, address)
        line.tag = "span"
        return line

    def _found(self, address: str) -> Image | str:
        if address.startswith("data:"):
            try:
                return read_address(address, self.place)
            except RenderingError as error:
                return reason(error, self.place)
        return "" if _is_remote(address) else self.find_picture(address)

    def recording(self, element: Any, html: str) -> Iterator[Any]:
        """What stands for a film, a sound or a part from elsewhere, with a still if it has one."""
        sources = [element, *element.iter("source", "param")]
        given = (each.get("src") or each.get("data") or each.get("value") for each in sources)
        address = next(filter(None, given), "").strip()
        if element.tag in ("embed", "object") and address.startswith("data:image/"):
            yield self.picture(E.img(src=address, alt=element.get("title") or UNDESCRIBED))
            return
        if poster := element.get("poster", "").strip():
            yield self.picture(E.img(src=poster, alt="A still of the video"))
        yield self.named(*_in_words(element, address, html), address)

    def named(self, what: str, advice: str = "", address: str = "") -> Any:
        """A line that stands for what is not shown."""
        address = "" if address.startswith("data:") else address
        self.losses.append(Loss(what, "not shown", advice or address))
        line = E.p(NotShown(what, advice).sentence, {"class": NOT_SHOWN})
        if address:
            address = f"https:{address}" if address.startswith("//") else address
            linked = address.lower().startswith(("https:", "http:"))
            line.text += ": "
            line.append(E.a(address, href=address) if linked else E.code(address))
        return line


_DRAWING = nh3.Cleaner(
    tags=set(
        "a animate animateMotion animateTransform circle clipPath defs desc ellipse feBlend "  # noqa: SIM905
        "feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting "
        "feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR "
        "feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset fePointLight "
        "feSpecularLighting feSpotLight feTile feTurbulence filter g image line linearGradient "
        "marker mask metadata mpath path pattern polygon polyline radialGradient rect set stop "
        "style svg switch symbol text textPath title tspan use view".split()
    ),
    clean_content_tags={"script", "foreignObject"},
    attributes={},
    generic_attribute_prefixes={""},  # each of them, which `clean_svg` looks at
    url_schemes={"https", "http", "mailto", "data"},
    link_rel=None,
)
_UNBOUND = re.compile(r"(?!xlink:|xml:)[^:]*:|xmlns")  # prefixes of which HTML knows nothing
_NAMED = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def _as_xml(element: Any) -> str:
    """A drawing in HTML as XML; its names get their capitals, which HTML does without."""
    for each in element.iter():
        for name in filter(_UNBOUND.match, list(each.attrib)):
            del each.attrib[name]
    written = lxml.html.tostring(element, encoding="unicode", with_tail=False)
    cleaned = _DRAWING.clean(written).replace("&nbsp;", "&#160;")
    return cleaned.replace("<svg", f"<svg {_NAMED}", 1)


_DRAWN = (
    "circle",
    "ellipse",
    "image",
    "line",
    "path",
    "polygon",
    "polyline",
    "rect",
    "text",
    "use",
)
_KEPT_FOR_OTHERS = ("clippath", "defs", "marker", "mask", "pattern", "symbol")


def _is_drawn(element: Any) -> bool:
    outside = element.tag == "image" and not any("data:" in each for each in element.values())
    return not outside and next(element.iterancestors(*_KEPT_FOR_OTHERS), None) is None


def _title(element: Any) -> str:
    """What a drawing says that it shows."""
    known = [element.get("aria-label"), *(each.text for each in element.iter("title", "desc"))]
    return " ".join(next(filter(None, known), UNDESCRIBED).split())


def _picture(image: Image, alt: str, attributes: Any) -> Any:
    made = E.img(src=image.address, alt=alt)
    for name in ("width", "height"):
        asked = attributes.get(name, "").strip()
        if found := re.fullmatch(r"(\d{1,4})(?:\.\d*)?(?:px)?|(?:100|\d{1,2})%", asked):
            made.set(name, found[1] or found[0])
    if style := attributes.get("style"):
        made.set("style", style)
    return made


def _is_remote(address: str) -> bool:
    return re.match(r"(?:https?:)?//", address, re.IGNORECASE) is not None


def _in_words(element: Any, address: str, html: str) -> tuple[str, str]:
    """What a recording or a part from elsewhere is, and what would help."""
    title = f" {element.get('title')!r}" if element.get("title") else ""
    kind = {"video": "Video", "audio": "Sound", "canvas": "Drawing by a script"}.get(element.tag)
    if kind and address.startswith("data:"):
        mime = address[5:].partition(";")[0].partition(",")[0][:80]
        size = len(address.partition(",")[2].rstrip("=")) * 3 // 4
        return f"{kind} ({mime}, {size:,} bytes){title}", ""
    if kind:
        return f"{kind}{title}", ""
    if _is_remote(address):
        return f"Page from elsewhere{title}", ""
    if address and not address.startswith("data:"):
        return f"File beside the notebook{title}", ""
    embedded = element.get("srcdoc", "")
    with suppress(ValueError):
        embedded += base64.b64decode(address.partition("base64,")[2]).decode("utf-8", "replace")
    return name_of(embedded or html)
