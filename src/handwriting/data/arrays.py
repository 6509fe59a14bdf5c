"""Named arrays of images and labels, whichever file they came in: NumPy's two formats and MATLAB's.

What a file promises is checked before memory is taken for it, as `idx` does, and nothing in it is
ever run.
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from handwriting.data import idx
from handwriting.data.collection import Part
from handwriting.errors import DatasetError

Arrays = dict[str, NDArray[Any]]

PARTS = {
    "test": r"test(ing|set)?|t10k|eval(uation)?",
    "validation": r"val(id(ation)?)?|dev",
    "train": r"train(ing|ingset|set)?",
}
"""What the name of a part is told by, as a word of a file's or a folder's name."""

ROLES = {
    "labels": r"labels?|lbls?|y|targets?|class(es)?|gnd",
    "images": r"images?|imgs?|x|data|patterns?|pixels?|features?|fea|inputs?",
}
"""What images and labels are told by likewise."""
_INFLATED = 2**20


def word(name: str, words: Mapping[str, str]) -> str | None:
    """Which of several words a name has, such as `test` in `t10k-images` and in `X_test`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=^[xXyY])(?=train|test|val)", " ", name).lower()
    tokens = [token.rstrip("0123456789") for token in re.split(r"[^a-z0-9]+", spaced)]
    for found, pattern in words.items():
        if any(re.fullmatch(pattern, token) for token in tokens):
            return found
    return None


def npy(path: Path, file: IO[bytes], size: int) -> Arrays:
    """The array in a `.npy` file, by an empty name."""
    _check_array(path, file, size)
    file.seek(0)
    return {"": np.load(file)}


def npz(path: Path, file: IO[bytes], size: int) -> Arrays:
    """The arrays in an `.npz` file, by name."""
    with zipfile.ZipFile(file) as archive:
        members = [each for each in archive.infolist() if each.filename.endswith(".npy")]
        _check_promise(path, sum(each.file_size for each in members), size)
        for each in members:
            with archive.open(each) as member:
                _check_array(path, member, each.file_size)
    file.seek(0)
    return {name: array for name, array in np.load(file).items() if isinstance(array, np.ndarray)}


def _check_array(path: Path, file: IO[bytes], size: int) -> None:
    """Refuse an array of objects, or one that promises more than so many bytes of memory."""
    first = npy_format.read_magic(file) == (1, 0)
    read = npy_format.read_array_header_1_0 if first else npy_format.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        remedy = "Save it as an array of numbers or of text (`astype(str)`)."
        raise refusal(path, "arrays of numbers or text", "one of Python's objects, pickled", remedy)
    promised = math.prod(shape) * dtype.itemsize
    if promised > min(size, idx.LARGEST):
        found = f"a header that promises {promised:,} bytes in {size:,}"
        raise refusal(path, "a whole array", found, "Save it anew.")


def mat(path: Path, file: IO[bytes], size: int) -> Arrays:
    """The arrays in a `.mat` file of MATLAB 5 to 7, by name; those of a struct by both names."""
    import scipy.io

    _check_promise(path, size, size)
    content = file.read()
    if not content.startswith(b"MATLAB 5.0"):
        remedy = "Save it in MATLAB with `save(..., '-v7')`, or in Python with `numpy.savez`."
        found = f"one that begins with {content[:10]!r}"
        raise refusal(path, "a .mat file of MATLAB 5 to 7", found, remedy)
    _check_promise(path, sum(_element_sizes(content)), size)
    stream: Any = io.BytesIO(content)
    return dict(_flat(scipy.io.loadmat(stream, simplify_cells=True)))


def _element_sizes(content: bytes) -> Iterator[int]:
    """How many bytes each element of a MATLAB file comes to, unpacked.

    A header of 128 bytes ends with the order of bytes; each element begins with its type, of which
    15 stands for zlib, and its length (MathWorks, *MAT-File Format*, version 5).
    """
    order, place = "<" if content[126:128] == b"IM" else ">", 128
    while place + 8 <= len(content):
        kind, length = struct.unpack_from(f"{order}II", content, place)
        place += 8 + length
        if place > len(content):
            raise ValueError("it is cut short")
        yield length
        reader, rest = zlib.decompressobj(), content[place - length : place]
        while kind == 15 and rest and not reader.eof:
            yield len(reader.decompress(rest, _INFLATED))
            rest = reader.unconsumed_tail


def _flat(found: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, NDArray[Any]]]:
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name} ")
        elif isinstance(value, np.ndarray) and value.dtype.kind in "biufUS":
            yield above + name, value


def _check_promise(path: Path, promised: int, size: int) -> None:
    limit = idx.most_bytes(size)
    if promised > limit:
        expected = f"at most {limit:,} bytes of numbers in a file of {size:,} bytes"
        raise refusal(path, expected, f"{promised:,}", "Bring fewer or smaller images.")


# Which array is what


def paired(place: Path, arrays: Mapping[str, NDArray[Any]], last: bool = False) -> dict[str, Part]:
    """The parts that named arrays come to, by `train`, `test` and `validation`.

    Where no name tells images from labels, the dimensions do, and the first of each are to learn
    from.

    Args:
        place: where they come from.
        arrays: each by the names of its file and of itself.
        last: whether the last axis may be that of the images, as MATLAB's users have it.

    Raises:
        DatasetError: Images and labels do not go together, or are none.
    """
    found: dict[str, Arrays] = {"images": {}, "labels": {}}
    own = {name: name.partition("/")[2] or name for name in arrays}
    named = any(word(each, ROLES) for each in own.values())
    for name, array in arrays.items():
        role = word(own[name], ROLES) if named else ("images" if array.ndim > 1 else "labels")
        if role is None:
            continue
        after = "test" if found[role] and not named else "train"
        part = word(own[name], PARTS) or word(name, PARTS) or after
        if part in found[role]:
            shown = ", ".join(map(repr, arrays))[:300]
            raise refusal(place, f"one array of {part} {role}", shown, ADVICE)
        found[role][part] = array
    images, labels = found.values()
    lacking = [
        f"{part} {role}"
        for part in {**images, **labels} or ["train"]
        for role, has in found.items()
        if part not in has
    ]
    if lacking:
        expected = "images, and a label for each, in each part"
        raise refusal(place, expected, f"no {' and no '.join(lacking)}", ADVICE)
    if last:
        for part, array in images.items():
            if len(array) != labels[part].size and array.shape[-1] in labels[part].shape:
                images[part] = np.moveaxis(array, -1, 0)
    parts: dict[str, Part] = {
        part: _together(place, part, images[part], labels[part])
        for part in ("train", "validation", "test")
        if part in images
    }
    sizes = {part: _shape(found.images.shape[1:]) for part, found in parts.items()}
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{size} in {part}" for part, size in sizes.items())
        raise refusal(place, "images of one size", shown, "Bring all images to one size.")
    return parts


ADVICE = "Name the arrays x_train, y_train, x_test and y_test, or images and labels."


def _together(place: Path, part: str, images: NDArray[Any], labels: NDArray[Any]) -> Part:
    """Images with their labels, in the shapes that a part has.

    Args:
        place: where they come from.
        part: which part they are, for messages.
        images: (n, ...), in whatever shape: flat, or with a channel.
        labels: in whatever shape: a column, or a row of numbers of which the highest counts.

    Raises:
        DatasetError: They do not go together, are none, or no pictures in grey.
    """
    labels = np.squeeze(labels) if labels.size > 1 else labels.ravel()
    if labels.ndim == 2:
        labels = labels.argmax(axis=int(len(labels) == len(images)))
    count = len(labels) if labels.ndim else 0
    if len(images) != count or not images.size:
        shown = f"{len(images):,} {part} images of {_shape(images.shape[1:])}, and {count:,} labels"
        expected = "at least one image of at least one pixel, and a label for each"
        raise refusal(place, expected, shown, "Check that they belong together.")
    if labels.dtype.kind == "f" and (labels == np.rint(labels)).all():
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "biuUSO" or images.dtype.kind not in "biuf":
        shown = f"images of {images.dtype} and labels of {labels.dtype}"
        expected = "images of numbers, and labels of whole numbers or text"
        raise refusal(place, expected, shown, ADVICE)
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        raise refusal(place, "numbers", "some that are missing or infinite", "Fill them in.")
    labels = labels.astype(np.int64 if labels.dtype.kind in "biu" else str)
    return Part(_in_grey(place, images), labels)


def _in_grey(place: Path, images: NDArray[Any]) -> NDArray[Any]:
    """Images in three dimensions: flat ones made square, and channels that are alike made one."""
    if images.ndim == 2:
        side = math.isqrt(images.shape[1])
        if side**2 != images.shape[1]:
            shown = f"{images.shape[1]} numbers each, which are no square"
            raise refusal(place, "images, or square ones as rows", shown, "Bring them as images.")
        return images.reshape(-1, side, side)
    channels = next((axis for axis in (-1, 1) if images.shape[axis] in (1, 3)), None)
    if images.ndim == 4 and channels is not None:
        first, *others = np.moveaxis(images, channels, 0)
        if not all(np.array_equal(first, other) for other in others):
            raise in_colour(place)
        return np.asarray(first)
    if images.ndim != 3:
        raise refusal(place, "images in grey", f"an array of shape {images.shape}", ADVICE)
    return images


def _shape(shape: tuple[int, ...]) -> str:
    return " by ".join(map(str, shape))


def in_colour(place: Path) -> DatasetError:
    """What is raised where making an image grey would lose something."""
    remedy = "Make the images grey first, such as with Pillow's `convert('L')`."
    return refusal(place, "images in grey", "colour that would matter", remedy)


@contextlib.contextmanager
def judged(path: Path) -> Iterator[None]:
    """Turn whatever a library says of a bad file into a `DatasetError` that names it."""
    try:
        yield
    except DatasetError:
        raise
    except Exception as error:
        found = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        remedy = "Replace it by a whole copy from where it came from."
        raise refusal(path, "whole files that can be read", found, remedy) from error


def refusal(place: Path, expected: str, found: str, remedy: str) -> DatasetError:
    """The error that names a place, what was expected and found there, and a remedy."""
    return DatasetError.at(place, expected=expected, found=found, remedy=remedy)
