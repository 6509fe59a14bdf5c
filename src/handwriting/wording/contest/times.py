"""How long a digit takes, by each way of calling, and who is on the frontier."""

from __future__ import annotations

from collections.abc import Sequence

from handwriting.evaluation.comparison import Reading, Standing, frontier, network_of
from handwriting.figures.phrases import duration, listed, significant

_NAMES: dict[Reading, str] = {"single": "alone", "batch": "in a batch"}


def reading_name(reading: Reading) -> str:
    """Return what prose calls a meaning of `classification time`: `alone` or `in a batch`."""
    return _NAMES[reading]


def points(found: Sequence[Standing], reading: Reading) -> str:
    """Return what a figure of accuracy against time shows: each point, and the frontier."""
    shown = [each for each in found if not each.constant]
    listing = "; ".join(
        f"{each.title}: {each.accuracy:.2%}, {duration(each.seconds(reading))}" for each in shown
    )
    names = listed([each.title for each in frontier(found, reading)])
    return f"Accuracy against time for a digit. {listing}. On the frontier: {names}."


def fastest(found: Sequence[Standing], reading: Reading) -> str:
    """Return sentences on who is fast, and who is on the frontier of accuracy and time."""
    readers = [each for each in found if not each.constant]
    if not readers:
        return "Everybody answers every digit alike, so that times mean nothing."
    first = min(readers, key=lambda each: each.seconds(reading))
    best = frontier(found, reading)
    kind = {"single": "a digit that comes alone", "batch": "a digit in a batch"}[reading]
    sentences = [
        f"The shortest time for {kind} is **{duration(first.seconds(reading))}**: {first.title}.",
    ]
    if len(best) == 1:
        sentences.append("Nobody is more accurate: it stands on the frontier alone.")
    else:
        sentences.append(
            f"On the frontier, from the fastest to the most accurate: {_steps(best, reading)}."
        )
    if not any(each.network for each in best):
        sentences.append(
            "However the network is called, some rival is as accurate and as fast, or better."
        )
    return " ".join(sentences)


def _steps(best: Sequence[Standing], reading: Reading) -> str:
    return listed(
        [f"{each.title} ({each.accuracy:.2%}, {duration(each.seconds(reading))})" for each in best]
    )


def ways(found: Sequence[Standing]) -> str:
    """Return sentences on what a digit costs by each way of calling the network."""
    by_time = sorted(network_of(found), key=lambda each: -each.seconds("single"))
    slowest, quickest = by_time[0], by_time[-1]
    times = slowest.seconds("single") / quickest.seconds("single")
    sentences = (
        f"{ways_alt(found)} The same weights take **{significant(times, 2)} times** as long."
    )
    if times < 10:
        return sentences
    return (
        f"{sentences} Nearly all of the slowest call is spent on getting to the network, not in it."
    )


def ways_alt(found: Sequence[Standing]) -> str:
    """Return what a figure of the ways of calling the network shows: the time of each."""
    by_time = sorted(network_of(found), key=lambda each: -each.seconds("single"))
    listing = listed(
        [
            f"{each.way}, {duration(each.seconds('single'))} "
            f"({duration(each.seconds('batch'))} in a batch)"
            for each in by_time
        ]
    )
    return f"A digit that comes alone takes: {listing}."
