"""Figures of recipes: how well and how soon their networks read, what buys what, who agrees."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from handwriting.evaluation.ablation import AblationEffect
from handwriting.evaluation.error_overlap import Agreement, EvaluatedEnsemble
from handwriting.evaluation.milestones import LearningCurve
from handwriting.evaluation.repeated_runs import RepeatedRuns
from handwriting.figures.phrases import counted, duration, signed_points
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
    interval,
    new,
    styled,
    time_axis,
    unruled,
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
    for group in groups:
        colour, mark = _look(group.recipe)
        ax.plot(
            group.times, _errors(group), mark, color=colour,
            markersize=6, alpha=0.85, markerfacecolor="white" if group.kept else colour,
            label=group.title,
        )  # fmt: skip
    _scales(ax, room=1.5)
    time_axis(ax)
    ax.set(xlabel="time to train", ylabel="test accuracy")
    rows = "; ".join(
        f"{each.title} {each.accuracy.mean:.2%} after {duration(each.seconds)}" for each in groups
    )
    return Drawing(
        ax.figure, f"Mean test accuracy and median training time of each recipe: {rows}."
    )


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
    told = []
    for row, each in enumerate(found):
        colour, change = colours[each.verdict], signed_points(each.difference)
        ends = [each.interval.low, each.interval.high] if each.interval else []
        interval(ax, row, [100 * end for end in ends], change, colour)
        ax.plot(100 * each.difference, row, "o", color=colour, markersize=7)
        between = f" ({' to '.join(map(signed_points, ends))})" if ends else ""
        told.append(f"{each.title} {change}{between}, {each.verdict}")
    ax.set_yticks(range(len(found)), [each.title for each in found], fontsize=10)
    ax.set(ylim=(len(found) - 0.4, -0.6), xlabel="test accuracy: percentage points gained or lost")
    ax.xaxis.set(
        major_locator=MaxNLocator(4),
        major_formatter=FuncFormatter(lambda points, _: signed_points(points / 100)),
    )
    unruled(ax)
    ax.xaxis.grid(True)
    rows = "; ".join(told)
    return Drawing(
        ax.figure,
        f"Change of the mean test accuracy in percentage points, with its 95% interval: {rows}.",
    )


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
    told = []
    for each in curves:
        colour, mark = _look(each.recipe)
        ax.plot(
            getattr(each, against), np.maximum(1 - each.accuracy, _LEAST_ERROR), f"{mark}-",
            color=colour, markersize=4, linewidth=1.5, label=each.recipe.title,
            markerfacecolor="white" if each.kept else colour,
        )  # fmt: skip
        last = each.last
        cost = duration(last.seconds) if against == "seconds" else counted(last.images, "image")
        told.append(
            f"{last.title} from {each.accuracy[0]:.2%} to {each.accuracy[-1]:.2%} in {cost}"
        )
    _scales(ax, room=1.3)
    ax.set_ylabel("validation accuracy")
    if against == "seconds":
        time_axis(ax)
        ax.set_xlabel("time since training began")
    else:
        count_axis(ax)
        ax.set_xlabel("images seen")
    rows = "; ".join(told)
    return Drawing(ax.figure, f"Mean validation accuracy against {against}, by epoch: {rows}.")


@styled
def training_sizes(series: Sequence[Sequence[RepeatedRuns]]) -> Drawing:
    """Return a drawing of test accuracy against how many images were learned from.

    Args:
        series: for each kind of network, the runs of its recipe with more and more images.
    """
    ax = new(height=4.0, width=6.4).subplots()
    told = []
    for groups in series:
        colour, mark = _look(groups[-1].recipe)
        images = [group.images for group in groups]
        means = [error_share(each.accuracy.mean, each.accuracy.trials) for each in groups]
        ax.plot(
            images, means, "-", color=colour, linewidth=1.5, label=groups[-1].title, marker=mark
        )
        for group in groups:
            errors = _errors(group)
            ax.plot([group.images] * len(errors), errors, "_", color=colour, markersize=9)
        points = ", ".join(f"{each.accuracy.mean:.2%} with {each.images:,}" for each in groups)
        told.append(f"{groups[-1].title}: {points}")
    _scales(ax, room=1.3)
    count_axis(ax)
    ax.set(xlabel="training images", ylabel="test accuracy")
    rows = "; ".join(told)
    return Drawing(ax.figure, f"Mean test accuracy by how many images were learned from. {rows}.")


@styled
def ensemble(found: EvaluatedEnsemble) -> Drawing:
    """Return a drawing of the test accuracy of more and more networks that read together."""
    members, accuracies = found.members.accuracy.values, found.accuracies
    ax = new(height=2.9).subplots()
    counts = list(range(1, len(members) + 1))
    ax.plot(counts, members, "o", color=GREY, markersize=6, label="each alone")
    ax.plot(counts, accuracies, "D-", color=BLUE, markersize=6, label="together, the first so many")
    _legend(ax)
    ax.set(xlabel="networks", ylabel="test accuracy", xlim=(0.7, len(members) + 0.3), xticks=counts)
    ax.yaxis.set(
        major_locator=MaxNLocator(5),
        major_formatter=FuncFormatter(lambda share, _: f"{100 * share:.5g}%"),
    )
    ax.yaxis.grid(True)
    ax.margins(y=0.15)
    together, alone = (", ".join(f"{one:.2%}" for one in each) for each in (accuracies, members))
    return Drawing(
        ax.figure,
        f"Test accuracy of the first network, the first two together and so on: {together}; of "
        f"each network alone: {alone}.",
    )


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
    return Drawing(
        ax.figure, f"Test images by how many networks read them correctly. {'; '.join(rows)}."
    )


def _errors(group: RepeatedRuns) -> list[float]:
    return [error_share(share, group.accuracy.trials) for share in group.accuracy.values]


def _scales(ax: Axes, room: float) -> None:
    """Give axes of error shares their logarithmic scales, a grid, and a legend above them.

    Args:
        ax: what is drawn on.
        room: what is left free beside the outermost points, as a factor.
    """
    (left, least), (right, most) = ax.dataLim.get_points()
    ax.set(xscale="log", xlim=(left / room, right * room), ylim=(most * 1.2, least / 1.2))
    accuracy_axis(ax, "y", (least, most))
    ax.grid(True)
    _legend(ax)


def _look(recipe: ModelConfig) -> tuple[str, str]:
    return _LOOKS.get(recipe.name, (GREY, "o"))


def _legend(ax: Axes) -> None:
    """Say above the axes what each mark stands for, where no mark can be covered."""
    ax.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, fontsize=9.5,
        handletextpad=0.4, columnspacing=1.2, borderaxespad=0.2,
    )  # fmt: skip
