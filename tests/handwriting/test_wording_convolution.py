"""The study of convolutional networks in words, each number worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

import handwriting.wording.convolution as words
from handwriting.data.dataset import Dataset, Origin, Split
from handwriting.evaluation import ablation
from handwriting.evaluation.ablation import Agreement, Curve, Effect
from handwriting.evaluation.interpretability import FeatureMaps, Saliency
from handwriting.evaluation.intervals import Interval
from handwriting.experiments.convolution import Study
from handwriting.models import config
from handwriting.models.ensemble import Ensemble
from handwriting.models.training_runs import Outcome, Run

TRUTHS = np.resize(np.arange(3), 100)
MOMENT = "2026-11-25T04:05:06+00:00"
CIRCUMSTANCES = {"machine: processor": "abacus", "machine: cores": "2", "source": "abc"}


def trial(recipe, seed, wrong, seconds=4.0, origin="now", images=1_200):
    """A trial that misreads the first so many images."""
    predictions = TRUTHS.copy()
    predictions[:wrong] = (TRUTHS[:wrong] + 1) % 3
    history = {"validation_accuracy": (0.9, 0.95)}
    outcome = Outcome(predictions, history, (seconds / 2, seconds), seconds, 1_234)
    return Run(
        *(recipe, seed, images, origin, MOMENT, CIRCUMSTANCES, outcome),
    )


def group(recipe, *wrong, **settings):
    trials = [trial(recipe, seed, count, **settings) for seed, count in enumerate(wrong)]
    (found,) = ablation.groups(trials, TRUTHS)
    return found


@pytest.fixture
def study():
    split = Split(np.zeros((100, 2, 2), np.uint8), TRUTHS.astype(np.uint8))
    data = Dataset("t", "Tiny", split, split, tuple("012"), Origin((), {}, "", ""))
    dense = group(config.DENSE, 6, 8)
    small = group(config.SMALL, 2, 4, seconds=24.0)
    wide = group(config.WIDE, 1, 3, seconds=240.0, origin="kept")
    together = Ensemble(config.WIDE, (0, 1), np.stack([wide.predictions[0]] * 2))
    dense_together = Ensemble(config.DENSE, (0, 1), dense.predictions)
    return Study(
        *(data, (dense, small, wide), small, (), {}),
        *(together, wide, dense_together, ("LeNet-5",)),
    )


def test_the_answer_names_the_small_network_the_original_the_best_and_the_ensemble(study):
    said = words.answer(study)
    assert "**97.00%** of 100 digits" in said
    assert "after **24 s** of training on 2 cores" in said
    assert "layers read 93.00% after 4.0 s" in said
    assert "**98.00%** after 240 s" in said
    assert "An ensemble of 2 reads **99.00%**" in said


def test_the_answer_says_nothing_of_more_without_the_wide_network(study):
    without = replace(study, compared=study.compared[:2], members=study.compared[1])
    assert "more filters" not in words.answer(without)


def test_the_conditions_say_what_is_learned_from_and_read(study):
    said = words.conditions(study)
    assert "**1,200 images** of Tiny, of which it keeps 8.3% for validation, and reads" in said
    assert "**100 test images**" in said
    assert r"abacus\, 2 cores" in said


def test_the_conditions_say_that_whole_writers_are_kept_for_validation(study):
    train = study.data.train
    writers = np.resize(np.arange(2, dtype=np.int32), len(train))
    known = replace(study, data=replace(study.data, train=replace(train, writers=writers)))
    assert "for validation, all images of some writers, and reads" in words.conditions(known)


def test_recipes_have_a_row_each(study):
    rows = words.recipe_rows(study)
    assert [row["Recipe"] for row in rows] == ["dense network", "small network", "wide network"]
    assert rows[0]["Network"] == "one hidden layer of 128 neurons"
    assert rows[1]["Network"] == "blocks of 24, 32 and 64 filters"
    assert [row["Distorted"] for row in rows] == ["no", "yes", "yes, elastically too"]
    assert [row["Looks"] for row in rows] == ["1", "1", "5"]
    assert rows[0]["Weights"] == "1,234"
    assert rows[1]["Images in a step"] == "55"  # a twentieth of 1,100


def test_results_have_a_row_each(study):
    row = words.group_rows(study)[1]
    assert row["Networks"] == "2"
    assert row["Test accuracy"] == "97.00%"
    assert row["Spread"] == "± 1.41%"  # of 98% and 96%
    assert row["Misread"] == "3"
    assert row["Training"] == "24 s"


def test_one_seed_has_no_spread(study):
    alone = replace(study, compared=(group(config.DENSE, 6),))
    assert words.group_rows(alone)[0]["Spread"] == "\N{EN DASH}"


def test_the_comparison_counts_the_digits_that_one_alone_reads(study):
    said = words.comparison(study)
    assert "the small network reads 4 digits that the dense network misreads" in said
    assert "and misreads 0 that it reads (p = 0.12)" in said  # 2 / 16, of two not the smallest
    assert "digits that the dense network misreads, and misreads 0 that it reads (p = 0.12)" in said
    assert "**2.3 times** as many digits as the small network" in said  # 7 and 3 of 100


def curve(recipe, accuracies, seconds):
    epochs = np.arange(1, len(accuracies) + 1)
    return Curve(recipe, 1_100 * epochs, seconds * epochs, np.array(accuracies))


CURVES = [
    curve(config.DENSE, (0.9, 0.95, 0.94), 1.0),
    curve(config.SMALL, (0.94, 0.96), 3.0),
    curve(config.WIDE, (0.5, 0.6), 9.0),
]


def test_growth_says_when_the_dense_networks_best_is_passed():
    said = words.growth(CURVES, "images")
    assert "best mean on validation images is 95.00%; its whole training takes 3,300 images" in said
    assert "the small network after 2,200 images has reached that." in said
    assert "after 6.0 s" in words.growth(CURVES, "seconds")


def test_growth_says_so_where_nobody_gets_there():
    assert "None of the others" in words.growth([CURVES[0], CURVES[2]], "images")


def test_growths_alternative_has_both_ends_of_each_curve():
    said = words.growth_alt(CURVES, "seconds")
    assert "small network from 94.00% to 96.00% in 6.0 s" in said


def test_origins_say_what_was_trained_now_what_was_kept_and_what_is_missing(study):
    said = words.origins(study.trials, study.missing)
    assert "Trained for this report: 4 networks." in said
    assert "Kept with the project, hollow in the figures: 2, trained on 25 November 2026" in said
    assert "on abacus, 2 cores." in said
    assert "Not trained on these data and settings: LeNet-5." in said


def test_the_ensemble_is_compared_with_its_members(study):
    said = words.ensemble(study)
    assert "2 wide networks misread **1** of 100 digits (99.00%), 1 fewer than" in said
    assert "(98.00%, from 97.00% to 99.00%)" in said
    assert "Their training took 480 s in all." in said
    assert "2 dense networks together: 92.00%; each alone, on average: 93.00%." in said


def test_an_ensemble_that_gains_nothing_is_said_to_misread_as_many(study):
    alike = np.stack([group(config.WIDE, 2).predictions[0]] * 2)  # 1 and 3 are 2 on average
    ensemble = replace(study.ensemble, predictions=alike)
    said = words.ensemble(replace(study, ensemble=ensemble))
    assert "as many as each of them does alone on average" in said


def test_one_network_is_no_ensemble(study):
    alone = Ensemble(config.WIDE, (0,), study.ensemble.predictions[:1])
    assert "no other to read with" in words.ensemble(replace(study, ensemble=alone))


def effect(title, difference, low, high, p_value=0.01):
    return Effect(title, difference, Interval(low, high, 0.95), p_value, 0.99, 1.5, 3)


def test_effects_are_sure_where_their_corrected_p_value_is_small():
    said = words.effects(
        [
            effect("without one thing", -0.002, -0.003, -0.001),
            effect("with another", 0.0, -0.001, 0.001, p_value=0.06),
            effect("with more", 0.001, 0.0005, 0.0015),
        ]
    )
    assert "Each change was tried with 3 seeds." in said
    assert "Surely worse: without one thing (\N{MINUS SIGN}0.20 percentage points)." in said
    assert "Surely better: with more (+0.10 percentage points)." in said
    assert "Not told apart from no change by these seeds: with another." in said


@pytest.mark.parametrize("say", [lambda: words.effects(()), lambda: words.sizes({})])
def test_what_was_not_measured_says_how_to_measure_it(say):
    assert "the profile `full` measures it" in say()


def test_the_alternative_of_effects_has_each_with_its_interval():
    said = words.effects_alt([effect("with more", 0.001, 0.0005, 0.0015)])
    assert "with more +0.10 (+0.05 to +0.15), 1.5 times as long" in said


def test_sizes_say_how_many_images_do_what_all_do_for_the_dense_network():
    by_title = {
        "dense network": [group(config.DENSE, 30, images=60), group(config.DENSE, 10)],
        "small network": [
            group(config.SMALL, 20, images=60),
            group(config.SMALL, 9, images=600),
            group(config.SMALL, 2),
        ],
    }
    said = words.sizes(by_title)
    assert "With 60 images the small network reads **80.00%** and the dense network 70.00%" in said
    assert "once it has **600 images**" in said
    assert "small network: 80.00% with 60, 91.00% with 600" in words.sizes_alt(by_title)


def test_agreement_says_who_is_right_when_members_differ():
    found = Agreement(np.array([3, 2, 5, 90]), np.array([0, 1, 5, 90]))
    said = words.agreement(found)
    assert "**90 digits** are read correctly by all." in said
    assert "7 digits are read by some and misread by others; together they read 6 of these." in said
    assert "3 digits are misread by all." in said
    assert "1 right: 2 digits, 1 read together" in words.agreement_alt(found)


def test_the_digits_that_nobody_reads_are_counted(study):
    said = words.unread(study.unread, study)
    assert "**1 test digit** of 100 is misread by each of the 6 networks compared here" in said


def test_where_each_digit_is_read_by_somebody_that_is_said(study):
    nobody = replace(
        study.unread, **{name: value[:0] for name, value in vars(study.unread).items()}
    )
    assert "There is no test digit that all of 6 networks misread." in words.unread(nobody, study)


def test_feature_maps_shrink_and_respond_in_places():
    maps = np.zeros((2, 4, 4))
    maps[0, 0] = 1
    said = words.feature_maps([FeatureMaps(1, maps), FeatureMaps(2, np.ones((1, 2, 2)))])
    assert "4 by 4 and 2 by 2 places" in said
    assert "12% and 100%" in said
    assert "2 maps of 4 by 4 in block 1" in words.feature_maps_alt([FeatureMaps(1, maps)], "7")


def test_saliencies_say_how_far_the_answer_falls():
    drop = np.array([[0.0, -0.25], [0.1, 0.0]])
    found = [Saliency("small", np.zeros((2, 2), np.uint8), 1, 2, 0.9, drop, 2 * drop)]
    said = words.saliencies(found, tuple("012"))
    assert "The small reads 1 as 2 with a probability of 90.0%." in said
    assert "take **25.0 percentage points** from that, putting ink in **50.0 percent" in said
    assert words.saliency_titles(found, tuple("012")) == ["small:\n1 read as 2 (90%)"]
    assert "\N{MINUS SIGN}0.25 to 0.10" in words.saliencies_alt(found, tuple("012"))


def test_filters_are_counted_with_their_range():
    said = words.filters_alt(np.array([[[-0.5, 0.25]]]))
    assert "1 filter of 1 by 2 weights" in said
    assert "from \N{MINUS SIGN}0.50 (red) to 0.25 (blue)" in said
