"""Sheets that were written on and photographed: each digit is read where it stands."""

import hashlib
import re

import numpy as np
import pytest
from PIL import Image
from tests.support.sheets import DOTS, Conditions, filled, of_each, photographed, upper_left

from handwriting.__main__ import main
from handwriting.data import forms, inspection, registry
from handwriting.data.collection import Collection, Part
from handwriting.data.dataset import Dataset
from handwriting.data.photographs import framing, marks, sheet
from handwriting.errors import DatasetError

TILTED = ((0.05, 0.2), (0.7, 0.04), (0.97, 0.8), (0.2, 0.95))
FROM_BELOW = ((0.25, 0.15), (0.75, 0.15), (0.97, 0.95), (0.03, 0.95))
QUICK = {
    "on its side": ("letter", Conditions(quarters=1, desk="bright")),
    "tilted, in a shadow": ("a4", Conditions(TILTED, shadow=True, desk="chequered", light=2)),
}
SLOW = {
    "as it lies": ("a4", Conditions()),
    "upside down": ("a4", Conditions(quarters=2, desk="chequered")),
    "on the other side": ("letter", Conditions(quarters=3, light=3)),
    "from below, noisy": ("letter", Conditions(FROM_BELOW, noise=9, light=2.5)),
    "bent": ("a4", Conditions(bow=2, blur=1)),
    "bent the other way": ("letter", Conditions(FROM_BELOW, bow=-2)),
}
HOW = [pytest.param(*each, id=name) for name, each in QUICK.items()]
HOW += [pytest.param(*each, id=name, marks=pytest.mark.slow) for name, each in SLOW.items()]
ONCE = np.arange(10).repeat(10)


@pytest.fixture(scope="module")
def digits():
    return of_each()


def likeness(image, other) -> float:
    """The greatest correlation of two images, shifted by a pixel at most."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    moved = [np.roll(other, shift, (0, 1)) for shift in shifts]
    return max(np.corrcoef(image.ravel(), each.ravel())[0, 1] for each in moved)


@pytest.mark.promise(
    "A photographed sheet gives each digit as it was written, with the label of its row."
)
@pytest.mark.parametrize(("paper", "how"), HOW)
def test_each_digit_is_read_where_it_stands(tmp_path, digits, paper, how):
    photographed(filled(digits, paper), how).save(tmp_path / "sheet.jpg", quality=85)
    found = forms.read(tmp_path / "sheet.jpg")
    assert (found.form, found.title, found.test) == ("a photographed sheet", "sheet.jpg", None)
    np.testing.assert_array_equal(found.train.labels, ONCE)
    written = [framing.framed(image) for row in digits for image in row]
    alike = [likeness(*both) for both in zip(found.train.images, written, strict=True)]
    assert min(alike) > 0.8
    assert found.remarks == ("Of the 100 boxes on the sheet, 100 hold a digit.",)


@pytest.mark.parametrize("quarters", range(4))
def test_the_first_corner_is_found_however_the_photograph_is_turned(digits, quarters):
    picture = photographed(filled(digits), Conditions(TILTED, quarters=quarters))
    found = marks.located(np.asarray(picture))
    assert found.matrix is not None
    corner = marks.projected(found.matrix, np.array([[0.0, 0.0]]))[0] / picture.size
    expected = {0: "left top", 1: "left bottom", 2: "right bottom", 3: "right top"}[quarters]
    sides = "right" if corner[0] > 0.5 else "left", "bottom" if corner[1] > 0.5 else "top"
    assert " ".join(sides) == expected


def test_empty_and_blacked_out_boxes_are_left_out_and_counted(tmp_path, digits):
    some = digits.copy()
    some[3, 3] = some[9, 0] = some[9, 9] = 0
    page = filled(some)
    left, top = upper_left("a4", *sheet.box(4, 4))
    page.paste((30, 40, 90), (left + 3, top + 3, left + 70, top + 84))
    photographed(page).save(tmp_path / "a.png")
    found = forms.read(tmp_path)
    assert found.remarks == (
        "Of the 100 boxes on the sheet, 96 hold a digit. Left out: 3 empty and 1 blacked out.",
    )
    expected = np.delete(ONCE, [33, 44, 90, 99])
    np.testing.assert_array_equal(found.train.labels, expected)


def test_an_empty_sheet_is_refused(tmp_path):
    photographed(filled(np.zeros((10, 10, 9, 9), np.uint8))).save(tmp_path / "a.png")
    with pytest.raises(DatasetError, match="a digit in at least one box; found none"):
        forms.read(tmp_path)


# What is no sheet


def covered(page: Image.Image, x: float, y: float, side: float) -> Image.Image:
    """A page with a white square laid on it."""
    left, top = upper_left("a4", x, y)
    page.paste("white", (left, top, left + round(side * DOTS), top + round(side * DOTS)))
    return page


COVERED = {
    "one mark": ((sheet.WIDTH - 11, sheet.HEIGHT - 11, 12), "found three of them"),
    "the key": ((sheet.KEY_LEFT - 1, sheet.KEY_TOP - 1, 6), "found four such marks, which are not"),
}


@pytest.mark.parametrize(("place", "reason"), COVERED.values(), ids=COVERED)
def test_a_sheet_that_is_not_all_to_be_seen_is_refused(tmp_path, digits, place, reason):
    photographed(covered(filled(digits), *place)).save(tmp_path / "a.png")
    with pytest.raises(DatasetError, match=rf"a\.png: .*four of its corner marks; {reason}"):
        forms.read(tmp_path / "a.png")


def test_a_picture_without_marks_is_refused_with_advice(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (600, 800, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "desk.png")
    with pytest.raises(DatasetError, match="a picture without them") as refusal:
        registry.load(str(tmp_path / "desk.png"))
    assert "`make sheet`" in str(refusal.value)
    assert "parameter `images`" in str(refusal.value)


def test_a_mirrored_sheet_is_refused(digits):
    picture = photographed(filled(digits)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    found = marks.located(np.asarray(picture))
    assert (found.marks, found.matrix) == (4, None)


# Several sheets


@pytest.fixture
def sheets(tmp_path):
    """A folder of three people's sheets."""
    for number, name in enumerate(("2.jpg", "10.jpg", "1.jpg")):
        page = filled(of_each(skip=10 * number), "letter" if number == 1 else "a4")
        photographed(page, Conditions(quarters=number)).save(tmp_path / name)
    return tmp_path


def test_several_sheets_are_several_writers(sheets):
    found = forms.read(sheets)
    assert found.form == "3 photographed sheets"
    assert found.sha256 == {
        f"sheet {number}": hashlib.sha256((sheets / name).read_bytes()).hexdigest()
        for number, name in enumerate(("1.jpg", "2.jpg", "10.jpg"), 1)
    }
    np.testing.assert_array_equal(found.train.labels, np.tile(ONCE, 3))
    np.testing.assert_array_equal(found.train.writers, np.arange(3).repeat(100))


def of_writers(people: int) -> Dataset:
    """A hundred images by each, whom nobody had divided."""
    labels, writers = np.tile(ONCE, people), np.arange(people, dtype=np.int32).repeat(100)
    images = np.random.default_rng(0).integers(0, 255, (len(labels), 8, 8), np.uint8)
    part = Part(images, labels, writers)
    return inspection.inspected(Collection("mine", "", part, None, {}, {}), invert=False)


def test_whole_writers_are_held_back_for_the_test_and_that_is_said(cache):
    found = of_writers(3)
    assert (len(found.train), len(found.test), found.test.writers) == (200, 100, None)
    assert len(np.unique(found.train.writers)) == 2
    (said,) = (each.words for each in found.findings if each.kind == "divided")
    assert "1 of 3 writers, drawn at random, wrote the 100 test images" in said
    assert "One person's images cannot tell" in said


def test_writers_of_the_test_images_are_known_where_they_are_several(cache):
    found = of_writers(10)
    assert len(np.unique(found.test.writers)) == 2
    assert not np.isin(found.test.writers, found.train.writers).any()


def test_two_photographs_of_one_sheet_are_refused(tmp_path, digits):
    page = filled(digits)
    photographed(page).save(tmp_path / "a.jpg")
    photographed(page, Conditions(TILTED)).save(tmp_path / "b.jpg")
    with pytest.raises(DatasetError, match=re.escape("two of one sheet, a.jpg and b.jpg")):
        forms.read(tmp_path)


def test_a_stray_picture_beside_data_is_no_sheet(tmp_path):
    (tmp_path / "data").mkdir()
    np.savez(tmp_path / "data" / "a.npz", x=np.ones((4, 8, 8), np.uint8), y=np.arange(4))
    Image.new("L", (9, 9)).save(tmp_path / "preview.png")
    assert forms.read(tmp_path).form == "a.npz"


# The sheet itself


def test_the_sheet_is_written_for_each_paper(tmp_path, capsys):
    assert main(["sheet", str(tmp_path / "new")]) == 0
    written = sorted((tmp_path / "new").iterdir())
    assert [each.name for each in written] == ["sheet-a4.pdf", "sheet-letter.pdf"]
    assert capsys.readouterr().out.split() == [str(each) for each in written]
    for path, size in zip(written, (b"595.27", b"612"), strict=True):
        content = path.read_bytes()
        assert content.startswith(b"%PDF")
        assert b"/MediaBox [ 0 0 " + size in content
        assert b"/Subtype /Image" not in content


def test_a_sheet_that_cannot_be_written_is_an_error(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["sheet", str(tmp_path / "file")]) == 3
    assert "expected a folder to write to" in capsys.readouterr().err


@pytest.mark.parametrize("paper", sheet.PAPERS)
def test_the_sheet_leaves_a_margin_that_printers_need(paper):
    width, height = sheet.PAPERS[paper]
    assert min(width - sheet.WIDTH, height - sheet.HEIGHT) / 2 >= 10


def test_boxes_lie_apart_and_between_the_marks():
    lefts, tops = np.array(
        [[sheet.box(digit, place) for place in range(10)] for digit in range(10)]
    ).T
    assert np.diff(lefts, axis=0).min() > sheet.BOX_WIDTH
    assert np.diff(tops, axis=1).min() > sheet.BOX_HEIGHT
    assert tops.min() > sheet.MARK
    assert tops.max() + sheet.BOX_HEIGHT < sheet.HEIGHT - sheet.MARK
    assert lefts.min() > sheet.MARK
    assert lefts.max() + sheet.BOX_WIDTH <= sheet.WIDTH
