"""Areas under curves, against scikit-learn, a bootstrap and worlds whose area is known."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from handwriting.evaluation.intervals import wilson
from handwriting.evaluation.ranking import auroc


def drawn(seed, groups=60, each=10, apart=1.0, spread=0.0):
    """Numbers of two kinds; those of a group may lie high or low together."""
    rng = np.random.default_rng(seed)
    members = np.repeat(np.arange(groups), each)
    first = rng.random(len(members)) < 0.3
    numbers = (
        rng.normal(size=len(members)) + apart * first + spread * rng.normal(size=groups)[members]
    )
    return numbers, first, members


def test_the_area_is_scikit_learns_where_some_are_equal():
    numbers, first, _ = drawn(0)
    coarse = np.round(numbers, 1)
    assert auroc(coarse, first).area == pytest.approx(metrics.roc_auc_score(first, coarse))


def test_the_interval_is_that_of_drawing_images_anew():
    numbers, first, _ = drawn(0)
    expected = stats.bootstrap(
        (numbers, first),
        lambda some, kinds: metrics.roc_auc_score(kinds, some),
        paired=True, vectorized=False, n_resamples=1000, method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    found = auroc(numbers, first).interval
    np.testing.assert_allclose([found.low, found.high], expected, atol=0.01)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_interval_covers_the_true_area_where_groups_lie_together(spread):
    true = stats.norm.cdf(1 / np.sqrt(2 + 2 * spread**2))
    worlds = [drawn(seed, spread=spread) for seed in range(200)]
    covered = [true in auroc(*world).interval for world in worlds]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.04)


def test_numbers_that_part_the_kinds_are_not_certain_to_do_so():
    found = auroc(np.array([3.0, 2, 1, 0, 0]), np.array([1, 1, 1, 0, 0], bool))
    assert (found.area, found.interval) == (1, wilson(2, 2))


def test_numbers_that_are_all_the_same_say_nothing():
    found = auroc(np.ones(8), np.arange(8) < 4)
    assert (found.area, found.interval) == (0.5, wilson(2, 4))
