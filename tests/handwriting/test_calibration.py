import math

import numpy as np
import pytest
from scipy import special
from sklearn import metrics as sklearn_metrics
from sklearn.calibration import calibration_curve

from handwriting.errors import SettingError
from handwriting.evaluation import calibration, intervals, metrics

# Worked by hand: confidences 0.6, 0.8, 0.7, 0.9, of which the second is misplaced.
SCORES = [[0.6, 0.4], [0.8, 0.2], [0.3, 0.7], [0.1, 0.9]]
LABELS = [0, 1, 1, 1]


def drawn(examples=20_000, classes=4, temperature=1.0, seed=0):
    """Return scores and labels, the labels drawn with the probabilities at that temperature."""
    random = np.random.default_rng(seed)
    logits = random.normal(scale=2, size=(examples, classes))
    truth = special.softmax(logits / temperature, axis=1).cumsum(axis=1)
    labels = (random.random((examples, 1)) > truth[:, :-1]).sum(axis=1)
    return special.softmax(logits, axis=1).astype(np.float32), labels


def test_scores_of_a_sigmoid_are_divided_by_their_sum():
    found = calibration.probabilities([[0.9, 0.3, 0.3], [0.1, 0.1, 0.2]])
    np.testing.assert_allclose(found, [[0.6, 0.2, 0.2], [0.25, 0.25, 0.5]])


def test_probabilities_stay_as_they_are():
    np.testing.assert_allclose(calibration.probabilities(SCORES), SCORES, rtol=1e-15)


def test_a_row_of_zeros_holds_every_class_to_be_equally_probable():
    assert calibration.probabilities(np.zeros((1, 4), np.float32)).tolist() == [[0.25] * 4]


def test_a_probability_that_rounding_brought_above_1_is_taken():
    assert calibration.probabilities([[1.0000001, 0.0]])[0, 0] == 1


@pytest.mark.parametrize("scores", [[[2.0, -1.0]], [[0.5, -0.1]], [[1.1, 0.0]]])
def test_logits_are_refused(scores):
    with pytest.raises(SettingError, match=r"within 0 to 1, found .*not logits"):
        calibration.probabilities(scores)


def test_log_loss_is_the_mean_surprise():
    expected = -(math.log(0.6) + math.log(0.2) + math.log(0.7) + math.log(0.9)) / 4
    assert calibration.log_loss(SCORES, LABELS) == pytest.approx(expected)


def test_log_loss_agrees_with_scikit_learn():
    scores, labels = drawn(examples=500)
    expected = sklearn_metrics.log_loss(labels, calibration.probabilities(scores))
    assert calibration.log_loss(scores, labels) == pytest.approx(expected)


def test_a_true_class_held_to_be_impossible_costs_what_the_smallest_float32_does():
    scores = np.array([[1, 0]], np.float32)
    assert calibration.log_loss(scores, [1]) == pytest.approx(126 * math.log(2))


def test_brier_score_sums_squares_over_classes():
    expected = 2 * (0.4**2 + 0.8**2 + 0.3**2 + 0.1**2) / 4
    assert calibration.brier_score(SCORES, LABELS) == pytest.approx(expected)


@pytest.mark.parametrize(("label", "expected"), [(0, 0), (1, 2)])
def test_brier_score_goes_from_0_to_2(label, expected):
    assert calibration.brier_score([[1, 0]], [label]) == pytest.approx(expected)


def test_brier_score_of_two_classes_is_twice_scikit_learns_of_one():
    scores, labels = drawn(examples=500, classes=2)
    expected = sklearn_metrics.brier_score_loss(labels, calibration.probabilities(scores)[:, 1])
    assert calibration.brier_score(scores, labels) == pytest.approx(2 * expected)


def test_brier_score_leaves_its_scores_alone():
    scores = np.array(SCORES)
    calibration.brier_score(scores, LABELS)
    assert scores.tolist() == SCORES


def test_reliability_compares_confidence_and_accuracy_in_each_bin():
    found = calibration.reliability(SCORES, LABELS, bins=4)  # 0.6 and 0.7; 0.8 and 0.9
    np.testing.assert_allclose(found.edges, [0, 0.25, 0.5, 0.75, 1])
    assert found.counts.tolist() == [0, 0, 2, 2]
    np.testing.assert_allclose(found.confidences, [np.nan, np.nan, 0.65, 0.85])
    np.testing.assert_allclose(found.accuracies, [np.nan, np.nan, 1, 0.5])


def test_each_bin_has_its_wilson_interval():
    found = calibration.reliability(SCORES, LABELS, bins=2, level=0.8)
    expected = intervals.wilson(3, 4, level=0.8)
    assert (found.lows[1], found.highs[1]) == (expected.low, expected.high)
    assert found.level == expected.level


def test_an_empty_bin_has_no_interval():
    found = calibration.reliability(SCORES, LABELS, bins=2)
    assert np.isnan([found.lows[0], found.highs[0]]).all()


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    found = calibration.reliability([[0.5, 0.5], [0, 1]], [0, 1], bins=2)
    assert found.counts.tolist() == [1, 1]


def test_bins_of_equal_mass_part_the_examples_evenly():
    found = calibration.reliability(SCORES, LABELS, bins=2, equal="mass")
    assert found.counts.tolist() == [2, 2]
    np.testing.assert_allclose(found.edges, [0.6, 0.75, 0.9])


@pytest.mark.parametrize("equal", ["width", "mass"])
def test_equal_confidences_share_a_bin_whatever_their_order(equal):
    scores, labels = [[0.3, 0.7]] * 4 + [[0.2, 0.8]], [0, 0, 1, 1, 1]
    found = calibration.reliability(scores, labels, 3, equal)
    again = calibration.reliability(scores[::-1], labels[::-1], 3, equal)
    assert found.counts.tolist() == again.counts.tolist()
    np.testing.assert_allclose(found.accuracies, again.accuracies)


def test_equally_certain_examples_leave_bins_of_equal_mass_empty():
    found = calibration.reliability([[0, 1]] * 6, [1] * 5 + [0], bins=3, equal="mass")
    assert sorted(found.counts) == [0, 0, 6]
    assert found.expected_error == pytest.approx(1 / 6)


@pytest.mark.parametrize(("equal", "strategy"), [("width", "uniform"), ("mass", "quantile")])
def test_reliability_agrees_with_scikit_learn(equal, strategy):
    scores, labels = drawn(examples=1_000)
    shares = calibration.probabilities(scores)
    right = shares.argmax(axis=1) == labels
    accuracies, confidences = calibration_curve(
        right, shares.max(axis=1), n_bins=10, strategy=strategy
    )
    found = calibration.reliability(scores, labels, 10, equal)
    filled = found.counts > 0
    np.testing.assert_allclose(found.accuracies[filled], accuracies)
    np.testing.assert_allclose(found.confidences[filled], confidences)


@pytest.mark.parametrize("equal", ["width", "mass"])
def test_calibration_error_is_the_mean_gap_by_count(equal):
    scores, labels = [*SCORES, [0.0, 1.0], [0.0, 1.0]], [*LABELS, 1, 0]
    bins = {"width": 5, "mass": 2}[equal]
    # Equal width: 0.6; 0.8 and 0.7; 0.9 and 1 twice. Equal mass: the first three, the last three.
    gaps = {
        "width": abs(1 - 0.6) + abs(1 - 1.5) + abs(2 - 2.9),
        "mass": abs(2 - 2.1) + abs(2 - 2.9),
    }
    found = calibration.reliability(scores, labels, bins, equal).expected_error
    assert found == pytest.approx(gaps[equal] / 6)


def test_calibrated_scores_have_little_calibration_error():
    assert calibration.reliability(*drawn()).expected_error < 0.02


def test_overconfident_scores_have_much_calibration_error():
    assert calibration.reliability(*drawn(temperature=3.0)).expected_error > 0.2


@pytest.mark.parametrize("known", [0.5, 1.0, 3.0])
def test_temperature_finds_the_one_that_the_labels_were_drawn_at(known):
    assert calibration.temperature(*drawn(temperature=known)) == pytest.approx(known, rel=0.05)


def test_temperature_has_a_closed_form_for_two_classes_of_one_confidence():
    # Odds of 9 for what is right in 3 of 4: log loss is least at odds of 3, the square root of 9.
    assert calibration.temperature([[0.9, 0.1]] * 4, [0, 0, 0, 1]) == pytest.approx(2)


def test_no_other_temperature_has_less_log_loss():
    scores, labels = drawn(examples=300, temperature=2.0)
    best = calibration.temperature(scores, labels)
    losses = [
        calibration.log_loss(calibration.tempered(scores, best * factor), labels)
        for factor in (0.99, 1, 1.01)
    ]
    assert min(losses) == losses[1]


def test_tempered_scores_need_no_other_temperature():
    scores, labels = drawn(examples=300, temperature=2.0)
    best = calibration.temperature(scores, labels)
    assert calibration.temperature(calibration.tempered(scores, best), labels) == pytest.approx(1)


def test_certainties_of_0_and_1_have_a_finite_temperature():
    scores = np.array([[1, 0]] * 3 + [[0, 1]], np.float32)
    odds = 126 * math.log(2)  # of 1 to the smallest normal float32; fitted, they are those of 3
    assert calibration.temperature(scores, [0, 0, 0, 0]) == pytest.approx(odds / math.log(3))


@pytest.mark.parametrize(
    ("scores", "labels"),
    [
        pytest.param([[0.9, 0.1], [0.2, 0.8]], [0, 1], id="no mistake"),
        pytest.param([[0.9, 0.1], [0.2, 0.8]], [1, 0], id="all mistaken"),
        pytest.param([[0.5, 0.5], [0.5, 0.5]], [0, 1], id="nothing said"),
    ],
)
def test_scores_that_no_temperature_fits_best_are_refused(scores, labels):
    with pytest.raises(SettingError, match=r"from 0\.01 to 100"):
        calibration.temperature(scores, labels)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_tempering_probabilities_is_dividing_logits(temperature):
    logits = np.random.default_rng(1).normal(size=(20, 5))
    found = calibration.tempered(special.softmax(logits, axis=1), temperature)
    np.testing.assert_allclose(found, special.softmax(logits / temperature, axis=1))


@pytest.mark.parametrize("temperature", [0.01, 0.5, 100.0])
def test_tempering_does_not_change_predictions(temperature):
    scores, _ = drawn(examples=1_000)
    found = calibration.tempered(scores, temperature)
    assert (metrics.predictions(found) == metrics.predictions(scores)).all()


def test_tempering_certainty_gives_numbers():
    found = calibration.tempered(np.array([[1, 0, 0]], np.float32), 0.01)
    assert found.tolist() == [[1, 0, 0]]


@pytest.mark.parametrize(
    "measure",
    [
        calibration.log_loss,
        calibration.brier_score,
        calibration.reliability,
        calibration.temperature,
    ],
)
@pytest.mark.parametrize(
    "scores", [pytest.param([[np.nan, 1]], id="no number"), pytest.param([[3, -3]], id="logits")]
)
def test_scores_that_are_no_probabilities_are_refused(measure, scores):
    with pytest.raises(SettingError, match="expected"):
        measure(scores, [0])


@pytest.mark.parametrize(("label", "verdict"), [(0, "not sure enough"), (1, "too sure")])
def test_a_network_is_too_sure_where_less_is_right_than_it_thinks(label, verdict):
    found = calibration.quality([[0.8, 0.2]] * 10, [label] * 10)
    assert (found.confidence, found.accuracy) == (pytest.approx(0.8), 1 - label)
    assert found.verdict == verdict


def test_confidence_in_scores_of_a_sigmoid_is_that_of_their_probabilities():
    found = calibration.quality([[0.9] + [0.1] * 9] * 2, [0, 1])
    assert found.confidence == pytest.approx(0.5)  # 0.9 of 0.9 + 9 x 0.1


def test_calibration_has_a_row_as_it_is_and_one_tempered():
    found = calibration.calibration("small", SCORES, LABELS, 0.5)
    table = calibration.calibration_table([found])
    assert table["Probabilities"].tolist() == ["as they are", "tempered"]
    assert table["Temperature"].tolist() == [1, 0.5]
    tempered = calibration.tempered(SCORES, 0.5)
    expected = [calibration.brier_score(each, LABELS) for each in (SCORES, tempered)]
    assert table["Brier score"].tolist() == expected
