"""What is said in words that take many branches: verdicts on a claim, what a user has to know."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from handwriting.evaluation.claims import Claim, claims
from handwriting.evaluation.comparison import Comparison, Standing
from handwriting.evaluation.robustness import Robustness
from handwriting.experiments.trust import EvaluatedNetwork
from handwriting.figures.phrases import counted, duration, listed, p_value

_DASH = "\N{EN DASH}"
_MOST_NAMED = 3
_READINGS = {"single": "alone", "batch": "in a batch"}
_SEVERITY, _MUCH = 3, 0.1
"""Of damage: which severity counts, and how much accuracy it may cost."""


def answer(found: Comparison) -> str:
    """Return the sentences that say how far the claim of the original analysis holds."""
    accuracy, *times = [each for each in claims(found) if each.measure != "training"]
    verdicts = [accuracy.verdict, *(each.verdict for each in times)]
    if verdicts.count("holds") == len(verdicts):
        verdict = "The claim holds."
    elif "holds" in verdicts:
        verdict = "The claim holds in part."
    else:
        verdict = (
            f"The claim {'does not hold' if 'does not hold' in verdicts else 'is not refuted'}."
        )
    return f"**{verdict}** {_on_accuracy(found)} {_on_times(found, times)}"


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
    held, equals = (
        sum(verdict == "holds" for verdict in verdicts)
        for verdicts in ([t.verdict for t in times], [t.among_equals for t in times])
    )
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
            "Place": each.place,
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
    writers, judging = network.learned_writers, network.writers
    if writers is None or judging is None:
        return "nobody knows who wrote them"
    people = "1 person" if writers == 1 else f"{writers:,} people"
    return (
        f"{people} wrote what they learned from, {judging.writers:,} others what they are judged "
        "by: employees of the American Census Bureau and high-school students"
    )


def _fragile(robustness: Sequence[Robustness]) -> str:
    """The damage that, in the middle of its severities, costs one of the networks much."""
    found = [kind for each in robustness for kind in each.costly(_SEVERITY, _MUCH)]
    costly = list(dict.fromkeys(found)) or ["no kind of damage"]
    return (
        f"At the third of five severities, {listed(costly)} "
        f"{'costs' if len(costly) == 1 else 'cost'} at least one of them more than "
        f"{100 * _MUCH:.0f} percentage points."
    )
