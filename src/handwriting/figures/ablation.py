"""Figures of recipes: how well and how soon their networks read, what buys what, who agrees."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from handwriting.evaluation.ablation import AblationEffect
from handwriting.evaluation.error_overlap import Agreement, EvaluatedEnsemble
from handwriting.evaluation.repeated_runs import LearningCurve, RepeatedRuns
from handwriting.figures.phrases import counted, duration, signed_points, significant
from handwriting.figures.style import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    PURPLE,
    VERMILION,
    Drawing,
    accuracy_axis,
    count_axis,
    error_share,
    new,
    styled,
    time_axis,
)
from handwriting.models.config import DENSE, LENET_5, ONE_EPOCH, SMALL, WIDE, ModelConfig

_LOOKS = {
    DENSE.name: (GREY, "o"),
    LENET_5.name: (PURPLE, "v"),
    ONE_EPOCH.name: (GREEN, "^"),
    SMALL.name: (BLUE, "s"),
    WIDE.name: (VERMILION, "D"),
}
"""A recipe's colour and mark in each figure, so that recipes differ in both."""

_LEAST_ERROR = 1e-4


@styled
def accuracy_against_training_time(groups: Sequence[RepeatedRuns]) -> Drawing:
    """Return a drawing of the test accuracy and the training time of each recipe's networks.

    Args:
        groups: the recipes' runs; kept ones are hollow.
    """
    ax = new(height=4.2, width=6.4).subplots()
    drawn: list[tuple[float, float]] = []
    for group in groups:
        colour, mark = _look(group.recipe)
        times, errors = [run.outcome.seconds for run in group.runs], _errors(group)
        ax.plot(
            times, errors, mark, color=colour, markersize=6, alpha=0.85,
            markerfacecolor="white" if group.kept else colour, label=group.title,
        )  # fmt: skip
        drawn += zip(times, errors, strict=True)
    _scales(ax, drawn, 1.5, time_axis)
    ax.set(xlabel="time to train", ylabel="test accuracy")
    rows = "; ".join(
        f"{each.title} {each.accuracy.mean:.2%} after {duration(each.seconds)}" for each in groups
    )
    alt = f"Mean test accuracy and median training time of each recipe: {rows}."
    return Drawing(ax.figure, alt)


@styled
def ablation_effects(found: Sequence[AblationEffect]) -> Drawing:
    """Return a drawing of what each change of a recipe does to its accuracy, with its interval.

    Grey is what the seeds do not tell apart from no change.

    Args:
        found: the effects, at least one, in the order in which they are drawn, from the top.
    """
    ax = new(height=1.0 + 0.3 * len(found), width=6.4).subplots()
    colours = {"better": BLUE, "worse": VERMILION, "not told apart": GREY}
    ax.axvline(0, color=GREY, linewidth=1)
    for row, each in enumerate(found):
        colour = colours[each.verdict]
        if each.interval:
            ends = 100 * each.interval.low, 100 * each.interval.high
            ax.plot(ends, [row, row], color=colour, linewidth=4, alpha=0.45)
        ax.plot(100 * each.difference, row, "o", color=colour, markersize=7)
    edge = ax.get_yaxis_transform()
    for row, each in enumerate(found):
        slower = f"{significant(each.slowdown, 2)} times as long"
        ax.text(1.02, row, slower, transform=edge, va="center", fontsize=10)
    ax.set_yticks(range(len(found)), [each.title for each in found], fontsize=10)
    ax.set(ylim=(len(found) - 0.4, -0.6), xlabel="test accuracy: percentage points gained or lost")
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda points, _: signed_points(points / 100)))
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.grid(True)
    rows = "; ".join(map(_effect, found))
    alt = f"Change of the mean test accuracy in percentage points, with its 95% interval: {rows}."
    return Drawing(ax.figure, alt)


def _effect(found: AblationEffect) -> str:
    interval = found.interval
    ends = f" ({signed_points(interval.low)} to {signed_points(interval.high)})" if interval else ""
    slower = f"{significant(found.slowdown, 2)} times as long"
    return f"{found.title} {signed_points(found.difference)}{ends}, {slower}"


@styled
def accuracy_while_learning(
    curves: Sequence[LearningCurve], against: Literal["images", "seconds"]
) -> Drawing:
    """Return a drawing of how validation accuracy grows with images seen, or with seconds.

    Args:
        curves: one for each recipe; kept ones are hollow.
        against: what lies along the horizontal axis.
    """
    ax = new(height=4.2, width=6.4).subplots()
    drawn: list[tuple[float, float]] = []
    for each in curves:
        colour, mark = _look(each.recipe)
        places = getattr(each, against)
        errors = [max(1 - accuracy, _LEAST_ERROR) for accuracy in each.accuracy]
        ax.plot(
            places, errors, f"{mark}-", color=colour, markersize=4, linewidth=1.5,
            label=each.recipe.title, markerfacecolor="white" if each.kept else colour,
        )  # fmt: skip
        drawn += zip(places, errors, strict=True)
    _scales(ax, drawn, 1.3, time_axis if against == "seconds" else count_axis)
    label = {"seconds": "time since training began", "images": "images seen"}[against]
    ax.set(xlabel=label, ylabel="validation accuracy")
    rows = "; ".join(_growth(each, against) for each in curves)
    return Drawing(ax.figure, f"Mean validation accuracy against {against}, by epoch: {rows}.")


def _growth(curve: LearningCurve, against: Literal["images", "seconds"]) -> str:
    last = curve.last
    cost = duration(last.seconds) if against == "seconds" else counted(last.images, "image")
    return f"{last.title} from {curve.accuracy[0]:.2%} to {curve.accuracy[-1]:.2%} in {cost}"


@styled
def training_sizes(series: Sequence[Sequence[RepeatedRuns]]) -> Drawing:
    """Return a drawing of test accuracy against how many images were learned from.

    Args:
        series: for each kind of network, the runs of its recipe with more and more images.
    """
    ax = new(height=4.0, width=6.4).subplots()
    drawn: list[tuple[float, float]] = []
    for groups in series:
        colour, mark = _look(groups[-1].recipe)
        images = [group.images for group in groups]
        means = [error_share(each.accuracy.mean, each.accuracy.trials) for each in groups]
        ax.plot(
            images, means, "-", color=colour, linewidth=1.5, label=groups[-1].title, marker=mark
        )
        for place, group in zip(images, groups, strict=True):
            points = [(place, error) for error in _errors(group)]
            ax.plot(*zip(*points, strict=True), "_", color=colour, markersize=9)
            drawn += points
    _scales(ax, drawn, 1.3, count_axis)
    ax.set(xlabel="training images", ylabel="test accuracy")
    rows = "; ".join(map(_sizes, series))
    return Drawing(ax.figure, f"Mean test accuracy by how many images were learned from. {rows}.")


def _sizes(groups: Sequence[RepeatedRuns]) -> str:
    points = ", ".join(f"{each.accuracy.mean:.2%} with {each.images:,}" for each in groups)
    return f"{groups[-1].title}: {points}"


@styled
def ensemble(found: EvaluatedEnsemble) -> Drawing:
    """Return a drawing of the test accuracy of more and more networks that read together."""
    members, accuracies = found.members.accuracy.values, found.accuracies
    ax = new(height=2.9).subplots()
    counts = range(1, len(members) + 1)
    ax.plot(counts, members, "o", color=GREY, markersize=6, label="each alone")
    ax.plot(counts, accuracies, "D-", color=BLUE, markersize=6, label="together, the first so many")
    _legend(ax)
    ax.set(xlabel="networks", ylabel="test accuracy", xlim=(0.7, len(members) + 0.3))
    ax.set_xticks(list(counts))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.5g}%"))
    ax.yaxis.grid(True)
    ax.margins(y=0.15)
    together, alone = (", ".join(f"{one:.2%}" for one in each) for each in (accuracies, members))
    alt = (
        f"Test accuracy of the first network, the first two together and so on: {together}; of "
        f"each network alone: {alone}."
    )
    return Drawing(ax.figure, alt)


@styled
def agreement(found: Agreement) -> Drawing:
    """Return a drawing of how many images how many members read, and what becomes of them."""
    ax = new(height=2.9).subplots()
    readers = np.arange(len(found.images))
    lost = found.images - found.together
    ax.barh(readers, np.maximum(found.images, 0.6), color=BLUE, height=0.7)
    ax.barh(readers, np.where(lost, np.maximum(lost, 0.6), 0), color=VERMILION, height=0.35)
    rows = []
    for place, (images, wrong) in enumerate(zip(found.images.tolist(), lost.tolist(), strict=True)):
        words = f" {images:,}" + (f", {wrong:,} misread together" if wrong else "")
        ax.text(max(images, 0.6), place, words, va="center", fontsize=9.5)
        rows.append(f"{place} right: {counted(images, 'image')}, {images - wrong:,} read together")
    ax.set(xscale="log", xlabel="test images", ylabel="networks that are right")
    ax.set(xlim=(0.5, 30 * max(int(found.images.max()), 1)), yticks=readers)
    count_axis(ax)
    ax.spines["left"].set_color(FAINT)
    alt = f"Test images by how many networks read them correctly. {'; '.join(rows)}."
    return Drawing(ax.figure, alt)


def _errors(group: RepeatedRuns) -> list[float]:
    return [error_share(share, group.accuracy.trials) for share in group.accuracy.values]


def _scales(
    ax: Axes,
    drawn: Sequence[tuple[float, float]],
    room: float,
    along: Callable[[Axes], None],
) -> None:
    """Give axes of error shares their logarithmic scales, a grid, and a legend above them.

    Args:
        ax: what is drawn on.
        drawn: the points, each a place and a share of errors.
        room: what is left free beside the outermost points, as a factor.
        along: gives the horizontal axis its ticks.
    """
    places, errors = zip(*drawn, strict=True)
    ax.set(xscale="log", xlim=(min(places) / room, max(places) * room))
    ax.set_ylim(max(errors) * 1.2, min(errors) / 1.2)
    along(ax)
    accuracy_axis(ax, "y", errors)
    ax.grid(True)
    _legend(ax)


def _look(recipe: ModelConfig) -> tuple[str, str]:
    return _LOOKS.get(recipe.name, (GREY, "o"))


def _legend(ax: Axes) -> None:
    """Say above the axes what each mark stands for, where no mark can be covered."""
    ax.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, fontsize=9.5,
        handletextpad=0.4, columnspacing=1.2, borderaxespad=0.2,
    )  # fmt: skip
