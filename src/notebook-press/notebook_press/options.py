"""The options that a build and a sweep share, and the request that they make."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from notebook_press.events import Teller
    from notebook_press.request import Request  # slow to import

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--to",
        "formats",
        help="Formats, separated by commas: html, pdf, pptx; without it as the project says.",
    ),
    click.option(
        "-p",
        "parameters",
        nargs=2,
        type=str,
        multiple=True,
        metavar="NAME VALUE",
        help="A parameter's value; repeatable, and stronger than a file's.",
    ),
    click.option(
        "-f",
        "files",
        multiple=True,
        type=click.Path(path_type=Path),
        help="A YAML file of parameters.",
    ),
    click.option("--reports", type=click.Path(path_type=Path), help="The folder to publish in."),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="How many notebooks run side by side; without it as the project says: 1.",
    ),
    click.option("--no-wait", is_flag=True, help="Fail at once if another build is at work."),
    click.option("--timeout", type=float, metavar="SECONDS", help="How long each cell may take."),
    click.option(
        "--run-timeout",
        type=float,
        metavar="SECONDS",
        help="How long each notebook may take as a whole.",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="Fail a notebook that prints a Python warning, that a page can't show whole, or whose "
        "data are at fault.",
    ),
    click.option(
        "--stderr",
        type=click.Choice(["show", "hide"]),
        help="Whether pages show what cells write to stderr; without it as the project says: hide.",
    ),
    click.option(
        "--fresh",
        is_flag=True,
        help="Run again, and tell notebooks that declare `fresh` to use nothing that they kept.",
    ),
    click.option(
        "--threads",
        type=click.IntRange(1),
        metavar="N",
        help="Threads that each run's libraries may use; without it the cores are shared out.",
    ),
    click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Write JSON lines to stdout, one for each thing that happens, and words to stderr.",
    ),
    click.option(
        "--kernel",
        metavar="NAME",
        help="The kernel to run notebooks in, in place of the one that each names.",
    ),
)


def options_of_runs(command: Command) -> Command:
    """Give a command the options of what runs notebooks."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def teller_of(*, as_json: bool) -> "Teller":
    """Return who is told what happens: the terminal, and with `--json` a program at stdout."""
    from notebook_press.console import Terminal, lasting_console, stdout_alone
    from notebook_press.events import JsonLines

    terminal = Terminal(lasting_console(stderr=as_json))
    return JsonLines(stdout_alone(), terminal) if as_json else terminal


def request_of(
    notebooks: Sequence[Path],
    files: Sequence[Path],
    profile: Path | None,
    *,
    formats: str | None,
    parameters: Sequence[tuple[str, str]],
    name: str | None,
    expect: Sequence[str],
    no_wait: bool,
    **options: Any,
) -> "Request":
    """Return what the options ask for."""
    from notebook_press.expectations import parse_expectation
    from notebook_press.parameters import parse_assignments, read_parameter_file, read_profile
    from notebook_press.request import request_for

    given = {}
    for file in files:
        given.update(read_parameter_file(file))
    given.update(parse_assignments(parameters))
    to = None if formats is None else tuple(part.strip() for part in formats.split(","))
    return request_for(
        notebooks,
        formats=to,
        given=given,
        profile=read_profile(profile) if profile else None,
        run=(profile.stem if profile else "default") if name is None else name,
        expectations=tuple(map(parse_expectation, expect)),
        wait=not no_wait,
        **options,
    )
