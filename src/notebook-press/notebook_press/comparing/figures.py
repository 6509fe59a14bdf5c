"""Pictures that differ, and where: those of pixels by their pixels, drawings by their elements."""

import io
import math
import operator
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from notebook_press.comparing.matching import How, how, matched
from notebook_press.rendering.page import Image
from notebook_press.rendering.prose.beside import checked

MOST_PIXELS = 20_000_000
_NAMED = re.compile(r"('id': '|#)([^'\s)]+)")
_RED = (200, 30, 40)
_ALL_OR_NOTHING = [0] + [255] * 255  # what each value of a colour becomes


@dataclass(frozen=True)
class Picture:
    """A picture as its notebook holds it: its cell's position, caption, what it shows, and data."""

    position: int
    title: str
    alt: str
    mime: str
    data: str


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
    where: str = ""
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
    for old, new in matched(before, after, keys):
        if old and new and keys[0](old) == keys[0](new):
            continue
        there = {side: each for side, each in (("before", old), ("after", new)) if each}
        shown = {
            side: (image, each.alt)
            for side, each in there.items()
            if isinstance(image := checked(each.mime, each.data), Image)
        }
        found: dict[str, Any] = {}
        if len(shown) < len(there):
            found = {"where": "a picture that can't be shown"}
        elif old and new:
            found = _difference(*(image for image, _ in shown.values()))
        if overlay := found.pop("overlay", None):
            alt = f"In red, where they differ: {found['where']}."
            shown["where they differ"] = (overlay, alt)
        if found.get("share") != 0:
            yield FigureChange(
                how=how(old, new),
                before=old.position if old else None,
                after=new.position if new else None,
                title=next(each.title for each in (new, old) if each),
                pictures=shown,
                **found,
            )


def _difference(before: Image, after: Image) -> dict[str, Any]:
    """What is said of a figure that changed; `overlay` is a picture of where."""
    drawings = [image.mime == "image/svg+xml" for image in (before, after)]
    if all(drawings):
        return _difference_of_drawings(before, after)
    if any(drawings):
        return {"where": f"{before.mime} before, {after.mime} after"}
    return _difference_of_pixels(before, after)


def _difference_of_drawings(before: Image, after: Image) -> dict[str, Any]:
    old, new = map(_elements, (before, after))
    differing = max((Counter(old) - Counter(new)).total(), (Counter(new) - Counter(old)).total())
    differing = differing or sum(map(operator.ne, old, new))
    count = max(len(old), len(new))
    where = f"{differing:,} of {count:,} elements of the drawing differ"
    return {"where": where, "share": differing / count}


def _elements(drawing: Image) -> list[str]:
    """A drawing's elements as text, with names in it by their order: some are drawn at random."""
    root = ElementTree.fromstring(drawing.content)  # noqa: S314  (cleaned when it was read)
    for notes in root.findall("{*}metadata"):
        root.remove(notes)
    elements = list(root.iter())
    names = {element.get("id"): f"{n}" for n, element in enumerate(elements)}
    told = (f"{each.tag} {each.attrib} {each.text} {each.tail}" for each in elements)
    return [_NAMED.sub(lambda found: found[1] + names.get(found[2], found[2]), e) for e in told]


def _difference_of_pixels(before: Image, after: Image) -> dict[str, Any]:
    from PIL import Image as Pillow  # slow to import
    from PIL import ImageChops, ImageFilter

    opened = [Pillow.open(io.BytesIO(each.content)) for each in (before, after)]
    sizes = ["{:,} by {:,}".format(*image.size) for image in opened]
    if sizes[0] != sizes[1]:
        return {"where": f"sizes differ: {sizes[0]} pixels before, {sizes[1]} after"}
    count = math.prod(opened[0].size)
    if count > MOST_PIXELS:
        return {"where": f"the files differ; {count:,} pixels are too many to compare"}
    old, new = map(_on_white, opened)
    differences = ImageChops.difference(old, new).point(_ALL_OR_NOTHING * 3)
    mask = differences.convert("L").point(_ALL_OR_NOTHING)
    differing = sum(mask.histogram()[1:])
    box = mask.getbbox()
    if box is None:
        return {"share": 0}
    share = differing / count
    place = "from {}, {} to {}, {}".format(*box)
    where = f"{differing:,} of {count:,} pixels differ ({share:.2%}), {place}"
    # The picture after, faded, with what differs wide enough to be seen.
    faded = Pillow.blend(
        new.convert("L").convert("RGB"), Pillow.new("RGB", new.size, "white"), 0.65
    )
    faded.paste(_RED, mask=mask.filter(ImageFilter.MaxFilter(5)))
    drawn = io.BytesIO()
    faded.quantize(32).save(drawn, "PNG", optimize=True)
    overlay = Image("image/png", drawn.getvalue())
    return {"where": where, "share": share, "box": box, "overlay": overlay}


def _on_white(image: Any) -> Any:
    from PIL import Image as Pillow

    ground = Pillow.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")
