"""Pictures: which differ, and where."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from notebook_press.comparing import figures
from notebook_press.comparing.figures import Picture, figure_changes

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="9"><rect id="{}" x="{}"/></svg>'


def png(array, **options) -> str:
    drawn = io.BytesIO()
    Image.fromarray(np.asarray(array, np.uint8)).save(drawn, "PNG", **options)
    return base64.b64encode(drawn.getvalue()).decode()


def picture(data, mime="image/png", title="A figure."):
    return Picture(3, title, "what it shows", mime, data)


def drawing(name="a", x=1):
    return picture(SVG.format(name, x), "image/svg+xml")


def changes(before, after):
    return list(figure_changes(before, after))


@pytest.fixture
def grey():
    return np.full((20, 30, 3), 128)


def test_pixels_that_differ_are_counted_framed_and_red(grey):
    other = grey.copy()
    other[4:6, 10:13] = 129
    (found,) = changes([picture(png(grey))], [picture(png(other))])
    assert (found.share, found.box) == (6 / 600, (10, 4, 13, 6))
    assert found.where.startswith("6 of 600 pixels differ (1.00%)")
    assert list(found.pictures) == ["before", "after", "where they differ"]
    image, _ = found.pictures["where they differ"]
    red, green, _ = Image.open(io.BytesIO(image.content)).convert("RGB").getpixel((11, 5))
    assert red > 2 * green


def test_another_file_with_the_same_pixels_is_no_difference(grey):
    assert changes([picture(png(grey))], [picture(png(grey, compress_level=0))]) == []


def test_what_is_transparent_is_white():
    clear = np.zeros((2, 2, 4))
    assert changes([picture(png(clear))], [picture(png(np.full((2, 2, 3), 255)))]) == []


def test_other_sizes_are_said(grey):
    (found,) = changes([picture(png(grey))], [picture(png(grey[:10]))])
    assert found.where == "sizes differ: 30 by 20 pixels before, 30 by 10 after"
    assert list(found.pictures) == ["before", "after"]


def test_a_picture_that_is_too_large_is_not_compared(grey, monkeypatch):
    monkeypatch.setattr(figures, "MOST_PIXELS", 599)
    (found,) = changes([picture(png(grey))], [picture(png(grey + 1))])
    assert "600 pixels are too many to compare" in found.where


def test_drawings_are_compared_element_by_element():
    (found,) = changes([drawing()], [drawing(x=2)])
    assert (found.where, found.share) == ("1 of 2 elements of the drawing differ", 0.5)


def test_elements_in_another_order_are_a_difference():
    turned = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
    sides = [picture(turned.format(e), "image/svg+xml") for e in ("<a/><b/>", "<b/><a/>")]
    (found,) = changes([sides[0]], [sides[1]])
    assert found.where == "2 of 3 elements of the drawing differ"


def test_a_name_that_is_drawn_at_random_is_no_difference():
    assert changes([drawing(name="p3a1")], [drawing(name="q77f")]) == []


def test_a_drawing_and_a_picture_are_told_apart(grey):
    (found,) = changes([drawing()], [picture(png(grey))])
    assert found.where == "image/svg+xml before, image/png after"


def test_figures_come_and_go(grey):
    one, two = (picture(png(grey + n), title=f"{n}") for n in (0, 1))
    (found,) = changes([two], [one, two])
    assert (found.how, found.title, list(found.pictures)) == ("came", "0", ["after"])
    (found,) = changes([one, two], [one])
    assert (found.how, found.title, list(found.pictures)) == ("went", "1", ["before"])


@pytest.mark.parametrize(
    ("mime", "data"),
    [
        ("image/png", "iVBORw0KGgo="),
        ("image/png", "?"),
        ("image/svg+xml", "<svg"),
        ("image/gif", ""),
    ],
)
def test_a_picture_that_is_none_is_named(grey, mime, data):
    (found,) = changes([picture(png(grey))], [picture(data, mime)])
    assert found.where == "a picture that can't be shown"
    assert list(found.pictures) == ["before"]
