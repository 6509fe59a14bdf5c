"""What GitHub shows of a build: each failure beside its notebook, and a summary of the job."""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from notebook_press.builds import Failed
from notebook_press.messages import escaped
from notebook_press.publishing.manifest import Manifest

_MARKUP = re.compile(r"[^\w\s.,;/()-]")  # what could begin a tag, a link or a cell of a table


def tell_github(
    published: Iterable[Manifest],
    failures: Iterable[Failed],
    environment: Mapping[str, str] = os.environ,
) -> list[str]:
    """Return the lines to print that GitHub makes annotations of, having added to its summary.

    Args:
        published: The reports that are published, or up to date.
        failures: What went wrong.
        environment: The variables of the environment; without GitHub's, nothing is done.
    """
    published, failures = list(published), list(failures)
    if not environment.get("GITHUB_ACTIONS") or not (published or failures):
        return []
    root = environment.get("GITHUB_WORKSPACE") or os.curdir
    if summary := environment.get("GITHUB_STEP_SUMMARY"):
        # The build is what it is, whether or not its summary can be written.
        with suppress(OSError), Path(summary).open("a", encoding="utf-8") as file:
            file.write(_summary(published, failures))
    return [_annotation(each, root) for each in failures]


def _annotation(failure: Failed, root: str) -> str:
    """A command of GitHub's, in its own way of escaping."""
    place = ""
    if failure.notebook is not None:
        place = f"file={_property(os.path.relpath(failure.notebook, root))},"
    return f"::error {place}title=Report failed::{_message(str(failure.error))}"


def _message(text: str) -> str:
    for character, code in {"%": "%25", "\r": "%0D", "\n": "%0A"}.items():
        text = text.replace(character, code)
    return escaped(text)


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _summary(published: Iterable[Manifest], failures: Iterable[Failed]) -> str:
    """A table in Markdown: each report with its answer, each failure with its cause."""
    rows = [
        (f"{each.run}/{each.report}", "published", each.answer or each.title) for each in published
    ]
    rows += [(each.report, "**failed**", str(each.error)) for each in failures]
    lines = [f"| {_plain(report)} | {state} | {_plain(said)} |\n" for report, state, said in rows]
    return "".join(["| report | | |\n| --- | --- | --- |\n", *lines, "\n"])


def _plain(text: str) -> str:
    """Text of a notebook as Markdown that shows it, without its emphasis, and does nothing else."""
    text = text.replace("**", "")
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", escaped(" ".join(text.split())))
