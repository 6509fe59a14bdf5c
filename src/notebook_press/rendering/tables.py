"""A table as `author.table` displays it, read into one that pages print."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from notebook_press.errors import RenderingError
from notebook_press.rendering.page import Table

__all__ = ["read_table"]


def read_table(
    content: Mapping[str, Any], number: int, place: str, printable: Callable[[str], str]
) -> Table:
    """Return the table that an output describes.

    Args:
        content: What the output holds.
        number: The table's number on its page.
        place: What errors call the cell.
        printable: Takes out of a text what no page can print.

    Raises:
        RenderingError: The rows differ in length, or the numbers to sort by are none for each row.
    """
    columns = content["columns"]
    rows = tuple(tuple(printable(str(cell)) for cell in row) for row in content["rows"])
    numbers = tuple(tuple(column.get("numbers") or ()) for column in columns)
    if any(len(row) != len(columns) for row in rows):
        raise RenderingError(
            f"{place}: expected {len(columns)} cells in each row of the table, "
            "found another number; make it with author.table"
        )
    if not all(len(found) in (0, len(rows)) and all(map(_sortable, found)) for found in numbers):
        raise RenderingError(
            f"{place}: expected one number to sort by for each of {len(rows)} rows, "
            "found something else; make the table with author.table"
        )
    return Table(
        number=number,
        caption=printable(content.get("caption") or ""),
        columns=tuple(printable(str(column["name"])) for column in columns),
        alignments=tuple(
            "right" if column.get("align") == "right" else "left" for column in columns
        ),
        rows=rows,
        numbers=numbers if any(numbers) else (),
    )


def _sortable(number: object) -> bool:
    """Whether it is a number, or None where a row has none."""
    if number is None:
        return True
    plain = isinstance(number, int | float) and not isinstance(number, bool)
    return plain and math.isfinite(number)  # type: ignore[arg-type]
