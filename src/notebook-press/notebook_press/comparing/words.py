"""A comparison's values in words, as the templates of its page and of its Markdown print them."""

import math
from collections.abc import Callable, Iterator, Sequence

from notebook_press.comparing.comparison import Comparison, Difference, ReportChanges, Result
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
_HOW = {"came": "new", "went": "gone"}
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
    if not result.change:
        return _HOW.get(result.how, "0")
    share = result.change / abs(result.before) if result.before else math.inf
    relative = f" ({share:+.2%})" if abs(share) < 10 else ""
    return f"{result.change:+.6g}{relative}"


def interval(result: Result) -> str:
    """Return whether a result moved within the recorded interval."""
    if result.low is None:
        return NONE
    return f"{result.interval} {number(result.low)} to {number(result.high)}"


def parameters(report: ReportChanges) -> Iterator[Row]:
    """Yield the parameters that differ, with their values as code."""
    return _rows(report.parameters, shown)


def data(report: ReportChanges) -> Iterator[Row]:
    """Yield the input files that differ, with the beginnings of their digests."""
    return _rows(report.data, lambda digest: in_one_line(digest)[:SHORT_DIGEST])


def making(report: ReportChanges) -> list[Row]:
    """Return what differs in a report's making: run, commit, date, time, machine, versions."""
    sides = [
        {
            "run": made["run"],
            "commit": in_one_line(made["commit"] or NONE),
            "date": date_in_words(when(made["finished"])),
            "time": f"{made['seconds']:,.1f} s",
        }
        for made in (report.before, report.after)
    ]
    told = [(name, *(side[name] for side in sides)) for name in sides[0]]
    rows = [row for row in told if row[1] != row[2]]
    return [*rows, *_rows((*report.machine, *report.versions), in_one_line)]


def _rows(differences: Sequence[Difference], show: Callable[[object], str]) -> Iterator[Row]:
    for each in differences:
        before = NONE if each.how == "came" else show(each.before)
        yield in_one_line(each.name), before, NONE if each.how == "went" else show(each.after)


def heading(change: TextChange | FigureChange, part: str) -> str:
    """Return what a change is of and where: `Code of cell 3, was cell 2`, `… of cell 4, new`."""
    place = change.before if change.after is None else change.after
    if place is None:
        return part
    is_elsewhere = change.how == "changed" and change.before != change.after
    told = f"was cell {change.before}" if is_elsewhere else _HOW.get(change.how)
    return f"{part} of cell {place}{f', {told}' if told else ''}"
