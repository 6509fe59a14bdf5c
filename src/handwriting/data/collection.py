"""What somebody brings, as it was read: before anybody looked at whether it can be so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Part:
    """Images with their labels, in whatever numbers they came.

    Attributes:
        images: (n, height, width), any real dtype and range, ink dark or light.
        labels: (n,), whole numbers or text.
        writers: (n,) int32, who wrote each image, where that is known and they are several.
    """

    images: NDArray[Any]
    labels: NDArray[Any]
    writers: NDArray[np.int32] | None = None


@dataclass(frozen=True, eq=False)
class Collection:
    """A part to learn from and, where there is one, a part to be judged by.

    Attributes:
        title: what to call it: the name of its file or folder.
        form: what it came as, for people: `11 folders of PNG`, `mnist.npz`, `four IDX files`.
        train: the images to learn from, or all there are.
        test: the images to be judged by; None where nobody divided them.
        class_names: what each label means, by the label as text; empty where labels speak for
            themselves.
        sha256: the SHA-256 of each file, by its path within the folder.
        transposed: whether its makers are known to have laid images out column by column, as
            EMNIST's did.
        remarks: what was done or left out in reading them, in sentences for people.
    """

    title: str
    form: str
    train: Part
    test: Part | None
    class_names: Mapping[str, str]
    sha256: Mapping[str, str]
    transposed: bool = False
    remarks: tuple[str, ...] = ()
