"""What comes of measuring classifiers alike: who reads best, who fastest, and who does both."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from handwriting.baselines.benchmark import Result
from handwriting.baselines.timing import Durations
from handwriting.errors import SettingError
from handwriting.evaluation import intervals, metrics, origins
from handwriting.evaluation.intervals import SIGNIFICANCE, Interval, RepeatedAccuracy
from handwriting.results.store import Origin

Reading = Literal["single", "batch"]
"""What `classification time` may mean: of one digit that comes alone, or of one among many."""

READINGS: tuple[Reading, ...] = get_args(Reading)


@dataclass(frozen=True)
class Spread:
    """A number and the range around it; a table sorts by the number."""

    value: float
    low: float
    high: float

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True, eq=False)
class Standing:
    """One way of calling one classifier, beside the network.

    Attributes:
        name: the classifier's name.
        title: what prose calls it; where it can be called in several ways, with the way.
        way: the way of calling it.
        network: whether it is the neural network.
        constant: whether it gives every digit the same answer, so that its speed means nothing.
        origin: where the measurement comes from.
        measured: when that was, and on what if elsewhere, in words.
        trials: how many test images it read.
        accuracy: share of the test images that it reads correctly, 0-1.
        interval: the 95% Wilson interval of that share.
        errors: how many test images it misreads.
        p_value: of McNemar's exact test that it reads as many as the network does, corrected for
            the number of rivals (Holm); None for the network itself.
        converged: whether training went on until there was little left to gain.
        fit_seconds: seconds that training took.
        single: how long one image takes.
        batch: how long many images at once take.
        size: bytes of its file.
    """

    name: str
    title: str
    way: str
    network: bool
    constant: bool
    origin: Origin
    measured: str
    trials: int
    accuracy: float
    interval: Interval
    errors: int
    p_value: float | None
    converged: bool
    fit_seconds: float
    single: Durations
    batch: Durations
    size: int

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

    @property
    def significant(self) -> bool:
        """Whether it differs from the network by more than luck explains."""
        return self.p_value is not None and self.p_value < SIGNIFICANCE


@dataclass(frozen=True)
class Seeds:
    """How much the network's seed matters to its place.

    Attributes:
        accuracy: the share that it reads correctly with each seed.
        fewest_ahead: how many rivals read more than its best training.
        most_ahead: how many read more than its worst.
    """

    accuracy: RepeatedAccuracy
    fewest_ahead: int
    most_ahead: int


@dataclass(frozen=True)
class Change:
    """What became of one classifier's numbers in another one.

    Attributes:
        before, after: the two.
        fewer: how many digits fewer the second one misreads, less than 0 where they are more.
        share: that, as a share of what the first one misreads; NaN where it misreads none.
        slower: how many times as long as the first one it takes for a digit in a batch.
    """

    before: Standing
    after: Standing
    fewer: int
    share: float
    slower: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """The network and its rivals, all of which read the same test images.

    Attributes:
        standings: one for each way of each classifier, the fewest errors first.
        seeds: how much the network's seed matters.
        failed: those that could not be measured.
    """

    standings: tuple[Standing, ...]
    seeds: Seeds
    failed: tuple[Result, ...] = ()

    @property
    def ways(self) -> tuple[Standing, ...]:
        """The network's standings, one for each way to call it."""
        return tuple(each for each in self.standings if each.network)

    @property
    def network(self) -> Standing:
        """The first of them: what does not depend on the way is the same in all."""
        return self.ways[0]

    @property
    def slowest_first(self) -> tuple[Standing, ...]:
        """The ways of calling the network, by the time for a digit that comes alone."""
        return tuple(sorted(self.ways, key=lambda each: -each.seconds("single")))

    @property
    def calls_ratio(self) -> float:
        """How many times as long as the quickest way of calling the network the slowest takes."""
        ordered = self.slowest_first
        return ordered[0].seconds("single") / ordered[-1].seconds("single")

    @property
    def rivals(self) -> tuple[Standing, ...]:
        """Everybody else."""
        return tuple(each for each in self.standings if not each.network)

    @property
    def readers(self) -> tuple[Standing, ...]:
        """Who does not answer every digit alike: the times of others mean nothing."""
        return tuple(each for each in self.standings if not each.constant)

    @property
    def ahead(self) -> tuple[Standing, ...]:
        """The rivals that misread fewer digits than the network, by luck or not."""
        return tuple(each for each in self.rivals if each.errors < self.network.errors)

    @property
    def surely_ahead(self) -> tuple[Standing, ...]:
        """Those of them that do so by more than luck."""
        return tuple(each for each in self.ahead if each.significant)

    @property
    def perhaps_ahead(self) -> tuple[Standing, ...]:
        """Those that may do so by luck."""
        return tuple(each for each in self.ahead if not each.significant)

    @property
    def place(self) -> int:
        """The network's place by accuracy, 1 for the best."""
        return len(self.ahead) + 1

    @property
    def classifiers(self) -> int:
        """How many classifiers there are."""
        return len(self.rivals) + 1

    @property
    def behind(self) -> tuple[Standing, ...]:
        """The rivals that misread more digits than the network, by luck or not."""
        return tuple(each for each in self.rivals if each.errors > self.network.errors)

    @property
    def surely_behind(self) -> tuple[Standing, ...]:
        """Those of them that do so by more than luck."""
        return tuple(each for each in self.behind if each.significant)

    def named(self, name: str) -> Standing | None:
        """The standing of a classifier, or None where it was not measured."""
        return next((each for each in self.standings if each.name == name), None)

    def change(self, before: str, after: str) -> Change | None:
        """What becomes of one classifier's numbers in another one; None where one is missing."""
        one, other = self.named(before), self.named(after)
        if not (one and other):
            return None
        fewer, slower = one.errors - other.errors, other.seconds("batch") / one.seconds("batch")
        share = fewer / one.errors if one.errors else float("nan")
        return Change(one, other, fewer, share, slower)

    def frontier(self, reading: Reading) -> tuple[Standing, ...]:
        """The readers that none other beats or equals in both accuracy and time, fastest first."""
        fastest = sorted(self.readers, key=lambda one: (one.seconds(reading), one.errors))
        return tuple(
            each
            for place, each in enumerate(fastest)
            if all(each.errors < other.errors for other in fastest[:place])
        )


def compare(results: Sequence[Result], truths: NDArray[np.integer]) -> Comparison:
    """Return how classifiers compare with the network.

    Args:
        results: of all of them, the network first.
        truths: (n,) integers, the true classes of the test images.

    Raises:
        SettingError: the network is missing.
    """
    entered, failed = measured_results(results), tuple(each for each in results if each.error)
    if not (entered and entered[0].entrant.network):
        errors = "; ".join(f"{each.entrant.title}: {each.error}" for each in failed)
        raise SettingError(
            "results: expected one network to compare with, found 0 "
            f"({errors or 'no errors'}); mend it, or measure it"
        )
    network, *rivals = (each.predictions[0] for each in entered)
    p_values = intervals.holm([intervals.mcnemar(truths, each, network).p_value for each in rivals])
    found = map(_standings, entered, itertools.repeat(truths), (None, *p_values))
    ranked = tuple(sorted(itertools.chain(*found), key=lambda standing: standing.errors))
    return Comparison(ranked, _seeds(entered[0], truths, ranked), failed)


def measured_results(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return the results that are no errors, in their order."""
    return tuple(result for result in results if result.measurement)


def _standings(
    result: Result, truths: NDArray[np.integer], p_value: float | None
) -> list[Standing]:
    """The standings of one classifier, one for each way to call it."""
    entrant, measurement, predicted = result.entrant, result.measurement, result.predictions[0]
    if measurement is None:
        return []
    right = int(np.count_nonzero(predicted == truths))
    several = len(measurement.ways) > 1
    return [
        Standing(
            name=entrant.name,
            title=f"{entrant.title}, {way.name}" if several else entrant.title,
            way=way.name,
            network=entrant.network,
            constant=result.constant,
            origin=result.origin,
            measured=origins.described(result),
            trials=len(truths),
            accuracy=metrics.accuracy(truths, predicted),
            interval=intervals.wilson(right, len(truths)),
            errors=len(truths) - right,
            p_value=p_value,
            converged=measurement.converged,
            fit_seconds=measurement.fit_seconds,
            single=way.single,
            batch=way.batch,
            size=way.size,
        )
        for way in measurement.ways
    ]


def _seeds(network: Result, truths: NDArray[np.integer], ranked: Sequence[Standing]) -> Seeds:
    wrong = np.count_nonzero(network.predictions != truths, axis=1).tolist()
    rivals = {each.name: each.errors for each in ranked if not each.network}.values()
    ahead = [sum(rival < own for rival in rivals) for own in wrong]
    shares = [1 - number / len(truths) for number in wrong]
    return Seeds(RepeatedAccuracy(shares, len(truths)), min(ahead), max(ahead))


def key_numbers(found: Comparison) -> dict[str, float]:
    """Return the numbers that matter most, by name: accuracies as fractions, seconds.

    The network's come first, then the best rival's, then each one's.
    """
    return {
        "network_test_accuracy": found.network.accuracy,
        "best_rival_test_accuracy": max((each.accuracy for each in found.rivals), default=0.0),
        "rivals_surely_more_accurate": len(found.surely_ahead),
        "rivals": len(found.rivals),
        **{
            f"network_seconds_{reading}_{'_'.join(each.way.lower().split())}": each.seconds(reading)
            for each in found.ways
            for reading in READINGS
        },
        **{f"{each.name}_test_accuracy": each.accuracy for each in found.rivals},
    }
