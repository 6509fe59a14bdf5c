"""The tables of cleaned HTML as plain rows of text, for targets that draw tables themselves."""

import itertools
import re
from collections.abc import Sequence
from typing import Any

from notebook_press.rendering.page import Table

_WIDEST = 200  # columns: what has more is cut, as no target can draw it
_NUMBER = re.compile(r"[-+\u2212±(<]?[\d.,\s]*\d[\d.,\s]*(?:e[-+]?\d+)?[%)]?|nan|-|", re.IGNORECASE)


def read_grid(table: Any) -> Table | None:
    """An element `table` without others in it as text; None where it has no words.

    A cell that spans several columns of a head names each of them; any other stands once, where
    it begins, and leaves the rest of its place empty.
    """
    rows = list(table.iter("tr"))
    heads = _count_of_heads(rows)
    grid = _grid(rows, heads)
    if not any(map(any, grid)):
        return None
    width = len(grid[0])
    titles = [row[0] for row in grid[:heads] if _is_title(row)]
    head = [row for row in grid[:heads] if not _is_title(row)] or [[""] * width]
    body = tuple(map(tuple, grid[heads:]))
    return Table(
        number=0,
        caption=" ".join((*map(_text, table.iter("caption")), *titles)),
        columns=tuple(" ".join(filter(None, column)) for column in zip(*head, strict=True)),
        alignments=tuple(_alignment([row[column] for row in body]) for column in range(width)),
        rows=body,
    )


def _is_title(row: Sequence[str]) -> bool:
    return len(row) > 1 and row[0] != "" and len(set(row)) == 1


def _count_of_heads(rows: Sequence[Any]) -> int:
    """How many rows name columns: those of a `<thead>`, or the first that say nothing else."""
    named = [row.getparent().tag == "thead" for row in rows]
    if not any(named):
        cells = [list(row.iterchildren("td", "th")) for row in rows]
        named = [
            any(cell.tag == "th" for cell in row)
            and all(cell.tag == "th" or not _text(cell) for cell in row)
            for row in cells
        ]
    return named.index(False) if False in named else 0


def _grid(rows: Sequence[Any], heads: int) -> list[list[str]]:
    """The rows' texts by column, places that other cells reach into included."""
    grid: dict[tuple[int, int], str] = {}
    for top, row in enumerate(rows):
        left = 0
        for cell in row.iterchildren("td", "th"):
            while (top, left) in grid:
                left += 1
            wide = min(_span(cell, "colspan"), _WIDEST - left)
            high = min(_span(cell, "rowspan"), len(rows) - top)
            for down, across in itertools.product(range(high), range(wide)):
                is_told = not down and (not across or top < heads)
                grid[top + down, left + across] = _text(cell) if is_told else ""
    width = 1 + max((column for _, column in grid), default=-1)
    return [[grid.get((row, column), "") for column in range(width)] for row in range(len(rows))]


def _span(cell: Any, name: str) -> int:
    found = cell.get(name, "1")
    return int(found) if found.isdecimal() and int(found[:4]) >= 1 else 1


def _text(cell: Any) -> str:
    for annotation in list(cell.iter("annotation")):  # the source of a formula
        annotation.drop_tree()
    return " ".join(cell.text_content().split())


def _alignment(column: Sequence[str]) -> str:
    return "right" if any(column) and all(map(_NUMBER.fullmatch, column)) else "left"
