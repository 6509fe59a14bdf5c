import io

import PIL.Image
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from notebook_press.errors import RenderingError
from notebook_press.rendering.page import Image
from notebook_press.rendering.paper.fonts import typst_string
from notebook_press.rendering.paper.typst import (
    TypstSource,
    rasterise,
    templates,
)

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10">'
    b'<rect width="9" height="9"/></svg>'
)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_a_string_literal_holds_any_text(texts):
    literals = "".join(f"{typst_string(text)}, " for text in texts)
    found = typst.eval(
        b"",
        f"({literals}).map(it => it.codepoints().map(str.to-unicode))",
        ignore_system_fonts=True,
    )
    assert found == str([[ord(character) for character in text] for text in texts]).replace(" ", "")


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ('a "b" \\ #c', '"a \\"b\\" \\\\ #c"'),
        (3, "3"),
        (True, "true"),
        (None, "none"),
        (TypstSource("#emph[a]"), "#emph[a]"),
    ],
)
def test_templates_print_literals(value, literal):
    assert templates().from_string("{{ value }}").render(value=value) == literal


def test_drawings_fill_their_box_as_far_as_their_shape_allows_in_their_order():
    tall = SVG.replace(b'height="10"', b'height="80"')
    images = [Image("image/svg+xml", drawing) for drawing in (SVG, tall)]
    made = rasterise(images, (144, 144), "report 'x'", 72)
    sizes = [PIL.Image.open(io.BytesIO(each), formats=["PNG"]).size for each in made]
    assert sizes == [(144, 36), (72, 144)]


def test_what_is_no_picture_is_refused_with_its_report_named():
    with pytest.raises(RenderingError, match="report 'x'"):
        rasterise([Image("image/svg+xml", b"<svg broken")], (10, 10), "report 'x'")
