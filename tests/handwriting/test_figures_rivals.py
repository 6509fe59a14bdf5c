"""Figures of rivals: nothing covers anything else, and each says what it should."""

import itertools

import matplotlib
import numpy as np
import pandas as pd
import pytest
from drawn_words import covered

from handwriting import figures
from handwriting.baselines.timing import BARE
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation import comparison, error_overlap, standings
from handwriting.evaluation.standings import READINGS, Spread

NAMES = ("zero", "one", "two")


def words(drawing):
    texts = drawing.figure.findobj(matplotlib.text.Text)
    return [text.get_text() for text in texts if text.get_text()]


@pytest.fixture
def crowd(make_result, make_way, truths):
    """Twenty entrants, many of which read and last nearly alike, half of them by NumPy, too."""
    random = np.random.default_rng(0)
    many = np.resize(truths, 1200)
    entered = []
    for number in range(20):
        wrong = random.random(1200) < 0.03 * (1 + number // 4)
        speed = 10.0 ** -(3 + number % 4) * random.uniform(0.8, 1.2)
        ways = [make_way("it", speed, speed), make_way(BARE, speed / 100, speed / 100)]
        entered.append(
            make_result(
                f"a rather long title {number}",
                np.where(wrong, (many + 1) % 3, many),
                ways=ways[: 1 + number % 2] if number else ways,
                network=number == 0,
            )
        )
    floor = [make_way("it", 1e-4, 1e-4), make_way(BARE, 1e-6, 1e-6)]
    entered.append(make_result("majority class", np.zeros(1200), ways=floor))
    return comparison.compare(entered, many)


@pytest.mark.parametrize("reading", READINGS)
def test_no_name_covers_another_or_a_point_or_leaves_the_figure(crowd, reading):
    figure = figures.accuracy_against_time(crowd, reading).figure
    figure.draw_without_rendering()
    assert covered(figure) == []
    for ax, world in zip(figure.axes, standings.WORLDS, strict=True):
        boxes = [text.get_window_extent() for text in ax.texts]
        shown = crowd.world(world)
        assert len(boxes) == len(shown) + 1  # the floor has a name, too
        dots = [line for line in ax.lines if line.get_marker() in ("o", "D")]
        marks = [line.get_window_extent() for line in dots]
        assert len(marks) == len(shown)
        assert not [text for text in ax.texts if text.get_window_extent().count_overlaps(marks)]
        edge = figure.bbox
        outside = (box.x0 < edge.x0 or box.x1 > edge.x1 or box.y1 > edge.y1 for box in boxes)
        assert not any(outside)


def test_the_same_figure_is_drawn_each_time(crowd):
    first, second = (figures.accuracy_against_time(crowd, "batch").figure for _ in range(2))
    places = [[text.get_position() for text in figure.axes[0].texts] for figure in (first, second)]
    assert places[0] == places[1]


def test_the_dummy_is_not_drawn_where_time_counts(found):
    shown = figures.accuracy_against_time(found, "single")
    assert "dummy" not in words(shown)
    assert "The dummy, which does not look, takes 1.0 µs." in shown.alt
    assert {"dummy: 1.0 µs", "dummy: 100 ns"} <= set(words(shown))
    assert "dummy" in words(figures.accuracies(found))


def test_what_was_timed_on_another_day_is_hollow_and_the_network_stands_out(found):
    library, bare = figures.accuracy_against_time(found, "single").figure.axes
    faces = {
        line.get_xdata()[0]: (line.get_markerfacecolor(), line.get_marker())
        for line in library.lines
        if line.get_marker() in ("o", "D")
    }
    assert faces[0.05] == ("white", "o")
    assert (faces[0.1][1], faces[0.001][1]) == ("D", "o")
    assert "white" not in (faces[0.1][0], faces[0.001][0])
    assert [text.get_text() for text in bare.texts][1:] == ["neural network", "quick"]


def test_the_frontier_is_drawn_of_those_that_took_turns(found):
    said = figures.accuracy_against_time(found, "single").alt
    assert "On the frontier: quick and neural network, quick call. By NumPy alone:" in said
    assert said.endswith("On the frontier: neural network.")
    assert figures.frontier(found.speeds("batch")[1]) == "quick and neural network"


def test_the_accuracies_are_written_beside_their_names(found):
    drawing = figures.accuracies(found)
    (ax,) = drawing.figure.axes
    rows = [text.get_text() for text in ax.get_yticklabels()]
    assert rows == ["accurate", "neural network", "quick", "dummy"]
    assert {"91.67%", "87.50%", "58.33%", "33.33%"} <= set(words(drawing))


def test_ticks_do_not_run_into_each_other(crowd):
    (ax,) = figures.accuracies(crowd).figure.axes
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.get_xticklabels() if text.get_text()]
    assert len(boxes) >= 2
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_the_ways_of_calling_the_network_have_their_times(found):
    shown = words(figures.ways_to_call(found))
    assert {"slow call", "quick call", "100 ms", "2.0 ms", "1.0 ms"} <= set(shown)


@pytest.mark.parametrize("ratio", [0.9, 1, 1.5, 5])
def test_times_that_are_much_the_same_do_not_cover_each_other(make_result, make_way, truths, ratio):
    ways = [make_way(name, 8e-6, 8e-6 / ratio) for name in ("one way", "another", BARE)]
    ways.append(make_way("the slowest", 0.04, 6e-5))
    found = comparison.compare([make_result("it", truths, ways=ways, network=True)], truths)
    figure = figures.ways_to_call(found).figure
    figure.draw_without_rendering()
    assert covered(figure) == []


def test_who_makes_no_mistake_can_be_drawn(make_result, make_way, truths):
    perfect = make_result("perfect", truths, ways=[make_way("it", 1, 1)], network=True)
    found = comparison.compare([perfect], truths)
    assert "100.00%" in words(figures.accuracies(found))
    figures.accuracy_against_time(found, "single")
    figures.error_shares(error_overlap.error_shares([perfect], truths, NAMES))
    alone = figures.kappas(error_overlap.kappas([perfect], truths), "perfect")
    assert alone.alt.endswith("The network with: nobody.")


def test_shares_are_written_in_percent(results, truths):
    titles = [result.entrant.title for result in results]
    shown = figures.error_shares(error_overlap.error_shares(results, truths, NAMES))
    assert {"25", "75", "100", "0.0", *titles, *NAMES} <= set(words(shown))
    assert "quick: one, 75.0%" in shown.alt


def test_of_many_classes_those_misread_most_are_drawn():
    names = [f"c{number}" for number in range(60)]
    shares = pd.DataFrame([np.linspace(0, 1, 60)] * 2, ["one", "two"], names)
    shown = figures.error_shares(shares)
    assert {"c34", "c59"} <= set(words(shown))
    assert "c33" not in words(shown)
    assert "the 26 of 60 that are misread most. The hardest for each: one: c59" in shown.alt


def brightness(colour):
    """A colour's relative luminance, WCAG 2.2."""
    parts = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_words_on_a_heat_map_have_contrast(results, truths):
    (ax,) = figures.error_shares(error_overlap.error_shares(results, truths, NAMES)).figure.axes
    ax.figure.draw_without_rendering()
    fields = ax.collections[0].get_facecolors()
    assert len(fields) == len(ax.texts) == 12
    for field, text in zip(fields, ax.texts, strict=True):
        assert tuple(field)[3] == 1  # so that a page's dark theme does not shine through
        dark, light = sorted(brightness(each) for each in (field, text.get_color()))
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_kappas_name_their_rows_and_number_their_columns(results, truths):
    shown = figures.kappas(error_overlap.kappas(results, truths), "neural network")
    assert {"neural network  1", "quick  4", "1", "4", ".62"} <= set(words(shown))
    assert "accurate 0.62, quick 0.06" in shown.alt


def test_what_nobody_reads_is_described_with_what_people_read(results, truths):
    nobodys = error_overlap.network_overlap(results, truths).unread
    images = np.zeros((len(truths), 4, 4), np.uint8)
    disputes = [Dispute(int(nobodys.indices[0]), 0, (2,))]
    shown = figures.unread(images, nobodys, NAMES, disputes)
    assert shown.alt.endswith("zero read as one by 100% (label disputed: people read two).")
    assert "people: two" in words(shown)


def test_figures_say_what_they_show(found):
    interval = f"{found.accuracy.accuracy('accurate').interval:.2%}"
    assert f"accurate 91.67% ({interval})" in figures.accuracies(found).alt
    points = figures.accuracy_against_time(found, "single").alt
    assert "Called through their libraries: accurate (91.67%, 50 ms); neural network" in points
    assert figures.ways_to_call(found).alt == (
        "An image that comes alone takes: slow call, 100 ms (100 ms in a batch), quick call, "
        "2.0 ms (1.0 ms in a batch) and NumPy alone, 20 µs (10 µs in a batch)."
    )


def test_numbers_of_tables_have_the_digits_that_count():
    assert figures.with_interval(Spread(11 / 12, 0.646, 0.985)) == "91.67% (64.6\N{EN DASH}98.5)"
    assert figures.with_range(Spread(50e3, 45e3, 55e3)) == "50,000 (45,000\N{EN DASH}55,000)"
    assert [figures.p_number(each) for each in (0.0001, 0.0123)] == ["< 0.001", "0.012"]
    apart = figures.points_with_interval(Spread(0.284, -0.05, 0.5))
    assert apart == "+0.28 (\N{MINUS SIGN}0.05 to +0.50)"


def test_deskewing_shows_each_image_twice():
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 6), np.uint8)
    drawing = figures.deskewing(images)
    (ax,) = drawing.figure.axes
    assert [text.get_text() for text in ax.get_yticklabels()] == ["as written", "deskewed"]
    height, width = ax.images[0].get_array().shape
    assert (height, width) == (2 * 8 + 1, 3 * 6 + 2)
    assert drawing.alt.startswith("3 slanted images, and")
