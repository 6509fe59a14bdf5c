"""Intervals and tests, against published numbers, SciPy and cases worked by hand."""

import numpy as np
import pytest
from scipy import stats

from handwriting.evaluation import intervals
from handwriting.evaluation.intervals import Interval, RepeatedAccuracy, bootstrap, wilson


def test_wilson_gives_the_published_interval():
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, method 3.
    assert f"{wilson(81, 263):.4f}" == "0.2553 to 0.3662"


def test_repeated_accuracy_has_a_mean_and_a_range():
    repeated = RepeatedAccuracy([0.97, 0.99, 0.98], trials=1000)
    assert repeated.mean == pytest.approx(0.98)
    assert (repeated.lowest, repeated.highest) == (0.97, 0.99)


@pytest.mark.parametrize(
    ("given", "corrected"),
    [
        # Sorted: 0.005 x 4, 0.01 x 3, 0.03 x 2, 0.04 x 1, and none below the one before it.
        ([0.01, 0.04, 0.03, 0.005], (0.03, 0.06, 0.06, 0.02)),
        ([0.6, 0.7], (1, 1)),
        ([0.02], (0.02,)),
        ([], ()),
    ],
)
def test_holm_agrees_with_cases_worked_by_hand(given, corrected):
    assert intervals.holm(given) == pytest.approx(corrected)


def test_students_interval_and_test_of_three_values_are_those_worked_out_by_hand():
    """Mean 2, standard error 1 / sqrt(3), and the table's t of 4.303 for two degrees of freedom.

    With two degrees, p = 1 - t / sqrt(t^2 + 2), here of t = 2 sqrt(3).
    """
    found, t = intervals.mean_interval([1, 2, 3]), 2 * 3**0.5
    assert (found.low, found.high) == pytest.approx((2 - 4.303 / 3**0.5, 2 + 4.303 / 3**0.5), 1e-3)
    assert intervals.mean_test([1, 2, 3]) == pytest.approx(1 - t / (t * t + 2) ** 0.5)


@pytest.mark.parametrize(("value", "probability"), [(0.0, 1.0), (0.5, 0.0)])
def test_values_that_are_all_the_same_leave_no_room_for_chance(value, probability):
    assert intervals.mean_interval([value] * 3) == Interval(value, value)
    assert intervals.mean_test([value] * 3) == probability


# Groups drawn anew

RIGHT = np.random.default_rng(3).random(500) < 0.9


def test_with_one_example_each_groups_are_the_ordinary_bootstrap():
    found, design_effect = bootstrap(RIGHT, np.arange(500)[::-1])
    plain = stats.bootstrap((RIGHT,), np.mean, method="BCa", rng=np.random.default_rng(1))
    assert (found.low, found.high) == pytest.approx(plain.confidence_interval, abs=0.003)
    assert design_effect == pytest.approx(500 / 499)


def test_examples_that_are_copies_of_one_another_count_once_and_the_same_way_each_time():
    alone, _ = bootstrap(RIGHT, np.arange(500))
    copied = np.repeat(RIGHT, 4), np.repeat(np.arange(500), 4)
    found, design_effect = bootstrap(*copied)
    assert design_effect == pytest.approx(4 * 500 / 499)
    assert found.low == pytest.approx(alone.low, abs=0.003)
    assert bootstrap(*copied) == (found, design_effect)


def test_a_design_effect_is_worked_by_hand_where_groups_differ_in_size():
    # Share 4/6; groups of 1, 2 and 3 with 1, 2 and 1 right are off by 1/3, 2/3 and -1.
    right, groups = np.array([1, 1, 1, 1, 0, 0], bool), np.array([7, 5, 5, 6, 6, 6])
    expected = (3 / 2 * (14 / 9) / 36) / (2 / 9 / 6)
    assert bootstrap(right, groups)[1] == pytest.approx(expected)


def test_groups_that_all_fare_alike_count_as_one_trial_each():
    assert bootstrap(np.ones(40, bool), np.repeat(np.arange(10), 4)) == (wilson(10, 10), 1)


def test_two_groups_have_an_interval_that_holds_them_both():
    right = np.array([1, 1, 1, 0, 1, 0, 0, 0], bool)
    assert bootstrap(right, np.repeat([0, 1], 4))[0] == Interval(0.25, 0.75)
