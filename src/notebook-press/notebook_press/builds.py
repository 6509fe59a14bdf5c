"""A build: plan → run → gate → render → stage → publish, notebook by notebook, in one pass."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console

from notebook_press import provenance
from notebook_press.author import METADATA_KEY
from notebook_press.console import RunProgress
from notebook_press.errors import (
    ExecutionError,
    ParameterError,
    PressError,
    PublishingError,
    RenderingError,
    publishing_errors,
)
from notebook_press.keys import UNSETTLED, ProjectParts, changes
from notebook_press.notebook import NotebookFailedError, failure, read_notebook, renew
from notebook_press.parameters import read_parameters
from notebook_press.plan import (
    Job,
    Request,
    Step,
    check_expectations,
    check_request,
    next_step,
    plan,
)
from notebook_press.project import Project, check_same_data
from notebook_press.publishing.files import PRIVATE, own_folder, raise_disk_trouble
from notebook_press.publishing.lock import locked
from notebook_press.publishing.manifest import (
    Key,
    Manifest,
    damage,
)
from notebook_press.publishing.publish import Reports, Staged
from notebook_press.rendering import account
from notebook_press.rendering.page import Page
from notebook_press.rendering.programs import working_below
from notebook_press.running.gate import RunOutcome, RunTask
from notebook_press.running.logs import account_for
from notebook_press.running.output import account_for_cuts
from notebook_press.running.preflight import unmet
from notebook_press.running.processes import end_leftovers, mark_of
from notebook_press.running.redaction import without_machine, without_paths


def build(request: Request, console: Console) -> tuple[Manifest, ...]:
    """Build every report of a request and return their manifests.

    A notebook that fails does not keep the others from being published, but nothing is run where
    one of them lacks its kernel or a module.

    Raises:
        PressError: The first thing that went wrong; its class says which exit code it means.
    """
    project, folder = check_request(request)
    this = _Build(request, project, open_reports(folder), console)
    try:
        jobs = plan(request, project)
    except ParameterError as error:
        this.keep_refused(error)
        raise
    for job in jobs:
        for note in job.notes:
            this.tell(f"{job.report}: {note}")
    with locked(folder, wait=request.wait, announce=this.tell):
        end_leftovers(folder)
        for name in this.reports.finish_pending():
            this.tell(f"{name}: finished a publication that was cut short")
        failures = this.make_all(jobs)
        this.reports.write_index()
    if failures:
        raise failures[0]
    found = tuple(filter(None, (this.reports.last(request.run, job.report) for job in jobs)))
    check_expectations(request.expectations, found)
    return found


def open_reports(folder: Path) -> Reports:
    """Return a reports folder, whose index is made by this press."""

    def render(manifests: Sequence[Manifest]) -> str:
        from notebook_press.rendering.index import render_index  # slow to import

        with working_below(own_folder(folder, PRIVATE, "temporary"), mark_of(folder)):
            return render_index([each.model_dump(mode="json") for each in manifests])

    return Reports(folder, render)


@dataclass(frozen=True)
class _Build:
    """One build at work."""

    request: Request
    project: Project
    reports: Reports
    console: Console

    @property
    def mark(self) -> str:
        """What marks the processes that work for this reports folder."""
        return mark_of(self.reports.folder)

    def tell(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def keep_refused(self, error: ParameterError) -> None:
        """Show in each notebook that declares no parameters that it can't be given what it was."""
        for path in self.request.notebooks:
            # A folder that is busy or can't be written is not what went wrong first.
            with suppress(PressError):
                notebook = read_notebook(path)
                if read_parameters(notebook, str(path)):
                    continue
                note = failure(notebook, path.stem, 0, f"never ran: {error}")
                with locked(self.reports.folder, wait=False, announce=self.tell):
                    self.keep_partial(path.stem, note)

    def make_all(self, jobs: Sequence[Job]) -> list[PressError]:
        """Bring all reports up to date, and return what went wrong."""
        shared = ProjectParts(self.project)
        steps = [self.step(job, shared) for job in jobs]
        failures = self.not_runnable(steps)
        for step in () if failures else steps:
            try:
                self.make(step, shared)
            except PressError as error:
                self.tell(f"failed: {error}")
                failures.append(error)
        return failures

    def step(self, job: Job, shared: ProjectParts) -> Step:
        """Return what has to be done for a report."""
        last = self.reports.last(self.request.run, job.report)
        folder = self.reports.folder / self.request.run
        damaged = damage(folder, last) if last is not None else {}
        return next_step(job, self.request, job.keys(self.request.run, shared), last, damaged)

    def not_runnable(self, steps: Sequence[Step]) -> list[PressError]:
        """Return what the notebooks that have to be run lack, before minutes go into others."""
        failures: list[PressError] = []
        for job in (step.job for step in steps if step.to_run):
            if lack := unmet(job.notebook, job.path.parent):
                error = failure(job.notebook, job.report, *lack)
                failures.append(self.keep_partial(job.report, error))
                self.tell(f"failed: {failures[-1]}")
        return failures

    def make(self, step: Step, shared: ProjectParts) -> None:
        """Bring one report up to date: run it, render it, or leave it alone."""
        job, run_key = step.job, step.keys.run
        if not step.to_run and not step.to_render:
            self.tell(f"{job.report}: up to date")
            return
        folder = self.reports.staging_folder(self.request.run, job.report)
        if step.to_run:
            self.tell(f"{job.report}: running ({', '.join(step.to_run)})")
            with self.run(step, folder) as executed:
                check_same_data(self.project, job.prepared, job.report)
                run_key = shared.settled(run_key)
                if moved := ", ".join(changes(step.keys.run, run_key)):
                    why = f"{moved} {UNSETTLED}, so that the next build runs it again"
                    self.tell(f"{job.report}: {why}")
                self.publish(self.rendered(step, executed, run_key, folder))
        else:
            self.tell(f"{job.report}: rendering ({', '.join(step.to_render)})")
            self.publish(self.rendered(step, self.published(job), run_key, folder))

    def publish(self, staged: Staged) -> None:
        """Stage and publish a report, and say so."""
        self.reports.stage(staged)
        self.reports.publish(staged)
        report, folder = staged.manifest.report, self.reports.folder / self.request.run
        pages = ", ".join(f"{report}.{name}" for name in self.request.formats)
        self.tell(f"{report}: published {pages} in {folder}")

    @contextmanager
    def run(self, step: Step, folder: Path) -> Iterator[NotebookNode]:
        """Run the notebook; give it executed, with what a page says of its making.

        The kernel ends during the body.
        """
        from notebook_press.running.papermill_engine import run  # slow to import

        task = RunTask(
            step.job.report,
            step.job.notebook,
            step.job.injected,
            step.job.path.parent,
            folder / f"{step.job.report}.log",
            self.mark,
            self.request.limits,
            self.project.allow_tagged_errors,
        )
        with working_below(folder, self.mark):
            here = copy_context()
        # Time that the press would spend waiting for the kernel.
        threading.Thread(target=here.run, args=(_prepare_pages, task), daemon=True).start()
        last = step.last.seconds if step.last else None
        injects = bool(task.parameters)
        shown = RunProgress(self.console, task.report, task.notebook, last, injects=injects)
        with shown as progress, run(task, progress) as outcome:
            counts = self.accepted(task, outcome)
            executed = outcome.executed
            executed.metadata[METADATA_KEY] = {
                **provenance.said_anew(self.request.run, step.job.parameters, step.job.prepared),
                **provenance.made_now(self.project, progress.seconds),
                **counts,
            }
            yield self.redacted(executed, task)

    def accepted(self, task: RunTask, outcome: RunOutcome) -> dict[str, int]:
        """Return what a run wrote and what was left out of it, for the manifest.

        Raises:
            ExecutionError: It does not count; what there is of it is kept.
            PublishingError: The disk ended it.
        """
        try:
            if outcome.failed is not None:
                raise failure(outcome.executed, task.report, *outcome.failed)
            counts = account_for(
                outcome.executed, task.report, strict=self.request.strict, log=self.tell
            )
        except NotebookFailedError as error:
            raise_disk_trouble(outcome.trouble, task.log)
            error.partial = self.redacted(error.partial, task)
            raise self.keep_partial(task.report, error, task.log) from error
        cuts, lines = account_for_cuts(outcome.executed)
        for line in lines:
            self.tell(f"{task.report}: {line}")
        return {**counts, **cuts}

    def redacted(self, executed: NotebookNode, task: RunTask) -> NotebookNode:
        """Return the notebook without what it tells of this machine's folders."""
        return without_machine(without_paths(executed, task.parameters), self.project.root)

    def published(self, job: Job) -> NotebookNode:
        """Return the notebook as it is now, with the outputs of the published run."""
        path = self.reports.folder / self.request.run / f"{job.report}.ipynb"
        executed = renew(job.notebook, read_notebook(path))
        anew = provenance.said_anew(self.request.run, job.parameters, job.prepared)
        executed.metadata[METADATA_KEY] = provenance.made_again(executed, anew)
        return executed

    def rendered(self, step: Step, executed: NotebookNode, run_key: Key, folder: Path) -> Staged:
        """Return a report with its pages, each checked, and its manifest."""
        from notebook_press.rendering.exporters import render_pages  # slow to import

        report, making = step.job.report, executed.metadata[METADATA_KEY]
        making |= {"formats": list(self.request.formats), "stderr": step.job.stderr}
        text: str = nbformat.writes(executed)  # type: ignore[no-untyped-call]
        content = f"{text}\n".encode()
        executed = nbformat.v4.reads(text)  # type: ignore[no-untyped-call]  # what the file holds
        pictures = step.job.pictures(self.project.root)
        with working_below(folder, self.mark), publishing_errors(folder):
            page, pages = render_pages(executed, report, self.request.formats, step.job.path.parent)
        self.account_for_page(page, report)
        contents = {f"{report}.ipynb": content}
        contents |= {f"{report}.{name}": made for name, made in pages.items()}
        keys = {"run": run_key, "render": {**step.keys.render, **pictures}}
        return Staged(provenance.manifest_of(page, making, keys, contents), contents)

    def account_for_page(self, page: Page, report: str) -> None:
        """Say what a page does not show.

        Raises:
            RenderingError: There is such a thing, and the build is strict.
        """
        lines = account.lines(page.account)
        refused = self.request.strict and account.counts(page.account)["not_shown"]
        for line in lines[1:] if refused else lines:
            self.tell(f"{report}: {line}")
        if refused:
            raise RenderingError(f"{report}: {lines[0]}, which --strict refuses")

    def keep_partial(
        self, report: str, error: NotebookFailedError, log: Path | None = None
    ) -> ExecutionError:
        """Keep a failed run's notebook, and return the error that says where."""
        content: str = nbformat.writes(error.partial)  # type: ignore[no-untyped-call]
        written = log.read_bytes() if log and log.is_file() else b""
        try:
            path = self.reports.keep_failed(
                self.request.run, report, content.encode("utf-8"), written
            )
        except PublishingError as problem:
            raise PublishingError(f"{problem}; before that, {error}") from problem
        return ExecutionError(f"{error}; what it left is in {path}")


def _prepare_pages(task: RunTask) -> None:
    from notebook_press.rendering.exporters import prepare  # slow to import

    prepare(task.notebook, task.folder)
