"""The arithmetic of a comparison, held against a case of 3 classes and 12 images worked by hand."""

import math
from dataclasses import replace

import pytest

from handwriting import verdicts
from handwriting.errors import SettingError
from handwriting.evaluation import comparison
from handwriting.evaluation.intervals import RepeatedAccuracy


def by_title(found):
    return {each.title: each for each in found.standings}


def test_each_way_of_each_entrant_has_a_standing_the_fewest_errors_first(found):
    assert [(each.title, each.errors) for each in found.standings] == [
        ("accurate", 1),
        ("neural network, slow call", 2),
        ("neural network, quick call", 2),
        ("quick", 5),
        ("dummy", 8),
    ]


def test_accuracies_and_their_intervals(found):
    assert [each.accuracy for each in found.standings] == pytest.approx(
        [11 / 12, 10 / 12, 10 / 12, 7 / 12, 4 / 12]
    )
    z, share, n = 1.959963984540054, 11 / 12, 12
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert (found.standings[0].interval.low, found.standings[0].interval.high) == pytest.approx(
        (centre - half, centre + half)
    )


def test_p_values_are_corrected_for_the_number_of_rivals(found):
    """Of digits that one of the two reads alone, the rival misreads 0 of 1, 4 of 5 and 7 of 8.

    Twice the tail of a fair coin: 1; 2 (1 + 5) / 2^5; 2 (1 + 8) / 2^8.
    """
    corrected = {each.title: each.p_value for each in found.standings}
    assert corrected == pytest.approx(
        {
            "accurate": 1,
            "neural network, slow call": None,
            "neural network, quick call": None,
            "quick": 2 * 12 / 32,
            "dummy": 3 * 18 / 256,
        }
    )


def test_times_are_those_of_an_image_and_who_answers_all_alike_is_known(found):
    quick, dummy = by_title(found)["quick"], by_title(found)["dummy"]
    assert (quick.seconds("single"), quick.seconds("batch")) == pytest.approx((0.001, 0.0001))
    assert (quick.constant, dummy.constant) == (False, True)


def test_the_frontier_leads_from_the_fastest_to_the_most_accurate(found):
    titles = [each.title for each in found.frontier("single")]
    assert titles == ["quick", "neural network, quick call", "accurate"]


def test_of_two_that_read_alike_the_faster_is_on_the_frontier(found):
    alone = replace(found, standings=found.ways)
    assert [each.way for each in alone.frontier("batch")] == ["quick call"]


def test_the_place_of_the_network(found):
    assert (found.place, found.classifiers) == (2, 4)
    assert [each.title for each in found.ahead] == ["accurate"]
    assert found.perhaps_ahead == found.ahead
    assert [each.title for each in found.behind] == ["quick", "dummy"]
    assert (found.surely_ahead, found.surely_behind) == ((), ())


def test_who_is_told_apart_from_the_network(sure):
    found = sure("accurate", "quick")
    assert [each.title for each in found.surely_ahead] == ["accurate"]
    assert [each.title for each in found.surely_behind] == ["quick"]
    assert found.perhaps_ahead == ()


def test_what_the_seed_does(found):
    """The second training misreads one digit, as few as the rival that reads the most."""
    both = RepeatedAccuracy(pytest.approx((10 / 12, 11 / 12)), 12)
    assert found.seeds == comparison.Seeds(both, fewest_ahead=0, most_ahead=1)


def test_ways_of_calling_the_network_are_compared(found):
    assert [each.way for each in found.slowest_first] == ["slow call", "quick call"]
    assert found.calls_ratio == pytest.approx(0.1 / 0.002)
    assert replace(found, standings=found.ways[:1]).calls_ratio == 1


def test_what_becomes_of_numbers_in_another_classifier(found):
    change = found.change("quick", "accurate")
    assert (change.fewer, change.share, change.slower) == (4, 4 / 5, pytest.approx(500))
    assert found.change("accurate", "quick").fewer == -4
    assert found.change("quick", "nobody") is None


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
    assert verdicts.claims(alone)[0].verdict == "holds"


def test_an_entrant_that_failed_has_no_standing(results, truths):
    broken = replace(results[2], measurement=None, error="ValueError: no")
    found = comparison.compare([*results[:2], broken, results[3]], truths)
    assert "accurate" not in by_title(found)
    # Two rivals are left to correct for.
    assert by_title(found)["dummy"].p_value == pytest.approx(2 * 18 / 256)
