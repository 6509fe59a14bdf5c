"""Digits found on drawn pages: light, paper, pens, order. The strokes are plain lines and arcs."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from handwriting.data.photographs import finding, framing, ink
from handwriting.data.photographs.opening import Photograph

SHAPES = {
    0: [[(0.3, 0), (0.6, 0.3), (0.6, 0.7), (0.3, 1), (0, 0.7), (0, 0.3), (0.3, 0)]],
    1: [[(0.3, 0), (0.3, 1)]],
    4: [[(0.1, 0), (0, 0.6), (0.7, 0.6)], [(0.5, 0.2), (0.5, 1)]],
    5: [[(0.05, 0.1), (0, 0.5), (0.5, 0.6), (0.5, 0.9), (0, 1)], [(0.12, 0), (0.6, 0)]],
    7: [[(0, 0), (0.6, 0), (0.2, 1)]],
}
"""Lines of digits in a box of height 1."""
PAPER, INK = (225, 222, 215), (30, 30, 60)


class Sheet:
    """A sheet of paper to draw on, at twice its size so that edges are soft."""

    def __init__(self, height=300, width=600):
        self.image = Image.new("RGB", (2 * width, 2 * height), PAPER)
        self.draw = ImageDraw.Draw(self.image)

    def line(self, points, width=4, colour=INK):
        self.draw.line([(2 * x, 2 * y) for x, y in points], colour, int(2 * width), "curve")

    def digit(self, shape, left, top, height=50, **pen):
        for line in SHAPES[shape]:
            self.line([(left + height * x, top + height * y) for x, y in line], **pen)

    def box(self, left, top, right, bottom):
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self.line(corners, 2, (60, 60, 60))

    @property
    def pixels(self):
        return np.asarray(self.image.reduce(2))


def row(sheet, shapes, top=100, left=60, step=70, **pen):
    for place, shape in enumerate(shapes):
        sheet.digit(shape, left + step * place, top, **pen)
    return sheet


def page(pixels):
    return finding.digits(Photograph("a.png", np.asarray(pixels, np.uint8), 1, ""))


def boxes(found):
    """Top, left, bottom and right of what was found, as whole tens."""
    return [
        [round(side, -1) for side in (each.top, each.left, each.bottom, each.right)]
        for each in found.digits
    ]


def largest(drawn):
    """The share of ink that hangs together."""
    labels, _ = ndimage.label(drawn > 60, np.ones((3, 3)))
    sizes = np.bincount(labels[labels > 0])
    return sizes.max() / sizes.sum()


PENS = {"blue": INK, "red": (200, 40, 40), "yellow": (240, 220, 90), "pencil": (170, 168, 165)}


@pytest.mark.parametrize("colour", PENS.values(), ids=PENS)
def test_ink_of_any_pen_is_full_and_paper_is_none(colour):
    strength = ink.strength(row(Sheet(), [4, 7, 0], colour=colour).pixels)
    assert strength[101, 145] > 200  # the bar of the seven
    assert not strength[:80].any()
    assert not strength[180:].any()


@pytest.mark.promise("Digits are found in uneven light and in shadow.")
def test_light_and_shadow_are_no_ink():
    pixels = row(Sheet(), [4, 7, 0, 5]).pixels.astype(float)
    pixels *= np.linspace(1, 0.4, 600)[None, :, None]
    pixels[:, 250:] *= 0.6  # a hard edge, between two digits
    assert len(page(pixels).digits) == 4


def test_noise_and_plain_paper_hold_no_digit():
    noise = np.random.default_rng(3).normal(0, 12, (200, 300, 3))
    for pixels in (np.full((200, 300, 3), 230), np.clip(200 + noise, 0, 255), np.zeros((9, 9, 3))):
        found = page(pixels)
        assert found.digits == ()
        assert found.remarks == ("No digit was found.",)


@pytest.mark.parametrize("width", [1, 2, 5, 12])
def test_the_width_of_strokes_is_measured(width):
    strokes = np.zeros((220, 120))
    strokes[10:210, 20 : 20 + width] = 1  # along a column, not one of all directions
    assert ink.stroke_width(strokes) == pytest.approx(4 / np.pi * width, rel=0.1)


@pytest.mark.promise("Ruled and squared paper is taken away, and strokes across its lines stay.")
@pytest.mark.parametrize("squared", [False, True])
def test_paper_lines_are_no_digits_and_leave_digits_whole(squared):
    sheet = Sheet()
    for place in range(20, 600, 35):
        if place < 300:
            sheet.line([(0, place), (600, place + 12)], 1.5, (150, 170, 205))
        if squared:
            sheet.line([(place + 6, 0), (place - 4, 300)], 1.5, (150, 170, 205))
    found = page(row(sheet, [4, 7, 0, 1, 5]).pixels)
    assert len(found.digits) == 5
    for each in found.digits[:4]:
        assert largest(each.ink) > 0.9


@pytest.mark.parametrize("tilt", [-6, 0, 6])
def test_frames_of_boxes_are_taken_away_and_what_they_hold_is_found(tilt):
    sheet = Sheet()
    for place, shape in enumerate([4, 7, 0, 5]):
        left = 60 + 80 * place
        sheet.box(left, 80, left + 80, 170)
        sheet.digit(shape, left + 20, 100)
    turned = sheet.image.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=PAPER).reduce(2)
    found = page(turned)
    assert len(found.digits) == 4
    assert max(each.bottom - each.top for each in found.digits) < 75


@pytest.mark.parametrize("margin", [3, 10, 80])
def test_boxes_are_taken_away_however_little_paper_is_left_around_them(margin):
    sheet = Sheet(90 + 2 * margin, 320 + 2 * margin)
    for place, shape in enumerate([4, 7, 0, 5]):
        left = margin + 80 * place
        sheet.box(left, margin, left + 80, margin + 90)
        sheet.digit(shape, left + 20, margin + 20)
    assert len(page(sheet.pixels).digits) == 4


@pytest.mark.parametrize("tilt", [-2.5, -0.4, 0, 1.3])
def test_one_large_box_around_one_digit_is_taken_away(tilt):
    sheet = Sheet(600, 800)
    sheet.box(30, 40, 770, 560)
    sheet.digit(7, 300, 200, height=200, width=9)
    turned = sheet.image.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=PAPER).reduce(2)
    (found,) = page(turned).digits
    assert 190 < found.bottom - found.top < 230


def test_the_desk_beyond_the_paper_is_no_digit():
    sheet = row(Sheet(), [4, 7, 0], left=120)
    sheet.line([(10, -10), (18, 310)], 46, (70, 50, 40))
    sheet.line([(-10, 290), (610, 280)], 40, (70, 50, 40))
    assert len(page(sheet.pixels).digits) == 3


@pytest.mark.parametrize("tilt", [-8, -3, 0, 3, 8])
def test_digits_are_read_line_by_line_also_where_lines_are_tilted(tilt):
    sheet = Sheet(400)
    row(sheet, [1, 0, 7, 4, 0, 7], top=120)
    row(sheet, [7, 4, 1], top=210)
    turned = sheet.image.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=PAPER).reduce(2)
    found = page(turned)
    assert [(each.line, each.place) for each in found.digits] == [
        *((0, place) for place in range(6)),
        *((1, place) for place in range(3)),
    ]
    widths = [each.right - each.left for each in found.digits]
    assert max(widths[0], widths[8]) < min(widths[1], widths[2], widths[6])  # the ones


def test_parts_of_a_digit_are_put_together():
    sheet = row(Sheet(), [5, 5, 0])
    sheet.line([(195, 90), (270, 160)], 3, PAPER)  # breaks the zero twice
    found = page(sheet.pixels)
    assert len(found.digits) == 3
    assert boxes(found)[0] == [100, 60, 150, 90]


def test_a_zero_written_small_is_a_digit_and_a_short_dash_is_none():
    sheet = row(Sheet(), [4, 7, 1, 5], height=80)
    sheet.digit(0, 400, 150, height=25, width=3)
    sheet.line([(470, 160), (495, 160)], 3)
    assert len(page(sheet.pixels).digits) == 5


def test_what_shines_through_from_the_back_is_no_digit():
    faint = tuple(round(0.9 * channel) for channel in PAPER)
    sheet = row(Sheet(400), [4, 7, 0, 5, 1], top=30)
    for top in range(110, 380, 30):
        row(sheet, [1, 4, 7, 0, 5, 7, 4] * 4, top=top, left=20, step=20, height=18, colour=faint)
    assert len(page(sheet.pixels).digits) == 5


@pytest.mark.parametrize("lightest", [0.35, 0.5, 0.7])
def test_a_stroke_written_with_less_and_less_pressure_stays_whole(lightest):
    sheet = row(Sheet(), [7, 0], height=90, width=6)
    pixels = np.asarray(PAPER) - sheet.pixels.astype(float)
    pressure = np.interp(np.arange(300), [110, 180], [1, lightest])[:, None, None]
    found = page(np.asarray(PAPER) - 0.5 * pressure * pixels)
    assert len(found.digits) == 2
    assert [largest(each.ink) for each in found.digits] == [1, 1]
    assert min(each.bottom - each.top for each in found.digits) >= 88


def test_a_stray_dot_is_no_digit_and_belongs_to_none():
    sheet = row(Sheet(), [4, 7, 0])
    for x, y in [(118, 118), (400, 200)]:
        sheet.line([(x, y), (x + 4, y)], 4)
    found = page(sheet.pixels)
    assert boxes(found) == boxes(page(row(Sheet(), [4, 7, 0]).pixels))


def test_digits_that_touch_are_parted():
    sheet = row(row(Sheet(), [4, 7, 0, 5]), [4, 0], top=200, step=36)
    found = page(sheet.pixels)
    assert len(found.digits) == 6
    assert found.remarks == ("Cuts between digits that touch: 1.",)


def test_a_wide_zero_is_one_digit():
    sheet = Sheet()
    sheet.draw.ellipse((200, 200, 340, 300), outline=INK, width=8)
    assert len(page(sheet.pixels).digits) == 1


def test_a_cut_out_holds_its_own_ink_alone():
    sheet = Sheet()
    for left in (100, 125):  # slanted, so that their boxes overlap
        sheet.line([(left, 150), (left + 40, 100)])
    found = page(sheet.pixels)
    assert found.digits[0].right > found.digits[1].left
    assert [largest(each.ink) for each in found.digits] == [1, 1]


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_thin_strokes_are_as_bold_as_mnists_once_framed(width):
    found = page(row(Sheet(), [4, 7, 0], height=70, step=90, width=width).pixels)
    for each in found.digits:
        assert 1.6 < ink.stroke_width(framing.framed(each.ink)) < 3.6
        assert each.ink.shape == (each.bottom - each.top, each.right - each.left)


def test_a_digit_that_the_border_cuts_is_remarked_on():
    sheet = row(Sheet(), [4, 7, 0], left=200)
    sheet.digit(7, 100, -20)
    assert page(sheet.pixels).remarks == (
        "Digits at the photograph's border, where they may be cut: 1.",
    )


def test_a_single_digit_may_fill_the_photograph():
    sheet = Sheet(600, 500)
    sheet.digit(5, 80, 60, height=460, width=36)
    assert boxes(page(sheet.pixels)) == [[30, 50, 550, 370]]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory a process took")
@pytest.mark.promise("A photograph of 12 megapixels takes less than a GiB of memory.")
def test_a_photograph_of_12_megapixels_takes_bounded_memory(tmp_path):
    image = row(Sheet(), [4, 7, 0, 5]).image.resize((4000, 3000))
    image.save(tmp_path / "a.jpg")
    script = (
        "import re, sys; from pathlib import Path;"
        "from handwriting.data.photographs import finding, opening;"
        "found = finding.digits(opening.opened(Path(sys.argv[1])));"
        "assert len(found.digits) == 4, found;"
        "print(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "a.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 2**20
