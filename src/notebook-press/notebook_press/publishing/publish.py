"""Publishing: from a staging folder to where readers look, file by file, the manifest last.

    reports/index.html
    reports/<run>/<report>.{html,pdf,ipynb,json}     .json is the manifest, the commit record
    reports/failed/<run>/<report>.{ipynb,log}        what a failed run left
    reports/.press/                                  lock, staging and temporary files

Everything is written to a temporary file, flushed to the disk and moved over its target, so each
file is whole at every moment. A staging folder that holds a manifest is ready, until the index
shows what was in it: what was killed while publishing it is done again by the next command.
"""

import errno
import functools
import json
from contextlib import suppress
from pathlib import Path

from notebook_press.errors import PublishingError
from notebook_press.publishing.files import (
    FAILED,
    PRIVATE,
    clear_away,
    describe_kind,
    is_folder,
    own_folder,
    publishing_errors,
    put,
    read_plain,
    remove,
    subfolders,
    write_file,
    write_temporary,
)
from notebook_press.publishing.manifest import (
    ENDINGS,
    damage,
    describe_content,
    manifest_paths,
    read_manifest,
    read_manifests,
    run_folders,
)
from notebook_press.rendering.programs import working_below
from notebook_press.running.processes import mark_of

_DISK_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


def raise_disk_trouble(error: BaseException | None, place: Path) -> None:
    """Raise what says that the disk is full, read-only or broken as an error of publishing.

    Args:
        error: What a run was ended by.
        place: The file that was being written.

    Raises:
        PublishingError: It is such an error.
    """
    if isinstance(error, OSError) and error.errno in _DISK_TROUBLE:
        with publishing_errors(place):
            raise error


def staging_folder(reports: Path, run: str, report: str) -> Path:
    """Return an empty folder in which a report is prepared, on the file system of `reports`.

    Raises:
        PublishingError: Where the report is to be published stands what it can't replace. Better to
            say so now than after an hour of running.
        OSError: The folder can't be made.
    """
    if describe_kind(reports / run) is not None:
        own_folder(reports, run)
    names = [f"{run}/{report}.{ending}" for ending in (*ENDINGS, "json")]
    for path in (reports / name for name in ("index.html", *names)):
        if is_folder(path):
            remove(path)
    clear_away(own_folder(reports, PRIVATE, "staging", run) / report)
    return own_folder(reports, PRIVATE, "staging", run, report)


def publish(reports: Path, staged: Path) -> None:
    """Publish what a staging folder holds, put it into the index, and remove the folder.

    Args:
        reports: The reports folder.
        staged: A staging folder with a manifest and the files that it names.

    Raises:
        PublishingError: A file could not be written; what was published so far is whole.
    """
    contents = _contents(staged)
    if contents is None:
        raise PublishingError(f"{staged}: holds no whole report; build the report again")
    run, report = staged.parent.name, staged.name
    with publishing_errors(reports):
        folder = own_folder(reports, run)
        # A disk without room shows here, before anything that readers see is touched.
        ready: dict[Path, Path] = {}
        try:
            for name, content in contents.items():
                ready[folder / name] = write_temporary(reports, folder / name, content)
            *pages, manifest = ready
            for target in pages:
                put(ready[target], target)
            for name in (f"{report}.{ending}" for ending in ENDINGS):
                if name not in contents:
                    remove(folder / name)  # a format that was not made this time
            put(ready[manifest], manifest)
        finally:
            for temporary in ready.values():
                temporary.unlink(missing_ok=True)
        _forget_failed(reports, run, report)
        write_index(reports)
        clear_away(staged)


def _contents(staged: Path) -> dict[str, bytes] | None:
    """Return the bytes of each staged file, the manifest last; None where they are not whole."""
    manifest_path = staged / f"{staged.name}.json"
    manifest = read_manifest(manifest_path, run=staged.parent.name)
    if manifest is None:
        return None
    contents = {}
    for name, expected in manifest["files"].items():
        try:
            contents[name] = read_plain(staged / name)
        except OSError:
            return None
        if describe_content(contents[name]) != expected:
            return None
    return {**contents, manifest_path.name: read_plain(manifest_path)}


def finish_pending(reports: Path) -> tuple[str, ...]:
    """Finish publications that were killed, and clear away what was never ready.

    Returns:
        The reports that were published now, as `run/report`.

    Raises:
        PublishingError: The disk or something in the way of a file keeps one from being finished.
    """
    finished = []
    private = reports / PRIVATE
    with publishing_errors(reports):
        for run in subfolders(private / "staging"):
            for staged in subfolders(run):
                if _contents(staged) is not None:
                    publish(reports, staged)
                    finished.append(f"{run.name}/{staged.name}")
        if is_folder(private):
            clear_away(private / "staging")
            clear_away(private / "temporary")
            for left in private.glob("pandoc-*"):  # from a killed press that was at the index
                clear_away(left)
    return tuple(finished)


def keep_failed(reports: Path, run: str, report: str, partial: bytes, log: bytes = b"") -> Path:
    """Keep what a failed run left where its author finds it; return the notebook's path.

    Raises:
        PublishingError: It can't be written.
    """
    path = _failed_path(reports, run, report)
    with publishing_errors(reports):
        _forget_failed(reports, run, report)
        write_file(reports, path, partial)
        if log:
            write_file(reports, path.with_suffix(".log"), log)
    return path


def _forget_failed(reports: Path, run: str, report: str) -> None:
    path = _failed_path(reports, run, report)
    if is_folder(path.parent.parent) and is_folder(path.parent):
        for left in (path, path.with_suffix(".log")):
            remove(left)


def _failed_path(reports: Path, run: str, report: str) -> Path:
    return reports / FAILED / run / f"{report}.ipynb"


def write_index(reports: Path) -> None:
    """Make `index.html` anew from the manifests alone, where it differs.

    Raises:
        PublishingError: It can't be written.
    """
    with publishing_errors(reports):
        content = _index(reports)
        if not _holds(reports / "index.html", content):
            write_file(reports, reports / "index.html", content)


def _holds(path: Path, content: bytes) -> bool:
    with suppress(OSError):
        return read_plain(path, limit=len(content)) == content
    return False


def _index(reports: Path) -> bytes:
    manifests = json.dumps(read_manifests(reports))
    with working_below(own_folder(reports, PRIVATE), mark_of(reports)):
        return _render_index(manifests)


@functools.lru_cache(maxsize=1)  # each publication makes it, and the build's end once more
def _render_index(manifests: str) -> bytes:
    from notebook_press.rendering.index import render_index

    return render_index(json.loads(manifests)).encode("utf-8")


def check(reports: Path) -> tuple[str, ...]:
    """Return what is wrong with the published reports, one line each.

    Every file of a run's folder has to be in a manifest and as the manifest says, and the index has
    to be the one that the manifests make.

    Raises:
        PublishingError: A folder can't be read.
    """
    with publishing_errors(reports):
        wrong = [
            f"{path}: a symbolic link, which is not followed; remove it"
            for path in sorted(reports.iterdir())
            if path.is_symlink() and path.is_dir()
        ]
        for folder in run_folders(reports):
            wrong += _check_folder(folder)
        index, content = reports / "index.html", _index(reports)
        nothing_yet = describe_kind(index) is None and not run_folders(reports)
        if not nothing_yet and not _holds(index, content):
            wrong.append(f"{index}: missing, or not what the manifests say")
    return tuple(wrong)


def _check_folder(folder: Path) -> list[str]:
    """Return what is wrong in the folder of a run."""
    wrong: dict[Path, str] = {}
    expected: set[Path] = set()
    for path in manifest_paths(folder):
        manifest = read_manifest(path)
        expected.add(path)
        if manifest is None:
            wrong[path] = "not a manifest of this press"
            continue
        expected |= {folder / name for name in manifest["files"]}
        wrong |= {folder / name: how for name, how in damage(folder, manifest).items()}
    for path in sorted(folder.iterdir()):
        if path not in expected:
            wrong.setdefault(path, "in no manifest; build its report again, or move it away")
    return [f"{path}: {how}" for path, how in wrong.items()]
