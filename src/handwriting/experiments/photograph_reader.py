"""A network that reads what was cut out of photographs, and refuses what it had better not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting.data.photographs.finding import CutOut, Page
from handwriting.data.photographs.framing import framed, framing
from handwriting.data.photographs.opening import Photograph
from handwriting.evaluation import calibration, metrics, selective, similarity
from handwriting.evaluation.readings import NO_DIGIT, UNSURE, Reading, Stroke
from handwriting.experiments.evaluated_network import REFUSED, EvaluatedNetwork

_UNLIKE = 0.001
"""The share of validation images that are farther from any training image than is answered."""

_COMPARED = 1000
"""Validation images, at most, whose distance from the training images is looked at."""

_SURER, _LESS_DOUBT = 0.1, 5
"""By how much the mean confidence has to be higher the other way up for that way to be taken, and
how many times as far from 1 it has to be as the file has it."""

_FEWEST_TURNED = 4
"""Digits from which on a page can be told to lie otherwise than its file says; fewer may be
turned only where the file has it turned, which may be the mistake."""

_TURNS_BACK = {3: 2, 6: 1, 8: 3}
"""By how many quarter turns, anticlockwise, each orientation of EXIF is undone."""

_INKED, _DARKEST = 128, 10
"""From which ink on a pixel is looked at, and how many in a hundred of these are surely the pen's:
a thin stroke is cut out wider than it was written."""


@dataclass(frozen=True, eq=False)
class Reader:
    """A network, and the thresholds by which it refuses.

    Attributes:
        network: it was trained on the data set's training images.
        confidence: an answer with a lower one is refused.
        distance: a digit farther than that from any training image is refused, as unlike any.
        typical: the median distance of a validation image from the training image most like it.
        share: of the validation images, how many have less confidence than that.
    """

    network: EvaluatedNetwork
    confidence: float
    distance: float
    typical: float
    share: float = REFUSED

    def read(self, seen: Sequence[tuple[Photograph, Page]]) -> tuple[tuple[Reading, ...], ...]:
        """Return what it makes of each digit that was found in photographs, in their order.

        Args:
            seen: the photographs, each with what was found in it.
        """
        data, learned = self.network.data, self.network.learned
        images = self._framed([cut.ink for _, page in seen for cut in page.digits])
        probabilities = self._probabilities(images)
        nearest, apart = similarity.most_alike(data.train.images[learned], images)
        unsure = metrics.confidences(probabilities) < self.confidence
        refusals = np.where(apart > self.distance, NO_DIGIT, np.where(unsure, UNSURE, ""))
        told = zip(images, probabilities, refusals.tolist(), learned[nearest], apart, strict=True)
        return tuple(
            tuple(
                Reading(cut, stroke, *next(told))
                for cut, stroke in zip(page.digits, strokes(*one), strict=True)
            )
            for one in seen
            for page in one[1:]
        )

    def turns(self, photograph: Photograph, page: Page) -> int:
        """Return by how many quarter turns, anticlockwise, a photograph is much better read.

        Args:
            photograph: as its file has it.
            page: what was found in it.
        """
        inks = [each.ink for each in page.digits]
        back = _TURNS_BACK.get(photograph.orientation)
        tried = range(1, 4) if len(inks) >= _FEWEST_TURNED else [back] if inks and back else []
        if not tried:
            return 0
        doubts = {turn: self._doubt([np.rot90(ink, turn) for ink in inks]) for turn in (0, *tried)}
        best = min(doubts, key=doubts.__getitem__)
        much = doubts[0] - doubts[best] >= _SURER and doubts[0] >= _LESS_DOUBT * doubts[best]
        return best if much else 0

    def _doubt(self, inks: Sequence[NDArray[np.uint8]]) -> float:
        """How far the mean confidence in what is cut out is from 1."""
        return 1 - float(metrics.confidences(self._probabilities(self._framed(inks))).mean())

    def _framed(self, inks: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
        shape, like = self.network.data.image_shape, framing(self.network.data.train.images)
        return np.array([framed(ink, shape, like) for ink in inks], np.uint8).reshape(-1, *shape)

    def _probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(n, classes) float64, 0-1, tempered."""
        if not len(images):
            return np.empty((0, self.network.data.classes))
        return calibration.tempered(self.network.read(images), self.network.temperature)


def reader(network: EvaluatedNetwork) -> Reader:
    """Return a network with thresholds that its validation images choose."""
    data = network.data
    known = np.setdiff1d(np.arange(len(data.train)), network.learned)
    compared = data.train.images[known[:_COMPARED]]
    _, apart = similarity.most_alike(data.train.images[network.learned], compared)
    tempered = calibration.tempered(network.validation_scores, network.temperature)
    sure_enough = selective.threshold(tempered, REFUSED)
    typical, farthest = np.quantile(apart, [0.5, 1 - _UNLIKE]).tolist()
    return Reader(network, sure_enough, farthest, typical)


def strokes(photograph: Photograph, page: Page) -> list[Stroke]:
    """Return how each digit that was found in a photograph is written."""
    corners = [(each.top, each.left, each.bottom, each.right) for each in page.digits]
    boxes = np.array(corners, float).reshape(-1, 4)
    found = []
    for number, cut in enumerate(page.digits):
        size = max(cut.bottom - cut.top, cut.right - cut.left)
        others = np.delete(boxes, number, axis=0)
        down = np.maximum(others[:, 0] - cut.bottom, cut.top - others[:, 2])
        across = np.maximum(others[:, 1] - cut.right, cut.left - others[:, 3])
        apart = np.hypot(np.maximum(down, 0), np.maximum(across, 0)).min(initial=np.inf)
        found.append(Stroke(_contrast(photograph, cut), size, float(apart) / size))
    return found


def _contrast(photograph: Photograph, cut: CutOut) -> float:
    """How much darker a digit's ink is than the paper around it, 0-1."""
    pixels = photograph.pixels[cut.top : cut.bottom, cut.left : cut.right].astype(float)
    inked, blank = cut.ink >= _INKED, cut.ink == 0
    if not inked.any() or not blank.any():
        return 1.0
    paper = np.maximum(np.median(pixels[blank], axis=0), 1)
    stroke = np.percentile(pixels[inked], _DARKEST, axis=0)
    return float(np.clip(1 - stroke / paper, 0, 1).max())
