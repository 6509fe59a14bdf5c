"""What each report's runs recorded over time: a small file a run, of which the last are kept.

reports/history/<report>/<when>-<run>.json
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from notebook_press.errors import UsageError
from notebook_press.publishing.files import (
    HISTORY,
    own_folder,
    read_plain,
    remove,
    subfolders,
    write_file,
)
from notebook_press.publishing.manifest import Manifest, Moment, Number, Part
from notebook_press.publishing.names import check_run_name

KEPT = 50
"""How many runs of a report are kept."""

LARGEST = 2**20  # bytes


class PastRun(Part):
    """What is kept of a run of a report: nothing but numbers, and what they are of."""

    report: str
    run: Annotated[str, AfterValidator(check_run_name)]
    finished: Moment
    results: dict[str, Number]
    inputs: dict[str, str] = Field(default={}, description="SHA-256 of each input file, by name.")


def keep(reports: Path, manifest: Manifest) -> None:
    """Keep what a run recorded, and remove what is older than the last runs of its report.

    Raises:
        PublishingError: Something is in the way.
        OSError: It can't be written.
    """
    known = {name: getattr(manifest, name) for name in PastRun.model_fields}
    when = datetime.fromisoformat(manifest.finished).astimezone(UTC)
    folder = own_folder(reports, HISTORY, manifest.report)
    path = folder / f"{when:%Y%m%dT%H%M%SZ}-{manifest.run}.json"
    write_file(reports, path, f"{PastRun(**known).model_dump_json()}\n".encode())
    for older in sorted(folder.iterdir(), reverse=True)[KEPT:]:
        remove(older)


def past_runs(reports: Path) -> list[PastRun]:
    """Return the runs that are kept, the oldest of each report first, without what is none."""
    folders = subfolders(reports / HISTORY)
    found = (_read(path) for folder in folders for path in sorted(folder.iterdir()))
    return [each for each in found if each is not None]


def _read(path: Path) -> PastRun | None:
    try:
        past = PastRun.model_validate_json(read_plain(path, LARGEST))
    except (OSError, ValueError, RecursionError, OverflowError, UsageError):
        return None
    return past if past.report == path.parent.name else None
