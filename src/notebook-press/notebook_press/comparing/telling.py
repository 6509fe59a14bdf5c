"""A comparison told as it was asked for: a page, Markdown or JSON, in a file or in the terminal."""

from collections.abc import Sequence
from pathlib import Path

import click

from notebook_press.comparing.bounds import beyond_bounds
from notebook_press.comparing.comparison import compare
from notebook_press.comparing.words import verdict
from notebook_press.errors import ExpectationError, publishing_errors
from notebook_press.messages import escaped
from notebook_press.plan import Expectation

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
    found = compare(before, after)
    refused = beyond_bounds(bounds, found)
    if form == "json":
        written = found.document(refused)
    elif form == "md":
        from notebook_press.comparing.markdown import render_markdown

        written = render_markdown(found).encode()
    else:
        from notebook_press.comparing.page import render_page

        written, output = render_page(found).encode(), output or PAGE
    if output is None:
        click.echo(written, nl=False)
    else:
        with publishing_errors(output):
            output.write_bytes(written)
        click.echo(f"{escaped(output)}: {verdict(found)}")
    if refused:
        raise ExpectationError("; ".join(refused))
