"""What is in a data set: how many of each class, what they look like, and who wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset, Split
from handwriting.data.label_disputes import Dispute

_SERIES: Mapping[int, str] = {
    **dict.fromkeys(range(4), "Census Bureau employees"),
    4: "high-school students",
}
"""Who filled in the forms of NIST's collection, by its series hsf_0 to hsf_4 (P. J. Grother, 1995,
NIST Special Database 19)."""


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """How many images of a split each class has.

    Attributes:
        title: what the split's images are called, such as `Training images`.
        class_names: what to call each class.
        counts: (classes,) int64, at least one of them above 0.
    """

    title: str
    class_names: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def shares(self) -> NDArray[np.float64]:
        """(classes,) float64, each class's share of all images, 0-1."""
        return np.asarray(self.counts / self.counts.sum(), np.float64)

    @property
    def fewest(self) -> int:
        """How many images the rarest class has."""
        return int(self.counts.min())

    @property
    def most(self) -> int:
        """How many images the commonest class has."""
        return int(self.counts.max())

    @property
    def rarest(self) -> str:
        """The name of the class with the fewest images, the first of several."""
        return self.class_names[int(self.counts.argmin())]

    @property
    def commonest(self) -> str:
        """The name of the class with the most images, the first of several."""
        return self.class_names[int(self.counts.argmax())]

    @property
    def largest_share(self) -> float:
        """The commonest class's share of all images, 0-1: how often a guess of it is right."""
        return float(self.shares.max())


@dataclass(frozen=True, eq=False)
class Portrait:
    """What the images of a class have in common, and where they differ.

    Attributes:
        name: what the class is called.
        mean: (height, width) float64, the mean of each pixel, 0-255.
        spread: (height, width) float64, the standard deviation of each pixel, 0-127.5.
    """

    name: str
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]

    @property
    def mean_spread(self) -> float:
        """The mean standard deviation of all pixels, in grey levels."""
        return float(self.spread.mean())


@dataclass(frozen=True, eq=False)
class Writers:
    """The people who wrote the images of a split.

    Attributes:
        images: (writers,) int64, how many images each wrote, the busiest first.
        series: how many images each series has, by its number.
    """

    images: NDArray[np.int64]
    series: Mapping[int, int]

    @property
    def people(self) -> int:
        """How many they are."""
        return len(self.images)

    @property
    def fewest(self) -> int:
        """How many images one of them wrote at least."""
        return int(self.images.min())

    @property
    def median(self) -> float:
        """How many images each wrote, the median."""
        return float(np.median(self.images))

    @property
    def most(self) -> int:
        """How many images one of them wrote at most."""
        return int(self.images.max())


@dataclass(frozen=True)
class CommonestSeries:
    """The series that most images of some are from.

    Attributes:
        name: what NIST calls it, such as `hsf_4`.
        written_by: who filled in its forms.
        images: how many images are from it.
        among: of how many.
    """

    name: str
    written_by: str
    images: int
    among: int


@dataclass(frozen=True, eq=False)
class Authorship:
    """Who wrote the images of a data set.

    Attributes:
        train: the writers of the training images.
        test: the writers of the test images.
        people: how many wrote any.
        shared: how many of them wrote images of both splits.
        first_half: the commonest series in the first half of the test images.
        last_half: likewise in the rest.
    """

    train: Writers
    test: Writers
    people: int
    shared: int
    first_half: CommonestSeries
    last_half: CommonestSeries

    @property
    def series(self) -> pd.DataFrame:
        """A row for each series: who filled in its forms, and how many images it gave."""
        numbers = sorted({*self.train.series, *self.test.series})
        return pd.DataFrame(
            {
                "Series": [f"hsf_{number}" for number in numbers],
                "Written by": [_SERIES.get(number, "others") for number in numbers],
                "Training images": [self.train.series.get(number, 0) for number in numbers],
                "Test images": [self.test.series.get(number, 0) for number in numbers],
            }
        )


@dataclass(frozen=True)
class Copies:
    """Images that are another one's copy, pixel by pixel.

    Attributes:
        train: how many training images repeat an earlier training image.
        test: how many test images repeat an earlier test image.
        across: how many test images are also training images.
    """

    train: int
    test: int
    across: int


@dataclass(frozen=True)
class DisputeCounts:
    """What people read in images whose labels they dispute, counted.

    Attributes:
        images: how many there are.
        other: in how many most prefer another digit.
        tied: in how many two digits are tied.
        neither: in how many most see neither of the two digits that they were asked about.
    """

    images: int
    other: int
    tied: int
    neither: int


def class_counts(data: Dataset) -> tuple[ClassCounts, ClassCounts]:
    """Return how many training and how many test images each class has."""
    train, test = (
        ClassCounts(title, data.class_names, np.bincount(split.labels, minlength=data.classes))
        for title, split in (("Training images", data.train), ("Test images", data.test))
    )
    return train, test


def class_table(train: ClassCounts, test: ClassCounts) -> pd.DataFrame:
    """Return a row for each class: how many training and how many test images it has."""
    return pd.DataFrame(
        {"Class": train.class_names, train.title: train.counts, test.title: test.counts}
    )


def copies(train: Split, test: Split) -> Copies:
    """Return how many images are exact copies of others."""
    learned, judged = ([image.tobytes() for image in split.images] for split in (train, test))
    known = set(learned)
    return Copies(
        len(learned) - len(known),
        len(judged) - len(set(judged)),
        sum(image in known for image in judged),
    )


def portraits(split: Split, class_names: Sequence[str]) -> tuple[Portrait, ...]:
    """Return the portrait of each class that has images."""
    by_class = ((name, split.labels == label) for label, name in enumerate(class_names))
    return tuple(
        Portrait(name, split.images[here].mean(axis=0), split.images[here].std(axis=0))
        for name, here in by_class
        if here.any()
    )


def most_and_least_varied(found: Sequence[Portrait]) -> tuple[Portrait, Portrait]:
    """Return the classes whose images differ most and least from one another."""
    ordered = sorted(found, key=lambda each: each.mean_spread)
    return ordered[-1], ordered[0]


def authorship(data: Dataset) -> Authorship | None:
    """Return who wrote the images of both splits, or None where nobody knows."""
    train, test = (_writers(split) for split in (data.train, data.test))
    if train is None or test is None:
        return None
    half = len(data.test) // 2
    learned, judged = (np.unique(np.asarray(split.writers)) for split in (data.train, data.test))
    return Authorship(
        train,
        test,
        len(np.union1d(learned, judged)),
        len(np.intersect1d(learned, judged)),
        _commonest_series(np.asarray(data.test.series)[:half]),
        _commonest_series(np.asarray(data.test.series)[half:]),
    )


def _writers(split: Split) -> Writers | None:
    if split.writers is None or split.series is None:
        return None
    _, images = np.unique(split.writers, return_counts=True)
    numbers, counts = np.unique(split.series, return_counts=True)
    return Writers(np.sort(images)[::-1], dict(zip(numbers.tolist(), counts.tolist(), strict=True)))


def _commonest_series(series: NDArray[np.int32]) -> CommonestSeries:
    numbers, counts = np.unique(series, return_counts=True)
    number = int(numbers[counts.argmax()])
    written_by = _SERIES.get(number, "others")
    return CommonestSeries(f"hsf_{number}", written_by, int(counts.max()), len(series))


def by_several_writers(split: Split, label: int, most: int = 12) -> NDArray[np.int64]:
    """Return one image of a class by each of several writers, who are spread over all of them.

    Args:
        split: the images; where nobody knows who wrote them, none are returned.
        label: the class.
        most: how many writers at most.

    Returns:
        (images,) int64, where they stand in the split.
    """
    of_class = np.flatnonzero(split.labels == label)
    if split.writers is None or not len(of_class):
        return of_class[:0]
    _, first = np.unique(split.writers[of_class], return_index=True)
    chosen = np.linspace(0, len(first) - 1, min(most, len(first))).round().astype(int)
    return np.asarray(of_class[first[chosen]], np.int64)


def dispute_counts(disputes: Sequence[Dispute]) -> DisputeCounts:
    """Return how people read the images whose labels they dispute, counted."""
    preferred = [len(each.preferred) for each in disputes]
    return DisputeCounts(len(disputes), *(preferred.count(number) for number in (1, 2, 0)))
