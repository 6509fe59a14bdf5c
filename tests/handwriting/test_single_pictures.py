"""A picture of one sign: its ink is found whatever the pen, the paper and the light are."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from handwriting.data.photographs import single

HEIGHT, WIDTH = 120, 90


def seven():
    """(height, width) bool, a seven of strokes eight pixels wide."""
    inked = np.zeros((HEIGHT, WIDTH), bool)
    inked[20:28, 20:70] = True
    for row in range(20, 100):
        right = 70 - (row - 20) // 3
        inked[row, right - 8 : right] = True
    return inked


def on_paper(inked, ink=(20, 20, 20), paper=(240, 235, 220)):
    colours = np.where(inked[..., None], ink, paper).astype(np.uint8)
    return np.dstack([colours, np.full(inked.shape, 255, np.uint8)])


PLAIN = on_paper(seven())


def shaded():
    light = np.linspace(1, 0.5, WIDTH)[None, :, None]
    return np.dstack([(PLAIN[..., :3] * light).astype(np.uint8), PLAIN[..., 3]])


def with_specks():
    inked = seven()
    inked[5:8, 5:8] = inked[110:113, 80:84] = True
    return on_paper(inked)


def beside_a_desk():
    inked = seven()
    inked[:, :6] = True
    return on_paper(inked)


def transparent():
    opacity = np.where(seven(), 255, 0).astype(np.uint8)
    return np.dstack([np.zeros((HEIGHT, WIDTH, 3), np.uint8), opacity])


@pytest.mark.parametrize(
    "rgba",
    [
        on_paper(seven(), ink=(30, 60, 180)),
        on_paper(seven(), ink=(150, 225, 235), paper=(250, 250, 250)),
        on_paper(seven(), ink=(240, 240, 240), paper=(20, 40, 30)),
        shaded(),
        with_specks(),
        beside_a_desk(),
        transparent(),
    ],
    ids=["blue", "pale", "board", "shade", "specks", "desk", "transparent"],
)
def test_the_same_sign_is_framed_the_same(rgba):
    expected = single.framed_picture(PLAIN).astype(int)
    assert expected.max() == 255
    assert np.abs(single.framed_picture(rgba) - expected).max() <= 8


def test_a_picture_without_ink_is_an_empty_frame():
    rng = np.random.default_rng(0)
    blank = on_paper(np.zeros((HEIGHT, WIDTH), bool))
    noisy = np.dstack([rng.integers(225, 240, (HEIGHT, WIDTH, 3), np.uint8), blank[..., 3]])
    for rgba in (blank, noisy, blank[:1, :1]):
        assert not single.framed_picture(rgba).any()


def test_thin_strokes_are_as_dark_in_the_frame_as_thick_ones():
    inked = np.zeros((600, 400), bool)
    inked[100:102, 100:300] = inked[100:500, 298:300] = True
    framed = single.framed_picture(on_paper(inked))
    assert np.median(framed[framed > 0]) > 200


def test_a_small_sign_of_thin_strokes_is_told_from_noise():
    inked = np.zeros((400, 400), bool)
    inked[180:182, 160:200] = inked[180:240, 198:200] = True
    clear = on_paper(inked)
    noise = np.random.default_rng(0).normal(0, 6, (400, 400, 1))
    noisy = np.dstack([np.clip(clear[..., :3] + noise, 0, 255).astype(np.uint8), clear[..., 3]])
    expected = single.framed_picture(clear).astype(int)
    assert np.abs(single.framed_picture(noisy) - expected).max() <= 20


def test_the_frame_may_have_another_shape():
    framed = single.framed_picture(PLAIN, (16, 32))
    assert framed.shape == (16, 32)
    assert np.flatnonzero(framed.any(axis=1)).size == round(20 / 28 * 16)


def test_otsus_threshold_is_where_the_variance_between_is_greatest():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(60, 10, 900), rng.normal(180, 20, 300)])
    dark = np.clip(values, 0, 255).astype(np.int64)[None]
    spreads = [
        (low := dark <= level).mean() * (~low).mean() * (dark[low].mean() - dark[~low].mean()) ** 2
        for level in range(int(dark.min()), int(dark.max()))
    ]
    assert single._threshold(dark) == int(dark.min()) + int(np.argmax(spreads))


def test_a_pixel_is_as_dark_as_it_differs_from_paper():
    image = Image.new("RGB", (60, 60), (200, 200, 200))
    image.paste((100, 150, 200), (25, 25, 35, 35))
    bright = single._on_paper(np.asarray(image.convert("RGBA")))
    found = single._darkness(bright)
    assert_array_equal(np.unique(found), [0, 128])
