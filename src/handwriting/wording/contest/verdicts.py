"""Whether the claim holds, and who reads the most digits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.baselines.benchmark import Result
from handwriting.evaluation.comparison import (
    READINGS,
    Standing,
    more_accurate,
    network_of,
    verdict_on_accuracy,
    verdict_on_time,
)
from handwriting.figures.phrases import counted, listed, p_value


def answer(found: Sequence[Standing], trials: int) -> str:
    """Return the sentences that say how far the original analysis's claim holds.

    Args:
        found: all standings.
        trials: how many test images each entrant read.
    """
    parts = [verdict_on_accuracy(found), *_times(found)]
    if parts.count("holds") == len(parts):
        verdict = "The claim holds."
    elif "holds" in parts:
        verdict = "The claim holds in part."
    else:
        verdict = f"The claim {'does not hold' if 'does not hold' in parts else 'is not refuted'}."
    return f"**{verdict}** {_accuracy_verdict(found, trials)} {_time_verdict(found)}"


def _accuracy_verdict(found: Sequence[Standing], trials: int) -> str:
    network, above = network_of(found)[0], more_accurate(found)
    ours = f"The neural network reads **{network.accuracy:.2%}** of {counted(trials, 'digit')}"
    if not above:
        rivals = len({each.name for each in found if not each.network})
        return f"{ours} correctly, and none of {counted(rivals, 'rival')} measured reads more."
    surely = [each for each in above if each.significant]
    best = (surely or above)[0]
    theirs = f"{ours} correctly and the {best.title} **{best.accuracy:.2%}**"
    if not surely:
        told = f"with this one training not told apart ({p_value(best.p_value)})"
        return f"{theirs}, {told}."
    more = len(surely) - 1
    others = f" {counted(more, 'other rival')} surely {_reads(more)} more, too." if more else ""
    return f"{theirs}, a difference that is more than luck ({p_value(best.p_value)}).{others}"


def _reads(count: int) -> str:
    return "reads" if count == 1 else "read"


def _time_verdict(found: Sequence[Standing]) -> str:
    times, equals = _times(found), _times(found, as_accurate=True)
    ways = len(network_of(found))
    called = f"Called in {ways} ways" if ways > 1 else "Called in one way"
    return (
        f"{called}, with digits that come alone and in batches, it is the fastest in "
        f"**{times.count('holds')} of {len(times)}** cases; among classifiers that are not surely "
        f"less accurate, in **{equals.count('holds')} of {len(equals)}**."
    )


def _times(found: Sequence[Standing], *, as_accurate: bool = False) -> list[str]:
    """The verdict for each way of calling the network and each meaning of its time."""
    return [
        verdict_on_time(found, way, reading, as_accurate=as_accurate)
        for way in network_of(found)
        for reading in READINGS
    ]


def place(found: Sequence[Standing]) -> str:
    """Return the sentence on who reads the most digits correctly."""
    above, network = more_accurate(found), network_of(found)[0]
    significant_above = [each.title for each in above if each.significant]
    equals = [each.title for each in above if not each.significant]
    below = [each for each in found if not each.network and each.errors > network.errors]
    beaten = [each for each in below if each.significant]
    sentences = [
        f"The network misreads **{network.errors:,}** digits and comes "
        f"{_ordinal(len(above) + 1)} of {1 + len({e.name for e in found if not e.network})}."
    ]
    if significant_above:
        sentences.append(f"Surely more accurate: {listed(significant_above)}.")
    if equals:
        sentences.append(
            f"More accurate, but with this one training not told apart: {listed(equals)}."
        )
    if below:
        whom = "all" if len(beaten) == len(below) else len(beaten) or "none"
        sentences.append(
            f"Of {counted(len(below), 'rival')} that misread more, it is surely more accurate than "
            f"{whom}."
        )
    return " ".join(sentences)


def trainings(result: Result, truths: NDArray[np.integer], found: Sequence[Standing]) -> str:
    """Return sentences on how much the network's seed matters to its place.

    Args:
        result: the network's.
        truths: (n,) integers, the true classes of the test images.
        found: all standings.
    """
    right = np.count_nonzero(result.predictions == truths, axis=1)
    shares = right / len(truths)
    if len(right) == 1:
        return "The network was trained once, so that how much its seed matters is not known."
    rivals = {each.name: len(truths) - each.errors for each in found if not each.network}
    above = [sum(rival > own for rival in rivals.values()) for own in right.tolist()]
    lowest, highest = min(above), max(above)
    spread = f"{lowest} of the rivals read more than any of them"
    if not highest:
        spread = "none of the rivals reads more than any of them"
    elif lowest != highest:
        spread = f"{lowest} to {highest} of the rivals read more, depending on the seed"
    return (
        f"Trained from {len(right)} seeds, the network reads {shares.min():.2%} to "
        f"{shares.max():.2%}, **{shares.mean():.2%}** on average; {spread}. The first training, "
        "chosen beforehand, is the one that is compared."
    )


def accuracy(found: Sequence[Standing], trials: int) -> str:
    """Return what a figure of accuracies shows: each entrant's, with its interval."""
    once = {each.name: each for each in found}.values()
    rows = "; ".join(
        f"{'neural network' if each.network else each.title} {each.accuracy:.2%} "
        f"({each.interval.low:.2%} to {each.interval.high:.2%})"
        for each in once
    )
    return f"Accuracy on {counted(trials, 'test image')} with its 95% interval. {rows}."


def _ordinal(number: int) -> str:
    names = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
    return names[number - 1] if number <= len(names) else f"number {number}"
