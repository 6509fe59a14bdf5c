import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage
from sklearn.datasets import load_digits

from handwriting.evaluation.corruptions import KINDS, SEVERITIES

BY_TITLE = {kind.title: kind for kind in KINDS}
SIZES = [(28, 28), (8, 8), (5, 7)]


def digits(size=(8, 8), number=100):
    """Real digits, magnified where need be."""
    images = load_digits().images[:number] * (255 / 16)
    zoom = (1, size[0] / 8, size[1] / 8)
    return np.rint(ndimage.zoom(images, zoom, order=1)).astype(np.uint8)


def applied(title, images, amount):
    """Images damaged by an amount of the test's own choice."""
    return BY_TITLE[title].apply(np.asarray(images, np.uint8), amount, np.random.default_rng(0))


def test_each_kind_has_five_severities_of_its_own_and_says_what_they_mean():
    assert len(BY_TITLE) == len(KINDS)
    assert {len(kind.amounts) for kind in KINDS} == {len(SEVERITIES)} == {5}
    assert BY_TITLE["rotation"].meaning == "turned by 10, 20, 30, 40, 50 degrees to either side"


@given(
    arrays.arrays(np.uint8, arrays.array_shapes(min_dims=3, max_dims=3, max_side=9)),
    st.sampled_from(KINDS),
    st.sampled_from(SEVERITIES),
)
def test_images_of_any_size_keep_their_shape_and_stay_as_they_were(images, kind, severity):
    before = images.copy()
    images.flags.writeable = False
    damaged = kind.damaged(images, severity)
    assert (damaged.shape, damaged.dtype) == (images.shape, np.uint8)
    np.testing.assert_array_equal(images, before)
    assert not np.shares_memory(images, damaged)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("title", BY_TITLE)
def test_the_higher_the_severity_the_more_changes(title, size):
    images = digits(size)
    damaged = [images, *(BY_TITLE[title].damaged(images, severity) for severity in SEVERITIES)]
    changes = [np.abs(images.astype(int) - each).mean() for each in damaged]
    assert (np.diff(changes) > 0).all()


@pytest.mark.parametrize("title", BY_TITLE)
def test_the_first_images_fare_as_they_would_alone_and_an_empty_batch_stays_empty(title):
    images = digits()
    damaged = BY_TITLE[title].damaged(images, 3)
    for count in (0, 7):
        alone = BY_TITLE[title].damaged(images[:count], 3)
        np.testing.assert_array_equal(damaged[:count], alone)


@pytest.mark.parametrize("title", ["shift", "rotation", "shear", "noise", "occlusion"])
def test_what_is_random_differs_from_image_to_image(title):
    images = np.repeat(digits(number=1), 20, axis=0)
    assert len(np.unique(BY_TITLE[title].damaged(images, 5), axis=0)) > 1


@pytest.mark.parametrize(
    "title", ["shift", "rotation", "shear", "thinner strokes", "thicker strokes", "inversion"]
)
def test_an_amount_of_nothing_changes_nothing(title):
    np.testing.assert_array_equal(applied(title, digits(), 0), digits())


def test_a_shift_goes_as_far_as_it_says_in_the_same_direction_at_each_severity():
    images = np.zeros((30, 100, 50), np.uint8)
    images[:, 40:60, 20:30] = 255
    damaged = [BY_TITLE["shift"].damaged(images, severity) for severity in SEVERITIES]
    places = np.array([[ndimage.center_of_mass(image) for image in each] for each in damaged])
    moves = (places - (49.5, 24.5)) / images.shape[1:]  # in shares of either side
    shares = np.array([[0.04], [0.08], [0.12], [0.16], [0.2]])
    np.testing.assert_allclose(np.hypot(*moves.T).T, np.broadcast_to(shares, (5, 30)), atol=1e-3)
    directions = moves / shares[:, :, np.newaxis]
    np.testing.assert_allclose(directions, directions[:1].repeat(5, 0), atol=0.02)


def test_a_rotation_by_a_quarter_turns_each_image_to_one_side_or_the_other():
    images = digits()
    found = applied("rotation", images, 90)
    sides = [np.rot90(images, turns, axes=(1, 2)) for turns in (1, 3)]
    matches = [(found == side).all(axis=(1, 2)) for side in sides]
    assert 0 < matches[0].sum() < len(images)
    assert (matches[0] | matches[1]).all()


def test_a_shear_makes_an_upright_stroke_a_slanted_one():
    upright = [[[0, 9, 0], [0, 9, 0], [0, 9, 0]]] * 10
    found = applied("shear", upright, 100)
    falling, rising = np.diag([9, 9, 9]), np.diag([9, 9, 9])[::-1]
    assert all((image == falling).all() or (image == rising).all() for image in found)
    assert len(np.unique(found, axis=0)) == 2


BLOCK = np.pad(np.full((3, 3), 200), ((3, 4), (3, 4)))
DOT = np.pad(np.full((1, 1), 200), ((4, 5), (4, 5)))
CROSS = np.pad([[0, 200, 0], [200, 200, 200], [0, 200, 0]], ((3, 4), (3, 4)))
DISC = np.pad(np.ones((5, 5)) - np.multiply.outer(*[[1, 0, 0, 0, 1]] * 2), ((2, 3), (2, 3))) * 200
SQUARES = [[0, 4, 8, 8], [4, 8, 8, 8], [0, 0, 100, 200], [0, 0, 100, 200]]


@pytest.mark.parametrize(
    ("title", "amount", "image", "expected"),
    [
        # Four pixels become one in the middle.
        ("smaller scale", 50, SQUARES, np.pad([[4, 8], [0, 150]], 1)),
        # A pixel at each edge, and half of one.
        ("thinner strokes", 10, BLOCK, DOT),
        ("thinner strokes", 5, BLOCK, (BLOCK + DOT) // 2),
        ("thicker strokes", 10, DOT, CROSS),
        ("thicker strokes", 20, DOT, DISC),
        # Ink fades, and the background stays.
        ("low contrast", 20, [[0, 100, 255]], [[0, 20, 51]]),
        ("inversion", 100, [[0, 55, 255]], [[255, 200, 0]]),
        ("inversion", 20, [[0, 55, 255]], [[51, 84, 204]]),
    ],
)
def test_what_is_not_random_comes_out_as_worked_by_hand(title, amount, image, expected):
    np.testing.assert_array_equal(applied(title, [image], amount), [expected])


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("size", SIZES)
def test_thinner_strokes_never_gain_ink_and_thicker_ones_never_lose_any(size, severity):
    images = digits(size)
    assert (BY_TITLE["thinner strokes"].damaged(images, severity) <= images).all()
    assert (BY_TITLE["thicker strokes"].damaged(images, severity) >= images).all()


def test_noise_has_no_bias_and_the_deviation_that_it_names():
    noisy = BY_TITLE["noise"].damaged(np.full((100, 28, 28), 128, np.uint8), 2)
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
    patches = [255 - BY_TITLE["occlusion"].damaged(white, severity) for severity in SEVERITIES]
    areas = np.array([patch.sum(axis=(1, 2)) / (255 * 28 * 28) for patch in patches])
    expected = np.array([0.15, 0.2, 0.25, 0.3, 0.35])[:, np.newaxis] ** 2
    np.testing.assert_allclose(areas, np.broadcast_to(expected, areas.shape), atol=2e-3)
    assert (np.diff(np.array(patches, int), axis=0) >= 0).all()
