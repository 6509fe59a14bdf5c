"""Whether what is published is still what the manifests say."""

from pathlib import Path

from notebook_press.errors import publishing_errors
from notebook_press.publishing.files import describe_kind
from notebook_press.publishing.manifest import damage
from notebook_press.publishing.publish import Reports, manifest_paths


def check(reports: Reports) -> tuple[str, ...]:
    """Return what is wrong with the published reports, one line each.

    Every file of a run's folder has to be in a manifest and as the manifest says, and the index
    has to be the one that the manifests make.

    Raises:
        PublishingError: A folder can't be read.
    """
    with publishing_errors(reports.folder):
        wrong = [
            f"{path}: a symbolic link, which is not followed; remove it"
            for path in sorted(reports.folder.iterdir())
            if path.is_symlink() and path.is_dir()
        ]
        for folder in reports.runs():
            wrong += _wrong_in(reports, folder)
        index = reports.folder / "index.html"
        nothing_yet = describe_kind(index) is None and not reports.runs()
        if not nothing_yet and not reports.index_is_right():
            wrong.append(f"{index}: missing, or not what the manifests say")
    return tuple(wrong)


def _wrong_in(reports: Reports, folder: Path) -> list[str]:
    """Return what is wrong in the folder of a run."""
    wrong: dict[Path, str] = {}
    expected: set[Path] = set()
    for path in manifest_paths(folder):
        manifest = reports.manifest(path)
        expected.add(path)
        if manifest is None:
            wrong[path] = "not a manifest of this press"
            continue
        expected |= {folder / name for name in manifest.files}
        wrong |= {folder / name: how for name, how in damage(folder, manifest).items()}
    for path in sorted(folder.iterdir()):
        if path not in expected:
            wrong.setdefault(path, "in no manifest; build its report again, or move it away")
    return [f"{path}: {how}" for path, how in wrong.items()]
