"""Calibration against scikit-learn, closed forms and cases worked by hand."""

import math

import numpy as np
import pytest
from scipy import special
from sklearn.calibration import calibration_curve

from handwriting.evaluation import calibration, metrics
from handwriting.evaluation.intervals import wilson

# Worked by hand: confidences 0.6, 0.8, 0.7, 0.9, of which the second is misplaced.
SCORES = np.array([[0.6, 0.4], [0.8, 0.2], [0.3, 0.7], [0.1, 0.9]])
LABELS = np.array([0, 1, 1, 1])


def drawn(examples=20_000, classes=4, temperature=1.0):
    """Return scores and labels, the labels drawn with the probabilities at that temperature."""
    random = np.random.default_rng(0)
    logits = random.normal(scale=2, size=(examples, classes))
    truth = special.softmax(logits / temperature, axis=1).cumsum(axis=1)
    labels = (random.random((examples, 1)) > truth[:, :-1]).sum(axis=1)
    return special.softmax(logits, axis=1).astype(np.float32), labels


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.9, 0.3, 0.3], [0.6, 0.2, 0.2]),
        ([0.3, 0.7], [0.3, 0.7]),
        ([0, 0, 0, 0], [0.25] * 4),
        ([1.0000001, 0], [1, 0]),
    ],
    ids=["of a sigmoid", "of a softmax", "zeros", "rounded to above 1"],
)
def test_scores_become_probabilities_that_sum_to_1(scores, expected):
    found = calibration.probabilities(np.array([scores], np.float32))
    np.testing.assert_allclose(found, [expected], atol=1e-7)


def test_log_loss_is_the_mean_surprise():
    expected = -(math.log(0.6) + math.log(0.2) + math.log(0.7) + math.log(0.9)) / 4
    assert calibration.log_loss(SCORES, LABELS) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scores", "labels", "expected"),
    [
        (SCORES, LABELS, 2 * (0.4**2 + 0.8**2 + 0.3**2 + 0.1**2) / 4),
        (np.eye(2), [0, 1], 0),
        (np.eye(2), [1, 0], 2),
    ],
)
def test_brier_score_sums_squares_over_classes(scores, labels, expected):
    assert calibration.brier_score(scores, labels) == pytest.approx(expected)


def test_reliability_compares_confidence_and_accuracy_in_each_bin():
    found = calibration.reliability(SCORES, LABELS, bins=2)  # 0.6 and 0.7; 0.8 and 0.9
    assert found.counts.tolist() == [2, 2]
    np.testing.assert_allclose(found.confidences, [0.65, 0.85])
    np.testing.assert_allclose(found.accuracies, [1, 0.5])
    expected = [(each.low, each.high) for each in (wilson(2, 2), wilson(1, 2))]
    np.testing.assert_array_equal(np.transpose([found.lows, found.highs]), expected)


@pytest.mark.parametrize("turned", [1, -1])
def test_equal_confidences_share_a_bin_whatever_their_order(turned):
    scores, labels = np.array([[0.3, 0.7]] * 4 + [[0.2, 0.8]]), np.array([0, 0, 1, 1, 1])
    found = calibration.reliability(scores[::turned], labels[::turned], 3)
    np.testing.assert_allclose(found.accuracies @ found.counts, 3)
    assert found.counts.tolist() == [4, 1]


def test_reliability_agrees_with_scikit_learn():
    scores, labels = drawn(examples=1_000)
    shares = calibration.probabilities(scores)
    right = shares.argmax(axis=1) == labels
    expected = calibration_curve(right, shares.max(axis=1), n_bins=10, strategy="quantile")
    found = calibration.reliability(scores, labels, 10)
    np.testing.assert_allclose((found.accuracies, found.confidences), expected)


@pytest.mark.parametrize("known", [0.5, 1.0, 3.0])
def test_temperature_finds_the_one_that_the_labels_were_drawn_at(known):
    assert calibration.temperature(*drawn(temperature=known)) == pytest.approx(known, rel=0.05)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        # Odds of 9 for what is right in 3 of 4: log loss is least at odds of 3, its square root.
        ([[0.9, 0.1]] * 4, 2),
        # Certain of it: the odds of 1 to the smallest normal float32 are fitted by those of 3.
        ([[1, 0]] * 4, 126 * math.log(2) / math.log(3)),
    ],
)
def test_temperature_has_a_closed_form_for_two_classes_of_one_confidence(scores, expected):
    found = calibration.temperature(np.array(scores, np.float32), np.array([0, 0, 0, 1]))
    assert found == pytest.approx(expected)


def test_no_other_temperature_has_less_log_loss():
    scores, labels = drawn(examples=300, temperature=2.0)
    best = calibration.temperature(scores, labels)
    at = [calibration.tempered(scores, best * factor) for factor in (0.99, 1, 1.01)]
    losses = [calibration.log_loss(each, labels) for each in at]
    assert min(losses) == losses[1]
    assert calibration.temperature(at[1], labels) == pytest.approx(1)


@pytest.mark.parametrize(
    ("scores", "labels"),
    [([0.9, 0.2], [0, 1]), ([0.9, 0.2], [1, 0]), ([0.5, 0.5], [0, 1])],
    ids=["no mistake", "all mistaken", "nothing said"],
)
def test_where_no_temperature_fits_best_it_is_1(scores, labels):
    first = np.array(scores)
    assert calibration.temperature(np.stack([first, 1 - first], 1), np.array(labels)) == 1


@pytest.mark.parametrize("temperature", [0.01, 0.3, 1.0, 2.5, 100.0])
def test_tempering_probabilities_is_dividing_logits_and_changes_no_prediction(temperature):
    logits = np.random.default_rng(1).normal(size=(20, 5))
    found = calibration.tempered(special.softmax(logits, axis=1), temperature)
    np.testing.assert_allclose(found, special.softmax(logits / temperature, axis=1))
    assert (metrics.predictions(found) == metrics.predictions(logits)).all()


def test_tempering_certainty_gives_numbers():
    found = calibration.tempered(np.array([[1, 0, 0]], np.float32), 0.01)
    assert found.tolist() == [[1, 0, 0]]
