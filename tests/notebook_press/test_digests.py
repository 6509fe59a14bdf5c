"""Digests: what of files and folders counts, and what can't be read."""

import hashlib
from pathlib import Path
from unittest.mock import Mock

import pytest
from manifests import Put, link_to_nothing, pipe, unix_socket

from notebook_press import digests
from notebook_press.digests import WatchedFiles, digest, digest_files
from notebook_press.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources" / "inner").mkdir(parents=True)
    (tmp_path / "sources" / "inner" / "module.py").write_text("a = 1")
    return tmp_path / "sources"


def found(folder: Path) -> str:
    return digest_files(folder.parent, [folder])


def test_names_and_bytes_count_apart(folder: Path) -> None:
    (folder / "a").write_text("bc")
    before = found(folder)
    (folder / "a").rename(folder / "ab")
    (folder / "ab").write_text("c")
    assert found(folder) != before


def test_a_path_that_leads_out_of_the_root_counts(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    before = digest_files(root, [root / ".." / "sources"])
    (folder / "inner" / "module.py").write_text("a = 2")
    assert digest_files(root, [root / ".." / "sources"]) != before


def test_files_are_not_read_again_where_none_was_touched(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = WatchedFiles(folder.parent, [folder])
    monkeypatch.setattr(digests, "digest_files", lambda *_: pytest.fail("they are read"))
    assert not watched.has_changed()


def test_a_digest_is_that_of_plain_json() -> None:
    assert (
        digest({"b": "é", "a": Path("x")})
        == hashlib.sha256(rb"""{"a": "PosixPath('x')", "b": "\u00e9"}""").hexdigest()
    )


def test_the_order_in_which_a_disk_lists_files_does_not_count(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "b.py").write_text("b = 1")
    before, listed = found(folder), Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda folder: reversed([*listed(folder)]))
    assert found(folder) == before


def test_a_second_way_to_the_same_folder_counts(folder: Path) -> None:
    (folder / "sub").mkdir()
    before = found(folder)
    (folder / "way").symlink_to("sub")
    assert found(folder) != before


@pytest.mark.parametrize(
    "name",
    [
        *("__pycache__", ".ipynb_checkpoints", "a.egg-info", ".git", ".DS_Store", "a.py~"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".a.py.swp", ".#a.py", "#a.py#"),
    ],
)
def test_what_tools_leave_beside_sources_does_not_count(folder: Path, name: str) -> None:
    before = found(folder)
    (folder / name).write_text("left")
    assert found(folder) == before


@pytest.mark.promise("Folders that link to each other are read once.")
def test_folders_that_link_to_each_other_are_read_once(folder: Path) -> None:
    names = [folder / f"folder-{number}" for number in range(12)]
    for name in names:
        name.mkdir()
    for name in names:
        for other in names:
            (name / other.name).symlink_to(other)
    assert found(folder)  # each way through them would be 12! ways


def link_to_itself(path: Path, _outside: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.promise("A pipe among the sources does not hang a build.")
@pytest.mark.parametrize("make", [pipe, unix_socket, link_to_nothing, link_to_itself])
def test_what_has_no_content_is_refused_at_once_in_one_line(
    folder: Path, tmp_path: Path, make: Put
) -> None:
    make(folder / "odd\n.py", tmp_path)
    with pytest.raises(UsageError, match=r"odd.*expected a file or folder that can be") as caught:
        found(folder)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("read", "name"), [("open", "module.py"), ("iterdir", "sources")])
def test_what_may_not_be_read_is_refused_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, read: str, name: str
) -> None:
    path = folder if read == "iterdir" else folder / "inner" / name
    denied = Mock(side_effect=PermissionError(13, "Permission denied", str(path)))
    monkeypatch.setattr(Path, read, denied)  # the super-user reads whatever there is
    with pytest.raises(UsageError, match=rf"{name}: .*\(Permission denied\); mend it"):
        found(folder)


def test_a_path_that_is_missing_is_empty(tmp_path: Path) -> None:
    assert digest_files(tmp_path, [tmp_path / "nowhere"]) == digest_files(tmp_path, [])
