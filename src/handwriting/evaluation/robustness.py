"""How well digits are read that were shifted, bent or damaged, and digits from another source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data import published
from handwriting.data.dataset import Split
from handwriting.evaluation import metrics
from handwriting.evaluation.corruptions import KINDS, SEVERITIES, Corruption
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.trainings import Trainings, mean_accuracy
from handwriting.models.training_runs import Run

CONSTANT = 0.9
"""The share of images from which on a network that gives them one class hardly looks at them."""

ROWS = 1 + len(KINDS) * len(SEVERITIES)
"""How often a network is asked for each image: as it is, then under each kind of damage."""

_BOX = 20 / 28
"""The share of MNIST's side that a digit fills: 20 of 28 pixels (LeCun and others, 1998, p. 10)."""


@dataclass(frozen=True)
class CorruptionCurve:
    """How accuracy falls as one kind of damage grows.

    Attributes:
        kind: the damage.
        by_training: the accuracies of each training, on images as they are, then at each severity,
            the mildest first, 0-1.
        interval: of their mean over severities and trainings, had images and seeds been others, by
            other writers where they are known; images alone of one training.
        constant: in how many trainings nearly all images are given one class, by severity, where
            there are any: there accuracy says only how common that class is.
    """

    kind: Corruption
    by_training: tuple[tuple[float, ...], ...]
    interval: Interval
    constant: Mapping[int, int]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """The means over trainings, on images as they are, then at each severity, 0-1."""
        return tuple(np.mean(self.by_training, axis=0).tolist())

    @property
    def band(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The lowest accuracies of any training, as `accuracies` are; and the highest."""
        at = list(zip(*self.by_training, strict=True))
        return tuple(map(min, at)), tuple(map(max, at))

    @property
    def means(self) -> tuple[float, ...]:
        """The mean accuracy of each training over the severities, 0-1."""
        return tuple(sum(each[1:]) / len(SEVERITIES) for each in self.by_training)

    @property
    def mean(self) -> float:
        """The mean accuracy over severities and trainings, 0-1."""
        return sum(self.means) / len(self.means)

    @property
    def spread(self) -> Interval:
        """The least mean accuracy over the severities that any training has, and the greatest."""
        return Interval(min(self.means), max(self.means))

    def constant_in(self, trainings: range) -> str:
        """Return the severities at which so many trainings give nearly all images one class."""
        return ", ".join(str(at) for at, many in self.constant.items() if many in trainings)


@dataclass(frozen=True)
class Robustness:
    """What damage does to a network's accuracy.

    Attributes:
        network: what a table calls it.
        images: how many test images were damaged.
        curves: one for each kind of damage, of the same trainings.
        threshold: the share of images above which one class is a constant answer.
    """

    network: str
    images: int
    curves: tuple[CorruptionCurve, ...]
    threshold: float = CONSTANT

    @property
    def trainings(self) -> int:
        """How many trainings read the damaged images."""
        return len(self.curves[0].by_training)

    @property
    def worst_first(self) -> tuple[CorruptionCurve, ...]:
        """The kinds by their mean accuracy over severities and trainings, the lowest first."""
        return tuple(sorted(self.curves, key=lambda each: each.mean))

    @property
    def widest(self) -> CorruptionCurve:
        """The kind under which trainings differ most."""
        return max(self.curves, key=lambda each: each.spread.high - each.spread.low)

    @property
    def constant(self) -> str:
        """The kinds that end as a constant answer, at which severities; or nothing.

        As `inversion (4, 5; in some trainings 3)`.
        """
        each, some = range(self.trainings, self.trainings + 1), range(1, self.trainings)
        found = {
            curve.kind.title: [
                curve.constant_in(each),
                f"in some trainings {curve.constant_in(some)}" if curve.constant_in(some) else "",
            ]
            for curve in self.worst_first
            if curve.constant
        }
        return ", ".join(f"{kind} ({'; '.join(filter(None, at))})" for kind, at in found.items())

    @property
    def mean(self) -> float:
        """The mean accuracy over all kinds, severities and trainings, 0-1."""
        return sum(each.mean for each in self.curves) / len(self.curves)


def severity_table(found: Sequence[Robustness]) -> pd.DataFrame:
    """Return a row for each kind of damage, with each network's mean accuracy at each severity."""
    return pd.DataFrame(
        {"Damage": [each.kind.title for each in found[0].curves]}
        | {
            f"{each.network.capitalize()}, at {severity}": [
                curve.accuracies[severity] for curve in each.curves
            ]
            for each in found
            for severity in SEVERITIES
        }
    )


def kind_table(kinds: Sequence[Corruption] = KINDS) -> pd.DataFrame:
    """Return a row for each kind of damage: what it does at each severity."""
    return pd.DataFrame(
        {"Damage": [each.title for each in kinds], "What it does": [each.meaning for each in kinds]}
    )


def damage_table(found: Sequence[Robustness]) -> pd.DataFrame:
    """Return a row for each kind of damage, with each network's mean accuracy over severities.

    Of several trainings there is a range, too.
    """
    table = pd.DataFrame({"Damage": [each.kind.title for each in found[0].curves]})
    for each in found:
        name = each.network.capitalize()
        table[f"{name}, mean"] = [curve.mean for curve in each.curves]
        table[f"{name}, 95% interval"] = [curve.interval for curve in each.curves]
        if each.trainings > 1:
            table[f"{name}, over trainings"] = [curve.spread for curve in each.curves]
    return table


def answers(run: Run, test: Split, progress: Callable[[str], None]) -> NDArray[np.uint8]:
    """Return what a network answers to images as they are and damaged, as `robustness` takes it.

    Args:
        run: the network, and how it was trained.
        test: n images as they are.
        progress: called with a line before each kind of damage.
    """
    from handwriting.models import training  # here, since Keras takes seconds to import

    def read(some: NDArray[np.uint8]) -> NDArray[np.int64]:
        return metrics.predictions(training.predict(run.network, some, run.recipe.looks))

    found = [read(test.images)]
    for kind in KINDS:
        progress(f"{run.recipe.title}, seed {run.seed}: damage: {kind.title}")
        found += [read(kind.damaged(test.images, severity)) for severity in SEVERITIES]
    return np.array(found, np.uint8)


def robustness(
    name: str, answers: Sequence[NDArray[np.uint8]], test: Split, classes: int
) -> Robustness:
    """Return what the answers of a network's trainings to damaged images say.

    Args:
        name: what a table calls the network.
        answers: of each training, (ROWS, n) uint8, the class that it answers to each image as it
            is, then under each kind of damage at each severity.
        test: the n images as they are.
        classes: how many there are.
    """
    given = np.stack(answers)
    right = given == test.labels
    curves = []
    for kind, rows in zip(KINDS, np.arange(1, ROWS).reshape(len(KINDS), -1), strict=True):
        read = Trainings(name, right[:, rows].mean(axis=1), random=True)
        accuracies = right[:, [0, *rows]].mean(axis=2).tolist()
        curves.append(
            CorruptionCurve(
                kind,
                tuple(map(tuple, accuracies)),
                mean_accuracy(read, test.writers).interval,
                _constant(given[:, rows]) if classes > 1 else {},
            )
        )
    return Robustness(name, len(test), tuple(curves))


def _constant(answers: NDArray[np.uint8]) -> dict[int, int]:
    """In how many trainings nearly all images get one answer, by severity, where there are any.

    Args:
        answers: (trainings, severities, n) uint8.
    """
    enough = CONSTANT * answers.shape[-1]
    found = {
        severity: sum(np.bincount(row).max() > enough for row in rows)
        for severity, rows in zip(SEVERITIES, answers.swapaxes(0, 1), strict=True)
    }
    return {severity: int(many) for severity, many in found.items() if many}


def enlarged_digits(image_shape: tuple[int, int]) -> Split:
    """Return scikit-learn's digits, enlarged and centred as MNIST's are.

    Each is enlarged to the box that MNIST's digits fill, between pixels along straight lines, and
    moved by whole pixels so that its ink's centre of mass lies in the middle.

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
    large = np.pad(large, [(0, 0), *margins])
    middle = (np.array(image_shape) - 1) / 2
    centred = np.empty_like(large)
    for image, target in zip(large, centred, strict=True):
        shift = np.rint(middle - ndimage.center_of_mass(image))
        ndimage.shift(image, shift, output=target, order=0)
    return Split(centred, labels)
