"""How sure an accuracy is, and of whose images: by image, by writer, by series and by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.evaluation.intervals import Interval, bootstrap, wilson


@dataclass(frozen=True)
class AccuracyEstimate:
    """The accuracy of a network, estimated in one of several ways.

    Attributes:
        case: what is resampled, or whom disputed labels count for.
        accuracy: 0-1.
        interval: where the true one may lie.
        unit: what the interval takes for independent, such as `writers`.
        images: how many test images count.
        design_effect: how many times its variance is that of as many independent images, or None
            where they are taken for independent.
    """

    case: str
    accuracy: float
    interval: Interval
    unit: str
    images: int
    design_effect: float | None = None


@dataclass(frozen=True)
class AccuracyEstimates:
    """The accuracy of a network, estimated in as many ways as the data allow.

    Attributes:
        network: what a table calls it.
        ways: the first takes images for independent and labels for true.
        bounds: how many mistakes it makes, whatever is true of disputed labels: none on those, or
            one on each; None where none is disputed.
    """

    network: str
    ways: tuple[AccuracyEstimate, ...]
    bounds: Interval | None = None

    @property
    def quoted(self) -> AccuracyEstimate:
        """The one to quote: of labels as given, with writers resampled where they are known."""
        return next((each for each in self.ways if each.design_effect is not None), self.ways[0])


@dataclass(frozen=True)
class GroupShare:
    """How often something is so of the test images of one group, a series or a class.

    Attributes:
        name: of the group, such as `hsf_4`.
        images: how many test images are in it.
        writers: how many people wrote them; None where nobody knows.
        share: 0-1; for gaps between two shares -1 to 1.
        interval: its 95% interval, writers drawn anew where they are known.
    """

    name: str
    images: int
    writers: int | None
    share: float
    interval: Interval


@dataclass(frozen=True)
class GroupShares:
    """How often something is so of a network's test images, group by group.

    Attributes:
        network: what a table calls it.
        expected: the share that each group would have if nothing set it apart.
        groups: at least one.
    """

    network: str
    expected: float
    groups: tuple[GroupShare, ...]

    @property
    def lowest(self) -> GroupShare:
        """The group of which it is least often so."""
        return min(self.groups, key=lambda each: each.share)

    @property
    def highest(self) -> GroupShare:
        """The group of which it is most often so."""
        return max(self.groups, key=lambda each: each.share)

    @property
    def below(self) -> tuple[str, ...]:
        """The groups whose interval lies below the expected share."""
        return tuple(each.name for each in self.groups if each.interval.high < self.expected)

    @property
    def above(self) -> tuple[str, ...]:
        """The groups whose interval lies above it."""
        return tuple(each.name for each in self.groups if each.interval.low > self.expected)


def estimate(
    network: str,
    right: NDArray[np.bool_],
    writers: NDArray[np.int32] | None,
    disputed: NDArray[np.bool_],
) -> AccuracyEstimates:
    """Return an accuracy on test images, estimated in as many ways as the data allow.

    Args:
        network: what a table calls it.
        right: (n,) bool, whether it reads each test image rightly.
        writers: (n,) int32, who wrote each, or None where nobody knows.
        disputed: (n,) bool, whether people dispute the label of each.
    """
    ways = [_estimate("images are independent", right)]
    if writers is not None:
        ways.append(_estimate("writers are independent", right, writers))
    bounds = None
    if disputed.any():
        ways.append(_estimate("disputed labels count for it", right | disputed, writers))
        ways.append(_estimate("disputed labels count against it", right & ~disputed, writers))
        fewest = int((~right & ~disputed).sum())
        bounds = Interval(fewest, fewest + int(disputed.sum()))
    return AccuracyEstimates(network, tuple(ways), bounds)


def _estimate(
    case: str, right: NDArray[np.bool_], writers: NDArray[np.int32] | None = None
) -> AccuracyEstimate:
    share, images = float(right.mean()), len(right)
    if writers is None:
        return AccuracyEstimate(case, share, wilson(int(right.sum()), images), "images", images)
    interval, design_effect = bootstrap(right, writers)
    return AccuracyEstimate(case, share, interval, "writers", images, design_effect)


def estimate_table(found: Sequence[AccuracyEstimates]) -> pd.DataFrame:
    """Return a row for each way in which each network's accuracy is estimated."""
    return pd.DataFrame(
        [
            {
                "Network": network.network,
                "Case": each.case,
                "Test images": each.images,
                "Accuracy": each.accuracy,
                "95% interval": each.interval,
                "Independent": each.unit,
                "Design effect": each.design_effect,
            }
            for network in found
            for each in network.ways
        ]
    )


def share_interval(
    share: NDArray[np.bool_] | NDArray[np.float64], writers: NDArray[np.integer] | None
) -> Interval:
    """Return the 95% interval of a mean share.

    Writers are drawn anew; where there are not two of them, or nobody knows them, it is Wilson's
    interval of independent images that each succeed or fail, at least as wide as that of shares.

    Args:
        share: (n,) bool, or float64 in 0-1, of each image.
        writers: (n,) integers, who wrote each, or None where nobody knows.
    """
    if writers is None or len(np.unique(writers)) < 2:
        return wilson(round(float(share.sum())), len(share))
    return bootstrap(share, writers)[0]


def series(data: Dataset) -> dict[str, NDArray[np.bool_]]:
    """Return which test images are of each series with two writers, (n,) bool each, by its name.

    There is none where nobody knows who wrote what.
    """
    test = data.test
    if test.series is None or test.writers is None:
        return {}
    found = {f"hsf_{number}": test.series == number for number in np.unique(test.series)}
    return {name: here for name, here in found.items() if len(np.unique(test.writers[here])) > 1}


def classes(data: Dataset) -> dict[str, NDArray[np.bool_]]:
    """Return which test images are of each class that has some, (n,) bool each, by its name."""
    found = {name: data.test.labels == label for label, name in enumerate(data.class_names)}
    return {name: here for name, here in found.items() if here.any()}


def by_group(
    network: str,
    holds: NDArray[np.bool_],
    groups: Mapping[str, NDArray[np.bool_]],
    writers: NDArray[np.integer] | None,
    expected: float,
) -> GroupShares:
    """Return how often something is so of the test images of each group.

    Args:
        network: what a table calls it.
        holds: (n,) bool, whether it is so of each test image.
        groups: (n,) bool each, which test images are in a group, by its name; none is empty.
        writers: (n,) integers, who wrote each, or None where nobody knows.
        expected: the share that each group would have if nothing set it apart.
    """
    found = []
    for name, here in groups.items():
        people = None if writers is None else writers[here]
        count = None if people is None else len(np.unique(people))
        interval = share_interval(holds[here], people)
        found.append(GroupShare(name, int(here.sum()), count, float(holds[here].mean()), interval))
    return GroupShares(network, expected, tuple(found))


def series_table(found: Sequence[GroupShares]) -> pd.DataFrame:
    """Return a row for each series that each network reads."""
    return pd.DataFrame(
        [
            {
                "Series": each.name,
                "Network": network.network,
                "Test images": each.images,
                "Writers": each.writers,
                "Misread": round(each.images * (1 - each.share)),
                "Accuracy": each.share,
                "95% interval": each.interval,
            }
            for network in found
            for each in network.groups
        ]
    )
