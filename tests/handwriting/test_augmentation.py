import keras
import numpy as np
import pytest
from scipy import ndimage

from handwriting.models.config import Distortion
from handwriting.models.layers import Distort, distorted

NONE = Distortion(0, 0, 0, 0, 0)


def blobs(number=20, side=28, seed=0):
    """Smooth images with ink in the middle."""
    noise = np.random.default_rng(seed).random((number, side, side))
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    smooth = ndimage.gaussian_filter(noise, (0, 2, 2))
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    return (smooth * 255 * (np.hypot(rows, columns) < side / 4)).astype(np.uint8)


def centre(image):
    return np.array(ndimage.center_of_mass(image))


def test_without_any_distortion_images_come_back_as_they_were():
    images = blobs()
    np.testing.assert_array_equal(distorted(images, NONE), images)


def test_images_that_are_not_learned_from_are_passed_on():
    images = blobs()
    np.testing.assert_array_equal(Distort(Distortion())(images, training=False), images)


def test_a_shift_moves_each_image_by_an_amount_of_its_own_and_not_too_far():
    images = blobs()
    moved = distorted(images, Distortion(0, 0.1, 0, 0, 0))
    shifts = np.array(
        [centre(after) - centre(before) for before, after in zip(images, moved, strict=True)]
    )
    assert 1.5 < np.abs(shifts).max() < 2.8 + 0.1
    assert len(np.unique(shifts.round(2), axis=0)) == len(images)
    assert np.abs(shifts.mean(axis=0)).max() < 1


def matrix(distortion, seed):
    """The linear part of one image's map, (2, 2)."""
    layer = Distort(distortion, seed)
    layer.build((None, 28, 28))
    return keras.ops.convert_to_numpy(layer._affine(1))[0, :, :2]


@pytest.mark.parametrize("seed", range(10))
def test_a_rotation_keeps_lengths_and_turns_by_no_more_than_its_degrees(seed):
    found = matrix(Distortion(30, 0, 0, 0, 0), seed)
    np.testing.assert_allclose(found @ found.T, np.eye(2), atol=1e-6)
    assert 0 < abs(np.degrees(np.arctan2(found[1, 0], found[0, 0]))) <= 30


@pytest.mark.parametrize("seed", range(10))
def test_a_zoom_scales_each_direction_within_its_factor(seed):
    found = matrix(Distortion(0, 0, 0.2, 0, 0), seed)
    assert found[0, 1] == found[1, 0] == 0
    assert np.abs(np.log(np.diag(found))).max() <= 0.2
    assert found[0, 0] != found[1, 1]


@pytest.mark.parametrize("seed", range(10))
def test_a_shear_moves_rows_sideways(seed):
    found = matrix(Distortion(0, 0, 0, 0.3, 0), seed)
    np.testing.assert_array_equal(np.diag(found), 1)
    assert found[0, 1] == 0  # no row moves up or down
    assert 0 < abs(found[1, 0]) <= 0.3  # the lower a row, the further it moves sideways


def test_a_turned_image_is_the_one_that_scipy_turns():
    image = blobs(1)
    layer = Distort(Distortion(40, 0, 0, 0, 0), 3)
    found = keras.ops.convert_to_numpy(layer(image, training=True))[0]
    linear = matrix(Distortion(40, 0, 0, 0, 0), 3)
    middle = np.full(2, 13.5)
    expected = ndimage.affine_transform(
        image[0].astype(float), linear, middle - linear @ middle, order=1
    )
    np.testing.assert_allclose(found, expected, atol=0.55)  # ours are whole numbers


def test_elastic_distortion_moves_pixels_by_its_share_of_the_side():
    layer = Distort(Distortion(0, 0, 0, 0, 0.05))
    layer.build((None, 28, 28))
    pushes = keras.ops.convert_to_numpy(layer._pushes(2_000))
    moves = pushes @ layer._bumps
    assert np.sqrt((moves**2).mean()) == pytest.approx(0.05 * 28, rel=0.05)


def test_elastic_distortion_moves_neighbours_alike():
    layer = Distort(Distortion(0, 0, 0, 0, 0.05))
    layer.build((None, 28, 28))
    moves = keras.ops.convert_to_numpy(layer._pushes(200)) @ layer._bumps
    steps = np.diff(moves.reshape(200, 2, 28, 28), axis=-1)
    assert np.sqrt((steps**2).mean()) < 0.2 * 0.05 * 28


def test_the_same_seed_distorts_alike_and_another_does_not():
    images = blobs()
    first = distorted(images, Distortion(), seed=1)
    np.testing.assert_array_equal(distorted(images, Distortion(), seed=1), first)
    assert (distorted(images, Distortion(), seed=2) != first).any()


def test_a_layer_that_is_restarted_repeats_itself():
    images, layer = blobs(), Distort(Distortion(), seed=1)
    first, second = (np.array(layer(images, training=True)) for _ in range(2))
    assert (first != second).any()
    layer.restart(1)
    np.testing.assert_array_equal(layer(images, training=True), first)


def test_images_of_other_shapes_are_distorted_too():
    images = np.full((3, 8, 5), 100, np.uint8)
    assert distorted(images, Distortion()).shape == images.shape
    assert distorted(images, Distortion()).max() <= 100
