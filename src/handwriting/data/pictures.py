"""Pictures in class folders, made grey: what one holds besides its pixels is left behind."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from handwriting.data import arrays, idx
from handwriting.data.collection import Part
from handwriting.results import files

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
"""How the name of a picture ends."""

LARGEST_SIDE = 128
"""Pixels that a picture may be high or wide."""

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
_REMEDY = "Replace the picture, or take it away."
_MOST_BYTES = 2**24
_FAINT = 16
"""Grey levels by which red, green and blue may differ where there is no colour to speak of."""

Classes = Mapping[str, Sequence[Path]]
"""The pictures of each class, by the name of its folder."""


def read(parts: Mapping[str, Classes]) -> tuple[dict[str, Part], dict[str, str], str]:
    """The parts, what each label means, and one SHA-256 over all names and contents.

    Folders that are called by whole numbers are these labels; other names are numbered as they are
    sorted, and numbers in them count as numbers.

    Args:
        parts: the class folders of each part.

    Raises:
        DatasetError: A file is no picture, too large, of another size or depth than the first, or
            in colour.
    """
    names = sorted({name for classes in parts.values() for name in classes}, key=natural)
    whole = len({int(name) for name in names if re.fullmatch(r"\d{1,9}", name)}) == len(names)
    labels = {name: int(name) if whole else number for number, name in enumerate(names)}
    digest = hashlib.sha256()
    first: tuple[Path, NDArray[Any]] | None = None
    found = {}
    for part, classes in parts.items():
        images = []
        for path in (path for name in classes for path in classes[name]):
            image = _grey(path, digest)
            first = first or (path, image)
            if image.size * sum(map(len, classes.values())) > idx.LARGEST:
                expected, remedy = f"at most {idx.LARGEST:,} pixels in all", "Bring fewer pictures."
                raise arrays.refusal(path, expected, "more", remedy)
            if image.shape != first[1].shape:
                remedy = "Bring all pictures to one size, such as 28 by 28 pixels."
                expected = f"{_size(first[1].shape)} pixels, as in {_short(first[0])}"
                raise arrays.refusal(path, expected, _size(image.shape), remedy)
            if image.dtype != first[1].dtype:
                remedy = "Save all pictures with 8 bits a pixel."
                expected = f"{_bits(first[1])} bits a pixel, as in {_short(first[0])}"
                raise arrays.refusal(path, expected, f"{_bits(image)}", remedy)
            images.append(image)
        counts = [len(each) for each in classes.values()]
        numbers = np.repeat([labels[name] for name in classes], counts)
        found[part] = Part(np.stack(images), numbers)
    return found, {str(labels[name]): name for name in names}, digest.hexdigest()


def grey(content: bytes, place: Path) -> NDArray[np.uint8 | np.uint16]:
    """A picture in grey, (height, width), the right way up, on white where it is transparent.

    Its pixels are uint8, or uint16 where it is deeper: what their largest number stands for, all
    images together have to tell.

    Args:
        content: the bytes of its file.
        place: where they come from, for messages.

    Raises:
        DatasetError: It is no picture, too large or too deep, or in colour.
    """
    picture, _ = decoded(content, place, _require_small)
    if picture.mode == "I;16":
        return np.asarray(picture)
    if picture.mode != "L" and np.ptp(np.asarray(picture), axis=2).max() > _FAINT:
        raise arrays.in_colour(place)
    return np.asarray(picture.convert("L"))


def decoded(
    content: bytes, place: Path, judge: Callable[[Path, Sequence[int]], None], side: int = 0
) -> tuple[Image.Image, int]:
    """The one picture in a file, upright and on white, and the orientation that its EXIF gives it.

    Args:
        content: the bytes of the file.
        place: where they come from, for messages.
        judge: called with the place and the shape before anything is decoded, to refuse it.
        side: pixels to which a higher or wider picture is made smaller; 0 leaves it as it is.

    Returns:
        A picture of mode `L`, `RGB`, or `I;16` where it is not made smaller, and 1 to 8 (CIPA,
        *Exif 2.32*, "Orientation"), 1 without.

    Raises:
        DatasetError: It is no picture, a damaged one, several, or one of more than 16 bits.
    """
    from PIL import ExifTags, Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # how large it is, `judge` decides
            opened = Image.open(io.BytesIO(content), formats=_FORMATS)
            judge(place, opened.size[::-1])
            frames = getattr(opened, "n_frames", 1)
            if frames > 1 and opened.format != "MPO":  # a photograph with its preview
                raise arrays.refusal(place, "a single picture", f"{frames} in one file", _REMEDY)
            orientation = opened.getexif().get(ExifTags.Base.Orientation, 1)
            if side:
                opened.draft("RGB", (side, side))
            ImageOps.exif_transpose(opened, in_place=True)
            picture = _plain(opened, place)
            if side:
                picture = _of_bytes(picture)
                picture.thumbnail((side, side))
            return _on_white(picture), orientation if orientation in range(1, 9) else 1
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        bomb = isinstance(error, Image.DecompressionBombError)
        damaged = "one of too many pixels" if bomb else "none, or a damaged one"
        expected = f"a picture ({', '.join(_FORMATS)})"
        found = damaged if content else "an empty file"
        raise arrays.refusal(place, expected, found, _REMEDY) from error


def _of_bytes(picture: Image.Image) -> Image.Image:
    from PIL import Image

    deep = picture.mode == "I;16"
    return Image.fromarray((np.asarray(picture) // 257).astype(np.uint8)) if deep else picture


def _plain(picture: Image.Image, place: Path) -> Image.Image:
    """A picture in grey of 8 or 16 bits, in colour, or in colour and transparent."""
    from PIL import Image

    if picture.mode[0] in "IF":
        deep = np.asarray(picture)
        if picture.mode == "F" or not 0 <= deep.min() <= deep.max() < 2**16:
            raise arrays.refusal(place, "at most 16 bits a pixel", "more", _REMEDY)
        return Image.fromarray(np.asarray(deep, np.uint16))
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _require_small(place: Path, shape: Sequence[int]) -> None:
    if max(shape) > LARGEST_SIDE:
        expected = f"a picture of at most {LARGEST_SIDE} by {LARGEST_SIDE} pixels"
        wider = "Scale all pictures to one size, such as 28 by 28 pixels."
        raise arrays.refusal(place, expected, _size(shape), wider)


def _grey(path: Path, digest: Any) -> NDArray[np.uint8 | np.uint16]:
    """A picture of a class folder; its name and content are added to a digest."""
    with arrays.judged(path), files.opened(path) as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        remedy = "Scale all pictures to one size, such as 28 by 28 pixels."
        expected = f"a picture of at most {_MOST_BYTES:,} bytes"
        raise arrays.refusal(path, expected, "more", remedy)
    digest.update(f"{_short(path)}\0{len(content)}\0".encode(errors="surrogateescape") + content)
    return grey(content, path)


def natural(name: str) -> list[tuple[int, str]]:
    """What to sort names by so that 10 comes after 9."""
    return [(int(digits or -1), text) for digits, text in re.findall(r"(\d+)|(\D+)", name)]


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _size(shape: Sequence[int]) -> str:
    return " by ".join(map(str, shape))


def _bits(image: NDArray[Any]) -> int:
    return 8 * image.itemsize
