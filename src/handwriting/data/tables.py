"""Images in the rows of a table, a number a pixel, each with its label: CSV, and Parquet files.

A table is read in blocks of some megabytes, and what was read is kept as bytes where it can be.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from handwriting.data import arrays, idx, pictures
from handwriting.data.arrays import Arrays

_BLOCK = 2**24
_LABELS = ("label", "labels", "class", "target", "y", "digit", "character", "letter")
_IDLE = ("", "id", "index", "unnamed: 0")
"""Columns that are neither labels nor pixels."""


def csv(path: Path, file: IO[bytes], size: int) -> Arrays:
    """The images and labels of a CSV file, packed with gzip or not, header or none.

    Labels are in the column that is called so, else in the first; in the last, where the first is
    the same throughout. A table with names for its columns, none of which is one for labels, has
    images only where the number of columns is a square.
    """
    start = file.read(2)
    file.seek(0)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        raise arrays.refusal(path, "a table in UTF-8", "one in UTF-16", "Save it as UTF-8.")
    stream = gzip.GzipFile(fileobj=file) if start == b"\x1f\x8b" else file
    columns: list[str] | None = None
    found: list[tuple[NDArray[Any], NDArray[Any] | None]] = []
    label: int | None = None
    total = lines = 0
    for block in _blocks(path, stream):
        columns, rows = (columns, block) if found else _without_header(block)
        if not rows.strip():
            continue
        frame = _frame(rows, lines + block.count(b"\n") - rows.count(b"\n"))
        lines += block.count(b"\n")
        if not found:
            label = _label_column(frame, columns)
        idle = [place for place, name in enumerate(columns or ()) if name in _IDLE]
        pixels = frame.drop(columns=[*idle, *([] if label is None else [label])])
        numbers = _numbers(path, pixels, sum(len(each) for each, _ in found))
        found.append((numbers, None if label is None else frame[label].to_numpy()))
        total += found[-1][0].nbytes
        _check(path, total, size)
    if not found:
        raise arrays.refusal(path, "rows of numbers", "none", "Bring another table.")
    images = np.concatenate([each for each, _ in found])
    labels = [each for _, each in found if each is not None]
    return {"images": images} | ({"labels": np.concatenate(labels)} if labels else {})


def parquet(path: Path, file: IO[bytes], size: int) -> Arrays:
    """The images and labels of a Parquet file: pictures in a column, or a number a pixel.

    Pictures are as Hugging Face stores them, their bytes in a struct, beside a column of labels
    whose names stand in the file's metadata.
    """
    try:
        from pyarrow import parquet as reader
    except ImportError as error:
        remedy = "Install it (`pip install pyarrow`), or save the table as CSV."
        raise arrays.refusal(path, "pyarrow, to read Parquet", "none", remedy) from error
    table = reader.ParquetFile(file)
    groups = range(table.metadata.num_row_groups)
    total = sum(table.metadata.row_group(each).total_byte_size for each in groups)
    _check(path, total, size)
    frame = table.read().to_pandas()
    columns = [str(name).lower() for name in frame.columns]
    frame.columns = range(len(columns))
    label = _label_column(frame, columns)
    if label is None:
        raise arrays.refusal(path, "a column `label`", ", ".join(columns)[:200], "Name it so.")
    pixels, labels = frame.drop(columns=label), frame[label].to_numpy()
    held = [place for place in pixels if isinstance(pixels[place].iloc[0], dict)]
    if not held:
        return {"images": _numbers(path, pixels), "labels": labels}
    images = [pictures.grey(each["bytes"], path) for each in pixels[held[0]]]
    names = json.loads((table.schema_arrow.metadata or {}).get(b"huggingface", b"{}"))
    named = names.get("info", {}).get("features", {}).get(columns[label], {}).get("names")
    if named and labels.dtype.kind in "iu":
        labels = np.array(named)[labels]
    return {"images": np.stack(images), "labels": labels}


def _blocks(path: Path, stream: Any) -> Iterator[bytes]:
    """The whole lines of a file, so many at a time."""
    rest = b""
    while block := stream.read(_BLOCK):
        whole, end, rest = (rest + block).rpartition(b"\n")
        if not end:
            found = f"one of more than {len(rest):,} bytes"
            if len(rest) >= _BLOCK:
                raise arrays.refusal(path, "lines of a table", found, "Bring another table.")
            continue
        yield whole + end
    if rest.strip():
        yield rest


def _without_header(rows: bytes) -> tuple[list[str] | None, bytes]:
    """The names of the columns in small letters, or None where the first row has numbers."""
    first, _, others = rows.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    cells = first.decode(errors="replace").split(_separator(rows))
    names = [cell.strip().strip('"').lower() for cell in cells]
    numbers = sum(name.replace(".", "", 1).isdecimal() for name in names)
    return (None, rows) if 2 * numbers > len(names) else (names, others)


def _separator(rows: bytes) -> str:
    first = rows[: rows.find(b"\n", 2)].decode(errors="replace")
    return max(";,\t", key=first.count)  # of as many of two, a comma may be that of decimals


def _frame(rows: bytes, lines: int) -> Any:
    """The rows as a table; so many lines of the file, which errors count, are before them."""
    import pandas as pd

    whole, separator = io.BytesIO(b"\n" * lines + rows), _separator(rows)
    return pd.read_csv(whole, header=None, sep=separator, keep_default_na=False, low_memory=False)


def _label_column(frame: Any, columns: list[str] | None) -> int | None:
    """Which column has the labels, or None where there is none."""
    if columns:
        named = [columns.index(name) for name in _LABELS if name in columns]
        pixels = sum(name not in _IDLE for name in columns)
        if named or round(pixels**0.5) ** 2 == pixels:
            return named[0] if named else None
    last = len(frame.columns) - 1
    return last if frame[0].nunique() == 1 and frame[last].nunique() > 1 else 0


def _numbers(path: Path, frame: Any, before: int = 0) -> NDArray[Any]:
    """Pixels as bytes where they can be, else as they are; so many images are before them."""
    import pandas as pd

    numbers = frame.to_numpy()
    if numbers.dtype.kind not in "iuf":
        place = next(place for place in frame if frame[place].dtype.kind not in "iuf")
        row = int(pd.to_numeric(frame[place], errors="coerce").isna().argmax())
        shown = f"{str(frame[place].iloc[row])[:40]!r} in column {place + 1}"
        found = f"{shown} of image {before + row + 1:,}"
        raise arrays.refusal(path, "a number for each pixel", found, "Bring another table.")
    small = numbers.dtype.kind in "iu" and 0 <= numbers.min() <= numbers.max() < 256
    return np.asarray(numbers, np.uint8 if small else np.float32)


def _check(path: Path, total: int, size: int) -> None:
    if total > idx.most_bytes(size):
        found = "more than a table of that size can hold"
        raise arrays.refusal(path, "a whole table", found, "Bring fewer images.")
