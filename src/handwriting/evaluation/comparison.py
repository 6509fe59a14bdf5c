"""What a contest comes to: who reads best, who reads fastest, who does both, and who errs alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from handwriting.baselines.benchmark import Result
from handwriting.baselines.timing import Durations
from handwriting.errors import SettingError
from handwriting.evaluation import intervals, metrics
from handwriting.evaluation.intervals import Interval, PairedErrors
from handwriting.results.store import Origin

SIGNIFICANCE = 0.05
"""A difference whose corrected p-value is below this is called more than luck."""

Reading = Literal["single", "batch"]
"""What `classification time` may mean: of one digit that comes alone, or of one among many."""

Verdict = Literal["holds", "is not refuted", "does not hold"]
"""Of a claim to be the best: nobody is better; somebody is, perhaps by luck; somebody surely is."""

READINGS: tuple[Reading, ...] = get_args(Reading)


@dataclass(frozen=True, eq=False)
class Standing:
    """One way of calling one entrant, beside the network.

    Attributes:
        name: the entrant's name.
        title: what prose calls it; where it can be called in several ways, with the way.
        way: the way of calling it.
        network: whether it is the neural network.
        constant: whether it gives every digit the same answer, so that its speed means nothing.
        origin: where the measurement comes from.
        trials: how many test images it read.
        accuracy: share of the test images that it reads correctly, 0-1.
        interval: the 95% Wilson interval of that share.
        errors: how many test images it misreads.
        paired: how its errors differ from the network's; None for the network itself.
        p_value: of that difference, corrected for the number of rivals (Holm); None likewise.
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
    trials: int
    accuracy: float
    interval: Interval
    errors: int
    paired: PairedErrors | None
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

    @property
    def significant(self) -> bool:
        """Whether it differs from the network by more than luck explains."""
        return self.p_value is not None and self.p_value < SIGNIFICANCE


def measured_results(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return the results that are no errors, in their order."""
    return tuple(result for result in results if result.measurement)


def standings(results: Sequence[Result], truths: NDArray[np.integer]) -> tuple[Standing, ...]:
    """Return a standing for each way of each entrant that was measured, the fewest errors first.

    Args:
        results: of one contest, the network among them.
        truths: (n,) integers, the true classes of the test images.

    Raises:
        SettingError: the network is missing, or there are several.
    """
    entered = measured_results(results)
    network = [result for result in entered if result.entrant.network]
    if len(network) != 1:
        errors = "; ".join(f"{each.entrant.title}: {each.error}" for each in results if each.error)
        raise SettingError(
            f"results: expected one network to compare with, found {len(network)} "
            f"({errors or 'no errors'}); mend it, or measure it"
        )
    reference = network[0].predictions[0]
    paired = {
        result.entrant.name: intervals.mcnemar(truths, result.predictions[0], reference)
        for result in entered
        if not result.entrant.network
    }
    corrected = intervals.holm([pair.p_value for pair in paired.values()])
    p_values = dict(zip(paired, corrected, strict=True))
    found = [
        standing
        for result in entered
        for standing in _of(
            result, truths, paired.get(result.entrant.name), p_values.get(result.entrant.name)
        )
    ]
    return tuple(sorted(found, key=lambda standing: standing.errors))


def _of(
    result: Result,
    truths: NDArray[np.integer],
    paired: PairedErrors | None,
    p_value: float | None,
) -> list[Standing]:
    """The standings of one entrant, one for each way to call it."""
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
            trials=len(truths),
            accuracy=metrics.accuracy(truths, predicted),
            interval=intervals.wilson(right, len(truths)),
            errors=len(truths) - right,
            paired=paired,
            p_value=p_value,
            converged=measurement.converged,
            fit_seconds=measurement.fit_seconds,
            single=way.single,
            batch=way.batch,
            size=way.size,
        )
        for way in measurement.ways
    ]


def network_of(standing: Sequence[Standing]) -> tuple[Standing, ...]:
    """Return the network's standings, one for each way to call it, in their order."""
    return tuple(each for each in standing if each.network)


def more_accurate(found: Sequence[Standing]) -> tuple[Standing, ...]:
    """Return the rivals that misread fewer digits than the network, by luck or not."""
    errors = network_of(found)[0].errors
    return tuple(each for each in found if not each.network and each.errors < errors)


def verdict_on_accuracy(found: Sequence[Standing]) -> Verdict:
    """Return whether the network is the most accurate."""
    above = more_accurate(found)
    if not above:
        return "holds"
    return "does not hold" if any(each.significant for each in above) else "is not refuted"


def quicker(
    found: Sequence[Standing], way: Standing, reading: Reading, *, as_accurate: bool = False
) -> tuple[Standing, ...]:
    """Return the rivals whose median time is below that of a way of calling the network.

    Args:
        found: all standings; who answers every digit alike does not count.
        way: one of the network's.
        reading: which time is compared.
        as_accurate: whether only those count that are not significantly less accurate.

    Returns:
        The fastest first.
    """
    ahead = (
        each
        for each in found
        if not (each.network or each.constant)
        and each.seconds(reading) < way.seconds(reading)
        and not (as_accurate and each.significant and each.errors > way.errors)
    )
    return tuple(sorted(ahead, key=lambda each: each.seconds(reading)))


def verdict_on_time(
    found: Sequence[Standing], way: Standing, reading: Reading, *, as_accurate: bool = False
) -> Verdict:
    """Return whether a way of calling the network is the fastest.

    A rival is surely faster where nine tenths of its times, the 5th to the 95th percentile, lie
    below nine tenths of the network's.

    Args:
        found: all standings.
        way: one of the network's.
        reading: which time is compared.
        as_accurate: whether only rivals count that are not significantly less accurate.
    """
    ahead = quicker(found, way, reading, as_accurate=as_accurate)
    if not ahead:
        return "holds"
    ours = way.durations(reading)
    surely = any(
        each.durations(reading).high / each.durations(reading).images < ours.low / ours.images
        for each in ahead
    )
    return "does not hold" if surely else "is not refuted"


def frontier(found: Sequence[Standing], reading: Reading) -> tuple[Standing, ...]:
    """Return the standings that none other beats or equals in both accuracy and time.

    Args:
        found: all standings; who answers every digit alike does not count.
        reading: which time counts.

    Returns:
        The fastest first, each more accurate than those before it.
    """
    best: list[Standing] = []
    readers = (each for each in found if not each.constant)
    for each in sorted(readers, key=lambda one: (one.seconds(reading), one.errors)):
        if not best or each.errors < best[-1].errors:
            best.append(each)
    return tuple(best)


def key_numbers(found: Sequence[Standing]) -> dict[str, float]:
    """Return the numbers that a contest comes to, by name: accuracies as fractions, seconds.

    Args:
        found: all standings; the network's come first, then the best rival's, then each one's.
    """
    network = network_of(found)
    rivals = [each for each in found if not each.network]
    surely = [each for each in more_accurate(found) if each.significant]
    return {
        "network_test_accuracy": network[0].accuracy,
        "best_rival_test_accuracy": max((each.accuracy for each in rivals), default=0.0),
        "rivals_surely_more_accurate": len(surely),
        "rivals": len(rivals),
        **{
            f"network_seconds_{reading}_{'_'.join(each.way.lower().split())}": each.seconds(reading)
            for each in network
            for reading in READINGS
        },
        **{f"{each.name}_test_accuracy": each.accuracy for each in rivals},
    }
