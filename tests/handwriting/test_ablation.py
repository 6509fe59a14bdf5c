from dataclasses import replace

import numpy as np
import pytest

from handwriting.errors import SettingError
from handwriting.evaluation import ablation
from handwriting.models import config
from handwriting.models.training_runs import Outcome, Run

TRUTHS = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])


def trial(recipe, seed, wrong, seconds=2.0, accuracies=(0.5, 0.75)):
    """A trial that misreads the images listed."""
    predictions = TRUTHS.copy()
    predictions[list(wrong)] = 3
    history = {"validation_accuracy": accuracies}
    moments = tuple(seconds * number / 2 for number in range(1, len(accuracies) + 1))
    outcome = Outcome(predictions, history, moments, seconds, 99)
    return Run(recipe, seed, 1200, "now", "2026-11-25T04:05:06+00:00", {}, outcome)


BASE = [trial(config.SMALL, 0, [1]), trial(config.SMALL, 1, [1, 2])]
OTHER = replace(config.SMALL, name="other", title="with something")


def test_trials_are_grouped_by_recipe_in_order():
    mixed = [trial(OTHER, 0, []), *BASE, trial(OTHER, 1, [5])]
    found = ablation.groups(mixed, TRUTHS)
    assert [group.recipe.name for group in found] == ["other", "small"]
    assert found[0].accuracy.values == (1.0, 0.9)
    assert found[0].accuracy.trials == 10
    assert found[1].predictions.shape == (2, 10)


def test_the_time_of_a_group_is_the_median():
    trials = [trial(OTHER, seed, [], seconds) for seed, seconds in enumerate((1.0, 9.0, 3.0))]
    (group,) = ablation.groups(trials, TRUTHS)
    assert group.seconds == 3.0


def test_an_effect_compares_the_same_seeds():
    changed = [trial(OTHER, 1, [1, 2, 3], 6.0), trial(OTHER, 0, [1, 4, 5], 6.0)]
    base, other = ablation.groups([*BASE, *changed], TRUTHS)
    (effect,) = ablation.effects(base, [other])
    assert effect.difference == pytest.approx(-0.15)  # two more of ten, and one more
    assert effect.accuracy == pytest.approx(0.7)
    assert effect.slowdown == 3.0
    assert effect.seeds == 2
    # The mean is three standard errors away, and Student's test with one degree of freedom has
    # p = 2 arctan(1 / 3) / pi.
    assert effect.p_value == pytest.approx(2 * np.arctan(1 / 3) / np.pi)
    # Half of the distance 0.1 is the standard error, and t is 12.706 for one degree of freedom.
    assert effect.interval.low == pytest.approx(-0.15 - 12.706 * 0.05, rel=1e-3)


def test_a_change_is_as_slow_as_its_shortest_training():
    base = [trial(config.SMALL, 0, [], 2.0), trial(config.SMALL, 1, [], 9.0)]
    changed = [trial(OTHER, 0, [], 7.0), trial(OTHER, 1, [], 3.0)]
    plain, other = ablation.groups([*base, *changed], TRUTHS)
    (effect,) = ablation.effects(plain, [other])
    assert effect.slowdown == 1.5


def test_only_seeds_that_both_have_count():
    base, other = ablation.groups([*BASE, trial(OTHER, 1, []), trial(OTHER, 7, [0])], TRUTHS)
    (effect,) = ablation.effects(base, [other])
    assert (effect.seeds, effect.interval, effect.p_value) == (1, None, 1.0)
    assert effect.difference == pytest.approx(0.2)


def test_the_most_harmful_change_comes_first():
    better, worse = replace(OTHER, name="a", title="a"), replace(OTHER, name="b", title="b")
    trials = [*BASE, *(trial(better, seed, []) for seed in (0, 1))]
    base, *changed = ablation.groups(
        [*trials, *(trial(worse, s, [1, 2, 3]) for s in (0, 1))], TRUTHS
    )
    assert [effect.title for effect in ablation.effects(base, changed)] == ["b", "a"]


def test_trials_without_a_common_seed_cannot_be_compared():
    base, other = ablation.groups([*BASE, trial(OTHER, 7, [])], TRUTHS)
    with pytest.raises(SettingError, match="same seeds"):
        ablation.effects(base, [other])


def test_a_curve_counts_the_images_learned_from_and_averages_over_trials():
    trials = [
        trial(config.SMALL, 0, [], 2.0, (0.5, 0.7, 0.9)),
        trial(config.SMALL, 1, [], 4.0, (0.7, 0.8)),
    ]
    (group,) = ablation.groups(trials, TRUTHS)
    found = ablation.curve(group)
    assert found.images.tolist() == [1100, 2200]  # a twelfth of 1,200 is kept for validation
    np.testing.assert_allclose(found.accuracy, [0.6, 0.75])
    np.testing.assert_allclose(found.seconds, [1.5, 3.0])


def test_there_is_no_curve_without_validation():
    (group,) = ablation.groups([trial(config.SMALL, 0, [], accuracies=())], TRUTHS)
    with pytest.raises(SettingError, match="validation"):
        ablation.curve(group)


def test_agreement_counts_digits_by_how_many_members_read_them():
    truths = np.array([0, 0, 0, 1])
    members = np.array([[0, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
    together = np.array([0, 0, 1, 0])
    found = ablation.agreement(members, together, truths)
    assert found.digits.tolist() == [1, 1, 1, 1]
    assert found.together.tolist() == [0, 0, 1, 1]


def test_p_values_are_corrected_for_how_many_changes_were_tried():
    others = [replace(OTHER, name=name, title=name) for name in "ab"]
    trials = [trial(each, seed, [1, 2, 3 + seed]) for each in others for seed in (0, 1)]
    base, *changed = ablation.groups([*BASE, *trials], TRUTHS)
    (alone,) = ablation.effects(base, changed[:1])
    both = ablation.effects(base, changed)
    assert [each.p_value for each in both] == pytest.approx([min(1, 2 * alone.p_value)] * 2)
