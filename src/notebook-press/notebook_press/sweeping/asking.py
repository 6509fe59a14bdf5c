"""What a sweep is asked for, and what that comes to: its points, each as a job of a build."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from notebook_press.clusters.joining import Cluster
from notebook_press.digests import digest
from notebook_press.errors import UsageError
from notebook_press.messages import shown
from notebook_press.parameters import assign
from notebook_press.plan import Draft, Job
from notebook_press.project import Project, find_project
from notebook_press.publishing.files import SWEEPS
from notebook_press.request import Request, check_request
from notebook_press.sweeping import grid
from notebook_press.sweeping.results import Objective, Point, Sweep


@dataclass(frozen=True)
class SweepRequest:
    """What a sweep is asked for.

    Attributes:
        build: What a build of its one notebook is asked for; its run's name is the sweep's.
        axes: What is varied.
        drawn: How many settings are drawn at random; None where all are run through.
        draw_seed: The seed that they are drawn with.
        objective: The result to choose by, if any.
        on_test: Whether that may be one of the test data.
        pages: Whether each point gets pages.
        dry: Whether it is only told what there is to do.
        many: Whether there may be more than `grid.MOST_UNASKED` points.
        cluster: The Dask cluster that its points are run on; None for processes of this machine.
    """

    build: Request
    axes: tuple[grid.Axis, ...]
    drawn: int | None = None
    draw_seed: int = 0
    objective: Objective | None = None
    on_test: bool = False
    pages: bool = False
    dry: bool = False
    many: bool = False
    cluster: Cluster | None = None


def checked(asked: SweepRequest) -> tuple[Request, Project, Path]:
    """Return the request that all points share, their project, and the folder of the sweep.

    Raises:
        UsageError: It asks for what can't be.
    """
    request = asked.build
    grid.check_axes(asked.axes, request.given or {}, asked.drawn)
    if len(request.notebooks) != 1:
        raise UsageError(f"expected one notebook, found {len(request.notebooks)}; name one")
    objective = asked.objective
    if objective and objective.is_of_test_data and not asked.on_test:
        raise UsageError(
            f"expected a validation result to choose by, found {shown(objective.result)}: what is "
            "chosen by test data looks better than it is; choose by another, or say --on-test"
        )
    points = grid.count(asked.axes, asked.drawn)
    if points > grid.MOST_UNASKED and not asked.many:
        raise UsageError(f"{points:,} points are many; to run them all the same, say --yes")
    root = find_project(request.notebooks[0].parent).root
    sweeps = (request.reports or root / "reports") / SWEEPS
    project, sweeps = check_request(replace(request, reports=sweeps))
    formats = request.formats if asked.pages else ()
    folder = sweeps / request.run
    return replace(request, formats=formats, reports=folder), project, folder


def planned(
    asked: SweepRequest, request: Request, draft: Draft, project: Project
) -> dict[Point, Job]:
    """Return the job of each point; all values are checked before the project is asked of any.

    Raises:
        ParameterError: The notebook can't be given one of them.
        DataError: The project's `prepare` refuses one of them.
    """
    given = grid.combinations(asked.axes, asked.drawn, asked.draw_seed, draft.parameters)
    where = str(draft.path)
    values = [
        assign({where: draft.parameters}, {**(request.given or {}), **each})[where]
        for each in given
    ]
    names = [each.name for each in asked.axes]
    points: dict[Point, Mapping[str, object]] = {}
    for each in values:
        own = {name: each[name] for name in names}
        points.setdefault(Point(digest(own)[:12], own), each)
    return {point: draft.job(each, request, project) for point, each in points.items()}


def sweep_of(
    asked: SweepRequest, request: Request, draft: Draft, jobs: Mapping[Point, Job]
) -> Sweep:
    """Return what a sweep was asked for, as a value that is kept."""
    job = next(iter(jobs.values()))
    return Sweep(
        request.run,
        draft.path.stem,
        tuple(each.name for each in asked.axes if not each.repeated),
        tuple(each.name for each in asked.axes if each.repeated),
        {name: job.values[name] for name in request.given or {}},
        tuple(jobs),
        asked.objective,
    )
