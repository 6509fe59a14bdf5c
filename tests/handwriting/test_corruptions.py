import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage
from sklearn.datasets import load_digits

from handwriting.evaluation import corruptions
from handwriting.evaluation.corruptions import KINDS, SEVERITIES

BY_NAME = {kind.name: kind for kind in KINDS}
NAMES = list(BY_NAME)
SIZES = [(28, 28), (8, 8), (5, 7)]


def digits(size=(8, 8), number=100):
    """Real digits, magnified where need be."""
    images = load_digits().images[:number] * (255 / 16)
    zoom = (1, size[0] / 8, size[1] / 8)
    return np.rint(ndimage.zoom(images, zoom, order=1)).astype(np.uint8)


def corrupt(images, name, severity, seed=0):
    return BY_NAME[name].damaged(images, severity, seed)


def applied(name, images, amount, seed=0):
    """Images damaged by an amount of the test's own choice."""
    return BY_NAME[name].apply(np.asarray(images, np.uint8), amount, np.random.default_rng(seed))


def change(images, damaged):
    return np.abs(images.astype(int) - damaged).mean()


def test_each_kind_has_a_name_a_title_and_five_severities_of_its_own():
    assert len(set(NAMES)) == len({kind.title for kind in KINDS}) == len(KINDS)
    assert all(len(kind.amounts) == len(SEVERITIES) == 5 for kind in KINDS)


def test_a_kind_says_what_its_severities_mean():
    assert BY_NAME["rotation"].meaning == "turned by 10, 20, 30, 40, 50 degrees to either side"


@given(
    arrays.arrays(np.uint8, arrays.array_shapes(min_dims=3, max_dims=3, max_side=9)),
    st.sampled_from(NAMES),
    st.sampled_from(SEVERITIES),
)
def test_images_of_any_size_keep_their_shape_and_stay_as_they_were(images, name, severity):
    before = images.copy()
    images.flags.writeable = False
    damaged = corrupt(images, name, severity)
    assert (damaged.shape, damaged.dtype) == (images.shape, np.uint8)
    np.testing.assert_array_equal(images, before)
    assert not np.shares_memory(images, damaged)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_the_higher_the_severity_the_more_changes(name, size):
    images = digits(size)
    changes = [0] + [change(images, corrupt(images, name, severity)) for severity in SEVERITIES]
    assert (np.diff(changes) > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_batch_comes_back_empty(name):
    assert corrupt(np.empty((0, 28, 28), np.uint8), name, 3).shape == (0, 28, 28)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_images(name):
    images = digits()
    np.testing.assert_array_equal(corrupt(images, name, 4, seed=7), corrupt(images, name, 4, 7))


@pytest.mark.parametrize("name", ["shift", "rotation", "shear", "noise", "occlusion"])
def test_what_is_random_depends_on_the_seed_and_differs_from_image_to_image(name):
    images = np.repeat(digits(number=1), 20, axis=0)
    damaged = corrupt(images, name, 5)
    assert len(np.unique(damaged, axis=0)) > 1
    assert (damaged != corrupt(images, name, 5, seed=1)).any()


@pytest.mark.parametrize("name", NAMES)
def test_the_first_images_fare_as_they_would_alone(name):
    images = digits()
    np.testing.assert_array_equal(corrupt(images, name, 3)[:7], corrupt(images[:7], name, 3))


@pytest.mark.parametrize("name", ["shift", "rotation", "shear", "thinner", "thicker", "inversion"])
def test_an_amount_of_nothing_changes_nothing(name):
    np.testing.assert_array_equal(applied(name, digits(), 0), digits())


@pytest.mark.parametrize(("down", "right"), [(2, 0), (0, -3), (-1, 4)])
def test_a_shift_by_whole_pixels_rolls_the_image_and_blanks_what_came_round(down, right):
    images = digits()
    framed = np.pad(images, ((0, 0), (4, 4), (4, 4)))
    expected = np.roll(framed, (down, right), axis=(1, 2))[:, 4:-4, 4:-4]
    np.testing.assert_array_equal(corruptions._moved(images, np.eye(2), (down, right)), expected)


def test_a_shift_goes_as_far_as_it_says_in_the_same_direction_at_each_severity():
    images = np.zeros((30, 100, 50), np.uint8)
    images[:, 40:60, 20:30] = 255
    middles = np.array([[49.5, 24.5]])
    directions = []
    for severity, share in zip(SEVERITIES, (0.04, 0.08, 0.12, 0.16, 0.2), strict=True):
        damaged = corrupt(images, "shift", severity)
        moves = np.array([ndimage.center_of_mass(image) for image in damaged]) - middles
        moves /= images.shape[1:]  # in shares of either side
        np.testing.assert_allclose(np.hypot(*moves.T), share, atol=1e-3)
        directions.append(moves / share)
    np.testing.assert_allclose(directions, directions[:1] * 5, atol=0.02)


def test_a_rotation_by_a_quarter_turns_each_image_to_one_side_or_the_other():
    images = digits()
    sides = [np.rot90(images, turns, axes=(1, 2)) for turns in (1, 3)]
    matches = [(applied("rotation", images, 90) == side).all(axis=(1, 2)) for side in sides]
    assert matches[0].any()
    assert matches[1].any()
    assert (matches[0] | matches[1]).all()


def test_a_shear_makes_an_upright_stroke_a_slanted_one():
    upright = [[[0, 9, 0], [0, 9, 0], [0, 9, 0]]] * 10
    found = applied("shear", upright, 100)
    falling, rising = np.diag([9, 9, 9]), np.diag([9, 9, 9])[::-1]
    assert all((image == falling).all() or (image == rising).all() for image in found)
    assert len(np.unique(found, axis=0)) == 2


def test_at_half_the_scale_four_pixels_become_one_in_the_middle():
    image = [[[0, 4, 8, 8], [4, 8, 8, 8], [0, 0, 100, 200], [0, 0, 100, 200]]]
    expected = [[0, 0, 0, 0], [0, 4, 8, 0], [0, 0, 150, 0], [0, 0, 0, 0]]
    np.testing.assert_array_equal(applied("scale", image, 50)[0], expected)


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("size", SIZES)
def test_thinner_strokes_never_gain_ink_and_thicker_ones_never_lose_any(size, severity):
    images = digits(size)
    assert (corrupt(images, "thinner", severity) <= images).all()
    assert (corrupt(images, "thicker", severity) >= images).all()


def test_a_stroke_loses_a_pixel_at_each_edge_and_half_of_one_by_halves():
    block = np.pad(np.full((1, 3, 3), 200), ((0, 0), (3, 4), (3, 4)))
    dot = np.pad(np.full((1, 1, 1), 200), ((0, 0), (4, 5), (4, 5)))
    np.testing.assert_array_equal(applied("thinner", block, 10), dot)
    np.testing.assert_array_equal(applied("thinner", block, 5), (block + dot) // 2)


def test_a_dot_grows_into_a_cross_and_then_into_a_disc():
    dot = np.zeros((1, 10, 10))
    dot[0, 4, 4] = 200
    cross, disc = applied("thicker", dot, 10)[0], applied("thicker", dot, 20)[0]
    np.testing.assert_array_equal(cross[3:6, 3:6], [[0, 200, 0], [200, 200, 200], [0, 200, 0]])
    corners = disc[2:7:4, 2:7:4]
    assert (cross.sum(), disc.sum(), corners.sum()) == (5 * 200, 21 * 200, 0)


def test_noise_has_no_bias_and_the_deviation_that_it_names():
    noisy = corrupt(np.full((100, 28, 28), 128, np.uint8), "noise", 2)
    assert noisy.mean() == pytest.approx(128, abs=1)
    assert noisy.std() == pytest.approx(0.16 * 255, rel=0.02)


@pytest.mark.parametrize("pixels", [0.5, 2, 4])
def test_blur_spreads_ink_by_its_deviation_and_keeps_its_amount(pixels):
    profile = np.zeros(50)
    profile[20:30] = 250  # of a stroke ten pixels wide
    image = np.broadcast_to(profile, (1, 50, 50))
    blurred = applied("blur", image, 2 * pixels)[0, 25].astype(float)
    places = np.arange(50) - 24.5
    assert blurred.sum() == pytest.approx(2500, rel=0.01)
    # Variances add up: that of ten pixels in a row is (10^2 - 1) / 12.
    expected = 99 / 12 + pixels**2
    assert blurred @ places**2 / blurred.sum() == pytest.approx(expected, rel=0.02)


def test_a_patch_hides_its_share_of_the_image_and_grows_where_it_is():
    white = np.full((50, 28, 28), 255, np.uint8)
    patches = [255 - corrupt(white, "occlusion", severity) for severity in SEVERITIES]
    areas = np.array([patch.sum(axis=(1, 2)) / (255 * 28 * 28) for patch in patches])
    expected = np.array([0.15, 0.2, 0.25, 0.3, 0.35])[:, np.newaxis] ** 2
    np.testing.assert_allclose(areas, np.broadcast_to(expected, areas.shape), atol=2e-3)
    assert (np.diff(np.array(patches, int), axis=0) >= 0).all()


def test_low_contrast_keeps_the_background_and_fades_the_ink():
    image = np.array([[[0, 100, 255]]], np.uint8)
    assert corrupt(image, "contrast", 5).tolist() == [[[0, 20, 51]]]


def test_full_inversion_is_the_negative_and_a_part_of_it_lies_between():
    image = np.array([[[0, 55, 255]]], np.uint8)
    assert corrupt(image, "inversion", 5).tolist() == [[[255, 200, 0]]]
    assert corrupt(image, "inversion", 2).tolist() == [[[51, 84, 204]]]
