"""HTML that others wrote, reduced to what may stand in a page: nothing that runs or fetches."""

import re

import nh3

from notebook_press.author import style_fault

__all__ = ["clean_interactive", "clean_output", "clean_prose"]

_WORDS = frozenset(
    "a abbr b bdi blockquote br caption code col colgroup dd del details dfn "  # noqa: SIM905
    "div dl dt em hr i img ins kbd li mark ol p pre q s samp small span "
    "strong sub summary sup table tbody td tfoot th thead tr u ul var wbr".split()
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
_CONTROLS = frozenset(
    "button canvas fieldset input label legend optgroup option output select".split()  # noqa: SIM905
)
_GENERAL = frozenset("class dir hidden id lang role style tabindex title".split())  # noqa: SIM905
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan", "style"},
    "th": {"colspan", "rowspan", "style"},
    "col": {"span"},
    "details": {"open"},
}


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Images carry their own bytes; links lead anywhere a reader may choose to go."""
    embedded = value.strip().lower().startswith("data:")
    if name == "src":
        return value if re.match(r"data:image/[a-z+]+;base64,", value) else None
    if name == "href":
        return None if embedded or value.lstrip().startswith(("//", "\\")) else value
    return value


def _keep_live_attribute(tag: str, name: str, value: str) -> str | None:
    """As in any page; links stay on it, styles load nothing, and buttons send nothing."""
    if name == "href":
        return value if value.startswith("#") else None
    if name == "style":
        return None if style_fault(value) else value
    if (tag, name) == ("button", "type"):
        return "button"
    return _keep_attribute(tag, name, value)


def _cleaner(tags: frozenset[str], attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        attributes=_ATTRIBUTES | attributes,
        attribute_filter=_keep_attribute,
        url_schemes={"https", "http", "mailto", "data"},
        filter_style_properties={"text-align"},
    )


_PROSE = _cleaner(
    _WORDS | _HEADINGS | _MATHS,
    {tag: set(_MATHS_ATTRIBUTES) for tag in _MATHS} | {tag: {"id"} for tag in _HEADINGS},
)
_OUTPUT = _cleaner(_WORDS, {})
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


def clean_prose(html: str) -> str:
    """HTML made from Markdown, sanitised: anchors on headings and mathematics stay."""
    return _finished(_PROSE.clean(html))


def clean_output(html: str) -> str:
    """A cell's own HTML, sanitised: no headings, anchors, classes or forms."""
    return _finished(_OUTPUT.clean(html))


def clean_interactive(html: str) -> str:
    """An interactive figure's HTML, sanitised: controls, classes and anchors stay."""
    cleaned = _OTHER_INPUT.sub("", _LIVE.clean(html))
    return re.sub(r"<img\b[^>]*>", _described, cleaned)


def _finished(html: str) -> str:
    """Images that may not be shown made words; tables made accessible.

    It relies on what nh3 wrote: attributes are quoted, tags closed, every `<` in text escaped.
    """
    html = re.sub(r"<img\b[^>]*>", _described, html)
    return _with_table_roles(html) if "<table" in html else html


def _described(image: re.Match[str]) -> str:
    """The image, with an alternative text at least empty, or (without a source) that text."""
    alt = re.search(r'\balt="([^"]*)"', image[0])
    if ' src="' in image[0]:
        return image[0] if alt else image[0].replace("<img", '<img alt=""', 1)
    return alt[1] if alt else ""


def _with_table_roles(html: str) -> str:
    """Each table in a box that scrolls and can be focused, its header cells with a scope."""
    parts = re.split(r"(<thead\b.*?</thead>)", html, flags=re.DOTALL)
    for position, part in enumerate(parts):
        scope = "col" if position % 2 else "row"
        part = re.sub(r"<th\b([^>]*)>\s*</th>", r"<td\1></td>", part)
        parts[position] = re.sub(r"<th\b", f'<th scope="{scope}"', part)
    box = '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table'
    return "".join(parts).replace("<table", box).replace("</table>", "</table></div>")
