"""A build: plan → run → gate → render → publish, notebook by notebook."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from contextvars import copy_context
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console

from notebook_press import provenance
from notebook_press.author import METADATA_KEY
from notebook_press.console import RunProgress
from notebook_press.errors import ExecutionError, ParameterError, PressError, PublishingError
from notebook_press.keys import Key, changes, settled, unsettled
from notebook_press.notebook import is_parameters, read_notebook, renew
from notebook_press.parameters import read_parameters
from notebook_press.plan import Job, Request, check_expectations, check_request, plan
from notebook_press.project import Project, check_same_data
from notebook_press.provenance import made_again, said_anew
from notebook_press.publishing import files, manifest, publish
from notebook_press.publishing.lock import locked
from notebook_press.publishing.manifest import Manifest
from notebook_press.publishing.stage import stage
from notebook_press.rendering.programs import working_below
from notebook_press.running import processes
from notebook_press.running.gate import NotebookFailedError, failure
from notebook_press.running.logs import account_for
from notebook_press.running.output import account_for_cuts
from notebook_press.running.papermill_engine import execute
from notebook_press.running.preflight import check_requirements
from notebook_press.running.redaction import without_machine, without_paths


def build(request: Request, console: Console) -> tuple[Manifest, ...]:
    """Build every report of a request and return their manifests.

    A notebook that fails does not keep the others from being published, but nothing is run where
    one of them lacks its kernel or a module.

    Raises:
        PressError: The first thing that went wrong; its class says which exit code it means.
    """
    project, reports = check_request(request)
    try:
        jobs = plan(request, project)
    except ParameterError as error:
        _keep_refused(request, reports, error)
        raise
    with locked(reports, wait=request.wait, announce=lambda line: _tell(console, line)):
        processes.end_leftovers(reports)
        for name in publish.finish_pending(reports):
            _tell(console, f"{name}: finished a publication that was cut short")
        with processes.room_for_ipython(processes.mark_of(reports)):
            failures = _make_all(jobs, request, project, reports, console)
        publish.write_index(reports)
        if failures:
            raise failures[0]
        paths = [reports / request.run / f"{job.report}.json" for job in jobs]
        manifests = [last for path in paths if (last := manifest.read_manifest(path)) is not None]
    check_expectations(request.expectations, manifests)
    return tuple(manifests)


def _keep_refused(request: Request, reports: Path, error: ParameterError) -> None:
    """Show in each notebook that declares no parameters that it could not be given what it was."""
    for path in request.notebooks:
        # A folder that is busy or can't be written is not what went wrong first.
        with suppress(PressError):
            notebook = read_notebook(path)
            if read_parameters(notebook, str(path)):
                continue
            note = failure(notebook, path.stem, 0, f"never ran: {error}")
            with locked(reports, wait=False, announce=print):
                _keep_partial(reports, request.run, path.stem, note)


def _make_all(
    jobs: list[Job], request: Request, project: Project, reports: Path, console: Console
) -> list[PressError]:
    """Bring all reports up to date, and return what went wrong."""
    failures = _not_runnable(jobs, request, project, reports, console)
    for job in () if failures else jobs:
        try:
            _make(job, request, project, reports, console)
        except PressError as error:
            _tell(console, f"failed: {error}")
            failures.append(error)
    return failures


def _not_runnable(
    jobs: list[Job], request: Request, project: Project, reports: Path, console: Console
) -> list[PressError]:
    """Return what the notebooks that have to be run lack, before minutes are spent on others."""
    failures: list[PressError] = []
    folder = reports / request.run
    for job in jobs:
        last = manifest.read_manifest(folder / f"{job.report}.json")
        to_run, _ = _stale(job, request, job.keys(project, request.run), last, folder)
        try:
            if to_run:
                check_requirements(job.notebook, job.report, job.path.parent)
        except NotebookFailedError as error:
            failures.append(_keep_partial(reports, request.run, job.report, error))
            _tell(console, f"failed: {failures[-1]}")
    return failures


def _make(job: Job, request: Request, project: Project, reports: Path, console: Console) -> None:
    """Bring one report up to date: run it, render it, or leave it alone."""
    keys = job.keys(project, request.run)
    folder = reports / request.run
    last = manifest.read_manifest(folder / f"{job.report}.json")
    to_run, to_render = _stale(job, request, keys, last, folder)
    if not to_run and not to_render:
        _tell(console, f"{job.report}: up to date")
        return
    with files.publishing_errors(reports):
        staged = publish.staging_folder(reports, request.run, job.report)
    if to_run:
        _tell(console, f"{job.report}: running ({', '.join(to_run)})")
        try:
            executed = _run(job, request, project, staged, last, console)
        except NotebookFailedError as error:
            publish.raise_disk_trouble(error.__cause__, staged / f"{job.report}.ipynb")
            log = staged / f"{job.report}.log"
            partial = without_paths(error.partial, job.prepared.parameters)
            error.partial = without_machine(partial, project.root)
            raise _keep_partial(reports, request.run, job.report, error, log) from error
        check_same_data(project, job.prepared, job.report)
        keys["run"] = settled(keys["run"], job.keys(project, request.run)["run"])
        if moved := unsettled(keys["run"]):
            _tell(console, f"{job.report}: {moved}, so that the next build runs it again")
    else:
        _tell(console, f"{job.report}: rendering ({', '.join(to_render)})")
        executed = renew(job.notebook, read_notebook(folder / f"{job.report}.ipynb"))
        executed.metadata[METADATA_KEY] = made_again(
            executed, said_anew(request.run, job.parameters, job.prepared)
        )
    with files.publishing_errors(reports):
        mark = processes.mark_of(reports)
        stage(executed, keys, request.formats, job.path.parent, staged, mark)
    publish.publish(reports, staged)
    pages = ", ".join(f"{job.report}.{name}" for name in request.formats)
    _tell(console, f"{job.report}: published {pages} in {folder}")


def _stale(
    job: Job,
    request: Request,
    keys: Mapping[str, Key],
    last: Manifest | None,
    folder: Path,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return why a report has to be run, and why it has to be rendered; empty where it has not."""
    if last is None:
        return ("first run",), ("first run",)
    damaged = manifest.damage(folder, last)
    to_run = changes(last["keys"]["run"], keys["run"])
    to_run = tuple(f"changed: {part}" for part in to_run)
    if request.fresh or job.fresh:
        to_run += ("asked to measure anew",)
    if f"{job.report}.ipynb" in damaged:
        to_run += ("the published notebook was damaged",)
    if request.strict and last.get("warnings", 0):
        to_run += ("it warned, which --strict refuses",)
    to_render = changes(last["keys"]["render"], keys["render"])
    to_render = tuple(f"changed: {part}" for part in to_render)
    to_render += tuple(f"{name} {how}" for name, how in damaged.items())
    to_render += tuple(
        name for name in request.formats if f"{job.report}.{name}" not in last["files"]
    )
    return to_run, to_run + to_render


def _run(
    job: Job,
    request: Request,
    project: Project,
    staged: Path,
    last: Manifest | None,
    console: Console,
) -> NotebookNode:
    """Run the notebook; return it executed, with what a page says of its making."""
    tagged = (i for i, cell in enumerate(job.notebook.cells) if is_parameters(cell))
    mark = processes.mark_of(request.reports or project.root / "reports")
    with working_below(staged, mark):
        here = copy_context()
    threading.Thread(target=here.run, args=(_prepare, job.notebook), daemon=True).start()
    with RunProgress(
        console,
        job.report,
        job.notebook,
        injected_after=next(tagged, None),
        last_seconds=last["seconds"] if last else None,
    ) as progress:
        executed = execute(
            job.notebook,
            job.report,
            job.prepared.parameters,
            output=staged / f"{job.report}.ipynb",
            folder=job.path.parent,
            cell_started=progress.cell_started,
            noted=progress.note,
            limits=request.limits,
            mark=mark,
        )
    written = account_for(
        executed, job.report, strict=request.strict, log=lambda line: _tell(console, line)
    )
    cut, lines = account_for_cuts(executed)
    for line in lines:
        _tell(console, f"{job.report}: {line}")
    executed.metadata[METADATA_KEY] = {
        **said_anew(request.run, job.parameters, job.prepared),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(progress.seconds, 1),
        "commit": provenance.commit(project.root),
        "versions": provenance.versions((*project.dependencies, "papermill", "nbconvert")),
        "machine": provenance.machine(),
        **written,
        **cut,
    }
    return without_machine(without_paths(executed, job.prepared.parameters), project.root)


def _prepare(notebook: NotebookNode) -> None:
    # nbconvert takes a second to import: time that the press would spend waiting for the kernel.
    from notebook_press.rendering.exporters import prepare

    prepare(notebook)


def _keep_partial(
    reports: Path, run: str, report: str, error: NotebookFailedError, log: Path | None = None
) -> ExecutionError:
    """Keep a failed run's notebook, and return the error that says where."""
    content: str = nbformat.writes(error.partial)  # type: ignore[no-untyped-call]
    written = log.read_bytes() if log and log.is_file() else b""
    try:
        path = publish.keep_failed(reports, run, report, content.encode("utf-8"), written)
    except PublishingError as problem:
        raise PublishingError(f"{problem}; before that, {error}") from problem
    return ExecutionError(f"{error}; what it left is in {path}")


def _tell(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
