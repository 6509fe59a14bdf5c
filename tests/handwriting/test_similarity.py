import numpy as np
import pytest

from handwriting.data.dataset import Split
from handwriting.errors import DatasetError
from handwriting.evaluation import similarity
from handwriting.evaluation.similarity import Neighbours


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
    by_class = [distances[:, train.labels == label].min(axis=1) for label in range(3)]
    nearest, second, _ = np.sort(by_class, axis=0)
    np.testing.assert_allclose(found.ambiguity, nearest / second)


def test_large_images_are_compared_in_moments():
    pixels = np.random.default_rng(0).integers(0, 256, (4, 128, 128))
    train = split(pixels, [0, 0, 1, 1])
    near = similarity.nearest(train, train)
    assert (near.own.tolist(), near.own_distances.tolist()) == ([0, 1, 2, 3], [0] * 4)


def test_a_single_class_has_no_other_that_is_like_its_images():
    near = similarity.nearest(split(line(0, 50), [0, 0]), split(line(60, 0), [0, 0]))
    assert (near.own.tolist(), near.other_distances.tolist()) == ([1, 0], [np.inf] * 2)
    assert (near.difficulty.tolist(), near.misled) == ([0, 0], 0)


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
    near = np.array(own, float), np.array(other, float)
    return Neighbours(indices, near[0], 10 + indices, near[1], np.maximum(*near))


def test_difficulty_is_above_1_where_another_class_is_nearer_and_1_for_a_copy_of_both():
    assert found([2, 6, 0, 5, 0], [4, 4, 3, 0, 0]).difficulty.tolist() == [0.5, 1.5, 0, np.inf, 1]


def test_the_closest_is_of_any_class():
    indices, distances = found([2, 6, 5], [4, 4, 5]).closest
    assert (indices.tolist(), distances.tolist()) == ([0, 11, 2], [2, 4, 5])


@pytest.mark.parametrize(
    ("learned", "judged", "message"),
    [
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


def test_ambiguity_is_1_for_a_copy_of_two_classes_and_asks_for_no_label():
    assert found([2, 6, 0, 5, 0], [4, 4, 3, 0, 0]).ambiguity == pytest.approx([0.5, 2 / 3, 0, 0, 1])


# What a page says of them


def test_images_that_another_class_is_nearer_to_are_counted():
    near = found([3, 4, 0, 9], [2, 4, 0, 1])
    assert (near.misled, near.misled_share) == (2, 0.5)
    assert (found([1], [2]).misled, found([1], [2]).misled_share) == (0, 0)


def test_the_hardest_come_first_and_a_few_may_be_all():
    near = found([2, 9, 5], [4, 4, 4])
    assert (near.hardest(2).tolist(), near.hardest(9).tolist()) == ([1, 2], [1, 2, 0])


def test_the_easiest_are_of_each_class_that_has_images_and_the_closest_pairs_of_any():
    near = found([3, 1, 2, 8], [4, 4, 4, 4])
    assert near.easiest(np.array([0, 0, 2, 2])).tolist() == [1, 2]
    assert found([3, 9, 5], [7, 2, 4]).closest_pairs(2).tolist() == [1, 0]


def test_distances_are_of_the_nearest_image_of_any_class_and_of_blank_paper():
    test = split([[[30, 40]], [[0, 20]], [[6, 8]]], [0, 0, 0])
    expected = 3, 5, pytest.approx(np.sqrt(200))
    assert similarity.distances(found([3, 9, 8], [7, 7, 5]), test) == expected


def test_the_known_image_that_differs_least_is_found_with_its_distance():
    known = np.array([[[0, 0]], [[100, 100]], [[200, 0]]], np.uint8)
    asked = np.array([[[190, 0]], [[0, 3]]], np.uint8)
    nearest, apart = similarity.most_alike(known, asked)
    assert nearest.tolist() == [2, 0]
    np.testing.assert_allclose(apart, [np.sqrt(50), np.sqrt(4.5)])


def test_nothing_is_like_no_image():
    nearest, apart = similarity.most_alike(np.zeros((2, 3, 3), np.uint8), np.zeros((0, 3, 3)))
    assert len(nearest) == len(apart) == 0
