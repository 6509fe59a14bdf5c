"""The figures that runs chose for the page of their sweep, read from their notebooks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notebook_press.author import METADATA_KEY
from notebook_press.errors import RenderingError
from notebook_press.publishing.files import read_plain
from notebook_press.rendering.cells import joined
from notebook_press.rendering.images import IMAGE_TYPES, read_image
from notebook_press.rendering.page import Figure
from notebook_press.rendering.sanitising import printable

LARGEST = 2**28  # bytes of a notebook
_WORDS = ("caption", "alt")
_MARKS = (b'"sweep"', b'"measured"')


@dataclass(frozen=True)
class Kept:
    """What the page of a sweep takes from a run's notebook.

    Attributes:
        pictures: The figures that are meant for it.
        measured_on: What it says that its results were measured on.
    """

    pictures: tuple[Figure, ...] = ()
    measured_on: frozenset[str] = frozenset()


def read_kept(path: Path) -> Kept:
    """Return what a run's notebook gives to the page of its sweep: nothing where it is damaged."""
    try:
        content = read_plain(path, LARGEST)
        if not any(mark in content for mark in _MARKS):
            return Kept()  # most notebooks, some of which are large
        notebook = json.loads(content)
        found = [*_said(notebook)]
        pictures = [_picture(data, details) for data, details in found if details.get("sweep")]
    except (OSError, ValueError, RecursionError, TypeError, KeyError, RenderingError):
        return Kept()
    names = (str(name) for _, details in found for name in details.get("measured", ()))
    return Kept(tuple(each for each in pictures if each), frozenset(names))


def _said(notebook: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """What its author displayed: the outputs' data and what is noted with them."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            details = output.get("metadata", {}).get(METADATA_KEY)
            if isinstance(details, Mapping):
                yield output.get("data", {}), details


def _picture(data: Mapping[str, Any], details: Mapping[str, Any]) -> Figure | None:
    mime = next((mime for mime in IMAGE_TYPES if mime in data), None)
    caption, alt = (printable(joined(details.get(part) or "")).strip() for part in _WORDS)
    if mime is None or not alt:  # which none has that `author` made
        return None
    return Figure(0, caption, alt, read_image(mime, data[mime], "a figure of a sweep"))
