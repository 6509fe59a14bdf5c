from dataclasses import replace

import numpy as np
import pytest
from runs import TRUTHS, run
from statsmodels.stats.power import TTestPower

from handwriting.evaluation import ablation
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.repeated_runs import by_recipe
from handwriting.models import config

BASE = [run(config.SMALL, 0, [1]), run(config.SMALL, 1, [1, 2])]
OTHER = replace(config.SMALL, name="other", title="with something")


def test_an_effect_compares_the_same_seeds():
    changed = [run(OTHER, 1, [1, 2, 3], 6.0), run(OTHER, 0, [1, 4, 5], 6.0)]
    base, other = by_recipe([*BASE, *changed], TRUTHS)
    (effect,) = ablation.effects(base, [other])
    assert effect.difference == pytest.approx(-0.15)  # two more of ten, and one more
    assert effect.spread == pytest.approx(0.05 * np.sqrt(2))
    assert effect.seeds == 2
    # The mean is three standard errors away, and Student's test with one degree of freedom has
    # p = 2 arctan(1 / 3) / pi.
    assert effect.p_value == pytest.approx(2 * np.arctan(1 / 3) / np.pi)
    # Half of the distance 0.1 is the standard error, and t is 12.706 for one degree of freedom.
    assert effect.interval.low == pytest.approx(-0.15 - 12.706 * 0.05, rel=1e-3)


def an_effect(difference, p_value=1.0, *, interval=None, spread=0.001, seeds=5):
    return ablation.AblationEffect("t", difference, interval, p_value, spread, seeds)


@pytest.mark.parametrize(("seeds", "changes"), [(5, 13), (3, 4), (10, 1)])
def test_the_least_detectable_effect_has_a_power_of_80_percent(seeds, changes):
    spreads = np.linspace(0.0005, 0.002, changes)
    least = ablation.least_detectable([an_effect(0, spread=s, seeds=seeds) for s in spreads])
    shown = np.array([np.sqrt(np.mean(spreads**2)), spreads[0], spreads[-1]])
    in_spreads = np.array(least) / (100 * shown)
    for each in in_spreads:
        power = TTestPower().power(each, seeds, alpha=0.05 / changes / 2, alternative="larger")
        assert power == pytest.approx(0.8, abs=1e-3)


def test_nothing_is_known_to_be_detectable_with_one_seed():
    assert np.isnan(ablation.least_detectable([an_effect(0, spread=np.nan, seeds=1)])).all()


def test_what_is_not_told_apart_has_its_bound():
    found = [an_effect(0, interval=Interval(-0.0031, 0.002)), an_effect(0.1, 0.01), an_effect(0)]
    assert [round(each.excluded, 6) for each in found[:1]] == [0.0031]
    assert ablation.effect_table(found)["Found"].tolist() == [
        "not told apart (more than 0.31 can be excluded)",
        "better",
        "not told apart",
    ]


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
    assert an_effect(difference, p_value).verdict == verdict


def test_effects_have_a_row_each():
    base, other = by_recipe([*BASE, run(OTHER, 1, [])], TRUTHS)
    rows = ablation.effect_table(ablation.effects(base, [other]))
    assert rows["Change"].tolist() == ["with something"]
    assert rows["Difference"].tolist() == pytest.approx([0.2])
    assert rows["95% from"].tolist() == [None]
