"""Digits framed as MNIST's makers did."""

import numpy as np
import pytest

from handwriting.data.photographs import framing

RNG = np.random.default_rng(7)


def test_a_digit_is_averaged_by_area_into_a_box_of_20_of_28_pixels():
    ink = RNG.integers(1, 256, (100, 50), np.uint8)
    framed = framing.framed(ink)
    lines, columns = np.flatnonzero(framed.any(axis=1)), np.flatnonzero(framed.any(axis=0))
    assert (len(lines), len(columns)) == (20, 10)
    means = ink.reshape(20, 5, 10, 5).mean(axis=(1, 3))
    found = framed[lines[0] : lines[-1] + 1, columns[0] : columns[-1] + 1]
    np.testing.assert_allclose(found, means, atol=0.5)


def test_cells_that_lie_across_pixels_take_a_share_of_each():
    ink = np.repeat(np.array([[200], [0], [100]], np.uint8), 3, axis=1)
    framed = framing.framed(ink, (3, 3))
    assert framed[framed > 0].tolist() == [133, 133, 67, 67]


@pytest.mark.parametrize("shape", [(28, 28), (40, 30), (8, 8)])
def test_the_centre_of_mass_comes_to_the_middle_pixel(shape):
    ink = np.zeros((90, 60), np.uint8)
    ink[10:60, 20:25] = 255
    ink[60:66, 20:40] = 100
    framed = framing.framed(ink, shape).astype(float)
    for axis, side in enumerate(shape):
        masses = framed.sum(axis=1 - axis)
        assert masses @ np.arange(side) / masses.sum() == pytest.approx(side / 2, abs=0.5)


def test_where_it_lies_and_how_large_it_is_does_not_matter():
    ink = RNG.integers(0, 256, (20, 12), np.uint8)
    larger = np.pad(np.kron(ink, np.ones((3, 3), np.uint8)), ((5, 9), (2, 30)))
    np.testing.assert_allclose(framing.framed(larger), framing.framed(ink), atol=1)


def test_a_lopsided_digit_is_cut_at_the_frame_and_not_wrapped():
    ink = np.zeros((20, 20), np.uint8)
    ink[:, :2] = 255
    ink[0, :] = 1
    framed = framing.framed(ink)
    assert framed[:, 13:15].all(axis=1).sum() == 20
    assert not framed[:, :13].any()


def test_no_ink_is_an_empty_frame():
    assert not framing.framed(np.zeros((5, 5), np.uint8)).any()
