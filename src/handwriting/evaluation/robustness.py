"""How well digits are read that were shifted, bent or damaged, and digits from another source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import pydantic
from numpy.typing import NDArray
from scipy import ndimage

from handwriting.data import published
from handwriting.data.dataset import Dataset, Split
from handwriting.evaluation import metrics
from handwriting.evaluation.corruptions import KINDS, SEVERITIES, Corruption
from handwriting.models import training_runs
from handwriting.models.training_runs import Run
from handwriting.results import store

_ONE_KIND, _ALL_KINDS = (
    pydantic.Field(min_length=count, max_length=count)
    for count in (1 + len(SEVERITIES), len(KINDS))
)
_Accuracies = dict[
    Literal["accuracies"],
    Annotated[tuple[Annotated[tuple[float, ...], _ONE_KIND], ...], _ALL_KINDS],
]
"""Of each kind of damage, in their order: accuracy on images as they are, then at each severity."""

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
    def worst(self) -> float:
        """The accuracy at the highest severity, 0-1."""
        return self.accuracies[-1]


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
        means = [sum(each.accuracies[1:]) / len(SEVERITIES) for each in self.curves]
        return sum(means) / len(means)

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
    columns = {
        f"{each.network.capitalize()}, at {severity}": [
            curve.accuracies[severity] for curve in each.curves
        ]
        for each in found
        for severity in severities
    }
    titles, effects = [kind.title for kind in kinds], [kind.meaning for kind in kinds]
    return pd.DataFrame({"Damage": titles, "What it does": effects} | columns)


def damage(
    run: Run,
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
        run: the network, and how it was trained.
        data: whose test images are damaged.
        images: how many of them, drawn at random.
        machine: processor, cores and the like, each by name.
        fresh: ask anew, whatever the cache holds.
        progress: called with a line before each kind of damage.
    """
    from handwriting.models import networks, training  # here: Keras takes seconds to import

    looks = run.recipe.looks
    test = data.test.drawn(min(images, len(data.test)))

    def read_correctly(some: NDArray[np.uint8]) -> float:
        scores = training.predict(run.network, some, looks)
        return metrics.accuracy(test.labels, metrics.predictions(scores))

    def ask() -> _Accuracies:
        clean, found = read_correctly(test.images), []
        for kind in KINDS:
            progress(f"{run.recipe.title}: damage: {kind.title}")
            damaged = (kind.damaged(test.images, severity) for severity in SEVERITIES)
            found.append((clean, *map(read_correctly, damaged)))
        return {"accuracies": tuple(found)}

    # One that was trained again with the same settings need not be the same network.
    key = {"test": test.digest, "network": networks.fingerprint(run.network), "looks": str(looks)}
    made_under = training_runs.environment(machine, __name__)
    schema = pydantic.TypeAdapter(Annotated[_Accuracies, pydantic.Field(min_length=1)])
    told = store.remember("damage", key, ask, schema, made_under, fresh=fresh)
    return tuple(map(CorruptionCurve, KINDS, told.value["accuracies"]))


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
