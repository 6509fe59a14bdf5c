"""Photographs opened: upright, in colour, of bounded size; what else their files say is left."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from handwriting.data import arrays, idx, pictures
from handwriting.errors import DatasetError
from handwriting.results import files

MOST_PHOTOGRAPHS = 200
"""Photographs that a folder may hold."""

SIDE = 3000
"""Pixels to which a higher or wider photograph is made smaller."""

_MOST_BYTES = 2**26
_MOST_PIXELS = 60_000_000
_WIDEST = 20_000
_APPLES = (".heic", ".heif")
_BRANDS = (b"heic", b"heix", b"heim", b"hevc", b"hevx", b"mif1", b"msf1", b"avif")
"""What files of ISO/IEC 23008-12 (HEIF) and of AVIF say that they are, after `ftyp`."""


@dataclass(frozen=True, eq=False)
class Photograph:
    """A photograph or scan, of which nothing but pixels is kept.

    Attributes:
        name: of its file, without folders.
        pixels: (height, width, 3) uint8, red, green and blue, upright as its EXIF says.
        orientation: 1 to 8, as its EXIF gives it; 1 where it has none.
        sha256: of the bytes of its file, in hexadecimal.
    """

    name: str
    pixels: NDArray[np.uint8]
    orientation: int
    sha256: str


def paths(place: Path) -> list[Path]:
    """The photographs of a place: itself, or all in a folder and in its folders, naturally sorted.

    Raises:
        DatasetError: There is nothing, no picture, or more than `MOST_PHOTOGRAPHS`.
    """
    if place.is_file():
        return [place]
    suffixes = (*pictures.SUFFIXES, *_APPLES)
    with arrays.judged(place):
        found = [
            path
            for pattern in ("*", "*/*")
            for path in place.glob(pattern)
            if path.suffix.lower() in suffixes and path.name[0] != "." and path.is_file()
        ]
    expected = f"a picture, or a folder of at most {MOST_PHOTOGRAPHS:,}"
    if not found:
        there = "none in it" if place.is_dir() else "nothing"
        remedy = f"Pictures are files that end in {', '.join(pictures.SUFFIXES)}."
        raise arrays.refusal(place, expected, there, remedy)
    if len(found) > MOST_PHOTOGRAPHS:
        raise arrays.refusal(place, expected, f"{len(found):,}", "Name a folder of fewer.")
    return sorted(found, key=lambda path: pictures.natural(str(path.relative_to(place))))


def opened(path: Path) -> Photograph:
    """The photograph in a file, made smaller where it is higher or wider than `SIDE` pixels.

    Raises:
        DatasetError: It cannot be read, is no picture, too large, or of a kind that is not read.
    """
    with arrays.judged(path), files.opened(path) as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        expected = f"a photograph of at most {_MOST_BYTES:,} bytes"
        raise arrays.refusal(path, expected, "more", "Save it smaller, such as as a JPEG.")
    _require_raster(path, content[:64])
    picture, orientation = pictures.decoded(content, path, _require_moderate, SIDE)
    pixels = np.asarray(picture.convert("RGB"))
    return Photograph(path.name, pixels, orientation, hashlib.sha256(content).hexdigest())


def turned(photograph: Photograph, quarter_turns: int) -> Photograph:
    """A photograph turned by so many quarter turns, anticlockwise; its orientation stays."""
    return replace(
        photograph, pixels=np.ascontiguousarray(np.rot90(photograph.pixels, quarter_turns))
    )


def _require_moderate(place: Path, shape: Sequence[int]) -> None:
    if max(shape) > _WIDEST or shape[0] * shape[1] > _MOST_PIXELS:
        expected = f"a photograph of at most {_MOST_PIXELS:,} pixels, {_WIDEST:,} on a side"
        found = f"{shape[0]:,} by {shape[1]:,}"
        raise arrays.refusal(place, expected, found, "Scale it down, or cut it.")


def _require_raster(path: Path, start: bytes) -> None:
    """Refuse well-known files that are no pictures of pixels, or of a kind that needs a licence."""
    kind, remedy = "", "Photograph or scan it, and save that as JPEG or PNG."
    if start[4:8] == b"ftyp" and start[8:12] in _BRANDS:
        kind = "HEIC or AVIF, which is not read here"
        remedy = (
            "Export it as JPEG: on an iPhone, Settings > Camera > Formats > Most Compatible makes "
            "JPEGs from then on; on a Mac, Preview > Export; elsewhere, `heif-convert` or GIMP."
        )
    elif b"<svg" in start.lower() or idx.describe_start(start):
        kind = "text of a drawing or web page, not pixels"
    elif start.startswith(b"%PDF"):
        kind = "a PDF"
    if kind:
        raise DatasetError.at(path, expected="a photograph", found=kind, remedy=remedy)
