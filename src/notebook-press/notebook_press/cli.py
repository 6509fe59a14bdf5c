"""The command line: arguments only."""

import contextlib
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notebook_press.comparing.command import compare
from notebook_press.errors import PressError, PublishingError, UsageError, one_line
from notebook_press.options import options_of_runs, request_of, teller_of
from notebook_press.running import signals
from notebook_press.sweeping.command import sweep

if TYPE_CHECKING:
    from notebook_press.events import Teller
    from notebook_press.request import Request  # slow to import

LONGEST_LINE = 2_000


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(package_name="notebook-press")
@click.pass_context
def command(context: click.Context) -> None:
    """Turn parameterised notebooks into reports that a reader can trust."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        raise UsageError("expected a command, found none; write for example notebook-press build")


@command.command()
@click.argument("notebooks", nargs=-1, type=click.Path(path_type=Path))
@options_of_runs
@click.option(
    "--profile",
    type=click.Path(path_type=Path),
    help="A YAML file of parameters by notebook; weaker than -f and -p.",
)
@click.option("--name", help="The run's name; without it the profile's, or default.")
@click.option("--expect", multiple=True, help="A bound on a result: 'test_accuracy>=0.97'.")
@click.option(
    "--watch",
    "watching",
    is_flag=True,
    help="Build again what changes, and serve the reports to this machine, until Ctrl-C.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="With --watch, where to serve; without it a port that is free.",
)
def build(
    notebooks: tuple[Path, ...],
    files: tuple[Path, ...],
    profile: Path | None,
    as_json: bool,
    watching: bool,
    port: int,
    **options: Any,
) -> None:
    """Run notebooks and publish them as reports.

    NOTEBOOKS are files, folders or patterns; without them, those that `notebooks` of
    [tool.notebook-press] names. What has not changed since it was published is left alone.
    """

    def ask() -> "Request":
        return request_of(notebooks, files, profile, **options)

    teller = teller_of(as_json=as_json)
    if watching:
        from notebook_press.starting.watching import watch

        watch(ask, [*files, *([profile] if profile else [])], teller, port)
        return
    _build(ask, teller)


def _build(ask: "Callable[[], Request]", teller: "Teller") -> None:
    """Build what is asked for, and tell GitHub of it where that is who asks."""
    from notebook_press.builds import Failed
    from notebook_press.builds import build as build_reports
    from notebook_press.github import tell_github

    failures, published = list[Failed](), []
    try:
        built = build_reports(ask(), teller)
        failures = list(built.failed)
        failed = {each.report for each in failures}
        published = [each for each in built.reports if each.report not in failed]
        built.checked()
    except PressError as error:
        failures = failures or [Failed("", None, error)]
        raise
    finally:
        for line in tell_github(published, failures):
            click.echo(line, err=True)  # the log has both streams, and JSON lines have stdout


@command.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Begin a project: write its first files.

    These are its settings, a note on its reports, and a workflow for GitHub. What is there is left
    as it is.
    """
    from notebook_press.starting.beginning import begin

    for line in begin(folder):
        click.echo(line)


@command.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a first notebook.

    It has a question, typed parameters, one figure and one answer.
    """
    from notebook_press.starting.beginning import start

    for line in start(name):
        click.echo(line)


@command.command("parameters")
@click.argument("notebook", type=click.Path(path_type=Path))
def show_parameters(notebook: Path) -> None:
    """Print a notebook's parameters.

    Each has a name, a type, a default and what it is for.
    """
    from notebook_press.notebook import read_notebook
    from notebook_press.parameters import describe, read_parameters

    parameters = read_parameters(read_notebook(notebook), str(notebook))
    for line in describe(parameters) or [
        f"{notebook}: no code cell tagged 'parameters' declares any"
    ]:
        click.echo(line)


@command.command()
@click.argument("reports", default="reports", type=click.Path(path_type=Path))
@click.option("--no-wait", is_flag=True, help="Fail at once if a build is at work.")
def check(reports: Path, no_wait: bool) -> None:
    """Compare every published file with its manifest."""
    from notebook_press.console import Terminal, lasting_console
    from notebook_press.making import open_reports, settle
    from notebook_press.publishing.check import check as wrong_in
    from notebook_press.publishing.lock import Waiting, locked

    if not reports.is_dir():
        raise UsageError(f"{reports}: no such folder; give the folder that reports are in")
    published = open_reports(reports)
    waiting = Waiting(None if no_wait else click.echo, lambda: signals.taken() is not None)
    settle(published, waiting, Terminal(lasting_console()))
    with locked(reports, waiting):
        wrong = wrong_in(published)
    for line in wrong:
        click.echo(line)
    if wrong:
        raise PublishingError(f"{len(wrong)} published files are damaged; build the reports again")
    click.echo(f"{reports}: every published file is what its manifest says")


command.add_command(compare)
command.add_command(sweep)


def main() -> None:
    """Run the command line; the last line of a failure names its exit code and its cause."""
    # jsonschema would build the grammar of internationalised addresses for 1.6 s at its import;
    # it is optional there, and no notebook's schema uses it.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    signals.listen()
    try:
        code = _run()
    except KeyboardInterrupt as stopped:  # the signal came while a failure was told
        code = _stopped(stopped)
    signals.finish()
    sys.exit(code)


def _run() -> int:
    """Run the command and return its exit code, having told what went wrong."""
    try:
        command.main(standalone_mode=False)
    except PressError as error:
        return _tell(error.exit_code, error.meaning, error)
    except click.ClickException as error:
        return _tell(UsageError.exit_code, UsageError.meaning, error.format_message())
    except (KeyboardInterrupt, click.Abort) as error:
        return _stopped(error)
    except Exception as error:
        if signals.taken():  # the terminal is gone, say, or a library made it another error
            return _stopped(error)
        traceback.print_exc()  # a fault of ours: show where, and still end with one line
        return _tell(PressError.exit_code, PressError.meaning, f"{type(error).__name__}: {error}")
    return 0


def _stopped(error: BaseException) -> int:
    number = signals.taken()
    if number is None:  # click raises an exception of its own in place of Python's
        cause = error.__cause__ or error
        number = cause.args[0] if cause.args else signal.SIGINT
    return _tell(signals.SIGNALLED + number, "interrupted", "run the same command again to finish")


def _tell(code: int, meaning: str, cause: object) -> int:
    from notebook_press.messages import escaped

    line = escaped(one_line(cause))
    if len(line) > LONGEST_LINE:  # the remedy stands at its end
        line = f"{line[: LONGEST_LINE // 2]} … {line[-LONGEST_LINE // 2 :]}"
    with contextlib.suppress(OSError):  # nobody may be there to read it
        click.echo(f"notebook-press: exit {code} ({meaning}): {line}", err=True)
    return code
