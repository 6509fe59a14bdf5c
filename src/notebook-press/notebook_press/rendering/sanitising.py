"""What others wrote, reduced to what may stand in a page.

Text loses the characters that no page can hold or that mislead its reader, HTML whatever runs or
fetches.
"""

import re
from collections.abc import Mapping
from typing import Any

import nh3

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import read_image
from notebook_press.rendering.outputs.styling import safe_style
from notebook_press.rendering.outputs.terminal import settled
from notebook_press.scripts import style_fault

_WORDS = frozenset(
    "a abbr b bdi blockquote br caption cite code col colgroup data dd del details dfn "  # noqa: SIM905
    "div dl dt em hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span "
    "strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr".split()
)
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_MATHS = frozenset(
    "math semantics annotation maction menclose merror mfenced mfrac mi "  # noqa: SIM905
    "mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms "
    "mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder "
    "munderover".split()
)
_MATHS_ATTRIBUTES = frozenset(
    "accent accentunder columnalign columnlines columnspacing depth display "  # noqa: SIM905
    "displaystyle encoding fence form height linethickness lspace mathsize "
    "mathvariant maxsize minsize notation rowlines rowspacing rspace "
    "scriptlevel separator stretchy symmetric voffset width xmlns".split()
)
KNOWN_TAGS = _WORDS | _HEADINGS | {"math"}
"""The elements that a page has, outside formulas."""
_CONTROLS = frozenset(
    "button canvas fieldset input label legend optgroup option output select".split()  # noqa: SIM905
)
_GENERAL = frozenset("class dir hidden id lang role style tabindex title".split())  # noqa: SIM905
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "code": {"class"},
    "col": {"span"},
    "details": {"open"},
    "div": {"class"},
    "p": {"class"},
    "span": {"class"},
}
NOT_SHOWN = "not-shown"
"""The class of lines that name what is not shown."""
_CLASSES = re.compile(rf"{NOT_SHOWN}|alert(?: alert-\w+)*|language-[\w.+#-]+")
_SPAN = re.compile(r"[1-9]\d{0,2}")


_EMBEDDED = re.compile(r"\s*data:(image/[a-z+]+);base64,([A-Za-z0-9+/=\s]+)")
# To the web, or to a file beside the page: what begins with `/` or `\\` leads to another host or
# into the reader's own files, and a `:` before any `/` may end a scheme.
_LEADS_ON = re.compile(r"https?:|mailto:|#|(?![\\/])[^:]*(?:[/?#]|$)", re.IGNORECASE)
# What lets an element lie over others, on a page whose own words have to stay in view; an escape in
# a style has no other use.
_LEAVES_ITS_PLACE = re.compile(
    r"\\|\b(?:position|inset|z-index|transform|translate|scale|rotate|zoom|offset|animation)\b"
    r"|margin[^;]*:[^;]*-|shadow|outline",
    re.IGNORECASE,
)


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Images carry their own bytes; links lead anywhere a reader may choose to go."""
    if name == "src":
        return _own_image(value)
    if name == "href":
        return value if _LEADS_ON.match(value.strip()) else None
    if name == "style":
        return safe_style(value) or None
    if name == "class":
        return value if _CLASSES.fullmatch(value) else None
    if name in ("colspan", "rowspan"):
        return value if _SPAN.fullmatch(value) else None
    return value


def _own_image(address: str) -> str | None:
    """The address of a picture that it holds itself, a drawing cleaned; None for any other."""
    found = _EMBEDDED.fullmatch(address)
    if found is None or found[1] != "image/svg+xml":
        return address if found else None
    try:
        drawing = read_image(found[1], found[2], "an output")
    except RenderingError:
        return None
    return drawing.address


def _keep_live_attribute(tag: str, name: str, value: str) -> str | None:
    """As in any page; links stay on it, styles load nothing, and buttons send nothing."""
    if name == "href":
        return value if value.startswith("#") else None
    if name == "style":
        return None if style_fault(value) or _LEAVES_ITS_PLACE.search(value) else value
    if name == "class":
        return value
    if (tag, name) == ("button", "type"):
        return "button"
    return _keep_attribute(tag, name, value)


def _cleaner(tags: frozenset[str], attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        attributes=_ATTRIBUTES | attributes,
        attribute_filter=_keep_attribute,
        url_schemes={"https", "http", "mailto", "data"},
    )


_IN_MATHS = {tag: set(_MATHS_ATTRIBUTES) for tag in _MATHS}
_PROSE = _cleaner(
    _WORDS | _HEADINGS | _MATHS,
    _IN_MATHS | {"*": {"dir", "id", "lang", "style"}},
)
_HEADING = _cleaner((_WORDS | _MATHS) - {"a", "img"}, _IN_MATHS)
_OUTPUT = _cleaner(_WORDS | _MATHS, _IN_MATHS | {"*": {"dir", "lang", "style"}})
_LIVE = nh3.Cleaner(
    tags=_WORDS | _CONTROLS,
    attributes=_ATTRIBUTES
    | {
        "*": set(_GENERAL),
        "canvas": {"width", "height"},
        "details": {"open", "name"},
        "input": {"checked", "disabled", "max", "min", "name", "step", "type", "value"},
        "button": {"disabled", "name", "type", "value"},
        "fieldset": {"disabled"},
        "label": {"for"},
        "optgroup": {"label"},
        "option": {"selected", "value"},
        "output": {"for", "name"},
        "select": {"disabled", "name"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
    },
    generic_attribute_prefixes={"aria-", "data-"},
    attribute_filter=_keep_live_attribute,
    url_schemes={"data"},
    link_rel=None,
)
_OTHER_INPUT = re.compile(r'<input(?!(?:[^">]|"[^"]*")*\stype="(?:checkbox|radio|range)")[^>]*>')


def sanitised_prose(html: str) -> str:
    """HTML made from Markdown, sanitised: headings, anchors and mathematics stay."""
    return _PROSE.clean(html)


def sanitised_output(html: str) -> str:
    """A cell's own HTML, sanitised: no headings, anchors or forms."""
    return _OUTPUT.clean(html)


def clean_prose(html: str) -> str:
    """HTML made from Markdown, as a page has it."""
    return re.sub(r"<pre(?=[ >])", '<pre tabindex="0"', _finished(_PROSE.clean(html)))


def clean_heading(html: str) -> str:
    """A heading as a table of contents has it: no links and no anchors of its own."""
    return _HEADING.clean(html)


def clean_output(html: str) -> str:
    """A cell's own HTML, as a page has it."""
    return _finished(_OUTPUT.clean(html))


def clean_interactive(html: str) -> str:
    """An interactive figure's HTML, sanitised: controls, classes and anchors stay."""
    cleaned = _OTHER_INPUT.sub("", _LIVE.clean(html))
    return re.sub(r"<img\b[^>]*>", lambda image: _described(image) or _alt(image), cleaned)


def _finished(html: str) -> str:
    """Images that may not be shown made words; tables made accessible.

    It relies on what nh3 wrote: attributes are quoted, tags closed, every `<` in text escaped.
    """
    html = re.sub(r"<img\b[^>]*>", lambda image: _described(image) or _missing(image), html)
    html = _with_stops(html) if "<annotation" in html else html
    return _with_table_roles(html) if "<table" in html else html


# What is so long may be wider than a phone, and then it scrolls, or its paragraph does.
_STOP = '<p tabindex="0"'
_LONG_FORMULA = re.compile(r"<annotation\b[^<>]*>[^<]{60,}")


def _with_stops(html: str) -> str:
    """Long formulas, or paragraphs that hold them, as places where a keyboard stops to scroll."""
    for found in reversed([*_LONG_FORMULA.finditer(html)]):
        end = html.rfind("<math", 0, found.start())
        if html.startswith('<math display="block"', end):
            html = f'{html[:end]}<math tabindex="0"{html[end:].removeprefix("<math")}'
        start = max(html.rfind(opening, 0, end) for opening in ("<p>", "<p "))
        if start >= 0 and html.startswith('<math display="inline"', end):
            html = f"{html[:start]}{_STOP}{html[start:].removeprefix(_STOP).removeprefix('<p')}"
    return html


def _described(image: re.Match[str]) -> str:
    """The image, with an alternative text at least empty; nothing where it has no source."""
    if ' src="' not in image[0]:
        return ""
    return image[0] if ' alt="' in image[0] else image[0].replace("<img", '<img alt=""', 1)


def _alt(image: re.Match[str]) -> str:
    found = re.search(r'\balt="([^"]*)"', image[0])
    return found[1] if found else ""


def _missing(image: re.Match[str]) -> str:
    """What stands for a picture that is somewhere else, as `markdown.lua` has it too."""
    alt = _alt(image)
    return f"[Picture not in the notebook{': ' if alt else ''}{alt}]"


def _with_table_roles(html: str) -> str:
    """Each table in a box that scrolls and can be focused, its header cells with a scope."""
    parts = re.split(r"(<thead\b.*?</thead>)", html, flags=re.DOTALL)
    for position, part in enumerate(parts):
        scope = "col" if position % 2 else "row"
        part = re.sub(r"<th\b([^>]*)>(?:\s|&nbsp;)*</th>", r"<td\1></td>", part)
        # A letter that nobody sees: whatever looks for words in a header takes no formula for one.
        part = re.sub(r"(<th\b[^>]*>)\s*(?=<math\b)", "\\1\u2060", part)
        parts[position] = re.sub(r"<th\b", f'<th scope="{scope}"', part)
    box = '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table'
    return "".join(parts).replace("<table", box).replace("</table>", "</table></div>")


# Besides what XML and HTML forbid: the characters that make others stand in another order than they
# were written in (Unicode Technical Report 36, "Bidirectional Text Spoofing"), and those of tags,
# which nobody sees and machines can read.
_TURNS = "\u202a-\u202e\u2066-\u2069"
_UNPRINTABLE = re.compile(
    rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff\U000e0000-\U000e007f{_TURNS}]"
)
_TURNING = re.compile(rf"[{_TURNS}]")


def printable(text: str) -> str:
    """The text without the characters that no page can hold or that turn the order of others."""
    return _UNPRINTABLE.sub("", text)


def printable_throughout(value: Any) -> Any:
    """A value as JSON knows them, each text in it printable."""
    match value:
        case str():
            return printable(value)
        case list() | tuple():
            return [printable_throughout(item) for item in value]
        case Mapping():
            return {printable(str(k)): printable_throughout(item) for k, item in value.items()}
        case _:
            return value


def listing(source: str) -> str:
    """Code as a page lists it: what would turn its letters around is shown as its escape."""
    return printable(_TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", source))


def plain(text: str) -> str:
    """The text as a terminal would leave it, objects in it without their addresses."""
    return without_addresses(printable(settled(text))).strip("\n")


# As Python writes an object that has no words of its own: `<a.Thing object at 0x7f03c2a41d90>`.
_ADDRESS = re.compile(r"(?: object)? at 0x[0-9a-fA-F]+(?=[^<>\n]{0,200}>)|(?<=[\w.]) object(?=>)")


def without_addresses(text: str) -> str:
    """The text without the places in memory of objects, which are others in each run."""
    return _ADDRESS.sub("", text)
