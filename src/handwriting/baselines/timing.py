"""How long classifying takes, one digit at a time and many at once, on a fixed number of cores."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
import threadpoolctl
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset, Split
from handwriting.errors import SettingError
from handwriting.results.files import Array

Read = Callable[[NDArray[np.uint8]], NDArray[np.integer]]
"""From images, (n, height, width) uint8, to the class of each, (n,) integers."""

BARE = "NumPy alone"
"""What a way of calling a classifier is called that needs no library besides."""

_ROUNDS = 11
"""How often all take turns, so that a moment's disturbance of the machine does not fall on one of
them alone; so many medians of rounds have an interval of 98% between the second and the last but
one."""

_SECONDS = 0.05
"""After so many seconds of a round no further call of one kind is made."""

_BATCH = 1000
"""Images in a call at most."""

_LEAST, _MOST = 20, 100
"""Calls of a round with one image: a 99th percentile of fewer than 200 in all would be little more
than the slowest."""


@dataclass(frozen=True)
class Durations:
    """Seconds that calls took which all classified as many images.

    Attributes:
        images: images in each call.
        calls: how many calls were timed; the one before them was not.
        median: the median, in seconds a call.
        low: the 5th percentile, in seconds a call.
        high: the 95th percentile, in seconds a call.
        slow: the 99th percentile, in seconds a call.
        rounds: the median of each round, in seconds a call; none where others did not take turns.
    """

    images: int
    calls: int
    median: float
    low: float
    high: float
    slow: float
    rounds: tuple[float, ...] = ()

    @classmethod
    def of(cls, rounds: Sequence[Sequence[float]], images: int) -> Durations:
        """Return what calls of so many seconds each come to, given by round."""
        seconds = np.concatenate(rounds)
        low, median, high, slow = np.percentile(seconds, [5, 50, 95, 99]).tolist()
        medians = tuple(float(np.median(each)) for each in rounds)
        return cls(images, len(seconds), median, low, high, slow, medians)

    @property
    def seconds_per_image(self) -> float:
        """The median, in seconds an image."""
        return self.median / self.images

    @property
    def images_per_second(self) -> float:
        """How many images a second the median comes to."""
        return self.images / self.median if self.median else float("inf")


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
class Call:
    """A way of calling a trained classifier, to be timed.

    Attributes:
        name: what prose calls it.
        size: bytes of the classifier, written to a file as this way needs it.
        read: what classifies.
        read_one: what classifies single images; the same, as a rule.
    """

    name: str
    size: int
    read: Read
    read_one: Read


@dataclass(frozen=True, eq=False)
class Timed:
    """What a call read, and how long it took.

    Attributes:
        classes: (n,) int64, the class of each image.
        way: how long that takes.
    """

    classes: NDArray[np.int64]
    way: InferenceMode


def time_in_turns(
    calls: Sequence[Call], images: NDArray[np.uint8]
) -> tuple[Timed | Exception, ...]:
    """Return what each of several calls reads, and how long it takes alone and in a batch.

    All take turns, in an order drawn anew for each round, so that whatever else the machine does
    falls on all of them. The first call with either is not counted, since it may prepare for the
    others. Linear algebra is kept to one thread meanwhile: on several, a product as small as these
    takes up to thrice as long when the system runs two of them on one core, and how often it does
    so differs from run to run.

    Args:
        calls: at least one.
        images: (n, height, width) uint8, 0-255, at least one.

    Returns:
        For each call what was found, or the exception that it raised, after which it has no turn.
    """
    turns = [_turns(call, images) for call in calls]
    found: list[Timed | Exception | None] = [None] * len(calls)
    rng = np.random.default_rng(0)
    with threadpoolctl.threadpool_limits(limits=1, user_api="blas"):
        for _ in range(_ROUNDS + 2):  # one to begin with, and one to read what is left
            for number in rng.permutation(len(calls)).tolist():
                try:
                    found[number] = next(turns[number], found[number])
                except Exception as error:  # whatever it is: the others go on
                    found[number] = error
    return tuple(each for each in found if each is not None)


def _turns(call: Call, images: NDArray[np.uint8]) -> Iterator[Timed | None]:
    """A call's turns one after another; the last of them gives what was found."""
    size = min(_BATCH, len(images))
    single, batch = _Stopwatch(call.read_one, images, 1), _Stopwatch(call.read, images, size)
    for _ in range(_ROUNDS):
        yield None
        single.round(_LEAST)
        batch.round(1)
    yield None
    alone, many = Durations.of(single.rounds, 1), Durations.of(batch.rounds, size)
    yield Timed(batch.all_classes(), InferenceMode(call.name, alone, many, call.size))


class _Stopwatch:
    """Calls a classifier with as many images each time, and notes how long each call takes."""

    def __init__(self, read: Read, images: NDArray[np.uint8], size: int) -> None:
        self._read, self._images, self._size = read, images, size
        self._places = itertools.cycle(range(0, len(images) - size + 1, size))
        self._found: dict[int, NDArray[np.integer]] = {}
        self.rounds: list[list[float]] = []
        read(images[:size])

    def round(self, least: int) -> None:
        """Call it for a while, and at least so many times."""
        seconds: list[float] = []
        while len(seconds) < least or (len(seconds) < _MOST and sum(seconds) < _SECONDS):
            place = next(self._places)
            batch = self._images[place : place + self._size]
            started = perf_counter()
            self._found[place] = self._read(batch)
            seconds.append(perf_counter() - started)
        self.rounds.append(seconds)

    def all_classes(self) -> NDArray[np.int64]:
        """The class of each image; those that were not read while timing are read now."""
        for place in range(0, len(self._images), self._size):
            if place not in self._found:
                self._found[place] = self._read(self._images[place : place + self._size])
        return np.concatenate([self._found[each] for each in sorted(self._found)]).astype(np.int64)


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """Keep the process to so many threads at work.

    Libraries of linear algebra and OpenMP are told how many threads to use. Linux also keeps every
    thread of the process, TensorFlow's too, on as many cores; other systems cannot.

    Args:
        threads: at least 1.

    Raises:
        SettingError: there is no such number of threads.
    """
    if threads < 1:
        raise SettingError(f"threads: expected a whole number of at least 1; found {threads!r}")
    allowed = os.sched_getaffinity(0) if sys.platform == "linux" else set()
    with threadpoolctl.threadpool_limits(limits=threads):
        _keep_to(set(sorted(allowed)[:threads]))
        try:
            yield
        finally:
            _keep_to(allowed)


def _keep_to(cores: set[int]) -> None:
    """Move every thread of this process to the cores."""
    if sys.platform == "linux":
        for task in Path("/proc/self/task").iterdir():
            try:
                os.sched_setaffinity(int(task.name), cores)
            except ProcessLookupError:  # it ended meanwhile
                continue


@dataclass(frozen=True, eq=False)
class Trained:
    """A classifier that has been trained, to be timed with the others.

    Attributes:
        calls: how it can be called.
        fit_seconds: seconds that its training took.
        converged: False where scikit-learn says that it ended too early.
        predictions: (trainings, n), the class of each test image after each training, where there
            were several; of one, the first call tells.
    """

    calls: tuple[Call, ...]
    fit_seconds: float
    converged: bool = True
    predictions: NDArray[np.integer] | None = None


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
        train: trains it on the first split; the second is what it will read.
        network: whether it is the neural network, which the others are compared with.
        random: whether another seed makes another classifier of it.
    """

    name: str
    title: str
    settings: str
    parameters: str
    entry: str
    packages: tuple[str, ...]
    train: Callable[[Split, Split], Trained]
    network: bool = False
    random: bool = False
