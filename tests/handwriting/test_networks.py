import keras
import numpy as np
import pytest

from handwriting.errors import SettingError
from handwriting.models import networks


def weights(network):
    return [array.tolist() for array in network.get_weights()]


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


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"image_shape": (0, 28)}, "height"),
        ({"image_shape": (28, -1)}, "width"),
        ({"classes": 0}, "classes"),
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


BUILDERS = [networks.dense, networks.convolutional, networks.lenet_5]


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.parametrize("shape", [(28, 28), (8, 8), (20, 17)])
def test_every_network_gives_each_class_of_raw_images_a_probability(build, shape):
    images = np.random.default_rng(0).integers(0, 256, (5, *shape), np.uint8)
    scores = keras.ops.convert_to_numpy(build(shape, 7)(images))
    assert scores.shape == (5, 7)
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("build", BUILDERS)
def test_every_network_is_drawn_from_its_seed_alone(build):
    keras.utils.set_random_seed(1)
    first = build((12, 12), 10, seed=3)
    keras.utils.set_random_seed(2)
    assert weights(build((12, 12), 10, seed=3)) == weights(first)
    assert weights(build((12, 12), 10, seed=4)) != weights(first)


def trainable(layer):
    return sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)


def test_the_convolutional_network_has_as_many_weights_as_worked_out_by_hand():
    network = networks.convolutional((28, 28), 10, (24, 32, 64))
    convolutions = 25 * 24 + 9 * 24 * 32 + 9 * 32 * 64
    normalisations = 2 * (24 + 32 + 64)
    output = (3 * 3 * 64 + 1) * 10  # 28 -> 24 -> 12 -> 10 -> 5 -> 3
    assert trainable(network) == convolutions + normalisations + output == 31_954


def test_the_convolutional_network_may_have_any_number_of_blocks():
    names = [layer.name for layer in networks.convolutional((28, 28), 10, (4, 4, 4, 4)).layers]
    assert [name for name in names if name.startswith("pooling")] == ["pooling_1", "pooling_2"]
    assert "convolution_4" in names


# The numbers are the paper's, section II.B; C3's partial connections are 1,516 of 2,416.
@pytest.mark.parametrize(
    ("layer", "parameters"),
    [("c1", 156), ("s2", 12), ("c3", 2_416), ("s4", 32), ("c5", 48_120), ("f6", 10_164)],
)
def test_lenet_5_has_the_papers_layers(layer, parameters):
    assert trainable(networks.lenet_5((28, 28), 10).get_layer(layer)) == parameters


def test_what_training_adjusts_are_the_papers_numbers_and_the_last_layer():
    """60,000 trainable parameters, says the paper, with no more in the last layer of its own."""
    assert networks.adjustable(networks.lenet_5((28, 28), 10)) == 60_000 + 85 * 10
    assert networks.adjustable(networks.dense((28, 28), 10)) == 784 * 128 + 128 + 128 * 10 + 10
    assert networks.adjustable(networks.convolutional((28, 28), 10)) == 31_954


def test_each_map_of_c3_sees_the_maps_that_the_paper_lists():
    layer = networks.lenet_5((28, 28), 10).get_layer("c3")
    one_at_a_time = np.zeros((6, 5, 5, 6), np.float32)
    one_at_a_time[range(6), :, :, range(6)] = 1
    layer.bias.assign(np.zeros(16))
    seen = keras.ops.convert_to_numpy(layer(one_at_a_time))[:, 0, 0, :] != 0
    assert seen.sum() == 60  # 1,516 weights: 60 kernels of 25, and 16 biases
    assert seen.sum(axis=0).tolist() == [3] * 6 + [4] * 9 + [6]
    assert np.flatnonzero(seen[:, 14]).tolist() == [0, 2, 3, 5]


def test_lenet_5s_subsampling_is_sums_of_four_times_a_coefficient_plus_a_bias():
    layer = networks.lenet_5((28, 28), 10).get_layer("s2")
    layer.coefficient.assign(np.full(6, 0.5))
    layer.bias.assign(np.full(6, 2.0))
    maps = np.zeros((1, 28, 28, 6), np.float32)
    maps[0, 0:2, 0:2, 0] = [[1, 2], [3, 4]]
    found = keras.ops.convert_to_numpy(layer(maps))
    assert found.shape == (1, 14, 14, 6)
    assert found[0, 0, 0, 0] == pytest.approx(7)
    assert found[0, 1, 1, 0] == pytest.approx(2)


def test_images_too_large_for_lenet_5_are_refused():
    with pytest.raises(SettingError, match="at most 32 by 32"):
        networks.lenet_5((33, 28), 10)


def test_a_fingerprint_tells_networks_apart_by_their_weights():
    one, same, other = (networks.dense((8, 8), 3, seed=seed) for seed in (0, 0, 1))
    assert networks.fingerprint(one) == networks.fingerprint(same) != networks.fingerprint(other)
    same.set_weights([np.nextafter(array, np.float32(9)) for array in same.get_weights()])
    assert networks.fingerprint(one) != networks.fingerprint(same)
