"""Figures of trust: each shows what it is given, and no word covers another."""

import numpy as np
import pytest
from drawn_words import said
from legible import Legible
from networks import DIGITS, data_set

import handwriting.figures.robustness as hurt
import handwriting.figures.trust as draw
from handwriting.data.published import FASHION_MNIST
from handwriting.evaluation.accuracy import (
    AccuracyEstimate,
    AccuracyEstimates,
    GroupShare,
    GroupShares,
)
from handwriting.evaluation.adversarial import RADII, AdversarialAccuracy
from handwriting.evaluation.conformal import prediction_sets
from handwriting.evaluation.corruptions import KINDS
from handwriting.evaluation.intervals import Interval, wilson
from handwriting.evaluation.label_errors import SuspectLabels
from handwriting.evaluation.own_errors import judge
from handwriting.evaluation.robustness import CorruptionCurve, Robustness
from handwriting.evaluation.selective import Certainty, risk_coverage
from handwriting.evaluation.writers import crowding

RANDOM = np.random.default_rng(0)
NAMES = "dense", "small"
IMAGE = RANDOM.integers(0, 256, (28, 28), np.uint8)


def estimate(case, right, images, effect=None):
    return AccuracyEstimate(case, right / images, wilson(right, images), "images", images, effect)


def estimates(*right, images=10_000):
    return draw.accuracy_estimates(
        [
            AccuracyEstimates(
                name,
                (
                    estimate("images are independent", count, images),
                    estimate("writers are independent", count, images, 2.0),
                    estimate("disputed labels count for it", count, images, 2.0),
                    estimate("disputed labels count against it", max(0, count - 15), images, 2.0),
                ),
            )
            for name, count in zip(NAMES, right, strict=True)
        ]
    )


def one_way(right, images):
    ways = (estimate("images are independent", right, images),)
    return draw.accuracy_estimates([AccuracyEstimates(NAMES[0], ways)])


def mistakes(*wrong, names=NAMES):
    """Of writers of 10 images each, so many of which are misread."""
    misread = np.concatenate([np.arange(10) < each for each in wrong])
    writers = np.repeat(np.arange(len(wrong)), 10)
    return draw.mistakes_by_writer([crowding(name, misread, writers) for name in names])


def groups(count, expected=0.99, names=NAMES):
    """Shares of a series and of so many classes."""
    titles = ["hsf_4", *map(str, range(count))]
    shares = [
        GroupShare(title, 1000, 290, 0.98 + number / 2000, Interval(0.97, 0.995))
        for number, title in enumerate(titles)
    ]
    found = [GroupShares(name, expected, tuple(shares)) for name in names]
    return draw.by_group(found, "sets that hold the truth")


def changed(*worst):
    noise = (0.99,) * len(RADII)
    return hurt.small_changes(
        [AdversarialAccuracy(name, 500, 0.99, (each,) * len(RADII), noise)
         for name, each in zip(NAMES, worst, strict=False)]
    )  # fmt: skip


def scores(images=360, classes=10, wrong=20, sure=0.9):
    """Scores of images of class 0, of which the first are taken for 1."""
    table = np.full((images, classes), (1 - sure) / (classes - 1))
    table[:, 0] = sure
    table[:wrong, :2] = table[:wrong, 1::-1]
    return table + RANDOM.uniform(0, (1 - sure) / 100, table.shape)


def reliabilities(**settings):
    found = [judge(name, scores(**settings), np.zeros(360, int), 0.5) for name in NAMES]
    return draw.reliability(found)


SURE = judge(NAMES[0], np.array([[0.75, 0.25]] * 3), np.zeros(3, int), 0.5)
"""At the temperature 0.5 odds of 3 are odds of 9."""


def refusals(**settings):
    table = scores(**settings)
    labels = np.zeros(len(table), int)
    return draw.refusals([risk_coverage(table, labels, name) for name in NAMES])


def curve(kind, *accuracies):
    by_training = tuple((each,) * 6 for each in accuracies)
    return CorruptionCurve(kind, by_training, Interval(accuracies[0] / 2, 1.0), {5: 1})


def curves(*accuracies, kinds=KINDS):
    return hurt.corruption_curves(
        [
            Robustness(name, 2000, tuple(curve(kind, each) for kind in kinds))
            for name, each in zip(NAMES, accuracies, strict=True)
        ]
    )


def certainty(*confidences):
    names = ["test images", "clothes", "letters"][: len(confidences)]
    return draw.certainty([*map(Certainty, names, map(np.asarray, confidences))])


def suspects(images, names=DIGITS):
    labels = np.full(images, 4)
    found = SuspectLabels(np.arange(images), labels, labels + 5, 100, 0.5, 3)
    return draw.suspects(data_set(20, names), found)


def ambiguous(images, members, names=DIGITS):
    data = data_set(images, names)
    scores = np.full((images, len(names)), np.arange(len(names)) < members)
    return draw.ambiguous(data, prediction_sets(scores, data.test.labels, 0.5, 0.9, "small"))


ALL = {
    "estimates": lambda: estimates(9_467, 9_850),
    "estimates of the perfect": lambda: estimates(10_000, 10_000),
    "estimates of the hopeless": lambda: estimates(0, 9_999),
    "estimates of few images": lambda: estimates(12, 9, images=20),
    "estimates of one way": lambda: one_way(350, 360),
    "mistakes": lambda: mistakes(0, 2),
    "one mistake": lambda: mistakes(0, 1),
    "many mistakes": lambda: mistakes(*[0, 1, 2] * 30),
    "mistakes of one network": lambda: mistakes(0, 2, names=NAMES[:1]),
    "groups": lambda: groups(10),
    "many groups": lambda: groups(26),
    "one network's groups": lambda: groups(3, names=NAMES[:1]),
    "small changes": lambda: changed(0.3, 0.9),
    "small changes that break it": lambda: changed(0.0),
    "reliability": lambda: reliabilities(),
    "reliability of the sure": lambda: reliabilities(wrong=0, sure=0.9999),
    "reliability of the unsure": lambda: reliabilities(wrong=300, sure=0.2),
    "refusals": lambda: refusals(),
    "refusals of the perfect": lambda: refusals(wrong=0),
    "refusals of the hopeless": lambda: refusals(wrong=360),
    "damage": lambda: hurt.damage(IMAGE),
    "damage of a small image": lambda: hurt.damage(IMAGE[:8, :8]),
    "curves": lambda: curves(0.95, 0.99),
    "curves of the hopeless": lambda: curves(0.0, 0.0),
    "certainty": lambda: certainty(scores().max(1), scores(sure=0.3).max(1)),
    "certainty of one value": lambda: certainty(np.ones(9), np.ones(3), np.ones(3)),
    "suspects": lambda: suspects(15),
    "one ambiguous": lambda: ambiguous(1, 5),
    "ambiguous clothes": lambda: ambiguous(7, 5, FASHION_MNIST.class_names),
}


class TestEachFigure(Legible):
    drawings = ALL


def test_an_estimate_stands_at_its_share_of_mistakes_with_its_interval_beside_it():
    figure = one_way(90, 100).figure
    bar, dot = figure.axes[0].lines
    assert dot.get_xdata()[0] == pytest.approx(0.1)
    found = wilson(90, 100)
    np.testing.assert_allclose(bar.get_xdata(), [1 - found.high, 1 - found.low])
    assert f"{found.low:.2%} to {found.high:.2%}" in said(figure)


def test_better_is_to_the_right():
    left, right = estimates(9_000, 9_900).figure.axes[0].get_xlim()
    assert left > right  # shares of mistakes


def test_reliability_shows_each_group_and_begins_below_the_least():
    table = np.array([[0.75, 0.25], [0.95, 0.05]])
    found = judge("small", table, np.zeros(2, int), 1.0)
    ax = draw.reliability([found]).figure.axes[0]
    dots = ax.lines[1]
    np.testing.assert_allclose(dots.get_xdata(), [0.75, 0.95])
    np.testing.assert_allclose(dots.get_ydata(), [1, 1])
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_xlim()[0] < found.before.by_mass.lows.min()


def test_mistakes_of_the_first_writers_stand_in_their_band():
    ax = mistakes(0, 2).figure.axes[0]
    np.testing.assert_allclose(ax.lines[0].get_ydata()[:2], [0, 1])


def test_each_group_has_its_share_and_the_one_to_be_expected():
    ax = groups(3, names=NAMES[:1]).figure.axes[0]
    line, dots = ax.lines
    assert set(line.get_xdata()) == {0.99}
    np.testing.assert_allclose(dots.get_xdata(), [0.98, 0.9805, 0.981, 0.9815])


def test_a_constant_answer_is_drawn_hollow():
    hollow = curves(0.9, 0.99, kinds=KINDS[:1]).figure.axes[0].lines[1]
    assert (hollow.get_xdata().tolist(), hollow.get_markerfacecolor()) == ([5], "white")


def test_a_line_is_the_mean_over_trainings_in_a_band_from_the_lowest_to_the_highest():
    found = hurt.corruption_curves([Robustness("small", 9, (curve(KINDS[0], 0.4, 0.9, 0.5),))])
    (band,), (line, *_) = found.figure.axes[0].collections, found.figure.axes[0].lines
    np.testing.assert_allclose(line.get_ydata(), [0.6] * 6)
    assert set(band.get_paths()[0].vertices[:, 1].round(9)) == {0.4, 0.9}
    assert "from the lowest to the highest training" in found.alt
    assert "small network, 60.0% on images as written: shift 40.0% to 90.0%" in found.alt
    assert any("in some training" in words for words in said(found.figure))


def test_refusals_begin_with_all_and_end_with_a_tenth_refused():
    line = refusals().figure.axes[0].lines[0]
    assert line.get_xdata().max() == pytest.approx(0.1)
    assert line.get_xdata().min() == 0
    assert line.get_ydata()[-1] == pytest.approx(20 / 360)


def test_each_damage_has_a_row_that_grows_worse():
    sheet = hurt.damage(IMAGE, KINDS[:2]).figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(sheet[:28, :28], IMAGE)
    worst = KINDS[1].damaged(IMAGE[np.newaxis], 5)[0]
    np.testing.assert_array_equal(sheet[-28:, -28:], worst)


def test_curves_name_each_kind_once_and_each_network_once():
    shown = said(curves(0.9, 0.99).figure)
    assert [shown.count(kind.title) for kind in KINDS] == [1] * len(KINDS)
    assert [shown.count(f"{name} network") for name in NAMES] == [1, 1]


@pytest.mark.parametrize("kinds", [1, 2, 3, 10])
def test_curves_of_any_number_of_kinds_have_room_for_the_names(kinds):
    found = curves(0.9, 0.99, kinds=KINDS[:kinds])
    assert {f"{name} network" for name in NAMES} <= set(said(found.figure))


def test_bars_of_certainty_are_shares_and_none_is_lost():
    figure = certainty([0.5, 1.0, 1 + 1e-6]).figure
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights[10] == pytest.approx(1 / 3)
    assert sum(heights) == pytest.approx(1)
    assert heights[-1] == pytest.approx(2 / 3)


def test_an_image_has_its_label_above_and_what_it_looks_like_below():
    ax = suspects(1).figure.axes[0]
    assert (ax.get_title(loc="center"), ax.get_xlabel()) == ("label 4", "looks like 9")


def test_long_names_take_several_lines():
    ax = ambiguous(1, 2, FASHION_MNIST.class_names).figure.axes[0]
    assert ax.get_title(loc="center").split("\n") == ["label T-shirt", "or top"]


WORDS = {
    "dense network, images are independent: 90.00%": lambda: one_way(90, 100),
    "make half of them: dense network: 1, by chance 1 to 1;": lambda: mistakes(0, 2),
    "small network: hsf_4 98.00% (97.00% to 99.50%), ": lambda: groups(3),
    "dense network: 0% 99.0% (99.0%), 2% 30.0% (99.0%), ": lambda: changed(0.3, 0.9),
    "dense network: 25.00% as it is, 10.00% tempered": lambda: draw.reliability([SURE]),
    "94.44% at 0%, ": lambda: refusals(),
    "rotation: turned by 10, 20, 30, 40, 50 degrees to either side": lambda: hurt.damage(IMAGE),
    "dense network, 90.0% on images as written: shift 90.0%, ": lambda: curves(0.9, 0.99),
    "clothes: median 0.300, 0% of at least 0.9.": lambda: certainty([1, 1], [0.2, 0.4]),
    "Suspicious training images: label 4 (looks like 9).": lambda: suspects(1),
    "Ambiguous test images: label 0 (0, 1).": lambda: ambiguous(1, 2),
    "label 0 (0, 1, 2, 3, \N{HORIZONTAL ELLIPSIS}).": lambda: ambiguous(1, 9),
}


@pytest.mark.parametrize("words", WORDS)
def test_a_figure_says_its_numbers(words):
    assert words in WORDS[words]().alt


def test_of_many_groups_those_farthest_from_the_line_are_drawn():
    drawing = groups(256, expected=0.98)
    assert "; the 26 of 257 farthest from the line. " in drawing.alt
    assert "network: 230 " in drawing.alt
    assert len(drawing.figure.axes[0].get_yticks()) == 26
