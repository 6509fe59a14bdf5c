"""The press for programs: a build as a function."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from notebook_press.builds import Built


def build(
    *notebooks: str | Path,
    parameters: Mapping[str, Any] | None = None,
    formats: Iterable[str] | None = None,
    run: str = "default",
    reports: str | Path | None = None,
    **options: Any,
) -> "Built":
    """Run notebooks, publish them as reports, and return what was published and what failed.

    Nothing is printed. What has not changed since it was published is left alone.

    Args:
        *notebooks: Notebooks, folders and patterns; none for those that the project names.
        parameters: Values by name, for each notebook that declares the name.
        formats: Some of `html`, `pdf` and `pptx`; without them those that the project names.
        run: The run's name, which is a folder of the reports.
        reports: The folder to publish in; without it the project's `reports`.
        **options: What else `notebook_press.plan.request_for` takes, such as `jobs` and `strict`.

    Raises:
        PressError: The request can't be met at all. What a notebook comes to raises nothing.
    """
    from notebook_press.builds import build as build_reports  # slow to import
    from notebook_press.events import Silence
    from notebook_press.parameters import Given
    from notebook_press.plan import request_for

    given = {
        name: Given(text, "build()", quoted=isinstance(value, str))
        for name, value in (parameters or {}).items()
        for text in [value if isinstance(value, str) else json.dumps(value)]
    }
    request = request_for(
        list(map(Path, notebooks)),
        formats=None if formats is None else tuple(formats),
        given=given,
        run=run,
        reports=None if reports is None else Path(reports),
        **options,
    )
    return build_reports(request, Silence())
