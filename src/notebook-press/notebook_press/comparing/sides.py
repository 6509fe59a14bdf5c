"""The two sides of a comparison: which reports there are, and which belong together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nbformat import NotebookNode

from notebook_press.errors import UsageError, publishing_errors
from notebook_press.messages import escaped
from notebook_press.notebook import read_notebook
from notebook_press.publishing.files import FAILED, PRIVATE, read_plain, subfolders
from notebook_press.publishing.manifest import (
    ENDINGS,
    LARGEST,
    Manifest,
    describe_content,
    load_manifest,
)

Kind = Literal["a report", "the folder of a run", "a reports folder"]


@dataclass(frozen=True)
class Report:
    """A published report: its manifest, and the folder that its files are in."""

    manifest: Manifest
    folder: Path

    def kept(self, side: str) -> tuple[NotebookNode | None, list[str]]:
        """Return its executed notebook, or None where it was not kept, and what is odd about it.

        Args:
            side: What the report is called, `before` or `after`.

        Raises:
            UsageError: It is no notebook that can be read.
        """
        path = self.folder / f"{self.manifest.report}.ipynb"
        if not path.exists():
            return None, [f"no notebook was kept {side}: its cells are not compared"]
        try:
            content = read_plain(path, LARGEST * 4)  # a pipe in its place would be waited for
        except OSError as error:
            raise UsageError(
                f"{escaped(path)}: expected the notebook of a report, found "
                f"{error.strerror}; build the report again"
            ) from error
        is_as_published = self.manifest.files.get(path.name) == describe_content(content)
        note = f"the notebook {side} is not the one that its manifest tells of"
        return read_notebook(path), [] if is_as_published else [note]


@dataclass(frozen=True)
class Side:
    """What is before, or after: its reports by the names that a comparison tells them apart by."""

    path: Path
    kind: Kind
    reports: Mapping[str, Report]


def read_side(path: Path) -> Side:
    """Return the reports that a path leads to.

    Args:
        path: A file of a report, the folder of a run, or a folder of such folders.

    Raises:
        UsageError: There are no reports, or one of their manifests is damaged.
        PublishingError: A folder can't be read.
    """
    with publishing_errors(path):
        if not path.is_dir():
            manifest = load_manifest(_manifest_beside(path))
            return Side(path, "a report", {manifest.report: Report(manifest, path.parent)})
        if found := _reports_in(path):
            return Side(path, "the folder of a run", found)
        runs = [each for each in subfolders(path.resolve()) if each.name not in (PRIVATE, FAILED)]
        reports = {
            f"{run.name}/{name}": report
            for run in runs
            for name, report in _reports_in(run).items()
        }
    if not reports:
        raise UsageError(
            f"{escaped(path)}: expected reports, found none; give the folder of a run, such as "
            "reports/default, or a whole reports folder"
        )
    return Side(path, "a reports folder", reports)


def _manifest_beside(path: Path) -> Path:
    if path.suffix.removeprefix(".") not in (*ENDINGS, "json") or not path.is_file():
        raise UsageError(
            f"{escaped(path)}: expected a folder of reports, or a file of a report, found "
            f"{'another file' if path.is_file() else 'nothing'}; give for example reports/default"
        )
    return path.with_suffix(".json")


def _reports_in(folder: Path) -> dict[str, Report]:
    paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")
    return {path.stem: Report(load_manifest(path), folder) for path in paths}


def paired(before: Side, after: Side) -> Sequence[tuple[str, Report, Report]]:
    """Return the reports that both sides have, by name; two single ones are a pair in any case.

    Raises:
        UsageError: The sides are not of a kind.
    """
    if before.kind != after.kind:
        raise UsageError(
            f"expected two of a kind, found {before.kind} ({escaped(before.path)}) and "
            f"{after.kind} ({escaped(after.path)}); give two reports, two runs or two reports "
            "folders"
        )
    if before.kind == "a report":
        ((name, old),), (new,) = before.reports.items(), after.reports.values()
        return [(name, old, new)]
    both = [name for name in before.reports if name in after.reports]
    return [(name, before.reports[name], after.reports[name]) for name in both]
