"""Drawings of recipes and of what their networks see: each shows what it is given, and says so."""

from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from legible import Legible
from runs import TEST, TRUTHS, repeated

from handwriting import figures
from handwriting.evaluation import error_overlap
from handwriting.evaluation.ablation import AblationEffect
from handwriting.evaluation.error_overlap import Agreement
from handwriting.evaluation.interpretability import FeatureMaps, Saliency
from handwriting.evaluation.intervals import Interval
from handwriting.evaluation.milestones import LearningCurve
from handwriting.models.config import DENSE, SMALL
from handwriting.models.ensemble import Ensemble

IMAGE = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)


def words(drawing):
    drawing.figure.draw_without_rendering()
    texts = drawing.figure.findobj(matplotlib.text.Text)
    return [text.get_text() for text in texts if text.get_text()]


def effect(title, difference, low, high, p_value=0.01):
    return AblationEffect(title, difference, Interval(low, high), p_value, 0.001, 3)


def test_effects_that_luck_does_not_explain_stand_out():
    found = [
        effect("worse", -0.002, -0.003, -0.001),
        effect("open", 0.0, -0.001, 0.001, p_value=0.8),
        effect("better", 0.002, 0.001, 0.003),
    ]
    drawing = figures.ablation_effects(found)
    (ax,) = drawing.figure.axes
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [round(float(dot.get_xdata()[0]), 6) for dot in dots] == [-0.2, 0.0, 0.2]
    assert len({dot.get_color() for dot in dots}) == 3
    assert [text.get_text() for text in ax.get_yticklabels()] == ["worse", "open", "better"]
    assert "+0.20" in words(drawing)
    assert "better +0.20 (+0.10 to +0.30), better" in drawing.alt


def test_an_effect_of_one_seed_has_no_bar():
    drawing = figures.ablation_effects([AblationEffect("once", 0.001, None, 1.0, np.nan, 1)])
    (ax,) = drawing.figure.axes
    assert not [line for line in ax.lines if line.get_linewidth() == 4 and len(line.get_xdata())]
    assert "once +0.10, not told apart" in drawing.alt


def curve(recipe, accuracies):
    epochs = np.arange(1, len(accuracies) + 1)
    return LearningCurve(recipe, 55_000 * epochs, 4.0 * epochs, np.array(accuracies))


@pytest.mark.parametrize(("against", "label"), [("images", "images seen"), ("seconds", "time")])
def test_growth_names_each_recipe_and_its_axis(against, label):
    curves = [curve(DENSE, [0.95, 0.97]), curve(SMALL, [0.98, 0.99, 1.0])]
    drawing = figures.accuracy_while_learning(curves, against)
    shown = words(drawing)
    assert {"dense network", "small network"} <= set(shown)
    assert any(label in text for text in shown)
    cost = {"images": "165,000 images", "seconds": "12 s"}[against]
    assert f"small network from 98.00% to 100.00% in {cost}" in drawing.alt


def test_a_recipe_looks_the_same_whoever_stands_beside_it():
    small, dense = curve(SMALL, [0.9, 0.99]), curve(DENSE, [0.9])
    (alone,) = figures.accuracy_while_learning([small], "images").figure.axes[0].lines
    both = figures.accuracy_while_learning([dense, small], "images")
    assert both.figure.axes[0].lines[1].get_color() == alone.get_color()
    assert both.figure.axes[0].lines[1].get_marker() == alone.get_marker()


def test_what_was_kept_is_hollow():
    kept = replace(curve(SMALL, [0.9]), kept=True)
    (line,) = figures.accuracy_while_learning([kept], "images").figure.axes[0].lines
    assert line.get_markerfacecolor() == "white"


def test_growth_draws_what_it_is_given():
    drawing = figures.accuracy_while_learning([curve(SMALL, [0.9, 0.99])], "images")
    (line,) = drawing.figure.axes[0].lines
    np.testing.assert_array_equal(line.get_xdata(), [55_000, 110_000])
    np.testing.assert_allclose(line.get_ydata(), [0.1, 0.01])


def test_feature_maps_say_how_many_there_are():
    found = [FeatureMaps(1, np.ones((4, 12, 12))), FeatureMaps(2, np.ones((40, 5, 5)))]
    drawing = figures.feature_maps(IMAGE, found, "7")
    shown = words(drawing)
    assert "block 1: 4 maps of 12 by 12" in shown
    assert "An image of 7" in drawing.alt
    assert "4 maps of 12 by 12 in block 1 and 40 maps of 5 by 5 in block 2" in drawing.alt
    assert "block 2: 40 maps of 5 by 5, 24 of them" in shown


def test_maps_without_any_response_can_be_words():
    words(figures.feature_maps(IMAGE, [FeatureMaps(1, np.zeros((4, 3, 3)))], "7"))


def test_saliencies_share_one_scale():
    changes = np.zeros((28, 28)), np.full((28, 28), 0.25)
    found = [
        Saliency("a", IMAGE, 1, 1, 0.9, *changes),
        Saliency("b", IMAGE, 1, 2, 0.8, *changes[::-1]),
    ]
    drawing = figures.saliencies(found, "012")
    images = [ax.images[0] for ax in drawing.figure.axes[:6]]
    assert {image.get_clim() for image in images if image.cmap.name == "RdBu"} == {(-0.25, 0.25)}
    assert {"a:\n1 read as 1 (90%)", "b:\n1 read as 2 (80%)"} <= set(words(drawing))
    assert "rubbing out changes its probability by 0.25 to 0.25, putting ink in by 0.00" in (
        drawing.alt
    )


def test_distortions_stand_below_the_image_they_are_of():
    images = np.stack([IMAGE, 255 - IMAGE])
    drawing = figures.distortions(images, [images, images])
    sheet = drawing.figure.axes[0].images[0].get_array()
    assert drawing.alt.startswith("2 training images as written, and below each 2 versions, turned")
    assert sheet.shape[0] > 3 * 28
    np.testing.assert_array_equal(sheet[:28, :28], IMAGE)
    np.testing.assert_array_equal(sheet[-28:, :28], IMAGE)


def test_filters_are_counted_with_their_range():
    drawing = figures.filters(np.array([[[-0.5, 0.25]]]))
    assert "1 filter of 1 by 2 weights" in drawing.alt
    assert "from \N{MINUS SIGN}0.50 (red) to 0.25 (blue)" in drawing.alt


def test_an_ensemble_is_drawn_beside_its_members():
    rows = np.stack([TRUTHS, TRUTHS])
    rows[0, 0] = 3
    members = repeated(SMALL, [0], [0, 1])
    found = error_overlap.evaluated(Ensemble((0, 1), rows), members, TEST)
    drawing = figures.ensemble(found)
    alone, together = drawing.figure.axes[0].lines
    np.testing.assert_array_equal(alone.get_ydata(), [0.9, 0.8])
    np.testing.assert_array_equal(together.get_ydata(), [0.9, 1.0])
    assert "90.00%, 100.00%; of each network alone: 90.00%, 80.00%" in drawing.alt


def test_recipes_are_drawn_by_their_accuracy_and_time():
    groups = [repeated(DENSE, [0, 1], [2, 3]), repeated(SMALL, [0])]
    drawing = figures.accuracy_against_training_time(groups)
    assert {"dense network", "small network"} <= set(words(drawing))
    assert "dense network 80.00% after 2.0 s; small network 90.00% after 2.0 s" in drawing.alt


def test_training_sizes_are_drawn_for_each_network():
    groups = [[repeated(each, [0, 1], images=60), repeated(each, [0])] for each in (DENSE, SMALL)]
    drawing = figures.training_sizes(groups)
    assert "small network: 80.00% with 60, 90.00% with 1,200" in drawing.alt
    assert "dense network" in words(drawing)


def test_agreement_says_how_many_images_are_lost():
    found = Agreement(np.array([3, 0, 5, 900]), np.array([0, 0, 4, 900]))
    drawing = figures.agreement(found)
    shown = {" 3, 3 misread together", " 0", " 5, 1 misread together", " 900"}
    assert shown <= set(words(drawing))
    assert "2 right: 5 images, 4 read together" in drawing.alt


ALL = {
    "effects": lambda: figures.ablation_effects([effect("worse", -0.002, -0.003, -0.001)]),
    "growth": lambda: figures.accuracy_while_learning([curve(SMALL, [0.9, 0.99])], "seconds"),
    "maps": lambda: figures.feature_maps(IMAGE, [FeatureMaps(1, np.ones((4, 12, 12)))], "7"),
    "filters": lambda: figures.filters(np.array([[[-0.5, 0.25]]])),
    "distortions": lambda: figures.distortions(IMAGE[np.newaxis], [IMAGE[np.newaxis]]),
}


class TestEachFigure(Legible):
    drawings = ALL
