"""Charts of Vega and Vega-Lite, such as Altair's, drawn without a browser and without fetching.

They are drawn in a process of its own, with limits of time and memory, since a specification is a
program.
"""

import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notebook_press.errors import RenderingError, one_line
from notebook_press.rendering.images import read_image
from notebook_press.rendering.page import Image
from notebook_press.rendering.programs import Program
from notebook_press.rendering.sanitising import printable_throughout

VEGA = Program(
    "vl-convert",
    (sys.executable, "-I", str(Path(__file__).parent / "vega_worker.py")),
    40.0,
    "draw fewer marks",
)
LARGEST = 10_000_000  # characters of a drawing
_MEMORY = 2 * 2**30
_MOST_CRASHES = 3  # after which what is left of a notebook's charts is not tried
VEGA_TYPE = re.compile(r"application/vnd\.vega(?P<lite>lite)?\.v(?P<major>\d+)[+.]json")
_PICTURE_ELSEWHERE = re.compile(r"<image\b[^>]*?\bhref=[\"'](?!data:image/|#|[\"'])")


@dataclass(frozen=True)
class VegaChart:
    """A specification as JSON, and the major version of Vega-Lite that it is for, if it is."""

    specification: str
    major: int | None

    @classmethod
    def of(cls, mime: str, specification: Mapping[str, Any]) -> "VegaChart":
        """The chart that an output of this type holds."""
        found = VEGA_TYPE.fullmatch(mime)
        major = int(found["major"]) if found and found["lite"] else None
        text = json.dumps(printable_throughout(specification), sort_keys=True)
        return cls(text, major)


def is_installed() -> bool:
    """Whether there is something to draw with."""
    return importlib.util.find_spec("vl_convert") is not None


def names_address(specification: Any) -> bool:
    """Whether anything in a specification would be fetched, or read from a file, to draw it."""
    return any(not _is_harmless(within, value) for within, value in _addresses(specification))


def _is_harmless(within: str, address: Any) -> bool:
    """Whether an address is a picture's own bytes, or a column that a picture's address is from."""
    if isinstance(address, Mapping):
        return within in _CHANNELS and "field" in address and not {"signal", "expr"} & set(address)
    return isinstance(address, str) and address.startswith("data:image/")


_CHANNELS = frozenset({"encoding", "enter", "update"})


def _addresses(part: Any, within: str = "") -> Iterator[tuple[str, Any]]:
    """What stands under `url`, and in what; a column of the data may be called so."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name == "url":
                yield within, value
            if (within, name) != ("", "datasets") and (within, name) != ("data", "values"):
                yield from _addresses(value, str(name))
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _addresses(value, within)


def draw_vega(charts: Sequence[VegaChart]) -> list[Image | str]:
    """Return each chart's drawing, or why there is none.

    All of them are drawn by one process, and those after one that it could not draw by the next.
    """
    drawn: list[Image | str] = []
    crashes = 0
    while len(drawn) < len(charts):
        if crashes == _MOST_CRASHES:
            return drawn + ["others took too long to draw"] * (len(charts) - len(drawn))
        made, refused = _made(charts[len(drawn) :])
        drawn += made
        if len(drawn) < len(charts):
            crashes += not refused
            drawn.append(refused or "drawing it takes too much time or memory; draw fewer marks")
    return drawn


def _made(charts: Sequence[VegaChart]) -> tuple[list[Image | str], str]:
    """The drawings up to the first that failed, and why it did, as far as it could say."""
    asked = [
        {"specification": json.loads(chart.specification), "lite": chart.major} for chart in charts
    ]
    made, refusal = VEGA.made({"bytes": _MEMORY, "charts": asked}, "charts")
    return [_checked(each.decode("utf-8", "replace")) for each in made], _reason(refusal)


def _reason(said: str) -> str:
    """What a refusal means: its second line, without the first one's heading and the trace."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return one_line("".join(lines[1:2]) or said)[:200]


def _checked(drawing: str) -> Image | str:
    if len(drawing) > LARGEST:
        return f"its drawing has {len(drawing):,} characters; draw fewer marks"
    if _PICTURE_ELSEWHERE.search(drawing):
        return "its pictures would have to be fetched; embed them"
    try:
        return read_image("image/svg+xml", drawing, "a chart")
    except RenderingError as error:
        return one_line(error)
