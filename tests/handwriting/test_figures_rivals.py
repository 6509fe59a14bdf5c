"""Figures of a contest: nothing covers anything else, and each says what it should."""

import itertools

import matplotlib
import numpy as np
import pytest

from handwriting import figures
from handwriting.evaluation import comparison, error_overlap
from handwriting.evaluation.comparison import READINGS

NAMES = ("zero", "one", "two")


@pytest.fixture
def found(results, truths):
    return comparison.standings(results, truths)


def words(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


@pytest.fixture
def crowd(make_result, make_way, truths):
    """Twenty entrants, many of which read and last nearly alike."""
    random = np.random.default_rng(0)
    many = np.resize(truths, 1200)
    entered = []
    for number in range(20):
        wrong = random.random(1200) < 0.03 * (1 + number // 4)
        speed = 10.0 ** -(3 + number % 4) * random.uniform(0.8, 1.2)
        entered.append(
            make_result(
                f"a rather long title {number}",
                np.where(wrong, (many + 1) % 3, many),
                ways=[make_way("it", speed, speed)],
                network=number == 0,
            )
        )
    return comparison.standings(entered, many)


@pytest.mark.parametrize("reading", READINGS)
def test_no_name_covers_another_or_a_point_or_leaves_the_figure(crowd, reading):
    figure = figures.accuracy_against_time(crowd, reading)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == len(crowd)
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    dots = [line for line in ax.lines if line.get_marker() in ("o", "D")]
    points = [ax.transData.transform(line.get_xydata()[0]) for line in dots]
    assert len(points) == len(crowd)
    assert not [point for point in points for box in boxes if box.contains(*point)]
    edge = figure.bbox
    assert not [box for box in boxes if box.x0 < edge.x0 or box.x1 > edge.x1 or box.y1 > edge.y1]


def test_the_same_figure_is_drawn_each_time(crowd):
    first, second = (figures.accuracy_against_time(crowd, "batch") for _ in range(2))
    places = [[text.get_position() for text in figure.axes[0].texts] for figure in (first, second)]
    assert places[0] == places[1]


def test_the_dummy_is_not_drawn_where_time_counts(found):
    assert "dummy" not in words(figures.accuracy_against_time(found, "single"))
    assert "dummy" in words(figures.accuracies(found).figure)


def test_what_was_kept_is_hollow_and_the_network_stands_out(found):
    ax = figures.accuracies(found)
    faces = {
        line.get_ydata()[0]: (line.get_markerfacecolor(), line.get_marker())
        for line in ax.lines
        if line.get_marker() in ("o", "D")
    }
    rows = [text.get_text() for text in ax.get_yticklabels()]
    assert rows == ["accurate", "neural network", "quick", "dummy"]
    assert faces[0][0] == "white"
    assert faces[1][1] == "D"
    assert "white" not in (faces[1][0], faces[2][0])


def test_the_accuracies_are_written_beside_their_names(found):
    assert {"91.67%", "83.33%", "58.33%", "33.33%"} <= set(words(figures.accuracies(found).figure))


def test_ticks_do_not_run_into_each_other(crowd):
    ax = figures.accuracies(crowd)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.get_xticklabels() if text.get_text()]
    assert len(boxes) >= 2
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_the_ways_of_calling_the_network_have_their_times(found):
    shown = words(figures.ways_to_call(found))
    assert {"slow call", "quick call", "100 ms", "2.0 ms", "1.0 ms"} <= set(shown)


def test_who_makes_no_mistake_can_be_drawn(make_result, make_way, truths):
    perfect = make_result("perfect", truths, ways=[make_way("it", 1, 1)], network=True)
    found = comparison.standings([perfect], truths)
    assert "100.00%" in words(figures.accuracies(found).figure)
    figures.accuracy_against_time(found, "single")
    figures.error_shares(error_overlap.error_shares([perfect], truths, 3), ["perfect"], NAMES)
    figures.overlaps(error_overlap.overlaps([perfect], truths), ["perfect"])


def test_shares_are_written_in_percent(results, truths):
    titles = [result.entrant.title for result in results]
    shown = words(
        figures.error_shares(error_overlap.error_shares(results, truths, 3), titles, NAMES)
    )
    assert {"25", "75", "100", "0.0", *titles, *NAMES} <= set(shown)


def test_overlaps_name_their_rows_and_number_their_columns(results, truths):
    titles = [result.entrant.title for result in results]
    shown = words(figures.overlaps(error_overlap.overlaps(results, truths), titles))
    assert {"neural network  1", "quick  4", "1", "4", "50"} <= set(shown)


def test_deskewing_shows_each_image_twice():
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 6), np.uint8)
    ax = figures.deskewing(images)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["as written", "deskewed"]
    height, width = ax.images[0].get_array().shape
    assert (height, width) == (2 * 8 + 1, 3 * 6 + 2)
