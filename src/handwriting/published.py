"""Published data sets of small images in four IDX files: what they are and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handwriting.archives import Archive
from handwriting.downloads import File
from handwriting.splits import Origin

__all__ = ["MNIST", "Published"]

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
