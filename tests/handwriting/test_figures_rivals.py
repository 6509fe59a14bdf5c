"""Figures of rivals: nothing covers anything else, and each says what it should."""

import itertools

import matplotlib
import numpy as np
import pytest

from handwriting import figures
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation import comparison, error_overlap
from handwriting.evaluation.comparison import READINGS, Spread

NAMES = ("zero", "one", "two")


def words(drawing):
    texts = drawing.figure.findobj(matplotlib.text.Text)
    return [text.get_text() for text in texts if text.get_text()]


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
    return comparison.compare(entered, many)


@pytest.mark.parametrize("reading", READINGS)
def test_no_name_covers_another_or_a_point_or_leaves_the_figure(crowd, reading):
    figure = figures.accuracy_against_time(crowd, reading).figure
    figure.draw_without_rendering()
    (ax,) = figure.axes
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == len(crowd.standings)
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    dots = [line for line in ax.lines if line.get_marker() in ("o", "D")]
    points = [ax.transData.transform(line.get_xydata()[0]) for line in dots]
    assert len(points) == len(crowd.standings)
    assert not [point for point in points for box in boxes if box.contains(*point)]
    edge = figure.bbox
    assert not [box for box in boxes if box.x0 < edge.x0 or box.x1 > edge.x1 or box.y1 > edge.y1]


def test_the_same_figure_is_drawn_each_time(crowd):
    first, second = (figures.accuracy_against_time(crowd, "batch").figure for _ in range(2))
    places = [[text.get_position() for text in figure.axes[0].texts] for figure in (first, second)]
    assert places[0] == places[1]


def test_the_dummy_is_not_drawn_where_time_counts(found):
    shown = figures.accuracy_against_time(found, "single")
    assert "dummy" not in words(shown)
    assert "dummy" not in shown.alt
    assert "dummy" in words(figures.accuracies(found))


def test_what_was_kept_is_hollow_and_the_network_stands_out(found):
    (ax,) = figures.accuracies(found).figure.axes
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
    assert {"91.67%", "83.33%", "58.33%", "33.33%"} <= set(words(figures.accuracies(found)))


def test_ticks_do_not_run_into_each_other(crowd):
    (ax,) = figures.accuracies(crowd).figure.axes
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.get_xticklabels() if text.get_text()]
    assert len(boxes) >= 2
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_the_ways_of_calling_the_network_have_their_times(found):
    shown = words(figures.ways_to_call(found))
    assert {"slow call", "quick call", "100 ms", "2.0 ms", "1.0 ms"} <= set(shown)


def test_who_makes_no_mistake_can_be_drawn(make_result, make_way, truths):
    perfect = make_result("perfect", truths, ways=[make_way("it", 1, 1)], network=True)
    found = comparison.compare([perfect], truths)
    assert "100.00%" in words(figures.accuracies(found))
    figures.accuracy_against_time(found, "single")
    figures.error_shares(error_overlap.error_shares([perfect], truths, NAMES))
    alone = figures.overlaps(error_overlap.overlaps([perfect], truths), "perfect")
    assert alone.alt.endswith("Of the network's: there are none.")


def test_shares_are_written_in_percent(results, truths):
    titles = [result.entrant.title for result in results]
    shown = figures.error_shares(error_overlap.error_shares(results, truths, NAMES))
    assert {"25", "75", "100", "0.0", *titles, *NAMES} <= set(words(shown))
    assert "quick: one, 75.0%" in shown.alt


def test_overlaps_name_their_rows_and_number_their_columns(results, truths):
    shown = figures.overlaps(error_overlap.overlaps(results, truths), "neural network")
    assert {"neural network  1", "quick  4", "1", "4", "50"} <= set(words(shown))
    assert "accurate 50%, quick 50%" in shown.alt


def test_what_nobody_reads_is_described_with_what_people_read(results, truths):
    nobodys = error_overlap.network_overlap(results, truths).unread
    images = np.zeros((len(truths), 4, 4), np.uint8)
    disputes = [Dispute(int(nobodys.indices[0]), 0, (2,))]
    shown = figures.unread(images, nobodys, NAMES, disputes)
    assert shown.alt.endswith("zero read as one by 100% (label disputed: people read two).")
    assert "people: two" in words(shown)


def test_figures_say_what_they_show(found):
    assert "accurate 91.67% (64.61% to 98.51%)" in figures.accuracies(found).alt
    points = figures.accuracy_against_time(found, "single").alt
    assert "accurate (91.67%, 50 ms)" in points
    assert points.endswith("On the frontier: quick, neural network, quick call and accurate.")
    assert figures.ways_to_call(found).alt == (
        "An image that comes alone takes: slow call, 100 ms (100 ms in a batch) and quick call, "
        "2.0 ms (1.0 ms in a batch)."
    )


def test_numbers_of_tables_have_the_digits_that_count():
    assert figures.with_interval(Spread(11 / 12, 0.646, 0.985)) == "91.67% (64.6\N{EN DASH}98.5)"
    assert figures.with_range(Spread(50e3, 45e3, 55e3)) == "50,000 (45,000\N{EN DASH}55,000)"
    assert [figures.p_number(each) for each in (0.0001, 0.0123)] == ["< 0.001", "0.012"]


def test_deskewing_shows_each_image_twice():
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 6), np.uint8)
    drawing = figures.deskewing(images)
    (ax,) = drawing.figure.axes
    assert [text.get_text() for text in ax.get_yticklabels()] == ["as written", "deskewed"]
    height, width = ax.images[0].get_array().shape
    assert (height, width) == (2 * 8 + 1, 3 * 6 + 2)
    assert drawing.alt.startswith("3 slanted images, and")
