"""What each type of output comes to, alone and beside others."""

import io

import matplotlib.pyplot as plt
import nbformat.v4 as v4
import PIL.Image
import pytest
from report_notebooks import SVG, code, displayed, encoded, picture

from notebook_press.author import METADATA_KEY
from notebook_press.rendering import images
from notebook_press.rendering.page import UNDESCRIBED, Figure, NotShown, Prose, Text
from notebook_press.rendering.reading import read_page


def read(*shown, **metadata):
    return read_page(v4.new_notebook(cells=[code(*shown)], metadata=metadata), "x")


def come_to(data):
    """The blocks that an output comes to, and how it is booked."""
    page = read(displayed(data))
    (booked,) = page.account
    return page.blocks[1:], booked.fate


OBJECT = "<a.Thing object at 0x7f03c2a41d90>"
TEXTS = {
    "an object goes without its address": ({"text/plain": OBJECT}, "<a.Thing>", "lesser"),
    "so do several": (
        {"text/plain": "[<a.b.Line at 0x7f03c2a41d90>,\n <function f at 0x7f03c2a41d90>]"},
        "[<a.b.Line>,\n <function f>]",
        "lesser",
    ),
    "so does one of another kind": ({"text/plain": "<x.HTML object>"}, "<x.HTML>", "lesser"),
    "an address that is written down stays": ({"text/plain": "at 0x7f>"}, "at 0x7f>", "shown"),
    "json is text": (
        {"application/json": {"a": [1, "é"]}, "text/plain": OBJECT},
        '{\n  "a": [\n    1,\n    "é"\n  ]\n}',
        "lesser",
    ),
    "so is what is built on it": (
        {"application/ld+json": {"type": "Point"}, "text/plain": OBJECT},
        '{\n  "type": "Point"\n}',
        "lesser",
    ),
    "an unknown type's text speaks for it": (
        {"application/x-a": "?", "text/plain": "3 apples"},
        "3 apples",
        "lesser",
    ),
    "so does a script's": ({"application/javascript": "a()", "text/plain": "3"}, "3", "lesser"),
    "a note to one program says nothing": (
        {"application/vnd.google.colaboratory.intrinsic+json": {}, "text/plain": "3"},
        "3",
        "shown",
    ),
    "source code is text": ({"text/x-python": "a = 1"}, "a = 1", "lesser"),
}


@pytest.mark.parametrize(("data", "text", "fate"), TEXTS.values(), ids=TEXTS)
def test_an_output_that_is_shown_as_text(data, text, fate):
    assert come_to(data) == ((Text(text),), fate)


@pytest.mark.promise("No page shows where in memory an object was.")
def test_printed_objects_and_errors_go_without_their_addresses():
    error = v4.new_output("error", ename="E", evalue=OBJECT, traceback=[f"1 {OBJECT}"])
    page = read(v4.new_output("stream", name="stdout", text=f"it: {OBJECT}\n"), error)
    assert page.blocks[1] == Text("it: <a.Thing>")
    assert "0x" not in repr(page.blocks)


NAMED = {
    "an unknown type": ({"application/x-a": "?", "text/plain": OBJECT}, "of the type applicat"),
    "another program's": ({"application/vnd.a+json": {}}, "Output of the type application/vnd.a"),
    "a film": ({"video/mp4": "AAAA", "text/plain": OBJECT}, "Video (video/mp4, 3 bytes)"),
    "a sound": ({"audio/x-wav": "AAAA"}, "Audio (audio/x-wav, 3 bytes)"),
    "a damaged picture": ({"image/png": "?", "text/plain": OBJECT}, "Picture"),
    "a damaged bitmap": ({"image/bmp": "AAAA"}, "Picture"),
    "a bitmap of no letters": ({"image/bmp": "é"}, "Picture"),
    "what is no PDF": ({"application/pdf": "AAAA"}, "PDF"),
    "a damaged PDF": ({"application/pdf": encoded(b"%PDF-1.4\n")}, "PDF"),
    "much JSON": ({"application/json": "x" * 100_000}, "JSON of 100,002 characters"),
    "a type that steers": ({"a/\x1b[2J\nb": "?"}, "Output of the type a/ b"),
}


@pytest.mark.promise("A damaged picture is an error or named in its place: no gap in a page.")
@pytest.mark.parametrize(("data", "what"), NAMED.values(), ids=NAMED)
def test_an_output_that_can_not_be_shown_is_named(data, what):
    (block,), fate = come_to(data)
    assert isinstance(block, NotShown)
    assert what in block.what
    assert fate == "not shown"


def test_deep_json_is_named():
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    cell = {"cell_type": "code", "source": "x", "metadata": {}}
    output = {"output_type": "display_data", "data": {"application/json": deep}, "metadata": {}}
    page = read_page({"cells": [cell | {"outputs": [output]}]}, "x")
    # Python 3.13 writes it all the same: it is too long then.
    assert page.blocks[1].what.startswith(("JSON nested very deeply", "JSON of 50,0"))


def test_a_script_without_anything_to_see_leaves_no_line():
    data = {"application/javascript": "a()", "text/plain": "<x.Javascript object>"}
    assert come_to(data) == ((), "not run")


ASIDES = ("text/vnd.plotly.v1+html", "application/vnd.google.colaboratory.intrinsic+json")


@pytest.mark.parametrize("aside", ASIDES)
def test_what_is_for_one_program_alone_leaves_a_script_without_a_line(aside):
    data = {"text/html": "<script>a()</script>", aside: "<script>a()</script>"}
    assert come_to(data) == ((), "not run")


def test_html_for_one_program_alone_is_named_and_not_printed():
    (block,), fate = come_to({"text/vnd.a+html": "<b>x</b>"})
    assert (block.what, fate) == ("Output of the type text/vnd.a+html", "not shown")


def test_of_what_can_not_be_shown_its_picture_takes_the_place():
    data = {"application/vnd.bokehjs_exec.v0+json": "", "image/png": encoded(picture())}
    (figure,), fate = come_to(data)
    assert (figure.image.content, fate) == (picture(), "lesser")


def test_what_leads_to_a_film_stands_beside_the_still_that_is_stored_with_it():
    film = '<iframe src="https://a.example/film"></iframe>'
    data = {"text/html": film, "image/jpeg": encoded(picture("JPEG"))}
    (figure, line), fate = come_to(data)
    assert (figure.image.mime, fate) == ("image/jpeg", "lesser")
    assert 'href="https://a.example/film"' in line.source


def test_html_in_a_drawing_is_text_in_the_middle_of_its_place():
    html = (
        '<foreignObject x="10" y="4" width="60" height="8px"><div xmlns="http://www.w3.org/1999/xht'
        'ml"><script>a()</script>some<br/>words</div></foreignObject></svg>'
    )
    (figure,), fate = come_to({"image/svg+xml": SVG.replace("</svg>", html)})
    assert b'<text x="40" y="8" ' in figure.image.content
    assert b">some words</text>" in figure.image.content
    assert fate == "lesser"


def test_of_two_pictures_the_sound_one_is_shown():
    (figure,), fate = come_to({"image/svg+xml": "<svg", "image/png": encoded(picture())})
    assert (figure.image.mime, fate) == ("image/png", "lesser")


@pytest.mark.parametrize("data", [{"text/markdown": "*a*"}, {"image/svg+xml": SVG}])
def test_plain_text_gives_way_to_anything_richer(data):
    (block,), fate = come_to({"text/plain": "a", **data})
    assert isinstance(block, Prose | Figure)
    assert fate == "shown"


def test_a_bitmap_becomes_a_picture_that_all_formats_know():
    (figure,), fate = come_to({"image/bmp": encoded(picture("BMP"))})
    made = PIL.Image.open(io.BytesIO(figure.image.content))
    assert (made.format, made.size, fate) == ("PNG", (1, 1), "shown")


def test_a_bitmap_of_too_many_pixels_is_named(monkeypatch):
    monkeypatch.setattr(images, "MOST_PIXELS", 0)
    assert come_to({"image/bmp": encoded(picture("BMP"))})[1] == "not shown"


def test_a_figure_in_pdf_is_drawn_in_its_colours_and_size():
    drawn = io.BytesIO()
    plt.figure(figsize=(2, 1), facecolor="#ff0000").savefig(drawn, format="pdf")
    plt.close("all")
    (figure,), fate = come_to({"application/pdf": encoded(drawn.getvalue())})
    made = PIL.Image.open(io.BytesIO(figure.image.content)).convert("RGB")
    assert made.getpixel((made.width // 2, made.height // 2)) == (255, 0, 0)
    assert (figure.width, fate) == (192, "lesser")  # 2 inches of 96 pixels


WIDTHS = {
    "a number": ({"width": 400}, 400),
    "text": ({"width": "400px"}, 400),
    "by its height": ({"height": 40}, 80),
    "the width is the stronger": ({"width": 400, "height": 40}, 400),
    "no pixels": ({"width": "50%"}, None),
    "no number": ({"width": float("inf")}, None),
    "huge": ({"width": 10**9}, 4000),
    "nothing": ({}, None),
    "no mapping": (5, None),
}


@pytest.mark.parametrize(("asked", "width"), WIDTHS.values(), ids=WIDTHS)
def test_a_picture_is_as_wide_as_its_output_asks(asked, width):
    made = io.BytesIO()
    PIL.Image.new("L", (20, 10)).save(made, "PNG")
    output = displayed({"image/png": encoded(made.getvalue())}) | {"metadata": {"image/png": asked}}
    cell = {"cell_type": "code", "source": "x", "metadata": {}, "outputs": [output]}
    assert read_page({"cells": [cell]}, "x").blocks[1].width == width


@pytest.mark.parametrize(
    ("alt", "said"), [("a dot", "a dot"), (" ", UNDESCRIBED), (5, UNDESCRIBED)]
)
def test_a_picture_is_described_as_its_output_says(alt, said):
    output = displayed({"image/png": encoded(picture())})
    output["metadata"] = {"image/png": {"alt": alt}}
    cell = {"cell_type": "code", "source": "x", "metadata": {}, "outputs": [output]}
    assert read_page({"cells": [cell]}, "x").blocks[1].alt == said


@pytest.mark.parametrize(("needs", "ground"), [("dark", (17, 17, 17)), ("light", None)])
def test_light_lines_stand_on_a_dark_ground(needs, ground):
    made = io.BytesIO()
    PIL.Image.new("RGBA", (2, 2), (255, 255, 255, 0)).save(made, "PNG")
    asked = {"image/png": {"needs_background": needs}}
    output = displayed({"image/png": encoded(made.getvalue())}) | {"metadata": asked}
    shown = read_page(v4.new_notebook(cells=[code(output)]), "x").blocks[1].image
    assert (shown.content == made.getvalue()) == (ground is None)
    if ground:
        assert PIL.Image.open(io.BytesIO(shown.content)).getpixel((0, 0)) == ground


WARNED = [
    v4.new_output("stream", name=name, text=text)
    for name, text in (("stdout", "a\n"), ("stderr", "1%\r9%"), ("stderr", "9%\n"), ("stdout", "b"))
]


def test_stderr_is_shown_where_the_notebook_was_made_so():
    page = read(*WARNED, **{METADATA_KEY: {"stderr": "show"}})
    assert page.blocks[1:] == (Text("a"), Text("9%9%", "stderr"), Text("b"))
    assert {booked.fate for booked in page.account} == {"shown"}


@pytest.mark.parametrize("noted", [{}, {"stderr": "hide"}, "mine"])
def test_stderr_is_hidden_and_counted_otherwise(noted):
    page = read(*WARNED, **{METADATA_KEY: noted})
    assert page.blocks[1:] == (Text("a\nb"),)
    assert [(b.what, b.note) for b in page.account if b.fate == "hidden"] == [
        ("Text printed to stderr", "1 line")
    ]


def test_a_cell_without_source_shows_its_outputs():
    cell = v4.new_code_cell(" ", outputs=[displayed({"text/plain": "left"})])
    assert read_page(v4.new_notebook(cells=[cell]), "x").blocks == (Text("left"),)
