import numpy as np
import pytest

from handwriting.data.dataset import Split
from handwriting.errors import DatasetError
from handwriting.evaluation import similarity
from handwriting.evaluation.similarity import Copies, Neighbours


def split(images, labels):
    return Split(np.array(images, np.uint8), np.array(labels, np.uint8))


def line(*pixels):
    """Images of one row and two pixels, of which the second is white."""
    return [[[pixel, 0]] for pixel in pixels]


@pytest.fixture(scope="module")
def crowd():
    """Of each of three classes more images than are compared pixel by pixel."""
    random = np.random.default_rng(0)
    middles = random.integers(60, 190, (3, 5, 6))

    def some(count):
        labels = np.arange(count) % 3
        return split(middles[labels] + random.integers(-60, 60, (count, 5, 6)), labels)

    return some(240), some(40)


def test_neighbours_are_those_of_a_comparison_of_all_with_all(crowd):
    train, test = crowd
    found = similarity.nearest(train, test)
    apart = test.images[:, None].astype(float) - train.images[None]
    distances = np.sqrt((apart**2).mean(axis=(2, 3)))
    alike = test.labels[:, None] == train.labels
    own, other = (np.where(each, distances, np.inf) for each in (alike, ~alike))
    np.testing.assert_array_equal(found.own, own.argmin(axis=1))
    np.testing.assert_array_equal(found.other, other.argmin(axis=1))
    np.testing.assert_allclose(found.own_distances, own.min(axis=1))
    np.testing.assert_allclose(found.other_distances, other.min(axis=1))


def test_a_distance_is_the_root_of_the_mean_squared_difference():
    train = split([[[3, 4]], [[0, 20]]], [0, 1])
    found = similarity.nearest(train, split([[[0, 0]]], [0]))
    np.testing.assert_allclose(found.own_distances, np.sqrt((9 + 16) / 2))
    np.testing.assert_allclose(found.other_distances, np.sqrt(400 / 2))


def test_classes_that_no_test_image_has_are_compared_with_too():
    train = split(line(0, 50, 200), [0, 4, 7])
    found = similarity.nearest(train, split(line(60), [7]))
    assert (found.own.tolist(), found.other.tolist()) == ([2], [1])


def found(own, other):
    indices = np.arange(len(own))
    return Neighbours(indices, np.array(own, float), 10 + indices, np.array(other, float))


def test_difficulty_is_above_1_where_another_class_is_nearer():
    np.testing.assert_allclose(found([2, 6], [4, 4]).difficulty, [0.5, 1.5])


def test_a_copy_of_another_class_is_infinitely_difficult_and_one_of_both_is_in_doubt():
    assert found([0, 5, 0], [3, 0, 0]).difficulty.tolist() == [0, np.inf, 1]


def test_the_closest_is_of_any_class():
    indices, distances = found([2, 6, 5], [4, 4, 5]).closest
    assert (indices.tolist(), distances.tolist()) == ([0, 11, 2], [2, 4, 5])


@pytest.mark.parametrize(
    ("learned", "judged", "message"),
    [
        ([0, 0], [0], "found only 0"),
        ([0, 1], [2, 3, 3], "found none of 2, 3"),
        ([1, 1], [0], "found none of 0"),
    ],
)
def test_classes_that_cannot_be_compared_are_refused(learned, judged, message):
    train, test = (split(line(*labels), labels) for labels in (learned, judged))
    with pytest.raises(DatasetError, match=message):
        similarity.nearest(train, test)


def test_training_images_may_be_all_alike():
    found = similarity.nearest(split(line(7, 7), [0, 1]), split(line(7, 9), [0, 1]))
    np.testing.assert_allclose(found.own_distances, [0, np.sqrt(2)])
    assert found.difficulty.tolist() == [1, 1]


def test_copies_are_counted_within_and_across():
    train = split(line(1, 1, 1, 2), [0] * 4)
    test = split(line(2, 3, 3), [0] * 3)
    assert similarity.copies(train, test) == Copies(train=2, test=1, across=1)


def test_each_test_image_that_is_a_training_image_counts():
    assert similarity.copies(split(line(1), [0]), split(line(1, 1), [0, 0])).across == 2


def test_images_that_differ_in_one_pixel_are_no_copies():
    assert similarity.copies(split(line(1, 2), [0, 0]), split(line(3), [0])) == Copies(0, 0, 0)
