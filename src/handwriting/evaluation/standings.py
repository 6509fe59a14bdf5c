"""One way of calling one classifier: how much it reads, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from handwriting.baselines.benchmark import Result
from handwriting.baselines.timing import BARE, Durations, InferenceMode
from handwriting.evaluation import origins
from handwriting.evaluation.intervals import Interval
from handwriting.results.store import Origin

Reading = Literal["single", "batch"]
"""What `classification time` may mean: of one digit that comes alone, or of one among many."""

READINGS: tuple[Reading, ...] = get_args(Reading)

World = Literal["library", "bare"]
"""How classifiers are called that are compared: through their library, or by NumPy alone."""

WORLDS: tuple[World, ...] = get_args(World)

_LEAST_ROUNDS = 3

_LEAST_RATIO = 1.05
"""Times that differ by less are not told apart: where arrays lie in memory, for one, is the same in
all rounds of a process, and another in the next."""


@dataclass(frozen=True)
class Spread:
    """A number and the range around it; a table sorts by the number."""

    value: float
    low: float
    high: float

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True)
class TimeRatio:
    """How many times as long as the network a way of calling another classifier takes.

    Attributes:
        ratio: the median over rounds of the ratio of both medians of a round.
        interval: of that median, by order statistics: from the second ratio to the last but one,
            which of 11 rounds covers the true median with a probability of 98.8%.
    """

    ratio: float
    interval: Interval

    @property
    def relation(self) -> Literal["faster", "slower", "not told apart"]:
        """What can be said of it beside the network."""
        if self.interval.high * _LEAST_RATIO < 1:
            return "faster"
        return "slower" if self.interval.low > _LEAST_RATIO else "not told apart"


@dataclass(frozen=True, eq=False)
class Standing:
    """One way of calling one classifier.

    Attributes:
        name: the classifier's name.
        title: what prose calls it.
        way: the way of calling it.
        label: its title; with the way, where its world has several ways of calling it.
        world: whether that way leads through its library.
        network: whether it is the neural network.
        constant: whether it gives every digit the same answer, so that its speed means nothing.
        origin: where the measurement comes from.
        measured: when that was, and on what if elsewhere, in words.
        accuracy: the mean share of the test images that its trainings read correctly, 0-1.
        converged: whether training went on until there was little left to gain.
        fit_seconds: seconds that training took.
        single: how long one image takes.
        batch: how long many images at once take.
        size: bytes of its file.
    """

    name: str
    title: str
    way: str
    label: str
    world: World
    network: bool
    constant: bool
    origin: Origin
    measured: str
    accuracy: float
    converged: bool
    fit_seconds: float
    single: Durations
    batch: Durations
    size: int

    @property
    def in_turns(self) -> bool:
        """Whether its times were taken in turns with the network's; others belong to other days."""
        return self.origin != "kept"

    def durations(self, reading: Reading) -> Durations:
        """How long it takes, by what `classification time` is to mean."""
        return self.single if reading == "single" else self.batch

    def seconds(self, reading: Reading) -> float:
        """The median, in seconds an image."""
        return self.durations(reading).seconds_per_image

    def spread(self, reading: Reading, unit: float) -> Spread:
        """The median of an image, and between which times nine tenths of them lie, in a unit."""
        found = self.durations(reading)
        low, high = (seconds / found.images / unit for seconds in (found.low, found.high))
        return Spread(found.seconds_per_image / unit, low, high)


def standings(result: Result, accuracy: float) -> tuple[Standing, ...]:
    """Return the standings of one classifier, one for each way to call it; none where it failed.

    Args:
        result: what was measured of it.
        accuracy: the mean of its trainings, 0-1.
    """
    entrant, measurement = result.entrant, result.measurement
    if measurement is None:
        return ()
    worlds = [_world(way) for way in measurement.ways]
    return tuple(
        Standing(
            name=entrant.name,
            title=entrant.title,
            way=way.name,
            label=f"{entrant.title}, {way.name}" if worlds.count(world) > 1 else entrant.title,
            world=world,
            network=entrant.network,
            constant=result.constant,
            origin=result.origin,
            measured=origins.described(result),
            accuracy=accuracy,
            converged=measurement.converged,
            fit_seconds=measurement.fit_seconds,
            single=way.single,
            batch=way.batch,
            size=way.size,
        )
        for way, world in zip(measurement.ways, worlds, strict=True)
    )


def _world(way: InferenceMode) -> World:
    return "bare" if way.name == BARE else "library"


def time_ratio(one: Durations, other: Durations) -> TimeRatio | None:
    """Return how many times as long as the other one takes; None where they took too few turns.

    The interval is that of a median by order statistics: H. A. David and H. N. Nagaraja, Order
    Statistics (2003), section 7.1.

    Args:
        one: what is compared.
        other: what it is compared with, timed in the same rounds.
    """
    if len(one.rounds) != len(other.rounds) or len(one.rounds) < _LEAST_ROUNDS:
        return None
    ratios = np.sort(np.divide(one.rounds, other.rounds))
    return TimeRatio(float(np.median(ratios)), Interval(float(ratios[1]), float(ratios[-2])))
