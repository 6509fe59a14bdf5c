"""A comparison told as it was asked for, and whether results moved further than they may."""

from collections.abc import Sequence
from pathlib import Path

import click

from notebook_press.comparing.comparison import Comparison, compare
from notebook_press.comparing.words import verdict
from notebook_press.errors import ExpectationError, UsageError, publishing_errors
from notebook_press.expectations import Expectation
from notebook_press.messages import escaped, listed, shown

PAGE = Path("compare.html")


def tell(
    before: Path, after: Path, form: str, output: Path | None, bounds: Sequence[Expectation]
) -> None:
    """Compare two sides and write what differs.

    Args:
        before: The folder of a run, a reports folder, or a file of a report.
        after: The same for the other side.
        form: What is written: `html`, `md` or `json`.
        output: The file; without it `compare.html` for a page, and the terminal for the others.
        bounds: What no result may have moved by.

    Raises:
        UsageError: There is nothing to be compared, or no such result.
        PublishingError: The file can't be written.
        ExpectationError: A result moved as a bound refuses; all is written.
    """
    from notebook_press.comparing.forms import render_markdown, render_page  # slow to import

    found = compare(before, after)
    refused = beyond_bounds(bounds, found)
    if form == "json":
        written = found.document(refused)
    elif form == "md":
        written = render_markdown(found).encode()
    else:
        written, output = render_page(found).encode(), output or PAGE
    if output is None:
        click.echo(written, nl=False)
    else:
        with publishing_errors(output):
            output.write_bytes(written)
        click.echo(f"{escaped(output)}: {verdict(found)}")
    if refused:
        raise ExpectationError("; ".join(refused))


def beyond_bounds(bounds: Sequence[Expectation], comparison: Comparison) -> list[str]:
    """Return which results moved as a bound refuses, in words.

    Args:
        bounds: Bounds on what was added to a result; one that holds is refused.
        comparison: What moved.

    Raises:
        UsageError: A bound is on a result that not both sides recorded.
    """
    refused: list[str] = []
    recorded = [(report, result) for report in comparison.reports for result in report.results]
    known = [f"{r.report}.{each.name}" for r, each in recorded if each.change is not None]
    for bound in bounds:
        found = [
            (report, result)
            for report, result in recorded
            if result.name == bound.result and bound.report in (None, report.report)
        ]
        if not found or any(result.change is None for _, result in found):
            raise UsageError(
                f"--fail-on {shown(bound.text, in_ascii=True)}: expected a result that both sides "
                f"recorded; both recorded {listed(sorted({*known})) or 'no results at all'}"
            )
        refused += [
            f"{report.name}.{result.name} moved by {result.change:+.6g}, from {result.before:.6g} "
            f"to {result.after:.6g}, which --fail-on {shown(bound.text)} refuses"
            for report, result in found
            if bound.holds(result.change or 0)
        ]
    return refused
