"""What a folder holds, to be compared with what it held before."""

from pathlib import Path

PRIVATE = {".press", "failed"}


def snapshot(folder: Path, without: set[str] = frozenset()) -> dict[str, object]:
    """Names, kinds and bytes below a folder, by name; a link for itself.

    Args:
        folder: The folder.
        without: Names of folders that are left out.
    """
    found = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*"))}
    return {
        name: path.read_bytes() if path.is_file() else path.lstat().st_mode
        for name, path in found.items()
        if not without & set(path.relative_to(folder).parts)
    }


def published(project: Path) -> dict[str, bytes]:
    """Every file that readers of a project's reports see, by name, and its bytes."""
    found = snapshot(project / "reports", without=PRIVATE)
    return {name: content for name, content in found.items() if isinstance(content, bytes)}
