"""Whether the network is the best, held against a case worked by hand."""

from dataclasses import replace

import pytest

from handwriting.evaluation import claims


def without(found, *titles):
    left = tuple(each for each in found.standings if each.title not in titles)
    return replace(found, standings=left)


def on(found, measure, way=""):
    (claim,) = [c for c in claims.claims(found) if (c.measure, c.way) == (measure, way)]
    return claim


def titles(standings):
    return [each.title for each in standings]


def test_each_meaning_is_one_claim(found):
    assert [(each.measure, each.way) for each in claims.claims(found)] == [
        ("accuracy", ""),
        ("single", "slow call"),
        ("single", "quick call"),
        ("batch", "slow call"),
        ("batch", "quick call"),
        ("training", ""),
    ]


def test_a_claim_that_luck_may_refute_is_not_refuted(found):
    claim = on(found, "accuracy")
    assert (claim.verdict, claim.place, titles(claim.ahead)) == ("is not refuted", 2, ["accurate"])


def test_a_claim_that_a_rival_surely_refutes_does_not_hold(sure):
    assert on(sure("accurate"), "accuracy").verdict == "does not hold"


def test_a_claim_that_nobody_refutes_holds(found):
    assert on(without(found, "accurate"), "accuracy").verdict == "holds"


@pytest.mark.parametrize(
    ("way", "ahead"), [("slow call", ["quick", "accurate"]), ("quick call", ["quick"])]
)
def test_the_claim_on_time_does_not_count_the_dummy(found, way, ahead):
    claim = on(found, "single", way)
    assert (claim.verdict, titles(claim.ahead)) == ("does not hold", ahead)


def test_a_rival_that_is_surely_less_accurate_does_not_count_among_equals(sure):
    claim = on(sure("quick"), "single", "quick call")
    assert (claim.verdict, claim.among_equals) == ("does not hold", "holds")


def test_times_that_overlap_refute_nothing(found):
    (ours,) = [each for each in found.standings if each.way == "quick call"]
    close = replace(ours, single=replace(ours.single, low=0.0009))
    among = tuple(close if each is ours else each for each in found.standings)
    claim = on(replace(found, standings=among), "single", "quick call")
    assert claim.verdict == "is not refuted"


def test_whoever_trains_faster_is_ahead_but_the_dummy(found, sure):
    claim = on(found, "training")
    assert (claim.value, titles(claim.ahead)) == (4, ["quick"])
    assert (claim.verdict, claim.among_equals) == ("does not hold", "does not hold")
    assert on(sure("quick"), "training").among_equals == "holds"
