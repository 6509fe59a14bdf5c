"""Figures of trust: how sure an accuracy is, how true confidence is, and what breaks a network."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from handwriting.evaluation.calibration import Reliability
from handwriting.evaluation.corruptions import SEVERITIES, Corruption, corrupt
from handwriting.evaluation.robustness import CorruptionCurve
from handwriting.evaluation.selective import RiskCoverage
from handwriting.experiments.trust import AccuracyEstimate
from handwriting.figures.images import montage, show
from handwriting.figures.scales import accuracy_axis, error_share
from handwriting.figures.style import BLUE, FAINT, GREY, VERMILION, new, styled

_COLOURS = (GREY, BLUE, VERMILION)
"""Of the networks, in the order in which they are given."""

_MOST_REFUSED = 0.1
_FEW = 0.002  # mistakes: that many have room at least, for ticks to stand by
_LINE, _LETTERS = 0.16, 13
"""Inches of a line of words beside an image, and how many letters have room in it."""


@styled
def headlines(told: Mapping[str, Sequence[AccuracyEstimate]]) -> Axes:
    """Return axes with each network's accuracy and its interval, told in several ways.

    Args:
        told: by the network's title.
    """
    rows = [(title, each) for title, ways in told.items() for each in ways]
    ax = new(height=1.0 + 0.34 * len(rows) + 0.3 * len(told), width=6.4).subplots()
    place, ticks, errors = 0.0, [], []
    for colour, (title, ways) in zip(_COLOURS, told.items(), strict=False):
        ax.text(
            0, place, title, color=colour, weight="bold", va="center", fontsize=10.5,
            transform=ax.get_yaxis_transform(), bbox={"color": "white", "pad": 1},
        )  # fmt: skip
        for each in ways:
            place += 1
            low, high = (
                error_share(share, each.images) for share in (each.interval.high, each.interval.low)
            )
            ax.plot([low, high], [place, place], color=colour, linewidth=4, alpha=0.45)
            ax.plot(error_share(each.accuracy, each.images), place, "o", color=colour)
            ends = f"{each.interval.low:.2%} to {each.interval.high:.2%}"
            ax.text(1.02, place, ends, transform=ax.get_yaxis_transform(), va="center", fontsize=10)
            ticks.append((place, each.title))
            errors += [low, high]
        place += 1.2
    ax.set_yticks(*(list(column) for column in zip(*ticks, strict=True)))
    ax.set(ylim=(place - 0.6, -0.7), xlabel="test accuracy")
    least, most = _with_room(errors)
    accuracy_axis(ax, "x", (least, most))
    ax.set_xlim(most * 1.15, least / 1.15)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.grid(True)
    return ax


@styled
def mistakes_by_writer(
    found: Mapping[str, tuple[NDArray[np.integer], NDArray[np.integer]]],
) -> Axes:
    """Return axes with the share of all mistakes that the hardest writers account for.

    Args:
        found: by the network's title: how many images each writer wrote, how many are misread.
    """
    ax = new(height=4.2, width=5.4).subplots()
    for colour, (title, (images, wrong)) in zip(_COLOURS, found.items(), strict=False):
        order = np.argsort(-wrong / images, kind="stable")
        written = np.concatenate([[0], np.cumsum(images[order]) / images.sum()])
        misread = np.concatenate([[0], np.cumsum(wrong[order]) / max(1, wrong.sum())])
        ax.plot(written, misread, color=colour, label=title)
    ax.plot([0, 1], [0, 1], "--", color=FAINT, label="if all wrote alike")
    ax.set(xlabel="share of the digits, hardest writers first", ylabel="share of the mistakes")
    _percent(ax)
    ax.legend(frameon=False, loc="lower right", fontsize=10)
    return ax


@styled
def reliability(found: Mapping[str, tuple[Reliability, Reliability]]) -> Figure:
    """Return a figure of accuracy by confidence, before and after temperature scaling.

    The axes begin at the tenth below all that is drawn.

    Args:
        found: by the network's title: as it is, and at its temperature.
    """
    drawn = [each for pair in found.values() for each in pair]
    least = min(float(np.nanmin([each.confidences, each.lows])) for each in drawn)
    least = int(9.99 * least) / 10  # below the least, a whole tenth
    figure = new(height=0.6 + 2.7 * len(found), width=5.8)
    panels = figure.subplots(len(found), 2, squeeze=False, sharex=True, sharey=True)
    for row, colour, (title, pair) in zip(panels, _COLOURS, found.items(), strict=False):
        for ax, each, name in zip(row, pair, ("as it is", "tempered"), strict=True):
            full = each.counts > 0
            ax.plot([least, 1], [least, 1], "--", color=FAINT, linewidth=1.5)
            ax.vlines(
                each.confidences[full], each.lows[full], each.highs[full],
                color=colour, alpha=0.45, linewidth=3,
            )  # fmt: skip
            ax.plot(each.confidences[full], each.accuracies[full], "o", color=colour, markersize=5)
            ax.set_title(f"{title}, {name}", fontsize=10)
            _percent(ax, least)
    for ax in panels[-1]:
        ax.set_xlabel("confidence")
    for ax in panels[:, 0]:
        ax.set_ylabel("read correctly")
    return figure


@styled
def refusals(found: Mapping[str, RiskCoverage]) -> Axes:
    """Return axes with the accuracy on what is answered, by the share that is refused.

    Args:
        found: by the network's title.
    """
    ax = new(height=3.8, width=5.4).subplots()
    errors = []
    for colour, (title, each) in zip(_COLOURS, found.items(), strict=False):
        shown = each.coverages >= 1 - _MOST_REFUSED
        shares = [error_share(1 - risk, len(each.risks)) for risk in each.risks[shown]]
        ax.plot(1 - each.coverages[shown], shares, color=colour, label=title)
        errors += [min(shares), max(shares)]
    least, most = _with_room(errors)
    ax.set(xlabel="share of the digits that are refused", ylabel="accuracy on the others")
    accuracy_axis(ax, "y", (least, most))
    ax.set_ylim(most * 1.2, least / 1.2)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(True)
    ax.legend(frameon=False, loc="upper left", fontsize=10)
    return ax


@styled
def damage(image: NDArray[np.uint8], kinds: Sequence[Corruption]) -> Figure:
    """Return a figure of one digit under each kind of damage, from none to the worst.

    Args:
        image: (height, width) uint8, 0-255.
        kinds: the kinds of damage, a row each.
    """
    rows = [
        np.concatenate(
            [image[np.newaxis]]
            + [corrupt(image[np.newaxis], kind.name, severity) for severity in SEVERITIES]
        )
        for kind in kinds
    ]
    columns = 1 + len(SEVERITIES)
    sheet = montage(np.concatenate(rows), columns)
    figure = new(height=0.5 + 3.6 * sheet.shape[0] / sheet.shape[1], width=5.0)
    ax = figure.subplots()
    show(ax, sheet)
    height, width = image.shape
    downward = np.linspace(0, sheet.shape[0] - height, len(kinds)) + (height - 1) / 2
    across = np.linspace(0, sheet.shape[1] - width, columns) + (width - 1) / 2
    ax.set_yticks(downward, [kind.title for kind in kinds], fontsize=10)
    ax.set_xticks(across, ["none", *map(str, SEVERITIES)], fontsize=10)
    ax.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
    figure.draw_without_rendering()  # the layout settles on its second run only
    return figure


@styled
def declines(found: Mapping[str, Sequence[CorruptionCurve]], columns: int = 3) -> Figure:
    """Return a figure of accuracy against severity, a panel for each kind of damage.

    Args:
        found: by the network's title; the same kinds for each.
        columns: how many panels stand in a row.
    """
    kinds = [each.kind for each in next(iter(found.values()))]
    rows = -(-(len(kinds) + 1) // columns)
    figure = new(height=0.4 + 1.55 * rows, width=6.4, gap=0.1)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for position, (ax, kind) in enumerate(zip(panels, kinds, strict=False)):
        for colour, each in zip(_COLOURS, found.values(), strict=False):
            ax.plot([0, *SEVERITIES], each[position].accuracies, "o-", color=colour, markersize=3.5)
        ax.set_title(kind.title, fontsize=10)
        ax.grid(True)
        ax.set(ylim=(0, 1.03))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.tick_params(labelbottom=position + columns >= len(kinds))
    for ax in panels[len(kinds) :]:
        ax.set_axis_off()
    for colour, title in zip(_COLOURS, found, strict=False):
        panels[-1].plot([], [], "o-", color=colour, label=title, markersize=3.5)
    panels[-1].legend(frameon=False, loc="center", fontsize=10)
    figure.supxlabel("severity (0: as written)", fontsize=10.5)
    return figure


@styled
def certainty(known: NDArray[np.floating], others: Mapping[str, NDArray[np.floating]]) -> Figure:
    """Return a figure of how sure a network is of digits, and of images that are none.

    Args:
        known: (n,), its confidence in test digits, 0-1.
        others: (m,) each, its confidence in foreign images, by what these are.
    """
    groups = {"test digits": known, **others}
    figure = new(height=0.5 + 1.15 * len(groups), width=5.4)
    panels = figure.subplots(len(groups), 1, squeeze=False, sharex=True)[:, 0]
    for ax, (title, values) in zip(panels, groups.items(), strict=True):
        colour = BLUE if title == "test digits" else VERMILION
        shares = np.full(len(values), 1 / max(1, len(values)))
        ax.hist(np.clip(values, 0, 1), np.linspace(0, 1, 21), weights=shares, color=colour)
        ax.set_title(title, fontsize=10.5)
        ax.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[-1].set_xlabel("confidence")
    figure.supylabel("share of the images", fontsize=11)
    return figure


@styled
def captioned(
    images: NDArray[np.uint8], titles: Sequence[str], notes: Sequence[str], columns: int = 5
) -> Figure:
    """Return a figure of images with words above and others below each.

    Args:
        images: (n, height, width) uint8, 0-255, at least one.
        titles: what to write above each.
        notes: what to write below each.
        columns: how many stand in a row.
    """
    titles, notes = (
        [textwrap.fill(each, _LETTERS) for each in words[: len(images)]]
        for words in (titles, notes)
    )
    lines = max(map(_lines, titles)) + max(map(_lines, notes))
    rows = -(-len(images) // columns)
    figure = new(height=(1.5 + _LINE * (lines - 2)) * rows, width=5.4, gap=0.2)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in panels[len(images) :]:
        ax.set_axis_off()
    for ax, image, title, note in zip(panels, images, titles, notes, strict=False):
        show(ax, image)
        ax.spines[:].set(visible=True, color=FAINT)
        ax.set_title(title, loc="center", pad=3, fontsize=10)
        ax.set_xlabel(note, color=VERMILION, labelpad=2, fontsize=10)
    return figure


def _with_room(errors: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest share of mistakes, so far apart that ticks have room."""
    low, high = min(errors), max(errors)
    if high < 2 * low:
        low, high = low / 2, min(2 * high, 1.0)
    return low, max(high, _FEW)


def _lines(text: str) -> int:
    return 1 + text.count("\n")


def _percent(ax: Axes, least: float = 0.0) -> None:
    """Give both axes shares, from the least one to 1."""
    ends = least - 0.02 * (1 - least), 1 + 0.02 * (1 - least)
    ax.set(xlim=ends, ylim=ends)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(True)
