"""What a build is asked for, and the jobs that this comes to, checked before anything runs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from notebook_press import staleness
from notebook_press.errors import UsageError
from notebook_press.expectations import Expectation
from notebook_press.making import FRESH
from notebook_press.notebooks import read_notebook
from notebook_press.parameters import Given, Parameter, assign, read_parameters
from notebook_press.parameters.scalars import shown
from notebook_press.project import Prepared, Project, find_common_project, prepare
from notebook_press.run_names import check_new_run, check_report_name, check_run_name
from notebook_press.staging import FORMATS
from notebook_press.terminal_text import escaped
from notebook_press.time_limits import TimeLimits

__all__ = ["Job", "Request", "check_request", "plan"]


@dataclass(frozen=True)
class Request:
    """What a build is asked for."""

    notebooks: tuple[Path, ...]
    formats: tuple[str, ...] = ("html", "pdf")
    given: Mapping[str, Given] | None = None
    profile: Mapping[str, Mapping[str, Given]] | None = None
    run: str = "default"
    expectations: tuple[Expectation, ...] = ()
    reports: Path | None = None
    wait: bool = True
    strict: bool = False
    fresh: bool = False
    limits: TimeLimits = field(default=TimeLimits())


@dataclass(frozen=True)
class Job:
    """One notebook of a build, with its parameters resolved."""

    path: Path
    notebook: NotebookNode
    parameters: tuple[Parameter, ...]
    values: Mapping[str, Any]
    prepared: Prepared

    @property
    def report(self) -> str:
        """The name of the report, which is the notebook's."""
        return self.path.stem

    @property
    def fresh(self) -> bool:
        """Whether it is told to use nothing that it kept."""
        return self.values.get(FRESH) is True

    def keys(self, project: Project, run: str) -> dict[str, staleness.Key]:
        """What it depends on; to have kept nothing makes it no other report."""
        parameters = {k: v for k, v in self.prepared.parameters.items() if k != FRESH}
        inputs, folder = self.prepared.inputs, self.path.parent
        return {
            "run": staleness.run_key(self.notebook, folder, parameters, inputs, project),
            "render": staleness.render_key(self.notebook, run, self.prepared.notice),
        }


def check_request(request: Request) -> tuple[Project, Path]:
    """Return the project that a request is about, and its reports folder.

    Raises:
        UsageError: It asks for what can't be built.
    """
    check_run_name(request.run)
    if not request.notebooks:
        raise UsageError("expected at least one notebook, found none")
    unknown = [name for name in request.formats if name not in FORMATS]
    if unknown or not request.formats:
        raise UsageError(f"--to: expected some of {', '.join(FORMATS)}, found {unknown!r}")
    stems = [path.stem for path in request.notebooks]
    cases = [stem.lower() for stem in stems]  # some systems take Story and story for the same
    twice = sorted(stem for stem in stems if cases.count(stem.lower()) > 1)
    if twice:
        raise UsageError(
            f"two notebooks are called {shown(twice[-1])}; a report needs a name of its own"
        )
    for path in request.notebooks:
        if not os.path.isfile(path):  # noqa: PTH113 - says no to a path that is too long, too
            raise UsageError(f"{shown(str(path))}: no such notebook; give a path to an .ipynb file")
        check_report_name(path.stem, escaped(path))
    project = find_common_project(request.notebooks)
    staleness.press_parts()  # before any wait, while the files are those that this process loads
    reports = (request.reports or project.root / "reports").resolve()
    check_new_run(request.run, reports)
    for path in request.notebooks:
        if path.resolve().parent == (reports / request.run).resolve():
            raise UsageError(
                f"{escaped(path)}: would be replaced by its report; choose another --name or "
                "--reports"
            )
    return project, reports


def plan(request: Request, project: Project) -> list[Job]:
    """Return the jobs of a build, with all checked that can be before a kernel starts.

    Raises:
        UsageError: A notebook or a profile is none.
        ParameterError: A notebook can't be given what it is to be given.
        DataError: The project's `prepare` refuses a notebook's parameters.
    """
    notebooks = {path: read_notebook(path) for path in request.notebooks}
    declared = {path: read_parameters(notebook, str(path)) for path, notebook in notebooks.items()}
    values = assign(
        {str(path): found for path, found in declared.items()},
        request.given or {},
        _profile(request),
    )
    if request.fresh:
        for path, found in declared.items():
            knows = {
                each.name: True for each in found if (each.name, each.default) == (FRESH, False)
            }
            values[str(path)] |= knows
    return [
        Job(path, notebook, declared[path], values[str(path)], prepare(project, values[str(path)]))
        for path, notebook in notebooks.items()
    ]


def _profile(request: Request) -> dict[str, dict[str, Given]]:
    """What the profile gives each notebook of the build, by its path."""
    folders = {path.parent for path in request.notebooks}
    for name in request.profile or {}:
        if not any((folder / f"{name}.ipynb").is_file() for folder in folders):
            raise UsageError(
                f"--profile: expected the names of notebooks, found {shown(name)}, and there is no "
                f"{escaped(f'{name}.ipynb')} beside the others; correct the name"
            )
    return {
        str(path): dict((request.profile or {}).get(path.stem, {})) for path in request.notebooks
    }
