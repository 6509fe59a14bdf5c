"""HTML that libraries and authors wrote, made fit for a page, with an account of what went."""

import re
from dataclasses import replace
from functools import partial
from html import unescape

from notebook_press.rendering.outputs.bundle import (
    Bundle,
    Cleaned,
    FindPicture,
    Loss,
    Shown,
    is_bare_object,
)
from notebook_press.rendering.outputs.charts import read_chart_in_html
from notebook_press.rendering.outputs.libraries import UNKNOWN
from notebook_press.rendering.page import Html, Image, NotShown, Text
from notebook_press.rendering.prose.beside import find_picture
from notebook_press.rendering.sanitising import (
    plain,
    printable,
    sanitised_output,
    sanitised_prose,
)

# What is in its place as it is, of which a tree need not be made.
_TO_MEND = re.compile(
    r"<(?!/?(?:a|abbr|b|blockquote|br|cite|code|col|colgroup|dd|del|details|dfn|div|dl|dt"
    r"|em|h[2-6]|hr|i|ins|kbd|li|mark|ol|p|pre|q|s|samp|small|span|strong|sub|summary|sup"
    r"|table|tbody|td|tfoot|th|thead|tr|u|ul|var|wbr)\b)(?=[a-z!?/])"
    r"|\s(?:align|bgcolor|hidden|name|style(?!=\"text-align: \w+;?\"))\b",
    re.IGNORECASE,
)


def _is_plain(html: str) -> bool:
    """Whether HTML has nothing but what stays, formulas included, so that no tree is needed."""
    parts = html.split("</math>")
    apart = [part.partition("<math display=") for part in parts]
    closed = all(formula for _, formula, _ in apart[:-1]) and not apart[-1][1]
    return closed and not _TO_MEND.search(" ".join(before for before, _, _ in apart))


def _no_picture(address: str) -> Image | str:
    return "it is not in the notebook"


def clean(
    html: str,
    place: str,
    *,
    is_prose: bool = False,
    find_picture: FindPicture = _no_picture,
    names_scripts: bool = True,
) -> Cleaned:
    """HTML made fit for a page, and an account of what went.

    Args:
        html: What a library or an author wrote, not to be trusted.
        place: What errors call its place.
        is_prose: Whether it was made of Markdown: its headings and anchors are the page's, and
            formulas in MathML stay.
        find_picture: Gives pictures that the HTML does not hold itself.
        names_scripts: Whether a line stands where a script would have drawn something.
    """
    html = printable(html)
    sanitise = sanitised_prose if is_prose else sanitised_output
    if is_prose and _is_plain(html):
        return Cleaned(sanitise(html), (), not html.strip())
    from notebook_press.rendering.outputs.mending import mend  # what it imports is slow to

    mended = mend(html, place, find_picture, is_prose=is_prose, names_scripts=names_scripts)
    return replace(mended, html=sanitise(mended.html))


# Objects whose text says more than what their HTML comes to without scripts and style sheets.
_BETTER_AS_TEXT = re.compile(
    r"class=[\"'][^\"'<>]*text-repr-fallback|sk-top-container|sk-container"
)
_FALLBACK = re.compile(r"text-repr-fallback[^<>]*>\s*(?:<pre>)?([^<>]+)</pre>")


def read_html(bundle: Bundle, mime: str) -> Shown | None:
    """A cell's `text/html`; None where it has nothing to see and another type may have."""
    html, text = bundle.text(mime), plain(bundle.text("text/plain"))
    says_something = bool(text.strip()) and not is_bare_object(text)
    if _BETTER_AS_TEXT.search(html):
        found = _FALLBACK.search(html)
        if text := text if says_something else plain(unescape(found[1])) if found else "":
            return Shown((Text(text),), "HTML", "lesser", "its text form")
    chart = read_chart_in_html(bundle, mime)
    picture = partial(find_picture, attachments={}, beside=bundle.beside)
    cleaned = clean(html, bundle.place, find_picture=picture, names_scripts=chart is None)
    around = () if cleaned.is_empty else (Html(cleaned.html),)
    if chart:
        return replace(chart, blocks=(*around, *chart.blocks))
    if around:
        return Shown(around, "HTML", losses=cleaned.losses)
    missed = [loss for loss in cleaned.losses if loss.fate == "not shown"]
    others = tuple(loss for loss in cleaned.losses if loss.fate != "not shown")
    if says_something and {loss.what for loss in missed} <= {UNKNOWN}:
        return None
    if missed:
        lines = (NotShown(loss.what, loss.note) for loss in missed)
        linked = "<a " in cleaned.html or "<code" in cleaned.html  # the address is a link, or said
        blocks = (Html(cleaned.html),) if linked else tuple(lines)
        return Shown(blocks, *missed[0], losses=(*missed[1:], *others))
    if set(bundle.data) - {mime, "text/plain"}:
        return None
    return Shown((), *(others or (Loss("HTML without content", "shown"),))[0])
