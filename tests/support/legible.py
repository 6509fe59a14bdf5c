"""What holds for every figure: it can be read, on a phone and aloud, and its images are square."""

import re

import pytest
from drawn_words import covered, stays_inside, ticks, words

WIDE = {"confusions", "long confusions"}  # which a page shows on paper and without scripts alone
NUMBERLESS = {"ambiguous clothes"}  # of which only names are shown
FLAT = {"flattening"}  # an image of one row, as wide as its figure


class Legible:
    """Tests of drawings: a class of a test module says which.

    Attributes:
        drawings: what draws each, by its name.
    """

    drawings = {}  # noqa: RUF012 (each class has its own)

    @pytest.fixture(scope="class")
    @classmethod
    def drawn(cls):
        """Every drawing by its name, drawn once."""
        drawn = {name: draw() for name, draw in cls.drawings.items()}
        for drawing in drawn.values():
            drawing.figure.draw_without_rendering()
        return drawn

    @pytest.fixture(scope="class")
    @classmethod
    def figures(cls, drawn):
        return {name: drawing.figure for name, drawing in drawn.items()}

    def test_no_word_covers_another(self, figures):
        found = {name: pairs for name, figure in figures.items() if (pairs := covered(figure))}
        assert found == {}

    def test_no_word_leaves_its_figure(self, figures):
        assert [name for name, figure in figures.items() if not stays_inside(figure)] == []

    def test_no_word_is_too_small_to_read_on_a_phone(self, figures):
        sizes = {
            name: min((each.get_fontsize() for each in words(figure)), default=9)
            for name, figure in figures.items()
        }
        wide = [name for name, figure in figures.items() if figure.get_size_inches()[0] > 6.4]
        assert {name: size for name, size in sizes.items() if size < 9} == {}
        assert set(wide) <= WIDE

    def test_images_stay_square_and_sharp(self, figures):
        uneven = []
        for name, figure in figures.items():
            for image in (image for ax in figure.axes for image in ax.images):
                height, width = image.get_array().shape
                box = image.axes.get_window_extent()
                assert image.get_interpolation() == "none"
                if box.height / box.width != pytest.approx(height / width, rel=0.02):
                    uneven.append(name)
        assert set(uneven) <= FLAT

    def test_each_scale_of_accuracy_has_two_numbers_or_more(self, figures):
        scales = [
            (name, axis)
            for name, figure in figures.items()
            for ax in figure.axes
            for axis in (ax.xaxis, ax.yaxis)
            if axis.get_scale() == "log"
        ]
        assert [name for name, axis in scales if len(ticks(axis)) < 2] == []

    def test_each_stands_on_an_opaque_light_ground(self, figures):
        assert {figure.get_facecolor() for figure in figures.values()} == {(1, 1, 1, 1)}

    def test_each_says_its_numbers(self, drawn):
        silent = {name for name, drawing in drawn.items() if not re.search(r"\d", drawing.alt)}
        assert silent <= NUMBERLESS
