"""Drawings that follow the page: in its dark theme their inks turn light and their paper dark.

A page shows a drawing as a picture, so that nothing in it reaches the page. A picture still knows
which theme its reader has chosen, and its rules may ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from notebook_press.rendering.images import SVG, XLINK
from notebook_press.rendering.outputs.styling import Colour, hexadecimal, mixed, towards

# Those of `page.css` in its dark theme, #14181b and #dee3e7.
_PAPER: Colour = (0.078, 0.094, 0.106)
_INK: Colour = (0.871, 0.89, 0.906)

_NUMBER = re.compile(r"-?[0-9.]+")
_PLACE = re.compile(r"translate\((-?[0-9.]+) (-?[0-9.]+)\)")
_COLOURED = re.compile(r"\b(fill|stroke): (#[0-9a-f]{6})\b")
_GREYEST = 0.16
"""The largest gap between red, green and blue, 0-1, that still makes a grey."""


def themed(drawing: str) -> str:
    """Return a drawing by matplotlib with rules for a dark theme.

    Greys are turned over between the page's dark paper and its light ink, colours too dark for that
    paper are made lighter, and pictures and heat maps stay as they are, with the words on them. So
    does all that is in a group whose `id` begins with `kept` (`artist.set_gid("kept-1")`).

    Args:
        drawing: SVG, without anything that a page may not show.
    """
    root = ElementTree.fromstring(drawing)  # noqa: S314 - `clean_svg` has read it before
    for group in _kept(root):
        group.set("class", "kept")
    rules = [f"svg{{fill:{hexadecimal(_INK)}}}"]  # what has no colour of its own is black
    for name, colour in sorted(set(_COLOURED.findall(drawing))):
        found = at_night(colour)
        if found != colour:
            which = f'[style*="{name}: {colour}"]:not(.kept, .kept *)'
            rules.append(f"{which}{{{name}:{found}!important}}")
    style = ElementTree.Element(f"{{{SVG}}}style")
    style.text = f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
    root.insert(0, style)
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    return ElementTree.tostring(root, encoding="unicode")


def _kept(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The groups whose colours mean something beside what they stand on."""
    for group in root.iter(f"{{{SVG}}}g"):
        if group.get("id", "").startswith("kept"):
            yield group
        elif group.get("id", "").startswith("axes_"):
            meshes = [each for each in group if each.get("id", "").startswith("QuadMesh")]
            yield from meshes
            if meshes or group.find(f".//{{{SVG}}}image") is not None:
                yield from _words_within(group)


def _words_within(axes: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The words that begin within the frame of axes: a title begins above it."""
    ground = next((each for each in axes if each.get("id", "").startswith("patch_")), None)
    outline = None if ground is None else ground.find(f"{{{SVG}}}path")
    if outline is None:
        return
    corners = [*map(float, _NUMBER.findall(outline.get("d", "")))]
    across, down = corners[::2], corners[1::2]
    for words in (each for each in axes if each.get("id", "").startswith("text_")):
        place = _PLACE.search(ElementTree.tostring(words, encoding="unicode"))
        if place and (
            min(across) <= float(place[1]) <= max(across)
            and min(down) <= float(place[2]) <= max(down)
        ):
            yield words


def at_night(colour: str) -> str:
    """Return what a colour of the light theme is in the dark one, both as `#rrggbb`."""
    red, green, blue = found = tuple(part / 255 for part in bytes.fromhex(colour[1:]))
    if max(found) - min(found) <= _GREYEST:
        return hexadecimal(mixed(_PAPER, _INK, sum(found) / 3))
    return hexadecimal(towards((red, green, blue), _INK, _PAPER))
