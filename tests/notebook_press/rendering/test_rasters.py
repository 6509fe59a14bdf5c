import pytest

from notebook_press.errors import RenderingError
from notebook_press.rendering.page import Image
from notebook_press.rendering.typst import rasterise

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10">'
    b'<rect width="9" height="9"/></svg>'
)


def test_a_drawing_fills_its_box_as_far_as_its_shape_allows():
    (made,) = rasterise([Image("image/svg+xml", SVG)], (144, 144), "report 'x'", 72)
    assert (made.width, made.height) == (144, 36)
    assert made.content.startswith(b"\x89PNG")


def test_several_drawings_keep_their_order():
    tall = SVG.replace(b'height="10"', b'height="80"')
    images = [Image("image/svg+xml", drawing) for drawing in (SVG, tall)]
    assert [made.width for made in rasterise(images, (80, 80), "x", 72)] == [80, 40]


def test_no_image_is_no_raster():
    assert rasterise([], (10, 10), "x") == []


def test_what_is_no_picture_is_refused_with_its_report_named():
    with pytest.raises(RenderingError, match="report 'x'"):
        rasterise([Image("image/svg+xml", b"<svg broken")], (10, 10), "report 'x'")
