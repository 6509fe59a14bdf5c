"""Data sets by name, verified each time they are read.

`mnist` is MNIST or an error; `digits` comes with scikit-learn and needs no network; `auto` is MNIST
where it can be had and `digits` where it cannot; any other name is a folder of four IDX files.
"""

from __future__ import annotations

import difflib
import importlib.util
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from handwriting import downloads, idx
from handwriting.errors import DatasetError, DownloadError

__all__ = ["Dataset", "Origin", "Prepared", "Split", "load", "prepare"]

logger = logging.getLogger(__name__)

_NAMES = ("auto", "mnist", "digits")
_STEMS = {"train-images": 3, "train-labels": 1, "t10k-images": 3, "t10k-labels": 1}
"""The four files of a folder, and how many dimensions each array has."""

_DIGITS_FILE = "digits.csv.gz"
_DIGITS_SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
_NO_MNIST = (
    "**MNIST could not be had, so this report was made with `digits`**: 1,797 images of 8 by 8 "
    "pixels that come with scikit-learn. Its numbers say nothing about MNIST. To make it with "
    "MNIST, connect to the network, or put MNIST's four files into `$HANDWRITING_DATA/mnist`, and "
    "run it again."
)


@dataclass(frozen=True, eq=False)
class Split:
    """Images and what is known of each.

    Attributes:
        images: (n, height, width) uint8, 0-255, read-only.
        labels: (n,) uint8, 0 to one less than the number of classes, read-only.
        writers: (n,) int32, who wrote each image, or None where nobody knows.
        series: (n,) int32, which part of the collection each image is from, or None.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    writers: NDArray[np.int32] | None = None
    series: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def drawn(self, images: int) -> Split:
        """So many of the images, drawn at random, always the same; fewer are among more.

        Args:
            images: 1 to as many as there are, which returns them all.
        """
        if images == len(self):
            return self
        drawn = np.sort(np.random.default_rng(0).permutation(len(self))[:images])
        writers, series = (
            None if each is None else each[drawn] for each in (self.writers, self.series)
        )
        return Split(self.images[drawn], self.labels[drawn], writers, series)


@dataclass(frozen=True)
class Origin:
    """Where data come from and on what terms.

    Attributes:
        urls: where they can be had.
        sha256: the SHA-256 of each file as it was read, by file name.
        licence: on what terms they may be used.
        citation: whom to cite.
    """

    urls: tuple[str, ...]
    sha256: Mapping[str, str]
    licence: str
    citation: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set: a split to learn from, and another that is touched once, at the end.

    Attributes:
        name: `mnist`, `digits`, or a folder's name with a slash, so that no folder passes for them.
        title: what prose calls it.
        train: the images to learn from.
        test: the images to be judged by.
        class_names: one for each class; label i means `class_names[i]`.
        origin: where it comes from.
        notice: Markdown that a reader has to see, where `auto` came to `digits`; None otherwise.
    """

    name: str
    title: str
    train: Split
    test: Split
    class_names: tuple[str, ...]
    origin: Origin
    notice: str | None = None

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of each image, in pixels."""
        height, width = self.train.images.shape[1:]
        return int(height), int(width)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)


@dataclass(frozen=True)
class Prepared:
    """A notebook's parameters made ready for a run.

    Attributes:
        parameters: as given, but for `dataset`: `auto` is now a name and a folder is absolute.
        inputs: the SHA-256 of each data file, by file name.
        notice: Markdown for the top of the page, or None.
    """

    parameters: dict[str, object]
    inputs: dict[str, str]
    notice: str | None


_MNIST_ORIGIN = Origin(
    urls=downloads.MIRRORS,
    sha256=downloads.MNIST_SHA256,
    licence="CC BY-SA 3.0, says Keras (https://keras.io/api/datasets/mnist/)",
    citation=(
        "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), Gradient-based learning applied to "
        "document recognition, Proceedings of the IEEE 86(11), 2278\u20132324, "
        "https://doi.org/10.1109/5.726791"
    ),
)
_DIGITS_ORIGIN = Origin(
    urls=("https://archive.ics.uci.edu/dataset/80",),
    sha256={_DIGITS_FILE: _DIGITS_SHA256},
    licence="CC BY 4.0",
    citation=(
        "E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine "
        "Learning Repository, https://doi.org/10.24432/C50P49 (its test set, as bundled with "
        "scikit-learn)"
    ),
)


def load(name: str = "auto", directory: str | Path | None = None) -> Dataset:
    """The data set of that name, its files verified.

    Args:
        name: `auto`, `mnist`, `digits`, or a folder of four IDX files (`./mnist` for a folder that
            has one of these names). The result's `name` says what `auto` came to.
        directory: a folder with one sub-folder a data set, to look for MNIST in instead of
            `$HANDWRITING_DATA`.

    Raises:
        DatasetError: where there is no such data set, or its files are not what they should be.
        DownloadError: where MNIST is asked for by name, is not on this machine, and no mirror
            gives it.
    """
    asked = name = _checked_name(name)
    if name == "auto":
        name = _resolve_auto(directory)
    if name == "mnist":
        return _load_mnist(directory)
    if name == "digits":
        return replace(_load_digits(), notice=_NO_MNIST if asked == "auto" else None)
    folder = _folder(name)
    return _load_idx(_folder_files(folder), folder.name)


def prepare(parameters: Mapping[str, object]) -> Prepared:
    """A notebook's parameters with `dataset` resolved, and what its files are.

    A relative `$HANDWRITING_DATA` is made absolute, because the kernels that inherit it work in
    another folder.

    Raises:
        DatasetError: whatever `load` would refuse.
    """
    if os.environ.get("HANDWRITING_DATA"):
        os.environ["HANDWRITING_DATA"] = str(Path(os.environ["HANDWRITING_DATA"]).absolute())
    resolved = dict(parameters)
    if "dataset" not in parameters:
        return Prepared(resolved, {}, None)
    name = asked = _checked_name(parameters["dataset"])
    if asked == "auto":
        name = _resolve_auto(None)
    if name == "mnist":
        downloads.mnist_files(None)
        inputs = dict(downloads.MNIST_SHA256)
    elif name == "digits":
        _check_digits()
        inputs = {_DIGITS_FILE: _DIGITS_SHA256}
    else:
        folder = _folder(name)
        name = str(folder)
        inputs = dict(_load_idx(_folder_files(folder), folder.name).origin.sha256)
    resolved["dataset"] = name
    return Prepared(resolved, inputs, _NO_MNIST if (asked, name) == ("auto", "digits") else None)


# Names


def _checked_name(name: object) -> str:
    if isinstance(name, str) and name.strip():
        return name
    raise DatasetError.at(
        "dataset",
        expected="the name of a data set or a folder, as text",
        found=repr(name),
        remedy=f"Use one of {', '.join(_NAMES)}, or the path of a folder.",
    )


def _resolve_auto(directory: str | Path | None) -> str:
    try:
        downloads.mnist_files(directory)
    except DownloadError as error:
        logger.warning("Using the data set 'digits' in place of MNIST. %s", error)
        return "digits"
    return "mnist"


def _folder(name: str) -> Path:
    """The folder that a `dataset` parameter names, absolute."""
    try:
        folder = Path(name).expanduser()
        if folder.is_dir():
            return folder.resolve()
        found = "a file, not a folder" if folder.exists() else "no such name and no such folder"
    except (OSError, RuntimeError, ValueError) as error:
        found = f"a path that cannot be looked up ({error})"
    nearest = difflib.get_close_matches(name.lower(), _NAMES, n=1)
    raise DatasetError.at(
        f"dataset {name!r}",
        expected=f"one of {', '.join(_NAMES)}, or a folder of four IDX files",
        found=found,
        remedy=f"Did you mean {nearest[0]!r}?" if nearest else "Check the spelling and the path.",
    )


# A folder of IDX files


def _load_idx(paths: Mapping[str, Path], title: str) -> Dataset:
    """The data set in four files that belong together."""
    files = {stem: idx.read(path, _STEMS[stem]) for stem, path in paths.items()}
    sha256 = {paths[stem].name: file.sha256 for stem, file in files.items()}
    train = Split(files["train-images"].array, files["train-labels"].array)
    test = Split(files["t10k-images"].array, files["t10k-labels"].array)
    _check_split(train, paths["train-images"], paths["train-labels"])
    _check_split(test, paths["t10k-images"], paths["t10k-labels"])
    classes = int(train.labels.max()) + 1
    if classes < 2:
        raise _refusal(paths["train-labels"], "at least 2 classes", "no label but 0")
    if test.labels.max() >= classes:
        expected = f"labels from 0 to {classes - 1}, as in {paths['train-labels'].name}"
        raise _refusal(paths["t10k-labels"], expected, f"a label {test.labels.max()}")
    if test.images.shape[1:] != train.images.shape[1:]:
        expected = f"images of {_pixels(train)}, as in {paths['train-images'].name}"
        raise _refusal(paths["t10k-images"], expected, _pixels(test))
    names = tuple(str(label) for label in range(classes))
    if sha256 == downloads.MNIST_SHA256:
        return Dataset("mnist", "MNIST", train, test, names, _MNIST_ORIGIN)
    origin = Origin((), sha256, "not stated", "not stated")
    return Dataset(f"{title}/", title, train, test, names, origin)


def _folder_files(folder: Path) -> dict[str, Path]:
    """Path of each of a folder's four files: with a hyphen before `idx` or a dot, gzip or not."""
    found: dict[str, Path] = {}
    missing = []
    for stem, dimensions in _STEMS.items():
        kind = f"idx{dimensions}-ubyte"
        names = [f"{stem}{dot}{kind}{end}" for dot in "-." for end in (".gz", "")]
        present = [folder / name for name in names if (folder / name).exists()]
        if present:
            found[stem] = min(present, key=lambda path: not path.is_file())
        else:
            missing.append(f"{stem}-{kind}[.gz]")
    if missing:
        expected = "the four IDX files " + ", ".join(
            f"{stem}-idx{dimensions}-ubyte[.gz]" for stem, dimensions in _STEMS.items()
        )
        has = ", ".join(path.name for path in found.values()) or "none of them"
        raise DatasetError.at(
            folder,
            expected=expected,
            found=f"{has} (missing: {', '.join(missing)})",
            remedy="Put the missing files there, or name another folder.",
        )
    return found


def _check_split(split: Split, images: Path, labels: Path) -> None:
    if 0 in split.images.shape:
        shown = " by ".join(map(str, split.images.shape))
        raise _refusal(images, "at least one image of at least one pixel", shown)
    if len(split.images) != len(split.labels):
        expected = f"{len(split.images):,} labels, one for each image of {images.name}"
        raise _refusal(labels, expected, f"{len(split.labels):,}")


def _pixels(split: Split) -> str:
    return " by ".join(map(str, split.images.shape[1:])) + " pixels"


def _refusal(path: Path, expected: str, found: str) -> DatasetError:
    remedy = "Check that the four files belong together and have their own names."
    return DatasetError.at(path, expected=expected, found=found, remedy=remedy)


# digits


def _load_digits() -> Dataset:
    """scikit-learn's digits, their 0-16 scaled to 0-255, split once and for all.

    A pixel counts the dark ones among 4 by 4 of the scanned image; `value * 255 / 16` is rounded to
    the nearest whole number, halves to even. 360 images, stratified by label with
    `train_test_split(test_size=360, random_state=0)`, are the test split. Who wrote each image is
    not known, so the same 13 people are in both splits.
    """
    _check_digits()
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bundled = load_digits()
    images = np.rint(bundled.images * (255 / 16)).astype(np.uint8)
    labels = bundled.target.astype(np.uint8)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels, test_size=360, random_state=0, stratify=labels
    )
    for array in (train_images, test_images, train_labels, test_labels):
        array.setflags(write=False)
    train = Split(train_images, train_labels)
    test = Split(test_images, test_labels)
    names = tuple("0123456789")
    return Dataset("digits", "scikit-learn's digits", train, test, names, _DIGITS_ORIGIN)


def _check_digits() -> None:
    """Check scikit-learn's file of digits, without the second that importing it takes."""
    package = importlib.util.find_spec("sklearn")
    folder = Path(package.origin).parent if package and package.origin else Path("sklearn")
    path = folder / "datasets" / "data" / _DIGITS_FILE
    found = downloads.sha256_of(path)
    if found != _DIGITS_SHA256:
        raise DatasetError.at(
            path,
            expected=f"the SHA-256 {_DIGITS_SHA256}",
            found=found or "no such file",
            remedy="Install scikit-learn again, in the version of requirements.lock.",
        )


# MNIST


def _load_mnist(directory: str | Path | None) -> Dataset:
    paths = dict(zip(_STEMS, downloads.mnist_files(directory), strict=True))
    dataset = _load_idx(paths, "mnist")
    if dataset.origin is not _MNIST_ORIGIN:
        raise DatasetError.at(
            paths["train-images"].parent,
            expected="files that nobody changes",
            found="one that changed between two looks",
            remedy="Run it again.",
        )
    return dataset
