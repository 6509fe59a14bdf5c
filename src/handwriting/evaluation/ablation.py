"""What each ingredient of a recipe buys: its runs beside those with one thing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize, stats

from handwriting.evaluation.intervals import (
    SIGNIFICANCE,
    Interval,
    holm,
    mean_interval,
    mean_test,
)
from handwriting.evaluation.method_comparison import POWER, told
from handwriting.evaluation.repeated_runs import RepeatedRuns


@dataclass(frozen=True)
class AblationEffect:
    """What a change of a recipe does.

    Attributes:
        title: the change, in words.
        difference: by how much the mean accuracy changes, as a fraction; above 0 is better.
        interval: the 95% interval of that difference over seeds, or None with one seed.
        p_value: how probable so great a difference of means would be by chance, corrected for how
            many changes were tried; 1 with one seed.
        spread: the standard deviation of the differences by seed; NaN with one seed.
        seeds: how many seeds were tried with and without it.
    """

    title: str
    difference: float
    interval: Interval | None
    p_value: float
    spread: float
    seeds: int

    @property
    def verdict(self) -> Literal["worse", "better", "not told apart"]:
        """What the seeds say of the change; only a difference that is more than luck counts."""
        if self.p_value >= SIGNIFICANCE:
            return "not told apart"
        return "better" if self.difference > 0 else "worse"

    @property
    def excluded(self) -> float:
        """The interval excludes changes greater than this one; NaN with one seed."""
        ends = (self.interval.low, self.interval.high) if self.interval else (np.nan,)
        return float(np.abs(ends).max())


def effects(base: RepeatedRuns, changed: Sequence[RepeatedRuns]) -> tuple[AblationEffect, ...]:
    """Return what each change does, the most harmful first.

    A run with the change is compared with the one of the same seed without it.

    Args:
        base: the recipe's runs.
        changed: those of the recipe with one thing changed each, with some of the same seeds.
    """
    differences = [_differences(base, each) for each in changed]
    p_values = holm([mean_test(each) if len(each) > 1 else 1.0 for each in differences])
    found = (
        AblationEffect(
            group.title,
            float(np.mean(by_seed)),
            mean_interval(by_seed) if len(by_seed) > 1 else None,
            p_value,
            float(np.std(by_seed, ddof=1)) if len(by_seed) > 1 else float("nan"),
            len(by_seed),
        )
        for group, by_seed, p_value in zip(changed, differences, p_values, strict=True)
    )
    return tuple(sorted(found, key=lambda each: each.difference))


def _differences(base: RepeatedRuns, changed: RepeatedRuns) -> list[float]:
    """By how much the accuracy of each seed that both were tried with changes, by seed."""
    plain, other = (
        {run.seed: share for run, share in zip(group.runs, group.accuracy.values, strict=True)}
        for group in (base, changed)
    )
    return [other[seed] - plain[seed] for seed in sorted(plain.keys() & other.keys())]


def least_detectable(found: Sequence[AblationEffect]) -> tuple[float, float, float]:
    """Return the smallest true effects that are found with a probability of 80%, in points.

    They are those of Student's test at the level that Holm's correction asks of the first of so
    many changes. J. Cohen, Statistical Power Analysis for the Behavioral Sciences (1988), chapter
    2.

    Args:
        found: the effects, at least one.

    Returns:
        In percentage points, that of a change whose differences spread over seeds as those of all
        do on average (the root of the mean variance), of the one that spreads least, and of the one
        that spreads most; NaN with one seed.
    """
    seeds = min(each.seeds for each in found)
    if seeds < 2:
        return (float("nan"),) * 3
    degrees = seeds - 1
    critical = float(stats.t.isf(SIGNIFICANCE / len(found) / 2, degrees))
    # In standard errors; the other tail has no power to speak of.
    shift = optimize.brentq(
        lambda shift: stats.nct.sf(critical, degrees, shift) - POWER,
        0,
        20 * critical,
    )
    spreads = np.array([each.spread for each in found])
    typical = np.sqrt((spreads**2).mean()), spreads.min(), spreads.max()
    average, least, most = (float(100 * shift * spread / np.sqrt(seeds)) for spread in typical)
    return average, least, most


def effect_table(found: Sequence[AblationEffect]) -> pd.DataFrame:
    """Return what each change does, a row each; differences of accuracy are fractions."""
    return pd.DataFrame(
        {
            "Change": each.title,
            "Difference": each.difference,
            "95% from": each.interval.low if each.interval else None,
            "95% to": each.interval.high if each.interval else None,
            "p-value": each.p_value,
            "Found": told(each.verdict, each.excluded) if each.interval else each.verdict,
        }
        for each in found
    )
