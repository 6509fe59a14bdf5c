"""Intervals from groups drawn anew, against SciPy, closed forms and a case worked by hand."""

import numpy as np
import pytest
from scipy import stats

from handwriting.errors import SettingError
from handwriting.evaluation.intervals import bootstrap, wilson


@pytest.fixture
def right() -> np.ndarray:
    return np.random.default_rng(3).random(500) < 0.9


def test_with_one_example_each_groups_are_the_ordinary_bootstrap(right):
    found = bootstrap(right, np.arange(500)[::-1], "writers").interval
    ordinary = stats.bootstrap((right,), np.mean, method="BCa", rng=np.random.default_rng(1))
    assert found.low == pytest.approx(ordinary.confidence_interval.low, abs=0.003)
    assert found.high == pytest.approx(ordinary.confidence_interval.high, abs=0.003)


def test_independent_examples_have_a_design_effect_of_one(right):
    assert bootstrap(right).design_effect == pytest.approx(500 / 499)


def test_examples_that_are_copies_of_one_another_count_once(right):
    copied, writers = np.repeat(right, 4), np.repeat(np.arange(500), 4)
    found, alone = bootstrap(copied, writers, "writers"), bootstrap(right)
    assert found.design_effect == pytest.approx(4 * 500 / 499)
    assert found.interval.low == pytest.approx(alone.interval.low, abs=0.003)
    assert (found.groups, found.unit) == (500, "writers")


def test_a_design_effect_is_worked_by_hand_where_groups_differ_in_size():
    # Share 4/6; groups of 1, 2 and 3 with 1, 2 and 1 right are off by 1/3, 2/3 and -1.
    found = bootstrap([1, 1, 1, 1, 0, 0], [7, 5, 5, 6, 6, 6])
    assert found.design_effect == pytest.approx((3 / 2 * (14 / 9) / 36) / (2 / 9 / 6))


def test_groups_that_all_fare_alike_count_as_one_trial_each():
    found = bootstrap([True] * 40, np.repeat(np.arange(10), 4))
    assert found.interval == wilson(10, 10)
    assert found.design_effect == 1


def test_two_groups_have_an_interval_that_holds_them_both():
    found = bootstrap([1, 1, 1, 0, 1, 0, 0, 0], np.repeat([0, 1], 4)).interval
    assert (found.low, found.high) == (0.25, 0.75)


def test_the_same_examples_give_the_same_interval(right):
    writers = np.arange(500) // 5
    assert bootstrap(right, writers) == bootstrap(right, writers)


@pytest.mark.parametrize(
    ("groups", "level", "reason"),
    [
        ([1, 2], 0.95, "one group for each example"),
        ([1, 1, 1], 0.95, "at least two, found 1"),
        ([1, 2, 3], 1.0, "level"),
    ],
)
def test_groups_that_allow_no_interval_are_refused(groups, level, reason):
    with pytest.raises(SettingError, match=reason):
        bootstrap([True, False, True], groups, level=level)
