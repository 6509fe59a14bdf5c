"""What is written on photographs, as names and files say it, and photographs in the run key."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handwriting.data import registry
from handwriting.data.photographs import truth
from handwriting.errors import DatasetError

DESK, SHEET = PATHS = [Path("a/12-3_desk.jpg"), Path("7/77.png")]


def text_file(folder: Path, text: str) -> str:
    (folder / "truth.txt").write_text(text, encoding="utf-8")
    return str(folder / "truth.txt")


def test_names_of_files_say_lines_up_to_the_first_underscore():
    assert truth.stated("names", PATHS) == {DESK: ("12", "3"), SHEET: ("77",)}


def test_names_of_folders_say_what_each_photograph_in_them_shows():
    assert truth.stated("folders", PATHS) == {DESK: ("a",), SHEET: ("7",)}


def test_a_text_file_has_a_line_for_each_photograph(tmp_path):
    place = text_file(tmp_path, "77.png: 1 2 / 34\n\n12-3_desk.jpg: 5\n")
    assert truth.stated(place, PATHS) == {SHEET: ("12", "34"), DESK: ("5",)}


def test_a_text_file_of_one_photograph_may_have_its_lines_alone(tmp_path):
    assert truth.stated(text_file(tmp_path, "12\n34\n"), [DESK]) == {DESK: ("12", "34")}


def test_a_photograph_may_be_left_out(tmp_path):
    assert truth.stated(text_file(tmp_path, "77.png: 1"), PATHS) == {SHEET: ("1",)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("77.jpg: 1", "Did you mean '77.png'"),
        ("77.png: 1\n77.png: 2", "each photograph once"),
        ("77.png 1\n", "lines such as"),
        ("77.png: ", "what is written, line by line"),
        ("77.png: 1 / ", "what is written, line by line"),
    ],
)
def test_a_text_file_that_is_no_truth_is_refused(tmp_path, text, said):
    with pytest.raises(DatasetError, match=re.escape(said)):
        truth.stated(text_file(tmp_path, text), PATHS)


def test_a_text_file_that_is_not_there_is_refused_with_what_there_could_be(tmp_path):
    with pytest.raises(DatasetError, match=r"expected a text file.*use names or folders"):
        truth.stated(str(tmp_path / "none.txt"), PATHS)


# In a notebook's parameters


@pytest.fixture
def photographs(tmp_path, monkeypatch) -> Path:
    """A folder of two photographs, named from within the folder above it."""
    folder = tmp_path / "own"
    folder.mkdir()
    for name, grey in (("1_a.png", 200), ("2_b.png", 220)):
        Image.fromarray(np.full((30, 20), grey, np.uint8)).save(folder / name)
    monkeypatch.chdir(tmp_path)
    return folder


def prepared(**parameters):
    return registry.prepare({"dataset": "digits", "images": None, "truth": None} | parameters)


def test_photographs_are_named_by_their_absolute_path(photographs):
    found = prepared(images="own", truth="names").parameters
    assert (found["images"], found["truth"]) == (str(photographs), "names")


@pytest.mark.promise("Photographs enter the run key by their content, and not by their names.")
def test_photographs_enter_the_inputs_by_content_under_neutral_names(photographs):
    first = prepared(images="own").inputs
    assert {"photograph 1", "photograph 2"} <= first.keys()
    (photographs / "1_a.png").rename(photographs / "1_c.png")
    assert prepared(images="own").inputs == first
    (photographs / "2_b.png").write_bytes((photographs / "1_c.png").read_bytes())
    assert prepared(images="own").inputs != first


def test_the_truth_enters_the_inputs(photographs):
    first = prepared(images="own", truth="names").inputs
    (photographs / "1_a.png").rename(photographs / "3_a.png")
    assert prepared(images="own", truth="names").inputs["truth"] != first["truth"]


def test_without_photographs_nothing_is_added():
    found = prepared()
    assert found.parameters["images"] is None
    assert [name for name in found.inputs if "photograph" in name or name == "truth"] == []


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"images": "none.jpg"}, "expected a picture, or a folder"),
        ({"images": ""}, "expected a path, as text"),
        ({"images": 3}, "expected a path, as text"),
        ({"images": "own", "truth": "none.txt"}, "expected a text file"),
        ({"truth": "names"}, "photographs in `images` that it is of"),
    ],
)
@pytest.mark.usefixtures("photographs")
def test_what_is_no_photograph_or_no_truth_is_refused_before_anything_runs(parameters, said):
    with pytest.raises(DatasetError, match=re.escape(said)):
        prepared(**parameters)


def test_a_damaged_photograph_is_refused_before_anything_runs(photographs):
    (photographs / "2_b.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(DatasetError, match=r"2_b\.png"):
        prepared(images="own")
