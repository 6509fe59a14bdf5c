"""What repeats allow to say, against scipy and statsmodels."""

import random

import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from notebook_press.sweeping import statistics
from notebook_press.sweeping.statistics import holm, mean_of, paired


def drawn(count, seed=0):
    generator = random.Random(seed)
    return [generator.gauss(0.9, 0.02) for _ in range(count)]


@pytest.mark.parametrize("count", [2, 3, 5, 40])
def test_an_interval_is_student_s(count):
    values = drawn(count)
    found = mean_of(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(expected), rel=1e-12)
    assert (found.n, found.value) == (count, pytest.approx(sum(values) / count))


@pytest.mark.parametrize(
    ("values", "independent"), [([0.9], True), ([0.9, 0.9, 0.9], True), ([0.9, 0.8], False)]
)
def test_no_interval_is_claimed_of_what_repeats_nothing(values, independent):
    found = mean_of(values, independent=independent)
    assert found.margin is None
    assert found.low == found.high == found.value


@pytest.mark.parametrize("count", [5, 6, 30])
def test_paired_measurements_are_compared_as_by_scipy(count):
    one, other = drawn(count), drawn(count, seed=1)
    assert paired(one, other) == pytest.approx(stats.ttest_rel(one, other).pvalue, rel=1e-9)


def test_below_five_pairs_nothing_is_said():
    assert paired(drawn(4), drawn(4, seed=1)) is None


@pytest.mark.parametrize(("shift", "p"), [(0, 1.0), (1, 0.0)])
def test_differences_that_are_all_the_same_are_certain(shift, p):
    values = [1.0, 2.0, 4.0, 3.0, 5.0]
    assert paired(values, [value + shift for value in values]) == p


@pytest.mark.parametrize("found", [[], [0.04], [0.01, 0.04, 0.03], [0.5, 0.01, 0.01, 0.9, 0.2]])
def test_several_p_values_are_adjusted_as_by_statsmodels(found):
    expected = multipletests(found, method="holm")[1] if found else []
    assert holm(found) == pytest.approx(list(expected))


def test_without_scipy_nothing_is_claimed(monkeypatch):
    monkeypatch.setattr(statistics, "student", lambda: None)
    assert mean_of(drawn(5)).margin is None
    assert paired(drawn(5), drawn(5, seed=1)) is None
