"""A build: plan → run → gate → render → stage → publish, in one pass, several at once if asked."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from notebook_press.errors import ParameterError, PressError
from notebook_press.events import Event, Teller
from notebook_press.expectations import check_expectations
from notebook_press.keys import ProjectParts
from notebook_press.making import Making, open_reports, settle
from notebook_press.messages import in_one_line, listed
from notebook_press.notebook import failure, read_notebook
from notebook_press.parameters import read_parameters
from notebook_press.plan import Step, plan
from notebook_press.publishing.lock import Waiting
from notebook_press.publishing.manifest import Manifest
from notebook_press.request import Request, check_request
from notebook_press.running import signals
from notebook_press.running.backends import Backend, InThisProcess, Pool, Workers
from notebook_press.running.preflight import unmet
from notebook_press.runs import perform

MINUTE = 60.0  # seconds


@dataclass(frozen=True)
class Failed:
    """A report that could not be brought up to date, and why; or results that are not as expected.

    Attributes:
        report: The report's name; empty where it is of no single one.
        notebook: The notebook's file; None where it is of no single one.
        error: What went wrong; its class says which exit code it means.
    """

    report: str
    notebook: Path | None
    error: PressError


@dataclass(frozen=True)
class Built:
    """What came of a build.

    Attributes:
        reports: The manifests of the reports that it was asked for, as far as they are published.
        published: The names of those that it published.
        failed: Those that it could not bring up to date, or in which results are not as expected.
    """

    reports: tuple[Manifest, ...]
    published: tuple[str, ...]
    failed: tuple[Failed, ...]

    def checked(self) -> tuple[Manifest, ...]:
        """Return the manifests.

        Raises:
            PressError: The first thing that went wrong, with the names of all that did; its class
                says which exit code it means.
        """
        raise_first(self.failed, "reports")
        return self.reports


def raise_first(failed: Sequence[Failed], what: str) -> None:
    """Raise the first thing that went wrong, if any did.

    Args:
        failed: What went wrong.
        what: What each of them is of, in the plural.

    Raises:
        PressError: It, with the names of all that failed; its class says which exit code it means.
    """
    if not failed:
        return
    first = failed[0].error
    if len(failed) == 1:
        raise first
    names = listed(sorted(each.report for each in failed))
    raise type(first)(f"{len(failed)} {what} failed: {names}; {first}") from first


def build(request: Request, teller: Teller) -> Built:
    """Build every report of a request.

    A notebook that fails does not keep the others from being published, but nothing is run where
    one of them lacks its kernel or a module.

    Raises:
        PressError: The request can't be met at all; the class says which exit code it means.
    """
    project, folder = check_request(request)
    this = Making(request, project, open_reports(folder), teller)
    with _workers(request) as workers:
        try:
            jobs = plan(request, project)
        except ParameterError as error:
            _keep_refused(this, error)
            raise
        for job in jobs:
            for note in job.notes:
                this.say(f"{job.report}: {note}")
        for warning in dict.fromkeys(line for job in jobs for line in job.prepared.warnings):
            this.say(f"data: {in_one_line(warning)}")
        settle(this.reports, this.waiting, teller)
        parts = ProjectParts(project, request.threads_a_run)
        steps = [this.step(job, job.keys(request.run, parts)) for job in jobs]
        failed = _not_runnable(this, steps)
        backend = workers or InThisProcess(partial(perform, parts=parts))
        published = [] if failed else _make_all(this, steps, backend, failed)
        with this.locked():
            this.reports.write_index()
    found = tuple(filter(None, (this.reports.last(request.run, job.report) for job in jobs)))
    if not failed:
        try:
            check_expectations(request.expectations, found)
        except PressError as error:
            failed.append(told(teller, Failed("", None, error)))
    return Built(found, tuple(published), tuple(failed))


def _workers(request: Request) -> AbstractContextManager[Workers | None]:
    """Return the workers of a build, which are started while it is planned; None for one job."""
    jobs = min(request.jobs, len(request.notebooks))
    return Workers(perform, jobs) if jobs > 1 else nullcontext()


def _keep_refused(this: Making, error: ParameterError) -> None:
    """Show in each notebook that declares no parameters that it can't be given what it was."""
    for path in this.request.notebooks:
        # A folder that is busy or can't be written is not what went wrong first.
        with suppress(PressError):
            notebook = read_notebook(path)
            if not read_parameters(notebook, str(path)):
                why = failure(notebook, path.stem, 0, f"never ran: {error}")
                this.keep_partial(path.stem, why, waiting=Waiting(publication=0))


def _not_runnable(this: Making, steps: Sequence[Step]) -> list[Failed]:
    """Return what the notebooks that have to be run lack, before minutes go into others."""
    found = []
    for job in (step.job for step in steps if step.to_run):
        if lack := unmet(job.notebook, job.path.parent):
            error = failure(job.notebook, job.report, *lack)
            kept = this.keep_partial(job.report, error)
            found.append(told(this.teller, Failed(job.report, job.path, kept)))
    return found


def _make_all(
    this: Making, steps: Sequence[Step], backend: Backend, failed: list[Failed]
) -> list[str]:
    """Bring all reports up to date; return those that were published, and add what went wrong."""
    published = []

    def make(step: Step) -> None:
        try:
            if this.make(step, backend):
                published.append(step.job.report)
        except PressError as error:
            signals.raise_if_taken()
            failed.append(told(this.teller, Failed(step.job.report, step.job.path, error)))

    if not isinstance(backend, Workers):
        for step in steps:
            make(step)
        return published
    side_by_side(this, backend, [partial(make, step) for step in steps], this.request.jobs)
    return published


def side_by_side(
    this: Making,
    backend: Pool,
    calls: Iterable[Callable[[], None]],
    count: int,
    each_minute: Callable[[], None] = lambda: None,
) -> None:
    """Make calls in threads, in order; where one raises something, the others are interrupted.

    Args:
        this: What makes the reports.
        backend: Where they are run.
        calls: What is to be called.
        count: How many of them are at work at once.
        each_minute: Called here, once a minute, as long as they are.
    """
    threads = ThreadPoolExecutor(count)
    try:
        ahead = {threads.submit(call) for call in calls}
        while ahead:
            done, ahead = wait(ahead, MINUTE, FIRST_EXCEPTION)
            for future in done:
                future.result()
            if ahead:
                each_minute()
    except BaseException:  # one of them will not be waited for
        this.interrupted.set()
        backend.stop()
        raise
    finally:
        threads.shutdown(cancel_futures=True)


def told(teller: Teller, failed: Failed) -> Failed:
    """Tell that something went wrong, and return it."""
    error = failed.error
    facts = {"exit_code": error.exit_code, "meaning": error.meaning, "message": str(error)}
    teller.tell(Event("failed", failed.report, f"failed: {error}", facts))
    return failed
