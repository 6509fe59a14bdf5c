"""Figures of a data set: each shows what it is given, and no word covers another."""

import numpy as np
import pytest
from drawn_words import said
from legible import Legible

from handwriting import figures as draw
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.label_disputes import DISPUTES, Dispute
from handwriting.data.published import FASHION_MNIST
from handwriting.evaluation import dataset_facts
from handwriting.evaluation.dataset_facts import Authorship, ClassCounts, Portrait, Writers
from handwriting.evaluation.similarity import Neighbours
from handwriting.evaluation.survey import ImageMap
from handwriting.figures import style
from handwriting.figures.galleries import disputed_images

RANDOM = np.random.default_rng(0)
DIGITS, CLOTHES = tuple("0123456789"), FASHION_MNIST.class_names
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
LONG = tuple(f"class of number {number:04}" for number in range(47))


def images(count, size=8):
    return RANDOM.integers(0, 256, (count, size, size), np.uint8)


def dataset(names, size=8):
    labels = (np.arange(60) % len(names)).astype(np.uint8)
    train, test = Split(images(60, size), labels), Split(images(60, size), labels[::-1])
    return Dataset("t", "Tiny", train, test, names, Origin((), {}, "", ""))


def portraits(names):
    return draw.portraits(dataset_facts.portraits(dataset(names).train, names))


def balance(train, test, names):
    counts = zip(("Training images", "Test images"), (train, test), strict=True)
    return draw.class_balance(*(ClassCounts(title, names, np.array(n)) for title, n in counts))


def by_writer(train, test):
    writers = (Writers(np.array(each)) for each in (train, test))
    return draw.images_by_writer(Authorship(*writers, 0, 0, None, None, None))


def mapped(places, labels, names):
    return draw.image_map(ImageMap(np.array(places), np.array(labels)), names)


def spread_out(names):
    return mapped(RANDOM.normal(scale=30.0, size=(400, 2)), np.arange(400) % len(names), names)


def near(own, other):
    """Neighbours at these distances; that of another class stands one further each."""
    rows = np.arange(len(own))
    apart = np.array(own, float), np.array(other, float)
    return Neighbours(rows, apart[0], rows + 1, apart[1], np.maximum(*apart))


def hardest(names, count):
    return draw.hardest(dataset(names), near(np.arange(50), np.full(50, 30)), count)


ALL = {
    "balance of clothes": lambda: balance([6000] * 10, [1000] * 10, CLOTHES),
    "balance of letters": lambda: balance(range(1, 27), range(26, 0, -1), LETTERS),
    "balance of many long names": lambda: balance([1] * 47, [2] * 47, LONG),
    "balance of one large class": lambda: balance([987_654, *[3] * 9], [90, *[0] * 9], DIGITS),
    "portraits": lambda: portraits(DIGITS),
    "portraits of clothes": lambda: portraits(CLOTHES),
    "portraits of letters": lambda: portraits(LETTERS),
    "portraits of long names": lambda: portraits(LONG),
    "pairs of long names": lambda: hardest(LONG, 10),
    "pairs of clothes": lambda: hardest(CLOTHES, 10),
    "easiest": lambda: draw.easiest(dataset(LETTERS), near(np.arange(60), np.full(60, 30))),
    "one image": lambda: draw.by_several_writers(images(1), "4"),
    "writers": lambda: by_writer(RANDOM.integers(19, 132, 539), RANDOM.integers(8, 131, 297)),
    "one writer each": lambda: by_writer([1], [1]),
    "a busy writer": lambda: by_writer([50_000, 3], [2]),
    "map of clothes": lambda: spread_out(CLOTHES),
    "map of letters": lambda: spread_out(LETTERS),
    "map of long names": lambda: spread_out(LONG),
    "disputes": lambda: disputed_images(images(10_000), DISPUTES, DIGITS),
    "one dispute": lambda: disputed_images(images(1), [Dispute(0, 6, ())], DIGITS),
}


class TestEachFigure(Legible):
    drawings = ALL


def test_bars_are_shares_of_their_own_split():
    figure = balance([30, 10], [1, 3], ("0", "1")).figure
    assert [bar.get_width() for bar in figure.axes[0].patches] == [0.75, 0.25, 0.25, 0.75]
    assert {"30", "10", "1", "3"} <= set(said(figure))


def test_a_number_that_has_no_room_in_its_bar_stands_beside_it_and_can_be_read():
    (ax,) = balance([98, 2], [100, 0], ("0", "1")).figure.axes
    colours = {text.get_text(): text.get_color() for text in ax.texts}
    assert (colours["98"], colours["100"]) == ("white", "white")
    assert "white" not in (colours["2"], colours["0"])


def test_a_line_marks_where_all_classes_are_alike():
    (line,) = balance([1, 2, 3, 4], [1, 1, 1, 1], tuple("abcd")).figure.axes[0].lines
    assert list(line.get_xdata()) == [0.25, 0.25]


def test_balance_is_told_with_both_counts_of_each_class():
    told = balance([3000, 1], [0, 2], ("a", "b")).alt
    assert told.endswith("test images. a: 3,000 and 0, b: 1 and 2.")


@pytest.mark.parametrize(
    ("classes", "shown", "told"), [(26, 26, ""), (99, 60, ", 60 of 99 classes")]
)
def test_many_classes_stand_in_columns_and_how_many_are_shown_is_said(classes, shown, told):
    names = tuple(f"c{number}" for number in range(classes))
    drawing = balance([1] * classes, [1] * classes, names)
    labels = [each.get_text() for ax in drawing.figure.axes for each in ax.get_yticklabels()]
    assert labels == list(names[:shown])
    assert f"share of the images{told}; the line: all classes alike" in said(drawing.figure)
    assert drawing.alt.endswith(f"c{shown - 1}: 1 and 1.")
    assert ("The first 60 of 99: c0: 1 and 1, " in drawing.alt) == (classes == 99)


def test_portraits_show_the_mean_above_the_spread_on_one_scale_each():
    found = [
        Portrait("a", np.full((2, 2), 255.0), np.full((2, 2), 15.0), 1),
        Portrait("c", np.zeros((2, 2)), np.full((2, 2), 45.0), 1),
    ]
    drawing = draw.portraits(found)
    axes = drawing.figure.axes
    assert [ax.images[0].get_array()[0, 0] for ax in axes] == [255, 0, 15, 45]
    assert len({ax.images[0].get_clim() for ax in axes[:2]}) == 1
    assert len({ax.images[0].get_clim() for ax in axes[2:]}) == 1
    assert [word for word in said(drawing.figure) if len(word) == 1] == ["a", "c"]
    assert drawing.alt.endswith("grey levels: a: 15, c: 45.")


@pytest.mark.parametrize(("letters", "shown"), [(1, 48), (9, 24)])
def test_of_many_portraits_the_first_are_shown_and_that_is_said(letters, shown):
    drawing = portraits(tuple(f"{number:0{letters}}" for number in range(60)))
    assert f"{shown} of 60 classes" in said(drawing.figure)
    assert f"for the first {shown} of 60." in drawing.alt


def test_images_without_any_spread_can_be_drawn():
    found = [Portrait("a", np.zeros((2, 2)), np.zeros((2, 2)), 1)]
    draw.portraits(found).figure.draw_without_rendering()


def test_below_a_hard_image_stands_the_training_image_of_another_class_that_it_is_like():
    data = dataset(DIGITS)
    above, below = draw.hardest(data, near([3, 1, 0, 9], [2, 4, 1, 2]), 1).figure.axes
    np.testing.assert_array_equal(above.images[0].get_array(), data.test.images[3])
    np.testing.assert_array_equal(below.images[0].get_array(), data.train.images[4])
    assert (above.get_title(loc="center"), below.get_xlabel()) == ("6", "4")
    assert (above.get_ylabel(), below.get_ylabel()) == ("test", "looks like")


def test_a_class_is_red_where_it_is_another_than_above():
    data = dataset(DIGITS)  # test image 0 is a 9
    colours = [
        draw.closest_pairs(data, Neighbours(*near, near[1])).figure.axes[1].xaxis.label.get_color()
        for near in np.array([[[9], [1.0], [5], [2.0]], [[9], [2.0], [5], [1.0]]]).astype(int)
    ]
    assert colours == [style.INK, style.VERMILION]


def test_hard_easy_and_close_images_are_told_by_class_and_number():
    data, found = dataset(("0", "1")), near([3, 1, 5, 0], [2, 4, 0, 8])
    assert draw.hardest(data, found, 3).alt.endswith(
        "another class: 1 like 1 (difficulty infinite), 1 like 1 (difficulty 1.50) and 0 like 0 "
        "(difficulty 0.25)."
    )
    assert draw.closest_pairs(data, found, 3).alt.endswith(
        "distance in grey levels: 0 (0.0), 1 (0.0) and 0 (1.0)."
    )
    whole = near(np.arange(60) + 1, np.full(60, 4))
    assert draw.easiest(data, whole).alt.endswith("with its difficulty: 0 (0.50) and 1 (0.25).")
    many = tuple(map(str, range(60)))
    assert "of each class, of the first 48 of 60," in draw.easiest(dataset(many), whole).alt


@pytest.mark.parametrize(("count", "told"), [(1, "by 1 writer."), (12, "by 12 writers.")])
def test_the_writers_of_one_digit_are_counted(count, told):
    drawing = draw.by_several_writers(images(count), "4")
    assert drawing.alt == f"Images of 4, one each {told}"


def test_each_bar_has_room_for_as_many_numbers_of_images():
    figure = by_writer(np.arange(1, 101), [100]).figure
    heights = [bar.get_height() for bar in figure.axes[0].patches if bar.get_height()]
    assert len(set(heights[1:-1])) == 1
    assert sum(heights) == 100


def test_writers_are_told_by_the_fewest_the_median_and_the_most():
    told = by_writer([2000, 3, 1], [5]).alt
    assert "3 writers of training images: 1 to 2,000 each, median 3; 1 writer of test" in told


def test_a_map_has_a_point_for_each_image_and_a_name_for_each_class_present():
    places = [[0.0, 0], [1, 0], [9, 9], [9, 8]]
    drawing = mapped(places, [0, 0, 2, 2], ("a", "b", "c"))
    (ax,) = drawing.figure.axes
    points = np.vstack([group.get_offsets() for group in ax.collections])
    np.testing.assert_array_equal(points, places)
    assert {text.get_text(): text.get_position() for text in ax.texts} == {
        "a": (0.5, 0),
        "c": (9, 8.5),
    }
    assert drawing.alt == (
        "A map of 4 images, coloured by class. Of all classes, the middles of a and c are closest "
        "together."
    )


def test_a_map_of_one_class_names_no_others():
    drawing = mapped([[0.0, 0]], [0], ("a", "b"))
    assert drawing.alt == "A map of 1 image, coloured by class."


def test_classes_keep_their_colours_whoever_else_is_on_the_map():
    both = mapped([[0.0, 0], [9, 9]], [0, 2], ("a", "b", "c"))
    alone = mapped([[9.0, 9]], [2], ("a", "b", "c"))
    axes = (drawing.figure.axes[0] for drawing in (both, alone))
    colours = [ax.collections[-1].get_facecolor().tolist() for ax in axes]
    assert colours[0] == colours[1]


def test_a_map_on_which_all_stand_in_one_place_can_be_drawn():
    mapped(np.zeros((4, 2)), np.arange(4) % 2, DIGITS).figure.draw_without_rendering()


def test_disputed_images_have_their_label_above_and_what_people_read_below():
    disputes = [Dispute(2, 4, (4, 9)), Dispute(0, 6, ())]
    drawing = disputed_images(images(3), disputes, DIGITS)
    axes = drawing.figure.axes[:2]
    assert [ax.get_title(loc="center") for ax in axes] == ["label 4", "label 6"]
    assert [ax.get_xlabel() for ax in axes] == ["4 or 9", "not 6"]
    assert drawing.alt == (
        "2 test images whose label people dispute: labelled 4, people read 4 or 9; labelled 6, "
        "people do not read 6."
    )
