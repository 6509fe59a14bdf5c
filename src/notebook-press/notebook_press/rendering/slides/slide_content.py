"""A page taken apart for slides: tables and pictures in its words stand by themselves."""

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Any

from notebook_press.rendering.page import (
    UNDESCRIBED,
    Block,
    Figure,
    Fragment,
    Html,
    Image,
    NotShown,
    Page,
    Prose,
    Table,
    Text,
)
from notebook_press.rendering.sanitising import NOT_SHOWN
from notebook_press.rendering.slides.grids import read_grid

_HELD = re.compile(rf'<(?:table|img|pre)\b|class="{NOT_SHOWN}"')
_HEADING = re.compile(r"<h[2-6]\b")
_PICTURE = re.compile(r"data:(image/[a-z+]+);base64,(.*)", re.DOTALL)
_LONGEST_CAPTION = 120
_APART = ("br", "caption", "dd", "div", "dt", "li", "p", "td", "th")

Part = tuple[Block, Fragment]


def taken_apart(page: Page) -> Page:
    """The page with each table, picture and line about something not shown a block of its own.

    Tables and pictures that stood in words have the number 0. Words with several headings are a
    block for each.
    """
    parts: list[Part] = []
    origins: list[tuple[int, str]] = []
    for block, text, origin in zip(page.blocks, page.words.texts, page.origins, strict=True):
        found = list(_parts(block, text))
        parts += found
        origins += [origin] * len(found)
    words = replace(page.words, texts=tuple(text for _, text in parts))
    blocks = tuple(block for block, _ in parts)
    return replace(page, blocks=blocks, origins=tuple(origins), words=words)


def _parts(block: Block, text: Fragment) -> Iterator[Part]:
    html = text.source
    several = isinstance(block, Prose) and len(_HEADING.findall(html)) > 1
    if not isinstance(block, Prose | Html) or not (several or _HELD.search(html)):
        yield block, text
        return
    import lxml.html  # slow to import, and few reports need it

    body = lxml.html.fragment_fromstring(html, create_parent="div")
    for each in body.iter(*_APART):  # so that the words of one are apart from those of the next
        each.tail = f" {each.tail or ''}"
        each.text = None if each.tag == "br" else f" {each.text or ''}"
    for section in _sections(body) if several else [body]:
        held = list(_held(section, is_output=isinstance(block, Html)))
        words = _written(section)
        caption = ""
        if isinstance(block, Html) and held and len(section.text_content()) <= _LONGEST_CAPTION:
            caption, words = words, ""  # such as how many rows and columns there are
        if re.sub(r"<[^>]*>", "", words).strip():
            yield block, Fragment(words, "")
        for number, each in enumerate(held, start=1):
            own = escape(each.caption) if isinstance(each, Table) else ""
            said = [own, caption] if number == len(held) else [own]
            yield each, Fragment(" ".join(filter(None, said)), "")


def _sections(body: Any) -> Iterator[Any]:
    """The body's children, from heading to heading."""
    from lxml.html.builder import E

    section = E.div()
    section.text = body.text
    for child in list(body):
        if _HEADING.match(f"<{child.tag} ") and (len(section) or (section.text or "").strip()):
            yield section
            section = E.div()
        section.append(child)
    yield section


def _held(section: Any, *, is_output: bool) -> Iterator[Block]:
    """The tables, pictures and lines about what is not shown, which are taken out."""
    wanted = ["table[not(.//table)]", "img", f"*[@class='{NOT_SHOWN}']"]
    typed = ["pre[not(ancestor::table)]"] if is_output else []
    for element in section.xpath("|".join(f".//{each}" for each in (*wanted, *typed))):
        if block := _block(element):
            yield block
            element.drop_tree()


def _block(element: Any) -> Block | None:
    """What an element comes to; None for a picture from elsewhere, or a table without words."""
    match element.tag:
        case "pre":
            return Text(element.text_content().strip("\n"))
        case "table":
            return read_grid(element)
        case "img":
            found = _PICTURE.fullmatch(element.get("src", ""))
            alt = element.get("alt") or UNDESCRIBED
            return found and Figure(0, "", alt, Image(found[1], base64.b64decode(found[2])))
        case _:
            words = " ".join(element.text_content().split())
            what, _, advice = words.partition(": not shown here")
            return NotShown(what, advice.lstrip(":; "))


def _written(section: Any) -> str:
    import lxml.html

    whole = lxml.html.tostring(section, encoding="unicode", with_tail=False)
    return str(whole[whole.index(">") + 1 : whole.rindex("<")])
