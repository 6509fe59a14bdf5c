import numpy as np
import pytest
from sklearn.metrics import f1_score, top_k_accuracy_score

from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.classification import (
    classification,
    hardest_classes,
    learning_curves,
)

# Worked by hand: a is read as a, a, b; b as b, b; c as c, c, c, b, a; d never occurs.
TRUTHS = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
READ = [0, 0, 1, 1, 1, 2, 2, 2, 1, 0]
SCORES = np.eye(4)[READ] * 0.6 + 0.1
NAMES = ("a", "b", "c", "d")


@pytest.fixture
def found():
    return classification(TRUTHS, SCORES, NAMES)


def test_accuracy_is_the_share_that_is_read_correctly(found):
    assert found.accuracy == 0.7


def test_the_matrix_has_a_row_for_each_truth(found):
    expected = [[2, 1, 0, 0], [0, 2, 0, 0], [1, 1, 3, 0], [0, 0, 0, 0]]
    assert found.matrix.tolist() == expected


def test_each_row_of_shares_is_divided_by_its_sum(found):
    expected = [[2 / 3, 1 / 3, 0, 0], [0, 1, 0, 0], [1 / 5, 1 / 5, 3 / 5, 0], [np.nan] * 4]
    np.testing.assert_allclose(found.shares, expected)


def test_mistakes_are_counted_by_pair_the_commonest_first(found):
    matrix = [[1, 2, 0], [0, 3, 1], [0, 0, 4]]
    truths = np.repeat([0, 1, 2], np.sum(matrix, axis=1))
    read = np.concatenate([np.repeat([0, 1, 2], row) for row in matrix])
    first, second = classification(truths, np.eye(3)[read], NAMES[:3]).confusions
    assert (first.truth, first.prediction, first.count, first.examples) == ("a", "b", 2, 3)
    assert (second.truth, second.prediction, second.count, second.examples) == ("b", "c", 1, 4)
    assert classification([0, 1], np.eye(2), "ab").confusions == ()


def test_the_commonest_mistakes_are_a_table():
    found = classification([0, 0, 1, 1], np.eye(3)[[1, 1, 1, 0]], "abc").commonest
    assert found.to_numpy().tolist() == [["a", "b", 2, 2], ["b", "a", 1, 2]]


def test_each_class_has_its_row(found):
    """What was never read as a class leaves its precision open, and what it never is its recall."""
    rows = found.classes
    assert rows["Class"].tolist() == list(NAMES)
    np.testing.assert_allclose(rows["Precision"], [2 / 3, 2 / 4, 3 / 3, np.nan])
    np.testing.assert_allclose(rows["Recall"], [2 / 3, 2 / 2, 3 / 5, np.nan])
    np.testing.assert_allclose(rows["F1"], [2 / 3, 2 / 3, 3 / 4, np.nan])
    assert rows["Test images"].tolist() == [3, 2, 5, 0]


def test_a_class_without_examples_is_neither_the_easiest_nor_the_hardest(found):
    easiest, hardest = found.easiest_and_hardest
    assert (easiest.Class, easiest.F1) == ("c", pytest.approx(3 / 4))
    assert (hardest.Class, hardest.F1) == ("a", pytest.approx(2 / 3))


def test_the_mean_f1_and_the_share_within_the_two_highest_are_scikit_learns():
    rng = np.random.default_rng(0)
    truths, scores = rng.integers(4, size=300), rng.random((300, 4))
    found = classification(truths, scores, NAMES)
    assert found.mean_f1 == pytest.approx(f1_score(truths, found.predictions, average="macro"))
    assert found.top_two == top_k_accuracy_score(truths, scores, k=2)


def test_classes_without_images_are_not_in_the_mean_f1():
    truths, answers = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])
    found = classification(truths, np.eye(4)[answers], tuple("abcd"))
    expected = f1_score(truths, answers, labels=[0, 1], average="macro")
    assert found.mean_f1 == pytest.approx(expected)


def test_each_reader_has_its_hardest_class():
    answers = np.array([READ, TRUTHS, [0, 0, 0, 1, 1, 1, 1, 2, 2, 2]])
    assert hardest_classes(np.array(TRUTHS), answers, NAMES) == ["a", "a", "b"]


def test_of_mistakes_the_surest_is_named_and_those_counted_whose_class_came_second():
    scores = [[0.2, 0.7, 0.1], [0.1, 0.1, 0.8], [0.05, 0.9, 0.05], [0.5, 0.3, 0.2]]
    found = classification([0, 2, 0, 2], scores, NAMES[:3])
    assert found.surest_mistake == ("a", "b", 0.9)
    assert found.runners_up == 2


def test_disputed_mistakes_are_those_whose_label_people_dispute(found):
    disputes = [Dispute(0, 0, (1,)), Dispute(2, 0, (1,)), Dispute(8, 2, (1, 2)), Dispute(9, 2, ())]
    assert found.mistakes.disputed(disputes) == (3, 1)


def test_confidence_is_told_of_what_is_right_and_of_what_is_wrong():
    found = classification([0, 0, 0], [[0.95, 0.05], [0.6, 0.4], [0.2, 0.8]], "ab")
    right, wrong = found.certainties
    assert (right.count, right.sure, right.median) == (2, 0.5, pytest.approx(0.775))
    assert (wrong.count, wrong.sure, wrong.median) == (1, 0, 0.8)


def test_learning_is_told_by_epoch():
    history = {"loss": (3.0, 2.0, 1.0), "accuracy": (0.5, 0.6, 0.9)}
    watched = {"validation_loss": (3.0, 2.0, 2.5), "validation_accuracy": (0.5, 0.6, 0.6)}
    found = learning_curves(history | watched)
    assert (found.first.loss, found.last.validation_accuracy) == (3.0, 0.6)
    assert (found.watched, found.best_epoch) == (True, 2)
    assert not learning_curves(history | {"validation_loss": ()}).watched
