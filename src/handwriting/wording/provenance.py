"""When and on what a result came about."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from handwriting.figures.phrases import counted, listed


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
        """As `measured.environment` returns them."""


def origins(results: Sequence[Sourced], noun: str, done: str, missing: Sequence[str] = ()) -> str:
    """Return sentences on which results came about now, at another time, and not at all.

    Args:
        results: all that a report shows; what was kept is hollow in its figures.
        noun: what one of them is about, such as `network`.
        done: what was done to it, such as `trained`.
        missing: the titles of what the report leaves out.
    """
    now, cached, kept = (
        [each for each in results if each.origin == origin] for origin in ("now", "cache", "kept")
    )
    sentences = [f"{done.capitalize()} for this report: {counted(len(now), noun)}."]
    if cached:
        sentences.append(
            f"From this machine's cache: {len(cached)}, {done} {_period(cached)} with the same "
            "data, settings, versions and source."
        )
    if kept:
        where = listed(sorted({machine(each.environment) for each in kept}))
        sentences.append(
            f"Kept with the project, hollow in the figures: {len(kept)}, {done} {_period(kept)} on "
            f"{where}. On another machine their times would be others."
        )
    if missing:
        sentences.append(f"Not {done} on these data and settings: {listed(missing)}.")
    return " ".join(sentences)


def _period(results: Sequence[Sourced]) -> str:
    return period([each.moment for each in results])


def machine(environment: Mapping[str, str]) -> str:
    """Return what a result was measured on, such as `AMD EPYC, 2 cores`.

    Args:
        environment: as `measured.environment` returns them.
    """
    known = {
        name.removeprefix("machine: "): value
        for name, value in environment.items()
        if name.startswith("machine: ")
    }
    cores = known.get("cores")
    parts = [known.get("processor"), cores and counted(int(cores), "core")]
    return ", ".join(part for part in parts if part) or "an unnamed machine"


def date(moment: str) -> str:
    """Return an ISO 8601 moment as a date with its time, in UTC: `5 Nov 2026, 04:05 UTC`."""
    found = _utc(moment)
    return f"{found.day} {found:%b %Y, %H:%M} UTC"


def period(moments: Sequence[str]) -> str:
    """Return when results were measured, from the first to the last of ISO 8601 moments."""
    first, last = _utc(min(moments)), _utc(max(moments))
    start, end = (f"{each.day} {each:%B %Y}" for each in (first, last))
    if start != end:
        return f"from {start}, {first:%H:%M}, to {end}, {last:%H:%M} UTC,"
    if f"{first:%H:%M}" == f"{last:%H:%M}":
        return f"on {start}, at {first:%H:%M} UTC,"
    return f"on {start}, from {first:%H:%M} to {last:%H:%M} UTC,"


def _utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)
