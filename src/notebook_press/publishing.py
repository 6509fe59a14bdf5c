"""Publishing: from a staging folder to where readers look, file by file, the manifest last.

    reports/index.html
    reports/<run>/<report>.{html,pdf,ipynb,json}     .json is the manifest, the commit record
    reports/failed/<run>/<report>.{ipynb,log}        what a failed run left
    reports/.press/                                  lock, staging and temporary files

Everything is written to a temporary file, flushed to the disk and moved over its target, so each
file is whole at every moment. A staging folder that holds a manifest is ready: whatever was killed
while publishing it is done again by the next command.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from notebook_press.errors import PublishingError, one_line

__all__ = [
    "Manifest",
    "check",
    "damage",
    "describe_file",
    "finish_pending",
    "keep_failed",
    "publish",
    "publishing_errors",
    "read_manifest",
    "read_manifests",
    "staging_folder",
    "write_file",
    "write_index",
]

Manifest = dict[str, Any]
PRIVATE = ".press"
FAILED = "failed"
READ_AT_ONCE = 2**20
MANIFEST_KEYS = frozenset(
    "report run title answer notice finished seconds parameters results keys files".split()  # noqa: SIM905
)


@contextmanager
def publishing_errors(reports: Path) -> Iterator[None]:
    """Turn an `OSError` into a `PublishingError` that names the file and the remedy."""
    try:
        yield
    except OSError as error:
        where = error.filename or reports
        raise PublishingError(
            f"{where}: {error.strerror or one_line(error)}; make room or mend the permissions, "
            "then run the same command again (every published file is whole, old or new)"
        ) from error


def staging_folder(reports: Path, run: str, report: str) -> Path:
    """Return an empty folder in which a report is prepared, on the file system of `reports`."""
    folder = reports / PRIVATE / "staging" / run / report
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_file(reports: Path, target: Path, content: bytes) -> None:
    """Write a file in one step: readers see the old bytes or the new ones, never a part."""
    _put(_write_temporary(reports, content), target)


def _write_temporary(reports: Path, content: bytes) -> Path:
    """Return a file with the content, safe on the disk and ready to be put in its place."""
    folder = reports / PRIVATE / "temporary"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _put(temporary: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(target)
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def describe_file(path: Path) -> dict[str, Any]:
    """Return the SHA-256 and the size (bytes) of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_AT_ONCE):
            digest.update(piece)
    return {"sha256": digest.hexdigest(), "bytes": path.stat().st_size}


def read_manifest(path: Path) -> Manifest | None:
    """Return a manifest, or None where there is none that can be used."""
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("press") != 1:
        return None
    return manifest if set(manifest) >= MANIFEST_KEYS else None


def read_manifests(reports: Path) -> list[Manifest]:
    """Return the manifests of all published reports, by run and report."""
    found = (read_manifest(path) for path in _manifest_paths(reports))
    return [manifest for manifest in found if manifest is not None]


def _manifest_paths(reports: Path) -> list[Path]:
    return sorted(
        path for path in reports.glob("*/*.json") if path.parent.name not in (PRIVATE, FAILED)
    )


def damage(folder: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return which of a manifest's files in a folder are not what it says, and how they differ."""
    wrong = {}
    for name, expected in manifest["files"].items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            wrong[name] = "missing"
        elif describe_file(path) != expected:
            wrong[name] = "changed since it was published"
    return wrong


def publish(reports: Path, staged: Path) -> None:
    """Publish what a staging folder holds, and remove it.

    Args:
        reports: The reports folder.
        staged: A staging folder with a manifest and the files that it names.

    Raises:
        PublishingError: A file could not be written; what was published so far is whole.
    """
    manifest_name = f"{staged.name}.json"
    manifest = read_manifest(staged / manifest_name)
    if manifest is None:
        raise PublishingError(f"{staged}: holds no manifest; build the report again")
    target = reports / manifest["run"]
    before = read_manifest(target / manifest_name)
    with publishing_errors(reports):
        names = [*manifest["files"], manifest_name]  # the manifest last
        # A disk without room shows here, before anything that readers see is touched.
        ready = {name: _write_temporary(reports, (staged / name).read_bytes()) for name in names}
        for name, temporary in ready.items():
            _put(temporary, target / name)
        for name in set(before["files"] if before else ()) - set(manifest["files"]):
            (target / name).unlink(missing_ok=True)  # a format that was not made this time
        _forget_failed(reports, manifest["run"], manifest["report"])
        shutil.rmtree(staged)


def finish_pending(reports: Path) -> tuple[str, ...]:
    """Finish publications that were killed, and clear away what was never ready.

    Returns:
        The reports that were published now, as `run/report`.
    """
    finished = []
    private = reports / PRIVATE
    for staged in sorted(private.glob("staging/*/*")):
        manifest = read_manifest(staged / f"{staged.name}.json")
        if manifest is not None and not damage(staged, manifest):
            publish(reports, staged)
            finished.append(f"{manifest['run']}/{manifest['report']}")
    for leftover in (private / "staging", private / "temporary"):
        shutil.rmtree(leftover, ignore_errors=True)
    return tuple(finished)


def keep_failed(reports: Path, run: str, report: str, partial: bytes, log: bytes = b"") -> Path:
    """Keep what a failed run left where its author finds it; return the notebook's path."""
    path = _failed_path(reports, run, report)
    with publishing_errors(reports):
        _forget_failed(reports, run, report)
        write_file(reports, path, partial)
        if log:
            write_file(reports, path.with_suffix(".log"), log)
    return path


def _forget_failed(reports: Path, run: str, report: str) -> None:
    path = _failed_path(reports, run, report)
    for left in (path, path.with_suffix(".log")):
        left.unlink(missing_ok=True)


def _failed_path(reports: Path, run: str, report: str) -> Path:
    return reports / FAILED / run / f"{report}.ipynb"


def write_index(reports: Path) -> None:
    """Make `index.html` anew from the manifests alone, where it differs."""
    target = reports / "index.html"
    with publishing_errors(reports):
        content = _index(reports)
        if not target.is_file() or target.read_bytes() != content:
            write_file(reports, target, content)


def _index(reports: Path) -> bytes:
    from notebook_press.rendering.index import render_index

    return render_index(read_manifests(reports)).encode("utf-8")


def check(reports: Path) -> tuple[str, ...]:
    """Return what is wrong with the published reports, one line each.

    Every file of a run's folder has to be in a manifest and as the manifest says, and the index has
    to be the one that the manifests make.
    """
    wrong: list[str] = []
    expected: set[Path] = set()
    for path in _manifest_paths(reports):
        manifest = read_manifest(path)
        if manifest is None:
            wrong.append(f"{path}: not a manifest of this press")
            continue
        expected |= {path, *(path.parent / name for name in manifest["files"])}
        for name, how in damage(path.parent, manifest).items():
            wrong.append(f"{path.parent / name}: {how}")
    for path in sorted(reports.glob("*/*")):
        if path.parent.name not in (PRIVATE, FAILED) and path not in expected:
            wrong.append(f"{path}: in no manifest")
    index = reports / "index.html"
    if not index.is_file() or index.read_bytes() != _index(reports):
        wrong.append(f"{index}: missing, or not what the manifests say")
    return tuple(wrong)
