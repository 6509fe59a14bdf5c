"""Figures of convolutional networks: each shows what it is given, and none covers its words."""

from dataclasses import replace

import matplotlib
import numpy as np
import pytest

from handwriting import figures
from handwriting.errors import SettingError
from handwriting.evaluation.ablation import Agreement, Curve, Effect
from handwriting.evaluation.interpretability import FeatureMaps, Saliency
from handwriting.evaluation.intervals import Interval
from handwriting.models.config import DENSE, SMALL

IMAGE = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)


def words(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def drawn(figure):
    figure.draw_without_rendering()
    return words(figure)


def effect(title, difference, low, high, p_value=0.01):
    return Effect(title, difference, Interval(low, high, 0.95), p_value, 0.99, 1.5, 3)


def test_effects_that_luck_does_not_explain_stand_out():
    found = [
        effect("worse", -0.002, -0.003, -0.001),
        effect("open", 0.0, -0.001, 0.001, p_value=0.8),
        effect("better", 0.002, 0.001, 0.003),
    ]
    ax = figures.effects(found)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [round(float(dot.get_xdata()[0]), 6) for dot in dots] == [-0.2, 0.0, 0.2]
    assert len({dot.get_color() for dot in dots}) == 3
    assert [text.get_text() for text in ax.get_yticklabels()] == ["worse", "open", "better"]
    assert "1.5 times as long" in words(ax.figure)


def test_an_effect_of_one_seed_has_no_bar():
    ax = figures.effects([Effect("once", 0.001, None, 1.0, 0.99, 1.0, 1)])
    assert len([line for line in ax.lines if line.get_linewidth() == 4]) == 0


def curve(recipe, accuracies):
    epochs = np.arange(1, len(accuracies) + 1)
    return Curve(recipe, 55_000 * epochs, 4.0 * epochs, np.array(accuracies))


@pytest.mark.parametrize(("against", "label"), [("images", "images seen"), ("seconds", "time")])
def test_growth_names_each_recipe_and_its_axis(against, label):
    curves = [curve(DENSE, [0.95, 0.97]), curve(SMALL, [0.98, 0.99, 1.0])]
    shown = drawn(figures.growth(curves, against))
    assert {"dense network", "small network"} <= set(shown)
    assert any(label in text for text in shown)


def test_a_recipe_looks_the_same_whoever_stands_beside_it():
    alone = figures.growth([curve(SMALL, [0.9, 0.99])], "images").axes[0].lines[0]
    both = figures.growth([curve(DENSE, [0.9]), curve(SMALL, [0.9, 0.99])], "images")
    assert both.axes[0].lines[1].get_color() == alone.get_color()
    assert both.axes[0].lines[1].get_marker() == alone.get_marker()


def test_what_was_kept_is_hollow():
    kept = figures.growth([replace(curve(SMALL, [0.9]), kept=True)], "images").axes[0].lines[0]
    assert kept.get_markerfacecolor() == "white"


def test_growth_draws_what_it_is_given():
    figure = figures.growth([curve(SMALL, [0.9, 0.99])], "images")
    (line,) = figure.axes[0].lines
    np.testing.assert_array_equal(line.get_xdata(), [55_000, 110_000])
    np.testing.assert_allclose(line.get_ydata(), [0.1, 0.01])


def test_feature_maps_say_how_many_there_are():
    found = [FeatureMaps(1, np.ones((4, 12, 12))), FeatureMaps(2, np.ones((40, 5, 5)))]
    shown = drawn(figures.feature_maps(IMAGE, found))
    assert "block 1: 4 maps of 12 by 12" in shown
    assert "block 2: 40 maps of 5 by 5, 24 of them" in shown


def test_maps_without_any_response_can_be_drawn():
    drawn(figures.feature_maps(IMAGE, [FeatureMaps(1, np.zeros((4, 3, 3)))]))


def test_saliencies_share_one_scale():
    changes = np.zeros((28, 28)), np.full((28, 28), 0.25)
    found = [
        Saliency("a", IMAGE, 1, 1, 0.9, *changes),
        Saliency("b", IMAGE, 1, 2, 0.8, *changes[::-1]),
    ]
    figure = figures.saliencies(found, ["first", "second"])
    limits = {ax.images[0].get_clim() for ax in figure.axes[:6] if ax.images[0].cmap.name == "RdBu"}
    assert limits == {(-0.25, 0.25)}
    assert {"first", "second"} <= set(drawn(figure))


def test_distortions_stand_below_the_image_they_are_of():
    images = np.stack([IMAGE, 255 - IMAGE])
    ax = figures.distortions(images, [images, images])
    sheet = ax.images[0].get_array()
    assert sheet.shape[0] > 3 * 28
    np.testing.assert_array_equal(sheet[:28, :28], IMAGE)
    np.testing.assert_array_equal(sheet[-28:, :28], IMAGE)


def test_an_ensemble_is_drawn_beside_its_members():
    ax = figures.ensemble([0.99, 0.995], [0.99, 0.992])
    alone, together = ax.lines
    np.testing.assert_array_equal(alone.get_ydata(), [0.99, 0.992])
    np.testing.assert_array_equal(together.get_ydata(), [0.99, 0.995])


@pytest.mark.parametrize(("together", "alone"), [([], []), ([0.9], [0.9, 0.8])])
def test_an_ensemble_has_an_accuracy_for_each_member(together, alone):
    with pytest.raises(SettingError, match="expected an accuracy for each"):
        figures.ensemble(together, alone)


def test_agreement_says_how_many_digits_are_lost():
    found = Agreement(np.array([3, 0, 5, 900]), np.array([0, 0, 4, 900]))
    shown = drawn(figures.agreement(found).figure)
    assert {" 3, 3 misread together", " 0", " 5, 1 misread together", " 900"} <= set(shown)
