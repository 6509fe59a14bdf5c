"""Which digits are misread, and by whom: cases of 12 and of 10 images worked by hand."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from runs import TEST, TRUTHS, repeated
from sklearn.metrics import cohen_kappa_score

from handwriting.data.dataset import Split
from handwriting.evaluation import error_overlap
from handwriting.evaluation.intervals import RepeatedAccuracy
from handwriting.models import config
from handwriting.models.ensemble import Ensemble

NAMES = ("zero", "one", "two")


def test_shares_of_each_class_that_are_misread_are_means_over_trainings(results, truths):
    expected = [[1 / 4, 1 / 8, 0], [0, 1, 1], [1 / 4, 0, 0], [1 / 4, 3 / 4, 1 / 4]]
    np.testing.assert_allclose(error_overlap.error_shares(results, truths, NAMES), expected)


def test_kappas_are_scikit_learns(results, truths):
    wrong = [each.predictions[0] != truths for each in results]
    expected = [[cohen_kappa_score(one, other) for other in wrong] for one in wrong]
    np.testing.assert_allclose(error_overlap.kappas(results, truths), expected)


def test_two_that_misread_nothing_have_no_kappa(make_result, make_way, truths):
    perfect = make_result("perfect", truths, ways=[make_way("it", 1, 1)])
    assert error_overlap.kappas([perfect], truths).isna().all(axis=None)


def hardest(results, truths):
    shares = error_overlap.error_shares(results, truths, NAMES)
    return error_overlap.hardest_class(shares, results, truths)


def test_the_hardest_class_and_in_how_many_trainings_it_is_that(results, truths):
    assert hardest(results, truths) == error_overlap.HardestClass(
        "zero", 1 / 4, "one", 1 / 8, 2, 2, "zero", 1
    )
    other = results[0].predictions.copy()
    other[1] = results[3].predictions[0]  # whose hardest class is `one`
    measured = replace(results[0].measurement, predictions=other)
    found = hardest([replace(results[0], measurement=measured), *results[1:]], truths)
    assert (found.name, found.agreeing_trainings) == ("one", 1)


def test_a_rival_without_mistakes_has_no_hardest_class(results, truths, make_result, make_way):
    among = [*results[:3], make_result("perfect", truths, ways=[make_way("it", 1, 1)])]
    assert hardest(among, truths).rivals == 1


def test_without_rivals_nothing_is_the_hardest_for_them(results, truths):
    found = hardest(results[:2], truths)
    assert (found.rivals, found.common, found.agreeing) == (0, "", 0)


def test_how_far_the_networks_mistakes_are_those_of_others(results, truths):
    found = error_overlap.network_overlap(results, truths)
    ours, _, accurate, quick = (each.predictions[0] != truths for each in results)
    own = results[0].predictions != truths
    assert found.mistakes == tuple(own.sum(axis=1))
    assert found.alone == tuple((own & ~accurate & ~quick).sum(axis=1))
    assert (found.mistakes[0], found.alone[0], found.readers) == (2, 1, 3)
    assert (found.most_alike, found.helper, found.helped) == ("accurate", "accurate", 1 / 2)
    assert found.most_kappa == pytest.approx(cohen_kappa_score(ours, accurate))
    assert (found.unread.indices.tolist(), found.unread.unanimous) == ([3], 1)


def test_where_nobody_can_read_nobody_misreads(results, truths):
    found = error_overlap.network_overlap(results[1:2], truths)
    assert (found.readers, len(found.unread)) == (0, 0)


@pytest.mark.parametrize("among", [slice(0, 1), slice(0, 4)])
def test_a_network_without_mistakes_or_rivals_errs_like_nobody(results, truths, among):
    measured = replace(results[0].measurement, predictions=np.array([truths]))
    perfect = replace(results[0], measurement=measured)
    found = error_overlap.network_overlap([perfect, *results[1:]][among], truths)
    assert (found.mistakes, found.alone, found.helper) == ((0,), (0,), "")
    assert len(found.unread) == 0


# What networks read together

MEMBERS = repeated(config.WIDE, [1, 2], [1, 3], [1])


def together(*wrong, seeds=(0, 1, 2)):
    rows = np.stack([TRUTHS] * len(wrong))
    for row, each in zip(rows, wrong, strict=True):
        row[list(each)] = 3
    return Ensemble(seeds, rows)


@pytest.fixture
def ensemble():
    return error_overlap.evaluated(together([1, 2], [1, 2, 3], [1, 2]), MEMBERS, TEST)


def test_an_ensemble_is_evaluated_by_what_all_of_it_read(ensemble):
    assert ensemble.accuracies == pytest.approx((0.8, 0.7, 0.8))
    assert (ensemble.size, ensemble.misread) == (3, 2)
    assert ensemble.accuracy == pytest.approx(0.8)
    assert ensemble.seconds == pytest.approx(6)


def test_an_ensemble_stands_beside_its_members_in_a_row(ensemble):
    (row,) = error_overlap.ensemble_table([ensemble]).to_dict("records")
    assert row["Members"] == ensemble.size
    assert row["Lowest"] <= row["Alone"] <= row["Highest"]
    assert (row["Together"], row["Misread together"]) == (ensemble.accuracy, ensemble.misread)
    assert row["Misread alone"] == pytest.approx(10 * (1 - row["Alone"]))


def test_agreement_says_who_is_right_when_members_differ(ensemble):
    found = ensemble.agreement
    assert found.images.tolist() == [1, 0, 2, 7]
    assert found.together.tolist() == [0, 0, 1, 7]


def test_what_members_misread_is_shared_by_other_members(ensemble):
    wrong = MEMBERS.predictions != TRUTHS
    pairs = list(itertools.permutations(wrong, 2))
    shared = sum((one & other).sum() for one, other in pairs)
    assert ensemble.agreement.shared == shared / sum(one.sum() for one, _ in pairs)


def test_what_an_ensemble_gains_is_beside_its_members_on_average_by_writers():
    rng = np.random.default_rng(0)
    labels, writers = np.arange(4000) % 3, rng.integers(100, size=4000)
    hard = rng.random(100)[writers]
    answers = np.where(rng.random((3, 4000)) < 0.2 * hard, 3, labels)
    members = error_overlap.RepeatedRuns(
        config.WIDE,
        tuple(
            replace(each, outcome=replace(each.outcome, predictions=row))
            for each, row in zip(MEMBERS.runs, answers, strict=True)
        ),
        RepeatedAccuracy((answers == labels).mean(axis=1), 4000),
    )
    voted = np.where((answers == labels).sum(axis=0) > 1, labels, 3)
    test = Split(np.zeros((4000, 1, 1), np.uint8), labels.astype(np.uint8), writers)
    gain = error_overlap.evaluated(Ensemble((0, 1, 2), answers[:1] * 0 + voted), members, test).gain
    apart = (voted == labels) - (answers == labels).mean(axis=0)
    fit = sm.OLS(apart, np.ones(4000)).fit(cov_type="cluster", cov_kwds={"groups": writers})
    assert gain.difference == pytest.approx(apart.mean())
    ends = gain.interval.low, gain.interval.high
    assert ends == pytest.approx(fit.conf_int()[0], abs=0.1 * (ends[1] - ends[0]))
    assert gain.relation == "better"


def test_one_network_agrees_with_itself():
    alone = repeated(config.WIDE, [1, 2])
    found = error_overlap.evaluated(together([1, 2], seeds=(0,)), alone, TEST)
    agreement = found.agreement
    assert (agreement.images.tolist(), agreement.together.tolist()) == ([2, 8], [0, 8])
    assert np.isnan(agreement.shared)
    assert found.gain.difference == 0


@pytest.mark.parametrize(("other", "common", "unanimous"), [([1, 5], [1], 1), ([], [], 0)])
def test_what_everybody_misreads_is_what_the_ensemble_misreads_too(
    ensemble, other, common, unanimous
):
    groups = [MEMBERS, repeated(config.SMALL, other)]
    found = error_overlap.common_mistakes(groups, ensemble, TRUTHS)
    assert (found.indices.tolist(), found.unanimous) == (common, unanimous)
