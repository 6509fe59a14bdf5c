import numpy as np
import pytest

from handwriting.evaluation import interpretability
from handwriting.evaluation.interpretability import Saliency, occlusion_sensitivity
from handwriting.models import networks, training


@pytest.fixture(scope="module")
def network():
    return networks.convolutional((28, 28), 10, (4, 6, 8), seed=1)


IMAGE = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)


def test_a_filter_is_what_its_kernel_weighs(network):
    found = interpretability.filters(network)
    kernel = network.get_layer("convolution_1").get_weights()[0]
    assert found.shape == (4, 5, 5)
    np.testing.assert_array_equal(found[2], kernel[:, :, 0, 2])


def test_each_block_has_its_maps(network):
    found = interpretability.feature_maps(network, IMAGE)
    assert [each.block for each in found] == [1, 2, 3]
    assert [each.maps.shape for each in found] == [(4, 12, 12), (6, 5, 5), (8, 3, 3)]
    assert all((each.maps >= 0).all() for each in found)


def test_the_last_maps_are_what_the_output_is_worked_out_from(network):
    last = interpretability.feature_maps(network, IMAGE)[-1].maps
    kernel, bias = network.get_layer("output").get_weights()
    sums = np.moveaxis(last, 0, -1).reshape(-1) @ kernel + bias
    expected = np.exp(sums) / np.exp(sums).sum()
    scores = training.predict(network, IMAGE[np.newaxis])[0]
    np.testing.assert_allclose(scores, expected, rtol=1e-4)


def ink_in_the_corner(images):
    """Scores of two classes: the share of ink in the upper left 2 by 2 pixels, and the rest."""
    share = images[:, :2, :2].mean(axis=(1, 2)) / 255
    return np.stack([share, 1 - share], axis=1)


def test_what_an_answer_hangs_on_shows_when_it_is_rubbed_out():
    image = np.full((6, 6), 255, np.uint8)
    without_ink, with_ink = occlusion_sensitivity(ink_in_the_corner, image, answer=0, patch=3)
    expected = np.zeros((6, 6))  # how many of the four pixels each patch of 3 by 3 covers
    expected[:3, :3] = [[4, 4, 2], [4, 4, 2], [2, 2, 1]]
    np.testing.assert_allclose(without_ink, -expected / 4)
    np.testing.assert_allclose(with_ink, 0)


def test_what_an_answer_hangs_on_not_being_there_shows_when_it_is_filled():
    image = np.zeros((6, 6), np.uint8)
    without_ink, with_ink = occlusion_sensitivity(ink_in_the_corner, image, answer=1, patch=1)
    np.testing.assert_allclose(without_ink, 0)
    assert (with_ink[0, 0], with_ink[2, 2]) == (pytest.approx(-0.25), 0)


def test_the_misread_image_is_the_surest_and_the_other_is_of_its_class():
    share = np.array([0, 0, 0.6, 0.9, 1])  # the score of class 0
    truths = np.array([1, 0, 1, 1, 0])  # misread: 1 (surely), 2 (hardly) and 3 (rather)
    found = interpretability.right_and_wrong(np.stack([share, 1 - share], axis=1), truths)
    assert found.tolist() == [4, 1]


def test_without_mistakes_there_is_a_right_one_alone():
    scores = np.array([[0.1, 0.9], [0.2, 0.8]])
    assert interpretability.right_and_wrong(scores, np.array([1, 1])).tolist() == [0]


def test_each_reader_answers_each_image_in_its_own_way():
    images = np.stack([np.zeros((4, 4), np.uint8), np.full((4, 4), 255, np.uint8)])
    readers = {"one": ink_in_the_corner, "other": lambda images: ink_in_the_corner(images)[:, ::-1]}
    found = interpretability.saliencies(readers, images, np.array([1, 0]), np.array([1, 0]))
    assert [(each.reader, each.index, each.truth, each.answer) for each in found] == [
        *(("one", 1, 0, 0), ("other", 1, 0, 1), ("one", 0, 1, 1), ("other", 0, 1, 0))
    ]
    assert [each.score for each in found] == [1, 1, 1, 1]
    np.testing.assert_allclose(found[2].with_ink, found[3].with_ink)


def test_a_table_says_how_far_each_answer_can_fall():
    drop = np.array([[0.0, -0.25], [0.1, 0.0]])
    found = Saliency("small", np.zeros((2, 2), np.uint8), 1, 2, 0.9, drop, np.abs(drop))
    (row,) = interpretability.saliency_table([found], "012").to_dict("records")
    assert row == {
        **{"Network": "small", "Image of": "1", "Read as": "2", "Probability": 0.9},
        **{"Ink rubbed out": 25.0, "Ink put in": 0.0},
    }
