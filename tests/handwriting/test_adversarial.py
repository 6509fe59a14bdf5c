"""Does the search for the worst change find what algebra says it is?"""

import numpy as np
import pytest

from handwriting.models import adversarial
from handwriting.models.backend import keras


def linear_network(seed=0):
    """Two classes, one weight a pixel: how far its margin can fall is known exactly."""
    return keras.Sequential(
        [
            keras.Input((4, 4), dtype="uint8", name="image"),
            keras.layers.Rescaling(1 / 255, name="scaling"),
            keras.layers.Flatten(),
            keras.layers.Dense(
                2,
                "softmax",
                kernel_initializer=keras.initializers.RandomNormal(seed=seed),
                name="output",
            ),
        ]
    )


@pytest.mark.parametrize("radius", [0.02, 0.05, 0.2])
def test_of_a_linear_network_it_finds_each_change_that_there_is(radius):
    network = linear_network()
    kernel, bias = network.get_weights()
    rng = np.random.default_rng(1)
    images = rng.integers(60, 196, (200, 4, 4)).astype(np.uint8)  # far from the ends of the range
    slope = kernel[:, 0] - kernel[:, 1]
    lead = (images.reshape(200, -1) / 255) @ slope + bias[0] - bias[1]
    labels = (lead < 0).astype(int)
    expected = np.abs(lead) > radius * np.abs(slope).sum()
    found = adversarial.attacked(network, images, labels, radius)
    assert (found == expected).all()


def test_no_pixel_leaves_the_range_from_paper_to_ink():
    network = linear_network()
    kernel, _ = network.get_weights()
    slope = kernel[:, 0] - kernel[:, 1]
    least = np.where(slope > 0, 0, 255).astype(np.uint8)  # the first class cannot lead by less
    network.set_weights([kernel, np.array([0.01 - (least / 255) @ slope, 0])])
    image = least.reshape(1, 4, 4)
    assert adversarial.attacked(network, image, np.array([0]), 0.2).all()


def test_what_is_misread_as_it_is_does_not_survive():
    network = linear_network()
    images = np.full((3, 4, 4), 128, np.uint8)
    answers = network(images).numpy().argmax(axis=1)
    assert not adversarial.attacked(network, images, 1 - answers, 0.01).any()
