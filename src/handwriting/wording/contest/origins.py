"""Who takes part, under which conditions, and where results come from."""

from __future__ import annotations

from collections.abc import Sequence

from handwriting.baselines.benchmark import Result
from handwriting.baselines.classifiers import CLASSIFIERS
from handwriting.baselines.measurement import Conditions, Entrant
from handwriting.data.dataset import Dataset
from handwriting.figures.phrases import counted, plain
from handwriting.wording import provenance


def sources(results: Sequence[Result]) -> str:
    """Return the works that describe the rivals as a list in Markdown, each with its rivals."""
    entered = {result.entrant.name for result in results}
    works: dict[str, list[str]] = {}
    for rival in CLASSIFIERS:
        if rival.name in entered and rival.source:
            classifier = type(rival.steps[-1]).__name__
            works.setdefault(rival.source, []).append(f"{plain(rival.title)} (`{classifier}`)")
    lines = (f"- {', '.join(titles)}: {plain(work)}." for work, titles in works.items())
    return "\n".join(("Where each rival is described, with scikit-learn's name for it:\n", *lines))


def conditions(data: Dataset, terms: Conditions) -> str:
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
    known = {result.entrant.name for result in results}
    missing = [entrant.title for entrant in others if entrant.name not in known]
    return provenance.origins(results, "entrant", "measured", missing)
