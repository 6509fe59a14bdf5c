"""A comparison as Markdown that fits a comment on GitHub; nothing of others is markup in it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from notebook_press.comparing import words
from notebook_press.comparing.comparison import Comparison, ReportChanges
from notebook_press.messages import in_one_line

LONGEST = 65_536  # characters that a comment may have
_ROOM_FOR_THE_END = 400
_LONGEST_CODE = 120
_MOST_NAMES = 50
_TICKS = re.compile("`+")


def render_markdown(comparison: Comparison) -> str:
    """Return the Markdown of a comparison, which is never too long and says what is left out."""
    room, missing, pieces = LONGEST - _ROOM_FOR_THE_END, 0, []
    for piece in _pieces(comparison):
        if len(piece) + 2 <= room:
            pieces.append(piece)
            room -= len(piece) + 2
        else:
            missing += 1
    if missing:
        pieces.append(f"*{missing:,} parts of this comparison are left out: it is too long here.*")
    return "\n\n".join(pieces) + "\n"


def _pieces(comparison: Comparison) -> Iterator[str]:
    """The parts that may be left out one by one: what matters most of all reports comes first."""
    yield f"### What changed: {code(comparison.before)} → {code(comparison.after)}"
    yield words.verdict(comparison)
    for side, names in (("before", comparison.only_before), ("after", comparison.only_after)):
        if names:
            more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
            yield f"Only {side}: {', '.join(map(code, names[:_MOST_NAMES]))}{more}."
    reports = comparison.reports
    if len(reports) > 1:
        kinds = reports[0].counts
        yield _table(
            ["", *(kind.capitalize() for kind in kinds)],
            (
                [code(r.name), *(f"{n:,}" if n else words.NONE for n in r.counts.values())]
                for r in reports
            ),
        )
    for report in reports:
        yield from _numbers(report)
    for report in reports:
        yield from _texts(report)


def _numbers(report: ReportChanges) -> Iterator[str]:
    parts = [*map("Note: {}.".format, report.notes)]
    if report.parameters:
        parts.append(_before_and_after("Parameter", words.rows(report.parameters, "parameters")))
    if report.moved_results:
        rows = (
            [
                code(r.name),
                *map(words.number, (r.before, r.after)),
                words.moved_by(r),
                words.interval(r),
            ]
            for r in report.moved_results
        )
        parts.append(_table(["Result", "Before", "After", "Moved by", "Interval"], rows))
        if same := len(report.results) - len(report.moved_results):
            parts.append(f"{same:,} other results are the same.")
    if report.data:
        parts.append(_before_and_after("Data", words.rows(report.data, "data")))
    for change in report.figures:
        where = f": {change.where}" if change.where else ""
        parts.append(f"- {words.heading(change, 'Figure')} ({code(change.title)}){where}")
    if parts:
        yield f"#### {code(report.name)}"
        yield from parts


def _texts(report: ReportChanges) -> Iterator[str]:
    for change in report.texts:
        place = f"{code(report.name)}: {words.heading(change, words.PARTS[change.part])}"
        yield f"{place}\n\n{_fenced(change.lines)}\n{words.left_out(change)}".rstrip()
    making = words.making(report)
    if report.was_made_otherwise:
        yield f"How {code(report.name)} was made\n\n{_before_and_after('', making)}"
    else:
        (before, after) = (f"{made.seconds:,.1f} s" for made in (report.before, report.after))
        yield f"{code(report.name)} took {before} before and {after} after."
    if report.depends:
        depends = ", ".join(map(code, report.depends))
        yield f"{code(report.name)} depends on these, which differ: {depends}."


def _before_and_after(what: str, rows: Iterable[words.Row]) -> str:
    return _table([what, "Before", "After"], (map(code, row) for row in rows))


def _table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str) -> str:
    """Return a text as code in one line, which no reader of Markdown takes for anything else.

    Neither names of people, numbers of issues nor addresses become links in code.
    """
    line = in_one_line(text)
    line = line if len(line) <= _LONGEST_CODE else f"{line[: _LONGEST_CODE - 1]}…"
    if line in ("", words.NONE):
        return words.NONE
    if "|" in line or "`" in line:  # no mark of code is safe in each cell of a table
        return f"<code>{''.join(map(_entity, line))}</code>"
    return f"`{line}`"


def _entity(letter: str) -> str:
    return letter if letter.isalnum() or letter == " " else f"&#{ord(letter)};"


def _fenced(lines: Sequence[str]) -> str:
    """The lines of a difference as a block that none of them can end."""
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}diff", *lines, fence])
