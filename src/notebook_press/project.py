"""What the press must know of a project: `[tool.notebook-press]` in its `pyproject.toml`."""

import importlib
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from notebook_press.errors import DataError, PressError, UsageError, one_line

__all__ = ["Prepared", "Project", "find_project", "prepare"]

SETTINGS = ("sources", "lock", "measured", "prepare")


class Prepared(Protocol):
    """What a project's `prepare` returns."""

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
class _Unprepared:
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
            settings = content.get("tool", {}).get("notebook-press")
            if settings is not None:
                return _project(path, settings, content.get("project", {}))
    return Project(root=start.resolve())


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: can't be read as TOML ({one_line(error)}); mend it") from error


def _project(path: Path, settings: dict[str, Any], project: dict[str, Any]) -> Project:
    where = f"{path}, [tool.notebook-press]"
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise UsageError(
            f"{where}: unknown setting {unknown[0]!r}; known are {', '.join(SETTINGS)}"
        )
    sources = settings.get("sources", [])
    if not isinstance(sources, list) or not all(isinstance(item, str) for item in sources):
        raise UsageError(f"{where}: `sources` should be a list of folders, found {sources!r}")
    for name in ("lock", "measured", "prepare"):
        if not isinstance(settings.get(name, ""), str):
            raise UsageError(f"{where}: `{name}` should be text, found {settings[name]!r}")
    root = path.parent
    return Project(
        root=root,
        sources=tuple(root / source for source in sources),
        lock=root / settings["lock"] if "lock" in settings else None,
        measured=root / settings["measured"] if "measured" in settings else None,
        prepare=settings.get("prepare"),
        dependencies=tuple(project.get("dependencies", ())),
    )


def prepare(project: Project, parameters: Mapping[str, Any]) -> Prepared:
    """Return what the project's `prepare` says of a notebook's parameters.

    Raises:
        UsageError: The setting does not name a function that can be imported.
        DataError: Whatever `prepare` raises, in one line.
    """
    if project.prepare is None:
        return _Unprepared(parameters=parameters, inputs={})
    function = _import_function(project.prepare, project.root)
    try:
        return function(dict(parameters))
    except PressError:
        raise
    except Exception as error:
        raise DataError(one_line(error) or type(error).__name__) from error


def _import_function(name: str, root: Path) -> Callable[[dict[str, Any]], Prepared]:
    module, _, attribute = name.partition(":")
    if str(root) not in sys.path:  # a project's module need not be installed
        sys.path.append(str(root))
    try:
        function: Callable[[dict[str, Any]], Prepared] = getattr(
            importlib.import_module(module), attribute
        )
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(
            f"{root / 'pyproject.toml'}: `prepare` should be 'module:function' that can be "
            f"imported, found {name!r} ({one_line(error)})"
        ) from error
    return function
