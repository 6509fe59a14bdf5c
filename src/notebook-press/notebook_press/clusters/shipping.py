"""What is sent to a cluster: a project's sources as an archive, and what its workers must match."""

import hashlib
import io
import os
import platform
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from notebook_press.digests import files_below
from notebook_press.keys import press_parts
from notebook_press.project import Project
from notebook_press.provenance import PRESS, result_versions


@dataclass(frozen=True)
class Shipment:
    """A project as it is sent to a worker.

    Attributes:
        project: The project, whose paths are those of the machine that it comes from.
        base: The folder that the archive's names are relative to.
        archive: A tar file of its sources, without what git ignores; the same files make the same.
        expected: What a worker has to have, by name; empty where it may have anything.
    """

    project: Project
    base: Path
    archive: bytes
    expected: Mapping[str, str]

    @property
    def name(self) -> str:
        """What tells it from another: the archive, and what is expected with it."""
        told = [hashlib.sha256(self.archive).hexdigest(), *map(str, sorted(self.expected.items()))]
        return f"notebook-press-{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"

    def unpacked(self, above: Path) -> Path:
        """Return its folder in another one, unpacked there unless it has been before."""
        folder = above / self.name
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=above, ignore_cleanup_errors=True) as made:
                with tarfile.open(fileobj=io.BytesIO(self.archive)) as archive:
                    archive.extractall(made, filter="data")
                (Path(made) / _below(self.base, self.project.root)).mkdir(
                    parents=True, exist_ok=True
                )
                with suppress(FileExistsError):
                    Path(made).rename(folder)
        return folder

    def project_in(self, folder: Path) -> Project:
        """Return the project as it is where it was unpacked."""

        def there(path: Path | None) -> Path | None:
            return path and folder / _below(self.base, path)

        project = self.project
        sources = tuple(folder / _below(self.base, path) for path in project.sources)
        return replace(
            project,
            root=folder / _below(self.base, project.root),
            sources=sources,
            lock=there(project.lock),
            measured=there(project.measured),
        )


def pack(project: Project, *, any_environment: bool = False) -> Shipment:
    """Return what is sent of a project.

    Args:
        project: The project.
        any_environment: Whether a worker may have another Python and other packages.

    Raises:
        UsageError: A file that results depend on can't be read.
    """
    root = project.root
    paths = [*project.sources, *filter(None, (project.lock, project.measured))]
    files = files_below([*paths, root / "pyproject.toml"])
    base = Path(os.path.commonpath([root, *files]))
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for path in sorted({*files} - _ignored(files)):
            member = tarfile.TarInfo(_below(base, path))
            member.size, member.mode = len(read := path.read_bytes()), path.stat().st_mode & 0o755
            archive.addfile(member, io.BytesIO(read))
    expected = {} if any_environment else environment(project)
    return Shipment(project, base, content.getvalue(), expected)


def environment(project: Project) -> dict[str, str]:
    """Return what results depend on where a notebook runs: versions by name, the press by its own.

    A project's lock is sent along; it is the versions that tell whether a worker follows it.
    """
    return {
        "Python": platform.python_version(),
        **result_versions(project.dependencies),
        PRESS: f"of SHA-256 {press_parts()['run'][:12]}",
    }


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return in what a worker is not as expected, in words, by name."""
    return [
        f"{name} {found.get(name, 'is not installed')} (expected {expected.get(name, 'none')})"
        for name in sorted({*expected, *found})
        if expected and expected.get(name) != found.get(name)
    ]


def _below(base: Path, path: Path) -> str:
    return os.path.relpath(path, base)


def _ignored(files: Sequence[Path]) -> set[Path]:
    """Return those of the files that git ignores; none where there is no git or no checkout."""
    found = set()
    for folder in {path.parent for path in files}:
        command = ["git", "-C", str(folder), "check-ignore", "-z", "--stdin"]
        names = b"\0".join(os.fsencode(path.name) for path in files if path.parent == folder)
        with suppress(OSError):
            answer = subprocess.run(command, input=names, capture_output=True, check=False)  # noqa: S603
            found |= {folder / os.fsdecode(name) for name in answer.stdout.split(b"\0") if name}
    return found
