"""The photographs that a notebook's parameters name, looked at before anything runs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from handwriting.data.photographs import opening, truth
from handwriting.errors import DatasetError
from handwriting.results import files
from handwriting.results.store import digest


def resolved(parameters: Mapping[str, object]) -> tuple[dict[str, object], dict[str, str]]:
    """Return `images` and `truth` as absolute paths, and what they hold, as SHA-256s.

    Photographs are called by their number, and what is written on them `truth`.

    Args:
        parameters: all of a notebook's; there need be neither of these among them.

    Raises:
        DatasetError: There is no photograph, one cannot be opened, or the truth is none.
    """
    images, stated = parameters.get("images"), parameters.get("truth")
    if images is None:
        if stated is not None:
            raise DatasetError.at(
                "truth",
                expected="photographs in `images` that it is of",
                found=f"{stated!r} alone",
                remedy="Name the photographs, or leave it out.",
            )
        return {}, {}
    place = _absolute("images", images)
    paths = opening.paths(place)
    inputs = {
        f"photograph {number}": _sha256(path, files.stamp(path))
        for number, path in enumerate(paths, 1)
    }
    found: dict[str, object] = {"images": str(place)}
    if stated is not None:
        named = stated if stated in truth.RULES else str(_absolute("truth", stated))
        known = truth.stated(str(named), paths)
        found["truth"] = named
        inputs["truth"] = digest([known.get(path, ()) for path in paths])
    return found, inputs


def _absolute(parameter: str, value: object) -> Path:
    try:
        if isinstance(value, str) and value.strip():
            return Path(value).expanduser().resolve()
        found = repr(value)
    except (OSError, RuntimeError, ValueError) as error:
        found = f"{value!r}, which cannot be looked up ({error})"
    raise DatasetError.at(
        parameter, expected="a path, as text", found=found, remedy="Check the path."
    )


@functools.lru_cache(maxsize=2 * opening.MOST_PHOTOGRAPHS)
def _sha256(path: Path, _stamp: object) -> str:
    """That of a photograph, which is opened once for a build to see whether it can be."""
    return opening.opened(path).sha256
