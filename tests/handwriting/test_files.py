import os

import pytest

from handwriting.results import files


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_text("content")
    return path


def test_a_file_is_opened_and_a_link_to_one_where_it_is_followed(path):
    link = path.with_name("link")
    link.symlink_to(path)
    for opened in (files.opened(path), files.opened(path, follow=False), files.opened(link)):
        with opened as file:
            assert file.read() == b"content"
    with pytest.raises(OSError, match="symbolic link"):
        files.opened(link, follow=False)


@pytest.mark.promise("A named pipe in a file's place is refused at once.")
def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="a pipe or a device"):
        files.opened(tmp_path / "pipe")
    with pytest.raises(OSError, match="a pipe or a device"):
        files.opened(tmp_path / "pipe", follow=False)
    with pytest.raises(OSError, match="a folder"):
        files.opened(tmp_path)


def test_a_text_replaces_the_old_one_and_leaves_nothing_else(path):
    files.write_text(path, "new")
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.promise("A writer that is still at work is left alone by another one.")
def test_a_writer_that_is_still_at_work_is_left_alone(path):
    handle, part = files._part(path.parent)
    files.write_text(path, "new")
    assert part.exists()
    os.close(handle)  # as its process does when it ends
    files.write_text(path, "newer")
    assert not part.exists()


def test_hidden_files_of_others_are_left_alone(path):
    theirs = path.with_name(".download.part")
    theirs.write_text("theirs")
    files.write_text(path, "new")
    assert theirs.read_text() == "theirs"


def test_a_folder_is_made_with_those_above_it_or_is_there(tmp_path):
    assert files.made(tmp_path / "a" / "b").is_dir()
    assert files.made(tmp_path / "a" / "b") == tmp_path / "a" / "b"
