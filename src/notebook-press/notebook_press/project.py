"""What the press must know of a project: `[tool.notebook-press]` in its `pyproject.toml`."""

import importlib
import os
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    ValidationInfo,
)

from notebook_press.errors import DataError, PressError, UsageError
from notebook_press.messages import did_you_mean, escaped, in_one_line, listed, shown
from notebook_press.parameters.types import as_data, json_like

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "missing": "is missing",
    "int_type": "should be a whole number",
    "finite_number": "should be finite",
    "model_type": "expected a table",
    "model_attributes_type": "expected an object with `parameters`, `inputs` and `notice`",
    "dict_type": "should be a mapping",
    "path_type": "should be a path",
    "string_type": "should be text",
    "tuple_type": "should be a list",
}
"""Of pydantic's kinds of faults, those that a project can have, in words."""


def _inside(path: Path, info: ValidationInfo) -> Path:
    """The path below the project's folder, which may lie elsewhere, but not around the reports."""
    root = Path(info.context or ".")
    if not str(path).isprintable() or Path(os.path.realpath(root / path)) in (root, *root.parents):
        raise ValueError("should name a file or a folder without the reports in it")
    return root / path


def _existing(path: Path) -> Path:
    if not os.path.lexists(path):
        raise ValueError("should name what there is, since results depend on it")
    return path


def _plain(value: object) -> object:
    try:
        json_like(as_data(value))
    except (ValueError, RecursionError) as trouble:
        raise ValueError(f"should be one that a notebook can be given, but {trouble}") from None
    return value


_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Place = Annotated[Path, Strict(False), AfterValidator(_inside)]
_Existing = Annotated[_Place, AfterValidator(_existing)]


class Settings(BaseModel):
    """The table `[tool.notebook-press]`; paths are relative to the folder of its file."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True
    )

    sources: tuple[_Existing, ...] = Field(default=(), strict=False)
    """Files and folders that results depend on besides the notebook, such as a package's."""
    lock: _Existing | None = None
    """The file that pins the versions of what is installed."""
    measured: _Place | None = None
    """A folder of kept measurements that notebooks read."""
    prepare: str | None = None
    """`module:function` that is called before any kernel, with a notebook's parameters."""
    stderr: Literal["show", "hide"] = "hide"
    """Whether pages show what cells write to stderr: `show`, or `hide`."""
    allow_tagged_errors: bool = False
    """Whether a cell tagged `raises-exception` may raise one, which its page then shows."""
    notebooks: tuple[str, ...] = Field(default=(), strict=False)
    """Files, folders and patterns that a build takes where its command names none."""
    formats: tuple[str, ...] = Field(default=("html", "pdf"), strict=False)
    """The formats of each report, where the command names none."""
    jobs: Annotated[int, Field(ge=1)] = 1
    """How many notebooks run side by side."""
    timeout: _Seconds | None = None
    """Seconds that each cell may take."""
    run_timeout: _Seconds | None = None
    """Seconds that each notebook may take as a whole."""


class Prepared(BaseModel):
    """What a project's `prepare` returns; it is asked again, given these, when a run has ended."""

    model_config = ConfigDict(frozen=True, strict=True, from_attributes=True)

    parameters: Mapping[str, Annotated[Any, AfterValidator(_plain)]]
    """The parameters resolved: `auto` is a name, a relative path is absolute."""
    inputs: Mapping[str, str]
    """SHA-256 of each input file, by name."""
    notice: str | None
    """Markdown for the top of the page, or None."""
    warnings: tuple[str, ...] = Field(default=(), strict=False)
    """What is odd about the inputs, told in the terminal before anything runs, a line each."""
    faults: tuple[str, ...] = Field(default=(), strict=False)
    """Those of them that would make a page false: a strict build refuses them."""


@dataclass(frozen=True)
class Project:
    """A folder with notebooks, and what their results depend on besides themselves."""

    root: Path
    sources: tuple[Path, ...] = ()
    lock: Path | None = None
    measured: Path | None = None
    prepare: str | None = None
    stderr: str = "hide"
    allow_tagged_errors: bool = False
    notebooks: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("html", "pdf")
    jobs: int = 1
    timeout: float | None = None
    run_timeout: float | None = None
    dependencies: tuple[str, ...] = ()


def find_project(start: Path) -> Project:
    """Return the project whose folder holds `start`, or one without settings there.

    Raises:
        UsageError: A `pyproject.toml` can't be read or holds an unknown or mistyped setting.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            content = _read(path)
            table = _table(content, "tool").get("notebook-press")
            if table is not None:
                settings = _checked(Settings, table, f"{path}, [tool.notebook-press]", folder)
                project = _checked(_Metadata, _table(content, "project"), f"{path}, [project]")
                return Project(folder, **dict(settings), **dict(project))
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


class _Metadata(BaseModel):
    """What of the table `[project]` results depend on."""

    dependencies: tuple[str, ...] = ()


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(
            f"{path}: can't be read as TOML ({in_one_line(error)}); mend it"
        ) from error


def _table(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _checked(model: type[Model], found: object, where: str, root: Path | None = None) -> Model:
    """What was found, as the model; the first fault of it is an error of ours."""
    try:
        return model.model_validate(found, context=root)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
    name = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        known = model.model_fields
        raise UsageError(
            f"{where}: unknown setting {shown(name)}; {did_you_mean(name, known)}known are "
            f"{', '.join(known)}; correct it or take it away"
        )
    expected = _EXPECTED.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    expected = expected.removeprefix("Input ")
    subject = f"{where}: {shown(name)} " if fault["loc"] else f"{where}: "
    raise UsageError(f"{subject}{expected}, found {shown(fault['input'])}; correct it")


def prepare(project: Project, parameters: Mapping[str, Any]) -> Prepared:
    """Return what the project's `prepare` says of a notebook's parameters.

    Raises:
        UsageError: The setting does not name a function that can be imported, or what it returns
            is not what a notebook can be given.
        DataError: Whatever `prepare` raises, in one line.
    """
    if project.prepare is None:
        return Prepared(parameters=parameters, inputs={}, notice=None)
    function = _import_function(project.prepare, project.root)
    try:
        answer = function(dict(parameters))
    except PressError:
        raise
    except (Exception, SystemExit) as error:  # one that ends the process must not end it with 0
        raise DataError(_cause(error)) from error
    where = f"{project.root / 'pyproject.toml'}: what {shown(project.prepare)} returns"
    prepared = _checked(Prepared, answer, where)
    if set(prepared.parameters) != set(parameters):
        raise UsageError(
            f"{where}: 'parameters' should have the names that it is given, "
            f"{listed(map(shown, parameters))}, found {listed(map(shown, prepared.parameters))}; "
            "change values only"
        )
    return prepared


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
            f"imported, found {shown(name)} ({_cause(error)}); correct it or mend the module"
        ) from error
    return function  # type: ignore[no-any-return]


def _cause(error: BaseException) -> str:
    said = in_one_line(error)
    if isinstance(error, SystemExit):
        return f"it ended the program with {said or 'nothing'}"
    return said or type(error).__name__
