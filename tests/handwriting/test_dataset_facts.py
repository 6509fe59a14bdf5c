"""Facts about small data sets, each worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.label_disputes import DISPUTES
from handwriting.evaluation import dataset_facts
from handwriting.evaluation.dataset_facts import CommonestSeries, Copies

LONG = [5, 5, 5, 2, 2, 9]  # the writers of six images


def split(labels, writers=None, series=None):
    known = (None if each is None else np.array(each, np.int32) for each in (writers, series))
    return Split(np.zeros((len(labels), 1, 1), np.uint8), np.array(labels, np.uint8), *known)


def dataset(train, test, names="012"):
    return Dataset("t", "Tiny", train, test, tuple(names), Origin((), {}, "", ""))


def pictures(pixels, labels):
    """Images of one pixel each."""
    return Split(np.array(pixels, np.uint8)[:, None, None], np.array(labels, np.uint8))


def written(train, test, series=None):
    """Data of which the writer of each image is known, and its series."""
    learned = split([0] * len(train), train, [0] * len(train))
    return dataset(learned, split([0] * len(test), test, series or [0] * len(test)))


def test_classes_are_counted_in_both_splits_also_those_without_images():
    counts = dataset_facts.class_counts(dataset(split([0, 0, 2]), split([1]), "abcd"))
    assert dataset_facts.class_table(*counts).to_dict("list") == {
        "Class": ["a", "b", "c", "d"],
        "Training images": [2, 0, 1, 0],
        "Test images": [0, 1, 0, 0],
    }


def test_the_commonest_and_the_rarest_class_are_named_with_their_numbers():
    train, _ = dataset_facts.class_counts(dataset(split([0, 0, 2, 0]), split([1]), "abc"))
    assert (train.extremes, train.range) == (("b", "a"), (0, 3))
    assert train.largest_share == 3 / 4
    assert train.shares.tolist() == [0.75, 0, 0.25]


def test_a_portrait_is_the_mean_and_the_standard_deviation_of_each_pixel():
    images = np.array([[[0, 7]], [[100, 7]], [[40, 9]]], np.uint8)
    found = Split(images, np.array([0, 0, 2], np.uint8))
    first, third = dataset_facts.portraits(found, "abc")
    assert (first.name, first.mean.tolist(), first.spread.tolist()) == ("a", [[50, 7]], [[50, 0]])
    assert (third.name, third.mean.tolist(), third.spread.tolist()) == ("c", [[40, 9]], [[0, 0]])
    assert first.mean_spread == 25
    several = replace(third, images=2)
    assert dataset_facts.most_and_least_varied([several, first]) == (first, several)
    assert dataset_facts.most_and_least_varied([third, first]) is None


def test_the_fewest_the_median_and_the_most_images_of_a_writer():
    train = dataset_facts.authorship(written([1] * 8 + [2, 3, 3, 4, 4, 4], [1, 1])).train
    assert sorted(train.images.tolist()) == [1, 2, 3, 8]
    assert (train.people, train.fewest, train.median, train.most) == (4, 1, 2.5, 8)


@pytest.mark.parametrize("known", [(None, None), (LONG, None), (None, LONG)])
def test_nobody_is_named_where_the_writers_of_one_split_are_unknown(known):
    whole = split([0] * 6, LONG, [0] * 6)
    for train, test in ((split([0] * 6, *known), whole), (whole, split([0] * 6, *known))):
        assert dataset_facts.authorship(dataset(train, test)) is None


@pytest.mark.parametrize(
    ("test", "people", "shared"), [([2, 7], 4, 1), ([2, 9, 9], 3, 2), ([1, 7], 5, 0)]
)
def test_writers_of_both_splits_are_counted_once(test, people, shared):
    found = dataset_facts.authorship(written(LONG, test))
    assert (found.people, found.shared) == (people, shared)


def test_each_half_of_the_test_images_is_mostly_of_a_series():
    found = dataset_facts.authorship(written(LONG, [1] * 5, [4, 4, 0, 9, 0]))
    assert found.first_half == CommonestSeries("hsf_4", "high-school students", 2, 2)
    assert found.last_half == CommonestSeries("hsf_0", "Census Bureau employees", 2, 3)


def test_series_have_a_row_each():
    found = dataset_facts.authorship(written(LONG, [1] * 3, [7, 4, 7]))
    assert found.series.to_numpy().tolist() == [
        ["hsf_0", "Census Bureau employees", 6, 0],
        ["hsf_4", "high-school students", 0, 1],
        ["hsf_7", "others", 0, 2],
    ]


def test_several_writers_are_of_one_image_each_of_the_class():
    found = dataset_facts.by_several_writers(split([1, 0, 0, 0, 0, 1], LONG), 0)
    assert found.tolist() == [3, 1]  # the first that writers 2 and 5 wrote


def test_several_writers_are_spread_over_all():
    found = dataset_facts.by_several_writers(split([0] * 9, range(9)), 0, most=3)
    assert found.tolist() == [0, 4, 8]


@pytest.mark.parametrize(("label", "writers"), [(0, None), (2, LONG)])
def test_nothing_is_chosen_without_writers_or_images(label, writers):
    assert dataset_facts.by_several_writers(split([0] * 6, writers), label).size == 0


def test_disputes_are_counted_by_what_people_read():
    assert dataset_facts.dispute_counts(DISPUTES) == (10, 2, 3)
    assert dataset_facts.dispute_counts(()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("train", "test", "expected"),
    [
        ([1, 1, 1, 2], [2, 3, 3], Copies(train=2, test=1, across=1)),
        ([1], [1, 1], Copies(train=0, test=1, across=2)),
        ([1, 2], [3], Copies(train=0, test=0, across=0)),
    ],
)
def test_copies_are_counted_within_and_across(train, test, expected):
    assert dataset_facts.copies(*(pictures(each, [0] * len(each)) for each in (train, test))) == (
        expected
    )
