"""Whether mistakes crowd on some writers, or lie as chance throws them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handwriting.evaluation.intervals import SIGNIFICANCE, Interval

_DRAWS = 2_000


@dataclass(frozen=True, eq=False)
class Crowding:
    """How a network's mistakes lie over writers, beside as many mistakes thrown by chance.

    Attributes:
        network: what a table calls it.
        mistakes: how many images it misreads.
        shares: (writers + 1,) float64, 0-1, the share of all mistakes made on the 0, 1, 2 ...
            writers who have most of them.
        lows: (writers + 1,) float64, where at each number of writers 95% of such curves begin if
            any image is as likely to be misread as any other.
        highs: (writers + 1,) float64, where they end.
        half: how few writers account for at least half of the mistakes.
        half_by_chance: the range of that in 95% of the throws, whole numbers.
        p_value: how probable as great a variance over writers or a greater one is by chance, 0-1.
        throws: how many throws that is told from, which show nothing below 1 / (1 + throws).
    """

    network: str
    mistakes: int
    shares: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    half: int
    half_by_chance: Interval
    p_value: float
    throws: int

    @property
    def beyond_chance(self) -> bool:
        """Whether they crowd by more than luck explains."""
        return self.p_value < SIGNIFICANCE


@dataclass(frozen=True)
class ErrorRatio:
    """How many times as often some images are misread as others, or by some readers as by others.

    Likewise for whatever else may befall an image, such as that it is refused.

    Attributes:
        ratio: of the two shares.
        interval: its 95% interval, from drawing whole writers anew.
    """

    ratio: float
    interval: Interval


def crowding(
    network: str, wrong: NDArray[np.bool_], writers: NDArray[np.integer], draws: int = _DRAWS
) -> Crowding | None:
    """Return how mistakes lie over writers, beside throws by chance; None without any mistake.

    A throw gives as many mistakes to images drawn at random (a permutation test). What is compared
    is the sum over writers of the squared gap between a writer's mistakes and the number to be
    expected of as many images.

    Args:
        network: what a table calls it.
        wrong: (n,) bool, whether each image is misread.
        writers: (n,) integers, who wrote it.
        draws: how many throws.
    """
    mistakes = int(wrong.sum())
    if not mistakes:
        return None
    _, members, sizes = np.unique(writers, return_inverse=True, return_counts=True)
    rng = np.random.default_rng(0)
    thrown = rng.multivariate_hypergeometric(sizes, mistakes, draws)
    found = np.bincount(members[wrong], minlength=len(sizes))
    expected = mistakes * sizes / sizes.sum()
    spread, by_chance = ((each - expected) ** 2 for each in (found, thrown))
    totals = by_chance.sum(axis=1)
    curves = _shares(thrown)
    lows, highs = np.quantile(curves, [0.025, 0.975], axis=0)
    shares = _shares(found[None])
    low, high = np.quantile(_half(curves), [0.025, 0.975], method="inverted_cdf").tolist()
    return Crowding(
        network,
        mistakes,
        shares[0],
        lows,
        highs,
        int(_half(shares)[0]),
        Interval(float(low), float(high)),
        float((1 + (totals >= spread.sum()).sum()) / (1 + draws)),
        draws,
    )


def _shares(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """The share of mistakes on the writers with most of them, by their number; a curve a row."""
    most_first = np.sort(counts, axis=1)[:, ::-1].cumsum(axis=1)
    return np.asarray(np.pad(most_first, [(0, 0), (1, 0)]) / most_first[:, -1:], np.float64)


def _half(curves: NDArray[np.float64]) -> NDArray[np.integer]:
    return np.asarray(np.argmax(curves >= 0.5, axis=1))


def error_ratio(
    wrong: NDArray[np.bool_] | NDArray[np.float64],
    writers: NDArray[np.integer],
    first: NDArray[np.bool_],
    draws: int = 9_999,
) -> ErrorRatio | None:
    """Return how many times as often some images are misread as the others; None if one never is.

    Args:
        wrong: (n,) bool, whether each image is misread; or float64, 0-1, how often it is.
        writers: (n,) integers, who wrote it.
        first: (n,) bool, whether it belongs to those that are above the fraction's line; nobody
            wrote images of both kinds.
        draws: how often writers are drawn.
    """
    if not (wrong[first].any() and wrong[~first].any()):
        return None
    rng = np.random.default_rng(0)
    above, below = (
        _drawn_shares(wrong[part], writers[part], draws, rng) for part in (first, ~first)
    )
    low, high = np.quantile(above / below, [0.025, 0.975]).tolist()
    ratio = float(wrong[first].mean() / wrong[~first].mean())
    return ErrorRatio(ratio, Interval(low, high))


def _drawn_shares(
    wrong: NDArray[np.bool_] | NDArray[np.float64],
    writers: NDArray[np.integer],
    draws: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """The share of mistakes in each draw of as many writers, (draws,), at least half a mistake."""
    _, members, sizes = np.unique(writers, return_inverse=True, return_counts=True)
    counts = np.bincount(members, wrong)
    times = rng.multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), draws)
    return np.asarray(np.maximum(times @ counts, 0.5) / (times @ sizes), np.float64)
