"""The arithmetic of a comparison, held against a case of 3 classes and 12 images worked by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from handwriting import verdicts
from handwriting.baselines.timing import BARE, Durations
from handwriting.errors import SettingError
from handwriting.evaluation import comparison, method_comparison, standings
from handwriting.evaluation.trainings import Trainings


def labels(found):
    return [each.label for each in found]


def by_label(found, world="library"):
    return {each.label: each for each in found.standings if each.world == world}


def test_each_way_of_each_entrant_has_a_standing_the_most_accurate_first(found):
    assert [(each.title, each.way) for each in found.standings] == [
        ("accurate", "it"),
        ("neural network", "slow call"),
        ("neural network", "quick call"),
        ("neural network", BARE),
        ("quick", "it"),
        ("quick", BARE),
        ("dummy", "it"),
        ("dummy", BARE),
    ]


def test_accuracies_are_means_over_trainings(found):
    expected = [11 / 12, 10.5 / 12, 7 / 12, 4 / 12]
    assert [each.mean for each in found.ranked] == pytest.approx(expected)
    assert found.network.mean == pytest.approx(10.5 / 12)
    assert (found.network.trainings, found.network.lowest) == (2, pytest.approx(10 / 12))


def test_accuracies_are_compared_over_seeds_and_writers(results, truths):
    writers = np.arange(12) // 2
    found = comparison.compare(results, truths, writers)
    ours, *theirs = (
        Trainings(each.entrant.title, each.predictions == truths, each.entrant.random)
        for each in results
    )
    assert (
        found.accuracy.differences == method_comparison.compare(ours, theirs, writers).differences
    )
    assert (found.accuracy.unit, found.accuracy.groups) == ("writers", 6)


def test_the_place_of_the_network(found):
    assert found.place == 2
    assert [each.name for each in found.rivals] == ["accurate", "quick", "dummy"]


def test_who_was_trained_once_though_it_has_a_seed_is_known(found):
    assert [each.name for each in found.trained_once] == ["accurate"]


def test_times_are_those_of_an_image_and_who_answers_all_alike_is_known(found):
    quick, dummy = by_label(found)["quick"], by_label(found)["dummy"]
    assert (quick.seconds("single"), quick.seconds("batch")) == pytest.approx((0.001, 0.0001))
    assert (quick.constant, dummy.constant) == (False, True)


def test_a_way_is_named_where_its_world_has_several(found):
    network = ["neural network, slow call", "neural network, quick call"]
    assert labels(found.world("library")) == ["accurate", *network, "quick"]
    assert labels(found.world("bare")) == ["neural network", "quick"]


def test_the_floor_of_a_world_is_who_does_not_look(found):
    assert (found.floor("library").title, found.floor("bare").seconds("single")) == ("dummy", 1e-7)
    assert replace(found, standings=found.ways).floor("library") is None


def test_the_frontier_is_that_of_a_world_and_leaves_out_times_of_another_day(found):
    assert labels(found.frontier("library", "single")) == ["quick", "neural network, quick call"]
    assert labels(found.frontier("bare", "single")) == ["neural network"]
    assert labels(found.frontier("bare", "batch")) == ["quick", "neural network"]


def test_of_two_that_read_alike_the_faster_is_on_the_frontier(found):
    alone = replace(found, standings=found.ways)
    assert [each.way for each in alone.frontier("library", "batch")] == ["quick call"]


def rounds(*seconds, images=1):
    return Durations.of([[each] for each in seconds], images)


def test_times_are_compared_round_by_round_with_scipys_interval_of_a_median():
    rng = np.random.default_rng(0)
    pace = rng.uniform(1, 3, 11)  # of the machine, which both share
    own = rng.uniform(0.9, 1.1, 11)
    found = standings.time_ratio(rounds(*(2 * pace * own)), rounds(*pace))
    expected = stats.quantile_test(2 * own, p=0.5).confidence_interval(0.95)
    assert found.ratio == pytest.approx(np.median(2 * own))
    assert [found.interval.low, found.interval.high] == pytest.approx(list(expected))
    assert found.relation == "slower"


def test_the_interval_of_a_ratio_of_11_rounds_covers_it_in_988_of_1000_cases():
    drawn = np.sort(np.random.default_rng(0).lognormal(size=(20_000, 11)))
    covered = (drawn[:, 1] < 1) & (drawn[:, -2] > 1)
    assert covered.mean() == pytest.approx(0.988, abs=0.003)


@pytest.mark.parametrize(
    ("ratios", "relation"),
    [
        ([0.5] * 10 + [3], "faster"),
        ([0.5] * 9 + [3] * 2, "not told apart"),
        ([2] * 10 + [0.5], "slower"),
        ([1.04] * 11, "not told apart"),
        ([0.96] * 11, "not told apart"),
    ],
)
def test_one_odd_round_decides_nothing(ratios, relation):
    assert standings.time_ratio(rounds(*ratios), rounds(*[1.0] * 11)).relation == relation


def test_times_of_another_day_are_not_compared(found):
    assert found.ratio(by_label(found)["accurate"], "single") is None
    assert found.kept == ("accurate",)
    no_rounds = replace(by_label(found)["quick"].single, rounds=())
    assert standings.time_ratio(no_rounds, no_rounds) is None


def test_times_are_compared_with_the_networks_quickest_call_of_the_same_world(found):
    quick = by_label(found)["quick"], by_label(found, "bare")["quick"]
    assert [found.ratio(each, "single").ratio for each in quick] == pytest.approx([0.5, 2])
    library, bare = found.speeds("single")
    assert (library.network.way, bare.network.way) == ("quick call", BARE)
    assert (labels(library.faster), labels(bare.slower)) == (["quick"], ["quick"])
    assert (library.rivals, library.ahead, library.level) == (1, 1, 0)
    assert library.seconds == pytest.approx(0.002)


def test_a_world_without_the_network_has_no_speed(found):
    known = tuple(each for each in found.standings if each.world == "library")
    assert len(replace(found, standings=known).speeds("single")) == 1


def test_ways_of_calling_the_network_are_compared(found):
    assert [each.way for each in found.slowest_first] == ["slow call", "quick call", BARE]
    assert found.calls_ratio.ratio == pytest.approx(0.1 / 2e-5)
    assert replace(found, standings=found.ways[:1]).calls_ratio.ratio == 1


def test_what_becomes_of_numbers_in_another_classifier(found):
    change = found.change("quick", "accurate")
    assert (change.fewer, change.share) == (4, 4 / 5)
    assert found.change("accurate", "quick").fewer == -4
    assert found.change("quick", "nobody") is None


def test_the_numbers_for_machines(found):
    numbers = comparison.key_numbers(found)
    assert list(numbers)[:3] == [
        "network_test_accuracy",
        "best_rival_test_accuracy",
        "rivals_more_accurate",
    ]
    assert numbers["network_test_accuracy"] == pytest.approx(10.5 / 12)
    assert numbers["dummy_test_accuracy"] == pytest.approx(4 / 12)
    assert numbers["network_seconds_single_quick_call"] == pytest.approx(0.002)
    assert numbers["rivals"] == 3


@pytest.mark.parametrize(
    ("error", "said"), [("", r"found 0 \(no errors\)"), ("E: no", r"\(neural network: E: no\)")]
)
def test_there_has_to_be_a_network(results, truths, error, said):
    broken = [replace(results[0], measurement=None, error=error)] if error else []
    with pytest.raises(SettingError, match=f"expected one network .*{said}"):
        comparison.compare([*broken, *results[1:]], truths)


def test_the_network_may_be_alone(results, truths):
    alone = comparison.compare(results[:1], truths)
    assert comparison.key_numbers(alone)["rivals"] == 0
    assert {each.verdict for each in verdicts.claims(alone)} == {"is not decided"}


def test_an_entrant_that_failed_has_no_standing(results, truths):
    broken = replace(results[2], measurement=None, error="ValueError: no")
    found = comparison.compare([*results[:2], broken, results[3]], truths)
    assert "accurate" not in by_label(found)
    assert [each.name for each in found.accuracy.differences] == ["dummy", "quick"]
    assert found.failed == (broken,)
