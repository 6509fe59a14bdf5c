"""How long classifying takes, one digit at a time and many at once, on a fixed number of cores."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
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

_BURSTS = 5
"""How often timing one image and timing batches take turns, so that a moment's disturbance of the
machine does not fall on one of them alone."""

_SECONDS = 0.2
"""After so many seconds of a burst no further call is made."""

_BATCH = 1000
"""Images in a call at most."""

_LEAST, _MOST = 40, 400
"""Calls of a burst: a 99th percentile of fewer than 200 would be little more than the slowest."""


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
    """

    images: int
    calls: int
    median: float
    low: float
    high: float
    slow: float

    @classmethod
    def of(cls, seconds: list[float], images: int) -> Durations:
        """Return what calls of so many seconds each come to."""
        low, median, high, slow = np.percentile(seconds, [5, 50, 95, 99]).tolist()
        return cls(images, len(seconds), median, low, high, slow)

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


def time_reading(
    name: str,
    size: int,
    read: Read,
    images: NDArray[np.uint8],
    *,
    read_one: Read | None = None,
) -> tuple[NDArray[np.int64], InferenceMode]:
    """Return the class of each image, (n,) int64, and how long it takes alone and in a batch.

    All images are read once in batches; what the batch size leaves over is read and not timed. Then
    single images and batches take turns for some seconds. The first call with either is not
    counted, since it may prepare for the others. Linear algebra is kept to one thread meanwhile: on
    several, a product as small as these takes up to thrice as long when the system runs two of them
    on one core, and how often it does so differs from run to run.

    Args:
        name: what prose calls this way of calling the classifier.
        size: bytes of the classifier, written to a file as this way needs it.
        read: what classifies.
        images: (n, height, width) uint8, 0-255, at least one.
        read_one: what classifies single images, where that is something else.
    """
    batch_size = min(_BATCH, len(images))
    singles = _Stopwatch(read_one or read, images, 1)
    batches = _Stopwatch(read, images, batch_size)
    with threadpoolctl.threadpool_limits(limits=1, user_api="blas"):
        classes = batches.read_all()
        for _ in range(_BURSTS):
            singles.burst(least=_LEAST)
            batches.burst(least=0)
    single = Durations.of(singles.seconds, 1)
    return classes, InferenceMode(name, single, Durations.of(batches.seconds, batch_size), size)


class _Stopwatch:
    """Calls a classifier with as many images each time, and notes how long each call takes."""

    def __init__(self, read: Read, images: NDArray[np.uint8], size: int) -> None:
        self._read, self._images, self._size = read, images, size
        self._places = itertools.cycle(range(0, len(images) - size + 1, size))
        self.seconds: list[float] = []
        read(images[:size])

    def read_all(self) -> NDArray[np.int64]:
        """The class of each image."""
        whole = len(self._images) // self._size * self._size
        found = [self._call(start) for start in range(0, whole, self._size)]
        if whole < len(self._images):
            found.append(self._read(self._images[whole:]))
        return np.concatenate(found).astype(np.int64)

    def burst(self, least: int) -> None:
        """Call it for a while, and at least so many times."""
        before = len(self.seconds)
        slow = sum(self.seconds) > _BURSTS * _SECONDS  # it has been timed for long enough
        while (calls := len(self.seconds) - before) < least or (
            not slow and calls < _MOST and sum(self.seconds[before:]) < _SECONDS
        ):
            self._call(next(self._places))

    def _call(self, start: int) -> NDArray[np.integer]:
        batch = self._images[start : start + self._size]
        started = perf_counter()
        found = self._read(batch)
        self.seconds.append(perf_counter() - started)
        return found


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
