import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from handwriting.baselines import pipelines


def leaning(slant, height=20, width=28):
    """An image of a bar three pixels wide whose middle moves by `slant` with each line."""
    image = np.zeros((height, width), np.uint8)
    for line in range(height):
        middle = round(width / 2 + slant * (line - (height - 1) / 2))
        image[line, middle - 1 : middle + 2] = 200
    return image[np.newaxis]


def test_a_diagonal_moves_by_one_pixel_with_each_line():
    diagonal = np.diag([255, 255, 255]).astype(np.uint8)
    assert pipelines.slants(np.stack([diagonal, diagonal[:, ::-1]])) == pytest.approx([1, -1])


def test_ink_counts_by_how_dark_it_is():
    # Lines 0, 1, 2 with 1, 2, 1 parts of ink: the mean line is 1, its variance 1/2. Columns: 0,
    # then half 0 and half 2, then 2: the mean is 1, and the covariance (1 x 1 + 1 x 1) / 4 = 1/2.
    image = np.array([[50, 0, 0], [50, 0, 50], [0, 0, 50]], np.uint8)
    assert pipelines.slants(image[np.newaxis]) == pytest.approx([1.0])


@pytest.mark.parametrize("slant", [-0.4, 0.0, 0.25, 0.5])
def test_a_leaning_bar_is_set_upright(slant):
    bar = leaning(slant)
    assert pipelines.slants(bar) == pytest.approx([slant], abs=0.02)
    upright = pipelines.deskewed(bar)
    assert pipelines.slants(upright) == pytest.approx([0], abs=0.02)
    middles = upright[0] @ np.arange(28) / upright[0].sum(axis=1)
    assert np.ptp(middles) < 1.1  # a bar of whole pixels is jagged by one


def test_each_line_keeps_its_ink():
    bar = leaning(0.5)
    np.testing.assert_allclose(
        pipelines.deskewed(bar).sum(axis=2), bar.sum(axis=2, dtype=float), rtol=1e-5
    )


def test_an_upright_image_stays_as_it_is():
    bar = leaning(0)
    np.testing.assert_array_equal(pipelines.deskewed(bar), bar)


@pytest.mark.parametrize("line", [None, 3])
def test_no_ink_and_ink_on_one_line_have_no_slant(line):
    image = np.zeros((1, 8, 6), np.uint8)
    if line is not None:
        image[0, line] = 90
    assert pipelines.slants(image).tolist() == [0]
    np.testing.assert_array_equal(pipelines.deskewed(image), image)


def test_the_transformer_works_in_a_pipeline_and_can_be_copied():
    images = np.concatenate([leaning(0.3), leaning(-0.3)])
    flat = FunctionTransformer(lambda found: found.reshape(len(found), -1))
    pipeline = clone(make_pipeline(pipelines.Deskewing(), flat))
    found = pipeline.fit_transform(images, [0, 1])
    np.testing.assert_array_equal(found, pipelines.deskewed(images).reshape(2, -1))


def test_the_most_slanted_image_of_each_class_is_found():
    images = np.concatenate([leaning(slant) for slant in (0.1, 0.3, -0.5, 0.2)])
    found = pipelines.most_slanted(images, np.array([0, 0, 2, 2]))
    np.testing.assert_array_equal(found, images[[1, 2]])
