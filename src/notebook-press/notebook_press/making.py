"""How one report is made: run, judged, rendered, staged and published, or left alone."""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from notebook_press import provenance
from notebook_press.author import METADATA_KEY
from notebook_press.errors import (
    DataError,
    ExecutionError,
    PressError,
    PublishingError,
    RenderingError,
    publishing_errors,
)
from notebook_press.events import Event, Kind, RunProgress, Teller
from notebook_press.keys import UNSETTLED, Keys
from notebook_press.notebook import NotebookFailedError, failure, read_notebook, renew
from notebook_press.plan import Job, Step, next_step
from notebook_press.project import Project, check_same_data
from notebook_press.publishing.files import PRIVATE, own_folder, raise_disk_trouble
from notebook_press.publishing.history import PastRun
from notebook_press.publishing.lock import Waiting, locked, report_locked
from notebook_press.publishing.manifest import Key, Manifest, SweepCard, damage
from notebook_press.publishing.publish import Reports, Staged
from notebook_press.rendering import account
from notebook_press.rendering.page import Page
from notebook_press.rendering.programs import working_below
from notebook_press.request import Request
from notebook_press.running import signals
from notebook_press.running.backends import Backend
from notebook_press.running.logs import account_for
from notebook_press.running.output import account_for_cuts
from notebook_press.running.processes import end_leftovers, mark_of, pages_mark_of
from notebook_press.running.redaction import without_machine, without_paths
from notebook_press.running.tasks import RunOutcome, RunTask


def open_reports(folder: Path) -> Reports:
    """Return a reports folder, whose index is made by this press."""

    def render(*shown: Sequence[Manifest | SweepCard | PastRun]) -> str:
        from notebook_press.rendering.index import render_index  # slow to import

        with working_below(own_folder(folder, PRIVATE, "temporary"), mark_of(folder)):
            found = ([each.model_dump(mode="json") for each in part] for part in shown)
            return render_index(*found)

    return Reports(folder, render)


def settle(reports: Reports, waiting: Waiting, teller: Teller) -> None:
    """End what killed builds left in a reports folder, and finish what they had prepared.

    What another build is at work on is left alone.

    Raises:
        LockedError: Another build holds the folder for long, and this one does not wait.
        PublishingError: The disk or something in the way of a file stands against it.
    """
    with locked(reports.folder, waiting):
        end_leftovers(reports.folder)  # what made an index
        for name in reports.finish_pending(end_leftovers):
            _tell_finished(teller, name)


def _tell_finished(teller: Teller, name: str) -> None:
    teller.tell(Event("said", "", f"{name}: finished a publication that was cut short"))


@dataclass(frozen=True)
class Making:
    """Makes the reports of a build, one at a time or from several threads at once.

    `interrupted` is set where these are to come to their end, and no signal was taken for it.
    """

    request: Request
    project: Project
    reports: Reports
    teller: Teller
    interrupted: threading.Event = field(default_factory=threading.Event)

    @property
    def waiting(self) -> Waiting:
        """How it waits for other builds."""
        announce = self.say if self.request.wait else None
        return Waiting(announce, lambda: self.interrupted.is_set() or signals.taken() is not None)

    def say(self, words: str) -> None:
        """Tell words."""
        self.teller.tell(Event("said", "", words))

    def tell(self, kind: Kind, report: str, words: str, **facts: object) -> None:
        """Tell what happened to a report."""
        self.teller.tell(Event(kind, report, words and f"{report}: {words}", facts))

    def locked(self) -> AbstractContextManager[None]:
        """Hold the reports folder for the body."""
        return locked(self.reports.folder, self.waiting)

    def make(self, step: Step, backend: Backend) -> bool:
        """Bring one report up to date; return whether that took publishing it.

        Raises:
            PressError: It could not be brought up to date; its class says why.
        """
        job, run = step.job, self.request.run
        with report_locked(self.reports.folder, run, job.report, self.waiting):
            end_leftovers(self.reports.staging(run, job.report))
            with self.locked():
                if self.reports.finish(run, job.report):
                    _tell_finished(self.teller, f"{run}/{job.report}")
            try:
                return self.brought_up_to_date(self.renewed(step), backend)
            except (DataError, ExecutionError, RenderingError):
                with suppress(PressError), self.locked():
                    self.reports.finish(run, job.report)  # nothing is ready, so it is cleared away
                raise

    def brought_up_to_date(self, step: Step, backend: Backend) -> bool:
        """Do what has to be done for a report that nobody else is at work on, if anything has."""
        job = step.job
        if not step.to_run and not step.to_render:
            self.tell("up to date", job.report, "up to date")
            return False
        with self.locked():
            folder = self.reports.staging_folder(self.request.run, job.report)
        if step.to_run and step.taken_from is None:
            self.say(f"{job.report}: running ({', '.join(step.to_run)})")
            self.run(step, folder, backend)
        else:
            self.say(f"{job.report}: rendering ({', '.join(step.to_render)})")
            published = self.published(job, step.taken_from)
            self.publish(self.rendered(step, published, step.keys.run, folder))
        return True

    def renewed(self, step: Step) -> Step:
        """Return what has to be done now that nobody else is at work on the report."""
        last = self.reports.last(self.request.run, step.job.report)
        if last is step.last:
            return step
        return replace(self.step(step.job, step.keys), taken_from=step.taken_from)

    def step(self, job: Job, keys: Keys) -> Step:
        """Return what has to be done for a report that depends on this."""
        last = self.reports.last(self.request.run, job.report)
        folder = self.reports.folder / self.request.run
        damaged = damage(folder, last) if last is not None else {}
        return next_step(job, self.request, keys, last, damaged)

    def publish(self, staged: Staged) -> None:
        """Stage and publish a report, and say so."""
        signals.raise_if_taken()
        self.reports.stage(staged)
        with self.locked():
            self.reports.publish(staged)
        manifest, folder = staged.manifest, self.reports.folder / self.request.run
        pages = [folder / f"{manifest.report}.{name}" for name in self.request.formats]
        self.tell(
            "published",
            manifest.report,
            f"published {', '.join(page.name for page in pages)} in {folder}",
            run=manifest.run,
            files=[str(page) for page in pages],
            seconds=manifest.seconds,
            results=manifest.results,
        )

    def run(self, step: Step, folder: Path, backend: Backend) -> None:
        """Run the notebook, and publish it with what a page says of its making.

        The kernel ends while the pages are made.
        """
        job, task = step.job, self.task(step, folder)
        with working_below(folder, pages_mark_of(folder)):
            here = copy_context()
        # Time that the press would spend waiting for the kernel.
        threading.Thread(target=here.run, args=(_prepare_pages, task), daemon=True).start()
        last = step.last.seconds if step.last else None
        injects = bool(task.parameters)
        progress = RunProgress(self.teller, task.report, task.notebook, last, injects=injects)
        with progress, backend.run(task, progress) as outcome:
            progress.end()
            counts = self.accepted(task, outcome)
            executed = outcome.executed
            executed.metadata[METADATA_KEY] = {
                **provenance.said_anew(self.request.run, job.parameters, job.prepared),
                **outcome.facts,
                **counts,
            }
            check_same_data(self.project, job.prepared, job.report)
            moved = [name for name, value in outcome.key.items() if value == UNSETTLED]
            if moved:
                why = f"{', '.join(moved)} {UNSETTLED}, so that the next build runs it again"
                self.say(f"{job.report}: {why}")
            executed = self.redacted(executed, task)
            self.publish(self.rendered(step, executed, dict(outcome.key), folder))

    def task(self, step: Step, folder: Path) -> RunTask:
        """Return what is to be run for a report, which is prepared in this folder."""
        job = step.job
        return RunTask(
            job.report,
            job.notebook,
            job.injected,
            job.path.parent,
            folder / f"{job.report}.log",
            mark_of(folder),
            self.request.limits,
            self.request.threads_a_run,
            self.project,
            job.prepared.inputs,
            step.keys.run,
            self.project.allow_tagged_errors,
        )

    def accepted(self, task: RunTask, outcome: RunOutcome) -> dict[str, int]:
        """Return what a run wrote and what was left out of it, for the manifest.

        Raises:
            ExecutionError: It does not count; what there is of it is kept.
            PublishingError: The disk ended it.
        """
        try:
            if (failed := outcome.failed) is not None:
                raise failure(outcome.executed, task.report, failed.cell, failed.why)
            counts = account_for(
                outcome.executed, task.report, strict=self.request.strict, log=self.say
            )
        except NotebookFailedError as error:
            raise_disk_trouble(outcome.trouble, task.log)
            error.partial = self.redacted(error.partial, task)
            raise self.keep_partial(task.report, error, task.log) from error
        cuts, lines = account_for_cuts(outcome.executed)
        for line in lines:
            self.say(f"{task.report}: {line}")
        return {**counts, **cuts}

    def redacted(self, executed: NotebookNode, task: RunTask) -> NotebookNode:
        """Return the notebook without what it tells of this machine's folders."""
        return without_machine(without_paths(executed, task.parameters), self.project.root)

    def published(self, job: Job, folder: Path | None = None) -> NotebookNode:
        """Return the notebook as it is now, with the outputs of the published run.

        Args:
            job: The notebook.
            folder: Where that run is, if it is another one.
        """
        folder = folder or self.reports.folder / self.request.run
        executed = renew(job.notebook, read_notebook(folder / f"{job.report}.ipynb"))
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
        with working_below(folder, pages_mark_of(folder)), publishing_errors(folder):
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
            self.say(f"{report}: {line}")
        if refused:
            raise RenderingError(f"{report}: {lines[0]}, which --strict refuses")

    def keep_partial(
        self,
        report: str,
        error: NotebookFailedError,
        log: Path | None = None,
        waiting: Waiting | None = None,
    ) -> ExecutionError:
        """Keep a failed run's notebook, and return the error that says where.

        Args:
            report: The report's name.
            error: How the run failed.
            log: The kernel's log, where there is one.
            waiting: How others that publish are waited for, if not as for all else.
        """
        content: str = nbformat.writes(error.partial)  # type: ignore[no-untyped-call]
        written = log.read_bytes() if log and log.is_file() else b""
        try:
            with locked(self.reports.folder, waiting or self.waiting):
                path = self.reports.keep_failed(
                    self.request.run, report, content.encode("utf-8"), written
                )
        except PublishingError as problem:
            raise PublishingError(f"{problem}; before that, {error}") from problem
        return ExecutionError(f"{error}; what it left is in {path}")


def _prepare_pages(task: RunTask) -> None:
    from notebook_press.rendering.exporters import prepare  # slow to import

    prepare(task.notebook, task.folder)
