"""Pictures in class folders, made grey: what one holds besides its pixels is left behind."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Mapping, Sequence
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
    names = sorted({name for classes in parts.values() for name in classes}, key=_natural)
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
    from PIL import Image, ImageOps

    remedy = "Replace the picture, or take it away."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # how large it is, is judged below
            opened = Image.open(io.BytesIO(content), formats=_FORMATS)
            if max(opened.size) > LARGEST_SIDE:
                expected = f"a picture of at most {LARGEST_SIDE} by {LARGEST_SIDE} pixels"
                wider = "Scale all pictures to one size, such as 28 by 28 pixels."
                raise arrays.refusal(place, expected, _size(opened.size[::-1]), wider)
            frames = getattr(opened, "n_frames", 1)
            if frames > 1 and opened.format != "MPO":  # a photograph with its preview
                raise arrays.refusal(place, "a single picture", f"{frames} in one file", remedy)
            picture = ImageOps.exif_transpose(opened)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        bomb = isinstance(error, Image.DecompressionBombError)
        damaged = "one of too many pixels" if bomb else "none, or a damaged one"
        expected = f"a picture ({', '.join(_FORMATS)})"
        found = damaged if content else "an empty file"
        raise arrays.refusal(place, expected, found, remedy) from error
    if picture.mode[0] in "IF":
        deep = np.asarray(picture)
        if picture.mode == "F" or not 0 <= deep.min() <= deep.max() < 2**16:
            raise arrays.refusal(place, "at most 16 bits a pixel", "more", remedy)
        return np.asarray(deep, np.uint16)
    return _without_colour(picture, place)


def _without_colour(picture: Image.Image, place: Path) -> NDArray[np.uint8]:
    from PIL import Image

    if picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    if picture.mode not in ("1", "L"):
        picture = picture.convert("RGB")
        if np.ptp(np.asarray(picture), axis=2).max() > _FAINT:
            raise arrays.in_colour(place)
    return np.asarray(picture.convert("L"))


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


def _natural(name: str) -> list[tuple[int, str]]:
    """What to sort names by so that 10 comes after 9."""
    return [(int(digits or -1), text) for digits, text in re.findall(r"(\d+)|(\D+)", name)]


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _size(shape: Sequence[int]) -> str:
    return " by ".join(map(str, shape))


def _bits(image: NDArray[Any]) -> int:
    return 8 * image.itemsize
