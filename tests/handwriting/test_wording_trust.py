"""Trust in words, each number worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

import handwriting.wording.trust as words
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.evaluation.calibration import reliability
from handwriting.evaluation.conformal import PredictionSets
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.evaluated_network import EvaluatedNetwork
from handwriting.evaluation.intervals import Interval, Resampled
from handwriting.evaluation.label_errors import SuspectLabels
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.evaluation.selective import ForeignDetection, risk_coverage
from handwriting.experiments.trust import AccuracyEstimate
from handwriting.models import config
from handwriting.models.training_runs import Outcome, Run

DIGITS, LETTERS = tuple("0123456789"), tuple("abcdefghijklmnopqrstuvwxyz")
NAMES = "dense network", "small network"
INTERVAL = Interval(0.96, 0.99, 0.95)
ALONE = AccuracyEstimate("images are independent", 0.98, INTERVAL, "images", 10_000)
BY_WRITER = AccuracyEstimate(
    "writers are independent", 0.98, Interval(0.95, 0.995, 0.95), "writers", 10_000, 2.25
)
UNDISPUTED = AccuracyEstimate("without disputed labels", 0.985, INTERVAL, "images", 9_985)


def told(*ways):
    return dict.fromkeys(NAMES, ways)


def declines(**at_worst):
    """Declines of all kinds to 0.9, some of them to less in the end; 0.6 at the third severity."""
    return [
        CorruptionCurve(kind, (0.98, 0.97, 0.96, 0.6, 0.6, at_worst[kind.name]))
        if kind.name in at_worst
        else CorruptionCurve(kind, (0.98, 0.98, 0.97, 0.95, 0.94, 0.9))
        for kind in KINDS
    ]


def data_set(names=DIGITS, writers=None, title="Tiny *set*"):
    labels = (np.arange(10) % len(names)).astype(np.uint8)
    split = Split(np.zeros((10, 28, 28), np.uint8), labels, writers)
    return Dataset("t", title, split, split, names, Origin((), {}, "", ""))


def judged(recipe=config.SMALL, wrong=1, sure=0.8, temperature=0.5, classes=10):
    """A network that misreads the first so many of ten test images."""
    predictions = np.arange(10) % classes
    predictions[:wrong] = (predictions[:wrong] + 1) % classes
    scores = np.full((10, classes), (1 - sure) / (classes - 1), np.float32)
    scores[np.arange(10), predictions] = sure
    outcome = Outcome(predictions, {}, (1.0,), 12.0, 3)
    moment = "2026-11-25T04:05:06+00:00"
    trial = Run(recipe, 7, 10, "now", moment, {}, outcome)
    return EvaluatedNetwork(trial, np.zeros(1, np.uint8), scores[:1], scores, temperature)


# The answer


def test_the_answer_quotes_the_last_network_with_writers_resampled():
    said = words.answer(told(ALONE, BY_WRITER, UNDISPUTED), {"small": declines(blur=0.4)})
    assert "the small network reads **98.00%** correctly" in said
    assert "(95% interval 95.00% to 99.50%, writers resampled)" in said


def test_where_nobody_knows_the_writers_the_answer_leaves_no_image_out():
    said = words.answer(told(ALONE, UNDISPUTED), {"small": declines()})
    assert "**98.00%** correctly (95% interval 96.00% to 99.00%);" in said


def test_the_answer_names_the_damage_that_is_worst_in_the_end():
    said = words.answer(told(ALONE), {"small": declines(blur=0.4, contrast=0.1)})
    assert "of damaged ones as few as **10%** (low contrast)." in said


# Which networks, and how sure their accuracy is


def test_the_networks_are_named_with_their_seed_and_what_they_are_judged_by():
    said = words.judged([judged(config.DENSE), judged()], data_set())
    assert said.startswith("The dense network (seed 7, 12 s of training) and the small network (")
    assert r"are judged by **10 test images** of Tiny \*set\*." in said
    assert "are chosen on 1 validation image that neither learned from." in said


def test_headlines_say_how_much_wider_the_interval_is_with_writers():
    said = words.headlines(told(ALONE, BY_WRITER))
    assert "the dense network" in said
    assert "**2.25 times** that of as many independent digits" in said
    assert "and the interval 50% wider." in said  # 4.5 points instead of 3


def test_an_interval_may_be_narrower_with_writers():
    narrow = replace(BY_WRITER, interval=Interval(0.965, 0.98, 0.95), design_effect=0.25)
    assert "the interval 50% narrower." in words.headlines(told(ALONE, narrow))


def test_headlines_without_writers_say_that_they_are_too_narrow():
    said = words.headlines(told(ALONE, UNDISPUTED))
    assert "the dense network reads 98.00% and the small network reads 98.00% correctly" in said
    assert "probably too narrow" in said


def test_headlines_have_a_row_each_and_a_dash_for_no_effect():
    rows = words.headline_rows(told(ALONE, BY_WRITER))
    assert [row["Network"] for row in rows] == ["dense", "dense", "small", "small"]
    assert [row["Design effect"] for row in rows[:2]] == ["\N{EN DASH}", "2.25"]
    assert rows[0]["95% interval"] == "96.00% to 99.00%"


def test_the_alternative_of_headlines_has_each_with_its_interval():
    said = words.headlines_alt({"small network": (ALONE,)})
    assert "small network, images are independent: 98.00%, 96.00% to 99.00%." in said


# Writers and series


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([0, 0, 0], "The small network misreads nothing, whoever wrote it."),
        ([0, 1, 0], "small network's only mistake comes from **1 writer** of 3; 2 writers wrote"),
        ([1, 0, 1], "small network's 2 mistakes come from **1 writer** of 3; 1 writer wrote"),
        ([1, 2, 3], "small network's 6 mistakes come from **1 writer** of 3; each wrote something"),
        ([3, 2, 2], "small network's 7 mistakes come from **2 writers** of 3; each wrote"),
    ],
    ids=["none", "one", "two", "everybody", "seven"],
)
def test_mistakes_are_said_to_come_from_few_writers(wrong, said):
    found = words.concentrated({"small network": (np.array([9, 9, 9]), np.array(wrong))})
    assert said in found


def test_the_alternative_of_mistakes_by_writer_has_the_hardest_tenth():
    """The first of ten writers is misread in 3 of 3, the others in 6 of 90."""
    images, wrong = np.array([3] + [10] * 9), np.array([3] + [1] * 6 + [0] * 3)
    said = words.mistakes_by_writer_alt({"small network": (images, wrong)})
    assert "the hardest tenth of the writers makes 33% (small network)." in said


def test_the_alternative_of_no_mistakes_can_be_said():
    images = np.array([3, 3])
    assert "0% (small network)" in words.mistakes_by_writer_alt(
        {"small network": (images, 0 * images)}
    )


def resampled(share):
    return Resampled(share, INTERVAL, "writers", 3, 1.5)


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        (
            {0: 0.98, 1: 0.97, 4: 0.96},
            "**4.00%** of hsf_4 and 2.00% of hsf_0, 2.0 times as often. "
            "The first half, hsf_4, is not the easier one.",
        ),
        (
            {0: 1.0, 4: 0.96},
            "misreads **4.00%** of hsf_4 and 0.00% of hsf_0. The first half, hsf_4, is not the "
            "easier one.",
        ),
        ({0: 0.96, 4: 0.96}, "misreads 4.00% of each series."),
        ({4: 0.96}, ""),
        ({}, ""),
    ],
    ids=["three", "one without mistakes", "alike", "one", "none"],
)
def test_series_are_compared_where_there_are_two(shares, said):
    found = {"small network": {number: resampled(share) for number, share in shares.items()}}
    assert words.series(found).endswith(said)
    assert bool(words.series(found)) == bool(said)


def test_series_have_a_row_each():
    series = np.array([0, 0, 4, 4, 4, 4, 4, 4, 4, 4], np.int32)
    data = data_set()
    data = replace(data, test=replace(data.test, series=series))
    (row,) = words.series_rows({"small network": {4: resampled(0.75)}}, data)
    assert (row["Series"], row["Test images"], row["Misread"]) == ("hsf_4", "8", "2")


# Confidence


def test_a_network_is_not_sure_enough_where_more_is_right_than_it_thinks():
    said = words.calibrated([judged(wrong=1, sure=0.8)], data_set())
    assert "**not sure enough**: its mean confidence is 80.00% where 90.00% are right." in said
    assert "At the temperature 0.50 its expected calibration error goes from 10.00% to **" in said


def test_a_network_is_too_sure_where_less_is_right_than_it_thinks():
    assert "The small network is **too sure**" in words.calibrated([judged(wrong=3)], data_set())


def test_without_a_better_temperature_the_error_stays():
    said = words.calibrated([judged(wrong=0, temperature=1.0)], data_set())
    assert (
        "no better temperature than 1, so its expected calibration error stays **20.00%**" in said
    )


def test_scores_of_a_sigmoid_are_divided_by_their_sum():
    found = judged(wrong=1)
    found = replace(found, scores=np.where(found.scores > 0.5, 0.9, 0.1).astype(np.float32))
    said = words.calibrated([found], data_set())
    assert "its mean confidence is 50.00% where 90.00% are right" in said  # 0.9 of 0.9 + 9 x 0.1


def test_calibration_has_a_row_as_it_is_and_one_tempered():
    rows = words.calibration_rows([judged(wrong=1, sure=0.8)], data_set())
    assert [row["Probabilities"] for row in rows] == ["as they are", "tempered"]
    assert [row["Temperature"] for row in rows] == ["1.00", "0.50"]
    assert rows[0]["Error, equal width"] == "10.00%"


def test_the_alternative_of_reliability_has_both_errors():
    before = reliability([[0.8, 0.2]] * 10, [0] * 9 + [1])
    after = reliability([[0.9, 0.1]] * 10, [0] * 9 + [1])
    said = words.reliability_alt({"small network": (before, after)})
    assert "small network: 10.00% as it is, 0.00% tempered." in said


# Refusing, and answers of several classes


@pytest.fixture
def refusals():
    """Of 50 digits, the one that is least sure is the only one misread."""
    sure = np.linspace(0.6, 0.9, 50)
    return {"small network": risk_coverage(np.stack([sure, 1 - sure], 1), [1] + [0] * 49)}


def test_refusing_raises_the_accuracy_of_the_others(refusals):
    said = words.refused(refusals)
    assert "it reads **100.00%** of the others correctly, instead of 98.00% of all." in said


def test_a_perfect_network_gains_nothing_by_refusing():
    perfect = risk_coverage(np.eye(2), [0, 1])
    assert "nothing to gain" in words.refused({"small network": perfect})


def test_refusals_have_a_column_for_each_share(refusals):
    (row,) = words.refusal_rows(refusals)
    assert (row["None refused"], row["2% refused"]) == ("98.00%", "100.00%")


def test_the_alternative_of_refusals_has_three_shares(refusals):
    said = words.refusals_alt(refusals)
    assert "small network: 98.00% at 0%, 100.00% at 2% and 100.00% at 5%." in said


def sets(*members):
    return PredictionSets(np.array(members, bool))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (sets([1, 0], [0, 1]), "**100.00%** of the test images; none holds several digits."),
        (sets([1, 1], [0, 1]), "1 set (50.0%) holds several digits."),
        (sets([1, 1, 0], [1, 0, 1]), "in **50.00%** of the test images; 2 sets (100.0%) hold sev"),
        (sets([1, 1], [1, 1]), "too few validation images for any such promise"),
    ],
    ids=["none", "one", "two", "every class"],
)
def test_sets_of_several_digits_are_counted(found, said):
    assert said in words.sets("small network", 0.99, found, np.array([0, 1]))


def test_sets_have_a_row_with_how_many_are_empty_single_and_several():
    found = sets([0, 0], [1, 0], [1, 1], [1, 1])
    (row,) = words.set_rows({"small network": {0.999: found}}, np.zeros(4, int))
    assert [row[name] for name in ("No class", "One class", "Several")] == ["1", "1", "2"]
    assert (row["Promised"], row["Held"], row["Mean size"]) == ("99.9%", "75.00%", "1.250")


def test_ambiguous_images_have_their_label_above_and_the_answers_below():
    members = np.zeros((10, 10), bool)
    members[3, [2, 3]] = True
    titles, notes = words.ambiguous(np.array([3]), PredictionSets(members), data_set())
    assert (titles, notes) == (["label 3"], ["2, 3"])


def test_of_many_answers_the_first_are_shown():
    found = PredictionSets(np.ones((10, 26), bool))
    _, notes = words.ambiguous(np.array([0]), found, data_set(LETTERS))
    assert notes == ["a, b, c, d, \N{HORIZONTAL ELLIPSIS}"]


def test_the_alternative_of_captioned_images_has_both_lines_of_each():
    said = words.captioned_alt("Ambiguous", ["label 3", "label 4"], ["2, 3", "4, 9"])
    assert said == "Ambiguous: label 3 (2, 3); label 4 (4, 9)."


# Damage, and images from elsewhere


def test_damage_is_named_that_hurts_most_and_least():
    said = words.damaged({"small network": declines(blur=0.4, noise=0.95)})
    assert "suffers most from blur (**40.0%** at severity 5)" in said
    assert "and least from noise (95.0%)." in said


def test_declines_have_a_row_for_each_damage():
    rows = words.decline_rows({name: declines(blur=0.4) for name in NAMES})
    assert [row["Damage"] for row in rows] == [kind.title for kind in KINDS]
    (blur,) = [row for row in rows if row["Damage"] == "blur"]
    assert (blur["Dense, at 3"], blur["Small, at 5"]) == ("60.0%", "40.0%")


def test_the_alternative_of_declines_has_the_worst_of_each_kind():
    said = words.declines_alt({"small network": declines(blur=0.4)})
    assert "small network, 98.0% on digits as written: shift 90.0%" in said
    assert "blur 40.0%" in said


def test_the_alternative_of_damage_says_what_each_kind_does():
    said = words.damage_alt(KINDS)
    assert all(f"{kind.title}: {kind.meaning}" in said for kind in KINDS)


def test_digits_from_elsewhere_are_compared_with_a_networks_own():
    said = words.elsewhere({"dense network": (0.95, 0.6), "small network": (0.98, 0.8)})
    assert "the dense network reads **60.0%** (of its own test images 95.0%) and the small" in said


def detected(*let_through):
    return {
        name: {
            what: ForeignDetection(0.99, 0.95, share, 0.5)
            for what, share in zip(("scrambled digits", "clothes"), let_through, strict=False)
        }
        for name in NAMES
    }


def test_foreign_images_that_pass_for_digits_are_counted():
    said = words.foreign(detected(0.03, 0.5))
    assert "that keep 95% of these test digits" in said
    assert "with the dense network **3.0%** (scrambled digits) and **50.0%** (clothes); " in said
    assert said.endswith(
        "with the small network **3.0%** (scrambled digits) and **50.0%** (clothes)."
    )


def test_foreign_images_have_a_row_for_each_kind_and_network():
    rows = words.foreign_rows(detected(0.03))
    assert [row["Network"] for row in rows] == ["dense", "small"]
    assert rows[0]["Foreign let through"] == "3.0%"


def test_the_alternative_of_certainty_has_medians():
    said = words.certainty_alt(np.array([0.8, 0.9, 1.0]), {"clothes": np.array([0.2, 0.4])})
    assert "test digits: median 0.900, 67% of at least 0.9" in said
    assert "clothes: median 0.300, 0% of at least 0.9." in said


# Labels that look wrong


def suspects(*pairs):
    labels, proposed = (np.array([pair[k] for pair in pairs], int) for k in (0, 1))
    return SuspectLabels(np.arange(len(pairs)), labels, proposed, np.ones(len(pairs)))


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([], "None of 200 training labels looks wrong."),
        ([(8, 3)], "**1** of 200 training labels (0.50%) looks wrong: 8 on an image that looks li"),
        ([(8, 3), (4, 9)], "**2** of 200 training labels (1.00%) look wrong, such as 4 on an imag"),
        ([(8, 3), (8, 3)], "look wrong, most often (twice) 8 on an image that looks like 3."),
        ([(4, 9), (9, 4), (9, 4), (9, 4)], "(3 times) 9 on an image that looks like 4."),
    ],
    ids=["none", "one", "two", "twice", "thrice"],
)
def test_labels_that_look_wrong_are_counted(pairs, said):
    assert said in words.suspected(suspects(*pairs), 200, DIGITS)


def test_doubts_say_the_label_and_what_it_looks_like_of_the_worst_alone():
    titles, notes = words.doubts(suspects(*[(0, 25)] * 20), LETTERS)
    assert titles == ["label a"] * 15
    assert notes == ["looks like z"] * 15


def test_no_doubts_are_no_lines():
    assert words.doubts(suspects(), DIGITS) == ([], [])


# The model card


def card(data, at_worst=None):
    found = {name: declines(**(at_worst or {})) for name in NAMES}
    rows = words.model_card(data, told(ALONE), found, judged())
    return {row["Question"]: row["Answer"] for row in rows}


def test_the_card_says_what_goes_in_and_what_comes_out():
    found = card(data_set())
    assert found["What goes in?"].startswith("One digit in an image of 28 by 28 pixels, ink 255")
    assert found["How often are they right?"] == (
        "On test images: 98.00% (dense network) and 98.00% (small network)."
    )


def test_the_card_of_letters_speaks_of_no_digit():
    found = card(data_set(LETTERS, title="letters"))
    assert found["What goes in?"].startswith("One of 26 classes in an image of 28 by 28 pixels")
    assert "digit" not in " ".join(found.values())


def test_the_card_says_who_wrote_the_images_that_were_learned_from():
    writers = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], np.int32)
    said = card(data_set(writers=writers))["What did they learn from?"]
    assert said.startswith("8 images of Tiny *set*, and 2 more for validation; 4 people wrote")


def test_the_card_says_so_where_nobody_knows_who_wrote_them():
    assert "nobody knows who wrote them" in card(data_set())["What did they learn from?"]


@pytest.mark.parametrize(
    ("at_worst", "said"),
    [
        ({}, "no kind of damage costs at least one of them more than 10 percentage points."),
        ({"blur": 0.4}, "severities, blur costs at least one of them more"),
        ({"blur": 0.4, "shift": 0.1}, "severities, shift and blur cost at least one of them more"),
    ],
    ids=["nothing", "one", "two"],
)
def test_the_card_names_the_damage_that_costs_much(at_worst, said):
    assert said in card(data_set(), at_worst)["What breaks them?"]
