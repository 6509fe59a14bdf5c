"""Which digits are misread, by whom, and what deskewing does about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.baselines.benchmark import Result
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.comparison import Standing
from handwriting.evaluation.metrics import Mistakes
from handwriting.figures.disputes import remark
from handwriting.figures.phrases import counted, significant


def classes(
    shares: NDArray[np.float64], results: Sequence[Result], class_names: Sequence[str]
) -> str:
    """Return sentences on which class is the hardest, for the network and for its rivals.

    Args:
        shares: (entrants, classes), the share of each class that each entrant misreads, 0-1.
        results: the entrants, in the same order.
        class_names: what to call each class.
    """
    hardest = np.nanargmax(shares, axis=1)
    network = _network_row(results)
    own = int(hardest[network])
    if not shares[network, own]:
        return "The network misreads none."
    rivals = [row for row in range(len(results)) if row != network and not results[row].constant]
    found = (
        f"The network finds **{class_names[own]}** the hardest: it misreads "
        f"{shares[network, own]:.1%} of them."
    )
    if not rivals:
        return found
    counts = np.bincount(hardest[rivals], minlength=shares.shape[1])
    common = int(counts.argmax())
    same = "also " if common == own else ""
    return (
        f"{found} For {counts[common]} of {counted(len(rivals), 'rival')} that can read, the "
        f"hardest is {same}{class_names[common]}."
    )


def classes_alt(
    shares: NDArray[np.float64], results: Sequence[Result], class_names: Sequence[str]
) -> str:
    """Return what a figure of error shares shows: the hardest class of each entrant.

    Args:
        shares: (entrants, classes), the share of each class that each entrant misreads, 0-1.
        results: the entrants, in the same order.
        class_names: what to call each class.
    """
    hardest = np.nanargmax(shares, axis=1)
    listing = "; ".join(
        f"{result.entrant.title}: {class_names[label]}, {row[label]:.1%}"
        for result, row, label in zip(results, shares, hardest, strict=True)
    )
    return f"The share of each class that each entrant misreads. The hardest for each: {listing}."


def mistakes_alt(shares: NDArray[np.float64], results: Sequence[Result]) -> str:
    """Return what a figure of overlaps shows: the network's row.

    Args:
        shares: (entrants, entrants): of the row's mistakes, the share that the column makes, 0-1.
        results: the entrants, in the same order.
    """
    network = _network_row(results)
    listing = ", ".join(
        f"{result.entrant.title} {shares[network, column]:.0%}"
        for column, result in enumerate(results)
        if column != network
    )
    return (
        "Of each entrant's mistakes, the share that each other one makes on the same digits. Of "
        f"the network's: {listing}."
    )


def mistakes(
    shares: NDArray[np.float64],
    results: Sequence[Result],
    truths: NDArray[np.integer],
    nobodys: Mistakes,
) -> str:
    """Return sentences on how far the network's mistakes are those of its rivals.

    Args:
        shares: (entrants, entrants): of the row's mistakes, the share that the column makes, 0-1.
        results: the entrants, in the same order.
        truths: (n,) integers, the true classes of the test images.
        nobodys: the images that all of them misread, the commonest answer to each, and the share of
            entrants that gave it.
    """
    network = _network_row(results)
    wrong = np.stack([result.predictions[0] != truths for result in results])
    rivals = np.array([row != network and not r.constant for row, r in enumerate(results)])
    alone = int((wrong[network] & ~wrong[rivals].any(axis=0)).sum())
    whose = (
        f"**{alone:,}** {'is' if alone == 1 else 'are'} its own, which no rival makes"
        if alone
        else "**none** is its own: each is made by some rival, too"
    )
    own = int(wrong[network].sum())
    by_all = _unread(nobodys, int(rivals.sum()) + 1, len(truths))
    if not rivals.any():
        return f"The network makes {counted(own, 'mistake')}. {by_all}"
    if not own:
        return f"The network makes no mistake. {by_all}"
    by_share = {
        result.entrant.title: shares[network, row]
        for row, result in enumerate(results)
        if rivals[row]
    }
    lowest = min(by_share, key=lambda title: by_share[title])
    return (
        f"Of the network's {counted(own, 'mistake')}, {whose}. The rival that errs least like it "
        f"is the {lowest}, which makes {by_share[lowest]:.0%} of these mistakes, too. {by_all}"
    )


def _unread(found: Mistakes, entrants: int, trials: int) -> str:
    if not len(found):
        return f"Each of {counted(trials, 'test image')} is read correctly by somebody."
    agreed = int((found.confidences >= 1 - 1e-9).sum())
    verb = "is" if len(found) == 1 else "are"
    return (
        f"**{len(found):,}** of {counted(trials, 'test image')} {verb} "
        f"misread by all {entrants} entrants that can read, {agreed:,} by all in the same way."
    )


def unread_alt(
    found: Mistakes,
    class_names: Sequence[str],
    limit: int = 16,
    disputes: Sequence[Dispute] = (),
) -> str:
    """Return what a figure of digits that nobody reads shows: truth, answer, and how many agree.

    Args:
        found: the digits, in the order in which they are shown.
        class_names: what to call each class.
        limit: how many are shown at most.
        disputes: the images whose label people dispute, of which that is said.
    """
    remarks = {each.index: f" ({remark(each, class_names)})" for each in disputes}
    rows = zip(found.indices, found.truths, found.predictions, found.confidences, strict=True)
    listing = ", ".join(
        f"{class_names[truth]} read as {class_names[answer]} by {share:.0%}"
        f"{remarks.get(int(index), '')}"
        for index, truth, answer, share in list(rows)[:limit]
    )
    return f"Images that every entrant misreads, those first that most agree on: {listing}."


def deskewing(found: Sequence[Standing]) -> str:
    """Return sentences on what deskewing does to nearest neighbours, where both were measured."""
    plain, upright = (
        next((each for each in found if each.name == name), None)
        for name in ("knn", "knn_deskewed")
    )
    if upright is None:
        return "Nearest neighbours were not measured on deskewed images."
    if plain is None:
        return (
            f"On deskewed images nearest neighbours read {upright.accuracy:.2%}; on images as they "
            "are they were not measured."
        )
    gain = plain.errors - upright.errors
    words = f"{counted(abs(gain), 'mistake')} {'fewer' if gain >= 0 else 'more'}"
    share = f" ({abs(gain) / plain.errors:.0%})" if plain.errors else ""
    ratio = upright.seconds("batch") / plain.seconds("batch")
    return (
        f"Nearest neighbours read {plain.accuracy:.2%} of the images as they are and "
        f"**{upright.accuracy:.2%}** of the same images deskewed: {words}{share}, in "
        f"{significant(ratio, 2)} times the time."
    )


def _network_row(results: Sequence[Result]) -> int:
    """Where the network stands among the entrants."""
    return next(row for row, result in enumerate(results) if result.entrant.network)
