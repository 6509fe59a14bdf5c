"""Whether the network is the best: what that may mean, and who stands against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handwriting.evaluation.comparison import READINGS, Comparison, Reading, Standing

Verdict = Literal["holds", "is not refuted", "does not hold"]
"""Of a claim to be the best: nobody is better; somebody is, perhaps by luck; somebody surely is."""


@dataclass(frozen=True)
class Claim:
    """One meaning of the claim to be the best, and what stands against it.

    Attributes:
        measure: what is compared: `accuracy`, the time of a `single` digit or of one in a `batch`,
            or the time of `training`.
        way: the way of calling the network that is meant, where it matters.
        value: the network's accuracy, 0-1, or its seconds.
        ahead: the rivals that are better, by luck or not.
        verdict: whether it holds.
        among_equals: whether it holds if only those rivals count that are not surely less accurate;
            None where that says nothing.
    """

    measure: Literal["accuracy", "single", "batch", "training"]
    way: str
    value: float
    ahead: tuple[Standing, ...]
    verdict: Verdict
    among_equals: Verdict | None

    @property
    def place(self) -> int:
        """The network's, 1 for the best."""
        return len(self.ahead) + 1


def claims(found: Comparison) -> tuple[Claim, ...]:
    """Return each meaning of the claim that the network is the best, accuracy first."""
    refuted: Verdict = "does not hold" if found.surely_ahead else "is not refuted"
    verdict = refuted if found.ahead else "holds"
    accuracy = Claim("accuracy", "", found.network.accuracy, found.ahead, verdict, None)
    times = [_on_time(found, way, reading) for reading in READINGS for way in found.ways]
    return (accuracy, *times, _on_training(found))


def quicker(
    found: Comparison, way: Standing, reading: Reading, *, as_accurate: bool = False
) -> tuple[Standing, ...]:
    """Return the rivals whose median time is below that of a way of calling the network.

    Args:
        found: who was compared.
        way: one of the network's.
        reading: which time is compared.
        as_accurate: whether only those count that are not surely less accurate.

    Returns:
        The fastest first.
    """
    ahead = (
        each for each in _rivals(found, as_accurate) if each.seconds(reading) < way.seconds(reading)
    )
    return tuple(sorted(ahead, key=lambda each: each.seconds(reading)))


def _rivals(found: Comparison, as_accurate: bool) -> list[Standing]:
    """The rivals that can read, without those that are surely less accurate if so asked."""
    left_out = found.surely_behind if as_accurate else ()
    return [each for each in found.rivals if not each.constant and each not in left_out]


def _on_time(found: Comparison, way: Standing, reading: Reading) -> Claim:
    """The claim that a way of calling the network is the fastest.

    A rival is surely faster where nine tenths of its times, the 5th to the 95th percentile, lie
    below nine tenths of the network's.
    """
    ours, verdicts = way.spread(reading, 1), list[Verdict]()
    for as_accurate in (False, True):
        ahead = quicker(found, way, reading, as_accurate=as_accurate)
        surely = any(each.spread(reading, 1).high < ours.low for each in ahead)
        refuted: Verdict = "does not hold" if surely else "is not refuted"
        verdicts.append(refuted if ahead else "holds")
    return Claim(
        reading,
        way.way,
        way.seconds(reading),
        quicker(found, way, reading),
        verdicts[0],
        verdicts[1],
    )


def _on_training(found: Comparison) -> Claim:
    """The claim that the network is trained the fastest; that was timed once."""
    seconds, ahead = found.network.fit_seconds, list[list[Standing]]()
    for as_accurate in (False, True):
        faster = (each for each in _rivals(found, as_accurate) if each.fit_seconds < seconds)
        ahead.append(sorted(faster, key=lambda each: each.fit_seconds))
    verdicts: list[Verdict] = ["does not hold" if rivals else "holds" for rivals in ahead]
    return Claim("training", "", seconds, tuple(ahead[0]), verdicts[0], verdicts[1])
