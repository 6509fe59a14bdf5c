"""Which digits are misread, and by whom: a case of 3 classes and 12 images worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from handwriting.evaluation import error_overlap

NAMES = ("zero", "one", "two")


def test_shares_of_each_class_that_are_misread(results, truths):
    expected = [[1 / 4, 1 / 4, 0], [0, 1, 1], [1 / 4, 0, 0], [1 / 4, 3 / 4, 1 / 4]]
    np.testing.assert_allclose(error_overlap.error_shares(results, truths, NAMES), expected)


def test_shares_of_one_entrants_mistakes_that_another_makes(results, truths):
    expected = [
        [1, 1 / 2, 1 / 2, 1 / 2],
        [1 / 8, 1, 0, 4 / 8],
        [1, 0, 1, 1],
        [1 / 5, 4 / 5, 1 / 5, 1],
    ]
    np.testing.assert_allclose(error_overlap.overlaps(results, truths), expected)


def test_who_makes_no_mistake_shares_none(make_result, make_way, truths):
    perfect = make_result("perfect", truths, ways=[make_way("it", 1, 1)])
    assert error_overlap.overlaps([perfect], truths).isna().all(axis=None)


def test_the_digits_that_nobody_reads(results, truths):
    nobodys = error_overlap.unread(results, truths, 3)
    assert (nobodys.indices.tolist(), nobodys.truths.tolist()) == ([3], [0])
    assert (nobodys.predictions.tolist(), nobodys.confidences.tolist()) == ([1], [pytest.approx(1)])


def test_every_digit_may_be_read_by_somebody(make_result, make_way, truths):
    perfect = make_result("perfect", truths, ways=[make_way("it", 1, 1)])
    assert len(error_overlap.unread([perfect], truths, 3)) == 0


def test_the_hardest_class(results, truths):
    shares = error_overlap.error_shares(results, truths, NAMES)
    found = error_overlap.hardest_class(shares, results)
    assert found == error_overlap.HardestClass("zero", 1 / 4, 2, "zero", 1)


def test_a_rival_without_mistakes_has_no_hardest_class(results, truths, make_result, make_way):
    among = [*results[:3], make_result("perfect", truths, ways=[make_way("it", 1, 1)])]
    shares = error_overlap.error_shares(among, truths, NAMES)
    assert error_overlap.hardest_class(shares, among).rivals == 1


def test_without_rivals_nothing_is_the_hardest_for_them(results, truths):
    shares = error_overlap.error_shares(results[:2], truths, NAMES)
    found = error_overlap.hardest_class(shares, results[:2])
    assert (found.rivals, found.common, found.agreeing) == (0, "", 0)


def test_how_far_the_networks_mistakes_are_those_of_others(results, truths):
    found = error_overlap.network_overlap(results, truths, 3)
    assert (found.mistakes, found.alone, found.readers, found.agreed) == (2, 1, 3, 1)
    assert (found.least_alike, found.least_share) == ("accurate", 1 / 2)
    assert found.unread.indices.tolist() == [3]


@pytest.mark.parametrize("among", [slice(0, 1), slice(0, 4)])
def test_a_network_without_mistakes_or_rivals_errs_like_nobody(results, truths, among):
    measured = replace(results[0].measurement, predictions=np.array([truths]))
    perfect = replace(results[0], measurement=measured)
    found = error_overlap.network_overlap([perfect, *results[1:]][among], truths, 3)
    assert (found.mistakes, found.alone, found.least_alike) == (0, 0, "")
