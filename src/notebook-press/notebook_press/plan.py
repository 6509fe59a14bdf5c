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
        taken_from: The folder of a run elsewhere that measured just this; None to run it.
    """

    job: Job
    keys: keys.Keys
    last: Manifest | None
    to_run: tuple[str, ...]
    to_render: tuple[str, ...]
    taken_from: Path | None = None


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


@dataclass(frozen=True)
class Draft:
    """A notebook that was read, before it is given anything."""

    path: Path
    notebook: NotebookNode
    parameters: tuple[Parameter, ...]
    notes: tuple[str, ...]

    def job(self, values: Mapping[str, Any], request: Request, project: Project) -> Job:
        """Return its job with these values, checked as far as that can be without a kernel.

        Raises:
            ParameterError: Its language can't write one of the values.
            DataError: The project's `prepare` refuses them, or names a fault and the build is
                strict.
        """
        known = defaults(self.parameters)
        if request.fresh and known.get(FRESH) is False:
            values = {**values, FRESH: True}
        prepared = prepare(project, {**known, **values})
        if request.strict and prepared.faults:
            fault = in_one_line(prepared.faults[0])
            raise DataError(f"{self.path.stem}: {fault} --strict refuses that; mend the data")
        stderr = request.stderr or project.stderr
        job = Job(self.path, self.notebook, self.parameters, values, prepared, stderr, self.notes)
        if language_of(self.notebook) != "python" and job.injected:
            from notebook_press.running.translating import as_injected  # slow to import

            as_injected(self.notebook, job.injected)
        return job


def read_drafts(request: Request) -> list[Draft]:
    """Return the notebooks of a request.

    Raises:
        UsageError: One of them is none.
        ParameterError: The parameters of one can't be read.
    """
    notes: dict[Path, list[str]] = {path: [] for path in request.notebooks}
    notebooks = {path: read_notebook(path, notes[path].append) for path in request.notebooks}
    for path, notebook in notebooks.items():
        if note := settle_kernel(notebook, request.kernel):
            notes[path].append(note)
    return [
        Draft(path, notebook, read_parameters(notebook, str(path)), tuple(notes[path]))
        for path, notebook in notebooks.items()
    ]


def plan(request: Request, project: Project) -> list[Job]:
    """Return the jobs of a build, with all checked that can be before a kernel starts.

    Raises:
        UsageError: A notebook or a profile is none.
        ParameterError: A notebook can't be given what it is to be given.
        DataError: The project's `prepare` refuses a notebook's parameters, or names a fault and
            the build is strict.
    """
    drafts = read_drafts(request)
    values = assign(
        {str(each.path): each.parameters for each in drafts},
        request.given or {},
        _profile(request),
    )
    return [each.job(values[str(each.path)], request, project) for each in drafts]


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
