"""Figures of rivals: who reads best, who reads fastest, and who does both."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import textalloc
from matplotlib.axes import Axes

from handwriting.evaluation.comparison import Comparison, Speed
from handwriting.evaluation.standings import WORLDS, Reading, Standing, World
from handwriting.figures.phrases import (
    counted,
    duration,
    listed,
)
from handwriting.figures.style import (
    BLUE,
    FAINT,
    GREY,
    INK,
    VERMILION,
    Drawing,
    accuracy_axis,
    error_share,
    interval,
    new,
    styled,
    time_axis,
    unruled,
)

_READINGS = {
    "single": "time for an image that comes alone",
    "batch": "time for an image among many",
}
_MARKS = ("o", "D")
"""Of a rival and of the network."""

_DOT = 7
"""How wide a mark is, in points."""

_CLEAR = 0.8
"""How far from a mark's middle a name begins at least, in widths of a mark."""

_WORLDS = {"library": "Called through their libraries", "bare": "By NumPy alone"}


@styled
def accuracies(found: Comparison) -> Drawing:
    """Return a drawing of each classifier's mean accuracy with its 95% interval, the best on top.

    Accuracy is drawn by the logarithm of its errors, so that equal steps make equal differences in
    how many digits are misread.
    """
    shown, ours = found.ranked, found.network.name
    ax = new(height=0.8 + 0.27 * len(shown), width=6.4).subplots()
    for row, each in enumerate(shown):
        network = each.name == ours
        colour, weight = (BLUE, "bold") if network else (GREY, "normal")
        bounds = each.interval.low, each.interval.high
        ends = [error_share(share, found.trials) for share in bounds]
        interval(ax, row, ends, f"{each.mean:.2%}", colour, weight)
        _dot(ax, error_share(each.mean, found.trials), row, network)
    ax.set_yticks(range(len(shown)), [each.name for each in shown], fontsize=10)
    ax.get_yticklabels()[[each.name for each in shown].index(ours)].set_fontweight("bold")
    ax.set(ylim=(len(shown) - 0.4, -0.6), xlabel="mean test accuracy")
    accuracy_axis(ax, "x", [error_share(each.interval.low, found.trials) for each in shown])
    ax.invert_xaxis()
    unruled(ax)
    ax.xaxis.grid(True)
    rows = "; ".join(f"{each.name} {each.mean:.2%} ({each.interval:.2%})" for each in shown)
    return Drawing(
        ax.figure,
        f"Mean accuracy on {counted(found.trials, 'test image')} with its 95% interval. {rows}.",
    )


@styled
def accuracy_against_time(found: Comparison, reading: Reading) -> Drawing:
    """Return a drawing of accuracy against time for a digit, on log scales, a panel for each world.

    On the frontier stands whom no other of its world beats in accuracy and time; a dashed line is
    the time of the majority class. The network's ways are blue; what was timed in another run is
    hollow. No name covers another, or a point.

    Args:
        found: who was compared; who answers every digit alike is left out.
        reading: which time is drawn.
    """
    worlds = [world for world in WORLDS if found.world(world)]
    counts = [len(found.world(world)) for world in worlds]
    shares = [3 + count / 4 for count in counts]
    figure = new(height=0.6 + 0.95 * sum(shares), width=6.4, gap=0.06)
    panels = figure.subplots(len(worlds), squeeze=False, height_ratios=shares)[:, 0]
    told = [_panel(ax, found, world, reading) for ax, world in zip(panels, worlds, strict=True)]
    for ax, world in zip(panels, worlds, strict=True):  # once nothing moves any more
        _label(ax, found.world(world))
    return Drawing(figure, f"Accuracy against time for an image. {' '.join(told)}")


def _panel(ax: Axes, found: Comparison, world: World, reading: Reading) -> str:
    """Draw those of one world, and return what is seen."""
    shown, best, floor = found.world(world), found.frontier(world, reading), found.floor(world)
    times = [each.seconds(reading) for each in shown]
    errors = [error_share(each.accuracy, found.trials) for each in shown]
    least = [floor.seconds(reading)] if floor else []
    longest, worst = max(times) * 4, max(errors) * 1.25
    ax.set(xlim=(min(*times, *least, longest) / 2.5, longest), ylim=(worst, min(errors) / 1.25))
    rises = [*(each.seconds(reading) for each in best), longest]
    heights = [worst, *(error_share(each.accuracy, found.trials) for each in best)]
    steps = np.repeat(rises, 2)[:-1].tolist(), np.repeat(heights, 2)[1:].tolist()
    ax.plot(*steps, color=VERMILION, linewidth=1.2)
    for x, y, each in zip(times, errors, shown, strict=True):
        _dot(ax, x, y, each.network, each.in_turns)
    ax.set(xscale="log", xlabel=_READINGS[reading], ylabel="test accuracy")
    time_axis(ax)
    accuracy_axis(ax, "y", errors)
    ax.grid(True)
    ax.set_title(_WORLDS[world], pad=20 if floor else 6)
    words = f"{_WORLDS[world]}: {'; '.join(in_words(each, reading) for each in shown)}."
    if floor:
        time = duration(floor.seconds(reading))
        ax.axvline(floor.seconds(reading), color=GREY, linewidth=1, linestyle="--", zorder=1)
        ax.annotate(
            f"{floor.title}: {time}", (floor.seconds(reading), 1),
            (-4, 3), xycoords=ax.get_xaxis_transform(), textcoords="offset points",
            fontsize=9, color=GREY,
        )  # fmt: skip
        words += f" The {floor.title}, which does not look, takes {time}."
    return f"{words} On the frontier: {listed([each.label for each in best])}."


def in_words(found: Standing, reading: Reading) -> str:
    """Return whom a point stands for, and where it is: `LDA (87.30%, 120 µs)`."""
    return f"{found.label} ({found.accuracy:.2%}, {duration(found.seconds(reading))})"


def frontier(found: Speed) -> str:
    """Return who stands on a frontier, the fastest first."""
    return listed([each.label for each in found.frontier])


def _label(ax: Axes, shown: Sequence[Standing]) -> None:
    """Write each entrant's name beside its point, clear of all others and of the lines."""
    dots = [line for line in ax.lines if line.get_marker() in _MARKS]
    times, errors = np.concatenate([np.asarray(line.get_xydata()) for line in dots]).T.tolist()
    sizes: Any = [_CLEAR * _DOT * ax.figure.dpi / 72] * len(dots)  # its types are wrong
    steps, *floor = [np.array(line.get_data()) for line in ax.lines if line not in dots]
    bounds = np.array(ax.get_ylim())
    textalloc.allocate(
        ax,
        times,
        errors,
        [each.label for each in shown],
        x_scatter=times,
        y_scatter=errors,
        scatter_sizes=sizes,
        x_lines=[each[0] for each in (steps, *floor)],
        y_lines=[steps[1], *(bounds for _ in floor)],
        textsize=9,
        textcolor=[BLUE if each.network else INK for each in shown],
        linecolor=GREY,
        linewidth=0.6,
        margin=0.01,
        min_distance=0.03,
        max_distance=0.5,
        nbr_candidates=2500,
        avoid_label_lines_overlap=True,
        avoid_crossing_label_lines=True,
        priority_strategy="largest",
    )
    for text in ax.texts:
        text.set_in_layout(False)


@styled
def ways_to_call(found: Comparison) -> Drawing:
    """Return a drawing of what an image costs by each way of calling the network."""
    ways = found.slowest_first
    figure = new(height=0.9 + 0.62 * len(ways))
    ax = figure.subplots()
    times = []
    for row, each in enumerate(ways):
        alone, among = each.seconds("single"), each.seconds("batch")
        ax.plot([among, alone], [row, row], color=FAINT, linewidth=3, zorder=1)
        # Above and below, since the two may be much the same.
        for seconds, mark, colour, off in ((alone, "o", BLUE, 7), (among, "s", GREY, -7)):
            ax.plot(seconds, row, mark, color=colour, markersize=7)
            ax.annotate(
                duration(seconds), (seconds, row), (0, off), textcoords="offset points",
                ha="center", va="bottom" if off > 0 else "top", color=colour, fontsize=9.5,
            )  # fmt: skip
        times.append(f"{each.way}, {duration(alone)} ({duration(among)} in a batch)")
    ax.set_yticks(range(len(ways)), [each.way for each in ways])
    ax.set(xscale="log", ylim=(len(ways) - 0.4, -0.6), xlabel="time for an image", xmargin=0.15)
    time_axis(ax)
    unruled(ax)
    figure.text(0.01, 0.0, "● alone", color=BLUE, fontsize=10, va="bottom")
    figure.text(0.16, 0.0, "■ in a batch", color=GREY, fontsize=10, va="bottom")
    return Drawing(figure, f"An image that comes alone takes: {listed(times)}.")


def _dot(ax: Axes, x: float, y: float, network: bool, in_turns: bool = True) -> None:
    """A point: the network's blue, hollow where it was timed in another run."""
    colour = BLUE if network else GREY
    ax.plot(
        x, y, _MARKS[network], markersize=_DOT, markeredgecolor=colour,
        markerfacecolor=colour if in_turns else "white", zorder=3,
    )  # fmt: skip
