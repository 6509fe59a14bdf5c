"""How well digits are read that were shifted, bent or damaged, and digits from another source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pydantic
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data import published
from handwriting.data.dataset import Dataset, Split
from handwriting.errors import MeasurementError
from handwriting.evaluation import metrics
from handwriting.evaluation.corruptions import KINDS, SEVERITIES, Corruption
from handwriting.models import training_runs
from handwriting.results import store

if TYPE_CHECKING:  # how it was trained and judged is not asked: it has a fingerprint
    from handwriting.evaluation.evaluated_network import EvaluatedNetwork

Read = Callable[[NDArray[np.uint8]], NDArray[np.floating]]

_BOX = 20 / 28
"""The share of MNIST's side that a digit fills: 20 of 28 pixels (LeCun and others, 1998, p. 10)."""


@dataclass(frozen=True)
class CorruptionCurve:
    """How accuracy falls as one kind of damage grows.

    Attributes:
        kind: the damage.
        accuracies: on images as they are, then at each severity, the mildest first, 0-1.
    """

    kind: Corruption
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean accuracy over the severities, 0-1."""
        return sum(self.accuracies[1:]) / len(SEVERITIES)

    @property
    def worst(self) -> float:
        """The accuracy at the highest severity, 0-1."""
        return self.accuracies[-1]

    @property
    def severity(self) -> int:
        """The highest severity."""
        return SEVERITIES[-1]


@dataclass(frozen=True)
class Robustness:
    """What damage does to a network's accuracy.

    Attributes:
        network: what a table calls it.
        curves: one for each kind of damage.
    """

    network: str
    curves: tuple[CorruptionCurve, ...]

    @property
    def clean(self) -> float:
        """The accuracy on images as they are, 0-1."""
        return self.curves[0].accuracies[0]

    @property
    def most_harmful(self) -> CorruptionCurve:
        """The kind that leaves least at the highest severity."""
        return min(self.curves, key=lambda each: each.worst)

    @property
    def least_harmful(self) -> CorruptionCurve:
        """The kind that leaves most at the highest severity."""
        return sorted(self.curves, key=lambda each: each.worst)[-1]

    @property
    def mean(self) -> float:
        """The mean accuracy over all kinds and severities, 0-1."""
        return sum(each.mean for each in self.curves) / len(self.curves)

    def costly(self, severity: int, loss: float) -> tuple[str, ...]:
        """Return what costs more than so much accuracy at a severity, by its title."""
        return tuple(
            each.kind.title
            for each in self.curves
            if each.accuracies[0] - each.accuracies[severity] > loss
        )


def damage_table(found: Sequence[Robustness], severities: Sequence[int] = (3, 5)) -> pd.DataFrame:
    """Return a row for each kind of damage, with each network's accuracy at some severities."""
    kinds = [each.kind for each in found[0].curves]
    table = {"Damage": [kind.title for kind in kinds], "What it does": [k.meaning for k in kinds]}
    columns = {
        f"{each.network.capitalize()}, at {severity}": [
            curve.accuracies[severity] for curve in each.curves
        ]
        for each in found
        for severity in severities
    }
    return pd.DataFrame(table | columns)


def corruption_curves(
    read: Read,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    kinds: Sequence[Corruption] = KINDS,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[CorruptionCurve, ...]:
    """Return how accuracy falls with each kind of damage.

    Args:
        read: returns scores, (n, classes), of images.
        images: (n, height, width) uint8, 0-255, as they are.
        labels: (n,) integers, their classes.
        kinds: the kinds of damage.
        progress: called with a line before each kind.
    """
    clean = metrics.accuracy(labels, metrics.predictions(read(images)))
    found = []
    for kind in kinds:
        progress(f"damage: {kind.title}")
        damaged = (kind.damaged(images, severity) for severity in SEVERITIES)
        accuracies = [metrics.accuracy(labels, metrics.predictions(read(each))) for each in damaged]
        found.append(CorruptionCurve(kind, (clean, *accuracies)))
    return tuple(found)


def damage(
    found: EvaluatedNetwork,
    data: Dataset,
    images: int,
    machine: Mapping[str, object],
    *,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[CorruptionCurve, ...]:
    """Return how a network's accuracy on test images falls with each kind of damage.

    It comes from the user's cache, or is found out now and kept there.

    Args:
        found: the network.
        data: whose test images are damaged.
        images: how many of them, drawn at random.
        machine: processor, cores and the like, each by name.
        fresh: ask anew, whatever the cache holds.
        progress: called with a line before each kind of damage.
    """
    from handwriting.models import networks, training  # here: Keras takes seconds to import

    network, looks = found.run.network, found.run.recipe.looks
    test = data.test.drawn(min(images, len(data.test)))

    def ask() -> _Accuracies:
        read = partial(training.predict, network, looks=looks)
        say = partial(_say, progress, found.title)
        curves = corruption_curves(read, test.images, test.labels, progress=say)
        return {each.kind.name: each.accuracies for each in curves}

    # One that was trained again with the same settings need not be the same network.
    key = {"test": test.digest, "network": networks.fingerprint(network), "looks": str(looks)}
    made_under = training_runs.environment(machine, __name__)
    told = store.remember("damage", key, ask, _ACCURACIES, made_under, check=_check, fresh=fresh)
    return tuple(CorruptionCurve(kind, told.value[kind.name]) for kind in KINDS)


_Accuracies = dict[str, tuple[float, ...]]
_ACCURACIES = pydantic.TypeAdapter(_Accuracies)


def _check(found: _Accuracies) -> None:
    lengths = {len(each) for each in found.values()}
    if set(found) != {kind.name for kind in KINDS} or lengths != {1 + len(SEVERITIES)}:
        raise MeasurementError("expected an accuracy of each kind of damage at each severity")


def _say(progress: Callable[[str], None], beginning: str, line: str) -> None:
    progress(f"{beginning}: {line}")


def enlarged_digits(image_shape: tuple[int, int]) -> Split:
    """Return scikit-learn's digits, enlarged and centred as MNIST's are.

    Each is enlarged to the box that MNIST's digits fill, between pixels along straight lines, and
    moved so that its ink's centre of mass lies in the middle.

    Args:
        image_shape: height and width that they shall have, more than 8 pixels each.
    """
    data = published.digits()
    images = np.concatenate([data.train.images, data.test.images])
    labels = np.concatenate([data.train.labels, data.test.labels])
    sides = [round(_BOX * side) for side in image_shape]
    factors = [1.0, *(side / was for side, was in zip(sides, data.image_shape, strict=True))]
    large = ndimage.zoom(images, factors, order=1, grid_mode=True, mode="nearest")
    margins = [
        ((whole - side) // 2, whole - side - (whole - side) // 2)
        for whole, side in zip(image_shape, sides, strict=True)
    ]
    return Split(_centred(np.pad(large, [(0, 0), *margins])), labels)


def _centred(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images moved by whole pixels so that their ink's centre of mass lies in the middle."""
    height, width = images.shape[1:]
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    moved = np.empty_like(images)
    for image, target in zip(images, moved, strict=True):
        shift = np.rint(middle - ndimage.center_of_mass(image))
        ndimage.shift(image, shift, output=target, order=0)
    return moved
