"""A data set in words, each number worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

import handwriting.wording.datasheet as words
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.label_disputes import DISPUTES, Dispute
from handwriting.evaluation.datasheet import Portrait, Survey, Writers
from handwriting.evaluation.similarity import Copies, Neighbours

NONE = Copies(0, 0, 0)
ORIGIN = Origin((), {}, "CC BY 4.0", "A. Author (2026)")


def split(count, writers=None, series=None, pixel=0):
    known = (None if each is None else np.array(each, np.int32) for each in (writers, series))
    images = np.full((count, 1, 2), pixel, np.uint8)
    return Split(images, (np.arange(count) % 2).astype(np.uint8), *known)


def dataset(train=6, test=4, **known):
    return Dataset("t", "Tiny", split(train), split(test, **known), ("0", "1"), ORIGIN)


def written(train, test):
    """Data of which each writer's number is listed once an image."""
    learned, judged = (split(len(each), each, [0] * len(each)) for each in (train, test))
    return Dataset("mnist", "MNIST", learned, judged, ("0", "1"), ORIGIN)


def survey(own, other, compared=6):
    indices = np.arange(len(own))
    near = Neighbours(indices, np.array(own, float), indices, np.array(other, float))
    return Survey(near, compared, indices[:0], np.zeros((0, 2)))


# Sentences


@pytest.mark.parametrize(
    ("copies", "disputes", "said"),
    [
        (0, 0, "; no test image is a copy of a training image."),
        (1, 0, "; **1** of 4 test images is a copy of a training image."),
        (2, 1, "; **2** of 4 test images are copies of training images, and of 100 test labels "),
        (0, 2, "and of 100 test labels that people were shown they dispute **2**."),
    ],
)
def test_the_answer_counts_images_copies_and_disputes(copies, disputes, said):
    answer = words.answer(dataset(), Copies(9, 9, copies), disputes)
    assert answer.startswith("In Tiny there are **10 images**; ")
    assert said in answer


def test_the_answer_counts_each_writer_once():
    said = words.answer(written([1, 1, 2], [2, 3]), NONE, 0)
    assert said.startswith("In MNIST there are **5 images** by **3 writers**; no")


def test_a_title_stands_as_it_is_written():
    odd = replace(dataset(), title="a_b*c")
    assert r"In a\_b\*c there" in words.answer(odd, NONE, 0)
    assert words.contents(odd).startswith(r"a\_b\*c: ")


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        (6000, 4, "**6,000 training images** and **4 test images** in 2 classes, each 1 pixel "),
        (1, 1, "Tiny: **1 training image** and **1 test image** in 2 classes, each 1 pixel high"),
    ],
)
def test_contents_are_counted(train, test, said):
    assert said in words.contents(dataset(train, test))


def test_balance_names_the_smallest_and_the_largest_class():
    said = words.balance(np.array([3000, 0, 1000]), np.array([1, 2, 2]), ("a", "b", "c"))
    assert "Classes hold from 0 (b) to 3,000 (a) training images, and from 1 (a) to 2 (b) " in said
    assert "right about **75.0%** of the training images at most." in said


def test_classes_that_are_all_alike_are_told_once():
    said = words.balance(np.array([1000, 1000]), np.array([1, 1]), ("a", "b"))
    assert said.startswith("Classes hold 1,000 training images each, and 1 test image each. ")


def portrait(spread):
    return Portrait(np.zeros((1, 2)), np.array(spread, float))


def test_portraits_name_the_classes_that_differ_most_and_least():
    found = [portrait([[10, 20]]), None, portrait([[40, 50]])]
    said = words.portraits(found, ("a", "b", "c"))
    assert "Images of **c** differ most from one another: the spread" in said
    assert "is 45 grey levels of 255 on average. Those of **a** differ least" in said
    assert "with a spread of 15." in said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (NONE, "**no image** is a copy of another, in one part or across both."),
        (
            Copies(1, 0, 2),
            "Pixel by pixel, **2 test images** are copies of training images; **1 training image** "
            "repeats an earlier one, and **no test image** repeats an earlier one.",
        ),
        (
            Copies(2000, 2, 1),
            "Pixel by pixel, **1 test image** is a copy of a training image; **2,000 training "
            "images** repeat earlier ones, and **2 test images** repeat earlier ones.",
        ),
    ],
)
def test_copies_are_counted(found, said):
    assert words.copied(found).endswith(said)


def test_the_closest_pair_is_told_beside_the_median_and_a_blank_sheet():
    said = words.closest(survey([3, 9, 4, 8], [7, 7, 7, 7]), dataset(pixel=100))
    assert "The closest pair differs by **3.0** grey levels of 255" in said
    assert "of a test image is 5.5; from a blank sheet it is 100.0." in said  # of 3, 7, 4 and 7


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ([1, 2, 2, 1], "No test image is most like a training image of another class: whoever "),
        ([1, 2, 2, 1], "by the most similar example misreads none."),
        ([3, 2, 2, 1], "**1 test image** (25.0%) is most like a training image of another class: "),
        ([3, 2, 2, 1], "by the most similar example misreads it."),
        ([3, 2, 2, 9], "**2 test images** (50.0%) are most like a training image of another class"),
        ([3, 2, 2, 9], "by the most similar example misreads them."),
    ],
)
def test_images_that_look_most_like_another_class_are_counted(own, said):
    assert said in words.difficulty(survey(own, [2, 2, 2, 2]), dataset())


@pytest.mark.parametrize("say", [words.difficulty, words.closest])
def test_where_some_training_images_were_searched_alone_that_is_said(say):
    some, all_of_them = (survey([1] * 4, [2] * 4, compared) for compared in (5, 6))
    assert "Only 5 of the 6 training images, drawn at random, were" in say(some, dataset())
    assert "Only" not in say(all_of_them, dataset())


def test_a_map_is_as_good_as_it_keeps_classes_together():
    places = np.array([[0, 0], [1, 0], [10, 0], [10, 2], [10, 3]])
    said = words.mapped(places, np.array([0, 0, 1, 1, 0]))
    assert said.startswith("Of 5 images on the map, **60.0%** stand nearest to one of their own")


def test_a_map_of_one_image_keeps_nothing_together():
    assert words.mapped(np.zeros((1, 2)), np.zeros(1, int)) == "There is but one image on the map."


def test_writers_are_counted_with_how_much_each_wrote():
    said = words.written(written([1, 1, 1, 2], [7, 8, 8]))
    assert said == (
        "**2** people wrote the training images, 1 to 3 each (median 2), and **2** people wrote "
        "the test images, 1 to 2 each (median 1.5). Nobody is in both groups."
    )


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ([1, 1], "**1** person wrote the test images, all 2. 1 person is in both groups."),
        ([1, 2], "**2** people wrote the test images, 1 each. 2 people are in both groups."),
    ],
)
def test_writers_may_be_few_and_in_both_splits(test, said):
    assert words.written(written([1, 2], test)).endswith(said)


def test_where_nobody_knows_the_writers_that_is_said_and_of_mnist_how_to_know_them():
    unknown = dataset()
    assert words.written(unknown).endswith("says nothing about writers.")
    assert "QMNIST" in words.written(replace(unknown, name="mnist"))


def test_each_half_of_the_test_images_is_of_a_series():
    said = words.order(split(5, series=[4, 4, 0, 9, 0]))
    assert said == (
        "Of the first 2 test images, **2** are from hsf_4 (high-school students); of the last 3 "
        "test images, **2** are from hsf_0 (Census Bureau employees)."
    )


def test_a_half_may_have_one_image():
    said = words.order(split(2, series=[4, 7]))
    assert "Of the first 1 test image, **1** is from hsf_4" in said
    assert said.endswith("of the last 1 test image, **1** is from hsf_7 (others).")


@pytest.mark.parametrize("test", [split(4), split(1, series=[4])])
def test_an_order_that_is_unknown_or_none_is_not_told(test):
    assert words.order(test) == ""


def test_series_have_a_row_each():
    rows = words.series_rows(Writers(np.ones(1), {0: 1, 4: 2000}), Writers(np.ones(1), {7: 3}))
    assert [list(row.values()) for row in rows] == [
        ["hsf_0", "Census Bureau employees", "1", "0"],
        ["hsf_4", "high-school students", "2,000", "0"],
        ["hsf_7", "others", "0", "3"],
    ]


def test_disputes_are_told_by_what_people_read():
    found = [Dispute(1, 0, (1,)), Dispute(2, 0, (1,)), Dispute(3, 1, (0,)), Dispute(4, 1, (0, 1))]
    said = words.disputed([*found, Dispute(5, 0, ())], ("0", "1"))
    assert said == (
        "Of the 100 images that people were shown, 5 labels are disputed: in **3**, most of the "
        "five prefer another digit (0 as 1 twice and "
        "1 as 0); in **1**, two digits are tied; in **1**, most see neither of the two digits that "
        "they were asked about."
    )


def test_of_disputes_only_the_kinds_that_occur_are_told():
    said = words.disputed([Dispute(1, 0, (1,))], ("0", "1"))
    assert said == (
        "Of the 100 images that people were shown, 1 label is disputed: in **1**, most of the five "
        "prefer another digit (0 as 1)."
    )


def test_where_no_dispute_is_known_that_is_said():
    assert words.disputed([], ()) == "For these data nobody is known to have asked."


def test_files_have_a_row_each():
    rows = words.file_rows({"a.gz": "12", "b.gz": "34"})
    assert rows == [{"File": "a.gz", "SHA-256": "12"}, {"File": "b.gz", "SHA-256": "34"}]


def test_the_licence_and_whom_to_cite_are_told_and_of_mnist_that_others_say_otherwise():
    assert words.licence(dataset()) == "Licence: CC BY 4.0. To cite: A. Author (2026)."
    assert "says MIT. To cite" in words.licence(replace(dataset(), name="mnist"))


# What figures show


LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def test_the_alternative_of_balance_has_both_counts_of_each_class():
    said = words.balance_alt(np.array([3000, 1]), np.array([0, 2]), ("a", "b"))
    assert said.endswith("test images. a: 3,000 and 0, b: 1 and 2.")


def test_the_alternative_of_balance_lists_as_many_classes_as_are_shown():
    said = words.balance_alt(np.ones(26, int), np.ones(26, int), LETTERS)
    assert "The first 12 of 26: a: 1 and 1, " in said
    assert said.endswith("l: 1 and 1.")


def test_the_alternative_of_portraits_has_each_spread():
    found = [portrait([[10, 20]]), None, portrait([[40, 50]])]
    assert words.portraits_alt(found, ("a", "b", "c")).endswith("grey levels: a: 15, c: 45.")


def test_the_alternative_of_portraits_lists_as_many_as_are_shown():
    said = words.portraits_alt([None, *[portrait([[1, 1]])] * 25], LETTERS)
    assert "for the first 12 of 25." in said
    assert said.endswith("m: 1.")


def test_the_alternatives_of_pairs_name_classes_and_numbers():
    data, found = dataset(), survey([3, 1, 5, 1], [2, 4, 0, 8]).neighbours
    found = replace(found, other=np.array([1, 2, 3, 4]))
    hard, easy, close = (
        alt(data, found, np.array([0, 1, 2]))
        for alt in (words.hardest_alt, words.easiest_alt, words.closest_alt)
    )
    assert hard.endswith(
        "another class: 0 like 1 (difficulty 1.50), 1 like 0 (difficulty 0.25) and 0 like 1 "
        "(difficulty infinite)."
    )
    assert easy.endswith("with its difficulty: 0 (1.50), 1 (0.25) and 0 (infinite).")
    assert close.endswith("distance in grey levels: 0 (2.0), 1 (1.0) and 0 (0.0).")


def test_the_alternative_of_a_map_names_the_classes_that_are_closest():
    places = np.array([[0, 0], [0, 2], [9, 0], [9, 2], [12, 0], [12, 2]])
    said = words.map_alt(places, np.array([0, 0, 1, 1, 3, 3]), tuple("abcd"))
    assert said.startswith("A map of 6 images, coloured by class.")
    assert said.endswith("the middles of b and d are closest together.")


def test_the_alternative_of_a_map_of_one_class_names_none():
    said = words.map_alt(np.zeros((1, 2)), np.zeros(1, int), ("a", "b"))
    assert said == "A map of 1 image, coloured by class."


def test_the_alternative_of_writers_has_the_fewest_the_median_and_the_most():
    said = words.digits_each_alt(Writers(np.array([2000, 3, 1]), {}), Writers(np.array([5]), {}))
    assert "3 writers of training images: 1 to 2,000 each, median 3; 1 writer of test" in said


@pytest.mark.parametrize(("hands", "said"), [(1, "by 1 writer."), (12, "by 12 writers.")])
def test_the_alternative_of_hands_counts_them(hands, said):
    assert words.hands_alt(hands, "4") == f"The digit 4, one image each {said}"


def test_the_alternative_of_disputes_has_each_label_and_what_people_read():
    names = tuple("0123456789")
    said = words.disputed_alt(DISPUTES, names)
    assert said.startswith("15 test images whose label people dispute: labelled 8, people read 9; ")
    assert "labelled 4, people read 4 or 9; labelled 2, people read 0; " in said
    assert "labelled 6, people read not 6; " in said
    assert words.disputed_alt(DISPUTES[:1], names).startswith("1 test image whose label")
