"""Do mistakes crowd on writers by more than chance?"""

import numpy as np
import pytest
from scipy import stats

from handwriting.evaluation import writers

AUTHORS = np.repeat(np.arange(100), 20)


def thrown(mistakes, seed=0):
    wrong = np.zeros(2000, bool)
    wrong[np.random.default_rng(seed).choice(2000, mistakes, replace=False)] = True
    return wrong


def test_without_mistakes_there_is_nothing_to_say():
    assert writers.crowding("small", np.zeros(2000, bool), AUTHORS) is None


def test_mistakes_thrown_by_chance_lie_within_the_band_and_have_an_even_p_value():
    found = [writers.crowding("small", thrown(60, seed), AUTHORS, draws=500) for seed in range(60)]
    assert stats.kstest([each.p_value for each in found], "uniform").pvalue > 0.01
    outside = [
        np.mean((each.shares < each.lows - 1e-9) | (each.shares > each.highs + 1e-9))
        for each in found
    ]
    assert np.mean(outside) < 0.05


def test_mistakes_of_few_writers_crowd():
    wrong = AUTHORS < 3
    found = writers.crowding("small", wrong, AUTHORS)
    assert (found.half, found.p_value) == (2, pytest.approx(1 / 2001))
    assert found.throws == 2000
    assert (found.mistakes, found.beyond_chance) == (60, True)
    assert found.half_by_chance.low > 10
    assert found.shares[3] == 1 > found.highs[3]


def test_where_all_is_misread_nothing_crowds():
    found = writers.crowding("small", np.ones(2000, bool), AUTHORS)
    assert (found.p_value, found.half) == (1, 50)


def test_the_p_value_is_that_of_fishers_table_where_all_wrote_as_much():
    wrong = thrown(40, seed=1)
    wrong[:4] = True
    counts = np.bincount(AUTHORS[wrong])
    found = writers.crowding("small", wrong, AUTHORS)
    # The same statistic, but for its scale, as chi-squared of the table of writers by outcome.
    table = np.stack([counts, 20 - counts])
    expected = stats.chi2_contingency(table).pvalue
    assert found.p_value == pytest.approx(expected, abs=0.03)


def test_the_ratio_of_two_shares_has_the_interval_of_independent_images_where_each_has_a_writer():
    rng = np.random.default_rng(0)
    first = np.arange(8000) < 3000
    wrong = rng.random(8000) < np.where(first, 0.06, 0.03)
    found = writers.error_ratio(wrong, np.arange(8000), first)
    counts = wrong[first].sum(), wrong[~first].sum()
    expected = stats.contingency.relative_risk(counts[0], 3000, counts[1], 5000)
    interval = expected.confidence_interval()
    assert found.ratio == pytest.approx(expected.relative_risk)
    assert [found.interval.low, found.interval.high] == pytest.approx(list(interval), rel=0.03)


def test_mistakes_of_several_trainings_count_by_how_often_they_are_made():
    first, wrong = AUTHORS < 50, thrown(300)
    twice, halves = (writers.error_ratio(each, AUTHORS, first) for each in (wrong, wrong / 2))
    assert twice.ratio == halves.ratio
    assert (twice.interval.low, twice.interval.high) == pytest.approx(
        (halves.interval.low, halves.interval.high)
    )


def test_there_is_no_ratio_to_images_that_are_never_misread():
    first = AUTHORS < 50
    assert writers.error_ratio(first & thrown(300), AUTHORS, first) is None
