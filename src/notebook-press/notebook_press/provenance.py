"""Where a report comes from: commit, machine and versions (never a host or a user name).

Packages are told apart by what they can change: a result, or only how a page looks. Of what a page
says of its making, some only its run knows, and the rest can be said anew at any time.
"""

import functools
import importlib.metadata
import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import psutil
from nbformat import NotebookNode
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from notebook_press.author import METADATA_KEY
from notebook_press.parameters import Parameter
from notebook_press.parameters.types import Code, as_data
from notebook_press.project import Prepared, Project
from notebook_press.publishing.manifest import (
    KeyFigure,
    Manifest,
    describe_content,
    describe_picture,
)
from notebook_press.rendering.account import counts
from notebook_press.rendering.page import Figure, Page
from notebook_press.rendering.themes import themed
from notebook_press.running import logs
from notebook_press.running.redaction import without_folders

PRESS = "notebook-press"
RENDERING = frozenset(
    {
        "css-inline",
        "jinja2",
        "lxml",
        "markupsafe",
        "nbconvert",
        "nh3",
        "pygments",
        "pypandoc-binary",
        "pypdf",
        "python-pptx",
        "tinycss2",
        "typst",
    }
)
"""The packages that turn an executed notebook into pages, and take no part in running it."""

FRESH = "fresh"
"""The parameter that tells a notebook to use nothing that it kept: `--fresh` makes it true."""

GIBIBYTE = 2**30
_PLATFORM = ("os_name", "sys_platform", "platform_")


def manifest_of(
    page: Page,
    making: Mapping[str, Any],
    keys: Mapping[str, Mapping[str, str]],
    contents: Mapping[str, bytes],
) -> Manifest:
    """Return the manifest of a report, as whoever reads it will.

    Args:
        page: The report's page.
        making: What its notebook tells of its making.
        keys: Its run key and its render key.
        contents: Its files, by name.

    Raises:
        pydantic.ValidationError: It can't be read again, so nothing of it may be published.
    """
    shown = page.key_figure and described(page.key_figure)
    written = {
        **making,
        **counts(page.account),
        "report": page.stem,
        "title": page.title,
        "answer": page.answer,
        "results": dict(page.results),
        "estimates": {name: vars(each) for name, each in page.estimates.items()},
        "key_figure": shown and shown.model_dump(),
        "keys": keys,
        "files": {name: describe_content(each).model_dump() for name, each in contents.items()},
    }
    return Manifest.model_validate_json(json.dumps(written))


def described(figure: Figure) -> KeyFigure:
    """Return the record of a figure, a drawing with its rules for a dark theme in it."""
    content = figure.image.content
    if figure.themed:
        content = themed(content.decode("utf-8")).encode()
    return describe_picture(figure.image.mime, content, figure.alt, themed=figure.themed)


def commit(root: Path) -> str | None:
    """Return the short commit of the checkout at `root`, "+ changes" where there are any.

    None where there is no git, no checkout or no commit.
    """
    try:
        name = _git(root, "rev-parse", "--short=10", "HEAD")
        changed = _git(root, "status", "--porcelain")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{name} + changes" if changed else name


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603
    return answer.stdout.strip()


def machine() -> dict[str, Any]:
    """Return processor, cores, memory (GiB) and system."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / GIBIBYTE, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    """The processor's name: Linux has it in /proc/cpuinfo, macOS in sysctl."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.is_file() else ""
    name = "".join(re.findall(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)[:1])
    if platform.system() == "Darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        name = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return name.strip() or platform.processor() or platform.machine()


@functools.cache
def versions(dependencies: tuple[str, ...]) -> dict[str, str]:
    """Return the versions that a page tells: of Python, and of each installed dependency by name.

    Args:
        dependencies: The project's, as in `numpy>=2`; the press's own are told too.
    """
    asked_for = _asked_by([*dependencies, *_of_the_press()], frozenset())
    names = {canonicalize_name(each.name): each.name for each in asked_for}
    found = {"python": platform.python_version()}
    for name in sorted(names.values()):
        with suppress(PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


@functools.cache
def result_versions(dependencies: tuple[str, ...]) -> dict[str, str]:
    """Return the version of each installed package that can change a result.

    These are the dependencies of the project and of the press, and theirs in turn, but for those
    that only render. A project that states none may use whatever is installed.

    Args:
        dependencies: The project's requirements, as in `numpy>=2`.
    """
    if dependencies:
        return installed((*dependencies, *_of_the_press()), without=RENDERING)
    rendering = rendering_versions()
    every = {
        canonicalize_name(each.name): each.version for each in importlib.metadata.distributions()
    }
    return {name: version for name, version in every.items() if name not in rendering}


@functools.cache
def rendering_versions() -> dict[str, str]:
    """Return the version of each installed package that a page is made with, and of theirs."""
    return installed(RENDERING)


@functools.cache
def drawing_versions() -> dict[str, str]:
    """Return the versions of what extras of the press bring to draw charts, as far as installed.

    A notebook may use them as well, so they can change a result besides.
    """
    return installed(("kaleido", "plotly", "vl-convert-python"))


def installed(requirements: Iterable[str], without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the version of each installed package that is required, and of those it requires.

    Args:
        requirements: As in `numpy>=2`; what is not installed or misspelt is passed over.
        without: The packages that are not followed.
    """
    found: dict[str, str] = {}
    followed: set[tuple[str, frozenset[str]]] = set()
    ahead = list(_asked_by(requirements, frozenset()))
    while ahead:
        requirement = ahead.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if name in without or (name, extras) in followed:
            continue
        followed.add((name, extras))
        with suppress(PackageNotFoundError):
            metadata = importlib.metadata.metadata(requirement.name)  # reading it takes the time
            found[name] = metadata["Version"]
            ahead += _asked_by(metadata.get_all("Requires-Dist") or (), extras)
    return found


def _of_the_press() -> Iterable[str]:
    try:
        return importlib.metadata.requires(PRESS) or ()
    except PackageNotFoundError:  # it runs from its source
        return ()


def _asked_by(needs: Iterable[str], extras: frozenset[str]) -> Iterator[Requirement]:
    """What is needed everywhere: a report is the same whichever system it is copied to."""
    for text in needs:
        with suppress(InvalidRequirement):  # a package's own mistake
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or (
                not any(word in str(marker) for word in _PLATFORM)
                and any(marker.evaluate({"extra": extra}) for extra in extras or {""})
            ):
                yield requirement


def said_anew(run: str, parameters: Iterable[Parameter], prepared: Prepared) -> dict[str, Any]:
    """Return what a page says that follows from the notebook and what it is given, not from a run.

    Args:
        run: The run's name.
        parameters: The parameters that the notebook declares.
        prepared: Their values, the inputs and the notice.
    """
    return {
        "run": run,
        "parameters": [
            _shown(each, prepared.parameters.get(each.name, each.default)) for each in parameters
        ],
        "inputs": dict(prepared.inputs),
        "notice": prepared.notice,
    }


def made_now(project: Project, seconds: float, threads: int | None) -> dict[str, Any]:
    """Return what a page says that only a run that has just ended knows, where it ran.

    Args:
        project: The project that the notebook belongs to.
        seconds: How long the run took.
        threads: How many threads its libraries could use; None where that was left to them.
    """
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "commit": commit(project.root),
        "versions": versions(project.dependencies),
        "machine": {**machine(), "threads": threads},
    }


def made_again(executed: NotebookNode, anew: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page says that is made again of an earlier run.

    The packages that make pages are those of now; `fresh` is as it was in the run.

    Args:
        executed: The notebook of that run, with what was said of it.
        anew: What `said_anew` says now.
    """
    making = executed.metadata[METADATA_KEY]
    now = versions(tuple(making["versions"]))
    for_pages = {name: now[name] for name in now if canonicalize_name(name) in RENDERING}
    of_the_run = {each["name"]: each for each in making["parameters"]}
    parameters = [
        of_the_run.get(each["name"], each) if each["name"] == FRESH else each
        for each in anew["parameters"]
    ]
    return {
        **making,
        **anew,
        "parameters": parameters,
        "versions": {**making["versions"], **for_pages},
        **logs.counted(executed),
    }


def _shown(parameter: Parameter, value: Any) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "value": as_data(without_folders(value)),
        "default": as_data(without_folders(parameter.default)),
        "computed": isinstance(parameter.default, Code),
        "type": parameter.type_text,
        "help": parameter.help,
    }
