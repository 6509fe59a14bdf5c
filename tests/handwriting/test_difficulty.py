"""Are hard images those that are misread?"""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from handwriting.evaluation.classification import classification
from handwriting.evaluation.difficulty import mistakes_by_difficulty, order_table, orders
from handwriting.evaluation.similarity import Neighbours


def world(images=2000, seed=0):
    """Images that are the more often misread the harder they are; some are as hard as others."""
    rng = np.random.default_rng(seed)
    difficulty = rng.normal(size=images).round(1)
    return difficulty, rng.random(images) < stats.norm.cdf(difficulty - 2)


def delong(difficulty, wrong):
    """The standard error of an area under the curve, by its structural components.

    E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, Biometrics 44 (1988), 837-845.
    """
    harder = difficulty[wrong][:, None], difficulty[~wrong]
    ahead = (harder[0] > harder[1]) + 0.5 * (harder[0] == harder[1])
    by_wrong, by_right = (ahead.mean(axis=axis) for axis in (1, 0))
    return np.sqrt(by_wrong.var(ddof=1) / wrong.sum() + by_right.var(ddof=1) / (~wrong).sum())


def test_the_area_is_scikit_learns_and_its_interval_is_delongs():
    difficulty, wrong = world()
    found = mistakes_by_difficulty(difficulty, wrong)
    assert found.auroc == pytest.approx(roc_auc_score(wrong, difficulty))
    reach = 1.96 * delong(difficulty, wrong)
    expected = [found.auroc - reach, found.auroc + reach]
    assert [found.interval.low, found.interval.high] == pytest.approx(expected, abs=0.004)


def test_images_of_one_writer_are_drawn_together():
    difficulty, wrong = world(images=600)
    alone = mistakes_by_difficulty(difficulty, wrong).interval
    copies = np.repeat(difficulty, 10), np.repeat(wrong, 10), np.repeat(np.arange(600), 10)
    together = mistakes_by_difficulty(*copies).interval
    assert [together.low, together.high] == pytest.approx([alone.low, alone.high], abs=1e-9)


def test_each_tenth_counts_its_mistakes():
    found = mistakes_by_difficulty(np.arange(40.0), np.arange(40) >= 37)
    assert found.parts["Images"].tolist() == [4] * 10
    assert found.parts["Misread"].tolist() == [*[0] * 9, 3]
    assert found.parts["Share"].iloc[-1] == 0.75
    assert (found.in_hardest_part, found.auroc) == (1, 1)


def test_a_copy_of_another_class_is_the_hardest():
    difficulty = np.array([0.5, 0.6, np.inf, 0.7])
    assert mistakes_by_difficulty(difficulty, difficulty > 1).auroc == 1


def test_each_order_of_the_images_has_its_own_area_with_its_interval():
    difficulty, wrong = world(images=300)
    rng = np.random.default_rng(1)
    scores = rng.dirichlet(np.ones(3), 300)
    read = classification((scores.argmax(axis=1) + wrong) % 3, scores, "abc")
    places, apart = np.arange(300), np.exp(difficulty)
    near = Neighbours(places, apart, places, np.ones(300), np.maximum(apart, 1) + 1)
    found = orders(near, read)
    expected = [difficulty, np.minimum(apart, 1) / (np.maximum(apart, 1) + 1), -scores.max(axis=1)]
    areas = [roc_auc_score(wrong, each) for each in expected]
    assert [each.auroc for each in found.values()] == pytest.approx(areas)
    rows = order_table(found)
    assert rows["AUROC"].tolist() == pytest.approx(areas)
    assert [each.interval for each in found.values()] == rows["95% interval"].tolist()


@pytest.mark.parametrize("mistakes", [0, 40])
def test_of_no_mistake_or_nothing_else_nothing_is_known(mistakes):
    found = mistakes_by_difficulty(np.arange(40.0), np.arange(40) < mistakes)
    assert np.isnan(found.auroc)
    assert found.interval is None
    assert found.mistakes == mistakes


def test_few_mistakes_have_no_interval():
    assert mistakes_by_difficulty(np.arange(40.0), np.arange(40) > 35).interval is None
