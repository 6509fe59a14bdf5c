from dataclasses import replace

import numpy as np
import pytest
from runs import TRUTHS, run

from handwriting.evaluation import ablation
from handwriting.evaluation.repeated_runs import by_recipe
from handwriting.models import config

BASE = [run(config.SMALL, 0, [1]), run(config.SMALL, 1, [1, 2])]
OTHER = replace(config.SMALL, name="other", title="with something")


def test_an_effect_compares_the_same_seeds():
    changed = [run(OTHER, 1, [1, 2, 3], 6.0), run(OTHER, 0, [1, 4, 5], 6.0)]
    base, other = by_recipe([*BASE, *changed], TRUTHS)
    (effect,) = ablation.effects(base, [other])
    assert effect.difference == pytest.approx(-0.15)  # two more of ten, and one more
    assert effect.slowdown == 3.0
    assert effect.seeds == 2
    # The mean is three standard errors away, and Student's test with one degree of freedom has
    # p = 2 arctan(1 / 3) / pi.
    assert effect.p_value == pytest.approx(2 * np.arctan(1 / 3) / np.pi)
    # Half of the distance 0.1 is the standard error, and t is 12.706 for one degree of freedom.
    assert effect.interval.low == pytest.approx(-0.15 - 12.706 * 0.05, rel=1e-3)


def test_a_change_is_as_slow_as_its_shortest_training():
    base = [run(config.SMALL, 0, [], 2.0), run(config.SMALL, 1, [], 9.0)]
    changed = [run(OTHER, 0, [], 7.0), run(OTHER, 1, [], 3.0)]
    plain, other = by_recipe([*base, *changed], TRUTHS)
    (effect,) = ablation.effects(plain, [other])
    assert effect.slowdown == 1.5


def test_only_seeds_that_both_have_count():
    base, other = by_recipe([*BASE, run(OTHER, 1, []), run(OTHER, 7, [0])], TRUTHS)
    (effect,) = ablation.effects(base, [other])
    assert (effect.seeds, effect.interval, effect.p_value) == (1, None, 1.0)
    assert effect.difference == pytest.approx(0.2)


def test_the_most_harmful_change_comes_first():
    better, worse = replace(OTHER, name="a", title="a"), replace(OTHER, name="b", title="b")
    trials = [*BASE, *(run(better, seed, []) for seed in (0, 1))]
    base, *changed = by_recipe([*trials, *(run(worse, s, [1, 2, 3]) for s in (0, 1))], TRUTHS)
    assert [effect.title for effect in ablation.effects(base, changed)] == ["b", "a"]


def test_p_values_are_corrected_for_how_many_changes_were_tried():
    others = [replace(OTHER, name=name, title=name) for name in "ab"]
    trials = [run(each, seed, [1, 2, 3 + seed]) for each in others for seed in (0, 1)]
    base, *changed = by_recipe([*BASE, *trials], TRUTHS)
    (alone,) = ablation.effects(base, changed[:1])
    both = ablation.effects(base, changed)
    assert [each.p_value for each in both] == pytest.approx([min(1, 2 * alone.p_value)] * 2)


@pytest.mark.parametrize(
    ("difference", "p_value", "verdict"),
    [(-0.1, 0.04, "worse"), (0.1, 0.04, "better"), (0.1, 0.05, "not told apart")],
)
def test_only_what_luck_hardly_explains_is_told_apart(difference, p_value, verdict):
    found = ablation.AblationEffect("t", difference, None, p_value, 1.0, 2)
    assert found.verdict == verdict


def test_effects_have_a_row_each():
    base, other = by_recipe([*BASE, run(OTHER, 1, [])], TRUTHS)
    rows = ablation.effect_table(ablation.effects(base, [other]))
    assert rows["Change"].tolist() == ["with something"]
    assert rows["Difference"].tolist() == pytest.approx([0.2])
    assert rows["95% from"].tolist() == [None]
