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
    def extremes(self) -> tuple[str, str]:
        """The rarest class and the commonest, the first of several."""
        return self.class_names[self.counts.argmin()], self.class_names[self.counts.argmax()]

    @property
    def range(self) -> tuple[int, int]:
        """How many images they have."""
        return int(self.counts.min()), int(self.counts.max())

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
        images: how many there are.
    """

    name: str
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    images: int

    @property
    def mean_spread(self) -> float:
        """The mean standard deviation of all pixels, in grey levels."""
        return float(self.spread.mean())


@dataclass(frozen=True, eq=False)
class Writers:
    """The people who wrote the images of a split.

    Attributes:
        images: (writers,) int64, how many images each wrote.
    """

    images: NDArray[np.int64]

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
        series: a row for each series: who filled in its forms, and how many images it gave.
    """

    train: Writers
    test: Writers
    people: int
    shared: int
    first_half: CommonestSeries
    last_half: CommonestSeries
    series: pd.DataFrame


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
    by_class = {label: split.images[split.labels == label] for label in np.unique(split.labels)}
    return tuple(
        Portrait(class_names[label], images.mean(axis=0), images.std(axis=0), len(images))
        for label, images in by_class.items()
    )


def most_and_least_varied(found: Sequence[Portrait]) -> tuple[Portrait, Portrait] | None:
    """Return the classes whose images differ most and least from one another.

    Returns:
        Those of the classes with two images or more; None where there are no two of these.
    """
    several = [each for each in found if each.images > 1]
    ordered = sorted(several, key=lambda each: each.mean_spread)
    return (ordered[-1], ordered[0]) if len(ordered) > 1 else None


def authorship(data: Dataset) -> Authorship | None:
    """Return who wrote the images of both splits, or None where nobody knows."""
    train, test = data.train, data.test
    known = (train.writers, train.series, test.writers, test.series)
    if any(each is None for each in known):
        return None
    learned, series, judged, test_series = (pd.Series(each) for each in known)
    counts = pd.DataFrame(
        {"Training images": series.value_counts(), "Test images": test_series.value_counts()}
    )
    table = counts.fillna(0).astype(np.int64).sort_index().reset_index(names="Series")
    table.insert(1, "Written by", table["Series"].map(_SERIES).fillna("others"))
    table["Series"] = "hsf_" + table["Series"].astype(str)
    half = len(test) // 2
    return Authorship(
        Writers(learned.value_counts().to_numpy()),
        Writers(judged.value_counts().to_numpy()),
        len(np.union1d(learned, judged)),
        len(np.intersect1d(learned, judged)),
        _commonest_series(test_series[:half]),
        _commonest_series(test_series[half:]),
        table,
    )


def _commonest_series(series: pd.Series[int]) -> CommonestSeries:
    number = series.mode()[0]
    written_by = _SERIES.get(number, "others")
    return CommonestSeries(f"hsf_{number}", written_by, int((series == number).sum()), len(series))


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


def dispute_counts(disputes: Sequence[Dispute]) -> tuple[int, int, int]:
    """Return what people read in images whose labels they dispute, counted.

    Returns:
        In how many most prefer another digit, in how many two digits are tied, and in how many most
        see neither of the two digits that they were asked about.
    """
    preferred = [len(each.preferred) for each in disputes]
    return preferred.count(1), preferred.count(2), preferred.count(0)
