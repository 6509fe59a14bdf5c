"""What the figures on trust show, in words, for those who cannot see them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.evaluation.calibration import Reliability
from handwriting.evaluation.corruptions import Corruption
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.evaluation.selective import RiskCoverage
from handwriting.experiments.trust import AccuracyEstimate
from handwriting.figures.phrases import listed

_SHARES = (0.0, 0.02, 0.05)


def headlines_alt(told: Mapping[str, Sequence[AccuracyEstimate]]) -> str:
    """Return what a figure of accuracies shows: each with its interval."""
    rows = "; ".join(
        f"{title}, {each.title}: {each.accuracy:.2%}, {each.interval.low:.2%} to "
        f"{each.interval.high:.2%}"
        for title, ways in told.items()
        for each in ways
    )
    return f"Test accuracies with 95% intervals. {rows}."


def mistakes_by_writer_alt(
    found: Mapping[str, tuple[NDArray[np.integer], NDArray[np.integer]]],
) -> str:
    """Return what a figure of mistakes by writer shows: the share of the hardest tenth."""
    parts = []
    for title, (images, wrong) in found.items():
        order = np.argsort(-wrong / images, kind="stable")
        hardest = order[: max(1, len(order) // 10)]
        share = wrong[hardest].sum() / max(1, wrong.sum())
        parts.append(f"{share:.0%} ({title})")
    return (
        "Curves of the share of all mistakes by the share of all digits. Of the mistakes, the "
        f"hardest tenth of the writers makes {listed(parts)}."
    )


def reliability_alt(found: Mapping[str, tuple[Reliability, Reliability]]) -> str:
    """Return what a figure of reliability shows: the mean gap, before and after."""
    parts = "; ".join(
        f"{title}: {before.expected_error:.2%} as it is, {after.expected_error:.2%} tempered"
        for title, (before, after) in found.items()
    )
    return (
        "Points of accuracy by confidence beside a diagonal on which both are equal. Mean "
        f"distance from it: {parts}."
    )


def refusals_alt(found: Mapping[str, RiskCoverage]) -> str:
    """Return what a figure of refusals shows: the accuracy without them and at three shares."""
    parts = "; ".join(
        f"{title}: "
        + listed([f"{each.accuracy_after_refusing(share):.2%} at {share:.0%}" for share in _SHARES])
        for title, each in found.items()
    )
    return f"Accuracy on the digits answered, by the share refused. {parts}."


def damage_alt(kinds: Sequence[Corruption]) -> str:
    """Return what a figure of one damaged digit shows: what each kind of damage does."""
    rows = "; ".join(f"{kind.title}: {kind.meaning}" for kind in kinds)
    return f"One digit under each kind of damage, as written and at five severities. {rows}."


def declines_alt(found: Mapping[str, Sequence[CorruptionCurve]]) -> str:
    """Return what a figure of declines shows: the accuracy at the worst severity of each kind."""
    parts = "; ".join(
        f"{title}, {declines[0].accuracies[0]:.1%} on digits as written: "
        + ", ".join(f"{each.kind.title} {each.accuracies[-1]:.1%}" for each in declines)
        for title, declines in found.items()
    )
    return f"A panel for each kind of damage: accuracy by severity. At the worst: {parts}."


def certainty_alt(known: NDArray[np.floating], others: Mapping[str, NDArray[np.floating]]) -> str:
    """Return what histograms of confidence show: medians, and how many are all but certain."""
    parts = "; ".join(
        f"{title}: median {np.median(values):.3f}, {np.mean(values >= 0.9):.0%} of at least 0.9"
        for title, values in {"test digits": known, **others}.items()
    )
    return f"Histograms of confidence. {parts}."


def captioned_alt(what: str, titles: Sequence[str], notes: Sequence[str]) -> str:
    """Return what a figure of images shows, each with the line above it and the line below."""
    each = "; ".join(f"{title} ({note})" for title, note in zip(titles, notes, strict=True))
    return f"{what}: {each}."
