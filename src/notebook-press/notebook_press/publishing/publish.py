"""Publishing: from a staging folder to where readers look, file by file, the manifest last.

    reports/index.html
    reports/<run>/<report>.{html,pdf,ipynb,json}     .json is the manifest, the commit record
    reports/history/<report>/<when>-<run>.json       what a run recorded, of the last ones
    reports/failed/<run>/<report>.{ipynb,log}        what a failed run left
    reports/sweeps/<sweep>/                          a folder like this one, each point a run
    reports/.press/                                  locks, staging and temporary files

Everything is written to a temporary file, flushed to the disk and moved over its target, so each
file is whole at every moment. A staging folder that holds a manifest is ready, until the index
shows what was in it: what was killed while publishing it is done again by the next command.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from notebook_press.errors import LockedError, publishing_errors
from notebook_press.publishing.files import (
    APART,
    FAILED,
    PRIVATE,
    SWEEPS,
    clear_away,
    describe_kind,
    is_folder,
    own_folder,
    put,
    read_plain,
    remove,
    subfolders,
    write_file,
    write_temporary,
)
from notebook_press.publishing.history import PastRun, keep, past_runs
from notebook_press.publishing.lock import Waiting, is_signed, report_locked
from notebook_press.publishing.manifest import (
    ENDINGS,
    Manifest,
    SweepCard,
    damage,
    read_card,
    read_manifest,
)

RenderIndex = Callable[[Sequence[Manifest], Sequence[SweepCard], Sequence[PastRun]], str]


@dataclass(frozen=True)
class Staged:
    """A report that is ready to be published: its manifest, and the bytes of its files by name."""

    manifest: Manifest
    contents: Mapping[str, bytes]


class Reports:
    """A reports folder; other builds may publish in it, and each manifest is read once.

    Whoever prepares a report holds its lock, and the folder's for all that writes, but to stage.
    """

    def __init__(self, folder: Path, render_index: RenderIndex | None) -> None:
        """Prepare for a folder, which need not be there.

        Args:
            folder: The reports folder.
            render_index: Makes the index's page of the manifests of all reports, the cards of all
                sweeps and the runs of the past; None where the folder has no index. No run is then
                kept for it, and no manifest in memory.
        """
        self.folder = folder
        self._render_index = render_index
        self._read: dict[Path, tuple[_State, Manifest | None]] = {}
        self._index: tuple[object, bytes] = ((), b"")

    def manifests(self) -> dict[Path, Manifest]:
        """Return the manifests of all published reports by their files."""
        paths = [path for folder in self.runs() for path in manifest_paths(folder)]
        found = {path: self.manifest(path) for path in paths}
        return {path: manifest for path, manifest in found.items() if manifest is not None}

    def last(self, run: str, report: str) -> Manifest | None:
        """Return the manifest of what is published of a report in a run, if anything is."""
        folder = self.folder / run
        return self.manifest(folder / f"{report}.json") if is_folder(folder) else None

    def manifest(self, path: Path) -> Manifest | None:
        """Return a manifest, read again where its file is another."""
        state = _state(path)
        if state is None:
            return None
        if self._render_index is None:
            return read_manifest(path)
        if path not in self._read or self._read[path][0] != state:
            self._read[path] = state, read_manifest(path)
        return self._read[path][1]

    def staging_folder(self, run: str, report: str) -> Path:
        """Return an empty folder in which a report is prepared, on the reports' file system.

        Raises:
            PublishingError: Where the report is to be published stands what it can't replace, or
                the folder can't be made. Better to say so now than after an hour of running.
        """
        with publishing_errors(self.folder):
            if describe_kind(self.folder / run) is not None:
                own_folder(self.folder, run)
            names = [f"{run}/{report}.{ending}" for ending in (*ENDINGS, "json")]
            for path in (self.folder / name for name in ("index.html", *names)):
                if is_folder(path):
                    remove(path)
            clear_away(own_folder(self.folder, PRIVATE, "staging", run) / report)
            return own_folder(self.folder, PRIVATE, "staging", run, report)

    def stage(self, staged: Staged) -> None:
        """Write a report's files and, last, its manifest into its staging folder.

        Raises:
            PublishingError: A file can't be written.
        """
        folder = self.staging(staged.manifest.run, staged.manifest.report)
        manifest = {f"{folder.name}.json": staged.manifest.content()}
        for name, content in {**staged.contents, **manifest}.items():
            with publishing_errors(folder / name):
                (folder / name).write_bytes(content)

    def publish(self, staged: Staged) -> None:
        """Publish what was staged, put it into the index, and remove its staging folder.

        Raises:
            PublishingError: A file could not be written; what was published so far is whole.
        """
        run, report = staged.manifest.run, staged.manifest.report
        with publishing_errors(self.folder):
            folder = own_folder(self.folder, run)
            files = {folder / name: content for name, content in staged.contents.items()}
            files[folder / f"{report}.json"] = staged.manifest.content()
            gone = [folder / f"{report}.{ending}" for ending in ENDINGS]
            self._put_in_place(files, [path for path in gone if path not in files])
            path = folder / f"{report}.json"
            if self._render_index:
                keep(self.folder, staged.manifest)
                if state := _state(path):
                    self._read[path] = state, staged.manifest
            self._forget_failed(run, report)
            self.write_index()
            self._clear_staging(self.staging(run, report))

    def _put_in_place(self, files: Mapping[Path, bytes], gone: Sequence[Path]) -> None:
        """Put files in their places, the last one after all others and what is to be gone."""
        # A disk without room shows here, before anything that readers see is touched.
        ready: dict[Path, Path] = {}
        try:
            for target, content in files.items():
                ready[target] = write_temporary(self.folder, target, content)
            *pages, manifest = ready
            for target in pages:
                put(ready[target], target)
            for target in gone:
                remove(target)
            put(ready[manifest], manifest)
        finally:
            for temporary in ready.values():
                temporary.unlink(missing_ok=True)

    def finish_pending(self, end: Callable[[Path], object] = lambda folder: None) -> list[str]:
        """Finish publications that were killed, and clear away what was never ready.

        What another build is at work on is left alone.

        Args:
            end: Ends what is still at work for a report, given the folder it was prepared in.

        Returns:
            The reports that were published now, as `run/report`.

        Raises:
            PublishingError: The disk or something in the way of a file keeps one from being
                finished.
        """
        finished = []
        with publishing_errors(self.folder):
            for run, report in self._begun():
                with ExitStack() as held:
                    try:
                        held.enter_context(report_locked(self.folder, run, report, Waiting()))
                    except LockedError:
                        continue
                    end(self.staging(run, report))
                    finished += [f"{run}/{report}"] if self.finish(run, report) else []
            self._clear_strays()
        return finished

    def finish(self, run: str, report: str) -> bool:
        """Finish a publication that was killed, or clear away what was never ready.

        Returns:
            Whether the report was published now.

        Raises:
            PublishingError: The disk or something in the way of a file keeps it from being
                finished.
        """
        folder = self.staging(run, report)
        with publishing_errors(self.folder):
            staged = _read_staged(folder) if is_folder(folder) else None
            if staged is not None:
                self.publish(staged)
            else:
                self._clear_staging(folder)
        return staged is not None

    def keep_failed(self, run: str, report: str, partial: bytes, log: bytes = b"") -> Path:
        """Keep what a failed run left where its author finds it; return the notebook's path.

        Raises:
            PublishingError: It can't be written.
        """
        path = self._failed(run, report)
        with publishing_errors(self.folder):
            self._forget_failed(run, report)
            write_file(self.folder, path, partial)
            if log:
                write_file(self.folder, path.with_suffix(".log"), log)
        return path

    def write_index(self) -> None:
        """Make `index.html` anew from the manifests and the sweeps' cards, where it differs.

        Raises:
            PublishingError: It can't be written.
        """
        with publishing_errors(self.folder):
            if self._render_index and not self.index_is_right():
                write_file(self.folder, self.folder / "index.html", self._rendered_index())

    def runs(self) -> list[Path]:
        """Return the folders of published reports, one a run."""
        paths = sorted(self.folder.iterdir())
        return [path for path in paths if path.name not in APART and is_folder(path)]

    def _rendered_index(self) -> bytes:
        found = self.manifests()
        manifests = [found[path] for path in sorted(found)]
        published = {(each.report, each.run, each.finished) for each in manifests}
        past = past_runs(self.folder)
        past = [each for each in past if (each.report, each.run, each.finished) not in published]
        shown = manifests, self._sweeps(), past
        if self._render_index and (not self._index[1] or self._index[0] != shown):
            # Each publication makes it.
            self._index = shown, self._render_index(*shown).encode("utf-8")
        return self._index[1]

    def _sweeps(self) -> list[SweepCard]:
        cards = map(read_card, subfolders(self.folder / SWEEPS))
        return [card for card in cards if card is not None]

    def index_is_right(self) -> bool:
        """Return whether the index is the one that the manifests make."""
        content = self._rendered_index()
        with suppress(OSError):
            return read_plain(self.folder / "index.html", limit=len(content)) == content
        return False

    def staging(self, run: str, report: str) -> Path:
        """Return where a report is prepared; by it the processes are marked that work for it."""
        return self.folder / PRIVATE / "staging" / run / report

    def _clear_staging(self, folder: Path) -> None:
        clear_away(folder)
        for each in folder.parents[:2]:  # of the run, and of all
            _remove_if_empty(each)

    def _begun(self) -> list[tuple[str, str]]:
        """Return the run and the name of each report that somebody is or was at work on."""
        private = self.folder / PRIVATE
        runs = [*subfolders(private / "staging"), *subfolders(private / "locks")]
        reports = [report for run in runs for report in subfolders(run)]
        begun = [each for each in reports if each.parents[1].name == "staging" or is_signed(each)]
        return sorted({(each.parent.name, each.name) for each in begun})

    def _clear_strays(self) -> None:
        """Remove temporary files, and whatever lies where reports are prepared and is no folder."""
        if not is_folder(self.folder / PRIVATE):
            return
        clear_away(self.folder / PRIVATE / "temporary")
        staging = self.folder / PRIVATE / "staging"
        for folder in (*subfolders(staging), staging):
            for path in (*(folder.iterdir() if is_folder(folder) else ()), folder):
                if not is_folder(path):
                    path.unlink(missing_ok=True)
            _remove_if_empty(folder)

    def _failed(self, run: str, report: str) -> Path:
        return self.folder / FAILED / run / f"{report}.ipynb"

    def _forget_failed(self, run: str, report: str) -> None:
        path = self._failed(run, report)
        if is_folder(path.parent.parent) and is_folder(path.parent):
            for left in (path, path.with_suffix(".log")):
                remove(left)
            _remove_if_empty(path.parent)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # something else is in it
        folder.rmdir()


_State = tuple[int, int, int]


def _state(path: Path) -> _State | None:
    """Return what tells a file from another in its place; None where there is none."""
    with suppress(OSError):
        found = path.lstat()
        return found.st_ino, found.st_size, found.st_mtime_ns
    return None


def manifest_paths(folder: Path) -> list[Path]:
    """Return what is called like a manifest in the folder of a run."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".json")


def _read_staged(folder: Path) -> Staged | None:
    """Return what a staging folder holds; None where it is not whole."""
    manifest = read_manifest(folder / f"{folder.name}.json", run=folder.parent.name)
    if manifest is None or damage(folder, manifest):
        return None
    return Staged(manifest, {name: read_plain(folder / name) for name in manifest.files})
