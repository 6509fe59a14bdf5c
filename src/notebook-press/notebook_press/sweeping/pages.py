"""The page of a sweep: what was found, in figures, in a table, and for a reader to turn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from notebook_press.errors import publishing_errors, rendering_errors
from notebook_press.publishing.files import write_file
from notebook_press.publishing.manifest import CARD, SweepCard
from notebook_press.rendering.checks import check_html, check_pdf
from notebook_press.rendering.html import render_html
from notebook_press.rendering.page import Block, Figure, Image, Page, Prose, Table
from notebook_press.rendering.paper.pdf import render_pdf
from notebook_press.rendering.prose.words import UNTYPESET, with_words
from notebook_press.rendering.sanitising import printable
from notebook_press.sweeping import charts, saying
from notebook_press.sweeping.drawing import is_number
from notebook_press.sweeping.figures import Kept, read_kept
from notebook_press.sweeping.findings import Findings, written
from notebook_press.sweeping.results import PointOutcome, Sweep
from notebook_press.sweeping.turning import number, packed, turning

LARGEST = 5_000_000
"""The most bytes of a page; beyond it the figures of fewer runs are shown."""
MOST_ON_PAPER = 200
"""The most rows of a table on paper."""
MOST_COLUMNS = 7
"""The most columns of a table on paper."""


def write_pages(folder: Path, sweep: Sweep, outcomes: Sequence[PointOutcome]) -> None:
    """Write the page of a sweep, as HTML and as PDF, each whole at every moment.

    Args:
        folder: The folder of the sweep.
        sweep: What was asked for.
        outcomes: What came of each point.

    Raises:
        RenderingError: A page can't be made.
        PublishingError: A page can't be written.
    """
    kept = {
        each.point.name: read_kept(folder / each.point.name / f"{sweep.report}.ipynb")
        for each in outcomes
        if each.finished
    }
    findings = Findings(sweep, outcomes, _shares(sweep, outcomes, kept))
    with rendering_errors(f"the page of the sweep {sweep.name}"):
        pages = {**render(findings, kept), CARD: _card(findings).content()}
    with publishing_errors(folder):
        for name, content in pages.items():
            write_file(folder, folder / name, content)


def render(findings: Findings, kept: Mapping[str, Kept]) -> dict[str, bytes]:
    """Return the pages of a sweep, by their files' names.

    Args:
        findings: What was found.
        kept: What runs give to the page, by their points' names.

    Raises:
        RenderingError: A page can't be made, or would not be fit to publish.
    """
    html = _html(findings, kept)
    if (over := len(html.encode()) - LARGEST) > 0:
        html = _html(findings, _fewer(findings, kept, over))
    check_html(html)
    pdf = render_pdf(_Pages(findings, kept).page(on_paper=True))
    check_pdf(pdf)
    return {"index.html": html.encode(), "index.pdf": pdf}


def _card(findings: Findings) -> SweepCard:
    """What the index of all reports tells of the sweep."""
    sweep, notices = findings.sweep, [*saying.notices(findings)]
    return SweepCard(
        sweep=sweep.name,
        report=sweep.report,
        title=saying.title(findings),
        answer=saying.answer(findings),
        notice="\n\n".join(notices) or None,
        runs=len(findings.outcomes),
        finished=max((each.finished for each in findings.outcomes), default="") or None,
    )


def _html(findings: Findings, kept: Mapping[str, Kept]) -> str:
    return render_html(_Pages(findings, kept).page(on_paper=False))


def _shares(sweep: Sweep, outcomes: Sequence[PointOutcome], kept: Mapping[str, Kept]) -> bool:
    """Whether two runs of a setting say that they were measured on the same."""
    for setting in Findings(sweep, outcomes).settings:
        seen: set[str] = set()
        for run in setting.runs.values():
            names = kept.get(run.point.name, Kept()).measured_on
            if seen & names:
                return True
            seen |= names
    return False


def _fewer(findings: Findings, kept: Mapping[str, Kept], over: int) -> dict[str, Kept]:
    """The figures of as many runs as there is room for: first those of the better settings."""
    first = [run.point.name for each in findings.ranked for run in each.runs.values()]
    order = [name for name in dict.fromkeys([*first, *kept]) if name in kept]
    sizes: dict[Image, int] = {}
    needed = {}
    for name in order:
        new = {
            each.image: len(packed(each.image))
            for each in kept[name].pictures
            if each.image not in sizes
        }
        sizes |= new
        needed[name] = sum(new.values())
    room = sum(sizes.values()) - over - 10_000
    found = {}
    for name in order:
        room -= needed[name]
        if room < 0:
            break
        found[name] = kept[name]
    return found


@dataclass(frozen=True)
class _Pages:
    """The page at work, for the screen or for paper."""

    findings: Findings
    kept: Mapping[str, Kept]

    def page(self, *, on_paper: bool) -> Page:
        blocks = [*self._blocks(on_paper=on_paper)]
        numbered = [*_numbered(blocks)]
        draft = Page(
            stem=self.findings.sweep.name,
            title=saying.title(self.findings),
            answer=saying.answer(self.findings),
            notices=tuple(saying.notices(self.findings)),
            results=self._results(),
            blocks=tuple(numbered),
            origins=((1, "-"),) * len(numbered),
            key_figure=None,
            provenance=None,
            words=UNTYPESET,
        )
        return with_words(draft, None)

    def _results(self) -> dict[str, float]:
        """The numbers that stand large under the answer."""
        best, objective = self.findings.best, self.findings.sweep.objective
        found: dict[str, float] = {}
        if best and objective:
            for name in [objective.result, *self.findings.tests]:
                if mean := self.findings.mean(best, name):
                    found[name] = mean.value
        return {**found, "runs": len(self.findings.outcomes)}

    def _blocks(self, *, on_paper: bool) -> Iterator[Block]:
        findings = self.findings
        yield Prose(f"## What was found\n\n{saying.found(findings)}")
        if on_paper:  # figures that wait for a page of their own would part the rows
            yield from self._tables(on_paper=True)
            yield self._files()
        if any(each.finished for each in findings.outcomes):
            yield from self._turned(on_paper=on_paper)
            yield from self._charts(on_paper=on_paper)
        if not on_paper:
            yield from self._tables(on_paper=False)
            yield self._files()

    def _files(self) -> Prose:
        return Prose(f"## Where the numbers are\n\n{saying.files(self.findings)}")

    def _turned(self, *, on_paper: bool) -> Iterator[Block]:
        findings, chosen = self.findings, self._chosen()
        if on_paper:
            pictures = self.kept.get(chosen.point.name, Kept()).pictures
            if pictures:
                values = saying.values(chosen.point.values)
                yield Prose(f"## One run\n\nThe figures of the run with {values}.")
            yield from pictures
            return
        finished = [each for each in findings.outcomes if each.finished]
        left_out = ""
        if any(each.point.name not in self.kept for each in finished):
            count = sum(each.point.name in self.kept for each in finished)
            left_out = (
                f"\n\nTo stay below 5 MB, this page holds the figures of {count} of "
                f"{len(finished):,} runs, those of the better settings first; the others' are in "
                "their notebooks."
            )
        yield Prose(f"## Turn the parameters{left_out}")
        yield turning(findings, self.kept, 0, chosen)

    def _chosen(self) -> PointOutcome:
        """The run that is seen first: of the best setting."""
        runs = self.findings.best.runs.values() if self.findings.best else self.findings.outcomes
        return next(each for each in runs if each.finished)

    def _charts(self, *, on_paper: bool) -> Iterator[Block]:
        """The figures, under headings on a screen: on paper they would part from them."""
        findings = self.findings
        numbers = [name for name in findings.moving if charts.measured(findings, name)]
        main = findings.main
        if findings.sweep.varied and numbers:
            yield Prose("## What each parameter does")
            yield from (charts.effects(findings, name) for name in numbers)
        if main and len(findings.sweep.varied) > 1:
            yield from _heading("Parameters in pairs", on_paper)
            yield from charts.pairs(findings, main)
        if main and len(findings.sweep.varied) > 2:
            yield from _heading("All parameters at once", on_paper)
            yield charts.parallel(findings, main)
        if main and (chart := charts.frontier(findings, main)):
            yield from _heading("Result against time", on_paper)
            yield chart

    def _tables(self, *, on_paper: bool) -> Iterator[Block]:
        outcomes = list(enumerate(self.findings.outcomes, start=1))
        failed = [(place, each) for place, each in outcomes if each.state == "failed"]
        if failed:
            yield Prose("## What failed")
            yield self._failed(failed)
        yield Prose("## All runs")
        yield self._runs(outcomes, on_paper=on_paper)

    def _failed(self, failed: Sequence[tuple[int, PointOutcome]]) -> Table:
        names = list(failed[0][1].point.values)
        rows = tuple(
            (str(place), *(written(each.point.values[name]) for name in names), printable(each.why))
            for place, each in failed
        )
        columns = ("Run", *names, "Cell and cause")
        alignments = ("left", *("right" for _ in names), "left")
        return Table(0, "The runs that failed.", columns, alignments, rows)

    def _runs(self, outcomes: Sequence[tuple[int, PointOutcome]], *, on_paper: bool) -> Table:
        sweep, results = self.findings.sweep, self.findings.moving
        given = [*sweep.varied, *sweep.repeated]
        caption = "All runs, in the order of the grid."
        if on_paper:
            results = results[: max(1, MOST_COLUMNS - 2 - len(given))]
            outcomes = outcomes[:MOST_ON_PAPER]
            shown = (
                f"The first {len(outcomes)} runs" if len(outcomes) == MOST_ON_PAPER else "All runs"
            )
            caption = f"{shown}; `results.csv` has all of their numbers."
        columns = {
            "Run": [place for place, _ in outcomes],
            **{name: [each.point.values[name] for _, each in outcomes] for name in given},
            **{name: [each.results.get(name) for _, each in outcomes] for name in results},
            "seconds": [each.seconds for _, each in outcomes],
        }
        if len({each.state == "failed" or not each.finished for _, each in outcomes}) > 1:
            columns["state"] = [each.state for _, each in outcomes]
        rows = zip(
            *([_cell(v, name in given) for v in col] for name, col in columns.items()), strict=True
        )
        return Table(
            0,
            caption,
            tuple(columns),
            tuple("left" if name in ("Run", "state") else "right" for name in columns),
            tuple(rows),
            tuple(_sortable(column) for column in columns.values()),
        )


def _heading(words: str, on_paper: bool) -> Iterator[Block]:
    if not on_paper:
        yield Prose(f"## {words}")


def _cell(value: object, is_given: bool) -> str:
    if value is None and not is_given:
        return "\N{EN DASH}"
    if is_given or not isinstance(value, float):
        return printable(written(value))
    return number(value)


def _sortable(column: Sequence[object]) -> tuple[float | None, ...]:
    known = [value for value in column if value is not None]
    if not known or not all(is_number(value) for value in known):
        return ()
    return tuple(None if value is None else float(value) for value in column)  # type: ignore[arg-type]


def _numbered(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks with figures and tables numbered in their order."""
    figures = tables = 0
    for block in blocks:
        if isinstance(block, Figure):
            figures += 1
            yield replace(block, number=figures)
        elif isinstance(block, Table):
            tables += 1
            yield replace(block, number=tables)
        else:
            yield block
