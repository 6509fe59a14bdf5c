import numpy as np
import pytest

from handwriting.evaluation.label_errors import SuspectLabels, suspects

LABELS = np.array([0, 0, 0, 1, 1, 1])
PROBABILITIES = np.array(
    [
        [0.9, 0.1],
        [0.8, 0.2],
        [0.1, 0.9],
        [0.3, 0.7],
        [0.4, 0.6],
        [0.95, 0.05],
    ]
)
"""Class 0 has a mean of 0.6 over the first three, class 1 of 0.45 over the last three."""


def test_the_labels_that_others_are_confident_about_are_suspected_the_worst_first():
    """Image 2 is 0.9 sure of 1, above 0.45; image 5 is 0.95 sure of 0, above 0.6."""
    found = suspects(LABELS, PROBABILITIES)
    assert found.indices.tolist() == [5, 2]
    assert found.labels.tolist() == [1, 0]
    assert found.proposed.tolist() == [0, 1]
    np.testing.assert_allclose(found.margins, [0.9, 0.8])
    assert (len(found), found.among, found.share) == (2, 6, pytest.approx(1 / 3))


def test_a_class_below_its_own_mean_is_not_confident():
    """Class 1 has a mean of 0.75: at 0.7 it does not dispute image 2, whose label has but 0.3."""
    table = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.3, 0.7], [0.2, 0.8], [0.25, 0.75]]
    assert not len(suspects(LABELS, np.array(table)))


def test_a_label_that_is_the_more_probable_one_is_not_suspected():
    """Class 1 reaches its mean of 0.3 in image 2, and 0 falls short of its own, but 0 leads."""
    table = [[0.95, 0.05], [0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.7, 0.3], [0.7, 0.3]]
    found = suspects(LABELS, np.array(table))
    assert 2 not in found.indices


def test_the_most_probable_of_several_confident_classes_is_proposed():
    labels = np.array([0, 0, 1, 2])
    table = np.array([[0.9, 0.05, 0.05], [0.1, 0.4, 0.5], [0.6, 0.3, 0.1], [0.6, 0.1, 0.3]])
    found = suspects(labels, table)
    assert dict(zip(found.indices.tolist(), found.proposed.tolist(), strict=True))[1] == 2


def test_labels_that_everybody_agrees_with_are_not_suspected():
    assert not len(suspects(np.array([0, 1, 2]), np.eye(3)))


def test_a_class_without_images_is_never_proposed():
    table = np.array([[0.1, 0.1, 0.8], [0.1, 0.2, 0.7], [0.2, 0.1, 0.7]])
    assert 2 not in suspects(np.array([0, 1, 1]), table).proposed


def test_of_no_images_none_is_suspected():
    assert not len(suspects(np.zeros(0, int), np.zeros((0, 10))))


def test_float32_and_uint8_are_taken():
    found = suspects(LABELS.astype(np.uint8), PROBABILITIES.astype(np.float32))
    assert found.indices.tolist() == [5, 2]
    assert found.margins.dtype == np.float64


@pytest.mark.parametrize(
    ("pairs", "commonest"),
    [
        ([], None),
        ([(8, 3), (4, 9)], (4, 9, 1)),
        ([(4, 9), (9, 4), (9, 4)], (9, 4, 2)),
    ],
    ids=["none", "alike", "one"],
)
def test_the_commonest_wrong_label_is_named(pairs, commonest):
    labels, proposed = (np.array([pair[side] for pair in pairs], int) for side in (0, 1))
    found = SuspectLabels(np.arange(len(pairs)), labels, proposed, np.ones(len(pairs)), 200)
    assert found.commonest == commonest
