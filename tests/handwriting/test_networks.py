import keras
import numpy as np
import pytest

from handwriting import networks
from handwriting.errors import SettingError


def weights(network):
    return [array.tolist() for array in network.get_weights()]


def test_mnists_network_has_784_x_128_weights_and_a_bias_each_then_128_x_10():
    network = networks.dense((28, 28), 10)
    assert network.count_params() == 784 * 128 + 128 + 128 * 10 + 10 == 101_770


def test_its_layers_can_be_asked_for_by_name():
    names = [layer.name for layer in networks.dense((28, 28), 10).layers]
    assert names == ["scaling", "flatten", "hidden", "output"]


def test_it_is_not_compiled():
    assert not networks.dense((28, 28), 10).compiled


@pytest.mark.parametrize("activation", networks.OUTPUT_ACTIVATIONS)
def test_its_scores_are_those_of_the_formulas(activation):
    network = networks.dense((2, 3), 4, hidden_units=5, output_activation=activation)
    images = np.random.default_rng(0).integers(0, 256, (7, 2, 3), np.uint8)
    hidden_weights, hidden_bias, output_weights, output_bias = network.get_weights()
    hidden = np.maximum(images.reshape(7, 6) / 255 @ hidden_weights + hidden_bias, 0)
    sums = hidden @ output_weights + output_bias
    softmax = np.exp(sums) / np.exp(sums).sum(axis=1, keepdims=True)
    expected = {"softmax": softmax, "sigmoid": 1 / (1 + np.exp(-sums))}[activation]
    np.testing.assert_allclose(network(images), expected, rtol=1e-5)


def test_the_same_seed_gives_the_same_initial_weights():
    keras.utils.set_random_seed(1)
    first = networks.dense((8, 8), 10, seed=3)
    keras.utils.set_random_seed(2)
    assert weights(networks.dense((8, 8), 10, seed=3)) == weights(first)


def test_another_seed_gives_other_initial_weights():
    first, second = (networks.dense((8, 8), 10, seed=seed) for seed in (0, 1))
    assert weights(first) != weights(second)


def test_initial_weights_keep_to_glorots_bounds():
    hidden = networks.dense((28, 28), 10).get_layer("hidden").get_weights()[0]
    bound = np.sqrt(6 / (784 + 128))
    assert 0.99 * bound < np.abs(hidden).max() <= bound


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"image_shape": (0, 28)}, "height"),
        ({"image_shape": (28, -1)}, "width"),
        ({"classes": 1}, "classes"),
        ({"hidden_units": 0}, "hidden_units"),
        ({"hidden_units": True}, "hidden_units"),
        ({"hidden_units": 12.5}, "hidden_units"),
        ({"seed": -1}, "seed"),
        ({"output_activation": "relu"}, "output_activation"),
    ],
)
def test_a_setting_out_of_range_is_named(settings, named):
    with pytest.raises(SettingError, match=named):
        networks.dense(**{"image_shape": (28, 28), "classes": 10, **settings})
