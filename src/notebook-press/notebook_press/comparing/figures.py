"""Pictures that differ, and where: those of pixels by their pixels, drawings by their elements."""

import io
import operator
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from notebook_press.comparing.matching import matched
from notebook_press.comparing.texts import How
from notebook_press.errors import RenderingError
from notebook_press.rendering.images import IMAGE_TYPES, read_image
from notebook_press.rendering.page import Image

PICTURES = IMAGE_TYPES
MOST_PIXELS = 20_000_000
_NAMED = re.compile(r"('id': '|#)([^'\s)]+)")
_LENGTH = re.compile(r"[0-9.]{1,9}(?:[a-z]{2}|%)?")
_RED = (200, 30, 40)


@dataclass(frozen=True)
class Picture:
    """A picture as its notebook holds it: its cell's position, caption, what it shows, and data."""

    position: int
    title: str
    alt: str
    mime: str
    data: str


_NONE = Picture(0, "", "", "", "")


@dataclass(frozen=True)
class FigureChange:
    """A figure that is another one, or that only one side has.

    Attributes:
        how: Whether it changed, came or went.
        before: The position of its cell in the notebook before, from 1; None without one.
        after: The same for the notebook after.
        title: Its caption.
        where: How it differs, in words.
        share: Which part of its pixels, or of a drawing's elements, differs; None if unknown.
        box: Left, top, right and bottom of what differs, in pixels; None for a drawing.
        pictures: What is to be seen of it: before, after and, of pixels, where they differ.
    """

    how: How
    before: int | None
    after: int | None
    title: str
    where: str
    share: float | None = None
    box: tuple[int, int, int, int] | None = None
    pictures: dict[str, tuple[Image, str]] = field(default_factory=dict, repr=False)


def figure_changes(before: Sequence[Picture], after: Sequence[Picture]) -> Iterator[FigureChange]:
    """Yield how the pictures of a cell differ; those that look the same are left out."""
    keys = (
        lambda picture: (picture.mime, picture.data),
        lambda picture: picture.title,
        lambda picture: True,
    )
    for first, second in matched(before, after, keys):
        old = None if first is None else before[first]
        new = None if second is None else after[second]
        if old and new and (old.mime, old.data) == (new.mime, new.data):
            continue
        change = _change(old, new)
        if change.share != 0:
            yield change


def _change(old: Picture | None, new: Picture | None) -> FigureChange:
    sides = {"before": old, "after": new}
    there = {side: picture for side, picture in sides.items() if picture}
    looked_at = {side: (_looked_at(picture), picture.alt) for side, picture in there.items()}
    shown = {side: (image, alt) for side, (image, alt) in looked_at.items() if image}
    where, share, box = "", None, None
    if len(shown) < len(there):
        where = "a picture that can't be shown"
    elif old and new:
        where, share, box, overlay = _difference(*(image for image, _ in shown.values()))
        if overlay:
            shown["where they differ"] = (overlay, f"In red, where they differ: {where}.")
    return FigureChange(
        how="changed" if old and new else "came" if new else "went",
        before=old.position if old else None,
        after=new.position if new else None,
        title=(new or old or _NONE).title,
        where=where,
        share=share,
        box=box,
        pictures=shown,
    )


def _looked_at(picture: Picture) -> Image | None:
    """The picture fit for a page, or None."""
    with suppress(RenderingError):
        return read_image(picture.mime, picture.data, "a picture")
    return None


Found = tuple[str, float | None, tuple[int, int, int, int] | None, Image | None]


def _difference(before: Image, after: Image) -> Found:
    drawings = [image.mime == "image/svg+xml" for image in (before, after)]
    if all(drawings):
        return _difference_of_drawings(before, after)
    if any(drawings):
        return f"{before.mime} before, {after.mime} after", None, None, None
    return _difference_of_pixels(before.content, after.content)


def _difference_of_drawings(before: Image, after: Image) -> Found:
    # Both were cleaned a moment ago, so they can be read.
    roots = [ElementTree.fromstring(image.content) for image in (before, after)]  # noqa: S314
    old, new = map(_elements, roots)
    gone, come = (Counter(one) - Counter(other) for one, other in ((old, new), (new, old)))
    differing = max(gone.total(), come.total()) or sum(map(operator.ne, old, new))
    count = max(len(old), len(new))
    where = f"{differing:,} of {count:,} elements of the drawing differ"
    first, second = map(_size, roots)
    if first != second:
        where = f"{where}; sizes differ: {first} before, {second} after"
    return where, differing / count, None, None


def _size(drawing: ElementTree.Element) -> str:
    """Width and height as a drawing tells them."""
    told = (drawing.get(side) or "" for side in ("width", "height"))
    return " by ".join(each if _LENGTH.fullmatch(each) else "unknown" for each in told)


def _elements(root: ElementTree.Element) -> list[str]:
    """A drawing's elements as text, with names in it by their order: some are drawn at random."""
    for notes in root.findall("{*}metadata"):
        root.remove(notes)
    elements = list(root.iter())
    names = {element.get("id"): f"{n}" for n, element in enumerate(elements)}
    told = (f"{each.tag} {each.attrib} {each.text} {each.tail}" for each in elements)
    return [_NAMED.sub(lambda found: found[1] + names.get(found[2], found[2]), e) for e in told]


def _difference_of_pixels(before: bytes, after: bytes) -> Found:
    from PIL import Image as Pillow  # slow to import

    old, new = (Pillow.open(io.BytesIO(content)) for content in (before, after))
    if old.size != new.size:
        sizes = ["{:,} by {:,}".format(*image.size) for image in (old, new)]
        return f"sizes differ: {sizes[0]} pixels before, {sizes[1]} after", None, None, None
    count = old.size[0] * old.size[1]
    if count > MOST_PIXELS:
        return f"the files differ; {count:,} pixels are too many to compare", None, None, None
    mask = _mask(_on_white(old), _on_white(new))
    box = mask.getbbox()
    differing = sum(mask.histogram()[1:])
    share = differing / count
    if not box:
        return "", 0.0, None, None
    where = (
        f"{differing:,} of {count:,} pixels differ ({share:.2%}), from {box[0]}, {box[1]} to "
        f"{box[2]}, {box[3]}"
    )
    return where, share, box, _overlay(_on_white(new), mask)


def _on_white(image: Any) -> Any:
    from PIL import Image as Pillow

    transparent = image.convert("RGBA")
    ground = Pillow.new("RGBA", image.size, "white")
    return Pillow.alpha_composite(ground, transparent).convert("RGB")


def _mask(before: Any, after: Any) -> Any:
    """White where any of a pixel's colours differs."""
    from PIL import ImageChops

    red, green, blue = ImageChops.difference(before, after).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([0] + [255] * 255)


def _overlay(after: Any, mask: Any) -> Image:
    """The picture after, faded, with what differs in red, wide enough to be seen."""
    from PIL import Image as Pillow
    from PIL import ImageFilter

    faded = Pillow.blend(
        after.convert("L").convert("RGB"), Pillow.new("RGB", after.size, "white"), 0.65
    )
    faded.paste(_RED, mask=mask.filter(ImageFilter.MaxFilter(5)))
    drawn = io.BytesIO()
    faded.quantize(32).save(drawn, "PNG", optimize=True)
    return Image("image/png", drawn.getvalue())
