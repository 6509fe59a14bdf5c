"""Who takes part, under which conditions, and where results come from."""

from __future__ import annotations

from collections.abc import Sequence

from handwriting.classical import RIVALS
from handwriting.contest import Result
from handwriting.datasets import Dataset
from handwriting.entrants import Entrant, Terms
from handwriting.wording.numbers import counted, listed, plain
from handwriting.wording.provenance import machine, period

__all__ = ["conditions", "origins", "sources"]


def sources(results: Sequence[Result]) -> str:
    """Return the works that describe the rivals as a list in Markdown, each with its rivals."""
    entered = {result.entrant.name for result in results}
    works: dict[str, list[str]] = {}
    for rival in RIVALS:
        if rival.name in entered and rival.source:
            classifier = type(rival.steps[-1]).__name__
            works.setdefault(rival.source, []).append(f"{plain(rival.title)} (`{classifier}`)")
    lines = (f"- {', '.join(titles)}: {plain(work)}." for work, titles in works.items())
    return "\n".join(("Where each rival is described, with scikit-learn's name for it:\n", *lines))


def conditions(data: Dataset, terms: Terms) -> str:
    """Return sentences on what each entrant learns from, what it reads, and on which machine."""
    learned, cores = terms.images(data), terms.machine.get("cores")
    parts = [str(terms.machine.get(name, "")) for name in ("processor", "system")]
    if cores:
        parts.insert(1, counted(int(str(cores)), "core"))
    linux = str(terms.machine.get("system", "Linux")).startswith("Linux")
    where = plain(", ".join(part for part in parts if part)) or "an unnamed machine"
    return (
        f"Each entrant learns from the same **{counted(learned, 'image')}** of "
        f"{plain(data.title)} and reads the same **{counted(len(data.test), 'test image')}**, with "
        f"at most {counted(terms.threads, 'thread')}"
        f"{'' if linux else ' (TensorFlow takes as many as it likes on this system)'}. "
        f"Machine: {where}."
    )


def origins(results: Sequence[Result], others: Sequence[Entrant] = ()) -> str:
    """Return sentences on which results were measured now, at another time, and not at all.

    Args:
        results: of the contest and, of rivals that it left out, those that were kept.
        others: the rivals that it left out.
    """
    now = [result for result in results if result.origin == "now"]
    cached = [result for result in results if result.origin == "cache"]
    kept = [result for result in results if result.origin == "kept"]
    sentences = [f"Measured for this report: {counted(len(now), 'entrant')}."]
    if cached:
        sentences.append(
            f"From this machine's cache: {len(cached)}, measured {_period(cached)} with the same "
            "data, settings, versions and source."
        )
    if kept:
        sentences.append(
            f"Kept with the project, hollow in the figures: {len(kept)}, measured {_period(kept)} "
            f"on {listed(sorted({machine(result.circumstances) for result in kept}))}. On another "
            "machine their times would be others."
        )
    known = {result.entrant.name for result in results}
    if missing := [entrant.title for entrant in others if entrant.name not in known]:
        sentences.append(f"Not measured on these data and settings: {listed(missing)}.")
    return " ".join(sentences)


def _period(results: Sequence[Result]) -> str:
    return period([result.moment for result in results])
