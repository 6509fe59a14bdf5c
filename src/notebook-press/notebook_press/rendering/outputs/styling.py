"""The styles of HTML that others wrote: on their elements, harmless, readable in both themes."""

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

Colour = tuple[float, float, float]

_PROPERTIES = re.compile(
    r"background(-color)?|color|font-(size|style|weight)|text-(align|decoration)|vertical-align"
    r"|white-space|(max-)?width|height|padding(-(top|right|bottom|left))?|margin-(left|right)"
    r"|border(-(top|right|bottom|left))?(-(width|style|color))?|border-(collapse|radius)|display"
)
# A function's name before its bracket; none but these is known to load nothing.
_VALUE = re.compile(
    r"(?:[\w#%.,+/ -]|(?<=rgb)\(|(?<=rgba)\(|(?<=hsl)\(|(?<=hsla)\(|(?<=linear-gradient)\("
    r"|(?<=light-dark)\(|\))+",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(-?\d*\.?\d+)([a-z%]*)", re.IGNORECASE)
_PIXELS = {"px": 1, "pt": 4 / 3, "em": 16, "rem": 16, "ex": 8, "ch": 8, "": 1}
_LARGEST = {"width": 2000, "max-width": 2000, "height": 1000, "font-weight": 1000, "font-size": 48}
_OTHERWISE = 100
_SHARED = ("width", "max-width", "height", "font-size")
_DISPLAYED = re.compile(r"inline(-block)?|block")
_COLOURS = re.compile(
    r"(?:rgb|hsl)a?\([^()]*\)|#[0-9a-f]+|(?<![-\w])[a-z]{3,}(?![-\w(])", re.IGNORECASE
)

# The grounds that are the hardest to read on, of those that the page's two themes have.
_LIGHTEST_THEME: Colour = (0.91, 0.93, 0.94)
_DARKEST_THEME: Colour = (0.15, 0.18, 0.2)
_WHITE: Colour = (1.0, 1.0, 1.0)
_BLACK: Colour = (0.0, 0.0, 0.0)
_INK: Colour = (0.11, 0.13, 0.15)
READABLE = 4.5
"""The least contrast of text (Web Content Accessibility Guidelines 2.2, criterion 1.4.3)."""


def declarations(
    style: str, is_fit: Callable[[str, str], bool] = lambda name, value: True
) -> dict[str, str]:
    """The values in a `style` attribute by property; of fit ones the last, or most important."""
    found: dict[str, str] = {}
    important: set[str] = set()
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        value, mark, _ = value.partition("!")
        value = value.strip()
        if name and value and (mark or name not in important) and is_fit(name, value):
            found[name] = value
            important |= {name} if mark else set()
    return found


@functools.lru_cache(maxsize=4096)
def safe_style(style: str) -> str:
    """What of a `style` attribute neither loads anything nor leaves its element's place."""
    return ";".join(f"{name}:{value}" for name, value in declarations(style, _is_safe).items())


def _is_safe(name: str, value: str) -> bool:
    if not _PROPERTIES.fullmatch(name) or not _VALUE.fullmatch(value):
        return False
    if name == "display":
        return _DISPLAYED.fullmatch(value) is not None
    if name.startswith("background") or name.endswith("color"):
        return True
    largest = _LARGEST.get(name, _OTHERWISE)
    shares = {"%": 1 if name in _SHARED else 100}
    lengths = [
        float(number) * (_PIXELS | shares).get(unit.lower(), -1)
        for number, unit in _LENGTH.findall(value)
    ]
    return all(0 <= length <= largest for length in lengths) and (
        name != "font-size" or all(length >= 9 for length in lengths)
    )


_LONGEST = 300  # characters of a value: a bar in several colours
_BREAKS_OUT = re.compile(r"[\"'\\]")


def may_be_said(declaration: str) -> bool:
    """Whether a declaration in a style sheet may come to something that is safe, and is whole."""
    name, _, value = declaration.partition(":")
    name = name.strip().lower()
    return (
        bool(_PROPERTIES.fullmatch(name) or name == "visibility" or name.startswith("--"))
        and len(value) <= _LONGEST
        and value.count("(") == value.count(")")
        and not _BREAKS_OUT.search(value)
    )


def is_hidden(style: str) -> bool:
    """Whether a `style` attribute hides its element."""
    found = declarations(style)
    return found.get("display", "").lower() == "none" or (
        found.get("visibility", "").lower() in ("hidden", "collapse")
    )


def inlined(html: str) -> str:
    """A document with the rules of its style sheets on the elements that they are for.

    The HTML must not be nested deeper than some thousand elements.
    """
    import css_inline  # slow to import, and wanted only where there is a style sheet

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, resolve_css_variables=True)
    return inliner.inline(html)


def make_readable(root: Any) -> None:
    """Give the elements of a tree styles that are safe, and colours that can be read.

    Text on an author's ground gets an ink that stands out from it in both themes; text in an
    author's colour on the page's own ground gets one for each theme.
    """
    around: dict[Any, tuple[Sequence[Colour], str]] = {}
    for element in root.iter():
        over, outer = around.get(element.getparent(), ((), ""))
        style = element.attrib.pop("style", "")
        found = declarations(style, _is_safe) if style else {}
        if len(element) or (element.text or "").strip():
            found.pop("height", None)  # what it holds would stand on what follows
        ground, ink = _ground(found, over), found.pop("color", outer)
        if ground != over or ink != outer:
            found |= {"color": shown} if (shown := _ink(ink, ground)) else {}
        if ground or ink:
            around[element] = ground, ink
        if found:
            element.set("style", ";".join(f"{name}:{value}" for name, value in found.items()))


def _ground(found: dict[str, str], over: Sequence[Colour]) -> Sequence[Colour]:
    """The colours that an element's text stands on, its declarations made such that it does."""
    if not found:
        return over
    background = found.get("background", "")
    base = over[0] if over else _WHITE
    if "gradient" in background.lower():
        stops = [over_ground(word, base) for word in _COLOURS.findall(background)]
        found["background"] = _COLOURS.sub(lambda word: _spelt(word[0], base), background)
        plain = over_ground(found.pop("background-color", ""), base) or base
        found["background-color"] = hexadecimal(plain)  # after the gradient, which would undo it
        return (plain, *(stop for stop in stops if stop))
    colour = found.pop("background-color", "") or background
    found.pop("background", None)
    if shown := over_ground(colour, base):
        found["background-color"] = hexadecimal(shown)
        return (shown,)
    return over


def _spelt(colour: str, base: Colour) -> str:
    """A colour of a gradient in six digits, which paper knows too; other words as they are."""
    shown = over_ground(colour, base)
    return hexadecimal(shown) if shown else colour


def _ink(ink: str, ground: Sequence[Colour]) -> str:
    """The colour to write in: the author's where it can be read."""
    if ground:
        inks = [each for each in (over_ground(ink, ground[0]), _INK, _WHITE, _BLACK) if each]
        worst = [min(contrast(each, under) for under in ground) for each in inks]
        fit = [each for each, least in zip(inks, worst, strict=True) if least >= READABLE]
        return hexadecimal(fit[0] if fit else inks[worst.index(max(worst))])
    if own := over_ground(ink, _WHITE):
        light, dark = (
            towards(own, _BLACK, _LIGHTEST_THEME),
            towards(own, _WHITE, _DARKEST_THEME),
        )
        return f"light-dark({hexadecimal(light)}, {hexadecimal(dark)})"
    return ""


def towards(colour: Colour, end: Colour, ground: Colour) -> Colour:
    """The colour nearest to one, on the way to black or white, that can be read on a ground."""
    steps = (mixed(end, colour, step / 20) for step in range(21))
    return next(each for each in steps if contrast(each, ground) >= READABLE or each == end)


@functools.lru_cache(maxsize=1024)
def over_ground(text: str, ground: Colour) -> Colour | None:
    """A colour in CSS as it looks on a ground, in sRGB from 0 to 1; None if it can't be seen."""
    from tinycss2.color4 import parse_color  # slow to import, and wanted only for colours

    found = parse_color(text) if text else None
    if found is None or isinstance(found, str) or not found.alpha:
        return None
    parts = found.to("srgb").coordinates  # the gate lets through names, `#`, rgb and hsl only
    red, green, blue = (min(max(part or 0.0, 0.0), 1.0) for part in parts)
    return mixed((red, green, blue), ground, found.alpha)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """So much of one colour, 0-1, over another."""
    red, green, blue = (a * share + b * (1 - share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours (WCAG 2.2, "contrast ratio"), from 1 to 21."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def hexadecimal(colour: Colour) -> str:
    """The colour as CSS has it, `#rrggbb`."""
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)
