"""What a rendered file must hold before it is published."""

import base64
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

import pypdf

from notebook_press.errors import RenderingError, one_line

_FETCHING = frozenset(
    "action archive background classid codebase data formaction manifest ping "  # noqa: SIM905
    "poster profile src srcset xlink:href".split()
)
_FETCHING_LINKS = frozenset({"link", "image", "use", "base", "script"})
_STYLE_ADDRESS = re.compile(
    r"url\(\s*['\"]?\s*(?!data:|#)([^)'\"]+)|@import\s+([^;]+)", re.IGNORECASE
)
# What a page's policy may allow: `default-src` covers what has no word of its own, but for two.
_POLICY = {
    "default-src": re.compile("'none'"),
    "img-src": re.compile("data:"),
    "style-src": re.compile("'unsafe-inline'"),
    "script-src": re.compile(r"'sha256-[A-Za-z0-9+/=]+'( 'sha256-[A-Za-z0-9+/=]+')*"),
    "base-uri": re.compile("'none'"),
    "form-action": re.compile("'none'"),
}
_NEEDED = {"default-src", "base-uri", "form-action"}
_DATA_BLOCK = [("type", "application/json")]  # what no browser runs
_BEFORE_POLICY = {"html", "head", "meta"}
_LINK = re.compile(r"(?:https?:|mailto:|#|(?![\\/])[^:]*(?:[/?#]|$))", re.IGNORECASE)


def check_html(page: bytes | str) -> None:
    """Accept a page that is whole and requests nothing.

    Raises:
        RenderingError: The page has no title, no `<main>`, no end or not one `<h1>`, an anchor
            twice, no policy that forbids what it should, something that would be fetched, a link
            that leads to neither the web nor a file beside the page, or something that would be run
            besides the scripts whose hashes the policy names.
    """
    text = page.decode("utf-8", errors="replace") if isinstance(page, bytes) else page
    found = _Inspector()
    found.feed(text)
    found.close()
    once = found.tags.count("main") == found.tags.count("h1") == 1
    whole = {
        "a <title> with text, found none": found.title.strip(),
        "one <main> and one <h1>, found another number": once,
        "a Content-Security-Policy before everything else, found none": found.allowed is not None,
        "</html> at the end, found the page cut short": text.rstrip().endswith("</html>"),
    }
    faults = [*found.faults, *(f"expected {what}" for what, holds in whole.items() if not holds)]
    if faults:
        raise RenderingError(
            f"the HTML page is not fit to publish: {'; '.join(faults[:3])}; render again"
        )


def check_pdf(content: bytes) -> None:
    """Accept a PDF that opens, has pages, a title and tags.

    Raises:
        RenderingError: It does not open, has no page, or is not tagged.
    """
    with _opening("a PDF that opens"):
        document = pypdf.PdfReader(io.BytesIO(content), strict=True)
        pages, catalogue = len(document.pages), document.root_object
        mark_info: Any = catalogue.get("/MarkInfo", pypdf.generic.DictionaryObject()).get_object()
        tagged = "/StructTreeRoot" in catalogue and bool(mark_info.get("/Marked"))
        title = document.metadata.title if document.metadata else None
    if not pages or not tagged or not title:
        raise RenderingError(
            f"expected a tagged PDF with a title and at least one page, found {pages} "
            f"pages, {'tags' if tagged else 'no tags'}, title {title!r}; render again"
        )


def check_pptx(content: bytes) -> None:
    """Accept slides that open, each with a title, pictures described, and nothing outside.

    Raises:
        RenderingError: The slides are damaged, or one of them is not as it should be.
    """
    from pptx import Presentation  # slow to import, and wanted only where slides are made

    with _opening("slides that open"):
        deck = Presentation(io.BytesIO(content))
        width, height = deck.slide_width, deck.slide_height
        faults = [
            f"slide {position}: {fault}"
            for position, slide in enumerate(deck.slides, start=1)
            for fault in _slide_faults(slide, width, height)
        ]
        count = len(deck.slides)
    if not count or faults:
        found = "; ".join(faults[:5]) or "no slide"
        raise RenderingError(f"expected slides fit to show, found {found}; render again")


@contextmanager
def _opening(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a damaged file can make its library stumble in any way
        raise RenderingError(f"expected {what}, found: {one_line(error)}; render again") from error


def _slide_faults(slide: Any, width: int | None, height: int | None) -> Iterator[str]:
    if slide.shapes.title is None or not slide.shapes.title.text_frame.text.strip():
        yield "no title"
    for shape in slide.shapes:
        right, foot = shape.left + shape.width, shape.top + shape.height
        if min(shape.left, shape.top) < 0 or right > (width or 0) or foot > (height or 0):
            yield f"{shape.name!r} reaches outside"
        described = next(shape._element.iter("{*}cNvPr")).get("descr")
        if (hasattr(shape, "image") or shape.has_table) and not described:
            yield f"{shape.name!r} has no alternative text"


class _Inspector(HTMLParser):
    """Notes what a page consists of, and what in it would be fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.anchors: set[str] = set()
        self.title = ""
        self.faults: list[str] = []
        self._inside: str | None = None
        self.allowed: frozenset[str] | None = None
        self._script = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = tag if tag in {"title", "style", "script"} else None
        if tag == "script" and attributes == _DATA_BLOCK:
            self._inside = "data"
        elif tag in {"iframe", "object", "embed"} or (tag == "script" and attributes):
            self.faults.append(f"expected no such <{tag}>, found one")
        if tag == "meta":
            self._read_policy(dict(attributes))
        for name, value in attributes:
            self._inspect(tag, name, (value or "").strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._inside == "script":
            digest = base64.b64encode(hashlib.sha256(self._script.encode()).digest()).decode()
            if digest not in (self.allowed or ()):
                self.faults.append(f"expected scripts of the page's policy, found {digest}")
            self._script = ""
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside == "script":
            self._script += data
        elif self._inside == "style":
            self._inspect_style(data)
        elif self._inside == "data" and "<" in data:
            self.faults.append("expected data without '<', found some that a browser may read on")

    def _read_policy(self, attributes: Mapping[str, str | None]) -> None:
        """Note the hashes that the page's policy allows; a policy in the text is none."""
        named = (attributes.get("http-equiv") or "").lower() == "content-security-policy"
        if not named or self.allowed is not None or set(self.tags) - _BEFORE_POLICY:
            return
        words = [part.split(maxsplit=1) for part in (attributes.get("content") or "").split(";")]
        found = {name: "".join(rest).strip() for name, *rest in filter(None, words)}
        for name, sources in found.items():
            if name not in _POLICY or not _POLICY[name].fullmatch(sources):
                self.faults.append(f"expected a policy that allows less, found {name} {sources}")
        if missing := sorted(_NEEDED - set(found)):
            self.faults.append(f"expected a policy with {missing[0]}, found none")
        self.allowed = frozenset(re.findall(r"'sha256-(.*?)'", found.get("script-src", "")))

    def _inspect(self, tag: str, name: str, value: str) -> None:
        address, shown = value.lower(), value[:80]
        followed = name == "href" and tag not in _FETCHING_LINKS
        fetched = name in _FETCHING or (name == "href" and not followed)
        unfit = {
            f"nothing that runs, found {name}= in <{tag}>": (
                name.startswith("on") or address.startswith("javascript:")
            ),
            f"no link to {shown}, found one in <{tag}>": followed and not _LINK.match(value),
            f"no outside address, found {shown} in <{tag}>": (
                fetched and not address.startswith(("data:", "#"))
            ),
            f"no redirection, found {shown}": (
                name == "content" and "url=" in address.replace(" ", "")
            ),
            f"each anchor once, found #{shown} again": name == "id" and value in self.anchors,
        }
        self.faults += [f"expected {what}" for what, found in unfit.items() if found]
        if name == "style":
            self._inspect_style(value)
        elif name == "id":
            self.anchors.add(value)

    def _inspect_style(self, style: str) -> None:
        found = _STYLE_ADDRESS.search(style)
        if found:
            self.faults.append(f"expected no outside address in a style, found {found[0][:80]}")
