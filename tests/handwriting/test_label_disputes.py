from collections import Counter

import numpy as np

from handwriting.data import label_disputes
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.data.label_disputes import DISPUTES, Dispute
from handwriting.figures import preferences


def dataset(name):
    test = Split(np.zeros((10_000, 1, 1), np.uint8), np.zeros(10_000, np.uint8))
    return Dataset(name, "Tiny", test, test, tuple("0123456789"), Origin((), {}, "", ""))


def test_people_prefer_one_digit_two_or_none():
    assert Counter(len(each.preferred) for each in DISPUTES) == {1: 10, 2: 2, 0: 3}


def test_each_image_is_listed_once_and_in_order():
    indices = [each.index for each in DISPUTES]
    assert indices == sorted(set(indices))


def test_nobody_who_disputes_a_label_prefers_it_alone():
    assert not [each for each in DISPUTES if each.preferred == (each.given,)]


def test_the_mask_marks_the_disputed_images():
    found = label_disputes.mask(dataset("mnist"))
    assert np.flatnonzero(found).tolist() == [each.index for each in DISPUTES]


def test_of_other_data_no_dispute_is_known():
    for name in ("digits", "mnist/", "fashion_mnist"):
        assert label_disputes.of(dataset(name)) == ()
        assert not label_disputes.mask(dataset(name)).any()


def test_the_labels_given_are_mnists(mnist):
    found = label_disputes.of(mnist)
    assert [each.given for each in found] == [mnist.test.labels[each.index] for each in found]


def test_images_that_most_people_read_as_they_were_answered_are_found():
    data = dataset("mnist")
    tied, neither = 2130, 2654
    found = label_disputes.settled_as(data, [1901, tied, neither, 947, 1], [4, 9, 6, 8, 5])
    assert [(each.index, each.given, each.reading) for each in found] == [(1901, 9, 4)]


def test_digits_that_most_people_prefer_are_listed_with_how_often():
    known = [Dispute(1, 0, (1,)), Dispute(2, 0, (1,)), Dispute(3, 1, (0,)), Dispute(4, 1, (0, 1))]
    assert preferences([*known, Dispute(5, 0, ())], "01") == "0 as 1 twice and 1 as 0"
