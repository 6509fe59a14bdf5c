"""What each ingredient of a recipe buys: its runs beside those with one thing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from handwriting.errors import SettingError
from handwriting.evaluation.intervals import Interval, holm, mean_interval, mean_test
from handwriting.evaluation.repeated_runs import RepeatedRuns

SIGNIFICANCE = 0.05
"""A difference whose corrected p-value is below this is called more than luck."""


@dataclass(frozen=True)
class AblationEffect:
    """What a change of a recipe does.

    Attributes:
        title: the change, in words.
        difference: by how much the mean accuracy changes, as a fraction; above 0 is better.
        interval: the 95% interval of that difference over seeds, or None with one seed.
        p_value: how probable so great a difference of means would be by chance, corrected for how
            many changes were tried; 1 with one seed.
        slowdown: the shortest time of a training, divided by that without the change.
        seeds: how many seeds were tried with and without it.
    """

    title: str
    difference: float
    interval: Interval | None
    p_value: float
    slowdown: float
    seeds: int

    @property
    def verdict(self) -> Literal["worse", "better", "not told apart"]:
        """What the seeds say of the change; only a difference that is more than luck counts."""
        if self.p_value >= SIGNIFICANCE:
            return "not told apart"
        return "better" if self.difference > 0 else "worse"


def effects(base: RepeatedRuns, changed: Sequence[RepeatedRuns]) -> tuple[AblationEffect, ...]:
    """Return what each change does, the most harmful first.

    A run with the change is compared with the one of the same seed without it.

    Args:
        base: the recipe's runs.
        changed: those of the recipe with one thing changed each.

    Raises:
        SettingError: a change was tried with no seed of the base.
    """
    found = [_effect(base, each) for each in changed]
    corrected = holm([each.p_value for each in found])
    told = (replace(each, p_value=value) for each, value in zip(found, corrected, strict=True))
    return tuple(sorted(told, key=lambda each: each.difference))


def _effect(base: RepeatedRuns, changed: RepeatedRuns) -> AblationEffect:
    plain, other = _by_seed(base), _by_seed(changed)
    seeds = sorted(plain.keys() & other.keys())
    if not seeds:
        raise SettingError(
            f"{changed.title}: expected runs with a seed of {base.title}; found "
            f"{sorted(other)} and {sorted(plain)}. Try both with the same seeds."
        )
    differences = [other[seed] - plain[seed] for seed in seeds]
    return AblationEffect(
        changed.title,
        float(np.mean(differences)),
        mean_interval(differences) if len(seeds) > 1 else None,
        mean_test(differences) if len(seeds) > 1 else 1.0,
        _shortest(changed) / _shortest(base),
        len(seeds),
    )


def _shortest(group: RepeatedRuns) -> float:
    """Seconds of the training that was disturbed least: whatever else a machine does adds time."""
    return min(run.outcome.seconds for run in group.runs)


def _by_seed(group: RepeatedRuns) -> dict[int, float]:
    return {
        run.seed: accuracy for run, accuracy in zip(group.runs, group.accuracy.values, strict=True)
    }


def effect_table(found: Sequence[AblationEffect]) -> pd.DataFrame:
    """Return what each change does, a row each; differences of accuracy are fractions."""
    rows = [
        {
            "Change": each.title,
            "Difference": each.difference,
            "95% from": each.interval.low if each.interval else None,
            "95% to": each.interval.high if each.interval else None,
            "p-value": each.p_value,
            "Times as long": each.slowdown,
        }
        for each in found
    ]
    return pd.DataFrame(rows)
