"""Figures of a contest: who reads best, who reads fastest, who does both, and who errs alike."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import seaborn
import textalloc
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from handwriting.baselines.deskewing import deskewed
from handwriting.evaluation.comparison import Reading, Standing, frontier, network_of
from handwriting.figures.images import montage, show
from handwriting.figures.phrases import duration
from handwriting.figures.scales import accuracy_axis, error_share, time_axis
from handwriting.figures.style import BLUE, FAINT, GREY, INK, VERMILION, new, own_axes, styled

_READINGS = {
    "single": "time for a digit that comes alone",
    "batch": "time for a digit among many",
}


@styled
def accuracies(found: Sequence[Standing], *, ax: Axes | None = None) -> Axes:
    """Return axes with the accuracy of each entrant and its 95% interval, the best on top.

    Accuracy is drawn by the logarithm of its errors, so that equal steps make equal differences in
    how many digits are misread. Entrants measured at another time are hollow.

    Args:
        found: the standings; of the network, one is drawn.
        ax: Where to draw; a new figure if None.
    """
    shown = _once(found)
    ax = new(height=0.8 + 0.27 * len(shown), width=6.4).subplots() if ax is None else ax
    trials = shown[0].trials
    for row, each in enumerate(shown):
        colour = BLUE if each.network else GREY
        low, high = (
            error_share(share, trials) for share in (each.interval.high, each.interval.low)
        )
        ax.plot([low, high], [row, row], color=colour, linewidth=4, alpha=0.45)
        _dot(ax, error_share(each.accuracy, trials), row, each)
    edge = ax.get_yaxis_transform()
    for row, each in enumerate(shown):
        weight = "bold" if each.network else "normal"
        ax.text(
            1.02, row, f"{each.accuracy:.2%}", transform=edge, va="center", fontsize=10,
            weight=weight,
        )  # fmt: skip
    ax.set_yticks(range(len(shown)), [_title(each) for each in shown], fontsize=10)
    ax.get_yticklabels()[[each.network for each in shown].index(True)].set_fontweight("bold")
    ax.set(ylim=(len(shown) - 0.4, -0.6), xlabel="test accuracy")
    accuracy_axis(ax, "x", [error_share(each.interval.low, trials) for each in shown])
    ax.invert_xaxis()
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.grid(True)
    return ax


@styled
def accuracy_against_time(found: Sequence[Standing], reading: Reading) -> Figure:
    """Return a figure of accuracy against time for a digit, both on a log scale, with the frontier.

    On the frontier stands whom no other beats in accuracy and time. The network's ways are blue;
    entrants measured at another time are hollow. No name covers another, or a point.

    Args:
        found: the standings; who answers every digit alike is left out.
        reading: which time is drawn.
    """
    shown = [each for each in found if not each.constant]
    trials = shown[0].trials
    figure = new(height=6.8, width=6.4)
    ax = figure.subplots()
    times = [each.seconds(reading) for each in shown]
    errors = [error_share(each.accuracy, trials) for each in shown]
    best = frontier(shown, reading)
    ax.set_xlim(min(times) / 2.5, max(times) * 4)
    ax.set_ylim(max(errors) * 1.25, min(errors) / 1.25)
    steps = _staircase(
        [*(each.seconds(reading) for each in best), max(times) * 4],
        [max(errors) * 1.25, *(error_share(each.accuracy, trials) for each in best)],
    )
    ax.plot(*steps, color=VERMILION, linewidth=1.2)
    for x, y, each in zip(times, errors, shown, strict=True):
        _dot(ax, x, y, each)
    ax.set(xscale="log", xlabel=_READINGS[reading], ylabel="test accuracy")
    time_axis(ax)
    accuracy_axis(ax, "y", errors)
    ax.grid(True)
    _label(ax, times, errors, shown, steps)
    return figure


def _staircase(x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
    """The corners of a line that goes, in turn, from one height to the next and on to the next x.

    Args:
        x: where it rises, and last where it ends.
        y: where it starts, and how high it is after each rise.
    """
    corners = [(x[0], y[0])]
    for position in range(1, len(y)):
        corners += [(x[position - 1], y[position]), (x[position], y[position])]
    return [corner[0] for corner in corners], [corner[1] for corner in corners]


def _label(
    ax: Axes,
    times: list[float],
    errors: list[float],
    shown: list[Standing],
    steps: tuple[list[float], list[float]],
) -> None:
    """Write each entrant's name beside its point, clear of all others and of the frontier."""
    textalloc.allocate(
        ax,
        times,
        errors,
        [each.title for each in shown],
        x_scatter=times,
        y_scatter=errors,
        x_lines=[steps[0]],
        y_lines=[steps[1]],
        textsize=9,
        textcolor=[BLUE if each.network else INK for each in shown],
        linecolor=GREY,
        linewidth=0.6,
        margin=0.008,
        min_distance=0.02,
        max_distance=0.35,
        nbr_candidates=1500,
        avoid_label_lines_overlap=True,
        avoid_crossing_label_lines=True,
        priority_strategy="largest",
    )
    for text in ax.texts:
        text.set_in_layout(False)


@styled
def ways_to_call(found: Sequence[Standing]) -> Figure:
    """Return a figure of what a digit costs by each way of calling the network.

    Args:
        found: the standings, those of the network among them.
    """
    ways = sorted(network_of(found), key=lambda each: -each.seconds("single"))
    figure = new(height=0.9 + 0.5 * len(ways))
    ax = figure.subplots()
    for row, each in enumerate(ways):
        alone, among = each.seconds("single"), each.seconds("batch")
        ax.plot([among, alone], [row, row], color=FAINT, linewidth=3, zorder=1)
        for seconds, mark, colour in ((alone, "o", BLUE), (among, "s", GREY)):
            ax.plot(seconds, row, mark, color=colour, markersize=7)
            ax.annotate(
                duration(seconds), (seconds, row), (0, 8), textcoords="offset points",
                ha="center", color=colour, fontsize=9.5,
            )  # fmt: skip
    ax.set_yticks(range(len(ways)), [each.way for each in ways])
    ax.set(xscale="log", ylim=(len(ways) - 0.6, -0.8), xlabel="time for a digit")
    ax.margins(x=0.15)
    time_axis(ax)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    figure.text(0.01, 0.0, "● alone", color=BLUE, fontsize=10, va="bottom")
    figure.text(0.16, 0.0, "■ in a batch", color=GREY, fontsize=10, va="bottom")
    return figure


@styled
def error_shares(
    shares: NDArray[np.float64], titles: Sequence[str], class_names: Sequence[str]
) -> Figure:
    """Return a figure of which share of each class each entrant misreads, in percent.

    Args:
        shares: (entrants, classes), 0-1; NaN where there is nothing to read.
        titles: What to call each entrant.
        class_names: What to call each class.
    """
    return _heat_map(100 * shares, titles, class_names, "true class", form=_short_percent)


@styled
def overlaps(shares: NDArray[np.float64], titles: Sequence[str]) -> Figure:
    """Return a figure of which share of one entrant's mistakes another one makes, too, in percent.

    Args:
        shares: (entrants, entrants), 0-1: of the row's mistakes, those of the column.
        titles: What to call each entrant.
    """
    others = np.where(np.eye(len(shares), dtype=bool), np.nan, 100 * shares)
    numbers = [str(number) for number in range(1, len(titles) + 1)]
    rows = [f"{title}  {number}" for title, number in zip(titles, numbers, strict=True)]
    return _heat_map(others, rows, numbers, "misread by number …, too", form="{:.0f}".format)


def _heat_map(
    values: NDArray[np.float64],
    rows: Sequence[str],
    columns: Sequence[str],
    label: str,
    form: Any,
) -> Figure:
    """A table of numbers, the larger the darker; what is NaN stays empty."""
    figure = new(height=0.9 + 0.27 * len(rows), width=6.4)
    ax = figure.subplots()
    positive = values[np.nan_to_num(values) > 0]
    # Four times as far as the numbers go, so that the darkest still lets one read what is on it.
    low, high = (positive.min(), 4 * positive.max()) if len(positive) else (1, 4)
    words = [["" if np.isnan(value) else form(value) for value in row] for row in values]
    seaborn.heatmap(
        values, mask=~(values > 0), cmap="Oranges", norm=LogNorm(low, high), vmin=low, vmax=high,
        ax=ax, cbar=False, linewidths=0.5, xticklabels=columns, yticklabels=rows,
    )  # fmt: skip
    for y, row in enumerate(words):
        for x, word in enumerate(row):
            ax.text(x + 0.5, y + 0.5, word, ha="center", va="center", fontsize=8.5, color=INK)
    ax.tick_params(length=0, rotation=0, labelsize=9.5)
    ax.set_xlabel(label)
    ax.xaxis.set_label_position("top")
    ax.xaxis.tick_top()
    ax.set_facecolor("#f7f8f9")
    return figure


@styled
def deskewing(images: NDArray[np.uint8], *, ax: Axes | None = None) -> Axes:
    """Return axes with images as they are, and below each what deskewing makes of it.

    Args:
        images: (n, height, width) uint8, 0-255.
        ax: Where to draw; a new figure if None.
    """
    sheet = montage(np.concatenate([images, deskewed(images)]), len(images))
    ax = own_axes(ax, height=0.3 + 4.2 * sheet.shape[0] / sheet.shape[1])
    show(ax, sheet)
    height = images.shape[1]
    middles = [(height - 1) / 2, sheet.shape[0] - 1 - (height - 1) / 2]
    ax.set_yticks(middles, ["as written", "deskewed"])
    ax.tick_params(length=0)
    return ax


def _once(found: Sequence[Standing]) -> list[Standing]:
    """One standing an entrant: its ways read alike."""
    return list({each.name: each for each in reversed(found)}.values())[::-1]


def _title(each: Standing) -> str:
    return "neural network" if each.network else each.title


def _dot(ax: Axes, x: float, y: float, each: Standing) -> None:
    """A point: the network's blue, hollow where it was measured at another time."""
    colour = BLUE if each.network else GREY
    ax.plot(
        x, y, "D" if each.network else "o", markersize=7, markeredgecolor=colour,
        markerfacecolor="white" if each.origin == "kept" else colour, zorder=3,
    )  # fmt: skip


def _short_percent(value: float) -> str:
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
