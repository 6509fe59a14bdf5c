"""Figures of a data set: each shows what it is given, and no word covers another."""

import handwriting.figures.datasheet as draw
import numpy as np
import pytest
from drawn_words import covered, said, stays_inside, words

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.label_disputes import DISPUTES, Dispute
from handwriting.data.published import FASHION_MNIST
from handwriting.evaluation import datasheet
from handwriting.evaluation.datasheet import Portrait, Writers

RANDOM = np.random.default_rng(0)
DIGITS, CLOTHES = tuple("0123456789"), FASHION_MNIST.class_names
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def images(count, size=8):
    return RANDOM.integers(0, 256, (count, size, size), np.uint8)


def dataset(names, size=8):
    labels = (np.arange(60) % len(names)).astype(np.uint8)
    train, test = Split(images(60, size), labels), Split(images(60, size), labels[::-1])
    return Dataset("t", "Tiny", train, test, names, Origin((), {}, "", ""))


def portraits(names):
    found = dataset(names)
    return draw.portraits(datasheet.portraits(found.train, len(names)), names)


def balance(train, test, names):
    return draw.class_balance(np.array(train), np.array(test), names)


def by_writer(train, test):
    return draw.digits_each(Writers(np.array(train), {}), Writers(np.array(test), {}))


def mapped(names, spread=30.0):
    places = RANDOM.normal(scale=spread, size=(400, 2))
    return draw.image_map(places, np.arange(400) % len(names), names)


def pairs(names, count):
    rows = np.arange(count)
    return draw.lookalikes(dataset(names), rows, rows[::-1], "test", "looks like")


ALL = {
    "balance": lambda: balance([5, 9], [3, 4], ("0", "1")).figure,
    "balance of clothes": lambda: balance([6000] * 10, [1000] * 10, CLOTHES).figure,
    "balance of letters": lambda: balance(range(1, 27), range(26, 0, -1), LETTERS).figure,
    "balance of one large class": lambda: (
        balance([987_654, *[3] * 9], [90, *[0] * 9], DIGITS).figure
    ),
    "portraits": lambda: portraits(DIGITS),
    "portraits of two": lambda: portraits(DIGITS[:2]),
    "portraits of clothes": lambda: portraits(CLOTHES),
    "portraits of letters": lambda: portraits(LETTERS),
    "pairs": lambda: pairs(DIGITS, 10),
    "pairs of clothes": lambda: pairs(CLOTHES, 7),
    "one pair": lambda: pairs(DIGITS, 1),
    "sheet": lambda: draw.sheet(images(26), 10).figure,
    "sheet of one": lambda: draw.sheet(images(1)).figure,
    "writers": lambda: by_writer(RANDOM.integers(19, 132, 539), RANDOM.integers(8, 131, 297)),
    "one writer each": lambda: by_writer([1], [1]),
    "a busy writer": lambda: by_writer([50_000, 3], [2]),
    "map": lambda: mapped(DIGITS).figure,
    "map of clothes": lambda: mapped(CLOTHES).figure,
    "map of letters": lambda: mapped(LETTERS).figure,
    "disputes": lambda: draw.disputes(images(10_000), DISPUTES, DIGITS),
    "one dispute": lambda: draw.disputes(images(1), [Dispute(0, 6, ())], DIGITS),
}


@pytest.fixture(scope="module")
def drawn():
    """Every figure by its name, drawn once."""
    figures = {name: draw() for name, draw in ALL.items()}
    for figure in figures.values():
        figure.draw_without_rendering()
    return figures


def test_no_word_covers_another(drawn):
    assert {name: pairs for name, figure in drawn.items() if (pairs := covered(figure))} == {}


def test_no_word_leaves_its_figure(drawn):
    assert [name for name, figure in drawn.items() if not stays_inside(figure)] == []


def test_no_word_is_too_small_to_read_on_a_phone(drawn):
    sizes = {name: [each.get_fontsize() for each in words(drawn[name])] for name in drawn}
    assert {name: min(found) for name, found in sizes.items() if found and min(found) < 9} == {}
    assert [name for name, each in drawn.items() if each.get_size_inches()[0] > 6] == []


def test_images_fill_their_figure_and_stay_square(drawn):
    for figure in drawn.values():
        for image in (image for ax in figure.axes for image in ax.images):
            height, width = image.get_array().shape
            box = image.axes.get_window_extent()
            assert box.height / box.width == pytest.approx(height / width, rel=0.02)
            assert image.get_interpolation() == "none"


def test_bars_are_shares_of_their_own_split():
    ax = balance([30, 10], [1, 3], ("0", "1"))
    assert [bar.get_width() for bar in ax.patches] == [0.75, 0.25, 0.25, 0.75]
    assert {"30", "10", "1", "3"} <= set(said(ax.figure))


def test_a_number_that_has_no_room_in_its_bar_stands_beside_it_and_can_be_read():
    ax = balance([98, 2], [100, 0], ("0", "1"))
    colours = {text.get_text(): text.get_color() for text in ax.texts}
    assert (colours["98"], colours["100"]) == ("white", "white")
    assert "white" not in (colours["2"], colours["0"])


def test_a_line_marks_where_all_classes_are_alike():
    (line,) = balance([1, 2, 3, 4], [1, 1, 1, 1], tuple("abcd")).lines
    assert list(line.get_xdata()) == [0.25, 0.25]


def test_of_many_classes_the_first_are_shown_and_that_is_said():
    ax = balance([1] * 26, [1] * 26, LETTERS)
    assert [text.get_text() for text in ax.get_yticklabels()] == list("abcdefghijkl")
    assert "share of the images, 12 of 26 classes" in said(ax.figure)
    assert "12 of 26 classes" in said(portraits(LETTERS))


def test_portraits_show_the_mean_above_the_spread_on_one_scale_each():
    found = [
        Portrait(np.full((2, 2), 255.0), np.full((2, 2), 10.0)),
        None,
        Portrait(np.zeros((2, 2)), np.full((2, 2), 50.0)),
    ]
    figure = draw.portraits(found, ("a", "b", "c"))
    assert [ax.images[0].get_array()[0, 0] for ax in figure.axes] == [255, 0, 10, 50]
    assert len({ax.images[0].get_clim() for ax in figure.axes[:2]}) == 1
    assert len({ax.images[0].get_clim() for ax in figure.axes[2:]}) == 1
    assert [word for word in said(figure) if len(word) == 1] == ["a", "c"]


def test_images_without_any_spread_can_be_drawn():
    found = [Portrait(np.zeros((2, 2)), np.zeros((2, 2)))]
    draw.portraits(found, ("a",)).draw_without_rendering()


def test_each_training_image_stands_below_the_test_image_that_it_is_like():
    data = dataset(DIGITS)
    above, below = draw.lookalikes(data, np.array([4]), np.array([7]), "test", "training").axes
    np.testing.assert_array_equal(above.images[0].get_array(), data.test.images[4])
    np.testing.assert_array_equal(below.images[0].get_array(), data.train.images[7])
    assert (above.get_title(loc="center"), below.get_xlabel()) == ("5", "7")
    assert (above.get_ylabel(), below.get_ylabel()) == ("test", "training")


def test_a_class_is_red_where_it_is_another_than_above():
    data = dataset(DIGITS)  # test image 4 is a 5
    figures = [draw.lookalikes(data, np.array([4]), np.array([i]), "", "") for i in (5, 7)]
    same, other = (figure.axes[1].xaxis.label.get_color() for figure in figures)
    assert (same, other) == (draw.INK, draw.VERMILION)


def test_each_bar_has_room_for_as_many_numbers_of_images():
    figure = by_writer(np.arange(1, 101), [100])
    heights = [bar.get_height() for bar in figure.axes[0].patches if bar.get_height()]
    assert len(set(heights[1:-1])) == 1
    assert sum(heights) == 100


def test_a_map_has_a_point_for_each_image_and_a_name_for_each_class_present():
    places = np.array([[0.0, 0], [1, 0], [9, 9], [9, 8]])
    ax = draw.image_map(places, np.array([0, 0, 2, 2]), ("a", "b", "c"))
    points = np.vstack([group.get_offsets() for group in ax.collections])
    np.testing.assert_array_equal(points, places)
    assert {text.get_text(): text.get_position() for text in ax.texts} == {
        "a": (0.5, 0),
        "c": (9, 8.5),
    }


def test_classes_keep_their_colours_whoever_else_is_on_the_map():
    places = np.array([[0.0, 0], [9, 9]])
    both = draw.image_map(places, np.array([0, 2]), ("a", "b", "c"))
    alone = draw.image_map(places[1:], np.array([2]), ("a", "b", "c"))
    colours = [ax.collections[-1].get_facecolor().tolist() for ax in (both, alone)]
    assert colours[0] == colours[1]


def test_a_map_on_which_all_stand_in_one_place_can_be_drawn():
    draw.image_map(np.zeros((4, 2)), np.arange(4) % 2, DIGITS).figure.draw_without_rendering()


def test_disputed_images_have_their_label_above_and_what_people_read_below():
    figure = draw.disputes(images(3), [Dispute(2, 4, (4, 9)), Dispute(0, 6, ())], DIGITS)
    assert [ax.get_title(loc="center") for ax in figure.axes[:2]] == ["label 4", "label 6"]
    assert [ax.get_xlabel() for ax in figure.axes[:2]] == ["4 or 9", "not 6"]
