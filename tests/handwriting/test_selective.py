import numpy as np
import pytest
from scipy import stats

from handwriting.evaluation import selective

# Worked by hand, most confident first: right, wrong, right, right, wrong.
SCORES = [[0.05, 0.95], [0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]
LABELS = [1, 0, 0, 1, 1]


def sure(*confidences):
    """Return scores of two classes with those confidences, all for class 0."""
    return [[confidence, 1 - confidence] for confidence in confidences]


def test_risk_is_the_share_of_mistakes_among_the_most_confident():
    found = selective.risk_coverage(SCORES, LABELS)
    np.testing.assert_allclose(found.coverages, [0.2, 0.4, 0.6, 0.8, 1])
    np.testing.assert_allclose(found.risks, [0, 1 / 2, 1 / 3, 1 / 4, 2 / 5])


def test_the_area_is_the_mean_risk():
    found = selective.risk_coverage(SCORES, LABELS)
    assert found.area == pytest.approx((1 / 2 + 1 / 3 + 1 / 4 + 2 / 5) / 5)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_equally_confident_examples_count_as_if_drawn_at_random(order):
    scores, labels = np.array(sure(0.9, 0.8, 0.8, 0.7)), np.array([0, 0, 1, 0])
    found = selective.risk_coverage(scores[order], labels[order])
    np.testing.assert_allclose(found.risks, [0, 0.5 / 2, 1 / 3, 1 / 4])


def test_confidence_that_says_nothing_leaves_the_risk_as_it_is():
    found = selective.risk_coverage(sure(*[0.8] * 5), [0, 0, 0, 0, 1])
    np.testing.assert_allclose(found.risks, 0.2)


def test_the_scale_of_scores_does_not_matter():
    logits = 10 * np.array(SCORES) - 5
    found = selective.risk_coverage(logits, LABELS)
    np.testing.assert_allclose(found.risks, selective.risk_coverage(SCORES, LABELS).risks)


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 3 / 5), (0.2, 3 / 4), (0.4, 2 / 3), (0.6, 1 / 2), (0.8, 1)]
)
def test_refusing_leaves_the_accuracy_on_the_more_certain(share, expected):
    found = selective.risk_coverage(SCORES, LABELS).accuracy_after_refusing(share)
    assert found == pytest.approx(expected)


def test_the_nearest_whole_number_of_examples_is_refused():
    found = selective.risk_coverage(SCORES, LABELS)
    assert found.accuracy_after_refusing(0.05) == found.accuracy_after_refusing(0)


def test_foreign_images_with_less_confidence_are_all_told_apart():
    found = selective.foreign_detection(sure(0.9, 0.8), sure(0.7, 0.6))
    assert (found.auroc, found.let_through) == (1, 0)


def test_foreign_images_with_equal_confidence_are_not_told_apart():
    found = selective.foreign_detection(sure(0.9, 0.8), sure(0.8, 0.9))
    assert (found.auroc, found.let_through) == (0.5, 1)


def test_foreign_images_with_more_confidence_are_told_the_wrong_way():
    assert selective.foreign_detection(sure(0.6), sure(0.9)).auroc == 0


def test_equal_confidence_counts_half():
    # Known 0.9 and 0.7 against foreign 0.7 and 0.6: 1, 1, 1/2 and 1.
    found = selective.foreign_detection(sure(0.9, 0.7), sure(0.7, 0.6))
    assert found.auroc == pytest.approx(3.5 / 4)


def test_the_area_is_the_statistic_of_mann_and_whitney():
    random = np.random.default_rng(0)
    known, foreign = random.integers(50, 100, 40) / 100, random.integers(50, 90, 30) / 100
    found = selective.foreign_detection(sure(*known), sure(*foreign))
    assert found.auroc == pytest.approx(stats.mannwhitneyu(known, foreign).statistic / (40 * 30))


def test_the_threshold_lets_95_percent_of_known_images_pass():
    known = sure(*np.linspace(0.99, 0.8, 20))  # the 19th has 0.81
    found = selective.foreign_detection(known, sure(0.97, 0.82, 0.805, 0.7))
    assert (found.kept, found.let_through) == (0.95, 0.5)


def test_no_more_known_images_pass_than_asked_for_where_more_would_cost_nothing():
    found = selective.foreign_detection(sure(*np.linspace(0.99, 0.8, 20)), sure(0.7))
    assert found.kept == 0.95


def test_known_images_of_one_confidence_pass_together():
    found = selective.foreign_detection(sure(0.9, 0.7, 0.7, 0.7), sure(0.8), kept=0.5)
    assert (found.kept, found.let_through) == (1, 1)


def test_refusals_have_a_column_for_each_share():
    """Of 50 digits, the one that is least sure is the only one misread."""
    sure = np.linspace(0.6, 0.9, 50)
    curve = selective.risk_coverage(np.stack([sure, 1 - sure], 1), [1] + [0] * 49, "small")
    (row,) = selective.refusal_table([curve]).to_dict("records")
    assert (row["Network"], row["None refused"], row["2% refused"]) == ("small", 0.98, 1.0)


def test_certainty_has_a_median_and_a_share_of_the_sure():
    found = selective.Certainty("clothes", np.array([0.2, 0.4, 0.9, 1.0]))
    assert (found.median, found.sure) == (pytest.approx(0.65), 0.5)


def test_detections_have_a_row_each():
    found = selective.foreign_detection([[1, 0]], [[0.5, 0.5]], network="small", images="clothes")
    (row,) = selective.detection_table([found]).to_dict("records")
    assert (row["Foreign images"], row["Network"], row["AUROC"]) == ("clothes", "small", 1)
