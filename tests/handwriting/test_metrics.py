import numpy as np
import pytest

from handwriting.errors import SettingError
from handwriting.evaluation import metrics

# Worked by hand: class 0 is read as 0, 0, 1; class 1 as 1, 1; class 2 as 2, 2, 2, 1, 0.
TRUTHS = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
PREDICTED = [0, 0, 1, 1, 1, 2, 2, 2, 1, 0]
MATRIX = [[2, 1, 0], [0, 2, 0], [1, 1, 3]]


def test_accuracy_is_the_share_of_right_predictions():
    assert metrics.accuracy(TRUTHS, PREDICTED) == pytest.approx(7 / 10)


def test_confusion_matrix_has_a_row_for_each_truth():
    matrix = metrics.confusion_matrix(TRUTHS, PREDICTED, classes=3)
    assert matrix.tolist() == MATRIX
    assert matrix.dtype == np.int64


def test_confusion_matrix_keeps_a_class_that_never_occurs():
    matrix = metrics.confusion_matrix([0, 2], [0, 0], classes=4)
    assert matrix.tolist() == [[1, 0, 0, 0], [0] * 4, [1, 0, 0, 0], [0] * 4]


def test_scores_by_class_follow_their_definitions():
    found = metrics.by_class(TRUTHS, PREDICTED, classes=3)
    np.testing.assert_allclose(found.precision, [2 / 3, 2 / 4, 3 / 3])
    np.testing.assert_allclose(found.recall, [2 / 3, 2 / 2, 3 / 5])
    np.testing.assert_allclose(found.f1, [2 / 3, 2 / 3, 3 / 4])
    assert found.support.tolist() == [3, 2, 5]


def test_precision_of_a_class_that_was_never_predicted_is_undefined():
    found = metrics.by_class([0, 1], [0, 0], classes=2)
    assert np.isnan(found.precision[1])
    assert (found.recall[1], found.f1[1]) == (0, 0)


def test_recall_of_a_class_without_examples_is_undefined():
    assert np.isnan(metrics.by_class([0, 0], [0, 1], classes=2).recall[1])


def test_mistakes_come_most_confident_first():
    scores = [[0.6, 0.4], [0.9, 0.1], [0.3, 0.7], [0.2, 0.8]]
    found = metrics.mistakes([1, 1, 1, 0], scores)
    assert found.indices.tolist() == [1, 3, 0]
    assert found.truths.tolist() == [1, 0, 1]
    assert found.predictions.tolist() == [0, 1, 0]
    assert found.confidences.tolist() == [0.9, 0.8, 0.6]


def test_equally_confident_mistakes_keep_their_order():
    found = metrics.mistakes([1, 1, 1], [[0.7, 0.3]] * 3)
    assert found.indices.tolist() == [0, 1, 2]


def test_a_perfect_reader_makes_no_mistakes():
    assert len(metrics.mistakes([0, 1], [[0.9, 0.1], [0.2, 0.8]])) == 0


def test_predictions_are_the_highest_scores_and_confidences_their_values():
    scores = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]], dtype=np.float32)
    assert metrics.predictions(scores).tolist() == [1, 0]
    np.testing.assert_allclose(metrics.confidences(scores), [0.7, 0.5], rtol=1e-6)


@pytest.mark.parametrize(
    ("truths", "predicted", "classes", "message"),
    [
        ([0, 1], [0], 2, "1 predictions and 2 truths"),
        ([], [], 2, "truths: expected a row of whole numbers"),
        ([[0], [1]], [0, 1], 2, "truths: expected a row of whole numbers"),
        ([0, 1], [0.5, 1.0], 2, "predictions: expected a row of whole numbers"),
        ([0, 2], [0, 1], 2, "expected classes 0 to 1, found 0 to 2"),
        ([0, 1], [0, -1], 2, "expected classes 0 to 1, found -1 to 0"),
    ],
)
def test_labels_that_cannot_be_compared_are_refused(truths, predicted, classes, message):
    with pytest.raises(SettingError, match=message):
        metrics.confusion_matrix(truths, predicted, classes)


@pytest.mark.parametrize(
    ("scores", "message"),
    [([0.1, 0.9], "found shape"), ([[], []], "found shape"), ([[np.nan, 1.0]], "found NaN")],
)
def test_scores_that_are_no_table_of_numbers_are_refused(scores, message):
    with pytest.raises(SettingError, match=message):
        metrics.mistakes([0], scores)
