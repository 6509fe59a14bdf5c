"""Published data sets of small images: what they are and where they come from.

Most are four IDX files on the network; scikit-learn's digits come with that package.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting.data.archives import Archive
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.download import File
from handwriting.errors import DatasetError
from handwriting.results import files

IMAGE_SHAPE = (28, 28)
"""Height and width of each image of a published data set in four files, in pixels."""

DIGITS_SHAPE = (8, 8)
"""Height and width of each of scikit-learn's digits, in pixels."""

DIGITS_SHA256 = {
    "digits.csv.gz": "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
}
"""The SHA-256 of the file that they are in, by its name."""

_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


@dataclass(frozen=True)
class Published:
    """A published data set.

    Attributes:
        archive: its four files, its title, and the name that it is asked for by.
        class_names: one for each class.
        noun: what one of its classes is, in the singular.
        licence: on what terms they may be used.
        citation: whom to cite.
    """

    archive: Archive
    class_names: tuple[str, ...]
    noun: str
    licence: str
    citation: str

    @property
    def origin(self) -> Origin:
        """Where it comes from and on what terms."""
        return Origin(self.archive.mirrors, self.archive.sha256, self.licence, self.citation)


def _files(sha256: Sequence[str], sizes: Sequence[int]) -> tuple[File, ...]:
    """The four files: of images and labels to learn from, then to be judged by."""
    return tuple(File(*each) for each in zip(_NAMES, sha256, sizes, strict=True))


MNIST = Published(
    Archive(
        "mnist",
        "MNIST",
        _files(
            (
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
            (9_912_422, 28_881, 1_648_877, 4_542),
        ),
        (
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
        ),
        "use the data set `digits`, which needs neither",
    ),
    tuple("0123456789"),
    "digit",
    "CC BY-SA 3.0, says Keras (https://keras.io/api/datasets/mnist/)",
    "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), Gradient-based learning applied to "
    "document recognition, Proceedings of the IEEE 86(11), 2278\u20132324, "
    "https://doi.org/10.1109/5.726791",
)

FASHION_MNIST = Published(
    Archive(
        "fashion_mnist",
        "Fashion-MNIST",
        _files(
            (
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
            (26_421_880, 29_515, 4_422_102, 5_148),
        ),
        ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/",),
        "use another data set",
    ),
    (
        *("T-shirt or top", "trousers", "pullover", "dress", "coat"),
        *("sandal", "shirt", "trainer", "bag", "ankle boot"),
    ),
    "garment",
    "MIT",
    "H. Xiao, K. Rasul and R. Vollgraf (2017), Fashion-MNIST: a novel image dataset for "
    "benchmarking machine learning algorithms, https://arxiv.org/abs/1708.07747",
)

KMNIST = Published(
    Archive(
        "kmnist",
        "Kuzushiji-MNIST",
        _files(
            (
                "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            ),
            (18_165_135, 29_497, 3_041_136, 5_120),
        ),
        ("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        "use another data set",
    ),
    ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    "character",
    "CC BY-SA 4.0",
    "T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto and D. Ha (2018), Deep "
    "learning for classical Japanese literature, https://arxiv.org/abs/1812.01718",
)


def by_name() -> dict[str, Published]:
    """Every published data set by what it is asked for: a new one is one entry here."""
    return {each.archive.name: each for each in (MNIST, FASHION_MNIST, KMNIST)}


def digits() -> Dataset:
    """scikit-learn's digits, their 0-16 scaled to 0-255, split once and for all.

    A pixel counts the dark ones among 4 by 4 of the scanned image; `value * 255 / 16` is rounded to
    the nearest whole number, halves to even. 360 images, stratified by label with
    `train_test_split(test_size=360, random_state=0)`, are the test split. Who wrote each image is
    not known, so the same 13 people are in both splits.

    Raises:
        DatasetError: The package's file is damaged.
    """
    check_digits()
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bundled = load_digits()
    images = np.rint(bundled.images * (255 / 16)).astype(np.uint8)
    labels = bundled.target.astype(np.uint8)
    learned, judged, learned_labels, judged_labels = parts = train_test_split(
        images, labels, test_size=360, random_state=0, stratify=labels
    )
    for array in parts:
        array.setflags(write=False)
    return Dataset(
        "digits",
        "scikit-learn's digits",
        Split(learned, learned_labels),
        Split(judged, judged_labels),
        tuple("0123456789"),
        Origin(
            ("https://archive.ics.uci.edu/dataset/80",),
            DIGITS_SHA256,
            "CC BY 4.0",
            "E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI "
            "Machine Learning Repository, https://doi.org/10.24432/C50P49 (its test set, as "
            "bundled with scikit-learn)",
        ),
        "digit",
    )


def check_digits() -> None:
    """Check scikit-learn's file of digits, without the second that importing it takes.

    Raises:
        DatasetError: The file is damaged.
    """
    package = importlib.util.find_spec("sklearn")
    folder = Path(package.origin).parent if package and package.origin else Path("sklearn")
    for name, sha256 in DIGITS_SHA256.items():
        path = folder / "datasets" / "data" / name
        found = files.sha256_of(path)
        if found != sha256:
            raise DatasetError.at(
                path,
                expected=f"the SHA-256 {sha256}",
                found=found or "no such file",
                remedy="Install scikit-learn again, in the version of requirements.lock.",
            )
