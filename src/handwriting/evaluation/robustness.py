"""How well digits are read that were shifted, bent or damaged, and digits from another source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data import published
from handwriting.data.dataset import Split, plain
from handwriting.evaluation import metrics
from handwriting.evaluation.accuracy import share_interval
from handwriting.evaluation.corruptions import KINDS, SEVERITIES, Corruption
from handwriting.evaluation.intervals import Interval
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
        accuracies: on images as they are, then at each severity, the mildest first, 0-1.
        interval: of their mean over the severities, had the images been others, by the same writers
            or others where they are known.
        constant: the class that nearly all images are given, by severity, where there is one: there
            accuracy says only how common that class is.
    """

    kind: Corruption
    accuracies: tuple[float, ...]
    interval: Interval
    constant: Mapping[int, str]

    @property
    def mean(self) -> float:
        """The mean accuracy over the severities, 0-1."""
        return sum(self.accuracies[1:]) / len(SEVERITIES)

    @property
    def one_answer(self) -> str:
        """Markdown: which class is the constant answer, at which severities; empty without any."""
        at = {
            answer: [str(each) for each, given in self.constant.items() if given == answer]
            for answer in self.constant.values()
        }
        return "; ".join(f"{plain(answer)} at {', '.join(here)}" for answer, here in at.items())


@dataclass(frozen=True)
class Robustness:
    """What damage does to a network's accuracy.

    Attributes:
        network: what a table calls it.
        images: how many test images were damaged.
        curves: one for each kind of damage.
        threshold: the share of images above which one class is a constant answer.
    """

    network: str
    images: int
    curves: tuple[CorruptionCurve, ...]
    threshold: float = CONSTANT

    @property
    def worst_first(self) -> tuple[CorruptionCurve, ...]:
        """The kinds by their mean accuracy over the severities, the lowest first."""
        return tuple(sorted(self.curves, key=lambda each: each.mean))

    @property
    def constant(self) -> str:
        """Markdown: the kinds that end as a constant answer, at which severities; or nothing."""
        found = [each for each in self.worst_first if each.constant]
        return ", ".join(f"{each.kind.title} ({each.one_answer})" for each in found)

    @property
    def mean(self) -> float:
        """The mean accuracy over all kinds and severities, 0-1."""
        return sum(each.mean for each in self.curves) / len(self.curves)


def severity_table(found: Sequence[Robustness]) -> pd.DataFrame:
    """Return a row for each kind of damage, with each network's accuracy at each severity."""
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


def damage_table(found: Sequence[Robustness]) -> pd.DataFrame:
    """Return a row for each kind of damage, with each network's mean accuracy over severities."""
    kinds = [each.kind for each in found[0].curves]
    table = pd.DataFrame(
        {"Damage": [each.title for each in kinds], "What it does": [each.meaning for each in kinds]}
    )
    for each in found:
        name = each.network.capitalize()
        table[f"{name}, mean"] = [curve.mean for curve in each.curves]
        table[f"{name}, 95% interval"] = [curve.interval for curve in each.curves]
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
        progress(f"{run.recipe.title}: damage: {kind.title}")
        found += [read(kind.damaged(test.images, severity)) for severity in SEVERITIES]
    return np.array(found, np.uint8)


def robustness(
    name: str, answers: NDArray[np.uint8], test: Split, class_names: Sequence[str]
) -> Robustness:
    """Return what a network's answers to damaged images say.

    Args:
        name: what a table calls the network.
        answers: (ROWS, n) uint8, the class that it answers to each image as it
            is, then under each kind of damage at each severity.
        test: the n images as they are.
        class_names: what each class is called.
    """
    right = answers == test.labels
    clean, damaged = float(right[0].mean()), np.arange(1, len(answers)).reshape(len(KINDS), -1)
    curves = []
    for kind, rows in zip(KINDS, damaged, strict=True):
        interval = share_interval(right[rows].mean(axis=0), test.writers)
        constant = _constant(answers[rows], class_names)
        accuracies = (clean, *right[rows].mean(axis=1).tolist())
        curves.append(CorruptionCurve(kind, accuracies, interval, constant))
    return Robustness(name, answers.shape[1], tuple(curves))


def _constant(answers: NDArray[np.uint8], class_names: Sequence[str]) -> dict[int, str]:
    """Which of several classes is answered to nearly all images; a row for each severity."""
    return {
        severity: class_names[int(np.bincount(row).argmax())]
        for severity, row in zip(SEVERITIES, answers, strict=True)
        if len(class_names) > 1 and np.bincount(row).max() > CONSTANT * len(row)
    }


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
