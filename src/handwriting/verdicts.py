"""What is said in words that take many branches: verdicts on a claim, what a user has to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from handwriting.evaluation.adversarial import AdversarialAccuracy
from handwriting.evaluation.comparison import Comparison, Speed
from handwriting.evaluation.method_comparison import Difference
from handwriting.evaluation.robustness import Robustness
from handwriting.evaluation.standings import READINGS, WORLDS, Reading, Standing, World
from handwriting.experiments.evaluated_network import EvaluatedNetwork
from handwriting.figures.phrases import counted, duration, listed, p_value, share_span

_DASH = "\N{EN DASH}"
_MOST_NAMED = 3
_READINGS = {"single": "alone", "batch": "in a batch"}
_WORLDS = {"library": "through its library", "bare": "by NumPy alone"}
_CLEARLY = 2
"""A training that took this many times as long as another one surely does: each was timed once, and
a machine's pace changes by less from day to day."""
_MNISTS_WRITERS = ": employees of the American Census Bureau and high-school students"

Verdict = Literal["holds", "is not decided", "does not hold"]
"""Of a claim to be the best: everybody else is worse; some are not told apart; somebody is better.
Always by more than luck explains."""


@dataclass(frozen=True)
class Claim:
    """One meaning of the claim that the network is the best, and what stands against it.

    Attributes:
        meaning: what is claimed.
        value: the network's, as a page writes it.
        ahead: the rivals that are better by more than luck explains.
        alike: those that are not told apart from it.
        verdict: whether it holds.
        among_equals: whether it holds if only those rivals count that are not less accurate by more
            than luck explains; None where that says nothing, or there are none.
    """

    meaning: str
    value: str
    ahead: Sequence[str]
    alike: Sequence[str]
    verdict: Verdict
    among_equals: Verdict | None = None


def claims(found: Comparison) -> tuple[Claim, ...]:
    """Return each meaning of the claim that the network is the best, accuracy first."""
    better, worse = found.accuracy.related("better"), found.accuracy.related("worse")
    alike = _undecided(found)
    read, verdict = f"{found.network.mean:.2%}", _verdict(better, alike, worse)
    highest = Claim("highest accuracy", read, _names(better), _names(alike), verdict)
    return (highest, *speed_claims(found), _training(found))


def speed_claims(found: Comparison) -> tuple[Claim, ...]:
    """Return the claim to be the fastest: in each world, alone and in a batch."""
    cases = [(world, reading) for world in WORLDS for reading in READINGS]
    return tuple(
        _fastest(found, world, reading, speed)
        for world, reading in cases
        if (speed := found.speed(world, reading))
    )


def _fastest(found: Comparison, world: World, reading: Reading, speed: Speed) -> Claim:
    return _claim(
        found,
        f"shortest time {_READINGS[reading]}, {_WORLDS[world]}",
        speed.seconds,
        (speed.faster, speed.alike, speed.slower),
    )


def _training(found: Comparison) -> Claim:
    """The claim to be trained the soonest; each classifier's training was timed once."""
    ours = found.ways[0].fit_seconds
    rivals = [each for each in found.world("library") if each.in_turns and not each.network]
    timed = sorted(rivals, key=lambda each: each.fit_seconds)
    faster = [each for each in timed if each.fit_seconds * _CLEARLY < ours]
    slower = [each for each in timed if each.fit_seconds > ours * _CLEARLY]
    alike = [each for each in timed if each not in (*faster, *slower)]
    return _claim(found, "shortest training", ours, (faster, alike, slower))


def _claim(
    found: Comparison, meaning: str, seconds: float, rivals: Sequence[Sequence[Standing]]
) -> Claim:
    """The claim to take the least time, from who takes less, as much and more."""
    worse = set(_names(found.accuracy.related("worse")))
    equals = [[each for each in group if each.title not in worse] for group in rivals]
    ahead, alike, _ = ([each.title for each in group] for group in rivals)
    among_equals = _verdict(*equals) if any(equals) else None
    return Claim(meaning, duration(seconds), ahead, alike, _verdict(*rivals), among_equals)


def _undecided(found: Comparison) -> list[Difference]:
    """The rivals that are neither better nor worse by more than luck explains, the best first."""
    alike = [*found.accuracy.related("equivalent"), *found.accuracy.related("not told apart")]
    return sorted(alike, key=lambda each: -each.difference)


def _names(differences: Sequence[Difference]) -> list[str]:
    return [each.name for each in differences]


def _verdict(better: Sequence[object], alike: Sequence[object], worse: Sequence[object]) -> Verdict:
    if better:
        return "does not hold"
    return "holds" if worse and not alike else "is not decided"


def answer(found: Comparison) -> str:
    """Return the sentences that say how far the claim of the original analysis holds."""
    accuracy, speeds = claims(found)[0], speed_claims(found)
    verdicts = {accuracy.verdict, *(each.verdict for each in speeds)}
    if "holds" in verdicts:
        verdict = "holds" if len(verdicts) == 1 else "holds in part"
    else:
        verdict = "does not hold" if "does not hold" in verdicts else "is not decided"
    return f"**The claim {verdict}.** {_on_accuracy(found)} {_on_times(found, speeds)}"


def _on_accuracy(found: Comparison) -> str:
    trainings = found.network.trainings
    often = f"on average over {trainings} trainings" if trainings > 1 else "in its one training"
    ours = (
        f"Of {found.trials:,} test images, the neural network reads **{found.network.mean:.2%}** "
        f"correctly {often}"
    )
    better, alike = found.accuracy.related("better"), _undecided(found)
    if better:
        first, more = better[0], len(better) - 1
        others = f" Other rivals that are better: {more}." if more else ""
        low, high = 100 * first.interval.low, 100 * first.interval.high
        luck = (
            f"; {p_value(first.p_value)}). So small a difference is not always found: other "
            "trainings may leave it undecided."
            if first.lucky
            else "), more than luck explains."
        )
        return (
            f"{ours}; the {first.name} is better by **{100 * first.difference:.2f} "
            f"points** (95% interval {low:.2f} to {high:.2f}{luck}{others}"
        )
    if not alike:
        rivals = len(found.rivals)
        return f"{ours}; all rivals measured ({rivals}) are worse by more than luck explains."
    names = _named(_names(alike))
    return f"{ours}; none is better by more than luck explains, and not told apart: {names}."


def _on_times(found: Comparison, speeds: Sequence[Claim]) -> str:
    """Where it is the fastest; each case is a way of being called, alone and in a batch."""
    if all(each.network for each in found.world("library")):
        return "No rival gives different images different answers, so their times say nothing."
    held = [each.meaning for each in speeds if each.verdict == "holds"]
    equals = [each.among_equals for each in speeds if each.among_equals]
    where = f" ({'; '.join(held)})" if held else ""
    worse = found.accuracy.related("worse")
    others = _named([title for title in found.kept if title not in _names(worse)])
    lucky = [each.name for each in worse if each.lucky and each.name not in found.kept]
    undecided = f" (other trainings may leave that undecided for: {_named(lucky)})" if lucky else ""
    among = (
        f"among rivals that are not less accurate, in **{equals.count('holds')} of {len(equals)}**."
        if equals
        else f"all rivals that were timed with it are less accurate{undecided}. Not less accurate, "
        f"but timed in another run and so not compared: {others}."
    )
    return (
        "Called through its library and by NumPy alone, for images that come alone and in a batch, "
        f"it is the fastest in **{len(held)} of {len(speeds)}** cases{where}; {among}"
    )


def claim_table(found: Comparison) -> pd.DataFrame:
    """Return a row for each meaning of the claim: whether it holds, and who stands against it."""
    return pd.DataFrame(
        {
            "The network has the": each.meaning,
            "Its value": each.value,
            "The claim": each.verdict,
            "Among equals": each.among_equals or _DASH,
            "Better": _named(each.ahead),
            "Not told apart": _named(each.alike),
        }
        for each in claims(found)
    )


def _named(titles: Sequence[str]) -> str:
    if len(titles) <= _MOST_NAMED + 1:
        return listed(titles)
    return f"{', '.join(titles[:_MOST_NAMED])} and {len(titles) - _MOST_NAMED} others"


def model_card(
    networks: Sequence[EvaluatedNetwork],
    robustness: Sequence[Robustness],
    attacks: Sequence[AdversarialAccuracy],
) -> list[dict[str, str]]:
    """Return rows of a card: what networks are good for (M. Mitchell and others, 2019, FAT*).

    Args:
        networks: at least one, which all learned from the same images.
        robustness: what damage does to each, in all its trainings.
        attacks: what the worst small changes do to the first training of each; none where they were
            not tried.
    """
    data, first = networks[0].data, networks[0]
    height, width = data.image_shape
    many, several = len(first.trainings) > 1, data.noun == "image" and data.classes > 1
    sign = f"One of {counted(data.classes, 'class')}" if several else f"One {data.noun}"
    fooled = [
        f"{each.broken.radius:.0%} ({each.network}: {1 - each.broken.worst:.0%} misread)"
        for each in attacks
        if each.broken
    ]
    read = listed([f"{each.mean.mean:.2%} ({each.title})" for each in networks])
    answers = {
        "What for?": "To teach and to compare methods. They were made for nothing else.",
        "What goes in?": (
            f"{sign} in an image of {height} by {width} pixels, ink 255 on paper 0, alone, "
            f"upright, scaled and centred as those of {data.title}."
        ),
        "What did they learn from?": (
            f"{counted(len(first.learned), 'image')} of {data.title}, and "
            f"{len(first.validation_labels):,} more for validation; {_hands(first)}."
        ),
        "How often are they right?": (
            f"On test images, {'on average over trainings' if many else 'in one training'}: {read}."
        ),
        "What breaks them?": (
            "Damage that leaves least, with the share read over five severities, "
            f"{'by' if many else 'in one'} training: {'; '.join(map(_fragile, robustness))}."
        ),
        "How little fools them?": (
            "Least of the changes tried, of the way from paper to ink, that makes one training of "
            f"each misread half of the images or more: {listed(fooled or ['none that was tried'])}."
        ),
        "What not for?": (
            "Whatever costs a person money, marks or rights; other scripts, several signs at once, "
            "photographs as they are. They never say that an image belongs to no class."
        ),
    }
    if data.classes == 1:
        answers["What breaks them?"] = "Nothing can: there is only one class to answer."
    return [{"Question": question, "Answer": text} for question, text in answers.items()]


def _hands(network: EvaluatedNetwork) -> str:
    """Who wrote the images: those that were learned from, and those of the test."""
    writers, judging = network.learned_writers, network.tested_writers
    if writers is None or judging is None:
        return "nobody knows who wrote them"
    people = "1 person" if writers == 1 else f"{writers:,} people"
    who = _MNISTS_WRITERS if network.data.name == "mnist" else ""
    train, test = (np.asarray(each.writers) for each in (network.data.train, network.data.test))
    judges = f"{judging:,}" if np.isin(test, train).any() else f"{judging:,} others"
    return f"{people} wrote what they learned from, {judges} what they are judged by{who}"


def _fragile(network: Robustness) -> str:
    """The kinds of damage that leave a network least, and what each training reads under them."""
    worst = [f"{each.kind.title} {share_span(each.spread)}" for each in network.worst_first[:3]]
    return f"{listed(worst)} ({network.network})"
