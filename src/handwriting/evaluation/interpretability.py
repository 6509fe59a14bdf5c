"""What a convolutional network looks for, what it makes of an image, and what it relies on."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.evaluation import metrics

Read = Callable[[NDArray[np.uint8]], NDArray[np.floating]]


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """How strongly each filter of a block responds, place by place.

    Attributes:
        block: which block of the network, from 1.
        maps: (filters, height, width) float32, at least 0.
    """

    block: int
    maps: NDArray[np.float32]

    @property
    def height(self) -> int:
        """How many places a filter responds in, from top to bottom."""
        return int(self.maps.shape[1])

    @property
    def width(self) -> int:
        """How many places a filter responds in, from left to right."""
        return int(self.maps.shape[2])


@dataclass(frozen=True, eq=False)
class Saliency:
    """Where ink and its absence matter for one answer.

    Attributes:
        reader: what the reader is called.
        image: (height, width) uint8, 0-255, what was read.
        truth: the class that it really is.
        answer: the class that is asked about: what it was read as.
        score: the score of that class, 0-1.
        without_ink: (height, width) float64, how the score changes when a patch around each pixel
            is rubbed out, -1 to 1.
        with_ink: (height, width) float64, how it changes when the patch is filled with ink.
        index: where the image stands among those that it was chosen from.
    """

    reader: str
    image: NDArray[np.uint8]
    truth: int
    answer: int
    score: float
    without_ink: NDArray[np.float64]
    with_ink: NDArray[np.float64]
    index: int = 0


def filters(network: Any) -> NDArray[np.float32]:
    """Return the filters of a network's first convolution, (filters, height, width) float32."""
    kernel, *_ = network.get_layer("convolution_1").get_weights()
    return np.moveaxis(kernel[:, :, 0], -1, 0)


def feature_maps(network: Any, image: NDArray[np.uint8]) -> tuple[FeatureMaps, ...]:
    """Return what each block of a convolutional network makes of an image, after its activation.

    Args:
        network: as `networks.convolutional` returns it, fitted.
        image: (height, width) uint8, 0-255.
    """
    found: list[FeatureMaps] = []
    signal: Any = image[np.newaxis]
    for layer in network.layers:
        signal = layer(signal)
        if layer.name.startswith("activation"):
            maps = np.moveaxis(np.asarray(signal)[0], -1, 0)
            found.append(FeatureMaps(len(found) + 1, maps))
    return tuple(found)


def right_and_wrong(scores: NDArray[np.floating], truths: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return which image to look at that is read correctly, and which that is misread.

    The misread one is that which the reader is surest of; the other is the first of its class that
    is read correctly, or the first at all. One is missing where there is no such image.

    Args:
        scores: (n, classes), of each image.
        truths: (n,) integers, the class of each.
    """
    wrong = metrics.mistakes(truths, scores).indices[:1]
    right = np.flatnonzero(scores.argmax(axis=1) == truths)
    alike = right[np.isin(truths[right], truths[wrong])]
    return np.concatenate([(alike if len(alike) else right)[:1], wrong])


def saliencies(
    readers: Mapping[str, Read],
    images: NDArray[np.uint8],
    truths: NDArray[np.integer],
    chosen: NDArray[np.integer],
) -> tuple[Saliency, ...]:
    """Return what each reader's answer to each chosen image hangs on, image by image.

    Args:
        readers: each returns scores, (n, classes), of images; by what it is called.
        images: (n, height, width) uint8, 0-255.
        truths: (n,) integers, the class of each.
        chosen: (chosen,) integers, which of the images.
    """
    found = []
    for index, (name, read) in itertools.product(chosen.tolist(), readers.items()):
        image, scores = images[index], read(images[index : index + 1])[0]
        answer = int(scores.argmax())
        changes = occlusion_sensitivity(read, image, answer)
        score, truth = float(scores[answer]), int(truths[index])
        found.append(Saliency(name, image, truth, answer, score, *changes, index))
    return tuple(found)


def occlusion_sensitivity(
    read: Read, image: NDArray[np.uint8], answer: int, patch: int = 5
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how the score of an answer changes without ink, and with more of it, place by place.

    A square patch is rubbed out around one pixel after another, as Zeiler and Fergus (2014,
    Visualizing and understanding convolutional networks, section 4.2) do with a grey one, and
    filled with ink instead, since a digit is also told by where no stroke is.

    Args:
        read: returns scores, (n, classes), of images.
        image: (height, width) uint8, 0-255.
        answer: the class whose score is watched.
        patch: the patch's side in pixels, an odd number.

    Returns:
        Twice (height, width) float64, -1 to 1.
    """
    rows, columns = np.indices(image.shape)
    middles = np.indices(image.shape).reshape(2, -1, 1, 1)
    covered = (np.abs(middles[0] - rows) <= patch // 2) & (
        np.abs(middles[1] - columns) <= patch // 2
    )
    score = float(read(image[np.newaxis])[0, answer])
    changes = (
        read(np.where(covered, ink, image).astype(np.uint8))[:, answer] - score for ink in (0, 255)
    )
    without_ink, with_ink = (each.reshape(image.shape).astype(np.float64) for each in changes)
    return without_ink, with_ink


def saliency_table(found: Sequence[Saliency], class_names: Sequence[str]) -> pd.DataFrame:
    """Return how sure each answer is and how far one patch can lower that, a row an answer.

    Args:
        found: the answers.
        class_names: what to call each class.

    Returns:
        Scores as fractions, and by how many percentage points they can fall.
    """
    return pd.DataFrame(
        {
            "Network": each.reader,
            "Image of": class_names[each.truth],
            "Read as": class_names[each.answer],
            "Probability": each.score,
            "Ink rubbed out": 100 * max(0.0, -float(each.without_ink.min())),
            "Ink put in": 100 * max(0.0, -float(each.with_ink.min())),
        }
        for each in found
    )
