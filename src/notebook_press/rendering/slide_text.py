"""Letters on slides: their colours, their size, and the language that they are in."""

from typing import Any

from pptx.dml.color import RGBColor
from pptx.util import Pt

__all__ = [
    "ACCENT",
    "INK",
    "LANGUAGE",
    "PANEL",
    "QUIET",
    "RULE",
    "WARNING",
    "colour",
    "set_letters",
]

INK, QUIET, ACCENT, WARNING = "1C2126", "59636D", "0A5A86", "8A5200"
PANEL, RULE = "F3F5F6", "CFD5D9"
LANGUAGE = "en-GB"


def colour(name: str) -> RGBColor:
    """The colour that six hexadecimal digits name."""
    made: RGBColor = RGBColor.from_string(name)  # type: ignore[no-untyped-call]
    return made


def set_letters(frame: Any, size: int, ink: str = INK, *, bold: bool | None = None) -> None:
    """Give all text of a frame its size (points), colour and language."""
    for paragraph in frame.paragraphs:
        for run in paragraph.runs:
            run.font.size = Pt(size)
            run.font.color.rgb = colour(ink)
            run.font.bold = bold
            run._r.get_or_add_rPr().set("lang", LANGUAGE)
