"""How accuracy grows while networks learn, worked out by hand."""

import numpy as np
from runs import TRUTHS, run

from handwriting.evaluation import milestones
from handwriting.evaluation.milestones import LearningCurve, Milestone
from handwriting.evaluation.repeated_runs import by_recipe
from handwriting.models import config


def test_a_curve_counts_the_images_learned_from_and_averages_over_runs():
    runs = [
        run(config.SMALL, 0, [], 2.0, (0.5, 0.7, 0.9)),
        run(config.SMALL, 1, [], 4.0, (0.7, 0.8)),
    ]
    (group,) = by_recipe(runs, TRUTHS)
    found = milestones.learning_curve(group)
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


def test_milestones_are_told_in_rows_and_left_open_where_they_are_not_reached():
    images, seconds = 1100 * np.arange(1, 4), np.array([2.0, 4.0, 6.5])
    curves = [
        LearningCurve(config.SMALL, images, seconds, np.array(shares))
        for shares in ([0.9, 0.95, 0.94], [0.5, 0.6, 0.7])
    ]
    rows = milestones.milestone_table(curves, 0.93)
    assert rows["Best"].tolist() == [0.95, 0.7]
    assert (rows["Images"][0], rows["Seconds"][0]) == (2200, 4.0)
    assert rows[["Images", "Seconds"]].isna().iloc[1].all()
    assert rows["Images in all"].tolist() == [3300, 3300]
