"""Published data sets of small images in four IDX files: what they are and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handwriting.data.archives import Archive
from handwriting.data.dataset import Origin
from handwriting.data.download import File

IMAGE_SHAPE = (28, 28)
"""Height and width of each image of each of them, in pixels."""

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
        name: what it is asked for by.
        title: what prose calls it.
        class_names: one for each class.
        archive: its four files.
        licence: on what terms they may be used.
        citation: whom to cite.
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    archive: Archive
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
    "mnist",
    "MNIST",
    tuple("0123456789"),
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
    "CC BY-SA 3.0, says Keras (https://keras.io/api/datasets/mnist/)",
    "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), Gradient-based learning applied to "
    "document recognition, Proceedings of the IEEE 86(11), 2278\u20132324, "
    "https://doi.org/10.1109/5.726791",
)

FASHION_MNIST = Published(
    "fashion_mnist",
    "Fashion-MNIST",
    (
        *("T-shirt or top", "trousers", "pullover", "dress", "coat"),
        *("sandal", "shirt", "trainer", "bag", "ankle boot"),
    ),
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
    "MIT",
    "H. Xiao, K. Rasul and R. Vollgraf (2017), Fashion-MNIST: a novel image dataset for "
    "benchmarking machine learning algorithms, https://arxiv.org/abs/1708.07747",
)

KMNIST = Published(
    "kmnist",
    "Kuzushiji-MNIST",
    ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
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
    "CC BY-SA 4.0",
    "T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto and D. Ha (2018), Deep "
    "learning for classical Japanese literature, https://arxiv.org/abs/1812.01718",
)


def by_name() -> dict[str, Published]:
    """Every published data set by what it is asked for: a new one is one entry here."""
    return {each.name: each for each in (MNIST, FASHION_MNIST, KMNIST)}
