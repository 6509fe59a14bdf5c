"""Do a drawing's colours follow the dark theme, and do its pictures stay?"""

import io
import re
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from notebook_press.rendering import themes
from notebook_press.rendering.outputs.styling import contrast

PAPER = "#14181b"


def parts(colour):
    return tuple(each / 255 for each in bytes.fromhex(colour[1:]))


def drawn(draw):
    """The drawing of a figure, as `author.figure` stores it."""
    figure = Figure()
    with matplotlib.rc_context({"svg.hashsalt": "test", "svg.fonttype": "path"}):
        draw(figure.subplots())
        stored = io.StringIO()
        figure.savefig(stored, format="svg", metadata={"Date": None})
    return stored.getvalue()


def rules(drawing):
    """What becomes of each colour in the dark theme."""
    style = ElementTree.fromstring(themes.themed(drawing))[0].text
    return dict(re.findall(r'\*="\w+: (#\w+)"[^{]*\{\w+:(#\w+)', style))


@pytest.mark.parametrize(
    "colour", ["#000000", "#1f2328", "#5c6570", "#0072b2", "#d55e00", "#00008b"]
)
def test_what_can_be_read_on_white_can_be_read_on_the_dark_paper(colour):
    found = contrast(parts(themes.at_night(colour)), parts(PAPER))
    assert found >= min(4.5, contrast(parts(colour), (1, 1, 1))) - 0.1


def test_white_becomes_the_page_and_a_pale_grid_stays_pale():
    assert themes.at_night("#ffffff") == PAPER
    assert 1.2 < contrast(parts(themes.at_night("#d5dae0")), parts(PAPER)) < 2.5


def test_a_colour_that_can_be_seen_in_both_themes_stays():
    assert themes.at_night("#d55e00") == "#d55e00"


def test_each_grey_and_dark_colour_of_a_drawing_has_a_rule():
    found = rules(drawn(lambda axes: axes.plot([1, 2], color="#00008b")))
    assert {"#ffffff", "#00008b"} <= set(found)
    assert found["#ffffff"] == PAPER


def test_words_on_a_heat_map_stay_as_they_are_and_its_title_does_not():
    def heat_map(axes):
        axes.pcolormesh(np.eye(2))
        for row, column in np.ndindex(2, 2):
            axes.text(column + 0.5, row + 0.5, "1")
        axes.set_title("title")

    root = ElementTree.fromstring(themes.themed(drawn(heat_map)))
    kept = [each.get("id") for each in root.iter() if each.get("class") == "kept"]
    assert len([each for each in kept if each.startswith("text")]) == 4
    assert any(each.startswith("QuadMesh") for each in kept)


def test_words_on_a_picture_stay_as_they_are():
    def picture(axes):
        axes.imshow(np.eye(4))
        axes.text(1, 1, "on it")
        axes.text(1, -1.5, "above it")

    root = ElementTree.fromstring(themes.themed(drawn(picture)))
    assert len([each for each in root.iter() if each.get("class") == "kept"]) == 1


def test_an_author_can_keep_the_colours_of_a_mark():
    def named(axes):
        axes.bar([1], [1], color="#000000", gid="kept-bar")

    root = ElementTree.fromstring(themes.themed(drawn(named)))
    assert [each.get("id") for each in root.iter() if each.get("class") == "kept"] == ["kept-bar"]


def test_a_drawing_of_other_making_keeps_all_that_it_has():
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><rect fill="#000" width="5"/></svg>'
    root = ElementTree.fromstring(themes.themed(drawing))
    assert [each.tag.rpartition("}")[2] for each in root] == ["style", "rect"]
