"""Small drawings in SVG: lines, dots, rectangles and words, in the colours of a page.

The colours are those of the light theme; in a page's dark one they turn as those of any drawing do.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from notebook_press.rendering.outputs.styling import hexadecimal
from notebook_press.rendering.page import Image
from notebook_press.sweeping.findings import written

INK, QUIET, FAINT, ACCENT, MARKED = "#1c2126", "#59636d", "#b9c0c6", "#0a5a86", "#8a5200"
MOST_NAMED = 12
"""The most values of a parameter that stand side by side; of more numbers a scale is made."""
_LOGARITHMIC = 30  # times the smallest is the largest of a scale that had better be logarithmic
_LONGEST = 12  # characters of a label
_LIGHT, _DEEP = (0.93, 0.96, 0.98), (0.04, 0.35, 0.53)


def short(text: str, longest: int = _LONGEST) -> str:
    """Return a text that fits beside an axis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shade(share: float) -> str:
    """Return the colour of a value, from 0, the lowest, to 1, the highest."""
    pairs = zip(_LIGHT, _DEEP, strict=True)
    red, green, blue = (low + (high - low) * share for low, high in pairs)
    return hexadecimal((red, green, blue))


class Canvas:
    """A drawing at work; all places are in pixels, from the upper left corner."""

    def __init__(self, width: float, height: float) -> None:
        """Begin with an empty one."""
        self.width, self.height = width, height
        self._marks: list[str] = []

    def line(
        self, places: Iterable[tuple[float, float]], colour: str = FAINT, width: float = 1
    ) -> None:
        """Draw a line through places."""
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        style = f"fill: none; stroke: {colour}; stroke-width: {width:g}; stroke-linejoin: round"
        self._marks.append(f'<polyline points="{points}" style="{style}"/>')

    def dot(self, x: float, y: float, colour: str = INK, radius: float = 3) -> None:
        """Draw a dot."""
        style = f"fill: {colour}"
        self._marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" style="{style}"/>')

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        size = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self._marks.append(f'<rect {size} style="fill: {colour}"/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        anchor: str = "middle",
        colour: str = QUIET,
        bold: bool = False,
    ) -> None:
        """Write words whose baseline begins, ends or has its middle at a place."""
        weight = "; font-weight: 600" if bold else ""
        self._marks.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
            f'style="fill: {colour}{weight}">{escape(words)}</text>'
        )

    def keep(self) -> None:
        """Keep the colours of what follows in a dark theme, up to `kept`."""
        self._marks.append(f'<g id="kept-{len(self._marks)}">')

    def kept(self) -> None:
        """End what keeps its colours."""
        self._marks.append("</g>")

    def image(self) -> Image:
        """Return the drawing."""
        size = f'width="{self.width * 0.75:g}pt" height="{self.height * 0.75:g}pt"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        box = f'viewBox="0 0 {self.width:g} {self.height:g}" font-size="12" '
        font = 'font-family="system-ui, Liberation Sans, sans-serif">'
        return Image("image/svg+xml", "".join([head, box, font, *self._marks, "</svg>"]).encode())


class Scale:
    """Where values lie between 0 and 1, and what is written beside them."""

    def __init__(self, values: Sequence[Any], *, named: bool = False) -> None:
        """Make the scale of some values.

        Args:
            values: The values, at least one; they may come several times.
            named: Whether each is to stand for itself, as those of a grid do.
        """
        known = {written(value): value for value in values}
        are_numbers = all(is_number(value) for value in known.values())
        if are_numbers:
            known = dict(sorted(known.items(), key=lambda item: item[1]))
        self.values = known
        self.is_named = not are_numbers or (named and len(known) <= MOST_NAMED)
        if self.is_named:
            self._places = {name: (i + 0.5) / len(known) for i, name in enumerate(known)}
            step = -(-len(known) // MOST_NAMED)
            labels = [(place, short(name)) for name, place in self._places.items()]
            self.ticks = labels[::step]
            return
        low, high = min(known.values()), max(known.values())
        self.is_logarithmic = low > 0 and high / low >= _LOGARITHMIC
        if self.is_logarithmic:
            self._low, self._high = math.log10(low), math.log10(high)
            powers = range(math.ceil(self._low), math.floor(self._high) + 1)
            found = [10.0**power for power in powers] if len(powers) > 1 else [low, high]
        else:
            room = (high - low or abs(high) or 1.0) * 0.08
            self._low, self._high = low - room, high + room
            found = round_numbers(self._low, self._high)
        self.ticks = [(self.at(value), written(value)) for value in found]

    def at(self, value: Any) -> float:
        """Return where a value lies."""
        if self.is_named:
            return self._places[written(value)]
        number = math.log10(value) if self.is_logarithmic else value
        return (number - self._low) / (self._high - self._low or 1.0)


def is_number(value: Any) -> bool:
    """Return whether a value is a number, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def round_numbers(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return the round numbers between two others, about as many as are wanted."""
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(f"{number * step:.10g}") for number in range(first, last + 1)]


class Panel:
    """A part of a canvas with two axes."""

    def __init__(
        self,
        canvas: Canvas,
        frame: tuple[float, float, float, float],
        across: Scale,
        up: Scale,
    ) -> None:
        """Draw the axes.

        Args:
            canvas: What it is drawn on.
            frame: Its left, top, width and height, within the labels.
            across: The scale of the lower axis.
            up: The scale of the left axis.
        """
        self.canvas, self.frame, self.across, self.up = canvas, frame, across, up
        left, top, width, height = frame
        for place, label in up.ticks:
            y = top + (1 - place) * height
            canvas.line([(left, y), (left + width, y)], "#dde1e4")
            canvas.text(left - 8, y + 4, label, anchor="end")
        canvas.line([(left, top + height), (left + width, top + height)], QUIET)
        for place, label in across.ticks:
            canvas.text(left + place * width, top + height + 18, label)

    def label(self, across: str, up: str) -> None:
        """Write what the axes show, the left one's above it."""
        left, top, width, height = self.frame
        self.canvas.text(left + width / 2, top + height + 37, across, colour=INK)
        self.canvas.text(left - 50, top - 12, up, anchor="start", colour=INK)

    def at(self, x: Any, y: Any) -> tuple[float, float]:
        """Return the place of two values."""
        left, top, width, height = self.frame
        return left + self.across.at(x) * width, top + (1 - self.up.at(y)) * height
