"""What a sweep found: its settings, which is the best, and which are not told apart from it."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from notebook_press.sweeping.results import Objective, PointOutcome, Sweep
from notebook_press.sweeping.statistics import FEWEST, Mean, holm, mean_of, paired, student

LEVEL = 0.05
"""Below it, adjusted, a p-value tells two settings apart."""


def written(value: Any) -> str:
    """Return a parameter's value as a page writes it, which no other value of it shares."""
    if isinstance(value, list | dict):
        return json.dumps(value)
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def in_words(values: Mapping[str, Any]) -> str:
    """Return the values of parameters in one line."""
    return ", ".join(f"{name} = {written(value)}" for name, value in values.items())


@dataclass(frozen=True)
class Setting:
    """The runs of one setting.

    Attributes:
        values: The value of each parameter that is varied.
        runs: What came of its runs, by their values of what is repeated, in words.
    """

    values: Mapping[str, Any]
    runs: Mapping[str, PointOutcome] = field(compare=False)

    def of(self, result: str) -> dict[str, float]:
        """Return a result by what is repeated, of the runs that recorded it."""
        found = {name: run.results.get(result) for name, run in self.runs.items()}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def seconds(self) -> float | None:
        """How long its runs took, on average; None where none has run."""
        known = [run.seconds for run in self.runs.values() if run.seconds is not None]
        return statistics.fmean(known) if known else None


@dataclass(frozen=True)
class Rival:
    """A setting beside the best one, and the adjusted p-value of their difference, if any."""

    setting: Setting
    p: float | None


@dataclass(frozen=True)
class Findings:
    """What a sweep found.

    Attributes:
        sweep: What it was asked for.
        outcomes: What came of each point.
        shares: Whether two repeats of a setting are said to share what was measured.
    """

    sweep: Sweep
    outcomes: Sequence[PointOutcome]
    shares: bool = False

    @cached_property
    def settings(self) -> list[Setting]:
        """The settings, in the order of the points."""
        found: dict[str, Setting] = {}
        for outcome in self.outcomes:
            values = self.sweep.setting(outcome.point)
            setting = found.setdefault(in_words(values), Setting(values, {}))
            repeat = {name: outcome.point.values[name] for name in self.sweep.repeated}
            setting.runs[in_words(repeat)] = outcome  # type: ignore[index]  # still being made
        return list(found.values())

    @cached_property
    def results(self) -> list[str]:
        """The names of all results: first what is chosen by, then the others as recorded."""
        recorded = dict.fromkeys(name for each in self.outcomes for name in each.results)
        objective = self.sweep.objective
        first = [objective.result] if objective and objective.result in recorded else []
        return list(dict.fromkeys([*first, *recorded]))

    @cached_property
    def still(self) -> list[str]:
        """The results that are the same in all runs."""
        return [name for name in self.results if len({*self._values(name)}) == 1]

    @cached_property
    def copies(self) -> dict[str, list[str]]:
        """The results that in each run equal an earlier one, by its name."""
        found: dict[tuple[float | None, ...], list[str]] = {}
        for name in self.results:
            if name not in self.still:
                found.setdefault(self._values(name), []).append(name)
        return {first: others for first, *others in found.values()}

    @property
    def moving(self) -> list[str]:
        """The results that differ between runs, without copies of others."""
        return [*self.copies]

    @property
    def main(self) -> str | None:
        """The result that is shown first: what is chosen by, or the first recorded."""
        return self.results[0] if self.results else None

    @cached_property
    def repeats_nothing(self) -> bool:
        """Whether repeats of a setting all gave the same main result, so that none is a repeat."""
        found = [set(each.of(self.main or "").values()) for each in self.settings]
        repeated = [len(each.of(self.main or "")) > 1 for each in self.settings]
        return any(repeated) and all(len(values) <= 1 for values in found)

    @property
    def independent(self) -> bool:
        """Whether repeats are taken to be independent of each other."""
        return not self.shares and not self.repeats_nothing

    def mean(self, setting: Setting, result: str) -> Mean | None:
        """Return the mean of a result over the repeats of a setting, if it has any."""
        values = list(setting.of(result).values())
        return mean_of(values, independent=self.independent) if values else None

    @cached_property
    def compared(self) -> list[Setting]:
        """The settings that have the objective in all of their runs; if none does, in any."""
        if self.sweep.objective is None:
            return []
        result = self.sweep.objective.result
        whole = [each for each in self.settings if len(each.of(result)) == len(each.runs)]
        return whole or [each for each in self.settings if each.of(result)]

    @cached_property
    def ranked(self) -> list[Setting]:
        """The compared settings, the best first; of equals the first of the grid."""
        objective = self.sweep.objective
        if objective is None:
            return []
        means = {id(s): statistics.fmean(s.of(objective.result).values()) for s in self.compared}
        return sorted(self.compared, key=lambda s: means[id(s)], reverse=objective.largest)

    @cached_property
    def best(self) -> Setting | None:
        """The best setting; None where nothing is chosen by, or nothing recorded it."""
        return self.ranked[0] if self.ranked else None

    @cached_property
    def rivals(self) -> list[Rival]:
        """The other compared settings, the better first, each beside the best one."""
        if self.best is None or self.sweep.objective is None:
            return []
        result, others = self.sweep.objective.result, self.ranked[1:]
        ours = self.best.of(result)
        found = []
        for each in others:
            theirs = each.of(result)
            both = [name for name in ours if name in theirs]
            pair = ([ours[name] for name in both], [theirs[name] for name in both])
            found.append(paired(*pair) if self.independent else None)
        if any(p is None for p in found):
            return [Rival(each, None) for each in others]
        adjusted = holm([p for p in found if p is not None])
        return [Rival(each, p) for each, p in zip(others, adjusted, strict=True)]

    @property
    def tests(self) -> list[str]:
        """The results of test data that go with what is chosen by, which is none of them."""
        if self.sweep.objective is None or self.sweep.objective.is_of_test_data:
            return []
        chosen = self.sweep.objective.result
        of_test = [name for name in self.results if Objective(name).is_of_test_data]
        alike = [name for name in of_test if name == chosen.replace("validation", "test")]
        return alike or of_test[:1]

    @property
    def seconds(self) -> float:
        """How long all runs took together."""
        return sum(each.seconds or 0.0 for each in self.outcomes)

    @property
    def why_no_claim(self) -> str:
        """Why nothing is said of which settings differ; empty where it is said."""
        repeats = min((len(each.runs) for each in self.settings), default=0)
        if self.shares:
            return "the repeats share what they were measured on, and so are not independent"
        if self.repeats_nothing:
            return "the repeats of each setting came out the same, so that none of them repeats it"
        if repeats < FEWEST:
            return f"that takes {FEWEST} repeats of each, and there {_are(repeats)}"
        if student() is None:
            return "that takes scipy, which `notebook-press[sweeps]` brings"
        return "" if all(each.p is not None for each in self.rivals) else "runs are missing"

    def _values(self, name: str) -> tuple[float | None, ...]:
        return tuple(each.results.get(name) for each in self.outcomes if each.results)


def _are(repeats: int) -> str:
    return "is one" if repeats == 1 else f"are {repeats}"
