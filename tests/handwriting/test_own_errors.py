"""What does a network know of its own errors?"""

import numpy as np
import pytest
from scipy import special
from sklearn import metrics as sklearn_metrics

from handwriting.evaluation import calibration, own_errors


def world(images=4000, sharpness=1.0, seed=0, classes=4):
    """Scores whose true probabilities are known: perfect at a sharpness of 1."""
    rng = np.random.default_rng(seed)
    true = special.softmax(rng.normal(0, 2, (images, classes)), axis=1)
    labels = (rng.random((images, 1)) > true.cumsum(axis=1)).sum(axis=1)
    return special.softmax(sharpness * np.log(true), axis=1), labels


def test_the_error_is_that_of_bins_of_equal_mass():
    scores, labels = world()
    expected = calibration.reliability(scores, labels, equal="mass").expected_error
    assert own_errors.calibration_error(scores, labels, draws=10).error == pytest.approx(expected)


def test_a_perfect_network_shows_no_more_than_chance_in_nineteen_of_twenty_worlds():
    found = [
        own_errors.calibration_error(*world(1000, seed=seed), draws=200) for seed in range(100)
    ]
    assert np.mean([each.beyond_chance for each in found]) == pytest.approx(0.05, abs=0.06)
    assert np.mean([each.error for each in found]) == pytest.approx(
        np.mean([each.floor for each in found]), rel=0.05
    )


def test_a_network_that_is_too_sure_shows_more():
    found = own_errors.calibration_error(*world(sharpness=2), draws=200)
    assert found.beyond_chance
    assert found.interval.low > found.floor


def test_writers_who_stand_together_widen_the_interval():
    scores, labels = world(2000, sharpness=2)
    order = np.argsort(scores.argmax(axis=1) == labels)  # whole writers are read rightly or wrongly
    scores, labels = scores[order], labels[order]
    alone, together = (
        own_errors.calibration_error(scores, labels, writers, draws=200).interval.width
        for writers in (None, np.repeat(np.arange(50), 40))
    )
    assert together > 2 * alone


def test_the_parts_add_up_to_scikit_learns_brier_score():
    scores, labels = world(sharpness=2)
    right = scores.argmax(axis=1) == labels
    found = own_errors.decomposition(scores, labels)
    assert found.score == pytest.approx(sklearn_metrics.brier_score_loss(right, scores.max(axis=1)))
    parts = found.miscalibration - found.discrimination + found.uncertainty
    assert parts == pytest.approx(found.score)
    assert found.uncertainty == pytest.approx(right.mean() * (1 - right.mean()))
    assert found.auroc == pytest.approx(sklearn_metrics.roc_auc_score(right, scores.max(axis=1)))


def test_only_truth_is_lost_when_all_are_made_surer_alike():
    true, sharper = (own_errors.decomposition(*world(sharpness=sharp)) for sharp in (1, 2))
    assert sharper.miscalibration > 5 * true.miscalibration
    assert sharper.auroc == pytest.approx(true.auroc, abs=0.02)


def test_without_mistakes_there_is_nothing_to_tell_apart():
    found = own_errors.decomposition(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 0]))
    assert np.isnan(found.auroc)
    assert found.uncertainty == 0
