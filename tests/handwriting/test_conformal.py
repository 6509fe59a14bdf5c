"""Sets of classes, by cases worked by hand."""

import math

import crepes
import numpy as np
import pytest
from scipy import special

from handwriting.evaluation import conformal


def sure(*confidences):
    """Return scores of two classes with those confidences, all for class 0."""
    return np.array([[confidence, 1 - confidence] for confidence in confidences])


def falling_short(*distances):
    """Return scores whose class 0 falls so far short of 1."""
    return sure(*(1 - np.array(distances)))


@pytest.mark.parametrize(
    ("level", "expected"),
    [(1e-12, 1), (0.2, 1), (0.21, 2), (0.5, 3), (0.6, 3), (0.8, 4), (0.81, math.inf)],
)
def test_the_threshold_is_the_quantile_with_one_example_more(level, expected):
    scores = falling_short(1 / 8, 4 / 8, 3 / 8, 2 / 8)
    assert conformal.conformal_threshold(scores, np.zeros(4, int), level) == expected / 8


def test_a_level_that_is_a_rank_exactly_is_not_rounded_up():
    # The 14th of 49: 50 x 0.28 = 14, but 14.000000000000002 to a computer.
    scores = falling_short(*np.arange(1, 50) / 64)
    assert conformal.conformal_threshold(scores, np.zeros(49, int), 0.28) == 14 / 64


def sets(scores, threshold=0.5, promised=0.9, labels=0):
    """The sets of images, all of class 0 where nothing else is said."""
    table = np.array(scores, float)
    labels = np.broadcast_to(labels, len(table))
    return conformal.prediction_sets(table, labels, threshold, promised, "small")


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
    threshold = conformal.conformal_threshold(scores, labels, 2 / 3)
    assert conformal.prediction_sets(scores, labels, threshold, 2 / 3, "").members[1, 0]


@pytest.mark.parametrize(("examples", "level"), [(19, 0.9), (50, 0.8), (5, 0.9)])
def test_sets_hold_the_true_class_as_often_as_promised(examples, level):
    random, coverages = np.random.default_rng(0), []
    for _ in range(400):
        scores = special.softmax(random.normal(scale=2, size=(examples + 100, 4)), axis=1)
        labels = random.integers(0, 4, examples + 100)
        threshold = conformal.conformal_threshold(scores[:examples], labels[:examples], level)
        found = sets(scores[examples:], threshold, level, labels[examples:])
        coverages.append(found.coverage)
    # The mean is k / (n + 1), and strays from it by chance.
    expected = min(1, math.ceil((examples + 1) * level) / (examples + 1))
    assert expected >= level
    assert np.mean(coverages) == pytest.approx(expected, abs=0.015)


def test_the_highest_promise_that_says_something_is_told_or_else_the_lowest():
    some, more = sets([[1, 0], [1, 1]], promised=0.9), sets([[1, 0], [1, 1]], promised=0.99)
    every = sets([[1, 1], [1, 1]], promised=0.999)
    assert conformal.telling([some, more, every]) is more
    assert conformal.telling([every, sets([[1, 1]], promised=0.9999)]) is every


def test_the_largest_sets_are_those_of_most_classes_and_of_two_at_least():
    found = sets([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 1, 1], [0, 1, 1]])
    assert found.largest(15).tolist() == [3, 1, 4]
    assert found.largest(1).tolist() == [3]


def test_sets_are_counted_by_their_size():
    found = sets([[0, 0], [1, 0], [1, 1], [1, 1]])
    (row,) = conformal.set_table([found]).to_dict("records")
    assert (row["No class"], row["One class"], row["Several"]) == (1, 1, 2)
    assert (row["Promised"], row["Held"], row["Mean size"]) == (0.9, 0.75, 1.25)


def test_the_threshold_is_that_of_crepes():
    rng = np.random.default_rng(0)
    scores = special.softmax(rng.normal(scale=2, size=(80, 4)), axis=1)
    labels = rng.integers(0, 4, 80)
    threshold = conformal.conformal_threshold(scores[:50], labels[:50], 0.9)
    found = conformal.prediction_sets(scores[50:], labels[50:], threshold, 0.9, "small")
    classifier = crepes.ConformalClassifier()
    classifier.fit(1 - scores[np.arange(50), labels[:50]])
    expected = classifier.predict_set(1 - scores[50:], confidence=0.9, smoothing=False)
    np.testing.assert_array_equal(found.members, expected)
