"""The SHA-256 of files and folders: what counts, what does not, and what can't be read."""

import os
import socket
from pathlib import Path

import pytest

from notebook_press.errors import UsageError
from notebook_press.keys import digest_files


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


def test_what_lies_behind_a_link_counts(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (folder / "linked").symlink_to(tmp_path / "other")
    before = found(folder)
    (tmp_path / "other" / "module.py").write_text("b = 1")
    assert found(folder) != before


@pytest.mark.promise("Folders that link to each other are read once.")
def test_a_link_back_to_where_it_came_from_ends(folder: Path) -> None:
    before = found(folder)
    (folder / "inner" / "back").symlink_to(folder)
    assert found(folder) == found(folder) != before


def test_folders_that_link_to_each_other_are_read_once(folder: Path) -> None:
    names = [folder / f"folder-{number}" for number in range(12)]
    for name in names:
        name.mkdir()
    for name in names:
        for other in names:
            (name / other.name).symlink_to(other)
    assert found(folder)  # each way through them would be 12! ways


def pipe(path: Path) -> None:
    os.mkfifo(path)


def local_socket(path: Path) -> None:
    os.chdir(path.parent)  # a socket's whole path may have about 100 bytes
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)


def link_to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.promise("A pipe among the sources does not hang a build.")
@pytest.mark.parametrize("make", [pipe, local_socket, link_to_nowhere, link_to_itself])
def test_what_has_no_content_is_refused_at_once_in_one_line(
    folder: Path, make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    make(folder / "odd\n.py")  # type: ignore[operator]
    with pytest.raises(UsageError, match=r"odd.*expected a file or folder that can be") as caught:
        found(folder)
    assert str(caught.value).isprintable()


def test_a_file_without_permission_is_refused_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object) -> None:  # the super-user reads whatever there is
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match=r"module\.py: .*\(Permission denied\); mend it"):
        found(folder)


def test_a_folder_without_permission_is_refused_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(UsageError, match=r"sources: .*\(Permission denied\); mend it"):
        found(folder)


def test_a_path_that_is_missing_is_empty(tmp_path: Path) -> None:
    assert digest_files(tmp_path, [tmp_path / "nowhere"]) == digest_files(tmp_path, [])
