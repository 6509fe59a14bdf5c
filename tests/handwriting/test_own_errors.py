"""What does a network know of its own errors?"""

import numpy as np
import pytest
from scipy import special
from sklearn import metrics as sklearn_metrics

from handwriting.evaluation import calibration, own_errors
from handwriting.evaluation.intervals import wilson


def world(images=4000, sharpness=1.0, seed=0, classes=4):
    """Scores whose true probabilities are known: perfect at a sharpness of 1."""
    rng = np.random.default_rng(seed)
    true = special.softmax(rng.normal(0, 2, (images, classes)), axis=1)
    labels = (rng.random((images, 1)) > true.cumsum(axis=1)).sum(axis=1)
    return special.softmax(sharpness * np.log(true), axis=1), labels


def test_the_error_is_that_of_bins_of_equal_mass():
    scores, labels = world()
    bins = calibration.reliability(scores, labels)
    expected = np.average(np.abs(bins.accuracies - bins.confidences), weights=bins.counts)
    assert own_errors.calibration_error(scores, labels, draws=10).error == pytest.approx(expected)


def test_the_interval_of_the_error_covers_what_a_large_sample_shows():
    for sharpness in (1.0, 1.5, 2.0):
        true = own_errors.calibration_error(*world(400_000, sharpness), draws=1).error
        worlds = [world(1000, sharpness, seed) for seed in range(1, 61)]
        found = [own_errors.calibration_error(*each, draws=200).interval for each in worlds]
        assert np.mean([true in each for each in found]) >= 0.93


def test_a_perfect_network_shows_no_more_than_chance_in_nineteen_of_twenty_worlds():
    found = [
        own_errors.calibration_error(*world(1000, seed=seed), draws=200) for seed in range(100)
    ]
    assert np.mean([each.beyond_chance for each in found]) == pytest.approx(0.05, abs=0.06)
    assert np.quantile([each.error for each in found], 0.95) == pytest.approx(
        np.mean([each.floor for each in found]), rel=0.1
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
        own_errors.calibration_error(scores, labels, writers, draws=200).interval
        for writers in (None, np.repeat(np.arange(50), 40))
    )
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_the_parts_add_up_to_scikit_learns_brier_score():
    scores, labels = world(sharpness=2)
    right = scores.argmax(axis=1) == labels
    found = own_errors.decomposition(scores, labels)
    assert found.score == pytest.approx(sklearn_metrics.brier_score_loss(right, scores.max(axis=1)))
    parts = found.miscalibration - found.discrimination + found.uncertainty
    assert parts == pytest.approx(found.score)
    assert found.uncertainty == pytest.approx(right.mean() * (1 - right.mean()))
    expected = sklearn_metrics.roc_auc_score(right, scores.max(axis=1))
    assert found.auroc.area == pytest.approx(expected)


def test_only_truth_is_lost_when_all_are_made_surer_alike():
    true, sharper = (own_errors.decomposition(*world(sharpness=sharp)) for sharp in (1, 2))
    assert sharper.miscalibration > 5 * true.miscalibration
    assert sharper.auroc.area == pytest.approx(true.auroc.area, abs=0.02)


def test_without_mistakes_there_is_nothing_to_tell_apart():
    found = own_errors.decomposition(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 0]))
    assert found.auroc is None
    assert found.uncertainty == 0


# Worked by hand: confidences 0.6, 0.8, 0.7, 0.9, of which the second is misplaced.
SCORES = np.array([[0.6, 0.4], [0.8, 0.2], [0.3, 0.7], [0.1, 0.9]])
LABELS = np.array([0, 1, 1, 1])


@pytest.mark.parametrize(("label", "verdict"), [(0, "not sure enough"), (1, "too sure")])
@pytest.mark.parametrize(("images", "more"), [(2, ", which may be luck"), (200, "")])
def test_a_network_is_too_sure_where_less_is_right_than_it_thinks(label, verdict, images, more):
    # Of a sigmoid: 0.9 of 0.9 + 9 x 0.1; chance may have both of two right, or wrong.
    found = own_errors.quality(np.array([[0.9] + [0.1] * 9] * images), np.array([label] * images))
    assert (found.confidence, found.accuracy) == (pytest.approx(0.5), 1 - label)
    assert found.verdict == verdict + more


def test_a_network_of_one_class_is_right_and_as_sure():
    found = own_errors.quality(np.ones((3, 1)), np.zeros(3, int))
    assert (found.log_loss, found.brier_score, found.error.error) == (0, 0, 0)
    assert found.verdict == "as sure as it is right"


def test_calibration_has_a_row_as_it_is_and_one_tempered():
    found = own_errors.judge("small", SCORES, LABELS, 0.5)
    table = own_errors.calibration_table([found])
    assert table["Probabilities"].tolist() == ["as they are", "tempered"]
    tempered = calibration.tempered(SCORES, 0.5)
    expected = [calibration.brier_score(each, LABELS) for each in (SCORES, tempered)]
    assert table["Brier score"].tolist() == expected


def test_confidence_has_a_row_as_it_is_and_one_tempered():
    found = own_errors.judge("small", SCORES, LABELS, 0.5)
    table = own_errors.decomposition_table([found])
    # The one mistake has 0.8, of 0.6, 0.7 and 0.9.
    assert table["AUROC"].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert table["Uncertainty"].tolist() == pytest.approx([3 / 16] * 2)
    perfect = own_errors.judge("small", SCORES[2:], LABELS[2:], 0.5)
    assert own_errors.decomposition_table([perfect])["AUROC"].isna().all()


def test_a_gap_is_confidence_less_accuracy_with_the_accuracys_interval_turned_round():
    groups = {"low": np.array([1, 1, 0, 0], bool), "high": np.array([0, 0, 1, 1], bool)}
    low, high = own_errors.gaps("small", SCORES, LABELS, groups, None).groups
    assert (low.share, high.share) == (pytest.approx(0.7 - 0.5), pytest.approx(0.8 - 1))
    ends = wilson(1, 2)
    assert (low.interval.low, low.interval.high) == pytest.approx((0.7 - ends.high, 0.7 - ends.low))
    assert high.interval.high > 0  # no mistake of two is no certainty


def test_gaps_of_a_calibrated_network_are_seldom_apart_from_none():
    found = []
    for seed in range(100):
        scores, labels = world(800, seed=seed)
        halves = {"first": np.arange(800) < 400, "last": np.arange(800) >= 400}
        gaps = own_errors.gaps("small", scores, labels, halves, None)
        found.append(len(gaps.below + gaps.above))
    assert np.mean(found) / 2 <= 0.05  # they are wider than need be
