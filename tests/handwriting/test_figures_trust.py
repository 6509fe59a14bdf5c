"""Figures of trust: each shows what it is given, and no word covers another."""

import numpy as np
import pytest
from drawn_words import covered, said, stays_inside, ticks, words

import handwriting.figures.trust as draw
from handwriting.data.published import FASHION_MNIST
from handwriting.evaluation.calibration import reliability
from handwriting.evaluation.corruptions import KINDS, corrupt
from handwriting.evaluation.intervals import wilson
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.evaluation.selective import risk_coverage
from handwriting.experiments.trust import AccuracyEstimate

RANDOM = np.random.default_rng(0)
NAMES = "dense network", "small network"
IMAGE = RANDOM.integers(0, 256, (28, 28), np.uint8)


def headline(title, right, images, effect=None):
    return AccuracyEstimate(title, right / images, wilson(right, images), "images", images, effect)


def headlines(*right, images=10_000):
    return draw.headlines(
        {
            name: (
                headline("images are independent", count, images),
                headline("writers are independent", count, images, 2.0),
                headline("without disputed labels", min(count, images - 15), images - 15, 2.0),
            )
            for name, count in zip(NAMES, right, strict=True)
        }
    )


def scores(images=360, classes=10, wrong=20, sure=0.9):
    """Scores of images of class 0, of which the first are taken for 1."""
    table = np.full((images, classes), (1 - sure) / (classes - 1))
    table[:, 0] = sure
    table[:wrong, :2] = table[:wrong, 1::-1]
    return table + RANDOM.uniform(0, (1 - sure) / 100, table.shape)


def reliabilities(**settings):
    found = reliability(scores(**settings), np.zeros(360, int), equal="mass")
    return draw.reliability(dict.fromkeys(NAMES, (found, found)))


def refusals(**settings):
    table = scores(**settings)
    return draw.refusals({name: risk_coverage(table, np.zeros(len(table), int)) for name in NAMES})


def declines(*accuracies):
    return {
        name: [CorruptionCurve(kind, (each,) * 6) for kind in KINDS]
        for name, each in zip(NAMES, accuracies, strict=True)
    }


def captioned(titles, notes, size=28):
    return draw.captioned(
        RANDOM.integers(0, 256, (len(titles), size, size), np.uint8), titles, notes
    )


CLOTHES = [", ".join(FASHION_MNIST.class_names[:4]) + ", \N{HORIZONTAL ELLIPSIS}"] * 7
ALL = {
    "headlines": lambda: headlines(9_467, 9_850).figure,
    "headlines of the perfect": lambda: headlines(10_000, 10_000).figure,
    "headlines of the hopeless": lambda: headlines(0, 9_999).figure,
    "headlines of few images": lambda: headlines(12, 9, images=20).figure,
    "headlines of one way": lambda: (
        draw.headlines({NAMES[0]: (headline("images are independent", 350, 360),)}).figure
    ),
    "mistakes": lambda: (
        draw.mistakes_by_writer({NAMES[0]: (np.array([10, 10]), np.array([0, 2]))}).figure
    ),
    "no mistakes": lambda: (
        draw.mistakes_by_writer({NAMES[0]: (np.array([10, 10]), np.array([0, 0]))}).figure
    ),
    "reliability": lambda: reliabilities(),
    "reliability of the sure": lambda: reliabilities(wrong=0, sure=0.9999),
    "reliability of the unsure": lambda: reliabilities(wrong=300, sure=0.2),
    "refusals": lambda: refusals().figure,
    "refusals of the perfect": lambda: refusals(wrong=0).figure,
    "refusals of the hopeless": lambda: refusals(wrong=360).figure,
    "damage": lambda: draw.damage(IMAGE, KINDS),
    "damage of a small image": lambda: draw.damage(IMAGE[:8, :8], KINDS),
    "declines": lambda: draw.declines(declines(0.95, 0.99)),
    "declines of the hopeless": lambda: draw.declines(declines(0.0, 0.0)),
    "certainty": lambda: draw.certainty(scores().max(1), {"clothes": scores(sure=0.3).max(1)}),
    "certainty of one value": lambda: draw.certainty(
        np.ones(9), {"a": np.ones(3), "b": np.ones(3)}
    ),
    "captioned": lambda: captioned(["label 4"] * 15, ["looks like 9"] * 15),
    "captioned once": lambda: captioned(["label 4"], ["0, 1, 2, 3, \N{HORIZONTAL ELLIPSIS}"]),
    "captioned clothes": lambda: captioned(["label T-shirt or top"] * 7, CLOTHES),
}


@pytest.fixture(scope="module")
def drawn():
    """Every figure by its name, drawn once."""
    figures = {name: draw() for name, draw in ALL.items()}
    for figure in figures.values():
        figure.draw_without_rendering()
    return figures


def test_no_word_covers_another(drawn):
    assert {name: pairs for name, figure in drawn.items() if (pairs := covered(figure))} == {}


def test_no_word_leaves_its_figure(drawn):
    assert [name for name, figure in drawn.items() if not stays_inside(figure)] == []


def test_no_word_is_too_small_to_read_on_a_phone(drawn):
    sizes = {name: min(each.get_fontsize() for each in words(drawn[name])) for name in drawn}
    assert {name: size for name, size in sizes.items() if size < 10} == {}
    assert [name for name, each in drawn.items() if each.get_size_inches()[0] > 6.4] == []


def test_each_scale_of_accuracy_has_two_numbers_or_more(drawn):
    scales = [
        (name, axis)
        for name, figure in drawn.items()
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        if axis.get_scale() == "log"
    ]
    assert scales
    assert [name for name, axis in scales if len(ticks(axis)) < 2] == []


def test_a_headline_stands_at_its_share_of_mistakes_with_its_interval_beside_it():
    ax = draw.headlines({NAMES[0]: (headline("images are independent", 90, 100),)})
    bar, dot = ax.lines
    assert dot.get_xdata()[0] == pytest.approx(0.1)
    found = wilson(90, 100)
    np.testing.assert_allclose(bar.get_xdata(), [1 - found.high, 1 - found.low])
    assert f"{found.low:.2%} to {found.high:.2%}" in said(ax.figure)


def test_better_is_to_the_right():
    left, right = headlines(9_000, 9_900).get_xlim()
    assert left > right  # shares of mistakes


def test_mistakes_are_drawn_from_the_hardest_writer_on():
    """Of 40 digits, the hardest writer's 10 hold 3 of 4 mistakes, the next one's 20 the other."""
    ax = draw.mistakes_by_writer({NAMES[0]: (np.array([10, 20, 10]), np.array([0, 1, 3]))})
    curve = ax.lines[0]
    np.testing.assert_allclose(curve.get_xdata(), [0, 0.25, 0.75, 1])
    np.testing.assert_allclose(curve.get_ydata(), [0, 0.75, 1, 1])


def test_reliability_leaves_empty_groups_out_and_begins_below_the_least():
    found = reliability(np.array([[0.75, 0.25], [0.95, 0.05]]), [0, 0], bins=10)
    ax = draw.reliability({NAMES[0]: (found, found)}).axes[0]
    dots = ax.lines[1]
    np.testing.assert_allclose(dots.get_xdata(), [0.75, 0.95])
    np.testing.assert_allclose(dots.get_ydata(), [1, 1])
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_xlim()[0] < min(found.lows[found.counts > 0])


def test_refusals_begin_with_all_and_end_with_a_tenth_refused():
    ax = refusals()
    line = ax.lines[0]
    assert line.get_xdata().max() == pytest.approx(0.1)
    assert line.get_xdata().min() == 0
    assert line.get_ydata()[-1] == pytest.approx(20 / 360)


def test_each_damage_has_a_row_that_grows_worse():
    sheet = draw.damage(IMAGE, KINDS[:2]).axes[0].images[0].get_array()
    np.testing.assert_array_equal(sheet[:28, :28], IMAGE)
    worst = corrupt(IMAGE[np.newaxis], KINDS[1].name, 5)[0]
    np.testing.assert_array_equal(sheet[-28:, -28:], worst)


def test_declines_name_each_kind_once_and_each_network_once():
    shown = said(draw.declines(declines(0.9, 0.99)))
    assert [shown.count(kind.title) for kind in KINDS] == [1] * len(KINDS)
    assert [shown.count(name) for name in NAMES] == [1, 1]


@pytest.mark.parametrize("kinds", [1, 2, 3, 10])
def test_declines_of_any_number_of_kinds_have_room_for_the_names(kinds):
    some = {name: each[:kinds] for name, each in declines(0.9, 0.99).items()}
    assert set(NAMES) <= set(said(draw.declines(some)))


def test_bars_of_certainty_are_shares_and_none_is_lost():
    figure = draw.certainty(np.array([0.5, 1.0, 1 + 1e-6]), {"none": np.zeros(0)})
    heights = [[bar.get_height() for bar in ax.patches] for ax in figure.axes]
    assert heights[0][10] == pytest.approx(1 / 3)
    assert sum(heights[0]) == pytest.approx(1)
    assert heights[0][-1] == pytest.approx(2 / 3)


def test_captions_stand_above_and_below_their_image():
    ax = captioned(["label 4"], ["looks like 9"]).axes[0]
    assert (ax.get_title(loc="center"), ax.get_xlabel()) == ("label 4", "looks like 9")


def test_long_captions_take_several_lines():
    ax = captioned(["label T-shirt or top"], ["b"]).axes[0]
    assert ax.get_title(loc="center").split("\n") == ["label T-shirt", "or top"]
