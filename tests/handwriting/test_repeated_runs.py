"""What runs of a recipe come to, of ten test images each, worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from runs import TEST, TRUTHS, repeated, run

from handwriting.evaluation import method_comparison, repeated_runs
from handwriting.evaluation.repeated_runs import by_recipe
from handwriting.models import config

OTHER = replace(config.SMALL, name="other", title="with something")
DENSE = repeated(config.DENSE, [1, 2, 3, 4, 5, 6], [1, 2, 3, 4])
SMALL = repeated(config.SMALL, [6], [])


def test_runs_are_grouped_by_recipe_in_order():
    mixed = [run(OTHER, 0, []), *SMALL.runs, run(OTHER, 1, [5])]
    found = by_recipe(mixed, TRUTHS)
    assert [group.recipe.name for group in found] == ["other", "small"]
    assert found[0].accuracy.values == (1.0, 0.9)
    assert found[0].accuracy.trials == 10
    assert found[1].predictions.shape == (2, 10)


def test_the_time_of_runs_is_the_median_validation_left_out():
    runs = [run(OTHER, seed, [], seconds) for seed, seconds in enumerate((1.0, 9.0, 3.0))]
    validated = [replace(each, outcome=replace(each.outcome, seconds=99.0)) for each in runs]
    (group,) = by_recipe(validated, TRUTHS)
    assert (group.times, group.seconds) == ((1.0, 9.0, 3.0), 3.0)


def test_misread_images_are_a_mean():
    assert DENSE.misread == pytest.approx(5)
    assert SMALL.misread == pytest.approx(0.5)


def test_sizes_say_how_many_images_do_what_all_do_for_the_other():
    dense = [repeated(config.DENSE, range(9), images=60), repeated(config.DENSE, [1, 2])]
    small = [
        repeated(config.SMALL, range(5), images=60),
        repeated(config.SMALL, [3], [4, 5, 6], images=600),
        repeated(config.SMALL, [1]),
    ]
    beside = repeated_runs.compared([dense[1], *small], TEST).differences
    found = repeated_runs.fewest_images(small, dense[1], TEST)
    assert [each.relation for each in beside] == ["worse", "not told apart", "not told apart"]
    assert found == {"not found to be worse": (600, beside[1])}
    assert repeated_runs.fewest_images(dense[:1], small[2], TEST) == {}
    ahead = repeated_runs.fewest_images(dense[1:], dense[0], TEST)
    assert [(found, images) for found, (images, _) in ahead.items()] == [
        ("not found to be worse", 1200),
        ("better", 1200),
    ]
    assert repeated_runs.size_table([dense, small])["Images"].tolist() == [
        *(60, 1200, 60, 600, 1200)
    ]


def test_a_recipe_is_told_in_a_row():
    rows = repeated_runs.recipe_table(
        [DENSE, SMALL, repeated(config.WIDE, []), repeated(config.LENET_5, [])]
    )
    assert rows["Network"].tolist() == [
        "one hidden layer of 128 neurons",
        "blocks of 24, 32 and 64 filters",
        "blocks of 32, 64 and 128 filters",
        "as published in 1998, its last layer softmax",
    ]
    assert rows["Distorted"].tolist() == ["no", "yes", "yes, elastically too", "no"]
    assert rows["Looks"].tolist() == [1, 1, 5, 1]
    assert rows["Images in a step"][1] == 55  # a twentieth of 1,100


def test_accuracies_have_a_row_each_and_one_run_no_spread():
    rows = repeated_runs.accuracy_table([DENSE, repeated(config.SMALL, [1])], TEST)
    assert rows["Test accuracy"].tolist() == pytest.approx([0.5, 0.9])
    assert rows["Spread"][0] == pytest.approx(0.02**0.5)  # of 40% and 60%
    assert np.isnan(rows["Spread"][1])
    assert rows["Misread"].tolist() == pytest.approx([5, 1])


def test_recipes_are_compared_by_their_means_writers_drawn_anew():
    found = repeated_runs.compared([DENSE, SMALL], TEST)
    assert (found.unit, found.groups, found.reference) == ("writers", 5, "dense network")
    rows = repeated_runs.difference_table(found)
    assert rows["Recipe"].tolist() == ["small network"]
    assert rows["Difference"].tolist() == pytest.approx([0.45])
    assert (rows["95% from"] < 0.45).all()
    assert rows["Found"][0] == method_comparison.told(
        found.differences[0].relation, found.differences[0].excluded
    )


def test_times_say_their_range_and_when_they_were_taken():
    runs = [run(OTHER, seed, [], seconds) for seed, seconds in enumerate((1.0, 9.0, 3.0))]
    kept = [replace(each, origin="kept") for each in runs[:1]]
    mixed = [runs[0], replace(runs[1], origin="cache")]
    groups = [by_recipe(each, TRUTHS)[0] for each in (runs, kept, mixed)]
    rows = repeated_runs.time_table(groups)
    assert rows.iloc[0, 1:4].tolist() == [1.0, 3.0, 9.0]
    assert rows["Timed"].tolist() == [
        "for this report",
        "on another day",
        "for this report and earlier, on this machine",
    ]
