"""Data sets in four IDX files, as MNIST's makers laid theirs out."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from handwriting.data import idx
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import DatasetError

STEMS = {"train-images": 3, "train-labels": 1, "t10k-images": 3, "t10k-labels": 1}
"""The four files of a folder, and how many dimensions each array has."""


def load(paths: Mapping[str, Path], title: str) -> Dataset:
    """The data set in four files that belong together.

    Args:
        paths: the path of each file, by the names of `STEMS`.
        title: what to call it.

    Raises:
        DatasetError: A file cannot be read, is no such array, or does not fit the others.
    """
    read = {stem: idx.read(path, STEMS[stem]) for stem, path in paths.items()}
    train, test = (
        Split(read[f"{part}-images"].array, read[f"{part}-labels"].array)
        for part in ("train", "t10k")
    )
    _check_part(train, paths["train-images"], paths["train-labels"])
    _check_part(test, paths["t10k-images"], paths["t10k-labels"])
    _check_parts(train, test, paths)
    names = tuple(map(str, range(int(train.labels.max()) + 1)))
    sha256 = {paths[stem].name: file.sha256 for stem, file in read.items()}
    return Dataset(
        f"{title}/", title, train, test, names, Origin((), sha256, "not stated", "not stated")
    )


def files(folder: Path) -> dict[str, Path]:
    """Path of each of a folder's four files: with a hyphen before `idx` or a dot, gzip or not.

    Raises:
        DatasetError: One is missing.
    """
    found: dict[str, Path] = {}
    names = {stem: f"{stem}-idx{dimensions}-ubyte[.gz]" for stem, dimensions in STEMS.items()}
    for stem, dimensions in STEMS.items():
        kind = f"idx{dimensions}-ubyte"
        paths = [folder / f"{stem}{dot}{kind}{end}" for dot in "-." for end in (".gz", "")]
        present = [path for path in paths if path.exists()]
        if present:
            found[stem] = min(present, key=lambda path: not path.is_file())
    missing = [name for stem, name in names.items() if stem not in found]
    if missing:
        has = ", ".join(path.name for path in found.values()) or "none of them"
        raise DatasetError.at(
            folder,
            expected=f"the four IDX files {', '.join(names.values())}",
            found=f"{has} (missing: {', '.join(missing)})",
            remedy="Put the missing files there, or name another folder.",
        )
    return found


def named(name: str, parameter: str, names: Sequence[str]) -> Path:
    """The folder that a parameter's value names, absolute.

    Args:
        name: the value, which is none of the names that the parameter knows.
        parameter: what the parameter is called.
        names: these names.

    Raises:
        DatasetError: There is no such folder; the nearest name is suggested.
    """
    try:
        folder = Path(name).expanduser()
        if name.strip() and folder.is_dir():
            return folder.resolve()
        found = "a file, not a folder" if folder.is_file() else "no such name and no such folder"
    except (OSError, RuntimeError, ValueError) as error:
        found = f"a path that cannot be looked up ({error})"
    nearest = difflib.get_close_matches(name.lower(), names, n=1)
    raise DatasetError.at(
        f"{parameter} {name!r}",
        expected=f"one of {', '.join(names)}, or a folder of four IDX files",
        found=found,
        remedy=f"Did you mean {nearest[0]!r}?" if nearest else "Check the spelling and the path.",
    )


def _check_part(split: Split, images: Path, labels: Path) -> None:
    """Refuse images without a label each, and no images."""
    if 0 in split.images.shape:
        shown = " by ".join(map(str, split.images.shape))
        raise _refusal(images, "at least one image of at least one pixel", shown)
    if len(split.images) != len(split.labels):
        expected = f"{len(split.images):,} labels, one for each image of {images.name}"
        raise _refusal(labels, expected, f"{len(split.labels):,}")


def _check_parts(train: Split, test: Split, paths: Mapping[str, Path]) -> None:
    """Refuse a test part that is not of the training part's kind."""
    most = train.labels.max()
    if most < 1:
        raise _refusal(paths["train-labels"], "at least 2 classes", "no label but 0")
    if test.labels.max() > most:
        expected = f"labels from 0 to {most}, as in {paths['train-labels'].name}"
        raise _refusal(paths["t10k-labels"], expected, f"a label {test.labels.max()}")
    if test.images.shape[1:] != train.images.shape[1:]:
        expected = f"images of {_pixels(train)}, as in {paths['train-images'].name}"
        raise _refusal(paths["t10k-images"], expected, _pixels(test))


def _pixels(split: Split) -> str:
    return " by ".join(map(str, split.images.shape[1:])) + " pixels"


def _refusal(path: Path, expected: str, found: str) -> DatasetError:
    remedy = "Check that the four files belong together and have their own names."
    return DatasetError.at(path, expected=expected, found=found, remedy=remedy)
