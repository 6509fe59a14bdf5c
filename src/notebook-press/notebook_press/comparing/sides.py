"""The two sides of a comparison: which reports there are, and which belong together."""

from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from notebook_press.errors import UsageError, publishing_errors
from notebook_press.messages import escaped
from notebook_press.notebook import read_notebook
from notebook_press.publishing.files import APART, read_plain, subfolders
from notebook_press.publishing.manifest import (
    ENDINGS,
    LARGEST,
    Manifest,
    describe_content,
    load_manifest,
)


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


def paired(
    before: Path, after: Path
) -> tuple[list[tuple[str, Report, Report]], list[str], list[str]]:
    """Return the reports that two sides have by name, and the names that one of them alone has.

    Args:
        before: A file of a report, the folder of a run, or a folder of such folders.
        after: The same for the other side; two single reports are a pair in any case.

    Raises:
        UsageError: There are no reports, a manifest is damaged, or the sides are not of a kind.
        PublishingError: A folder can't be read.
    """
    (kind, old), (other, new) = map(_read_side, (before, after))
    if kind != other:
        raise UsageError(
            f"expected two of a kind, found {kind} ({escaped(before)}) and {other} "
            f"({escaped(after)}); give two reports, two runs or two reports folders"
        )
    if kind == "a report":
        new = dict(zip(old, new.values(), strict=True))
    both = [(name, report, new[name]) for name, report in old.items() if name in new]
    return (
        both,
        [name for name in old if name not in new],
        [name for name in new if name not in old],
    )


def _read_side(path: Path) -> tuple[str, dict[str, Report]]:
    """What kind of side it is, and its reports by the names that a comparison tells them by."""
    with publishing_errors(path):
        if not path.is_dir():
            manifest = load_manifest(_manifest_beside(path))
            return "a report", {manifest.report: Report(manifest, path.parent)}
        if found := _reports_in(path):
            return "the folder of a run", found
        runs = [each for each in subfolders(path.resolve()) if each.name not in APART]
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
    return "a reports folder", reports


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
