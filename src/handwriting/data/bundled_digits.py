"""scikit-learn's digits: they come with the package, and need no network."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.errors import DatasetError
from handwriting.results import files

_FILE = "digits.csv.gz"
SHA256 = {_FILE: "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"}
"""The SHA-256 of the file, by its name."""

IMAGE_SHAPE = (8, 8)
"""Height and width of each image, in pixels."""

_ORIGIN = Origin(
    urls=("https://archive.ics.uci.edu/dataset/80",),
    sha256=SHA256,
    licence="CC BY 4.0",
    citation=(
        "E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine "
        "Learning Repository, https://doi.org/10.24432/C50P49 (its test set, as bundled with "
        "scikit-learn)"
    ),
)


def load() -> Dataset:
    """scikit-learn's digits, their 0-16 scaled to 0-255, split once and for all.

    A pixel counts the dark ones among 4 by 4 of the scanned image; `value * 255 / 16` is rounded to
    the nearest whole number, halves to even. 360 images, stratified by label with
    `train_test_split(test_size=360, random_state=0)`, are the test split. Who wrote each image is
    not known, so the same 13 people are in both splits.

    Raises:
        DatasetError: The package's file is damaged.
    """
    check()
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
    return Dataset("digits", "scikit-learn's digits", train, test, names, _ORIGIN)


def check() -> None:
    """Check scikit-learn's file of digits, without the second that importing it takes.

    Raises:
        DatasetError: The file is damaged.
    """
    package = importlib.util.find_spec("sklearn")
    folder = Path(package.origin).parent if package and package.origin else Path("sklearn")
    path = folder / "datasets" / "data" / _FILE
    found = files.sha256_of(path)
    if found != SHA256[_FILE]:
        raise DatasetError.at(
            path,
            expected=f"the SHA-256 {SHA256[_FILE]}",
            found=found or "no such file",
            remedy="Install scikit-learn again, in the version of requirements.lock.",
        )
