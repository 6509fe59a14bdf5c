"""Figures of photographs: what they show is in their words, and they stand what is odd."""

from dataclasses import replace

import numpy as np
import pytest
from networks import DIGITS, data_set

from handwriting import figures
from handwriting.evaluation.readings import UNSURE, Recovery
from handwriting.evaluation.selective import Certainty
from handwriting.experiments.photograph_conditions import Series
from handwriting.experiments.yours import Photographs
from photographs import cut_out, page, reading

LINES = page(
    [
        reading(7, cut=cut_out(10, 10, 50, 40)),
        reading(1, refusal=UNSURE, cut=cut_out(10, 60, 50, 90, place=1)),
        reading(3, truth=5, cut=cut_out(60, 10, 100, 40, line=1)),
    ]
)


def test_a_photographs_words_have_its_readings_line_by_line():
    alt = figures.found_digits(LINES, DIGITS).alt
    assert alt == "A photograph with 3 digits in boxes, line by line: 7 1? / 3\N{NOT EQUAL TO}5."


def test_a_photograph_without_digits_says_so():
    assert figures.found_digits(page([]), DIGITS).alt == "A photograph with no digit in boxes."


def test_a_photograph_is_drawn_wider_the_smaller_its_digits_are():
    small = page([reading(height=8)])
    widths = [figures.found_digits(each, DIGITS).figure.get_figwidth() for each in (LINES, small)]
    assert widths[0] < widths[1]


@pytest.mark.parametrize("width", [1, 2])
def test_a_thin_stroke_is_shown_and_the_papers_grain_is_not(width):
    drawn = page([])
    pixels = np.random.default_rng(1).integers(198, 203, (200, 300, 3)).astype(np.uint8)
    pixels[40:160, 100 : 100 + width] = 60
    shown = replace(drawn, photograph=replace(drawn.photograph, pixels=pixels))
    (image,) = figures.found_digits(shown, DIGITS).figure.axes[0].get_images()
    assert (image.get_array()[50:150, 100] < 80).all()
    assert np.ptp(image.get_array()[:, :90]) < np.ptp(pixels[:, :90])


@pytest.mark.parametrize(("digits", "sheets"), [(0, 0), (1, 1), (24, 1), (25, 2)])
def test_a_sheet_holds_so_many_at_most(digits, sheets):
    found = Photographs((page([reading()] * digits),))
    assert len(list(figures.sheets(found, DIGITS))) == sheets


def test_a_sheets_words_have_answer_runner_up_and_refusal():
    (sheet,) = figures.sheets(Photographs((page([reading(1, refusal=UNSURE)]),)), DIGITS)
    assert "1? 99.0%, then" in sheet.alt
    assert "(refused: unsure)" in sheet.alt


def test_what_is_refused_is_counted_where_not_all_is_shown():
    found = Photographs((page([reading(1, refusal=UNSURE)] * 5),))
    assert figures.refused_digits(found, DIGITS, limit=3).alt.endswith("; 2 more are not shown.")


@pytest.mark.parametrize("digits", [1, 4, 12])
def test_each_digit_stands_above_the_image_most_like_it(digits):
    read = [reading(1, apart=float(number)) for number in range(digits)]
    alt = figures.lookalikes(read, data_set(20)).alt
    assert alt.count("like a") == min(digits, 10)
    assert "1 like a 0, 0 grey levels away" in alt


def test_doubt_is_drawn_of_few_and_of_the_surest():
    sure = Certainty("test images", np.array([1.0, 0.95])), Certainty("yours", np.array([0.5]))
    assert "yours: half of them have a probability of at least 0.5000" in (
        figures.doubts(sure, 0.9).alt
    )


def test_curves_say_what_was_found_and_read():
    series = Series("blur", (0, 1), (Recovery(10, 10, 9, 10, 0), Recovery(10, 5, 4, 10, 0)))
    alt = figures.photograph_curves([series]).alt
    assert "by blur: 0: 100.0% and 90.0%, 1: 50.0% and 40.0%" in alt
