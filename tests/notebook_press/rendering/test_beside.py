"""Pictures that Markdown names: which are read, and why others are not."""

import os

import pytest
from report_notebooks import picture, prose

from notebook_press.rendering.page import Image
from notebook_press.rendering.prose.beside import LARGEST, Beside, find_picture


@pytest.fixture
def beside(tmp_path):
    """A notebook's folder in a project, with a secret outside of both."""
    folder = tmp_path / "project" / "notebooks"
    (folder / "drawn").mkdir(parents=True)
    (folder / "drawn" / "a digit.png").write_bytes(picture())
    (folder.parent / "above.png").write_bytes(picture())
    (folder / "line.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "secret.png").write_bytes(picture())
    return Beside(folder, folder.parent)


@pytest.mark.parametrize(
    "address", ["drawn/a%20digit.png", "drawn/a digit.png", "../above.png", "./line.svg?raw#x"]
)
def test_a_picture_beside_the_notebook_is_read(beside, address):
    assert isinstance(find_picture(address, {}, beside), Image)
    assert isinstance(find_picture(address, {}, None), str)


@pytest.mark.promise("No picture's address leads a page out of the project, or to what is no file.")
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("../../secret.png", "outside the project"),
        ("..%2F..%2Fsecret.png", "outside the project"),
        ("/etc/passwd", "outside the project"),
        ("link.png", "outside the project"),
        ("loop.png", ""),  # outside, or no file: as Python's version resolves it
        ("nul%00.png", "outside the project"),
        ("file:///etc/passwd", "fetches nothing"),
        ("//host/x.png", "fetches nothing"),
        ("https://a.example/x.png", "fetches nothing"),
        ("pipe.png", "no such file"),
        ("drawn", "no such file"),
        ("words.png", "no picture"),
        ("large.png", "larger than 10 MB"),
        ("cut.png", "expected image/png"),
        ("attachment:missing.png", "attached"),
        ("data:text/html,<b>", "fetches nothing"),
    ],
)
def test_what_is_no_picture_of_the_project_is_not_read(beside, address, why):
    folder = beside.folder
    (folder / "link.png").symlink_to(folder.parents[1] / "secret.png")
    (folder / "loop.png").symlink_to("loop.png")
    os.mkfifo(folder / "pipe.png")
    (folder / "words.png").write_text("no picture")
    (folder / "cut.png").write_bytes(picture()[:20])
    with (folder / "large.png").open("wb") as file:
        file.write(picture())
        file.truncate(LARGEST + 1)
    found = find_picture(address, {}, beside)
    assert isinstance(found, str)
    assert why in found


def test_what_files_hold_that_markdown_names_has_its_digest(beside):
    named = ("![x](line.svg) ![y](https://a.example/z.png)", '<img src="../above.png">')
    cells = [prose(each) for each in named]
    before = beside.digests({"cells": cells})
    assert list(before) == ["line.svg", "../above.png"]
    (beside.folder / "line.svg").write_text("<svg/>")
    after = beside.digests({"cells": cells})
    assert [before[name] == after[name] for name in before] == [False, True]
