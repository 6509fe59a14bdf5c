import numpy as np
import pytest

from handwriting.evaluation import metrics


def test_accuracy_is_the_share_of_right_predictions():
    assert metrics.accuracy([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 0]) == pytest.approx(4 / 6)


def test_mistakes_come_most_confident_first():
    scores = [[0.6, 0.4], [0.9, 0.1], [0.3, 0.7], [0.2, 0.8]]
    found = metrics.mistakes([1, 1, 1, 0], scores)
    assert found.indices.tolist() == [1, 3, 0]
    assert found.truths.tolist() == [1, 0, 1]
    assert found.predictions.tolist() == [0, 1, 0]
    assert found.confidences.tolist() == [0.9, 0.8, 0.6]


def test_equally_confident_mistakes_keep_their_order_and_there_may_be_none():
    assert metrics.mistakes([1, 1, 1], [[0.7, 0.3]] * 3).indices.tolist() == [0, 1, 2]
    assert len(metrics.mistakes([0, 1], [[0.9, 0.1], [0.2, 0.8]])) == 0


def test_predictions_are_the_highest_scores_and_confidences_their_values():
    scores = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]], dtype=np.float32)
    assert metrics.predictions(scores).tolist() == [1, 0]
    np.testing.assert_allclose(metrics.confidences(scores), [0.7, 0.5], rtol=1e-6)


def test_what_nobody_reads_begins_with_what_most_read_alike():
    answers = np.array([[1, 1, 0, 2], [2, 2, 0, 2], [2, 1, 1, 0]])
    found = metrics.unread(answers, np.array([0, 0, 0, 1]))
    assert (found.indices.tolist(), found.truths.tolist()) == ([0, 1, 3], [0, 0, 1])
    assert found.predictions.tolist() == [2, 1, 2]
    assert found.confidences.tolist() == [2 / 3] * 3
    assert found.unanimous == 0
    alike = metrics.unread(np.array([[1, 1], [2, 1]]), np.array([0, 0]))
    assert (alike.indices.tolist(), alike.unanimous) == ([1, 0], 1)
