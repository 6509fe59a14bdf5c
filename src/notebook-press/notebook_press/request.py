"""What a build is asked for, and whether it can be met at all."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notebook_press import keys
from notebook_press.errors import UsageError
from notebook_press.expectations import Expectation
from notebook_press.finding import find_notebooks, notebooks_of
from notebook_press.messages import escaped, listed, shown
from notebook_press.parameters import Given
from notebook_press.project import Project, find_common_project, find_project
from notebook_press.publishing.names import check_new_run, check_report_name, check_run_name
from notebook_press.rendering import FORMATS
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
