"""What is measured of a classifier, under which conditions, and who can be measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from handwriting.baselines.timing import Durations
from handwriting.data.dataset import Dataset, Split
from handwriting.results.arrays import Array


@dataclass(frozen=True)
class InferenceMode:
    """A way of calling a classifier, and what it costs.

    Attributes:
        name: what prose calls it.
        single: how long one image takes.
        batch: how long many images at once take.
        size: bytes of the classifier, written to a file as this way needs it.
    """

    name: str
    single: Durations
    batch: Durations
    size: int


@dataclass(frozen=True, eq=False)
class Measurement:
    """What was measured of one classifier.

    Attributes:
        predictions: (trainings, n) uint8, the class of each test image after each training.
        fit_seconds: seconds that the first training took.
        converged: False where scikit-learn says that the first training ended too early.
        ways: how the first one can be called, and what that costs.
    """

    predictions: Array
    fit_seconds: float
    converged: bool
    ways: tuple[InferenceMode, ...]


@dataclass(frozen=True)
class Conditions:
    """What is the same for all.

    Attributes:
        machine: processor, cores and the like, each by name.
        training_images: how many images to learn from at most, drawn at random; 0 for all.
        seed: what random numbers are drawn from.
        threads: how many threads a classifier may use.
    """

    machine: Mapping[str, object] = field(default_factory=dict)
    training_images: int = 0
    seed: int = 0
    threads: int = 2

    def images(self, data: Dataset) -> int:
        """How many of a data set's training images are learned from."""
        return min(self.training_images or len(data.train), len(data.train))


@dataclass(frozen=True)
class Entrant:
    """A classifier that can be measured.

    Attributes:
        name: what files call it.
        title: what prose calls it.
        settings: how it is made, as far as prose says it.
        parameters: a digest of all its settings: with others its result would be another.
        entry: the module of this package in which measuring it begins.
        packages: the packages that its result depends on.
        measure: trains it on the first split, and lets it read the second.
        network: whether it is the neural network, which the others are compared with.
    """

    name: str
    title: str
    settings: str
    parameters: str
    entry: str
    packages: tuple[str, ...]
    measure: Callable[[Split, Split], Measurement]
    network: bool = False
