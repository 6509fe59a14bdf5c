"""HTML of others as a tree: what no page shows taken out of it and booked, the rest made plain."""

import re
from typing import Any

import lxml.etree
import lxml.html
from lxml.html.builder import E

from notebook_press.rendering.outputs.bundle import Cleaned, FindPicture, Loss
from notebook_press.rendering.outputs.embedding import Embedder
from notebook_press.rendering.outputs.libraries import name_of
from notebook_press.rendering.outputs.sheets import reduced
from notebook_press.rendering.outputs.styling import inlined, is_hidden, make_readable, safe_style
from notebook_press.rendering.outputs.trees import TooDeepError, parsed, written
from notebook_press.rendering.page import Fate
from notebook_press.rendering.sanitising import KNOWN_TAGS, NOT_SHOWN

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
_FIRST_FRAME = re.compile(r'frames\[0\] = "(data:image/\w+;base64,[^"]+)"')
_BOX = re.compile(r"\b(?:height|padding)")
_BEHIND = re.compile(r"background[^:;]*:[^;]*url\(\s*[\"']?([^\"')]+)", re.IGNORECASE)
_CONTROLS = ("button", "input", "select", "textarea", "progress", "meter")
_LONGEST_EXCUSE = 500  # characters
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_AS_STYLE = {
    "align": "text-align",
    "bgcolor": "background-color",
    "color": "color",
    "valign": "vertical-align",
}
_PRESENTED = ".//*[@align or @bgcolor or @valign or self::center or self::font]"
# What libraries say where their scripts do not run, and a page can only be wrong with.
_WAITS = re.compile(
    r"please rerun this cell|trust (?:the|this) notebook|Make this Notebook Trusted|Loading BokehJS"
    r"|JavaScript library not loaded|Loading ITables|renderer has not been properly enabled",
    re.IGNORECASE,
)
# What they say too, but also people of other things.
_PLEADS = re.compile(
    rf"{_WAITS.pattern}|browser (?:does not|doesn.t|can.?not|can.t|may not)|enable JavaScript",
    re.IGNORECASE,
)


def mend(
    html: str, place: str, find_picture: FindPicture, *, is_prose: bool, names_scripts: bool
) -> Cleaned:
    """HTML with all that a page does not show named or, if there is nothing to see, gone.

    It is still to be sanitised.

    Args:
        html: What others wrote.
        place: What errors call its place.
        find_picture: Gives pictures that the HTML does not hold, or says why it can't.
        is_prose: Whether its headings and anchors are the page's.
        names_scripts: Whether a line stands where a script would have drawn something.
    """
    embedder = Embedder(place, find_picture)
    try:
        mender = _Mender(html, embedder)
        mender.drop_unseen()
        mender.drop_hidden()
        mender.place_drawings(names_scripts)
        mender.apply_style_sheets(is_prose)
        mender.place_pictures()
        mender.make_plain()
        if not is_prose:
            mender.make_an_output()
        mender.drop_unknown()
    except TooDeepError:
        line = embedder.named("HTML nested deeper than 256 elements")
        return Cleaned(written(E.body(line)), tuple(embedder.losses), True)
    make_readable(mender.body)
    losses = tuple(dict.fromkeys(embedder.losses))
    return Cleaned(written(mender.body), losses, not _shows_anything(mender.body))


class _Mender:
    """HTML as a tree, and the steps that make it fit; what is hidden goes before it is booked."""

    def __init__(self, html: str, embedder: Embedder) -> None:
        self.html, self.embedder = html, embedder
        self.body = parsed(html)
        self.scripts = ""

    def all(self, *tags: str) -> list[Any]:
        return list(self.body.iter(*tags))

    def lose(self, what: str, fate: Fate, note: str = "") -> None:
        self.embedder.losses.append(Loss(what, fate, note))

    def drop_unseen(self) -> None:
        for element in self.all(*_UNSEEN):
            if element.tag == "title" and next(element.iterancestors("svg"), None) is not None:
                continue
            if element.tag == "script" and "json" not in element.get("type", ""):
                self.scripts += element.text or " "
            element.tag = "unseen"
        lxml.etree.strip_elements(self.body, "unseen", with_tail=False)
        if self.scripts:
            self.lose("Script", "not run")

    def drop_hidden(self) -> None:
        for element in self.body.xpath(".//*[@hidden or @style]"):
            if not ("hidden" in element.attrib or is_hidden(element.get("style", ""))):
                continue
            if next(element.iterancestors("body"), None) is None:  # it went with another
                continue
            if _shows_anything(element) and element.tag not in ("button", "input"):
                self.lose("Part of an HTML output that is not displayed", "hidden")
            element.drop_tree()

    def place_drawings(self, names_scripts: bool) -> None:
        """Make drawings pictures, which no style sheet reaches, and name what scripts draw."""
        self.show_first_frame()
        for element in self.all("svg"):
            if next(element.iterancestors("svg", "body"), None) is self.body:
                _replace(element, *self.embedder.drawing(element))
        named = set(re.findall(r"[\w-]+", self.scripts)) if names_scripts else set()
        for element in self.all() if named else ():
            if element.get("id") in named and (
                not _shows_anything(element, False) or _WAITS.search(element.text_content())
            ):
                _replace(element, self.embedder.named(*name_of(self.html)))

    def show_first_frame(self) -> None:
        """Show where an animation of matplotlib begins, without what would play it."""
        frame = _FIRST_FRAME.search(self.scripts)
        for image in self.all("img") if frame else ():
            if frame and "_anim_img" in image.get("id", ""):
                image.set("src", re.sub(r"[\\\s]", "", frame[1]))
                self.lose("Animation", "lesser", "its first picture")
        for controls in self.body.xpath("//*[contains(@class, 'anim-controls')]") if frame else ():
            controls.drop_tree()

    def apply_style_sheets(self, is_prose: bool) -> None:
        sheets = self.all("style")
        if sheets and not is_prose:
            for element in self.body.xpath("//*[@style]"):
                element.set("style", safe_style(element.get("style")))
            rules = "\n".join(each.text or "" for each in sheets)
            for each in sheets[1:]:
                each.drop_tree()
            try:
                sheets[0].text = reduced(rules, len(self.all()))
                self.body = parsed(inlined(written(self.body)))
            except ValueError:
                self.lose("HTML", "lesser", "without its style sheet")
        for element in self.all("style"):
            element.drop_tree()
        self.drop_hidden()

    def place_pictures(self) -> None:
        for element in self.all(*_RECORDINGS):
            around = next(element.iterancestors("body", *_RECORDINGS), None)
            if around is self.body:  # not in another, nor gone with one
                is_inline = next(element.iterancestors("p"), None) is not None
                for line in self.embedder.recording(element, self.html):
                    line.tag = "span" if is_inline and line.tag == "p" else line.tag
                    element.addprevious(line)
                _open_up(element)
        for element in self.all("img", "image"):
            _replace(element, self.embedder.picture(element))
        for element in self.body.xpath(".//*[contains(@style, 'url(')]"):
            behind = _BEHIND.search(element.get("style"))
            if behind and _shows_anything(element, False):
                self.lose("HTML", "lesser", "without the picture behind it")
            elif behind:
                element.append(self.embedder.picture(E.img(src=behind[1])))

    def make_plain(self) -> None:
        """Bring elements and attributes that pages do without to those that they have."""
        for element in self.all(*_CONTROLS):
            self.make_words(element)
        for element in self.body.xpath(_PRESENTED):
            given = [f"{new}:{element.get(old)}" for old, new in _AS_STYLE.items()]
            style = [each for each in given if not each.endswith(":None")]
            style += ["text-align:center"] if element.tag == "center" else []
            element.set("style", ";".join((*style, element.get("style", ""))))
        for element in self.body.xpath(".//a[@name and not(@id)]"):
            element.set("id", element.get("name"))
        for element in self.body.xpath(".//a[starts-with(normalize-space(@href), 'data:')]"):
            line = self.embedder.named("File to download", "link to one")
            line.tag = "span"
            element.addnext(line)
        for element in self.all(*_RENAMED):
            element.tag = _RENAMED[element.tag]

    def make_words(self, element: Any) -> None:
        """Put the state of a control, which does nothing here, in its place."""
        words = element.get("value", "")
        match element.tag, element.get("type", "text"):
            case ("button", _) | (_, "button" | "submit" | "reset"):
                self.lose("Button", "not run")
                words = ""
            case ("progress" | "meter", _) if words and "max" in element.attrib:
                words += f" of {element.get('max')}"
            case ("select", _):
                options = list(element.iter("option"))
                chosen = [each for each in options if "selected" in each.attrib] or options[:1]
                words = ", ".join(each.text_content().strip() for each in chosen)
            case ("textarea", _):
                words = element.text_content()
            case (_, "checkbox" | "radio"):
                words = "☒" if "checked" in element.attrib else "☐"
            case (_, "hidden" | "password" | "file" | "image"):
                words = ""
        _replace(element, E.span(f" {words} " if words else ""))

    def drop_unknown(self) -> None:
        """Keep what stands in elements that pages do not have, which would go with them."""
        unknown = [each for each in self.all() if each.tag not in KNOWN_TAGS]
        for element in unknown[1:]:  # the first is the body
            if next(element.iterancestors("math"), None) is None:
                element.tag = "unknown"
        lxml.etree.strip_tags(self.body, "unknown")

    def make_an_output(self) -> None:
        """Take out what would be taken for the page's own, or for what the page can't say."""
        for heading in self.all(*_HEADINGS):
            strong = E.strong()
            strong.text, heading.text = heading.text, None
            strong.extend(heading)
            heading.append(strong)
            heading.tag = "p"
        for element in self.all() if _PLEADS.search(self.html) else ():
            element.text = self.without_plea(element.text, element)
            element.tail = self.without_plea(element.tail, element.getparent())

    def without_plea(self, said: str | None, holder: Any) -> str | None:
        """The text, unless it says for a library that its script has not run."""
        is_data = not self.scripts or holder.tag in ("td", "th")
        if not (_WAITS if is_data else _PLEADS).search(said or ""):
            return said
        around = (holder, *holder.iterancestors())
        is_own = any(each.get("class") == NOT_SHOWN for each in around)
        return said if is_own or len(said or "") > _LONGEST_EXCUSE else None


def _open_up(element: Any) -> None:
    """Put what a browser shows where it can't show an element in its place, if it says anything."""
    for each in list(element.iter("embed", "param", "source", "track")):
        if each is not element:
            each.drop_tree()
    said = element.text_content()
    excuse = len(said) < _LONGEST_EXCUSE and _PLEADS.search(said)
    for each in reversed(list(element.iter())):
        each.text = None if _PLEADS.search(each.text or "") else each.text
    if excuse or element.tag in ("embed", "frame", "iframe"):
        element.drop_tree()
    else:
        element.drop_tag()


def _replace(element: Any, *others: Any) -> None:
    if others and element.get("id"):
        others[0].set("id", element.get("id"))
    for other in others:
        element.addprevious(other)
    element.drop_tree()


def _shows_anything(element: Any, counts_boxes: bool = True) -> bool:
    """Whether there is more to see in an element than lines about what is not shown."""
    walk = lxml.etree.iterwalk(element, events=("start",))
    for _, each in walk:
        if each is not element and (each.tail or "").strip():
            return True
        if each.get("class") == NOT_SHOWN:
            walk.skip_subtree()
            continue
        style = each.get("style", "")
        if each.tag in _SEEN or (counts_boxes and _BOX.search(style) and "background" in style):
            return True
        if (each.text or "").strip() and each.tag not in ("script", "style"):
            return True
    return False
