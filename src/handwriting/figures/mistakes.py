"""Figures of what rivals misread: which classes, how far the same images, and what nobody reads."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn
from matplotlib import colormaps
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.metrics import Mistakes
from handwriting.figures.galleries import gallery
from handwriting.figures.images import remarks
from handwriting.figures.phrases import signed
from handwriting.figures.style import INK, PALE, Drawing, new, styled

_MOST_UNREAD = 16
_MOST_CLASSES = 26  # whose names and numbers have room beside each other
_FAINTEST = 0.1
"""A kappa that is hardly more than chance."""


_HEAT = ListedColormap(colormaps["Oranges"](np.linspace(0, 0.62, 256))).with_extremes(bad=PALE)
"""Up to where dark words can still be read on it: with a contrast of 5 to 1."""


@styled
def error_shares(shares: pd.DataFrame) -> Drawing:
    """Return a drawing of which share of each class each classifier misreads, in percent.

    Args:
        shares: a row a classifier and a column a class, 0-1; NaN where there is nothing to read. Of
            many classes those are drawn that are misread most on average.
    """
    drawn, classes, some = shares, len(shares.columns), ""
    if classes > _MOST_CLASSES:
        worst = shares.mean().nlargest(_MOST_CLASSES).index
        drawn = shares.loc[:, shares.columns.isin(worst)]
        some = f", the {_MOST_CLASSES} of {classes} that are misread most"
    label = f"true class{some}"
    values = 100 * drawn.to_numpy()
    figure = _heat_map(values, drawn.index, drawn.columns, label, form=_short_percent)
    hardest = zip(shares.index, shares.idxmax(axis=1), shares.max(axis=1), strict=True)
    rows = "; ".join(
        f"{title}: {f'{name}, {share:.1%}' if share else 'none'}" for title, name, share in hardest
    )
    return Drawing(
        figure,
        f"The share of each class that each classifier misreads{some}. The hardest for each: "
        f"{rows}.",
    )


@styled
def kappas(found: pd.DataFrame, network: str) -> Drawing:
    """Return a drawing of how far classifiers misread the same digits, by Cohen's kappa.

    Args:
        found: a row and a column a classifier, at most 1.
        network: the network's title, whose row is told.
    """
    values, titles = found.to_numpy(), list(found.index)
    others = np.where(np.eye(len(values), dtype=bool), np.nan, values)
    numbers = [str(number) for number in range(1, len(titles) + 1)]
    rows = [f"{title}  {number}" for title, number in zip(titles, numbers, strict=True)]
    figure = _heat_map(others, rows, numbers, "kappa with number …", _short_fraction, _FAINTEST)
    told = found.loc[network].drop(network).dropna()
    listing = ", ".join(f"{title} {_fraction(kappa)}" for title, kappa in told.items())
    return Drawing(
        figure,
        "How far each classifier misreads the images that each other one misreads, by Cohen's "
        f"kappa: 0 is chance, 1 the same images. The network with: {listing or 'nobody'}.",
    )


def unread(
    images: NDArray[np.uint8],
    found: Mistakes,
    class_names: Sequence[str],
    disputes: Sequence[Dispute] = (),
    limit: int = _MOST_UNREAD,
) -> Drawing:
    """Return a drawing of digits that nobody reads: truth, commonest answer, and how many agree.

    Args:
        images: (n, height, width) uint8, 0-255: all test images.
        found: those that nobody reads, at least one, in the order in which they are shown.
        class_names: What to call each class.
        disputes: The images whose label people dispute, of which that is said.
        limit: how many to show at most.
    """
    said = {index: f" ({remark})" for index, remark in remarks(disputes, class_names).items()}
    rows = zip(found.indices, found.truths, found.predictions, found.confidences, strict=True)
    listing = ", ".join(
        f"{class_names[truth]} read as {class_names[answer]} by {share:.0%}"
        f"{said.get(int(index), '')}"
        for index, truth, answer, share in list(rows)[:limit]
    )
    figure = gallery(images, found, class_names, limit=limit, disputes=disputes).figure
    return Drawing(
        figure, f"Images that every classifier misreads, those first that most agree on: {listing}."
    )


def _heat_map(
    values: NDArray[np.float64],
    rows: Sequence[str],
    columns: Sequence[str],
    label: str,
    form: Any,
    least: float = 0.0,
) -> Figure:
    """A table of numbers, the larger the darker from the least on; what is NaN stays empty."""
    figure = new(height=0.9 + 0.27 * len(rows), width=6.4)
    ax = figure.subplots()
    positive = values[np.nan_to_num(values) > 0]
    low, high = (positive.min(), positive.max()) if len(positive) else (1, 1)
    low = max(low, least)
    high = max(high, 1.01 * low)
    seaborn.heatmap(
        values, mask=~(values > 0), cmap=_HEAT, norm=LogNorm(low, high), vmin=low, vmax=high,
        ax=ax, cbar=False, linewidths=0.5, xticklabels=columns, yticklabels=rows,
    )  # fmt: skip
    for (y, x), value in np.ndenumerate(values):
        word = "" if np.isnan(value) else form(value)
        ax.text(x + 0.5, y + 0.5, word, ha="center", va="center", fontsize=8.5, color=INK)
    ax.tick_params(length=0, rotation=0, labelsize=9.5)
    ax.set(xlabel=label)
    ax.xaxis.set_label_position("top")
    ax.xaxis.tick_top()
    return figure


def _fraction(value: float) -> str:
    return signed(round(value, 2) + 0.0)


def _short_fraction(value: float) -> str:
    """Two digits behind the point and none before it, but for 1: `.35`."""
    return _fraction(value).replace("0.", ".", 1)


def _short_percent(value: float) -> str:
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
