"""The jobs that a request comes to, checked before anything runs, and what each has to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from notebook_press import keys
from notebook_press.digests import digest
from notebook_press.errors import DataError, UsageError
from notebook_press.messages import did_you_mean, escaped, in_one_line, shown
from notebook_press.notebook import language_of, read_notebook
from notebook_press.parameters import Given, Parameter, assign, defaults, read_parameters
from notebook_press.project import Prepared, Project, prepare
from notebook_press.provenance import FRESH
from notebook_press.publishing.manifest import Manifest
from notebook_press.rendering.prose.beside import Beside
from notebook_press.request import Request
from notebook_press.running.kernels import settle_kernel


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


def plan(request: Request, project: Project) -> list[Job]:
    """Return the jobs of a build, with all checked that can be before a kernel starts.

    Raises:
        UsageError: A notebook or a profile is none.
        ParameterError: A notebook can't be given what it is to be given.
        DataError: The project's `prepare` refuses a notebook's parameters, or names a fault and
            the build is strict.
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
        if request.strict and job.prepared.faults:
            fault = in_one_line(job.prepared.faults[0])
            raise DataError(f"{job.report}: {fault} --strict refuses that; mend the data")
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
