"""The press for programs: a build as a function."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from notebook_press.builds import Built
    from notebook_press.parameters import Given


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
