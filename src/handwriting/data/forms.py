"""Data in whatever form they come: what lies at a path is told by names, and read by its reader.

A folder is searched for one set of files that belong together: IDX files, NumPy's, MATLAB's,
Parquet files, class folders of pictures, or tables; hidden files are passed over. Where there is
none of these, pictures are photographs of sheets.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Mapping
from pathlib import Path

import humanize
import numpy as np

from handwriting.data import arrays, idx, pictures, searching, tables
from handwriting.data.arrays import Arrays
from handwriting.data.collection import Collection, Part
from handwriting.data.searching import Source
from handwriting.results import files

_READERS = {
    ".npz": arrays.npz,
    ".npy": arrays.npy,
    ".mat": arrays.mat,
    ".parquet": tables.parquet,
    ".csv": tables.csv,
}
_BALANCED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"
_EMNIST = {
    "balanced": _BALANCED,
    "bymerge": _BALANCED,
    "byclass": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "letters": " ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
"""The classes of EMNIST's parts, as its mapping files have them; letters are numbered from 1.

G. Cohen, S. Afshar, J. Tapson and A. van Schaik (2017), *EMNIST: an extension of MNIST to
handwritten letters*, https://arxiv.org/abs/1702.05373.
"""


def read(path: Path) -> Collection:
    """What lies at a path, as it is.

    Args:
        path: a file, a folder, or what the names of some files in a folder begin with.

    Raises:
        DatasetError: Nothing there can be read, or several data sets are there.
    """
    source = searching.found(path)
    with arrays.judged(path):
        if source.form == searching.SHEETS:
            from handwriting.data.photographs import sheets  # slow to import

            return sheets.read(path, source.files)
        return _read_pictures(path, source) if source.parts else _read_files(path, source)


def _read_files(path: Path, source: Source) -> Collection:
    found: Arrays = {}
    sha256 = {}
    bare = []
    for file in source.files:
        content, digest = _read_idx(file) if source.form == "IDX" else _opened(file, source.form)
        sha256[file.name] = digest
        if list(content) == ["images"] and len(source.files) > 1:  # a table for a contest
            bare.append(f"`{file.name}` has no labels, and is left out.")
        else:
            stem = file.name.partition(".")[0]
            found |= {f"{stem}/{name}": array for name, array in content.items()}
    several = f"{humanize.apnumber(len(source.files))} {source.form} files"
    form = source.files[0].name if len(source.files) == 1 else several
    parts, remarks = _divided(arrays.paired(path, found, source.form == ".mat"))
    return Collection(
        path.name,
        form,
        *parts,
        class_names=_class_names(source, found, parts[0]),
        sha256=sha256,
        transposed="emnist" in source.files[0].name.lower(),
        remarks=(*bare, *remarks),
    )


def _read_pictures(path: Path, source: Source) -> Collection:
    read, names, sha256 = pictures.read(source.parts)
    form = f"{len(names)} folders of {source.form}"
    left_out = [f"`{name}` has no class folders, and is left out." for name in source.left_out]
    parts, remarks = _divided(read)
    count = sum(len(part.labels) for part in parts if part)
    return Collection(
        path.name,
        form,
        *parts,
        class_names=names,
        sha256={f"{count:,} pictures": sha256},
        remarks=(*left_out, *remarks),
    )


def _divided(parts: Mapping[str, Part]) -> tuple[tuple[Part, Part | None], list[str]]:
    """A part to learn from and one to be judged by, or None; and what became of a third.

    Images for validation are to be judged by where no others are, else to be learned from.
    """
    train, validation, test = (parts.get(name) for name in ("train", "validation", "test"))
    if train and validation and test:
        images, labels = (
            np.concatenate([getattr(each, name) for each in (train, validation)])
            for name in ("images", "labels")
        )
        said = "The images for validation that came with it are among those to learn from."
        return (Part(images, labels), test), [said]
    first, *others = (part for part in (train, validation, test) if part)
    return (first, others[0] if others else None), []


def _opened(path: Path, form: str) -> tuple[Arrays, str]:
    """The arrays in a file, and its SHA-256."""
    with arrays.judged(path), files.opened(path) as raw, io.BufferedReader(raw) as file:
        found = _READERS[form](path, file, os.fstat(raw.fileno()).st_size)
        file.seek(0)
        return found, hashlib.file_digest(file, "sha256").hexdigest()


def _read_idx(path: Path) -> tuple[Arrays, str]:
    """The array in an IDX file, by an empty name, and the file's SHA-256."""
    labels = arrays.word(path.name, arrays.ROLES) == "labels"
    found = idx.read(path, 1 if labels else 3, None)
    return {"": found.array}, found.sha256


def _class_names(source: Source, found: Arrays, train: Part) -> dict[str, str]:
    """What each label means, by the label: from a file beside the data, or from what they are."""
    for path in sorted(source.place.glob("*.txt")):
        mapping = re.search(r"mapping", path.name.lower()) and path.name.startswith(source.prefix)
        if mapping or path.name == "classes.txt":
            with files.opened(path) as file:
                lines = file.read(2**16).decode().splitlines()
            return (
                _mapped(lines) if mapping else dict(zip(map(str, range(256)), lines, strict=False))
            )
    held = [array for name, array in found.items() if name.endswith("mapping") and array.ndim == 2]
    if held:
        return _mapped([" ".join(map(str, row)) for row in held[0].tolist()])
    name = source.files[0].name.lower()
    table = next((names for key, names in _EMNIST.items() if f"emnist-{key}" in name), "")
    if source.form == ".mat" and set(train.labels.tolist()) == set(range(1, 11)):
        return {"10": "0"}  # as in Street View House Numbers
    return {str(label): each for label, each in enumerate(table) if each.strip()}


def _mapped(lines: list[str]) -> dict[str, str]:
    """Characters by label, from lines of a label and the codes of its characters."""
    rows = [[int(number) for number in re.findall(r"\d+", line.split("'")[0])] for line in lines]
    return {str(row[0]): "".join(map(chr, row[1:])) for row in rows if len(row) > 1}
