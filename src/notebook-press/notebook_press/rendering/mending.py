"""HTML of others as a tree: what no page shows taken out of it and booked, the rest made plain."""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import lxml.html
import nh3
from lxml.html.builder import E

from notebook_press.errors import RenderingError
from notebook_press.rendering.bundle import Loss
from notebook_press.rendering.images import read_image
from notebook_press.rendering.libraries import name_of
from notebook_press.rendering.page import Image, NotShown
from notebook_press.rendering.sanitising import NOT_SHOWN
from notebook_press.rendering.styling import inlined, is_hidden, make_readable, safe_style

UNDESCRIBED = "A picture that the notebook does not describe in words"
_UNSEEN = ("base", "head", "link", "meta", "noscript", "script", "template", "title")
_RECORDINGS = ("video", "audio", "iframe", "frame", "embed", "object", "applet", "canvas")
_RENAMED = {
    **dict.fromkeys(
        "address article aside center dir fieldset figure footer form header hgroup main marquee "  # noqa: SIM905
        "menu nav search section".split(),
        "div",
    ),
    **dict.fromkeys("acronym bdo big button font label legend nobr output option".split(), "span"),  # noqa: SIM905
    "figcaption": "p",
    "listing": "pre",
    "strike": "s",
    "tt": "code",
    "xmp": "pre",
}
_SEEN = ("img", "svg", "math", "hr", "input", "progress", "meter", *_RECORDINGS)
_BOX = re.compile(r"\b(?:height|padding)")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_AS_STYLE = {"align": "text-align", "bgcolor": "background-color", "valign": "vertical-align"}
# What libraries say where their scripts do not run, and a page can only be wrong with.
_PLEADS = re.compile(
    r"please rerun this cell|trust (?:the|this) notebook|Make this Notebook Trusted"
    r"|browser does not support|Loading BokehJS|JavaScript library not loaded|enable JavaScript"
    r"|Loading ITables|renderer has not been properly enabled",
    re.IGNORECASE,
)


@dataclass
class Mended:
    """HTML without what no page shows, still to be sanitised, and what became of that."""

    html: str
    losses: tuple[Loss, ...]
    is_empty: bool


def mend(
    html: str, place: str, is_prose: bool, find_picture: Callable[[str], Image | str]
) -> Mended:
    """HTML with all that a page does not show named or, if there is nothing to see, gone.

    Args:
        html: What others wrote.
        place: What errors call its place.
        is_prose: Whether its headings and anchors are the page's.
        find_picture: Gives pictures that the HTML does not hold, or says why it can't.
    """
    try:
        mender = _Mender(html, place, find_picture)
        mender.mend(is_prose)
    except _TooDeepError:
        loss = Loss("HTML nested deeper than 256 elements", "not shown")
        return Mended(_written(E.body(_line(loss))), (loss,), True)
    body = mender.body
    return Mended(_written(body), tuple(dict.fromkeys(mender.losses)), not _shows_anything(body))


class _TooDeepError(Exception):
    """The HTML is nested deeper than its parser goes."""


@dataclass
class _Mender:
    html: str
    place: str
    find_picture: Callable[[str], Image | str]
    losses: list[Loss] = field(default_factory=list)
    scripts: str = ""

    def __post_init__(self) -> None:
        self.body = _parsed(self.html)

    def mend(self, is_prose: bool) -> None:
        """Do all that is to be done, in an order that matters: what is hidden is not booked."""
        self.drop_unseen()
        self.drop_hidden()
        self.embed_drawings()
        self.apply_style_sheets(is_prose)
        self.name_what_scripts_fill()
        self.name_recordings()
        for image in self.all("img", "image", "input"):
            self.place_picture(image)
        self.make_plain()
        if not is_prose:
            self.lower_headings()
            self.drop_pleas()
        _bound_spans(self.body)
        make_readable(self.body)

    def all(self, *tags: str) -> list[Any]:
        return list(self.body.iter(*tags))

    def drop_unseen(self) -> None:
        for element in self.all(*_UNSEEN):
            if element.tag == "script" and "json" not in element.get("type", ""):
                self.scripts += element.text or " "
            element.drop_tree()
        if self.scripts:
            self.losses.append(Loss("Script", "not run"))

    def drop_hidden(self) -> None:
        for element in self.all():
            style, hidden = element.get("style"), "hidden" in element.attrib
            if element is self.body or not (hidden or (style and is_hidden(style))):
                continue
            if _shows_anything(element) and element.tag not in ("button", "input"):
                self.losses.append(Loss("Part of an HTML output that is not displayed", "hidden"))
            element.drop_tree()

    def embed_drawings(self) -> None:
        """Make each drawing in the text a picture, which no style sheet reaches."""
        for element in self.all("svg"):
            if element.getparent() is None or next(element.iterancestors("svg"), None) is not None:
                continue
            self.replace(element, *self.drawing(element))

    def drawing(self, element: Any) -> Iterator[Any]:
        """The picture that a drawing makes; nothing where it only holds what others use."""
        for outside in filter(_is_remote, element.xpath(".//image/@*[contains(name(), 'href')]")):
            self.losses.append(Loss("Picture in a drawing", "not shown", outside))
        if not any(_is_drawn(each) for each in element.iter(*_DRAWN)):
            return
        if next(element.iter("foreignobject"), None) is not None:
            self.losses.append(Loss("Drawing", "lesser", "without the HTML in it"))
        try:
            image = read_image("image/svg+xml", _drawing(element), self.place)
        except RenderingError as error:
            yield self.named("Drawing", self.reason(error))
        else:
            yield _picture(image, _title(element), element.attrib)

    def apply_style_sheets(self, is_prose: bool) -> None:
        if not is_prose and self.all("style"):
            for element in self.body.xpath("//*[@style]"):
                element.set("style", safe_style(element.get("style")))
            try:
                self.body = _parsed(inlined(_written(self.body)))
            except ValueError:
                self.losses.append(Loss("HTML", "lesser", "without its style sheet"))
        for element in self.all("style"):
            element.drop_tree()
        self.drop_hidden()

    def name_what_scripts_fill(self) -> None:
        for element in self.all() if self.scripts else ():
            identifier = element.get("id")
            if identifier and identifier in self.scripts and not _shows_anything(element):
                what, advice = name_of(self.html)
                self.replace(element, self.named(what, advice))

    def name_recordings(self) -> None:
        for element in self.all(*_RECORDINGS):
            if next(element.iterancestors(*_RECORDINGS), None) is None:
                self.replace(element, *self.recording(element))

    def recording(self, element: Any) -> Iterator[Any]:
        sources = [element, *element.iter("source", "param")]
        given = (each.get("src") or each.get("data") or each.get("value") for each in sources)
        address = next(filter(None, given), "").strip()
        if element.tag in ("embed", "object") and address.startswith("data:image/"):
            yield E.img(src=address, alt=element.get("title") or UNDESCRIBED)
            return
        if (poster := element.get("poster", "")).startswith("data:image/"):
            yield E.img(src=poster, alt="A still of the video")
        yield self.named(*_in_words(element, address, self.html), address)

    def place_picture(self, element: Any) -> None:
        if element.tag == "input" and element.get("type") != "image":
            return
        address = element.get("src", "").strip()
        image: Image | str
        if address.startswith("data:"):
            image = self.embedded(address)
        elif _is_remote(address):
            image = ""
        else:
            image = self.find_picture(address)
        alt = element.get("alt")
        if isinstance(image, Image):
            self.replace(
                element, _picture(image, UNDESCRIBED if alt is None else alt, element.attrib)
            )
            return
        loss = Loss(f"Picture {alt!r}" if alt else "Picture", "not shown", image or address)
        self.losses.append(loss)
        said = _line(
            Loss(loss.what, loss.fate, image), "" if address.startswith("data:") else address
        )
        said.tag = "span"
        self.replace(element, said)

    def embedded(self, address: str) -> Image | str:
        head, _, content = address.partition(",")
        mime, *settings = head.removeprefix("data:").split(";")
        try:
            if "base64" not in settings and mime != "image/svg+xml":
                content = base64.b64encode(unquote(content, "latin-1").encode("latin-1")).decode()
            elif "base64" not in settings:
                content = unquote(content)
            return read_image(mime.strip().lower(), content, self.place)
        except RenderingError as error:
            return self.reason(error)
        except (KeyError, UnicodeError):
            return "no page holds its type"

    def reason(self, error: RenderingError) -> str:
        return str(error).removeprefix(f"{self.place}: ")

    def named(self, what: str, advice: str = "", address: str = "") -> Any:
        known = "" if address.startswith("data:") else address
        loss = Loss(what, "not shown", known or advice)
        self.losses.append(loss)
        return _line(Loss(what, "not shown", advice), known)

    def replace(self, element: Any, *others: Any) -> None:
        for other in others:
            element.addprevious(other)
        element.drop_tree()

    def make_plain(self) -> None:
        """Bring elements and attributes that pages do without to those that they have."""
        controls = self.all("button", "input", "select", "textarea", "progress", "meter")
        for element in controls:
            self.make_words(element)
        for element in self.all():
            style = [
                f"{name}: {element.attrib[old]}"
                for old, name in _AS_STYLE.items()
                if old in element.attrib
            ]
            style += ["text-align: center"] if element.tag == "center" else []
            style += [f"color: {element.get('color')}"] if element.tag == "font" else []
            if style:
                element.set("style", "; ".join((*style, element.get("style", ""))))
            if element.tag == "a" and "id" not in element.attrib and "name" in element.attrib:
                element.set("id", element.get("name"))
            element.tag = _RENAMED.get(element.tag, element.tag)

    def make_words(self, element: Any) -> None:
        """Put the state of a control, which does nothing here, in its place."""
        if element.tag == "button":
            self.losses.append(Loss("Button", "not run"))
            element.drop_tree()
            return
        words = element.get("value") or ""
        if element.tag in ("progress", "meter"):
            words = f"{words} of {element.get('max')}" if words and element.get("max") else words
        elif element.tag == "select":
            options = list(element.iter("option"))
            chosen = [each for each in options if "selected" in each.attrib] or options[:1]
            words = ", ".join(each.text_content().strip() for each in chosen)
        elif element.tag == "textarea":
            words = element.text_content()
        elif element.get("type") in ("checkbox", "radio"):
            words = "☒ " if "checked" in element.attrib else "☐ "
        elif element.get("type") in ("hidden", "password", "submit", "reset", "file"):
            words = ""
        self.replace(element, E.span(words))

    def lower_headings(self) -> None:
        """Headings of an output are strong, but none of the page's."""
        for heading in self.all(*_HEADINGS):
            strong = E.strong()
            strong.text, heading.text = heading.text, None
            strong.extend(heading)
            heading.append(strong)
            heading.tag = "p"

    def drop_pleas(self) -> None:
        for element in reversed(self.all()):
            own = (element.text or "") + "".join(child.tail or "" for child in element)
            if (
                element is not self.body
                and element.get("class") != NOT_SHOWN
                and _PLEADS.search(own)
            ):
                element.drop_tree()


def _parsed(html: str) -> Any:
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True)
    root = lxml.html.document_fromstring(f"<body>{html}</body>", parser=parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise _TooDeepError
    return root.find("body")


def _written(body: Any) -> str:
    """What a body holds, as HTML."""
    whole = lxml.html.tostring(body, encoding="unicode")
    return whole[whole.index(">") + 1 : whole.rindex("</body>")]


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
    attribute_filter=lambda tag, name, value: None if name.startswith("xmlns") else value,
    url_schemes={"https", "http", "mailto", "data"},
    link_rel=None,
)
_NAMED = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def _drawing(element: Any) -> str:
    """A drawing in HTML as XML; its names get their capitals, which HTML does without."""
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
    content = base64.b64encode(image.content).decode("ascii")
    made = E.img(src=f"data:{image.mime};base64,{content}", alt=alt)
    for name in ("width", "height"):
        if found := re.fullmatch(r"(\d{1,4})(?:\.\d*)?(?:px)?", attributes.get(name, "").strip()):
            made.set(name, found[1])
    if style := attributes.get("style"):
        made.set("style", style)
    return made


def _is_remote(address: str) -> bool:
    return re.match(r"(?:https?:)?//", address, re.IGNORECASE) is not None


def _line(loss: Loss, address: str = "") -> Any:
    """A line that stands for what is not shown."""
    line = E.p(NotShown(loss.what, loss.note).sentence, {"class": NOT_SHOWN})
    if address:
        address = f"https:{address}" if address.startswith("//") else address
        linked = address.lower().startswith(("https:", "http:"))
        line.text += ": "
        line.append(E.a(address, href=address) if linked else E.code(address))
    return line


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


def _shows_anything(element: Any) -> bool:
    """Whether there is more to see in an element than lines about what is not shown."""
    for each in element.iter():
        if not _is_in_line(each):
            style = each.get("style", "")
            if each.tag in _SEEN or (_BOX.search(style) and "background" in style):
                return True
            if (each.text or "").strip() and each.tag not in ("script", "style"):
                return True
        if each is not element and (each.tail or "").strip() and not _is_in_line(each.getparent()):
            return True
    return False


def _is_in_line(element: Any) -> bool:
    return any(each.get("class") == NOT_SHOWN for each in (element, *element.iterancestors()))


def _bound_spans(body: Any) -> None:
    """Let no cell span more rows or columns than a table can have."""
    for cell in body.iter("td", "th"):
        for name in ("colspan", "rowspan"):
            if name in cell.attrib:
                found = re.fullmatch(r"\s*(\d{1,4})\s*", cell.get(name))
                cell.set(name, str(min(max(int(found[1]), 1), 200)) if found else "1")
