"""When and on what results came about that a report shows together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Sourced(Protocol):
    """What is known of where a result comes from."""

    @property
    def origin(self) -> str:
        """`now`, `cache` or `kept`."""

    @property
    def moment(self) -> str:
        """When it came about, ISO 8601."""

    @property
    def environment(self) -> Mapping[str, str]:
        """As `source.environment` returns them."""


@dataclass(frozen=True)
class Group:
    """Results of one origin.

    Attributes:
        count: how many there are.
        first: when the first of them came about, in UTC; None where there is none.
        last: likewise the last.
        machines: what they came about on, such as `AMD EPYC, 2 cores`.
    """

    count: int
    first: datetime | None
    last: datetime | None
    machines: tuple[str, ...]

    @property
    def period(self) -> str:
        """When they came about: `on 25 November 2026, from 17:49 to 19:53 UTC`; empty of none."""
        if self.first is None or self.last is None:
            return ""
        first, last = f"{self.first:%-d %B %Y}", f"{self.last:%-d %B %Y}"
        begun, ended = f"{self.first:%H:%M}", f"{self.last:%H:%M}"
        if first != last:
            return f"from {first}, {begun}, to {last}, {ended} UTC"
        if begun != ended:
            return f"on {first}, from {begun} to {ended} UTC"
        return f"on {first}, at {begun} UTC"


@dataclass(frozen=True)
class Origins:
    """Which results were made for this report, came from this machine's cache, or were kept."""

    now: Group
    cache: Group
    kept: Group


def of(results: Sequence[Sourced]) -> Origins:
    """Return where results come from."""
    now, cache, kept = (
        _group([each for each in results if each.origin == origin])
        for origin in ("now", "cache", "kept")
    )
    return Origins(now, cache, kept)


def _group(results: Sequence[Sourced]) -> Group:
    moments = [moment(each) for each in results]
    machines = sorted({machine(each.environment) for each in results})
    return Group(
        len(results), min(moments, default=None), max(moments, default=None), tuple(machines)
    )


def moment(result: Sourced) -> datetime:
    """Return when a result came about, in UTC."""
    return datetime.fromisoformat(result.moment).astimezone(UTC)


def machine(environment: Mapping[str, str], *, system: bool = False) -> str:
    """Return what a result came about on, such as `AMD EPYC, 2 cores`.

    Args:
        environment: as `source.environment` returns them.
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
    when = f"{result.origin}, {moment(result):%-d %b %Y, %H:%M} UTC"
    return f"{when}, {machine(result.environment)}" if result.origin == "kept" else when
