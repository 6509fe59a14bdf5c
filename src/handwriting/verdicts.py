"""What is said in words that take many branches: verdicts on a claim, what a user has to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from handwriting.evaluation.comparison import READINGS, Comparison, Reading, Standing
from handwriting.evaluation.robustness import Robustness
from handwriting.experiments.trust import EvaluatedNetwork
from handwriting.figures.phrases import counted, duration, listed, p_value

_DASH = "\N{EN DASH}"
_MOST_NAMED = 3
_READINGS = {"single": "alone", "batch": "in a batch"}
_MUCH = 0.1
"""How much accuracy damage may cost."""

Verdict = Literal["holds", "is not refuted", "does not hold"]
"""Of a claim to be the best: nobody is better; somebody is, perhaps by luck; somebody surely is."""


@dataclass(frozen=True)
class Claim:
    """One meaning of the claim that the network is the best, and what stands against it.

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

    measure: Literal["accuracy", "training"] | Reading
    way: str
    value: float
    ahead: Sequence[Standing]
    verdict: Verdict
    among_equals: Verdict | None


def claims(found: Comparison) -> tuple[Claim, ...]:
    """Return each meaning of the claim that the network is the best, accuracy first."""
    ours = found.network
    verdict = _verdict(found.ahead, lambda rival: rival.significant)
    accuracy = Claim("accuracy", "", ours.accuracy, found.ahead, verdict, None)
    times = [_on_time(found, way, reading) for reading in READINGS for way in found.ways]
    # Training was timed once: whoever took less time surely did.
    verdicts = _quicker(found, ours, lambda each: each.fit_seconds, lambda _: True)
    return (accuracy, *times, Claim("training", "", ours.fit_seconds, *verdicts))


def _on_time(found: Comparison, way: Standing, reading: Reading) -> Claim:
    """The claim that a way of calling the network is the fastest.

    A rival is surely faster where nine tenths of its times, the 5th to the 95th percentile, lie
    below nine tenths of the network's.
    """
    verdicts = _quicker(
        found,
        way,
        lambda each: each.seconds(reading),
        lambda each: each.spread(reading, 1).high < way.spread(reading, 1).low,
    )
    return Claim(reading, way.way, way.seconds(reading), *verdicts)


def _quicker(
    found: Comparison,
    ours: Standing,
    seconds: Callable[[Standing], float],
    surely: Callable[[Standing], bool],
) -> tuple[list[Standing], Verdict, Verdict]:
    """The rivals that can read and take less time, the fastest first, and what follows from them.

    The second verdict is that among rivals that are not surely less accurate.
    """
    readers = [each for each in found.rivals if not each.constant]
    ahead = sorted((each for each in readers if seconds(each) < seconds(ours)), key=seconds)
    equals = [each for each in ahead if each not in found.surely_behind]
    return ahead, _verdict(ahead, surely), _verdict(equals, surely)


def _verdict(ahead: Sequence[Standing], surely: Callable[[Standing], bool]) -> Verdict:
    if not ahead:
        return "holds"
    return "does not hold" if any(map(surely, ahead)) else "is not refuted"


def answer(found: Comparison) -> str:
    """Return the sentences that say how far the claim of the original analysis holds."""
    accuracy, *times, _ = claims(found)
    verdicts = {accuracy.verdict, *(each.verdict for each in times)}
    if "holds" in verdicts:
        verdict = "holds" if len(verdicts) == 1 else "holds in part"
    else:
        verdict = "does not hold" if "does not hold" in verdicts else "is not refuted"
    return f"**The claim {verdict}.** {_on_accuracy(found)} {_on_times(found, times)}"


def _on_accuracy(found: Comparison) -> str:
    ours = (
        f"Of {found.network.trials:,} test images, the neural network reads "
        f"**{found.network.accuracy:.2%}** correctly"
    )
    if not found.ahead:
        return f"{ours}; of the rivals measured ({len(found.rivals)}), none reads more."
    best = (found.surely_ahead or found.ahead)[0]
    theirs = f"{ours} and the {best.title} **{best.accuracy:.2%}**"
    if not found.surely_ahead:
        return (
            f"{theirs}; with this one training they are not told apart ({p_value(best.p_value)})."
        )
    more = len(found.surely_ahead) - 1
    others = f" Other rivals that surely read more: {more}." if more else ""
    return f"{theirs}, a difference that is more than luck ({p_value(best.p_value)}).{others}"


def _on_times(found: Comparison, times: Sequence[Claim]) -> str:
    held = [each.verdict for each in times].count("holds")
    equals = [each.among_equals for each in times].count("holds")
    called = f"Called in {len(found.ways)} ways" if len(found.ways) > 1 else "Called in one way"
    return (
        f"{called}, with images that come alone and in batches, it is the fastest in "
        f"**{held} of {len(times)}** cases; among classifiers that are not surely less accurate, "
        f"in **{equals} of {len(times)}**."
    )


def claim_table(found: Comparison) -> pd.DataFrame:
    """Return a row for each meaning of the claim: whether it holds, and who stands against it."""
    return pd.DataFrame(
        {
            "The network has the": _meaning(each),
            "Its value": f"{each.value:.2%}"
            if each.measure == "accuracy"
            else duration(each.value),
            "Place": len(each.ahead) + 1,
            "The claim": each.verdict,
            "Among equals": each.among_equals or _DASH,
            "Ahead of it": _named(each.ahead),
        }
        for each in claims(found)
    )


def _meaning(claim: Claim) -> str:
    if claim.measure in _READINGS:
        return f"shortest time {_READINGS[claim.measure]}, {claim.way}"
    return "highest accuracy" if claim.measure == "accuracy" else "shortest training"


def _named(rivals: Sequence[Standing]) -> str:
    titles = [each.title for each in rivals]
    if len(titles) <= _MOST_NAMED + 1:
        return listed(titles)
    return f"{', '.join(titles[:_MOST_NAMED])} and {len(titles) - _MOST_NAMED} others"


def model_card(
    networks: Sequence[EvaluatedNetwork], robustness: Sequence[Robustness]
) -> list[dict[str, str]]:
    """Return rows of a card that says what networks are good for and what they are not.

    After M. Mitchell and others (2019), Model cards for model reporting, FAT*.

    Args:
        networks: at least one, which all learned from the same images.
        robustness: what damage does to each.
    """
    data, first = networks[0].data, networks[0]
    is_digits = data.class_names == tuple("0123456789")
    height, width = data.image_shape
    sign = "One digit" if is_digits else f"One of {data.classes} classes"
    beyond = "other scripts, letters, several digits at once" if is_digits else "other signs"
    read = listed([f"{each.accuracy:.2%} ({each.title})" for each in networks])
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
        "How often are they right?": f"On test images: {read}.",
        "What breaks them?": _fragile(robustness),
        "What not for?": (
            f"Whatever costs a person money, marks or rights; {beyond}, photographs. They never "
            "say that an image belongs to no class."
        ),
    }
    return [{"Question": question, "Answer": text} for question, text in answers.items()]


def _hands(network: EvaluatedNetwork) -> str:
    """Who wrote the images: those that were learned from, and those of the test."""
    writers, judging = network.learned_writers, network.tested_writers
    if writers is None or judging is None:
        return "nobody knows who wrote them"
    people = "1 person" if writers == 1 else f"{writers:,} people"
    return (
        f"{people} wrote what they learned from, {judging:,} others what they are judged "
        "by: employees of the American Census Bureau and high-school students"
    )


def _fragile(robustness: Sequence[Robustness]) -> str:
    """The damage that, on average over its severities, costs one of the networks much."""
    found = [kind for each in robustness for kind in each.costly(_MUCH)]
    costly = list(dict.fromkeys(found)) or ["no kind of damage"]
    return (
        f"On average over five severities, {listed(costly)} "
        f"{'costs' if len(costly) == 1 else 'cost'} at least one of them more than "
        f"{100 * _MUCH:.0f} percentage points."
    )
