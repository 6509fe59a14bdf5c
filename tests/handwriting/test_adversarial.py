"""Does the search for the worst change find what algebra says it is?"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from networks import data_set

from handwriting.evaluation import adversarial as asked
from handwriting.evaluation.intervals import wilson
from handwriting.experiments.trust import Experiment
from handwriting.models import adversarial, config
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


def patterns():
    """Sixty grey images of 4 by 4 pixels, with the answers of the linear network as labels."""
    data = data_set(60, ("no", "yes"), shape=(4, 4))
    images = np.random.default_rng(1).integers(60, 196, (60, 4, 4)).astype(np.uint8)
    labels = linear_network()(images).numpy().argmax(axis=1).astype(np.uint8)
    return replace(data, test=replace(data.test, images=images, labels=labels))


def attack(**settings):
    run = SimpleNamespace(network=linear_network(), recipe=config.SMALL)
    experiment = Experiment(patterns(), 0, {"cores": 2}, **settings)
    return experiment.attacks([SimpleNamespace(name="small", run=run)], 40)[0]


def test_of_a_linear_network_the_share_that_survives_is_known_at_each_radius(cache):
    found, data = attack(), patterns()
    kernel, bias = linear_network().get_weights()
    slope = kernel[:, 0] - kernel[:, 1]
    images = data.test.drawn(40).images
    lead = np.abs((images.reshape(40, -1) / 255) @ slope + bias[0] - bias[1])
    expected = [np.mean(lead > radius * np.abs(slope).sum()) for radius in asked.RADII]
    assert found.worst == pytest.approx(expected)
    assert (found.images, found.clean) == (40, 1)
    assert all(noise >= worst for noise, worst in zip(found.noise, found.worst, strict=True))


def test_what_was_found_is_kept_and_has_a_row_for_each_radius(cache):
    lines = []
    first = attack()
    assert attack(progress=lines.append) == first
    assert lines == []
    table = asked.table([first])
    assert table["Each pixel changes by"].tolist() == [0, *asked.RADII]
    assert table["Interval from"].tolist()[0] == wilson(40, 40).low


def test_the_least_radius_that_makes_it_misread_half_is_told():
    found = asked.AdversarialAccuracy("small", 10, 1.0, (0.9, 0.5, 0.2, 0.0), (1.0,) * 4)
    assert found.broken == (asked.RADII[1], 0.5, 1.0)
    assert replace(found, worst=(0.9,) * 4).broken is None
    assert replace(found, clean=0.4, worst=(0.3,) * 4).broken.radius == asked.RADII[0]
