"""What runs of a recipe come to, of ten test images each, worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from runs import TRUTHS, repeated, run

from handwriting.evaluation import repeated_runs
from handwriting.evaluation.repeated_runs import LearningCurve, Milestone, by_recipe
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


def test_the_time_of_runs_is_the_median():
    runs = [run(OTHER, seed, [], seconds) for seed, seconds in enumerate((1.0, 9.0, 3.0))]
    (group,) = by_recipe(runs, TRUTHS)
    assert group.seconds == 3.0


def test_the_mean_of_misread_images_is_compared():
    assert DENSE.misread == pytest.approx(5)
    assert SMALL.misread == pytest.approx(0.5)
    assert repeated_runs.error_ratio(SMALL, DENSE) == pytest.approx(0.1)
    # Whoever misreads nearly none counts as misreading one.
    assert repeated_runs.error_ratio(DENSE, SMALL) == pytest.approx(5)


def test_a_curve_counts_the_images_learned_from_and_averages_over_runs():
    runs = [
        run(config.SMALL, 0, [], 2.0, (0.5, 0.7, 0.9)),
        run(config.SMALL, 1, [], 4.0, (0.7, 0.8)),
    ]
    (group,) = by_recipe(runs, TRUTHS)
    found = repeated_runs.learning_curve(group)
    assert found.images.tolist() == [1100, 2200]  # a twelfth of 1,200 is kept for validation
    np.testing.assert_allclose(found.accuracy, [0.6, 0.75])
    np.testing.assert_allclose(found.seconds, [1.5, 3.0])


def test_a_curve_says_when_it_first_is_so_high():
    images, seconds = 1100 * np.arange(1, 4), np.array([2.0, 4.0, 6.5])
    found = LearningCurve(config.SMALL, images, seconds, np.array([0.9, 0.95, 0.94]))
    assert found.best == 0.95
    assert found.reaching(0.93) == Milestone("small network", 2200, 4.0)
    assert found.reaching(0.96) is None
    assert found.last == Milestone("small network", 3300, 6.5)


def test_sizes_say_how_many_images_do_what_all_do_for_the_other():
    dense = [repeated(config.DENSE, range(9), images=60), repeated(config.DENSE, [1, 2])]
    small = [
        repeated(config.SMALL, range(5), images=60),
        repeated(config.SMALL, [3], [4, 5, 6], images=600),
        repeated(config.SMALL, [1]),
    ]
    assert repeated_runs.fewest_images(small, 0.8) == 600
    assert repeated_runs.fewest_images(dense, 0.9) is None
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
    rows = repeated_runs.accuracy_table([DENSE, repeated(config.SMALL, [1])])
    assert rows["Test accuracy"].tolist() == pytest.approx([0.5, 0.9])
    assert rows["Spread"][0] == pytest.approx(0.02**0.5)  # of 40% and 60%
    assert np.isnan(rows["Spread"][1])
    assert rows["Misread"].tolist() == pytest.approx([5, 1])


def test_the_first_runs_are_compared_image_by_image():
    """Against six mistakes, five are gained, which by chance has p = 2 / 32; of two, 4 / 32."""
    wide = repeated(config.WIDE, [1, 2, 3, 4, 5, 7])
    rows = repeated_runs.paired_table([DENSE, SMALL, wide], TRUTHS)
    assert rows["Recipe"].tolist() == ["small network", "wide network"]
    assert rows["Gained"].tolist() == [5, 1]
    assert rows["Lost"].tolist() == [0, 1]
    assert rows["p-value"].tolist() == pytest.approx([4 / 32, 1])
