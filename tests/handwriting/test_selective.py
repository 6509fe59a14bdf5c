"""Refusing, telling foreign images apart, and sets of classes, by cases worked by hand."""

import math

import numpy as np
import pytest
from scipy import special

from handwriting.evaluation import selective

# Most confident first: right, wrong, right, right, wrong.
SCORES = np.array([[0.05, 0.95], [0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
LABELS = np.array([1, 0, 0, 1, 1])


def sure(*confidences):
    """Return scores of two classes with those confidences, all for class 0."""
    return np.array([[confidence, 1 - confidence] for confidence in confidences])


def risks(scores, labels):
    return selective.risk_coverage(scores, np.array(labels), "small").risks


def test_risk_is_the_share_of_mistakes_among_the_most_confident():
    found = selective.risk_coverage(SCORES, LABELS, "small")
    np.testing.assert_allclose(found.coverages, [0.2, 0.4, 0.6, 0.8, 1])
    np.testing.assert_allclose(found.risks, [0, 1 / 2, 1 / 3, 1 / 4, 2 / 5])
    np.testing.assert_allclose(risks(10 * SCORES - 5, LABELS), found.risks)  # on any scale


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_equally_confident_examples_count_as_if_drawn_at_random(order):
    found = risks(sure(0.9, 0.8, 0.8, 0.7)[order], np.array([0, 0, 1, 0])[order])
    np.testing.assert_allclose(found, [0, 0.5 / 2, 1 / 3, 1 / 4])


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, 3 / 5), (0.05, 3 / 5), (0.2, 3 / 4), (0.4, 2 / 3), (0.6, 1 / 2), (0.8, 1)],
)
def test_refusing_leaves_the_accuracy_on_the_more_certain(share, expected):
    curve = selective.risk_coverage(SCORES, LABELS, "small")
    assert curve.accuracy_after_refusing(share) == pytest.approx(expected)


def test_refusals_have_a_column_for_each_share():
    """Of 50 digits, the one that is least sure is the only one misread."""
    labels = np.array([1] + [0] * 49)
    curve = selective.risk_coverage(sure(*np.linspace(0.6, 0.9, 50)), labels, "small")
    (row,) = selective.refusal_table([curve]).to_dict("records")
    assert (row["Network"], row["None refused"], row["2% refused"]) == ("small", 0.98, 1.0)
    assert row["Area under the curve"] == pytest.approx(1 / 50 / 50)


@pytest.mark.parametrize(
    ("known", "foreign", "auroc", "kept", "let_through"),
    [
        ([0.9, 0.8], [0.7, 0.6], 1, 1, 0),
        ([0.9, 0.8], [0.8, 0.9], 0.5, 1, 1),
        ([0.6], [0.9], 0, 1, 1),
        # Known 0.9 and 0.7 against foreign 0.7 and 0.6: 1, 1, 1/2 and 1.
        ([0.9, 0.7], [0.7, 0.6], 3.5 / 4, 1, 0.5),
        ([0.9, 0.7, 0.7, 0.7], [0.8], 1 / 4, 1, 1),
        # The 19th of 20 has 0.81.
        (np.linspace(0.99, 0.8, 20), [0.975, 0.825, 0.805, 0.7], 58 / 80, 0.95, 0.5),
        (np.linspace(0.99, 0.8, 20), [0.7], 1, 0.95, 0),
    ],
    ids=["apart", "alike", "wrong way", "equal ones", "together", "95%", "no more than 95%"],
)
def test_foreign_images_are_told_by_their_confidence(known, foreign, auroc, kept, let_through):
    found = selective.foreign_detection(sure(*known), sure(*foreign), "small", "clothes")
    assert found.auroc == pytest.approx(auroc)
    assert (found.kept, found.let_through) == (kept, let_through)


def test_detections_have_a_row_each():
    found = selective.foreign_detection(sure(0.9), sure(0.5), "small", "clothes")
    (row,) = selective.detection_table([found]).to_dict("records")
    assert (row["Foreign images"], row["Network"], row["AUROC"]) == ("clothes", "small", 1)


def test_certainty_has_a_median_and_a_share_of_the_sure():
    found = selective.Certainty("clothes", np.array([0.2, 0.4, 0.9, 1.0]))
    assert (found.median, found.sure) == (pytest.approx(0.65), 0.5)


# Sets of classes


def falling_short(*distances):
    """Return scores whose class 0 falls so far short of 1."""
    return sure(*(1 - np.array(distances)))


@pytest.mark.parametrize(
    ("level", "expected"),
    [(1e-12, 1), (0.2, 1), (0.21, 2), (0.5, 3), (0.6, 3), (0.8, 4), (0.81, math.inf)],
)
def test_the_threshold_is_the_quantile_with_one_example_more(level, expected):
    scores = falling_short(1 / 8, 4 / 8, 3 / 8, 2 / 8)
    assert selective.conformal_threshold(scores, np.zeros(4, int), level) == expected / 8


def test_a_level_that_is_a_rank_exactly_is_not_rounded_up():
    # The 14th of 49: 50 x 0.28 = 14, but 14.000000000000002 to a computer.
    scores = falling_short(*np.arange(1, 50) / 64)
    assert selective.conformal_threshold(scores, np.zeros(49, int), 0.28) == 14 / 64


def sets(scores, threshold=0.5, promised=0.9, labels=0):
    """The sets of images, all of class 0 where nothing else is said."""
    table = np.array(scores, float)
    labels = np.broadcast_to(labels, len(table))
    return selective.prediction_sets(table, labels, threshold, promised, "small")


@pytest.mark.parametrize(
    ("threshold", "first", "second"),
    [(math.inf, [1, 1, 1], [1, 1, 1]), (0.7, [1, 1, 0], [1, 0, 0]), (0.4, [0, 0, 0], [1, 0, 0])],
)
def test_a_set_holds_the_classes_within_the_threshold(threshold, first, second):
    found = sets([[0.5, 0.3125, 0.1875], [0.8, 0.1, 0.1]], threshold)
    assert found.members.tolist() == [first, second]
    assert found.says_nothing == (threshold == math.inf)


def test_a_score_of_float32_at_the_threshold_is_within():
    scores, labels = np.array([[0.9, 0.1], [0.7, 0.3]], np.float32), np.zeros(2, int)
    threshold = selective.conformal_threshold(scores, labels, 2 / 3)
    assert selective.prediction_sets(scores, labels, threshold, 2 / 3, "").members[1, 0]


@pytest.mark.parametrize(("examples", "level"), [(19, 0.9), (50, 0.8), (5, 0.9)])
def test_sets_hold_the_true_class_as_often_as_promised(examples, level):
    random, coverages = np.random.default_rng(0), []
    for _ in range(400):
        scores = special.softmax(random.normal(scale=2, size=(examples + 100, 4)), axis=1)
        labels = random.integers(0, 4, examples + 100)
        threshold = selective.conformal_threshold(scores[:examples], labels[:examples], level)
        found = sets(scores[examples:], threshold, level, labels[examples:])
        coverages.append(found.coverage)
    # The mean is k / (n + 1), and strays from it by chance.
    expected = min(1, math.ceil((examples + 1) * level) / (examples + 1))
    assert expected >= level
    assert np.mean(coverages) == pytest.approx(expected, abs=0.015)


def test_the_highest_promise_that_says_something_is_told_or_else_the_lowest():
    some, more = sets([[1, 0], [1, 1]], promised=0.9), sets([[1, 0], [1, 1]], promised=0.99)
    every = sets([[1, 1], [1, 1]], promised=0.999)
    assert selective.telling([some, more, every]) is more
    assert selective.telling([every, sets([[1, 1]], promised=0.9999)]) is every


def test_the_largest_sets_are_those_of_most_classes_and_of_two_at_least():
    found = sets([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 1, 1], [0, 1, 1]])
    assert found.largest(15).tolist() == [3, 1, 4]
    assert found.largest(1).tolist() == [3]


def test_sets_are_counted_by_their_size():
    found = sets([[0, 0], [1, 0], [1, 1], [1, 1]])
    assert (found.several, found.several_share) == (2, 0.5)
    (row,) = selective.set_table([found]).to_dict("records")
    assert (row["No class"], row["One class"], row["Several"]) == (1, 1, 2)
    assert (row["Promised"], row["Held"], row["Mean size"]) == (0.9, 0.75, 1.25)
