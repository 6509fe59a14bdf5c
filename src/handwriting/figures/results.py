"""Figures of what training and testing gave: curves, accuracies, confusion, confidence."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from handwriting.errors import SettingError
from handwriting.evaluation.intervals import RepeatedAccuracy
from handwriting.evaluation.metrics import row_shares
from handwriting.figures.style import BLUE, GREY, INK, VERMILION, new, own_axes, styled

_MOST_MARKED = 30  # epochs; with more, the marks run into one another
_MOST_ANNOTATED = 12  # classes; with more, the numbers no longer fit their squares


@styled
def learning_curves(history: Mapping[str, Sequence[float]]) -> Figure:
    """Return a figure of loss and accuracy by epoch, training and validation.

    Args:
        history: One number an epoch under `loss` and `accuracy`, and under `validation_loss` and
            `validation_accuracy` where there are validation images.

    Raises:
        SettingError: There is no epoch.
    """
    if not history.get("loss") or not history.get("accuracy"):
        raise SettingError(
            f"history: expected loss and accuracy of one epoch or more, found {list(history)}"
        )
    figure = new(height=3.7)
    panels = figure.subplots(2, 1, sharex=True)
    for ax, name in zip(panels, ("loss", "accuracy"), strict=True):
        _curves(ax, history[name], history.get(f"validation_{name}", ()))
        ax.set_title(name)
    panels[1].yaxis.set_major_formatter(_in_percent)
    panels[1].set_xlabel("epoch")
    panels[1].xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[1].set_xlim(0.5, len(history["loss"]) + 0.5)
    return figure


def _curves(ax: Axes, training: Sequence[float], validation: Sequence[float]) -> None:
    """Draw both curves, each named at its end; the names keep clear of each other."""
    curves = [("training", training, GREY), ("validation", validation, BLUE)]
    for _, values, colour in curves:
        epochs = range(1, len(values) + 1)
        marks = "o-" if len(values) <= _MOST_MARKED else "-"
        ax.plot(epochs, values, marks, color=colour, markersize=4)
    above = bool(validation) and validation[-1] >= training[-1]
    for (name, values, colour), higher in zip(curves, (not above, above), strict=True):
        if values:
            ax.annotate(
                name,
                (len(values), values[-1]),
                (8, 7 if higher else -7),
                textcoords="offset points",
                va="center",
                color=colour,
                annotation_clip=False,
            )
    ax.margins(y=0.15)
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    _rule(ax)


@styled
def repeated_accuracy(
    repeated: RepeatedAccuracy,
    *,
    pictured: int = 0,
    claim: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the accuracy of each training, their mean, and its 95% interval.

    Args:
        repeated: The accuracies.
        pictured: Which of them belongs to the network that the other figures show.
        claim: An accuracy to compare with, 0-1, or None.
        ax: Where to draw; a new figure if None.
    """
    values = np.asarray(repeated.values)
    ax = own_axes(ax, height=2.5 if len(values) > 1 else 1.7)
    if len(values) > 1:
        spread = np.linspace(0.8, 1.2, len(values))
        chosen = np.arange(len(values)) == pictured
        ax.plot(values[~chosen], spread[~chosen], "o", color=GREY, alpha=0.7)
        ax.plot(values[chosen], spread[chosen], "D", color=VERMILION)
        ax.set_yticks([0, 1], ["mean, with\n95% interval", "each training"])
    else:
        ax.set_yticks([0], ["95% interval"])
    interval = repeated.interval
    ax.plot([interval.low, interval.high], [0, 0], color=BLUE, linewidth=5, alpha=0.4)
    ax.plot(repeated.mean, 0, "o", color=BLUE, markersize=8)
    ax.text(repeated.mean, 0.17, f"{repeated.mean:.2%}", ha="center", va="bottom", color=BLUE)
    top = 1.5 if len(values) > 1 else 0.7
    if claim is not None:
        ax.axvline(claim, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        ax.text(claim, top + 0.04, f"original analysis {claim:.2%}", ha="center", va="bottom")
    ax.set(ylim=(-0.45, top), xlabel="test accuracy")
    ax.margins(x=0.12)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(_in_percent)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


@styled
def confusion(
    matrix: NDArray[np.int64],
    class_names: Sequence[str],
    *,
    shares: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Return axes with a confusion matrix as a heat map in which the mistakes stand out.

    Args:
        matrix: (classes, classes), counts; rows are true classes.
        class_names: What to call each class.
        shares: Whether to show percent of each row rather than counts.
        ax: Where to draw; a new figure if None.
    """
    ax = own_axes(ax, height=4.7)
    classes = len(matrix)
    values = 100 * row_shares(matrix) if shares else matrix.astype(np.float64)
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
            annot=few, fmt=".1f" if shares else ".0f", annot_kws={"fontsize": 9.5},
            xticklabels=False, yticklabels=False, rasterized=not few,
        )  # fmt: skip
    named = range(0, classes, -(-classes // 20))
    middles, names = [k + 0.5 for k in named], [class_names[k] for k in named]
    ax.set_xticks(middles, names)
    ax.set_yticks(middles, names)
    ax.tick_params(length=0, rotation=0)
    ax.set(xlabel="read as", ylabel="truth", facecolor="#f7f8f9")
    return ax


@styled
def confusions(matrix: NDArray[np.int64], class_names: Sequence[str]) -> Figure:
    """Return a figure with a confusion matrix twice: in counts, and in percent of each row.

    Args:
        matrix: (classes, classes), counts; rows are true classes.
        class_names: What to call each class.
    """
    figure = new(height=4.9, width=9.4)
    counts, percents = figure.subplots(1, 2)
    confusion(matrix, class_names, ax=counts).set_title("images")
    confusion(matrix, class_names, shares=True, ax=percents).set_title("percent of each row")
    return figure


@styled
def confidence(
    right: NDArray[np.float64], wrong: NDArray[np.float64], *, score_name: str = "score"
) -> Figure:
    """Return a figure of how sure the network was, of what it read correctly and of its mistakes.

    Args:
        right: (n,), the score of the predicted class where that was the true one, 0-1.
        wrong: (m,), the same where it was not.
        score_name: What the scores are called.
    """
    figure = new(height=3.4)
    edges = np.linspace(0, 1, 21)
    panels = figure.subplots(2, 1, sharex=True)
    groups = (("read correctly", right, BLUE), ("misread", wrong, VERMILION))
    for ax, (name, scores, colour) in zip(panels, groups, strict=True):
        counts, _ = np.histogram(np.clip(scores, 0, 1), edges)
        ax.stairs(counts / max(len(scores), 1), edges, fill=True, color=colour)
        ax.set_title(f"{name}: {len(scores):,}", color=colour)
        ax.set_ylim(0, None if len(scores) else 1)
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _rule(ax)
    panels[0].set(xlim=(0, 1))
    panels[1].set_xlabel(f"{score_name} of the class that was read")
    figure.supylabel("share of each group", fontsize=11)
    return figure


def _rule(ax: Axes) -> None:
    """Give axes horizontal lines to read values by, in place of a vertical axis."""
    ax.yaxis.grid(True)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def _in_percent(share: float, _position: float) -> str:
    """A tick's share in percent, with no more digits than it has."""
    return f"{100 * share:.4g}%"
