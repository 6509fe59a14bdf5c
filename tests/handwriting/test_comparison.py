"""The arithmetic of a contest, held against a case of 3 classes and 12 images worked by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from handwriting.errors import SettingError
from handwriting.evaluation import comparison, error_overlap


@pytest.fixture
def found(results, truths):
    return comparison.standings(results, truths)


def by_title(found):
    return {each.title: each for each in found}


def test_each_way_of_each_entrant_has_a_standing_the_fewest_errors_first(found):
    assert [(each.title, each.errors) for each in found] == [
        ("accurate", 1),
        ("neural network, slow call", 2),
        ("neural network, quick call", 2),
        ("quick", 5),
        ("dummy", 8),
    ]


def test_accuracies_and_their_intervals(found):
    assert [each.accuracy for each in found] == pytest.approx(
        [11 / 12, 10 / 12, 10 / 12, 7 / 12, 4 / 12]
    )
    z, share, n = 1.959963984540054, 11 / 12, 12
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert (found[0].interval.low, found[0].interval.high) == pytest.approx(
        (centre - half, centre + half)
    )


def test_differences_from_the_network(found):
    paired = {each.title: each.paired for each in found if not each.network}
    counts = {
        title: (pair.first_only, pair.second_only, pair.both) for title, pair in paired.items()
    }
    assert counts == {"accurate": (0, 1, 1), "quick": (4, 1, 1), "dummy": (7, 1, 1)}
    # 1 of 1; 1 or fewer of 5, twice: 2 (1 + 5) / 2^5; 1 or fewer of 8, twice: 2 (1 + 8) / 2^8.
    assert {title: pair.p_value for title, pair in paired.items()} == pytest.approx(
        {"accurate": 1, "quick": 12 / 32, "dummy": 18 / 256}
    )


def test_p_values_are_corrected_for_the_number_of_rivals(found):
    corrected = {each.title: each.p_value for each in found}
    assert corrected == pytest.approx(
        {
            "accurate": 1,
            "neural network, slow call": None,
            "neural network, quick call": None,
            "quick": 2 * 12 / 32,
            "dummy": 3 * 18 / 256,
        }
    )


def test_times_are_those_of_an_image(found):
    quick = by_title(found)["quick"]
    assert (quick.seconds("single"), quick.seconds("batch")) == pytest.approx((0.001, 0.0001))


def test_who_answers_every_digit_alike_is_known(found):
    assert [each.title for each in found if each.constant] == ["dummy"]


def test_the_frontier_leads_from_the_fastest_to_the_most_accurate(found):
    titles = [each.title for each in comparison.frontier(found, "single")]
    assert titles == ["quick", "neural network, quick call", "accurate"]


def test_of_two_that_read_alike_the_faster_is_on_the_frontier(found):
    network = [each for each in found if each.network]
    assert [each.way for each in comparison.frontier(network, "batch")] == ["quick call"]


def test_the_rivals_that_are_more_accurate(found):
    assert [each.title for each in comparison.more_accurate(found)] == ["accurate"]


def test_a_claim_that_luck_may_refute_is_not_refuted(found):
    assert comparison.verdict_on_accuracy(found) == "is not refuted"


def test_a_claim_that_a_rival_surely_refutes_does_not_hold(found):
    surely = [replace(each, p_value=0.01) if each.title == "accurate" else each for each in found]
    assert comparison.verdict_on_accuracy(surely) == "does not hold"


def test_a_claim_that_nobody_refutes_holds(found):
    others = [each for each in found if each.title != "accurate"]
    assert comparison.verdict_on_accuracy(others) == "holds"


@pytest.mark.parametrize(
    ("way", "expected", "ahead"),
    [
        ("slow call", "does not hold", ["quick", "accurate"]),
        ("quick call", "does not hold", ["quick"]),
    ],
)
def test_the_verdict_on_time_does_not_count_the_dummy(found, way, expected, ahead):
    (ours,) = [each for each in found if each.way == way]
    assert comparison.verdict_on_time(found, ours, "single") == expected
    assert [each.title for each in comparison.quicker(found, ours, "single")] == ahead


def test_a_rival_that_is_surely_less_accurate_does_not_count_among_equals(found):
    surely = [replace(each, p_value=0.01) if each.title == "quick" else each for each in found]
    (ours,) = [each for each in surely if each.way == "quick call"]
    assert comparison.verdict_on_time(surely, ours, "single", as_accurate=True) == "holds"
    assert comparison.verdict_on_time(surely, ours, "single") == "does not hold"


def test_times_that_overlap_refute_nothing(found):
    (ours,) = [each for each in found if each.way == "quick call"]
    close = replace(ours, single=replace(ours.single, low=0.0009))
    among = [close if each is ours else each for each in found]
    assert comparison.verdict_on_time(among, close, "single") == "is not refuted"


def test_shares_of_each_class_that_are_misread(results, truths):
    expected = [[1 / 4, 1 / 4, 0], [0, 1, 1], [1 / 4, 0, 0], [1 / 4, 3 / 4, 1 / 4]]
    np.testing.assert_allclose(error_overlap.error_shares(results, truths, 3), expected)


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
    assert np.isnan(error_overlap.overlaps([perfect], truths)).all()


def test_the_digits_that_nobody_reads(results, truths):
    nobodys = error_overlap.unread(results, truths, 3)
    assert (nobodys.indices.tolist(), nobodys.truths.tolist()) == ([3], [0])
    assert (nobodys.predictions.tolist(), nobodys.confidences.tolist()) == ([1], [pytest.approx(1)])


def test_every_digit_may_be_read_by_somebody(make_result, make_way, truths):
    perfect = make_result("perfect", truths, ways=[make_way("it", 1, 1)])
    assert len(error_overlap.unread([perfect], truths, 3)) == 0


def test_the_numbers_for_machines(found):
    numbers = comparison.key_numbers(found)
    assert list(numbers)[:3] == [
        "network_test_accuracy",
        "best_rival_test_accuracy",
        "rivals_surely_more_accurate",
    ]
    assert numbers["network_test_accuracy"] == pytest.approx(10 / 12)
    assert numbers["dummy_test_accuracy"] == pytest.approx(4 / 12)
    assert numbers["network_seconds_single_quick_call"] == pytest.approx(0.002)
    assert numbers["rivals"] == 3


def test_there_has_to_be_a_network(results, truths):
    with pytest.raises(SettingError, match=r"expected one network .*, found 0 \(no errors\)"):
        comparison.standings(results[1:], truths)


def test_why_the_network_is_missing_is_said(results, truths):
    broken = replace(results[0], measurement=None, error="TrainingError: no")
    with pytest.raises(SettingError, match="neural network: TrainingError: no"):
        comparison.standings([broken, *results[1:]], truths)


def test_the_network_may_be_alone(results, truths):
    alone = comparison.standings(results[:1], truths)
    assert comparison.key_numbers(alone)["rivals"] == 0
    assert comparison.verdict_on_accuracy(alone) == "holds"


def test_an_entrant_that_failed_has_no_standing(results, truths):
    broken = replace(results[2], measurement=None, error="ValueError: no")
    found = comparison.standings([*results[:2], broken, results[3]], truths)
    assert "accurate" not in by_title(found)
    # Two rivals are left to correct for.
    assert by_title(found)["dummy"].p_value == pytest.approx(2 * 18 / 256)
