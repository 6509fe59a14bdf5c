"""Runs a sweep: every point is planned and counted first, then made as a build makes a report."""

import statistics
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from notebook_press.builds import Failed, raise_first, side_by_side, told
from notebook_press.clusters.joining import Cluster, DaskBackend
from notebook_press.digests import digest
from notebook_press.errors import (
    DataError,
    ExecutionError,
    RenderingError,
    UsageError,
    publishing_errors,
)
from notebook_press.events import Event, Teller
from notebook_press.keys import ProjectParts
from notebook_press.making import Making, open_reports, settle
from notebook_press.messages import how_many, listed, shown
from notebook_press.notebook import failure
from notebook_press.plan import Draft, Job, read_drafts
from notebook_press.publishing.files import subfolders
from notebook_press.publishing.lock import locked, sweep_locked
from notebook_press.publishing.manifest import damage, read_manifest
from notebook_press.publishing.publish import Reports
from notebook_press.running import signals
from notebook_press.running.backends import Backend, Pool, Workers
from notebook_press.running.preflight import unmet
from notebook_press.running.tasks import Observer, RunOutcome, RunTask
from notebook_press.runs import perform
from notebook_press.sweeping.asking import SweepRequest, checked, planned, sweep_of
from notebook_press.sweeping.progress import PointTeller, Progress, duration
from notebook_press.sweeping.results import (
    Point,
    PointOutcome,
    State,
    Sweep,
    outcome_of,
    write,
)


@dataclass(frozen=True)
class Swept:
    """What came of a sweep.

    Attributes:
        sweep: What it was asked for.
        outcomes: What came of each point, in the points' order.
        failed: The points that could not be brought up to date, with their errors.
        folder: Where it is kept.
    """

    sweep: Sweep
    outcomes: tuple[PointOutcome, ...]
    failed: tuple[Failed, ...]
    folder: Path

    def checked(self) -> tuple[PointOutcome, ...]:
        """Return what came of each point.

        Raises:
            PressError: The first thing that went wrong, with the points that it did at; its class
                says which exit code it means.
        """
        raise_first(self.failed, "points")
        return self.outcomes


def run_sweep(asked: SweepRequest, teller: Teller) -> Swept:
    """Bring every point of a sweep up to date.

    A point that fails does not keep the others from being run; a disk that is full does.

    Raises:
        PressError: The sweep can't be as it was asked for, or what was published could not be
            written; its class says which exit code it means.
    """
    request, project, folder = checked(asked)
    (draft,) = read_drafts(request)
    jobs = planned(asked, request, draft, project)
    sweep = sweep_of(asked, request, draft, jobs)
    this = Making(request, project, Reports(folder, None), teller)
    parts = ProjectParts(project, request.threads_a_run)
    swept = Sweeping(this, sweep, jobs, parts, asked.cluster)
    if asked.dry:
        swept.plan()
        swept.tell_plan(each_point=True)
        return swept.found()
    with sweep_locked(folder, this.waiting):
        settle(this.reports, this.waiting, teller)
        swept.plan()
        swept.tell_plan()
        swept.refuse_unmet(draft)
        with swept.progress:
            try:
                swept.run()
            finally:
                with publishing_errors(folder):
                    write(folder, sweep, swept.found().outcomes)
            from notebook_press.sweeping.pages import write_pages  # slow to import

            write_pages(folder, sweep, swept.found().outcomes)
            with locked(folder.parents[1], this.waiting):
                open_reports(folder.parents[1]).write_index()
            swept.progress.tell_end(folder)
    _check_objective(sweep, swept.found().outcomes)
    return swept.found()


class Sweeping:
    """A sweep at work: what is known of each point, and what is still to be done."""

    def __init__(
        self,
        this: Making,
        sweep: Sweep,
        jobs: Mapping[Point, Job],
        parts: ProjectParts,
        cluster: Cluster | None = None,
    ) -> None:
        """Prepare for a sweep.

        Args:
            this: What makes its points, of which each is a run of its own.
            sweep: What was asked for.
            jobs: The notebook with the values of each point.
            parts: What all points depend on.
            cluster: The Dask cluster to run them on; None for processes of this machine.
        """
        self.this, self.sweep, self._jobs, self._parts = this, sweep, jobs, parts
        self._cluster = cluster
        self._outcomes = {point.name: PointOutcome(point, "waiting") for point in sweep.points}
        self._failed: list[Failed] = []
        self._taken: dict[str, Path] = {}
        self._one = threading.Lock()
        self.progress = Progress(this.teller, sweep, this.request.jobs)

    def found(self) -> Swept:
        """Return what is known by now."""
        outcomes = tuple(self._outcomes[point.name] for point in self.sweep.points)
        return Swept(self.sweep, outcomes, tuple(self._failed), self.this.reports.folder)

    def plan(self) -> None:
        """Find out which points are as they should be, and which another sweep has measured."""
        elsewhere: Mapping[str, Path] | None = None
        for point, job in self._jobs.items():
            making = self._making(point)
            step = making.step(job, job.keys(point.name, self._parts))
            state: State = "waiting"
            if step.last and not step.to_render:
                state = "up to date"
            elif step.to_run and not making.request.fresh and not job.fresh:
                elsewhere = self._elsewhere() if elsewhere is None else elsewhere
                if place := elsewhere.get(digest(step.keys.run)):
                    self._taken[point.name], state = place, "taken"
            if step.last and state == "up to date":
                self._outcomes[point.name] = outcome_of(point, state, step.last)
            else:
                why = ", ".join(step.to_run or step.to_render)
                self._outcomes[point.name] = PointOutcome(point, state, why)

    def tell_plan(self, *, each_point: bool = False) -> None:
        """Tell how many points there are, how many have to be run, and how long that may take."""
        states = Counter(each.state for each in self._outcomes.values())
        left, jobs = states["waiting"], self.this.request.jobs
        known = [each.seconds for each in self._outcomes.values() if each.seconds is not None]
        seconds = statistics.median(known) if known else self._last_seconds()
        self.progress.begin(self._outcomes.values(), seconds)
        if each_point:
            for each in self._outcomes.values():
                what = f"to run ({each.why})" if each.state == "waiting" else each.state
                facts = {"point": each.point.name, "values": each.point.values}
                words = f"{each.point.name}  {each.point.label}: {what}"
                facts = {**facts, "state": each.state}
                self.this.teller.tell(Event("planned", self.sweep.report, words, facts))
        cost = "" if not left else ", for how long is not known: it has not run yet"
        if left and seconds is not None:
            cost = f", {duration(left * seconds / jobs)} at {seconds:.0f} s each, {jobs} at once"
        self.this.say(
            f"{self.sweep.name}: {how_many(len(self._jobs), 'point')} of {self.sweep.report}: "
            f"{states['up to date']} up to date, {states['taken']} measured by another sweep, "
            f"{left} to run{cost}"
        )

    def refuse_unmet(self, draft: Draft) -> None:
        """Refuse to run what lacks its kernel or a module.

        Raises:
            ExecutionError: It lacks one.
        """
        waiting = any(each.state == "waiting" for each in self._outcomes.values())
        if waiting and (lack := unmet(draft.notebook, draft.path.parent)):
            raise ExecutionError(str(failure(draft.notebook, self.sweep.report, *lack)))

    def run(self) -> None:
        """Bring the points up to date that are not."""
        ahead = [each.point for each in self._outcomes.values() if each.state != "up to date"]
        if not ahead:
            return
        with ExitStack() as pools:
            pool, backend, count = self._pool(pools, len(ahead))
            calls = [partial(self._make, point, backend) for point in ahead]
            side_by_side(self.this, pool, calls, count, self._each_minute)

    def _pool(self, pools: ExitStack, points: int) -> tuple[Pool, Backend, int]:
        """Where points are run: what is stopped, what runs them, and how many at a time."""
        jobs = min(self.this.request.jobs, points)
        if self._cluster is None:
            workers = pools.enter_context(Workers(perform, min(jobs + 1, points)))
            return workers, _Ahead(workers, threading.Semaphore(jobs)), jobs + 1
        this = self.this
        dask = DaskBackend(self._cluster, jobs, this.project, self._parts, this.say)
        pools.enter_context(dask)
        self.progress.jobs = min(dask.at_once, points)
        return dask, dask, self.progress.jobs

    def _make(self, point: Point, backend: Backend) -> None:
        making, job = self._making(point), self._jobs[point]
        step = making.step(job, job.keys(point.name, self._parts))
        step = replace(step, taken_from=self._still_taken(point, step.keys.run))
        state: State = "taken" if step.taken_from else "run" if step.to_run else "up to date"
        try:
            with self.progress.at_work(point):
                making.make(step, backend)
            last = making.reports.last(point.name, self.sweep.report)
            if last is None:  # somebody has removed it
                raise ExecutionError(f"{point.label}: what was published is gone; run it again")
            self._settle(outcome_of(point, state, last))
        except (DataError, ExecutionError, RenderingError) as error:
            signals.raise_if_taken()
            failed = Failed(point.label, job.path, error)
            with self._one:
                self._failed.append(failed)
            told(making.teller, failed)
            why = str(error).replace(f"{making.reports.folder}/", "")
            self._settle(PointOutcome(point, "failed", why))

    def _settle(self, outcome: PointOutcome) -> None:
        with self._one:
            self._outcomes[outcome.point.name] = outcome
        self.progress.done(outcome)

    def _each_minute(self) -> None:
        self.progress.tell_words()
        with publishing_errors(self.this.reports.folder):
            write(self.this.reports.folder, self.sweep, self.found().outcomes)

    def _making(self, point: Point) -> Making:
        request = replace(self.this.request, run=point.name)
        teller = PointTeller(self.this.teller, self.sweep.report, point)
        return replace(self.this, request=request, teller=teller)

    def _elsewhere(self) -> Mapping[str, Path]:
        """The folders of runs in other sweeps, by the digest of what their results depend on."""
        found = {}
        for sweep in subfolders(self.this.reports.folder.parent):
            if sweep != self.this.reports.folder:
                for path in sweep.glob(f"*/{self.sweep.report}.json"):
                    if manifest := read_manifest(path):
                        found[digest(manifest.keys.run)] = path.parent
        return found

    def _still_taken(self, point: Point, key: Mapping[str, str]) -> Path | None:
        """Where its run was measured elsewhere, if it is still there and whole."""
        if (place := self._taken.get(point.name)) is None:
            return None
        manifest = read_manifest(place / f"{self.sweep.report}.json")
        whole = manifest and f"{self.sweep.report}.ipynb" not in damage(place, manifest)
        return place if whole and manifest and manifest.keys.run == key else None

    def _last_seconds(self) -> float | None:
        """How long the notebook's last run took, whatever it was given."""
        reports = open_reports(self.this.reports.folder.parents[1])
        if not reports.folder.is_dir():
            return None
        runs = (reports.last(folder.name, self.sweep.report) for folder in reports.runs())
        last = max(filter(None, runs), key=lambda each: each.finished, default=None)
        return last.seconds if last else None


class _Ahead:
    """Runs as many tasks at once as there may be; meanwhile the next one's kernel is started."""

    def __init__(self, workers: Workers, free: threading.Semaphore) -> None:
        self._workers, self._free = workers, free

    @contextmanager
    def run(self, task: RunTask, observer: Observer) -> Iterator[RunOutcome]:
        """Give what comes of a task."""
        with ExitStack() as place:
            turn = partial(place.enter_context, self._free)
            with self._workers.run(task, observer, turn) as outcome:
                place.close()
                yield outcome


def _check_objective(sweep: Sweep, outcomes: Sequence[PointOutcome]) -> None:
    """Check that a point recorded the result that the sweep chooses by.

    Raises:
        UsageError: Points were measured, and none of them did.
    """
    recorded = sorted({name for each in outcomes for name in each.results})
    measured = any(each.finished for each in outcomes)
    if sweep.objective and measured and sweep.objective.result not in recorded:
        raise UsageError(
            f"no point recorded {shown(sweep.objective.result)}, which the sweep chooses by; "
            f"recorded are {listed(recorded) or 'no results at all'}"
        )
