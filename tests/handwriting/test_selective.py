"""Refusing, and telling foreign images apart, by cases worked by hand."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api

from handwriting.evaluation import selective
from handwriting.evaluation.intervals import Interval

# Most confident first: right, wrong, right, right, wrong.
SCORES = np.array([[0.05, 0.95], [0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
LABELS = np.array([1, 0, 0, 1, 1])


def sure(*confidences):
    """Return scores of two classes with those confidences, all for class 0."""
    return np.array([[confidence, 1 - confidence] for confidence in confidences])


def risks(scores, labels):
    return selective.risk_coverage(scores, np.array(labels), "small").risks


def test_risk_is_the_share_of_mistakes_among_the_most_confident():
    found = selective.risk_coverage(SCORES, LABELS, "small")
    np.testing.assert_allclose(found.coverages, [0.2, 0.4, 0.6, 0.8, 1])
    np.testing.assert_allclose(found.risks, [0, 1 / 2, 1 / 3, 1 / 4, 2 / 5])
    np.testing.assert_allclose(risks(10 * SCORES - 5, LABELS), found.risks)  # on any scale


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_equally_confident_examples_count_as_if_drawn_at_random(order):
    found = risks(sure(0.9, 0.8, 0.8, 0.7)[order], np.array([0, 0, 1, 0])[order])
    np.testing.assert_allclose(found, [0, 0.5 / 2, 1 / 3, 1 / 4])


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, 3 / 5), (0.05, 3 / 5), (0.2, 3 / 4), (0.4, 2 / 3), (0.6, 1 / 2), (0.8, 1)],
)
def test_refusing_leaves_the_accuracy_on_the_more_certain(share, expected):
    curve = selective.risk_coverage(SCORES, LABELS, "small")
    assert curve.accuracy_after_refusing(share) == pytest.approx(expected)


def test_the_least_certain_are_refused():
    assert np.flatnonzero(selective.refused(SCORES, 0.4)).tolist() == [3, 4]
    assert not selective.refused(SCORES, 0.01).any()


def test_writers_who_are_read_alike_make_it_less_sure_which_images_are_foreign():
    rng = np.random.default_rng(0)
    people = np.repeat(np.arange(30), 20)
    known = sure(*np.clip(0.8 + rng.normal(0, 0.05, 30)[people], 0, 1))
    foreign = sure(*rng.uniform(0.6, 0.85, 600))
    alone, together = (
        selective.foreign_detection(known, foreign, "small", "clothes", writers).auroc.interval
        for writers in (None, people)
    )
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_refusals_have_a_column_for_each_share():
    """Of 50 digits, the one that is least sure is the only one misread."""
    labels = np.array([1] + [0] * 49)
    curve = selective.risk_coverage(sure(*np.linspace(0.6, 0.9, 50)), labels, "small")
    (row,) = selective.refusal_table([curve]).to_dict("records")
    assert (row["Network"], row["None refused"], row["2% refused"]) == ("small", 0.98, 1.0)
    assert row["Mean share of mistakes"] == pytest.approx(1 / 50 / 50)


@pytest.mark.parametrize(
    ("known", "foreign", "auroc", "let_through"),
    [
        ([0.9, 0.8], [0.7, 0.6], 1, 0),
        ([0.9, 0.8], [0.8, 0.9], 0.5, 1),
        ([0.6], [0.9], 0, 1),
        # Known 0.9 and 0.7 against foreign 0.7 and 0.6: 1, 1, 1/2 and 1.
        ([0.9, 0.7], [0.7, 0.6], 3.5 / 4, 0.5),
        ([0.9, 0.7, 0.7, 0.7], [0.8], 1 / 4, 1),
        # The 19th of 20 has 0.81.
        (np.linspace(0.99, 0.8, 20), [0.975, 0.825, 0.805, 0.7], 58 / 80, 0.5),
        (np.linspace(0.99, 0.8, 20), [0.7], 1, 0),
    ],
    ids=["apart", "alike", "wrong way", "equal ones", "together", "95%", "no more than 95%"],
)
def test_foreign_images_are_told_by_their_confidence(known, foreign, auroc, let_through):
    found = selective.foreign_detection(sure(*known), sure(*foreign), "small", "clothes")
    assert found.auroc.area == pytest.approx(auroc)
    assert (found.let_through, found.count) == (let_through, len(foreign))
    passed = statsmodels.stats.proportion.proportion_confint(
        let_through * len(foreign), len(foreign), method="wilson"
    )
    assert (found.interval.low, found.interval.high) == pytest.approx(passed)


def test_detections_have_a_row_each():
    found = selective.foreign_detection(sure(0.9), sure(0.5), "small", "clothes")
    found = replace(found, let_through=0.5, others=(0.25, 0.75, 0.5))
    (row,) = selective.detection_table([found]).to_dict("records")
    assert row["Over trainings"] == Interval(0.25, 0.75)
    assert (row["Foreign images"], row["Network"], row["AUROC"]) == ("clothes", "small", 1)


def test_certainty_has_a_median_and_a_share_of_the_sure():
    found = selective.Certainty("clothes", np.array([0.2, 0.4, 0.9, 1.0]))
    assert (found.median, found.sure) == (pytest.approx(0.65), 0.5)


@pytest.mark.parametrize(("share", "expected"), [(0, 0.6), (0.2, 0.7), (0.4, 0.8), (0.99, 0.95)])
def test_below_a_threshold_lie_as_many_as_asked(share, expected):
    assert selective.threshold(SCORES, share) == pytest.approx(expected)
