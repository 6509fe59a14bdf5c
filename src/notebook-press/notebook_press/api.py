"""The press for programs: a build as a function, and a sweep as another."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from notebook_press.builds import Built
    from notebook_press.clusters.joining import Cluster
    from notebook_press.parameters import Given
    from notebook_press.sweeping.run import Swept


def build(
    *notebooks: str | Path,
    parameters: Mapping[str, Any] | None = None,
    formats: Iterable[str] | None = None,
    run: str = "default",
    reports: str | Path | None = None,
    expect: Iterable[str] = (),
    **options: Any,
) -> "Built":
    """Run notebooks, publish them as reports, and return what was published and what failed.

    The press prints nothing. What has not changed since it was published is left alone.

    Args:
        *notebooks: Notebooks, folders and patterns; none for those that the project names.
        parameters: Values by name, for each notebook that declares the name; a date or a path is
            given as text, and NumPy's numbers and arrays as numbers and lists.
        formats: Some of `html`, `pdf` and `pptx`; without them those that the project names.
        run: The run's name, which is a folder of the reports.
        reports: The folder to publish in; without it the project's `reports`.
        expect: Bounds on results, such as `test_accuracy>=0.97`.
        **options: What else `notebook_press.request.request_for` takes, as `jobs` and `strict`.

    Raises:
        PressError: The request can't be met at all. A notebook that fails, or a result that is
            out of its bounds, raises nothing.
    """
    from notebook_press.builds import build as build_reports  # slow to import
    from notebook_press.events import Silence
    from notebook_press.expectations import parse_expectation
    from notebook_press.request import request_for

    given = {name: _given(name, value) for name, value in (parameters or {}).items()}
    formats = (formats,) if isinstance(formats, str) else formats
    request = request_for(
        list(map(Path, notebooks)),
        formats=None if formats is None else tuple(formats),
        given=given,
        run=run,
        reports=None if reports is None else Path(reports),
        expectations=tuple(parse_expectation(text, "expect") for text in expect),
        **options,
    )
    return build_reports(request, Silence())


def sweep(
    notebook: str | Path,
    *,
    grid: Mapping[str, str | Iterable[Any]],
    repeat: Mapping[str, str | Iterable[Any]] | None = None,
    parameters: Mapping[str, Any] | None = None,
    name: str | None = None,
    random: int | None = None,
    random_seed: int = 0,
    maximize: str | None = None,
    minimize: str | None = None,
    on_test: bool = False,
    pages: bool = False,
    dry_run: bool = False,
    reports: str | Path | None = None,
    cluster: "Cluster | None" = None,
    **options: Any,
) -> "Swept":
    """Run a notebook at many points, and return what came of each and what failed.

    The press prints nothing. A second call runs what is missing, failed or stale.

    Args:
        notebook: The notebook.
        grid: Of each parameter that is varied the values, or a text as `--grid` takes it, such as
            `log:1e-4..1e-1`.
        repeat: The same of each parameter that repeats a measurement, such as a seed.
        parameters: The values of what is fixed, as `build` takes them.
        name: The sweep's name, a folder of `reports/sweeps`; without it the notebook's.
        random: How many settings are drawn; without it all are run through.
        random_seed: The seed that they are drawn with.
        maximize: The result to choose by.
        minimize: The same, where a smaller one is better.
        on_test: Whether to choose by a test result all the same.
        pages: Whether to make pages of each point.
        dry_run: Whether to find out only what there is to do.
        reports: The folder that `sweeps` is in; without it the project's `reports`.
        cluster: A `notebook_press.clusters.joining.Cluster`: the Dask cluster to run points on.
        **options: What else `notebook_press.request.request_for` takes, as `jobs` and `threads`.

    Raises:
        PressError: The sweep can't be as it was asked for. A point that fails raises nothing.
    """
    from notebook_press.events import Silence
    from notebook_press.request import request_for
    from notebook_press.sweeping.asking import SweepRequest
    from notebook_press.sweeping.grid import Axis, axis, parse_axis
    from notebook_press.sweeping.results import objective_of
    from notebook_press.sweeping.run import run_sweep

    def axis_of(each: str, values: str | Iterable[Any], *, repeated: bool) -> Axis:
        if isinstance(values, str):
            return parse_axis(f"{each}={values}", repeated=repeated)
        return axis(each, [_given(each, value) for value in values], repeated=repeated)

    axes = [axis_of(*each, repeated=False) for each in grid.items()]
    axes += [axis_of(*each, repeated=True) for each in (repeat or {}).items()]
    request = request_for(
        [Path(notebook)],
        given={each: _given(each, value) for each, value in (parameters or {}).items()},
        run=Path(notebook).stem if name is None else name,
        reports=None if reports is None else Path(reports),
        **{"formats": None, **options},
    )
    asked = SweepRequest(
        request,
        tuple(axes),
        random,
        random_seed,
        objective_of(maximize, minimize),
        on_test,
        pages,
        dry_run,
        cluster=cluster,
        many=True,
    )
    return run_sweep(asked, Silence())


def _given(name: str, value: Any) -> "Given":
    from notebook_press.errors import ParameterError
    from notebook_press.messages import shown
    from notebook_press.parameters import Given

    value = str(value) if isinstance(value, date | PurePath) else value
    if isinstance(value, str):
        return Given(value, "build()", quoted=True)
    try:
        text = json.dumps(value, default=_as_json)
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise ParameterError(
            f"build(): expected for {shown(name)} a value that JSON can hold, found {shown(value)}"
        ) from error
    return Given(text, "build()", items=json.loads(text))


def _as_json(value: Any) -> Any:
    return str(value) if isinstance(value, date | PurePath) else value.tolist()
