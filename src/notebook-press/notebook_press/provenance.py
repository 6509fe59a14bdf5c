"""Where a report comes from: commit, machine and versions (never a host or a user name).

Packages are told apart by what they can change: a result, or only how a page looks. Of what a page
says of its making, some only its run knows, and the rest can be said anew at any time.
"""

import functools
import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from notebook_press.author import METADATA_KEY
from notebook_press.parameters import Parameter
from notebook_press.project import Prepared
from notebook_press.running import logs
from notebook_press.running.redaction import without_folders

GIBIBYTE = 2**30


def commit(root: Path) -> str | None:
    """Return the short commit of the checkout at `root`, "+ changes" where there are any.

    None where there is no git, no checkout or no commit.
    """
    name = _git(root, "rev-parse", "--short=10", "HEAD")
    if not name:
        return None
    return f"{name} + changes" if _git(root, "status", "--porcelain") else name


def _git(root: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


def versions(requirements: Iterable[str]) -> dict[str, str]:
    """Return the version of Python and of each installed requirement, by name."""
    names = sorted({re.split(r"[^A-Za-z0-9_.-]", item, maxsplit=1)[0] for item in requirements})
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """Return processor, cores, memory (GiB) and system."""
    import psutil

    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / GIBIBYTE, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    """The processor's name: Linux has it in /proc/cpuinfo, macOS in sysctl."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        name = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE)
        if name:
            return name[1].strip()
    if platform.system() == "Darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if answer.stdout.strip():
            return answer.stdout.strip()
    return platform.processor() or platform.machine()


RENDERING = (
    *("jinja2", "markupsafe", "nbconvert", "nh3", "pygments"),
    *("pypandoc-binary", "pypdf", "python-pptx", "typst"),
)
"""The packages that turn an executed notebook into pages, and take no part in running it."""

_PLATFORM = ("os_name", "sys_platform", "platform_")


def is_for_pages(name: str) -> bool:
    """Return whether a package only turns executed notebooks into pages."""
    return canonicalize_name(name) in RENDERING


@functools.cache
def result_versions(dependencies: tuple[str, ...]) -> dict[str, str]:
    """Return the version of each installed package that can change a result.

    These are the project's dependencies and theirs in turn, but for those that only render. A
    project that states no dependencies may use whatever is installed.

    Args:
        dependencies: Requirements, as in `numpy>=2`.
    """
    if dependencies:
        return _versions(dependencies, without=frozenset(RENDERING))
    rendering = rendering_versions()
    every = {
        canonicalize_name(each.name): each.version for each in importlib.metadata.distributions()
    }
    return {name: version for name, version in every.items() if name not in rendering}


@functools.cache
def rendering_versions() -> dict[str, str]:
    """Return the version of each installed package that a page is made with, and of theirs."""
    return _versions(RENDERING, without=frozenset())


def _versions(dependencies: Sequence[str], without: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    followed: set[tuple[str, frozenset[str]]] = set()
    ahead = list(_requirements(dependencies))
    while ahead:
        requirement = ahead.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if name in without or (name, extras) in followed:
            continue
        followed.add((name, extras))
        try:
            metadata = importlib.metadata.metadata(requirement.name)  # reading it takes the time
        except PackageNotFoundError:
            continue
        found[name] = metadata["Version"]
        ahead += _asked_by(metadata.get_all("Requires-Dist") or (), extras)
    return found


def _asked_by(needs: Iterable[str], extras: frozenset[str]) -> Iterable[Requirement]:
    """What a package needs everywhere: a report is the same whichever system it is copied to."""
    for requirement in _requirements(needs):
        marker = requirement.marker
        if marker is None or (
            not any(word in str(marker) for word in _PLATFORM)
            and any(marker.evaluate({"extra": extra}) for extra in extras or {""})
        ):
            yield requirement


def _requirements(texts: Iterable[str]) -> Iterable[Requirement]:
    for text in texts:
        try:
            yield Requirement(text)
        except InvalidRequirement:  # a package's own mistake
            continue


FRESH = "fresh"
"""The parameter that tells a notebook to use nothing that it kept: `--fresh` makes it true."""


def said_anew(run: str, parameters: Iterable[Parameter], prepared: Prepared) -> dict[str, Any]:
    """Return what a page says that follows from the notebook and what it is given, not from a run.

    Args:
        run: The run's name.
        parameters: The parameters that the notebook declares.
        prepared: Their values, the inputs and the notice.
    """
    return {
        "run": run,
        "parameters": [_shown(each, prepared.parameters[each.name]) for each in parameters],
        "inputs": dict(prepared.inputs),
        "notice": prepared.notice,
    }


def made_again(executed: NotebookNode, anew: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page says that is made again of an earlier run.

    The packages that make pages are those of now; `fresh` is as it was in the run.

    Args:
        executed: The notebook of that run, with what was said of it.
        anew: What `said_anew` says now.
    """
    making = executed.metadata[METADATA_KEY]
    names = {name for name in making["versions"] if is_for_pages(name)}
    now = {k: v for k, v in versions(names).items() if k in names}
    of_the_run = {each["name"]: each for each in making["parameters"]}
    parameters = [
        of_the_run.get(each["name"], each) if each["name"] == FRESH else each
        for each in anew["parameters"]
    ]
    return {
        **making,
        **anew,
        "parameters": parameters,
        "versions": {**making["versions"], **now},
        **logs.counted(executed),
    }


def _shown(parameter: Parameter, value: Any) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "value": without_folders(value),
        "default": parameter.default,
        "type": parameter.type_text,
        "help": parameter.help,
    }
