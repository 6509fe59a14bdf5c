"""Installed packages, by what they can change: a result, or only how a page looks."""

import functools
import importlib.metadata
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

__all__ = ["RENDERING", "is_for_pages", "rendering_versions", "result_versions"]

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
