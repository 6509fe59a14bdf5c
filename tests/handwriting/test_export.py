import pickle

import numpy as np
import pytest

from handwriting.models import networks, training
from handwriting.models.dense_network import exported


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
