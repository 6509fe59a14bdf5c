"""What the press must know of a project: `[tool.notebook-press]` in its `pyproject.toml`."""

import importlib
import os
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from notebook_press.errors import DataError, PressError, UsageError, one_line
from notebook_press.messages import escaped, listed, shown
from notebook_press.parameters.types import trouble_with

LONGEST_CAUSE = 600  # characters of what another library says

SETTINGS = ("sources", "lock", "measured", "prepare")


class Prepared(Protocol):
    """What a project's `prepare` returns; it is asked again, given these, when a run has ended."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters resolved: `auto` is a name, a relative path is absolute."""

    @property
    def inputs(self) -> Mapping[str, str]:
        """SHA-256 of each input file, by name."""

    @property
    def notice(self) -> str | None:
        """Markdown for the top of the page."""


@dataclass(frozen=True)
class Project:
    """A folder with notebooks, and what their results depend on besides themselves."""

    root: Path
    sources: tuple[Path, ...] = ()
    lock: Path | None = None
    measured: Path | None = None
    prepare: str | None = None
    dependencies: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class _Prepared:
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    notice: str | None = None


def find_project(start: Path) -> Project:
    """Return the project whose folder holds `start`, or one without settings there.

    Raises:
        UsageError: A `pyproject.toml` can't be read or holds an unknown or mistyped setting.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            content = _read(path)
            settings = _table(content.get("tool"), "notebook-press")
            if settings is not None:
                return _project(path, settings, content.get("project"))
    return Project(root=start.resolve())


def find_common_project(notebooks: Sequence[Path]) -> Project:
    """Return the project that all these notebooks belong to.

    Raises:
        UsageError: Some belong to another, or a `pyproject.toml` is not what it should be.
    """
    project = find_project(notebooks[0].parent)
    for notebook in notebooks[1:]:
        if replace(find_project(notebook.parent), root=project.root) != project:
            raise UsageError(
                f"{escaped(notebook)}: expected a notebook of the project {project.root}, found "
                "one of another; build the notebooks of each project apart"
            )
    return project


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        cause = one_line(error)[:LONGEST_CAUSE]
        raise UsageError(f"{path}: can't be read as TOML ({cause}); mend it") from error


def _table(parent: object, name: str) -> object:
    return parent.get(name) if isinstance(parent, dict) else None


def _project(path: Path, settings: object, project: object) -> Project:
    where = f"{path}, [tool.notebook-press]"
    if not isinstance(settings, dict):
        raise UsageError(f"{where}: expected a table of settings, found {shown(settings)}")
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise UsageError(
            f"{where}: unknown setting {shown(unknown[0])}; known are {', '.join(SETTINGS)}"
        )
    sources = settings.get("sources", [])
    if not isinstance(sources, list) or not all(isinstance(item, str) for item in sources):
        raise UsageError(f"{where}: `sources` should be a list of folders, found {shown(sources)}")
    for name in ("lock", "measured", "prepare"):
        if not isinstance(settings.get(name, ""), str):
            raise UsageError(f"{where}: `{name}` should be text, found {shown(settings[name])}")
    root = path.parent
    return Project(
        root=root,
        sources=tuple(_existing(where, "sources", root, source) for source in sources),
        lock=_existing(where, "lock", root, settings["lock"]) if "lock" in settings else None,
        measured=_inside(where, "measured", root, settings["measured"])
        if "measured" in settings
        else None,
        prepare=settings.get("prepare"),
        dependencies=_dependencies(path, project),
    )


def _inside(where: str, name: str, root: Path, setting: str) -> Path:
    """The path that a setting names, which may lie elsewhere, but not around the reports."""
    path = root / setting
    if not setting.isprintable() or Path(os.path.realpath(path)) in (root, *root.parents):
        raise UsageError(
            f"{where}: `{name}` should name a file or a folder without the reports in it, found "
            f"{shown(setting)}"
        )
    return path


def _existing(where: str, name: str, root: Path, setting: str) -> Path:
    path = _inside(where, name, root, setting)
    if not os.path.lexists(path):
        raise UsageError(
            f"{where}: `{name}` should name what is there, since results depend on it; found "
            f"nothing at {shown(setting)}; correct the path"
        )
    return path


def _dependencies(path: Path, project: object) -> tuple[str, ...]:
    found = _table(project, "dependencies") or []
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise UsageError(
            f"{path}, [project]: `dependencies` should be a list of requirements, found "
            f"{shown(found)}"
        )
    return tuple(found)


def prepare(project: Project, parameters: Mapping[str, Any]) -> Prepared:
    """Return what the project's `prepare` says of a notebook's parameters.

    Raises:
        UsageError: The setting does not name a function that can be imported, or what it returns
            is not what a notebook can be given.
        DataError: Whatever `prepare` raises, in one line.
    """
    if project.prepare is None:
        return _Prepared(parameters=parameters, inputs={})
    function = _import_function(project.prepare, project.root)
    try:
        prepared = function(dict(parameters))
    except PressError:
        raise
    except (Exception, SystemExit) as error:  # one that ends the process must not end it with 0
        raise DataError(_cause(error)) from error
    return _checked(project, prepared, parameters)


def check_same_data(project: Project, prepared: Prepared, report: str) -> None:
    """Check that what a notebook has read is still what its page would name.

    Args:
        project: The project.
        prepared: What `prepare` said before the run.
        report: The name that messages use.

    Raises:
        DataError: An input is another one by now, or can't be read any more.
    """
    now, before = prepare(project, prepared.parameters).inputs, prepared.inputs
    moved = sorted(name for name in {*now, *before} if now.get(name) != before.get(name))
    if moved:
        raise DataError(
            f"{report}: data changed while it ran: {listed(map(escaped, moved))}; nothing is "
            "published of that; leave the files alone and run the same command again"
        )


def _checked(project: Project, prepared: object, parameters: Mapping[str, Any]) -> Prepared:
    """What `prepare` returned, if it is what it should be."""
    found = getattr(prepared, "parameters", None)
    inputs = getattr(prepared, "inputs", None)
    notice = getattr(prepared, "notice", None)
    fault = ""
    if not isinstance(found, Mapping) or set(found) != set(parameters):
        fault = f"`parameters` with the names that it is given, found {shown(found)}"
    elif trouble := next(filter(None, map(trouble_with, found.values())), None):
        fault = f"`parameters` that a notebook can be given, but of one {trouble}"
    elif not isinstance(inputs, Mapping) or not all(
        isinstance(text, str) for item in inputs.items() for text in item
    ):
        fault = f"`inputs` as text by name, found {shown(inputs)}"
    elif not (notice is None or isinstance(notice, str)):
        fault = f"`notice` as text or None, found {shown(notice)}"
    if fault:
        where = project.root / "pyproject.toml"
        raise UsageError(f"{where}: `prepare`, {shown(project.prepare)}, should return {fault}")
    return _Prepared(dict(found or {}), dict(inputs or {}), notice)


def _import_function(name: str, root: Path) -> Callable[[dict[str, Any]], object]:
    module, _, attribute = name.partition(":")
    if str(root) not in sys.path:  # a project's module need not be installed
        sys.path.append(str(root))
    try:
        function = getattr(importlib.import_module(module), attribute)
        if not callable(function):
            raise TypeError(f"it is {shown(function)}")
    except (Exception, SystemExit) as error:  # a module can raise anything where it is imported
        raise UsageError(
            f"{root / 'pyproject.toml'}: `prepare` should be 'module:function' that can be "
            f"imported, found {shown(name)} ({_cause(error)})"
        ) from error
    return function  # type: ignore[no-any-return]


def _cause(error: BaseException) -> str:
    said = escaped(one_line(error))
    if isinstance(error, SystemExit):
        said = f"it ended the program with {said or 'nothing'}"
    return said[:LONGEST_CAUSE] or type(error).__name__
