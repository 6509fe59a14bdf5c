"""Accuracies of 12 images by three people, each number worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from handwriting.data.dataset import Split
from handwriting.evaluation import accuracy
from handwriting.evaluation.accuracy import AccuracyEstimate, AccuracyEstimates, SeriesAccuracy
from handwriting.evaluation.intervals import Interval, bootstrap, wilson

WRITERS = np.array([5, 5, 5, 5, 7, 7, 7, 7, 9, 9, 9, 9], np.int32)
SERIES = np.array([4] * 8 + [0] * 4, np.int32)
RIGHT = np.ones(12, bool)
RIGHT[[1, 2, 11]] = False
NONE = np.zeros(12, bool)


def test_images_are_independent_where_nobody_knows_the_writers():
    (found,) = accuracy.estimate("small", RIGHT, None, NONE).ways
    case = "images are independent"
    assert found == AccuracyEstimate(case, 0.75, wilson(9, 12), "images", 12, None)


def test_known_writers_are_resampled_too_and_estimates_have_a_row_each():
    """Writer 5 is misread in 2 of 4, 7 in none, 9 in 1: the variance is (1 + 1 + 0) / 96."""
    found = accuracy.estimate("small", RIGHT, WRITERS, NONE)
    plainly, by_writer = found.ways
    assert plainly.interval == wilson(9, 12)
    assert (by_writer.accuracy, by_writer.unit) == (0.75, "writers")
    assert by_writer.design_effect == pytest.approx(2 / 96 / (0.75 * 0.25 / 12))
    table = accuracy.estimate_table([replace(found, network="dense"), found])
    assert table["Network"].tolist() == ["dense", "dense", "small", "small"]
    assert table["Design effect"].isna().tolist() == [True, False, True, False]


@pytest.mark.parametrize(("writers", "unit"), [(WRITERS, "writers"), (None, "images")])
def test_disputed_labels_are_left_out_in_the_end(writers, unit):
    last = accuracy.estimate("small", RIGHT, writers, np.isin(np.arange(12), [1, 3])).ways[-1]
    assert (last.case, last.images, last.unit) == ("without disputed labels", 10, unit)
    assert last.accuracy == 0.8  # 1 of 3 mistakes and 1 of 9 others are left out


def estimate(case, effect=None, interval=(0.8, 0.95)):
    return AccuracyEstimate(case, 0.9, Interval(*interval), "images", 100, effect)


def test_the_accuracy_to_quote_leaves_nothing_out():
    plainly, by_writer, without = estimate("a"), estimate("b", 0.0), estimate("c", 2.0)
    assert AccuracyEstimates("small", (plainly, by_writer, without)).quoted is by_writer
    assert AccuracyEstimates("small", (plainly, estimate("without"))).quoted is plainly


@pytest.mark.parametrize(("low", "times"), [(0.65, 2.0), (0.875, 0.5)])
def test_an_interval_may_be_wider_or_narrower_with_writers(low, times):
    found = AccuracyEstimates("small", (estimate("a"), estimate("b", 2.0, (low, 0.95))))
    assert found.times_as_wide == pytest.approx(times)


def spread(images, wrong):
    """The mistakes of writers of so many images, of which so many are misread."""
    right = [np.arange(many) >= few for many, few in zip(images, wrong, strict=True)]
    return accuracy.by_writer(
        "small", np.concatenate(right), np.repeat(np.arange(len(images)), images)
    )


@pytest.mark.parametrize(
    ("wrong", "half", "spared"),
    [([0, 0, 0], 0, 3), ([0, 1, 0], 1, 2), ([1, 0, 1], 1, 1), ([1, 2, 3], 1, 0), ([3, 2, 2], 2, 0)],
    ids=["none", "one", "two", "everybody", "seven"],
)
def test_half_of_the_mistakes_come_from_few_writers(wrong, half, spared):
    found = spread([9, 9, 9], wrong)
    assert (found.writers, found.mistakes) == (3, sum(wrong))
    assert (found.half, found.spared) == (half, spared)


@pytest.mark.parametrize(("most", "share"), [(3, 3 / 9), (0, 0)])
def test_the_hardest_tenth_is_that_of_the_writers_who_are_misread_most_often(most, share):
    """The first of ten writers is misread in 3 of 3 or in none, the others in 6 of 90 or none."""
    wrong = [most] + [most // 3] * 6 + [0] * 3
    assert spread([3] + [10] * 9, wrong).hardest_tenth == pytest.approx(share)


def test_the_curve_of_mistakes_begins_with_the_hardest_writer():
    """Of 40 digits, the hardest writer's 10 hold 3 of 4 mistakes, the next one's 20 the other."""
    found = spread([10, 20, 10], [0, 1, 3])
    np.testing.assert_allclose(found.written, [0, 0.25, 0.75, 1])
    np.testing.assert_allclose(found.misread, [0, 0.75, 1, 1])


def test_each_series_has_its_accuracy_but_those_of_one_writer_and_those_that_nobody_knows():
    test = Split(np.zeros((12, 2, 2), np.uint8), np.zeros(12, np.uint8), WRITERS, SERIES)
    (found,) = accuracy.by_series("small", RIGHT, test)
    interval, _ = bootstrap(RIGHT[:8], WRITERS[:8])
    assert found == SeriesAccuracy("small", "hsf_4", 8, 2, 2, 0.25, interval)
    assert accuracy.series_table([found])["Accuracy"].tolist() == [0.75]
    unknown = replace(test, writers=None, series=None)
    assert accuracy.by_series("small", RIGHT, unknown) == ()
