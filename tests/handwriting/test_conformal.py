import math

import numpy as np
import pytest
from scipy import special

from handwriting.errors import SettingError
from handwriting.evaluation import conformal

# Worked by hand: the true class 0 falls short of 1 by 1/8, 2/8, 3/8 and 4/8.
SCORES = [[7 / 8, 1 / 8], [4 / 8, 4 / 8], [5 / 8, 3 / 8], [6 / 8, 2 / 8]]
LABELS = [0, 0, 0, 0]


def drawn(random, examples):
    """Return scores and labels that hardly follow them."""
    scores = special.softmax(random.normal(scale=2, size=(examples, 4)), axis=1)
    return scores, random.integers(0, 4, examples)


@pytest.mark.parametrize(
    ("level", "expected"),
    [(0.01, 1 / 8), (0.2, 1 / 8), (0.21, 2 / 8), (0.5, 3 / 8), (0.6, 3 / 8), (0.8, 4 / 8)],
)
def test_the_threshold_is_the_quantile_with_one_example_more(level, expected):
    assert conformal.conformal_threshold(SCORES, LABELS, level) == expected


def test_a_level_that_is_a_rank_exactly_is_not_rounded_up():
    # The 14th of 49: 50 x 0.28 = 14, but 14.000000000000002 to a computer.
    distances = np.arange(1, 50) / 64
    scores = np.stack([1 - distances, distances], axis=1)
    assert conformal.conformal_threshold(scores, [0] * 49, 0.28) == 14 / 64


def test_a_level_next_to_0_has_the_least_distance():
    assert conformal.conformal_threshold(SCORES, LABELS, 1e-12) == 1 / 8


def test_too_few_calibration_examples_give_no_finite_threshold():
    assert conformal.conformal_threshold(SCORES, LABELS, 0.81) == math.inf


def sets(scores, threshold, labels=None, promised=0.9):
    """The sets of images, all of class 0 where nothing else is said."""
    labels = [0] * len(scores) if labels is None else labels
    return conformal.prediction_sets(scores, labels, threshold, promised, "small")


def test_an_infinite_threshold_puts_all_classes_in_every_set():
    assert sets(SCORES, math.inf).says_nothing


def test_a_set_holds_the_classes_within_the_threshold():
    found = sets([[0.5, 0.3, 0.2], [0.8, 0.1, 0.1]], 0.7)
    assert found.members.tolist() == [[True, True, False], [True, False, False]]


def test_a_set_may_be_empty():
    assert sets([[0.5, 0.3, 0.2], [0.8, 0.1, 0.1]], 0.4).sizes.tolist() == [0, 1]


def test_a_score_of_float32_at_the_threshold_is_within():
    scores = np.array([[0.9, 0.1], [0.7, 0.3]], np.float32)
    threshold = conformal.conformal_threshold(scores, [0, 0], 2 / 3)
    assert sets(scores, threshold).members[1, 0]


def test_coverage_is_the_share_of_sets_that_hold_the_true_class():
    assert sets([[0.5, 0.3, 0.2]] * 3, 0.7, [0, 1, 2]).coverage == pytest.approx(2 / 3)


@pytest.mark.parametrize(("examples", "level"), [(19, 0.9), (50, 0.8), (5, 0.9)])
def test_sets_hold_the_true_class_as_often_as_promised(examples, level):
    random = np.random.default_rng(0)
    coverages = []
    for _ in range(400):
        threshold = conformal.conformal_threshold(*drawn(random, examples), level)
        scores, labels = drawn(random, 100)
        coverages.append(sets(scores, threshold, labels).coverage)
    # The mean is k / (n + 1), and strays from it by chance.
    expected = min(1, math.ceil((examples + 1) * level) / (examples + 1))
    assert expected >= level
    assert np.mean(coverages) == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize("level", [0, 1, 90, math.nan])
def test_an_impossible_level_is_refused(level):
    with pytest.raises(SettingError, match="level: expected"):
        conformal.conformal_threshold(SCORES, LABELS, level)


def promised(promise, *rows):
    return sets(np.array(rows, float), 0.5, promised=promise)


def test_the_highest_promise_that_says_something_is_told():
    some, more = promised(0.9, [1, 0], [1, 1]), promised(0.99, [1, 0], [1, 1])
    every = promised(0.999, [1, 1], [1, 1])
    assert conformal.telling([some, more, every]) is more
    assert every.says_nothing


def test_where_no_promise_says_anything_the_lowest_is_told():
    lower, higher = promised(0.9, [1, 1]), promised(0.99, [1, 1])
    assert conformal.telling([lower, higher]) is lower


def test_the_largest_sets_are_those_of_most_classes_and_of_two_at_least():
    found = promised(0.9, [1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 1, 1], [0, 1, 1])
    assert found.largest().tolist() == [3, 1, 4]
    assert found.largest(most=1).tolist() == [3]
    assert not len(promised(0.9, [1, 0], [0, 1]).largest())


def test_sets_are_counted_by_their_size():
    found = promised(0.999, [0, 0], [1, 0], [1, 1], [1, 1])
    assert (found.empty, found.single, found.several, found.several_share) == (1, 1, 2, 0.5)
    (row,) = conformal.set_table([found]).to_dict("records")
    assert (row["Promised"], row["Held"], row["Mean size"]) == (0.999, 0.75, 1.25)
