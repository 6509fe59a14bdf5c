"""Sentences with many branches: whether the claim holds that the network is the best."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from handwriting.evaluation.claims import Claim, claims
from handwriting.evaluation.comparison import Comparison, Standing
from handwriting.figures.phrases import duration, listed, p_value

_DASH = "\N{EN DASH}"
_MOST_NAMED = 3
_READINGS = {"single": "alone", "batch": "in a batch"}


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
        return f"{theirs}, with this one training not told apart ({p_value(best.p_value)})."
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
        f"{called}, with digits that come alone and in batches, it is the fastest in "
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
