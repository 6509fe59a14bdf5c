"""Verdicts, of numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from networks import DIGITS, data_set, reader

from handwriting import verdicts
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.robustness import CorruptionCurve, Robustness
from handwriting.models import config

ANY = Interval(0.1, 0.9)
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def card(data, *harmful):
    """The card of two networks, one of which loses much by some kinds of damage."""
    networks = [reader(data, recipe=each) for each in (config.DENSE, config.SMALL)]
    curves = tuple(
        CorruptionCurve(kind, (0.98, *[0.6 if kind.title in harmful else 0.9] * 5), ANY, ())
        for kind in KINDS
    )
    rows = verdicts.model_card(
        networks, [Robustness("dense", 9, curves[:1]), Robustness("a", 9, curves)]
    )
    return {row["Question"]: row["Answer"] for row in rows}


def test_the_card_says_what_goes_in_and_what_comes_out():
    found = card(data_set())
    assert found["What goes in?"].startswith("One digit in an image of 28 by 28 pixels, ink 255")
    assert found["How often are they right?"] == (
        "On test images: 100.00% (dense network) and 100.00% (small network)."
    )


def test_the_card_of_letters_speaks_of_no_digit():
    found = card(data_set(30, LETTERS))
    assert found["What goes in?"].startswith("One of 26 classes in an image of 28 by 28 pixels")
    assert "digit" not in " ".join(found.values())


def test_the_card_says_who_wrote_the_images_that_were_learned_from():
    writers = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], np.int32)
    said = card(data_set(10, DIGITS, writers))["What did they learn from?"]
    assert said.startswith(
        "6 images of Tiny *set*, and 4 more for validation; 3 people wrote what they learned from, "
        "5 others"
    )


def test_the_card_says_so_where_nobody_knows_who_wrote_them():
    assert "nobody knows who wrote them" in card(data_set())["What did they learn from?"]


@pytest.mark.parametrize(
    ("harmful", "said"),
    [
        ([], "no kind of damage costs at least one of them more than 10 percentage points."),
        (["blur"], "severities, blur costs at least one of them more"),
        (["blur", "shift"], "severities, shift and blur cost at least one of them more"),
    ],
    ids=["nothing", "one", "two"],
)
def test_the_card_names_the_damage_that_costs_much(harmful, said):
    assert said in card(data_set(), *harmful)["What breaks them?"]


def without(found, *titles):
    left = tuple(each for each in found.standings if each.title not in titles)
    return replace(found, standings=left)


def on(found, measure, way=""):
    (claim,) = [c for c in verdicts.claims(found) if (c.measure, c.way) == (measure, way)]
    return claim


def titles(standings):
    return [each.title for each in standings]


def test_each_meaning_is_one_claim(found):
    assert [(each.measure, each.way) for each in verdicts.claims(found)] == [
        ("accuracy", ""),
        ("single", "slow call"),
        ("single", "quick call"),
        ("batch", "slow call"),
        ("batch", "quick call"),
        ("training", ""),
    ]


def test_the_claim_on_accuracy_is_refuted_by_what_is_more_than_luck(found, sure):
    claim = on(found, "accuracy")
    assert (claim.verdict, titles(claim.ahead)) == ("is not refuted", ["accurate"])
    assert on(sure("accurate"), "accuracy").verdict == "does not hold"
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


def test_the_answer_where_luck_may_explain_who_is_ahead(found):
    assert verdicts.answer(found) == (
        "**The claim does not hold.** Of 12 test images, the neural network reads **83.33%** "
        "correctly and the accurate **91.67%**; with this one training they are not told apart "
        "(p = 1.0). Called in 2 ways, with images that come alone and in batches, it is the "
        "fastest in **0 of 4** cases; among classifiers that are not surely less accurate, in **0 "
        "of 4**."
    )


def test_the_answer_where_the_claim_holds(found):
    answer = verdicts.answer(without(found, "accurate", "quick"))
    assert answer.startswith("**The claim holds.**")
    assert "of the rivals measured (1), none reads more" in answer
    assert "**4 of 4** cases" in answer


def test_the_answer_where_it_holds_in_part_or_may(found):
    assert verdicts.answer(without(found, "quick")).startswith("**The claim holds in part.**")
    (accurate,) = [each for each in found.standings if each.title == "accurate"]
    times = replace(accurate.single, median=1e-6, low=1e-7, high=1, slow=1)
    beside = replace(accurate, single=times, batch=times)
    among = replace(found, standings=(beside, *found.ways))
    assert verdicts.answer(among).startswith("**The claim is not refuted.**")


def test_the_rival_that_surely_reads_the_most_is_named_and_others_are_counted(sure):
    found = sure("accurate")
    alone = "**91.67%**, a difference that is more than luck (p = 0.0020). Called"
    assert alone in verdicts.answer(found)
    another = replace(found.standings[0], name="better", title="better")
    among = replace(found, standings=(another, *found.standings))
    assert "Other rivals that surely read more: 1." in verdicts.answer(among)


def test_each_meaning_of_the_claim_has_its_row(sure):
    rows = verdicts.claim_table(sure("quick")).set_index("The network has the")
    assert len(rows) == 6
    assert rows.loc["highest accuracy"].tolist() == [
        *("83.33%", 2, "is not refuted", "\N{EN DASH}", "accurate")
    ]
    assert rows.loc["shortest time alone, quick call"].tolist() == [
        *("2.0 ms", 2, "does not hold", "holds", "quick")
    ]
    assert rows.loc["shortest training"].tolist()[:2] == ["4.0 s", 2]


def test_many_rivals_are_counted_rather_than_named(found):
    many = [replace(found.standings[0], title=f"r{number}", errors=0) for number in range(6)]
    among = replace(found, standings=(*many, *found.standings))
    assert verdicts.claim_table(among)["Ahead of it"][0] == "r0, r1, r2 and 4 others"
