"""What comes of measuring classifiers alike: who reads best, who fastest, and who does both."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting.baselines.benchmark import Result
from handwriting.errors import SettingError
from handwriting.evaluation import method_comparison
from handwriting.evaluation.method_comparison import MethodComparison
from handwriting.evaluation.standings import (
    READINGS,
    WORLDS,
    Reading,
    Standing,
    TimeRatio,
    World,
    standings,
    time_ratio,
)
from handwriting.evaluation.trainings import MeanAccuracy, Trainings


@dataclass(frozen=True)
class Change:
    """What became of one classifier's numbers in another one.

    Attributes:
        before, after: the two.
        fewer: how many digits fewer the second one misreads, less than 0 where they are more.
        share: that, as a share of what the first one misreads; NaN where it misreads none.
    """

    before: Standing
    after: Standing
    fewer: int
    share: float


@dataclass(frozen=True, eq=False)
class Speed:
    """How fast the network is beside rivals of its world that can read and took turns with it.

    Attributes:
        reading: which time is meant.
        network: its quickest way of being called.
        faster: the rivals that take less time, the fastest first.
        alike: those whose times are not told apart from it.
        slower: those that take more.
        frontier: those, the network among them, that none beats or equals in both accuracy and
            time, the fastest first.
    """

    reading: Reading
    network: Standing
    faster: tuple[Standing, ...]
    alike: tuple[Standing, ...]
    slower: tuple[Standing, ...]
    frontier: tuple[Standing, ...]

    @property
    def seconds(self) -> float:
        """How long the network takes for an image."""
        return self.network.seconds(self.reading)

    @property
    def ahead(self) -> int:
        """How many rivals are faster."""
        return len(self.faster)

    @property
    def level(self) -> int:
        """How many are not told apart."""
        return len(self.alike)

    @property
    def rivals(self) -> int:
        """How many are compared."""
        return len(self.faster + self.alike + self.slower)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The network and its rivals, all of which read the same test images.

    Attributes:
        standings: one for each way of each classifier, the most accurate first.
        accuracy: how accuracies compare, each by its classifier's title.
        trials: how many test images all of them read.
        load: how many processes were at work when times were taken, before and after; None where
            nobody wrote it.
        failed: those that could not be measured.
    """

    standings: tuple[Standing, ...]
    accuracy: MethodComparison
    trials: int
    load: tuple[float, float] | None = None
    failed: tuple[Result, ...] = ()

    @property
    def ways(self) -> tuple[Standing, ...]:
        """The network's standings, one for each way to call it."""
        return tuple(each for each in self.standings if each.network)

    @property
    def network(self) -> MeanAccuracy:
        """The accuracy of the network's trainings."""
        return self.accuracy.accuracies[0]

    @property
    def slowest_first(self) -> tuple[Standing, ...]:
        """The ways of calling the network, by the time for a digit that comes alone."""
        return tuple(sorted(self.ways, key=lambda each: -each.seconds("single")))

    @property
    def calls_ratio(self) -> TimeRatio:
        """How many times as long as the quickest way of calling the network the slowest takes."""
        ordered = self.slowest_first
        return time_ratio(ordered[0].durations("single"), ordered[-1].durations("single"))

    @property
    def rivals(self) -> tuple[MeanAccuracy, ...]:
        """The accuracies of everybody else, the highest first."""
        return tuple(sorted(self.accuracy.accuracies[1:], key=lambda each: -each.mean))

    @property
    def ranked(self) -> tuple[MeanAccuracy, ...]:
        """The accuracies of all, the highest first."""
        return tuple(sorted(self.accuracy.accuracies, key=lambda each: -each.mean))

    @property
    def place(self) -> int:
        """The network's place by mean accuracy, 1 for the best."""
        return 1 + sum(each.mean > self.network.mean for each in self.rivals)

    @property
    def trained_once(self) -> tuple[MeanAccuracy, ...]:
        """The rivals that another seed makes others of, and that were trained from one alone."""
        return tuple(each for each in self.rivals if each.random and each.trainings == 1)

    @property
    def kept(self) -> tuple[str, ...]:
        """The titles of those whose times are of another run."""
        titles = (each.title for each in self.standings if not each.in_turns)
        return tuple(dict.fromkeys(titles))

    def named(self, name: str) -> Standing | None:
        """The first standing of a classifier, or None where it was not measured."""
        return next((each for each in self.standings if each.name == name), None)

    def change(self, before: str, after: str) -> Change | None:
        """What becomes of one classifier's numbers in another one; None where one is missing."""
        one, other = self.named(before), self.named(after)
        if not (one and other):
            return None
        errors, left = (round((1 - each.accuracy) * self.trials) for each in (one, other))
        share = (errors - left) / errors if errors else float("nan")
        return Change(one, other, errors - left, share)

    def world(self, world: World) -> tuple[Standing, ...]:
        """Those of a world who do not answer every digit alike: the times of others say nothing."""
        return tuple(each for each in self.standings if each.world == world and not each.constant)

    def floor(self, world: World) -> Standing | None:
        """Who answers every digit alike in a world, without looking: no call takes less time."""
        return next(
            (
                each
                for each in self.standings
                if each.world == world and each.constant and each.in_turns and not each.network
            ),
            None,
        )

    def quickest(self, world: World, reading: Reading) -> Standing | None:
        """The network's quickest way of being called in a world; None where there is none."""
        ways = [each for each in self.ways if each.world == world]
        return min(ways, key=lambda each: each.seconds(reading), default=None)

    def ratio(self, standing: Standing, reading: Reading) -> TimeRatio | None:
        """A standing's time beside the network's quickest in its world.

        None where they did not take turns.
        """
        ours = self.quickest(standing.world, reading)
        if ours is None or not standing.in_turns:
            return None
        return time_ratio(standing.durations(reading), ours.durations(reading))

    def speed(self, world: World, reading: Reading) -> Speed | None:
        """How fast the network is in a world; None where it cannot be called there."""
        ours = self.quickest(world, reading)
        if ours is None:
            return None
        rivals = [each for each in self.world(world) if not each.network]
        ratios = [(each, self.ratio(each, reading)) for each in rivals]
        ordered = sorted(
            ((each, ratio) for each, ratio in ratios if ratio), key=lambda pair: pair[1].ratio
        )
        faster, alike, slower = (
            tuple(each for each, ratio in ordered if ratio.relation == relation)
            for relation in ("faster", "not told apart", "slower")
        )
        return Speed(reading, ours, faster, alike, slower, self.frontier(world, reading))

    def speeds(self, reading: Reading) -> tuple[Speed, ...]:
        """How fast the network is in each world in which it can be called."""
        speeds = (self.speed(world, reading) for world in WORLDS)
        return tuple(each for each in speeds if each)

    def frontier(self, world: World, reading: Reading) -> tuple[Standing, ...]:
        """Those of a world that none beats or equals in both accuracy and time, fastest first."""
        shown = [each for each in self.world(world) if each.in_turns]
        fastest = sorted(shown, key=lambda one: (one.seconds(reading), -one.accuracy))
        return tuple(
            each
            for place, each in enumerate(fastest)
            if all(each.accuracy > other.accuracy for other in fastest[:place])
        )


def compare(
    results: Sequence[Result],
    truths: NDArray[np.integer],
    writers: NDArray[np.integer] | None = None,
) -> Comparison:
    """Return how classifiers compare with the network.

    Args:
        results: of all of them, the network first.
        truths: (n,) integers, the true classes of the test images.
        writers: (n,) integers, who wrote each; each image stands alone without them.

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
    network, *rivals = (
        Trainings(each.entrant.title, each.predictions == truths, each.entrant.random)
        for each in entered
    )
    accuracy = method_comparison.compare(network, rivals, writers)
    found = map(standings, entered, [each.mean for each in accuracy.accuracies])
    ranked = tuple(sorted(itertools.chain(*found), key=lambda standing: -standing.accuracy))
    return Comparison(ranked, accuracy, len(truths), entered[0].load, failed)


def measured_results(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return the results that are no errors, in their order."""
    return tuple(result for result in results if result.measurement)


def key_numbers(found: Comparison) -> dict[str, float]:
    """Return the numbers that matter most, by name: mean accuracies as fractions, seconds.

    The network's come first, then the best rival's, then each one's.
    """
    rivals = {each.name: each.accuracy for each in found.standings if not each.network}
    return {
        "network_test_accuracy": found.network.mean,
        "best_rival_test_accuracy": max(rivals.values(), default=0.0),
        "rivals_more_accurate": len(found.accuracy.related("better")),
        "rivals": len(found.rivals),
        **{
            f"network_seconds_{reading}_{'_'.join(each.way.lower().split())}": each.seconds(reading)
            for each in found.ways
            for reading in READINGS
        },
        **{f"{name}_test_accuracy": accuracy for name, accuracy in rivals.items()},
    }
