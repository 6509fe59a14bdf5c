"""What networks read together, of ten test images, worked out by hand."""

import numpy as np
import pytest
from runs import TRUTHS, repeated

from handwriting.evaluation import error_overlap
from handwriting.models import config
from handwriting.models.ensemble import Ensemble

MEMBERS = repeated(config.WIDE, [1, 2], [1, 3], [1])


def together(*wrong, seeds=(0, 1, 2)):
    rows = np.stack([TRUTHS] * len(wrong))
    for row, each in zip(rows, wrong, strict=True):
        row[list(each)] = 3
    return Ensemble(seeds, rows)


@pytest.fixture
def ensemble():
    return error_overlap.evaluated(together([1, 2], [1, 2, 3], [1, 2]), MEMBERS, TRUTHS)


def test_an_ensemble_is_evaluated_by_what_all_of_it_read(ensemble):
    assert ensemble.accuracies == pytest.approx((0.8, 0.7, 0.8))
    assert (ensemble.size, ensemble.misread) == (3, 2)
    assert ensemble.accuracy == pytest.approx(0.8)
    assert ensemble.seconds == pytest.approx(6)


def test_agreement_says_who_is_right_when_members_differ(ensemble):
    found = ensemble.agreement
    assert found.images.tolist() == [1, 0, 2, 7]
    assert found.together.tolist() == [0, 0, 1, 7]
    assert (found.read_by_all, found.read_by_none) == (7, 1)
    assert (found.split, found.split_read_together) == (2, 1)


def test_one_network_agrees_with_itself():
    alone = repeated(config.WIDE, [1, 2])
    found = error_overlap.evaluated(together([1, 2], seeds=(0,)), alone, TRUTHS).agreement
    assert (found.read_by_all, found.split, found.read_by_none) == (8, 0, 2)


def test_what_everybody_misreads_is_counted_the_ensemble_included(ensemble):
    found = error_overlap.common_mistakes(
        [MEMBERS, repeated(config.SMALL, [1, 5])], ensemble, TRUTHS, 4
    )
    assert found.mistakes.indices.tolist() == [1]
    assert (found.networks, found.unanimous) == (4, 1)


def test_there_may_be_nothing_that_everybody_misreads(ensemble):
    found = error_overlap.common_mistakes(
        [MEMBERS, repeated(config.SMALL, [])], ensemble, TRUTHS, 4
    )
    assert (len(found.mistakes), found.networks, found.unanimous) == (0, 4, 0)
