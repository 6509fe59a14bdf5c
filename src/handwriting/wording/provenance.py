"""When and on what a result came about."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from handwriting.wording.numbers import counted

__all__ = ["date", "machine", "period"]


def machine(circumstances: Mapping[str, str]) -> str:
    """Return what a result was measured on, such as `AMD EPYC, 2 cores`.

    Args:
        circumstances: as `measured.circumstances` returns them.
    """
    known = {
        name.removeprefix("machine: "): value
        for name, value in circumstances.items()
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
