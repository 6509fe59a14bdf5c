import pickle

import numpy as np
import pytest

from handwriting.models import dense_network, networks, training
from handwriting.models.config import ModelConfig, TrainingConfig
from handwriting.models.dense_network import exported

# A network of 4 pixels, 2 hidden neurons and 3 classes, small enough to work by hand.
HIDDEN_KERNEL = [[1.0, 0.0], [0.0, -1.0], [0.0, 0.0], [2.0, 0.0]]
HIDDEN_BIAS = [0.5, -0.25]
OUTPUT_KERNEL = [[1.0, 0.0, -1.0], [5.0, 5.0, 5.0]]
OUTPUT_BIAS = [0.0, 1.0, 0.0]
IMAGES = np.array([[[255, 0], [0, 255]], [[0, 255], [0, 0]]], dtype=np.uint8)


@pytest.fixture
def weights():
    arrays = HIDDEN_KERNEL, HIDDEN_BIAS, OUTPUT_KERNEL, OUTPUT_BIAS
    return dense_network.layers([np.array(array) for array in arrays])


def test_weighted_sums_are_pixels_times_weights_plus_bias(weights):
    # First image: 1 + 2 + 0.5 and -0.25; second: 0.5 and -1 - 0.25.
    np.testing.assert_allclose(weights.weighted_sums(IMAGES), [[3.5, -0.25], [0.5, -1.25]])


def test_raw_scores_ignore_neurons_that_relu_silences(weights):
    np.testing.assert_allclose(weights.raw_scores(IMAGES), [[3.5, 1, -3.5], [0.5, 1, -0.5]])


def test_the_derivation_adds_up_weights_and_biases_with_thousands_as_tex_wants_them(weights):
    assert weights.parameters == 4 * 2 + 2 + 2 * 3 + 3
    assert weights.derivation == r"4 \times 2 + 2 + 2 \times 3 + 3 = 19"
    shapes = (784, 128), (128,), (128, 10), (10,)
    found = dense_network.layers([np.zeros(shape) for shape in shapes])
    assert found.derivation.endswith("= 101{,}770")


def test_a_contrast_is_of_the_neuron_that_the_first_image_excites_most(weights):
    found = dense_network.contrast(weights, IMAGES, ("five", "nought"))
    assert (found.number, found.digits) == (1, ("five", "nought"))
    assert found.readings[0].products.tolist() == [[1, 0], [0, 2]]
    assert [reading.weighted_sum for reading in found.readings] == [3.5, 0.5]


def test_relu_makes_a_negative_sum_zero():
    reading = dense_network.Reading(np.ones((1, 1)), np.full((1, 1), -1.0), -0.25)
    assert (reading.weighted_sum, reading.output) == (-1.25, 0)


def test_loss_is_minus_the_logarithm_of_the_score():
    scores = np.array([1, np.exp(-1), 0.5, 0.0])
    expected = [0, 1, np.log(2), -np.log(1e-7)]  # none costs an infinite loss
    np.testing.assert_allclose(dense_network.loss(scores), expected)
    assert str(float(dense_network.loss(1.0))) == "0.0"


def test_softmax_outputs_add_up_to_one_and_sigmoid_outputs_need_not():
    raw_scores = np.log([1.0, 2.0, 5.0])
    np.testing.assert_allclose(dense_network.activate(raw_scores, "softmax"), [1 / 8, 2 / 8, 5 / 8])
    np.testing.assert_allclose(dense_network.activate(raw_scores, "sigmoid"), [1 / 2, 2 / 3, 5 / 6])


def test_outputs_are_those_of_both_activations_for_one_image(weights):
    found = weights.outputs(IMAGES[0], ("a", "b", "c"))  # raw scores of 3.5, 1 and -3.5
    assert (found.highest.label, found.highest.raw_score) == ("a", 3.5)
    assert found.highest.softmax == pytest.approx(np.exp(3.5) / np.exp([3.5, 1, -3.5]).sum())
    assert found.totals.softmax == pytest.approx(1)
    assert found.totals.sigmoid == pytest.approx(1 + 1 / (1 + np.exp(-1)))


@pytest.mark.parametrize(
    ("activation", "asked"),
    [("softmax", [0.9 + 0.1 / 3, 0.1 / 3, 0.1 / 3]), ("sigmoid", [0.95, 0.05])],
)
def test_smoothed_labels_leave_a_loss_that_nothing_can_undercut(weights, activation, asked):
    plan = TrainingConfig(label_smoothing=0.1)
    config = ModelConfig("t", "t", "dense", {"output_activation": activation}, plan)
    outputs = weights.outputs(IMAGES[0], ("a", "b", "c"))
    found = dense_network.image_loss(outputs, 1, config)
    assert (found.right_target, found.other_target) == pytest.approx((asked[0], asked[1]))
    assert found.least == pytest.approx(-np.dot(asked, np.log(asked)))
    assert found.cost == pytest.approx(-np.log(outputs.table[activation][1]))


def test_a_label_that_is_not_smoothed_can_cost_nothing(weights):
    config = ModelConfig("t", "t", "dense", {}, TrainingConfig(label_smoothing=0))
    outputs = weights.outputs(IMAGES[0], ("a", "b", "c"))
    found = dense_network.image_loss(outputs, 0, config)
    assert (found.right_target, found.other_target, found.least) == (1, 0, 0)


@pytest.mark.parametrize("activation", networks.OUTPUT_ACTIVATIONS)
def test_it_gives_keras_own_answers(activation):
    network = networks.dense((9, 7), 10, 33, activation, seed=2)
    images = np.random.default_rng(0).integers(0, 256, (500, 9, 7), np.uint8)
    expected = training.predict(network, images).argmax(axis=1)
    found = exported(network.get_weights()).predict(images)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, expected)


def test_it_takes_one_image_as_a_batch():
    network = exported(networks.dense((4, 4), 3).get_weights())
    assert network.predict(np.zeros((1, 4, 4), np.uint8)).shape == (1,)


def test_it_leaves_the_images_as_they_are():
    images = np.full((2, 4, 4), 7, np.uint8)
    exported(networks.dense((4, 4), 3).get_weights()).predict(images)
    assert (images == 7).all()


def test_it_needs_four_bytes_for_each_weight():
    network = networks.dense((28, 28), 10)
    size = len(pickle.dumps(exported(network.get_weights())))
    assert 4 * network.count_params() < size < 4 * network.count_params() + 1000
