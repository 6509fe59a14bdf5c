"""Figures of what training and testing gave: curves, accuracies, confusion, confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from handwriting.evaluation.classification import Classification, LearningCurves
from handwriting.evaluation.difficulty import MistakesByDifficulty
from handwriting.evaluation.selective import Certainty
from handwriting.evaluation.trainings import MeanAccuracy
from handwriting.figures.phrases import short
from handwriting.figures.style import (
    BLUE,
    GREY,
    INK,
    PALE,
    VERMILION,
    Drawing,
    new,
    styled,
    unruled,
)

_MOST_MARKED = 30  # epochs; with more, the marks run into one another
_MOST_ANNOTATED = 12  # classes; with more, the numbers no longer fit their squares
_MOST_LETTERS = 40  # of names side by side; with more, they stand upright


@styled
def learning_curves(curves: LearningCurves) -> Drawing:
    """Return loss and accuracy by epoch, training and validation."""
    parts = {"training": ""} | ({"validation": "validation_"} if curves.watched else {})
    figure = new(height=3.7)
    panels = figure.subplots(2, 1, sharex=True)
    for ax, name in zip(panels, ("loss", "accuracy"), strict=True):
        _curves(ax, {part: curves.table[prefix + name] for part, prefix in parts.items()})
        ax.set_title(name)
    panels[1].yaxis.set_major_formatter(_in_percent)
    panels[1].set(xlabel="epoch", xlim=(0.5, len(curves.table) + 0.5))
    panels[1].xaxis.set_major_locator(MaxNLocator(integer=True))
    ends = "; ".join(
        f"{name} loss {curves.first[f'{prefix}loss']:.3f} to {curves.last[f'{prefix}loss']:.3f}, "
        f"{name} accuracy {curves.first[f'{prefix}accuracy']:.2%} to "
        f"{curves.last[f'{prefix}accuracy']:.2%}"
        for name, prefix in parts.items()
    )
    return Drawing(figure, f"Curves by epoch, from the first to the last: {ends}.")


def _curves(ax: Axes, curves: Mapping[str, pd.Series[float]]) -> None:
    """Draw each curve, named at its end; the names keep clear of each other."""
    highest = sorted(curves, key=lambda name: curves[name].iloc[-1])[-1]
    for (name, values), colour in zip(curves.items(), (GREY, BLUE), strict=False):
        marks = "o-" if len(values) <= _MOST_MARKED else "-"
        ax.plot(range(1, len(values) + 1), values, marks, color=colour, markersize=4)
        ax.annotate(
            name, (len(values), values.iloc[-1]), (8, 7 if name == highest else -7),
            textcoords="offset points", va="center", color=colour, annotation_clip=False,
        )  # fmt: skip
    ax.margins(y=0.15)
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    _rule(ax)


@styled
def repeated_accuracy(
    values: NDArray[np.float64], repeated: MeanAccuracy, reported: float | None = None
) -> Drawing:
    """Return the accuracy of each training, their mean, and its 95% interval.

    Args:
        values: (trainings,) 0-1; the first is that of the network that other figures show.
        repeated: Their mean.
        reported: What somebody else reports, 0-1, or None.
    """
    ax = new(height=2.5 if len(values) > 1 else 1.7).subplots()
    if len(values) > 1:
        spread = np.linspace(0.8, 1.2, len(values))
        ax.plot(values[1:], spread[1:], "o", color=GREY, alpha=0.7)
        ax.plot(values[:1], spread[:1], "D", color=VERMILION)
        ax.set_yticks([0, 1], ["mean, with\n95% interval", "each training"])
    else:
        ax.set_yticks([0], ["95% interval"])
    interval = repeated.interval
    ax.plot([interval.low, interval.high], [0, 0], color=BLUE, linewidth=5, alpha=0.4)
    ax.plot(repeated.mean, 0, "o", color=BLUE, markersize=8)
    ax.text(repeated.mean, 0.17, f"{repeated.mean:.2%}", ha="center", va="bottom", color=BLUE)
    top = 1.5 if len(values) > 1 else 0.7
    if reported:
        ax.axvline(reported, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        words = f"original analysis {reported:.2%}"
        ax.text(reported, top + 0.04, words, ha="center", va="bottom")
    ax.set(ylim=(-0.45, top), xlabel="test accuracy", xmargin=0.12)
    ax.xaxis.set(major_locator=MaxNLocator(5, steps=[1, 2, 5, 10]), major_formatter=_in_percent)
    unruled(ax)
    each = ", ".join(f"{value:.2%}" for value in values)
    line = f" A line marks the original analysis's {reported:.2%}." if reported else ""
    return Drawing(
        ax.figure,
        f"Test accuracy of each training: {each}. Mean {repeated.mean:.2%}, 95% interval "
        f"{interval:.2%}.{line}",
    )


@styled
def confusions(found: Classification) -> Drawing:
    """Return a confusion matrix in counts and in percent; of many classes, once, in colours."""
    names, rights = found.class_names, found.matrix.diagonal()
    few = len(names) <= _MOST_ANNOTATED
    figure = new(height=4.9, width=9.4 if few else 5.4)
    counts, *percents = figure.subplots(1, 1 + few, squeeze=False)[0]
    if few:
        _heat_map(counts, found.matrix.astype(np.float64), names, ".0f", title="images")
    _heat_map([counts, *percents][-1], 100 * found.shares, names, ".1f", "percent of each row")
    listed = list(zip(names, rights, strict=True))[:_MOST_ANNOTATED]
    right = ", ".join(f"{name}: {count:,}" for name, count in listed)
    worst = [f"{x.truth} as {x.prediction}: {x.count:,}" for x in found.confusions[:3]]
    unit, some = ("counts", "") if few else ("percent", f", of the first {len(listed)} classes")
    return Drawing(
        figure,
        f"Confusion matrix in {unit}. Read correctly{some}: {right}. "
        f"Most frequent mistakes: {', '.join(worst) or 'none'}.",
    )


def _heat_map(
    ax: Axes, values: NDArray[np.float64], class_names: Sequence[str], form: str, title: str
) -> None:
    """Draw a confusion matrix, NaN where a class has no example; the mistakes stand out."""
    classes = len(values)
    right = np.eye(classes, dtype=bool)
    empty = ~(values > 0)
    mistakes = values[~right & ~empty]
    few = classes <= _MOST_ANNOTATED
    for hidden, colours, most in (
        (~right | empty, "Blues", 4 * values[right].max(initial=1, where=~empty[right])),
        (right | empty, "Oranges", 1.35 * mistakes.max(initial=1e-9)),
    ):
        seaborn.heatmap(
            values, mask=hidden, cmap=colours, vmin=0, vmax=most, ax=ax, square=True, cbar=False,
            annot=few, fmt=form, annot_kws={"fontsize": 9.5},
            xticklabels=False, yticklabels=False, rasterized=not few,
        )  # fmt: skip
    apart = -(-classes // 20)
    middles, names = (
        np.arange(0, classes, apart) + 0.5,
        [short(n, 12) for n in class_names[::apart]],
    )
    upright = classes * max(map(len, names)) > _MOST_LETTERS
    ax.set_xticks(middles, names)
    ax.set_yticks(middles, names)
    ax.tick_params(length=0, rotation=0)
    ax.tick_params(axis="x", rotation=90 * upright)
    ax.set(title=title, xlabel="read as", ylabel="truth", facecolor=PALE)


@styled
def confidence(groups: Sequence[Certainty], score_name: str) -> Drawing:
    """Return how sure a network was, of what it read correctly and of what it misread.

    Args:
        groups: The two, in this order.
        score_name: What the scores are called.
    """
    figure = new(height=3.4)
    edges = np.linspace(0, 1, 21)
    panels = figure.subplots(2, 1, sharex=True)
    for ax, group, colour in zip(panels, groups, (BLUE, VERMILION), strict=True):
        counts, _ = np.histogram(np.clip(group.confidences, 0, 1), edges)
        ax.stairs(counts / max(group.count, 1), edges, fill=True, color=colour)
        ax.set_title(f"{group.images}: {group.count:,}", color=colour)
        ax.set_ylim(0, None if group.count else 1)
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _rule(ax)
    panels[1].set(xlim=(0, 1), xlabel=f"{score_name} of the class that was read")
    figure.supylabel("share of each group", fontsize=11)
    sure = "; ".join(
        f"{group.images}: {group.count:,}, at least 0.9 {group.sure:.1%}, median {group.median:.3f}"
        for group in groups
        if group.count
    )
    return Drawing(figure, f"Histograms of the {score_name} of the class that was read. {sure}.")


@styled
def mistakes_by_difficulty(found: MistakesByDifficulty) -> Drawing:
    """Return which share a network misreads of each tenth of the images, the easiest first."""
    ax = new(height=2.7).subplots()
    shares = found.parts["Share"].to_numpy()
    bars = ax.bar(range(1, len(shares) + 1), shares, color=BLUE, width=0.8)
    ax.bar_label(bars, [f"{count:,}" for count in found.parts["Misread"]], padding=2, fontsize=9.5)
    ax.set(xlabel="tenths of the test images, the hardest last", ylabel="share misread")
    ax.set(xticks=range(1, len(shares) + 1), ylim=(0, 1.15 * max(shares.max(), 0.01)))
    ax.yaxis.set(major_locator=MaxNLocator(4), major_formatter=_in_percent)
    _rule(ax)
    counts = ", ".join(f"{count:,}" for count in found.parts["Misread"])
    return Drawing(
        ax.figure, f"Misread images in each tenth of the test images, the easiest first: {counts}."
    )


def _rule(ax: Axes) -> None:
    """Give axes horizontal lines to read values by, in place of a vertical axis."""
    ax.yaxis.grid(True)
    unruled(ax)


def _in_percent(share: float, _position: float) -> str:
    """A tick's share in percent, with no more digits than it has."""
    return f"{100 * share:.4g}%"
