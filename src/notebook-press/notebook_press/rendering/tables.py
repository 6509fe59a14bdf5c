"""Tables of notebooks, read."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from notebook_press.errors import RenderingError
from notebook_press.rendering.page import Table


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
    known = [number for found in numbers for number in found if number is not None]
    if not all(len(found) in (0, len(rows)) for found in numbers) or not all(map(is_number, known)):
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


def is_number(value: object) -> bool:
    """Whether a value is a finite number, and not a truth value."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and math.isfinite(value)  # type: ignore[arg-type]
