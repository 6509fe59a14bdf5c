"""How sure an accuracy is, and of whose images: by image, by writer, by series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.data.dataset import Split
from handwriting.evaluation.intervals import Interval, bootstrap, wilson


@dataclass(frozen=True)
class AccuracyEstimate:
    """The accuracy of a network, estimated in one of several ways.

    Attributes:
        case: what is resampled, or left out.
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
        ways: the first takes images for independent and leaves none out.
    """

    network: str
    ways: tuple[AccuracyEstimate, ...]

    @property
    def quoted(self) -> AccuracyEstimate:
        """The one to quote: of all images, with writers resampled where they are known."""
        return next((each for each in self.ways if each.design_effect is not None), self.ways[0])

    @property
    def times_as_wide(self) -> float:
        """The width of the interval to quote over that of one of independent images."""
        quoted, plain = self.quoted.interval, self.ways[0].interval
        return (quoted.high - quoted.low) / (plain.high - plain.low)


@dataclass(frozen=True, eq=False)
class WriterMistakes:
    """How a network's mistakes are spread over writers.

    Attributes:
        network: what a table calls it.
        writers: how many writers there are.
        mistakes: how many images are misread.
        half: how few writers wrote at least half of what is misread.
        spared: how many writers wrote nothing that is misread.
        hardest_tenth: the share of the mistakes that the hardest tenth of the writers makes, 0-1.
        written: (writers + 1,) float64, 0-1, the share of all images by the hardest writers.
        misread: (writers + 1,) float64, 0-1, the share of all mistakes by the same ones.
    """

    network: str
    writers: int
    mistakes: int
    half: int
    spared: int
    hardest_tenth: float
    written: NDArray[np.float64]
    misread: NDArray[np.float64]


@dataclass(frozen=True)
class SeriesAccuracy:
    """How well a network reads the test images of one series.

    Attributes:
        network: what a table calls it.
        name: what NIST calls the series.
        images: how many test images are from it.
        writers: how many people wrote them.
        misread: how many images are misread.
        error: the share of them, 0-1.
        interval: of the accuracy, writers resampled.
    """

    network: str
    name: str
    images: int
    writers: int
    misread: int
    error: float
    interval: Interval


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
    if disputed.any():
        kept = ~disputed
        by = None if writers is None else writers[kept]
        ways.append(_estimate("without disputed labels", right[kept], by))
    return AccuracyEstimates(network, tuple(ways))


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


def by_writer(network: str, right: NDArray[np.bool_], writers: NDArray[np.int32]) -> WriterMistakes:
    """Return how a network's mistakes on test images are spread over those who wrote them.

    Args:
        network: what a table calls it.
        right: (n,) bool, whether it reads each test image rightly.
        writers: (n,) int32, who wrote each.
    """
    _, members, images = np.unique(writers, return_inverse=True, return_counts=True)
    wrong = np.bincount(members[~right], minlength=len(images))
    hardest_first = np.argsort(-wrong / images, kind="stable")
    mistakes, most_first = int(wrong.sum()), np.cumsum(np.sort(wrong)[::-1])
    written, misread = (
        np.concatenate([[0], np.cumsum(counts[hardest_first]) / max(1, counts.sum())])
        for counts in (images, wrong)
    )
    return WriterMistakes(
        network,
        writers=len(images),
        mistakes=mistakes,
        half=int(np.searchsorted(most_first, mistakes / 2)) + 1 if mistakes else 0,
        spared=int((wrong == 0).sum()),
        hardest_tenth=float(misread[max(1, len(images) // 10)]),
        written=written,
        misread=misread,
    )


def by_series(network: str, right: NDArray[np.bool_], test: Split) -> tuple[SeriesAccuracy, ...]:
    """Return how well each series is read; those without two writers are left out.

    Args:
        network: what a table calls it.
        right: (n,) bool, whether it reads each test image rightly.
        test: the test images; none has a series where nobody knows who wrote what.
    """
    if test.series is None or test.writers is None:
        return ()
    found = []
    for number in np.unique(test.series):
        here = test.series == number
        writers = test.writers[here]
        people = len(np.unique(writers))
        if people > 1:
            images, misread = int(here.sum()), int((~right[here]).sum())
            error, (interval, _) = misread / images, bootstrap(right[here], writers)
            found.append(
                SeriesAccuracy(network, f"hsf_{number}", images, people, misread, error, interval)
            )
    return tuple(found)


def series_table(found: Sequence[SeriesAccuracy]) -> pd.DataFrame:
    """Return a row for each series that each network reads."""
    return pd.DataFrame(
        [
            {
                "Series": each.name,
                "Network": each.network,
                "Test images": each.images,
                "Writers": each.writers,
                "Misread": each.misread,
                "Accuracy": 1 - each.error,
                "95% interval": each.interval,
            }
            for each in found
        ]
    )
