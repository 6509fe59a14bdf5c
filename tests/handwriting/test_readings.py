"""What was read in photographs, counted: by cases worked by hand."""

import numpy as np
import pytest

from handwriting.evaluation import legibility, readings
from handwriting.evaluation.intervals import wilson
from handwriting.evaluation.readings import NO_DIGIT, UNSURE, Counts, Recovery
from photographs import cut_out, reading

READ = [
    reading(answer=1, truth=1),
    reading(answer=1, truth=1, refusal=UNSURE),
    reading(answer=2, truth=1),
    reading(answer=2, truth=1, refusal=NO_DIGIT),
    reading(answer=3, truth=3),
    reading(answer=3),
]


def test_refusals_right_answers_and_wrong_ones_are_counted_apart():
    counts = readings.count(READ)
    assert counts == Counts(right=2, wrong=1, refused_right=1, refused_wrong=1)
    assert (counts.every, counts.answered, counts.refused, counts.read) == (5, 3, 2, 3)
    assert counts.accuracy == 3 / 5
    assert counts.answered_accuracy == 2 / 3
    assert (counts.interval, counts.answered_interval) == (wilson(3, 5), wilson(2, 3))


def test_where_no_truth_is_known_nothing_is_counted():
    assert readings.count([reading(answer=3)]) is None


def test_the_table_of_counts_adds_up():
    table = readings.count_table(readings.count(READ))
    assert table[["Digits", "Right", "Wrong"]].values.tolist() == [[3, 2, 1], [2, 1, 1], [5, 3, 2]]


def test_answer_and_runner_up_are_the_two_likeliest():
    found = reading(probabilities=[0.1, 0.2, 0.7])
    assert (found.answer, found.confidence, found.runner_up) == (2, 0.7, (1, 0.2))
    assert reading(probabilities=[1.0]).runner_up is None


def test_a_cut_out_is_a_digit_where_both_boxes_cover_much_the_same():
    boxes = np.array([[0, 0, 10, 10], [0, 20, 10, 30], [0, 40, 10, 50]])
    cuts = [cut_out(0, 21, 10, 31), cut_out(0, 2, 10, 10), cut_out(0, 44, 20, 64)]
    assert readings.matched(boxes, cuts).tolist() == [1, 0, -1]


def test_one_cut_out_is_never_two_digits():
    boxes = np.array([[0, 0, 10, 10], [0, 1, 10, 11]])
    assert sorted(readings.matched(boxes, [cut_out(0, 0, 10, 10)]).tolist()) == [-1, 0]


def test_where_nothing_was_cut_out_no_digit_is_found():
    assert readings.matched(np.array([[0, 0, 10, 10]]), []).tolist() == [-1]


def test_what_came_back_is_a_share_of_all_that_was_written():
    found = Recovery(written=10, found=9, read=8, originals=10, extra=1)
    assert (found.found_share, found.accuracy, found.original_accuracy) == (0.9, 0.8, 1)
    assert found.lost == pytest.approx(0.2)
    assert (found.interval, found.original_interval) == (wilson(8, 10), wilson(10, 10))


def test_what_digits_lack_is_counted_with_what_is_refused_of_them():
    pale = reading(contrast=0.1, refusal=UNSURE)
    darkness, height, _ = legibility.aspects([pale, pale, reading(), reading(height=10)])
    assert (darkness.lacking, darkness.lacking_refused) == (2, 2)
    assert (darkness.others, darkness.others_refused) == (2, 0)
    assert darkness.tells
    assert height.lacking == 1
    assert not height.tells


def test_digits_whose_nearest_training_image_is_of_the_answers_class_agree():
    assert readings.agreeing([reading(answer=1, nearest=0), reading(nearest=0)], np.array([1])) == 1
