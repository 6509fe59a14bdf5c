"""A network in a byte a weight still reads what it read."""

import base64

import numpy as np
import pytest

from handwriting.explorer.canvas import quantise
from handwriting.models.dense_network import Layers


@pytest.fixture
def layers():
    draw = np.random.default_rng(1).normal
    return Layers(
        draw(size=(784, 32), scale=0.05), draw(size=32), draw(size=(32, 10)), draw(size=10)
    )


def raw_scores(found, images):
    """The outputs before softmax or sigmoid, (n, classes), as the page computes them."""
    pixels = images.reshape(len(images), -1) / 255
    hidden = pixels @ found.hidden_kernel.astype(float) * found.hidden_scale + found.hidden_bias
    outputs = np.maximum(hidden, 0) @ found.output_kernel.astype(float)
    return outputs * found.output_scale + found.output_bias


def test_a_rounded_weight_is_within_half_a_step_of_itself(layers):
    found = quantise(layers)
    error = np.abs(found.hidden_kernel * found.hidden_scale - layers.hidden_kernel)
    assert (error <= found.hidden_scale * 0.5001).all()


def test_the_largest_weight_of_a_column_is_kept(layers):
    found = quantise(layers)
    assert (np.abs(found.output_kernel).max(axis=0) == 127).all()


def test_a_column_of_zeros_stays_zero():
    found = quantise(Layers(np.zeros((4, 2)), np.zeros(2), np.zeros((2, 3)), np.ones(3)))
    np.testing.assert_array_equal(raw_scores(found, np.full((1, 2, 2), 255)), [[1, 1, 1]])


def test_raw_scores_are_those_of_the_network_but_for_rounding(layers):
    images = np.random.default_rng(2).integers(0, 256, (50, 28, 28), dtype=np.uint8)
    expected, found = layers.raw_scores(images), raw_scores(quantise(layers), images)
    assert np.abs(found - expected).max() < 0.05 * np.abs(expected).max()


def test_what_is_encoded_is_little_endian_and_row_after_row(layers):
    found = quantise(layers)
    encoded = {name: base64.b64decode(text) for name, text in found.encoded().items()}
    kernel = np.frombuffer(encoded["hidden_kernel"], np.int8).reshape(784, 32)
    np.testing.assert_array_equal(kernel, found.hidden_kernel)
    np.testing.assert_array_equal(np.frombuffer(encoded["output_bias"], "<f4"), found.output_bias)
    assert sum(map(len, encoded.values())) == found.size
