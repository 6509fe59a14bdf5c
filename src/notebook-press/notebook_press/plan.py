"""What a build is asked for, and the jobs that this comes to, checked before anything runs."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from notebook_press import keys
from notebook_press.digests import digest
from notebook_press.errors import UsageError
from notebook_press.expectations import Expectation
from notebook_press.finding import find_notebooks, notebooks_of
from notebook_press.messages import did_you_mean, escaped, listed, shown
from notebook_press.notebook import language_of, read_notebook
from notebook_press.parameters import Given, Parameter, assign, defaults, read_parameters
from notebook_press.project import Prepared, Project, find_common_project, find_project, prepare
from notebook_press.provenance import FRESH
from notebook_press.publishing.manifest import Manifest
from notebook_press.publishing.names import check_new_run, check_report_name, check_run_name
from notebook_press.rendering import FORMATS
from notebook_press.rendering.prose.beside import Beside
from notebook_press.running.kernels import settle_kernel
from notebook_press.running.processes import TimeLimits
from notebook_press.running.threads import threads_for


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
    kernel: str | None = None
    stderr: str | None = None
    limits: TimeLimits = field(default=TimeLimits())
    jobs: int = 1
    threads: int | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            UsageError: One is below 1.
        """
        for option, number in (("--jobs", self.jobs), ("--threads", self.threads)):
            if number is not None and number < 1:
                raise UsageError(f"{option}: expected a whole number from 1, found {number}")

    @property
    def threads_a_run(self) -> int:
        """How many threads each run gets: as asked for, or its share of the cores."""
        return self.threads or threads_for(self.jobs)


def request_for(
    places: Sequence[Path],
    *,
    formats: tuple[str, ...] | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    run_timeout: float | None = None,
    **asked: Any,
) -> Request:
    """Return the request for notebooks; what is not asked for is as their project says.

    Args:
        places: Notebooks, folders and patterns; none for those of the project at work in.
        formats: The formats, or None.
        jobs: How many notebooks run side by side, or None.
        timeout: Seconds that a cell may take, or None.
        run_timeout: Seconds that a notebook may take, or None.
        **asked: What else a `Request` holds, except what comes of these.

    Raises:
        UsageError: There are no such notebooks, a setting or a limit is wrong.
    """
    if places:
        notebooks = find_notebooks(places)
        project = find_project(notebooks[0].parent)
    else:
        project = find_project(Path.cwd())
        notebooks = notebooks_of(project)
    return Request(
        notebooks=notebooks,
        formats=tuple(dict.fromkeys(project.formats if formats is None else formats)),
        jobs=project.jobs if jobs is None else jobs,
        limits=TimeLimits(
            cell=project.timeout if timeout is None else timeout,
            run=project.run_timeout if run_timeout is None else run_timeout,
        ),
        **asked,
    )


@dataclass(frozen=True)
class Job:
    """One notebook of a build, with its parameters resolved.

    `stderr` is `show` where its pages show what its cells write there, else `hide`; `notes` are the
    lines that tell what was made of its file.
    """

    path: Path
    notebook: NotebookNode
    parameters: tuple[Parameter, ...]
    values: Mapping[str, Any]
    prepared: Prepared
    stderr: str = "hide"
    notes: tuple[str, ...] = ()

    @property
    def report(self) -> str:
        """The name of the report, which is the notebook's."""
        return self.path.stem

    @property
    def fresh(self) -> bool:
        """Whether it is told to use nothing that it kept."""
        return self.prepared.parameters.get(FRESH) is True

    @property
    def injected(self) -> dict[str, Any]:
        """What its kernel is given: what it was to be given, and what `prepare` changed."""
        known = defaults(self.parameters)
        return {
            name: value
            for name, value in self.prepared.parameters.items()
            if name in self.values or repr(value) != repr(known[name])
        }

    def keys(self, run: str, shared: keys.ProjectParts) -> keys.Keys:
        """Return what it depends on; to have kept nothing makes it no other report."""
        parameters, inputs = self.injected, self.prepared.inputs
        render = keys.render_key(self.notebook, run, self.prepared.notice, self.stderr)
        return keys.Keys(
            run=keys.run_key(self.notebook, self.path.parent, parameters, inputs, shared),
            render={**render, **self.pictures(shared.root)},
        )

    def pictures(self, root: Path) -> Mapping[str, str]:
        """Return the part of its render key that a run can change: pictures beside the notebook."""
        found = Beside(self.path.parent.resolve(), root).digests(self.notebook)
        return {"pictures": digest(found)} if found else {}


@dataclass(frozen=True)
class Step:
    """What a build has to do for one report, and why.

    Attributes:
        job: The notebook with its parameters.
        keys: What the report depends on.
        last: The manifest of what is published of it, if anything is.
        to_run: Why it has to be run; empty where it has not.
        to_render: Why it has to be rendered; empty where it has not.
    """

    job: Job
    keys: keys.Keys
    last: Manifest | None
    to_run: tuple[str, ...]
    to_render: tuple[str, ...]


def next_step(
    job: Job, request: Request, found: keys.Keys, last: Manifest | None, damaged: Mapping[str, str]
) -> Step:
    """Return what has to be done for a report.

    Args:
        job: The notebook with its parameters.
        request: What the build is asked for.
        found: What the report depends on.
        last: The manifest of what is published of it, if anything is.
        damaged: Which of the published files are not what that manifest says, and how.
    """
    if last is None:
        return Step(job, found, last, ("first run",), ("first run",))
    to_run = [f"changed: {part}" for part in keys.changes(last.keys.run, found.run)]
    if request.fresh or job.fresh:
        to_run.append("asked to measure anew")
    if f"{job.report}.ipynb" in damaged:
        to_run.append("the published notebook was damaged")
    if request.strict and last.warnings:
        to_run.append("it warned, which --strict refuses")
    to_render = [f"changed: {part}" for part in keys.changes(last.keys.render, found.render)]
    if request.strict and last.not_shown:
        to_render.append("something is not shown, which --strict refuses")
    to_render += [f"{name} {how}" for name, how in damaged.items()]
    to_render += [each for each in request.formats if f"{job.report}.{each}" not in last.files]
    return Step(job, found, last, tuple(to_run), (*to_run, *to_render))


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
        found = listed(map(shown, unknown)) or "none"
        raise UsageError(
            f"--to, or the project's formats: expected some of {', '.join(FORMATS)}, found {found}"
        )
    named: dict[str, list[Path]] = {}
    for path in request.notebooks:  # some systems take Story and story for the same
        named.setdefault(path.stem.lower(), []).append(path)
    if twice := next((paths for paths in named.values() if len(paths) > 1), []):
        raise UsageError(
            f"two notebooks are called {shown(twice[0].stem)}, and a report needs a name of its "
            f"own: {listed(map(escaped, twice))}; rename one, or build them apart with --name"
        )
    for path in request.notebooks:
        if not os.path.isfile(path):  # noqa: PTH113 - says no to a path that is too long, too
            raise UsageError(f"{shown(str(path))}: no such notebook; give a path to an .ipynb file")
        check_report_name(path.stem, escaped(path))
    project = find_common_project(request.notebooks)
    keys.press_parts()  # before any wait, while the files are those that this process loads
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
    notes: dict[Path, list[str]] = {path: [] for path in request.notebooks}
    notebooks = {path: read_notebook(path, notes[path].append) for path in request.notebooks}
    for path, notebook in notebooks.items():
        if note := settle_kernel(notebook, request.kernel):
            notes[path].append(note)
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
    jobs = [
        Job(
            path,
            notebook,
            declared[path],
            values[str(path)],
            prepare(project, defaults(declared[path]) | values[str(path)]),
            request.stderr or project.stderr,
            tuple(notes[path]),
        )
        for path, notebook in notebooks.items()
    ]
    for job in jobs:
        if language_of(job.notebook) != "python" and job.injected:
            from notebook_press.running.translating import as_injected  # slow to import

            as_injected(job.notebook, job.injected)
    return jobs


def _profile(request: Request) -> dict[str, dict[str, Given]]:
    """What the profile gives each notebook of the build, by its path."""
    folders = {path.parent for path in request.notebooks}
    for name in request.profile or {}:
        if not any((folder / f"{name}.ipynb").is_file() for folder in folders):
            raise UsageError(
                f"--profile: expected the names of notebooks, found {shown(name)}, and there is no "
                f"{escaped(f'{name}.ipynb')} beside the others; "
                f"{did_you_mean(name, (path.stem for path in request.notebooks))}correct the name"
            )
    return {
        str(path): dict((request.profile or {}).get(path.stem, {})) for path in request.notebooks
    }
