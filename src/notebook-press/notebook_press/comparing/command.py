"""The command that compares: arguments only."""

from pathlib import Path

import click


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--to", "form", type=click.Choice(["html", "md"]), default="html", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write; without it compare.html, or the terminal for md and JSON.",
)
@click.option(
    "--fail-on",
    multiple=True,
    help="A change of a result that ends with 6: '02_network.test_accuracy<-0.002'.",
)
def compare(
    before: Path,
    after: Path,
    form: str,
    as_json: bool,
    output: Path | None,
    fail_on: tuple[str, ...],
) -> None:
    """Tell what changed between two sets of reports.

    BEFORE and AFTER are two runs' folders, two reports folders or two reports.
    """
    from notebook_press.comparing.telling import tell
    from notebook_press.expectations import parse_expectation

    bounds = tuple(parse_expectation(text, "--fail-on") for text in fail_on)
    tell(before, after, "json" if as_json else form, output, bounds)
