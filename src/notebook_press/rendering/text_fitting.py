"""How much room text takes in a font that nobody can measure: on the safe side."""

import math
import unicodedata

__all__ = ["LINE_HEIGHT", "fitted", "line_count", "text_width"]

LINE_HEIGHT = 1.22
_NARROW = frozenset("iljtfr.,:;'|!()[] `-/\\I")
_BROAD = frozenset("mwMW@%—…&+<=>~^#")
_ELLIPSIS = "…"


def text_width(text: str, size: float) -> float:
    """The width of a line in points, at a font size in points."""
    return size * sum(map(_em_width, text))


def _em_width(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if character in _NARROW:
        return 0.36
    if unicodedata.east_asian_width(character) in "WF" or character > "\u2fff":
        return 1.05
    if character in _BROAD or unicodedata.category(character) == "So":
        return 0.95
    return 0.66 if character.isupper() or character.isdigit() else 0.56


def line_count(text: str, width: float, size: float) -> int:
    """How many lines the text takes when it is wrapped to a width in points."""
    return sum(_paragraph_lines(paragraph, width, size) for paragraph in text.split("\n"))


def _paragraph_lines(paragraph: str, width: float, size: float) -> int:
    lines, used, space = 1, 0.0, text_width(" ", size)
    for word in paragraph.split():
        wide = text_width(word, size)
        if used and used + space + wide > width:
            lines, used = lines + 1, 0.0
        used += wide + (space if used else 0)
        if used > width:  # a word longer than its line is broken anywhere
            lines, used = lines + math.ceil(used / width) - 1, used % width
    return lines


def fitted(text: str, room: tuple[float, float], sizes: tuple[int, int]) -> tuple[str, int]:
    """The text and the largest font size at which it fits, cut short where none does.

    Args:
        text: Lines apart by line feeds.
        room: Width and height in points.
        sizes: The largest and the smallest font size in points.
    """
    width, height = room
    largest, smallest = sizes
    for size in range(largest, smallest - 1, -1):
        if line_count(text, width, size) * size * LINE_HEIGHT <= height:
            return text, size
    allowed = max(1, int(height / (smallest * LINE_HEIGHT)))
    short, long = 0, len(text)
    while short < long:
        middle = (short + long + 1) // 2
        if line_count(text[:middle] + _ELLIPSIS, width, smallest) <= allowed:
            short = middle
        else:
            long = middle - 1
    return text[:short].rstrip() + _ELLIPSIS, smallest
