"""A comparison's values in words, as the page and the Markdown print them."""

import math
from collections.abc import Iterator
from typing import Any

from notebook_press.comparing.comparison import (
    Comparison,
    Difference,
    Made,
    ReportChanges,
    Result,
)
from notebook_press.comparing.figures import FigureChange
from notebook_press.comparing.texts import TextChange
from notebook_press.messages import in_one_line, shown
from notebook_press.rendering.composition import date_in_words, when

NONE = "\N{EN DASH}"
SHORT_DIGEST = 12
PARTS = {
    "answer": "The answer",
    "notice": "The notice",
    "code": "Code",
    "prose": "Prose",
    "output": "Output",
}
_HOW = {"came": "new", "went": "gone", "changed": "changed"}
Row = tuple[str, str, str]
"""A name, and a value before and after."""


def verdict(comparison: Comparison) -> str:
    """Return in one sentence how many of the reports differ."""
    count, differing = len(comparison.reports), comparison.differing
    if not count:
        return "The two have no report in common."
    both = "the report" if count == 1 else f"the {count:,} reports that both have"
    if differing:
        which = "The report" if count == 1 else f"{differing:,} of {both}"
        return f"{which} differ{'s' if differing == 1 else ''} in what is shown."
    if any(each.was_made_otherwise for each in comparison.reports):
        return (
            f"Nothing differs in what {both} show{'s' if count == 1 else ''}, only in the making."
        )
    return f"Nothing differs in {both}."


def number(value: float | None) -> str:
    """Return a number as `--fail-on` reads it, with six digits that count."""
    return NONE if value is None else f"{value:.6g}"


def moved_by(result: Result) -> str:
    """Return by how much a result moved, and which part of it that is."""
    if result.change is None:
        return _HOW[result.how]
    if result.how == "same":
        return "0"
    share = result.change / abs(result.before) if result.before else math.inf
    relative = f" ({share:+.2%})" if abs(share) < 10 else ""
    return f"{result.change:+.6g}{relative}"


def interval(result: Result) -> str:
    """Return whether a result moved within the recorded interval."""
    if result.low is None:
        return NONE
    return f"{result.interval} {number(result.low)} to {number(result.high)}"


def rows(differences: tuple[Difference, ...], kind: str) -> Iterator[Row]:
    """Yield the differences of a kind (`parameters`, `data`, or others) with values in words."""
    for each in differences:
        before = NONE if each.how == "came" else _value(each.before, kind)
        yield (
            in_one_line(each.name),
            before,
            NONE if each.how == "went" else _value(each.after, kind),
        )


def _value(value: Any, kind: str) -> str:
    if kind == "parameters":
        return shown(value)
    return in_one_line(value)[:SHORT_DIGEST] if kind == "data" else in_one_line(value)


def making(report: ReportChanges) -> list[Row]:
    """Return what differs in a report's making: run, commit, date, time, versions, machine."""
    pairs = zip(_made(report.before), _made(report.after), strict=True)
    told = [(name, before, after) for (name, before), (_, after) in pairs if before != after]
    return [*told, *rows(report.machine, "machine"), *rows(report.versions, "versions")]


def _made(made: Made) -> list[tuple[str, str]]:
    return [
        ("run", made.run),
        ("commit", in_one_line(made.commit or NONE)),
        ("date", date_in_words(when(made.finished))),
        ("time", f"{made.seconds:,.1f} s"),
    ]


def heading(change: TextChange | FigureChange, part: str) -> str:
    """Return what a change is of and where: `Code of cell 3, was cell 2`, `… of cell 4, new`."""
    if change.before is None and change.after is None:
        return part
    place = change.after if change.after is not None else change.before
    was_elsewhere = change.how == "changed" and change.before != change.after
    how = f"was cell {change.before}" if was_elsewhere else _HOW[change.how]
    return f"{part} of cell {place}{'' if how == 'changed' else f', {how}'}"


def left_out(change: TextChange) -> str:
    """Return how many lines are not shown, as a sentence; nothing where all are."""
    return f"{change.left_out:,} more lines are left out." if change.left_out else ""
