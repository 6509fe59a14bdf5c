"""Figures of how sure a network is of what was photographed, and of worse and worse photographs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from handwriting.evaluation.selective import Certainty
from handwriting.experiments.photograph_conditions import Series
from handwriting.figures.images import panels
from handwriting.figures.style import BLUE, GREY, VERMILION, Drawing, new, styled

_LEAST_DOUBT = 1e-6


@styled
def doubts(found: Sequence[Certainty], threshold: float) -> Drawing:
    """Return how many images are how doubtful, beside the doubt from which on they are refused.

    Args:
        found: how sure the network is of each kind of images, none of them without images.
        threshold: the confidence below which an answer is refused, 0-1.
    """
    ax = new(height=3.2, width=6.0).subplots()
    for colour, each in zip((GREY, BLUE), found, strict=True):
        doubt = np.sort(np.maximum(1 - each.confidences, _LEAST_DOUBT))
        share = np.arange(len(doubt), 0, -1) / len(doubt)
        ax.step(doubt, share, where="post", color=colour, label=each.images)
    ax.axvline(1 - threshold, color=VERMILION, linestyle="--", linewidth=1.2)
    ax.annotate(
        "refused", (1 - threshold, 1), (4, -2), xycoords=("data", "axes fraction"),
        textcoords="offset points", color=VERMILION, va="top", fontsize=10,
    )  # fmt: skip
    ax.set(xscale="log", xlim=(_LEAST_DOUBT, 1), ylim=(0, 1.03))
    ax.set(xlabel="1 \N{MINUS SIGN} probability of the answer", ylabel="at least as doubtful")
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(True)
    ax.figure.legend(loc="outside upper left", ncols=2, fontsize=10)
    medians = "; ".join(
        f"{each.images}: half of them have a probability of at least {each.median:.4f}, "
        f"{each.sure:.1%} one of at least 0.9"
        for each in found
    )
    return Drawing(
        ax.figure,
        f"Curves of the share that is at least as doubtful; beyond {1 - threshold:.3f} it is "
        f"refused. {medians}.",
    )


@styled
def photograph_curves(series: Sequence[Series], columns: int = 2) -> Drawing:
    """Return how many digits are found and read as photographs get worse, a panel for each way.

    Args:
        series: at least one.
        columns: how many panels stand in a row.
    """
    rows = -(-len(series) // columns)
    figure = new(height=0.5 + 1.95 * rows, width=6.4, gap=0.08)
    axes = panels(figure, len(series), columns)
    for ax, each in zip(axes, series, strict=True):
        places = np.arange(len(each.amounts))
        ax.plot(places, [one.original_accuracy for one in each.recoveries], ":", color=GREY)
        ax.plot(places, [one.found_share for one in each.recoveries], "s--", color=VERMILION)
        ax.plot(places, [one.accuracy for one in each.recoveries], "o-", color=BLUE)
        ax.set_xticks(places, [f"{amount:g}" for amount in each.amounts])
        ax.set_title(each.title, fontsize=10)
        ax.set_ylim(0, 1.04)
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.grid(True)
        for line in ax.lines:
            line.set(markersize=4)
    names = ("read before", "found", "found and read")
    figure.legend(axes[0].lines, names, loc="outside upper left", ncols=3, fontsize=10)
    return Drawing(figure, f"Digits found, and found and read, {_told(series)}.")


def _told(series: Sequence[Series]) -> str:
    parts: list[Any] = []
    for each in series:
        shares = ", ".join(
            f"{amount:g}: {one.found_share:.1%} and {one.accuracy:.1%}"
            for amount, one in zip(each.amounts, each.recoveries, strict=True)
        )
        parts.append(f"by {each.title}: {shares}")
    return "; ".join(parts)
