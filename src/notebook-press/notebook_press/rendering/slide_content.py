"""A page taken apart for slides: tables and pictures in its words stand by themselves."""

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from notebook_press.rendering.page import (
    Block,
    Figure,
    Fragment,
    Html,
    Image,
    NotShown,
    Page,
    Prose,
    Table,
)
from notebook_press.rendering.sanitising import NOT_SHOWN

_HELD = re.compile(rf'<(?:table|img)\b|class="{NOT_SHOWN}"')
_HEADING = re.compile(r"<h[2-6]\b")
_PICTURE = re.compile(r"data:(image/[a-z+]+);base64,(.*)", re.DOTALL)
_NUMBER = re.compile(r"[-+\u2212]?[\d.,\s]*\d[\d.,\s]*(?:[eE][-+\u2212]?\d+)?\s*%?")
_LONGEST_CAPTION = 120
_MOST_COLUMNS = 100

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
    for section in _sections(body) if several else [body]:
        held = list(_held(section))
        words = _written(section)
        caption = ""
        if isinstance(block, Html) and held and len(section.text_content()) <= _LONGEST_CAPTION:
            caption, words = words, ""  # such as how many rows and columns there are
        if re.sub(r"<[^>]*>", "", words).strip():
            yield block, Fragment(words, "")
        for number, each in enumerate(held, start=1):
            is_last = number == len(held) and isinstance(each, Table | Figure)
            yield each, Fragment(caption if is_last else "", "")


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


def _held(section: Any) -> Iterator[Block]:
    """The tables, pictures and lines about what is not shown, which are taken out."""
    wanted = f".//table|.//img|.//*[@class='{NOT_SHOWN}']"
    for element in section.xpath(wanted):
        inside = element.xpath("ancestor::table")
        if element.tag == "img":
            if picture := _picture(element):
                yield picture
                element.drop_tree()
        elif element.tag != "table":
            yield _not_shown(element)
            element.drop_tree()
        elif not inside and (table := _table(element)):
            yield table
            element.drop_tree()


def _picture(element: Any) -> Figure | None:
    found = _PICTURE.fullmatch(element.get("src", ""))
    if found is None:
        return None
    alt = element.get("alt") or "A picture that the notebook does not describe in words"
    return Figure(0, "", alt, Image(found[1], base64.b64decode(found[2])))


def _not_shown(element: Any) -> NotShown:
    what, _, advice = " ".join(element.text_content().split()).partition(": not shown here")
    return NotShown(what, advice.lstrip(":; "))


def _table(element: Any) -> Table | None:
    """The rows of a table, in which cells that span several are repeated down, and blank across."""
    rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
    grid = _grid(rows)
    count = max(map(len, grid), default=0)
    if not count or not any(map(any, grid)):
        return None
    grid = [[*row, *[""] * (count - len(row))] for row in grid]
    heads = sum(row.getparent().tag == "thead" for row in rows)
    if not heads and all(cell.tag == "th" for cell in rows[0]):
        heads = 1
    above, below = grid[:heads], grid[heads:]
    columns = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*above, strict=True)]
    sides = ["right" if _is_numeric(column) else "left" for column in zip(*below, strict=True)]
    return Table(
        number=0,
        caption="",
        columns=tuple(columns or [""] * count),
        alignments=tuple(sides or ["left"] * count),
        rows=tuple(map(tuple, below)),
    )


def _grid(rows: list[Any]) -> list[list[str]]:
    grid: list[list[str]] = []
    carried: dict[int, tuple[int, str]] = {}  # by column: for how many rows more, and what
    for row in rows:
        line = {column: text for column, (_, text) in carried.items()}
        further = {column: (n - 1, text) for column, (n, text) in carried.items() if n > 1}
        column, is_head = 0, row.getparent().tag == "thead"
        for cell in row:
            while column in carried:
                column += 1
            text, down = _text(cell), int(cell.get("rowspan", 1))
            end = min(column + int(cell.get("colspan", 1)), _MOST_COLUMNS)
            for each in range(column, end):
                line[each] = text if is_head or each == column else ""
                if down > 1:
                    further[each] = (down - 1, line[each])
            column = end
        carried = further
        grid.append([line.get(each, "") for each in range(max(line, default=-1) + 1)])
    return grid


def _text(cell: Any) -> str:
    for annotation in list(cell.iter("annotation")):
        annotation.drop_tree()
    for line in cell.iter("br"):
        line.tail = f" {line.tail or ''}"
    return " ".join(cell.text_content().split())


def _is_numeric(column: tuple[str, ...]) -> bool:
    cells = [cell for cell in column if cell and cell.lower() not in ("nan", "none", "...", "…")]
    return bool(cells) and all(map(_NUMBER.fullmatch, cells))


def _written(section: Any) -> str:
    import lxml.html

    whole = lxml.html.tostring(section, encoding="unicode", with_tail=False)
    return str(whole[whole.index(">") + 1 : whole.rindex("<")])
