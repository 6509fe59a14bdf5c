"""Verdicts, of numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from networks import DIGITS, data_set, reader

from handwriting import verdicts
from handwriting.evaluation.adversarial import RADII, AdversarialAccuracy
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.robustness import CorruptionCurve, Robustness
from handwriting.models import config

ANY = Interval(0.1, 0.9)
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def card(data, *harmful, attacks=()):
    """The card of two networks, one of which loses much by some kinds of damage."""
    networks = [reader(data, recipe=each) for each in (config.DENSE, config.SMALL)]
    curves = tuple(
        CorruptionCurve(kind, (0.98, *[0.6 if kind.title in harmful else 0.9] * 5), ANY, {})
        for kind in KINDS
    )
    rows = verdicts.model_card(
        networks, [Robustness("dense", 9, curves[:1]), Robustness("a", 9, curves)], attacks
    )
    return {row["Question"]: row["Answer"] for row in rows}


def test_the_card_says_what_goes_in_and_what_comes_out():
    found = card(data_set())
    assert found["What goes in?"].startswith("One digit in an image of 28 by 28 pixels, ink 255")
    assert found["How often are they right?"].endswith(
        ": 100.00% (dense network) and 100.00% (small network)."
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
        "5 what"
    )


def test_the_card_says_so_where_nobody_knows_who_wrote_them():
    assert "nobody knows who wrote them" in card(data_set())["What did they learn from?"]


def test_the_card_names_the_damage_that_leaves_least():
    found = card(data_set(), "blur", "noise")["What breaks them?"]
    assert found.endswith("shift 90% (dense); noise 60%, blur 60% and shift 90% (a).")


@pytest.mark.parametrize(
    ("worst", "said"),
    [(0.6, "none that was tried"), (0.3, "2% (dense: 70% misread)")],
    ids=["not fooled", "fooled"],
)
def test_the_card_says_how_little_fools_them(worst, said):
    found = AdversarialAccuracy("dense", 9, 1.0, (worst,) * len(RADII), (1.0,) * len(RADII))
    assert card(data_set(), attacks=[found])["How little fools them?"].endswith(f"misread: {said}.")


def without(found, *titles):
    left = tuple(each for each in found.standings if each.title not in titles)
    kept = tuple(each for each in found.accuracy.differences if each.name not in titles)
    return replace(found, standings=left, accuracy=replace(found.accuracy, differences=kept))


def on(found, meaning):
    (claim,) = [each for each in verdicts.claims(found) if each.meaning == meaning]
    return claim


ALONE, BARE = "shortest time alone, through its library", "shortest time alone, by NumPy alone"
BATCH = "shortest time in a batch, by NumPy alone"


def test_each_meaning_is_one_claim(found):
    assert [each.meaning for each in verdicts.claims(found)] == [
        "highest accuracy",
        ALONE,
        "shortest time in a batch, through its library",
        BARE,
        BATCH,
        "shortest training",
    ]


@pytest.mark.parametrize(
    ("relations", "verdict"),
    [
        ({"accurate": "better"}, "does not hold"),
        ({"accurate": "not told apart", "quick": "worse", "dummy": "worse"}, "is not decided"),
        ({"accurate": "equivalent", "quick": "worse", "dummy": "worse"}, "is not decided"),
        ({"accurate": "worse", "quick": "worse", "dummy": "worse"}, "holds"),
    ],
)
def test_the_claim_on_accuracy_asks_for_more_than_luck(related, relations, verdict):
    assert on(related(**relations), "highest accuracy").verdict == verdict


def test_times_are_judged_in_each_world_without_those_of_another_day_and_the_dummy(found):
    claim = on(found, ALONE)
    assert (claim.verdict, claim.ahead, claim.alike) == ("does not hold", ["quick"], [])
    assert (on(found, BARE).verdict, on(found, BATCH).verdict) == ("holds", "does not hold")
    assert on(without(found, "quick"), ALONE).verdict == "is not decided"


def test_a_rival_that_is_less_accurate_does_not_count_among_equals(related):
    beside = on(related(quick="equivalent"), ALONE)
    assert (beside.verdict, beside.among_equals) == ("does not hold", "does not hold")
    assert on(related(quick="worse"), ALONE).among_equals is None


def test_times_that_are_not_told_apart_decide_nothing(found):
    (quick,) = [each for each in found.standings if (each.title, each.way) == ("quick", "it")]
    close = replace(quick, single=replace(quick.single, rounds=(0.001, 0.003) * 5 + (0.002,)))
    among = tuple(close if each is quick else each for each in found.standings)
    claim = on(replace(found, standings=among), ALONE)
    assert (claim.verdict, claim.alike) == ("is not decided", ["quick"])


def test_a_training_counts_as_faster_that_took_less_than_half_as_long(found):
    def beside(seconds):
        shown = [
            replace(each, fit_seconds=seconds) if each.title == "quick" else each
            for each in found.standings
        ]
        return on(replace(found, standings=tuple(shown)), "shortest training")

    expected = {1.9: "does not hold", 2.1: "is not decided", 7.9: "is not decided", 8.1: "holds"}
    assert {seconds: beside(seconds).verdict for seconds in expected} == expected
    assert beside(1.9).ahead == ["quick"]  # and not the dummy, nor what was kept


def test_the_answer_where_a_rival_is_better(related):
    found = related(accurate="better", quick="worse", dummy="worse")
    apart = found.accuracy.difference("accurate").interval
    assert verdicts.answer(found) == (
        "**The claim holds in part.** Of 12 test images, the neural network reads **87.50%** "
        "correctly on average over 2 trainings; the accurate is better by **4.17 points** (95% "
        f"interval {100 * apart.low:.2f} to {100 * apart.high:.2f}), more than luck explains. "
        "Called through its library and by NumPy alone, for images that come alone and in a "
        "batch, it is the fastest in **1 of 4** cases (shortest time alone, by NumPy alone); all "
        "rivals that were timed with it are less accurate. Not less accurate, but timed in another "
        "run and so not compared: accurate."
    )


def test_the_answer_says_what_other_trainings_may_leave_undecided(related):
    found = related(accurate="better", quick="worse", dummy="worse")
    close = [
        replace(each, p_value=0.041, least_detectable=2 * abs(each.difference))
        if each.name != "dummy"
        else each
        for each in found.accuracy.differences
    ]
    answer = verdicts.answer(
        replace(found, accuracy=replace(found.accuracy, differences=tuple(close)))
    )
    assert "; p = 0.041). So small a difference is not always found: other trainings" in answer
    assert "less accurate (other trainings may leave that undecided for: quick)." in answer


def test_the_answer_counts_who_else_is_better(related):
    found = verdicts.answer(related(accurate="better", quick="better"))
    assert "Other rivals that are better: 1." in found


def test_the_answer_where_nobody_is_told_apart(related):
    found = related(accurate="not told apart", quick="equivalent", dummy="worse")
    answer = verdicts.answer(found)
    assert "none is better by more than luck explains, and not told apart: accurate and quick." in (
        answer
    )
    assert "among rivals that are not less accurate, in **1 of 4**." in answer


def test_the_answer_where_all_are_worse(related):
    found = related(accurate="worse", quick="worse", dummy="worse")
    said = "all rivals measured (3) are worse by more than luck explains."
    assert said in verdicts.answer(found)


@pytest.mark.parametrize(
    ("accuracy", "times", "verdict"),
    [
        ("worse", "holds", "holds"),
        ("worse", "does not hold", "holds in part"),
        ("better", "does not hold", "does not hold"),
        ("not told apart", "is not decided", "is not decided"),
    ],
)
def test_the_answer_sums_up_what_holds(related, monkeypatch, accuracy, times, verdict):
    found = related(accurate=accuracy, quick="worse", dummy="worse")
    speeds = (verdicts.Claim("shortest time alone", "1 s", [], [], times),) * 4
    monkeypatch.setattr(verdicts, "speed_claims", lambda _: speeds)
    assert verdicts.answer(found).startswith(f"**The claim {verdict}.**")


def test_each_meaning_of_the_claim_has_its_row(related):
    found = related(accurate="better", quick="worse", dummy="worse")
    rows = verdicts.claim_table(found).set_index("The network has the")
    assert len(rows) == 6
    assert rows.loc["highest accuracy"].tolist() == [
        *("87.50%", "does not hold", "\N{EN DASH}", "accurate", "none")
    ]
    assert rows.loc[ALONE].tolist() == ["2.0 ms", "does not hold", "\N{EN DASH}", "quick", "none"]
    assert rows.loc["shortest training"].tolist()[:2] == ["4.0 s", "does not hold"]


def test_the_answer_names_no_times_where_no_rival_reads(found):
    alike = [replace(each, constant=not each.network) for each in found.standings]
    said = verdicts.answer(replace(found, standings=tuple(alike)))
    assert said.endswith(
        "No rival gives different images different answers, so their times say nothing."
    )


def test_many_rivals_are_counted_rather_than_named():
    assert verdicts._named([f"r{number}" for number in range(7)]) == "r0, r1, r2 and 4 others"
