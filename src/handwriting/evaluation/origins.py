"""When and on what results came about that a report shows together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from handwriting.baselines.benchmark import Result
from handwriting.models.training_runs import Run
from handwriting.results.store import Remembered

Sourced = Result | Run | Remembered[Any]
"""What came about at some moment on some machine, and is made now, from the cache, or kept."""


@dataclass(frozen=True)
class Group:
    """Results of one origin.

    Attributes:
        count: how many there are.
        period: when they came about: `on 25 November 2026, from 17:49 to 19:53 UTC`; empty of none.
        machines: what they came about on, such as `AMD EPYC, 2 cores`.
    """

    count: int
    period: str
    machines: tuple[str, ...]


def of(results: Sequence[Sourced]) -> tuple[Group, Group, Group]:
    """Return those made for this report, those from this machine's cache, and those kept."""
    now, cache, kept = (
        _group([each for each in results if each.origin == origin])
        for origin in ("now", "cache", "kept")
    )
    return now, cache, kept


def _group(results: Sequence[Sourced]) -> Group:
    machines = sorted({machine(each.environment) for each in results})
    return Group(len(results), period(results), tuple(machines))


def period(results: Sequence[Sourced]) -> str:
    """Return when results came about, as `Group` has it."""
    moments = sorted(map(_moment, results))
    if not moments:
        return ""
    (first, begun), (last, ended) = (
        (f"{each:%-d %B %Y}", f"{each:%H:%M}") for each in (moments[0], moments[-1])
    )
    if first != last:
        return f"from {first}, {begun}, to {last}, {ended} UTC"
    if begun != ended:
        return f"on {first}, from {begun} to {ended} UTC"
    return f"on {first}, at {begun} UTC"


def _moment(result: Sourced) -> datetime:
    return datetime.fromisoformat(result.moment).astimezone(UTC)


def machine(environment: Mapping[str, str], *, system: bool = False) -> str:
    """Return what a result came about on, such as `AMD EPYC, 2 cores`.

    Args:
        environment: as `store.environment` returns them.
        system: whether its system is told, too.
    """
    processor, cores, named = (
        environment.get(f"machine: {name}") for name in ("processor", "cores", "system")
    )
    counted = cores and f"{cores} core{'' if cores == '1' else 's'}"
    parts = (processor, counted, named if system else None)
    return ", ".join(part for part in parts if part) or "an unnamed machine"


def described(result: Sourced) -> str:
    """Return when a result came about and, if that was elsewhere, on what, in a table's words."""
    if result.origin == "now":
        return "now"
    when = f"{result.origin}, {_moment(result):%-d %b %Y, %H:%M} UTC"
    return f"{when}, {machine(result.environment)}" if result.origin == "kept" else when
