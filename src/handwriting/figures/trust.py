"""Figures of trust: how sure an accuracy is, how true confidence is, and what breaks a network."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.evaluation.accuracy import AccuracyEstimates, GroupShares
from handwriting.evaluation.conformal import PredictionSets
from handwriting.evaluation.label_errors import SuspectLabels
from handwriting.evaluation.own_errors import Calibration
from handwriting.evaluation.selective import REFUSED, Certainty, RiskCoverage
from handwriting.evaluation.writers import Crowding
from handwriting.figures.images import captioned
from handwriting.figures.phrases import listed, short
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
    unruled,
)

_COLOURS = (GREY, BLUE, VERMILION)
"""Of the networks, in the order in which they are given."""

_MOST_REFUSED = 0.1
_FEW = 0.005  # mistakes: that many have room at least, for ticks to stand by
_MOST_NAMES, _MOST_IMAGES = 4, 15
_MOST_GROUPS = 26  # as many as a page of paper shows in letters that can be read
"""How many classes are named below an image, and how many images are shown."""


@styled
def accuracy_estimates(found: Sequence[AccuracyEstimates]) -> Drawing:
    """Return each network's accuracy and its interval, estimated in several ways."""
    ways = sum(len(network.ways) for network in found)
    ax = new(height=1.0 + 0.34 * ways + 0.3 * len(found), width=6.4).subplots()
    place, places, errors = 0.0, [], []
    for colour, network in zip(cycle(_COLOURS), found, strict=False):
        ax.text(
            0, place, f"{network.network} network", color=colour, weight="bold", va="center",
            fontsize=10.5, transform=ax.get_yaxis_transform(), bbox={"color": "white", "pad": 1},
        )  # fmt: skip
        for each in network.ways:
            place += 1
            shares = each.interval.high, each.interval.low, each.accuracy
            *ends, middle = (error_share(share, each.images) for share in shares)
            interval(ax, place, ends, f"{each.interval:.2%}", colour)
            ax.plot(middle, place, "o", color=colour)
            places.append(place)
            errors += ends
        place += 1.2
    ax.set_yticks(places, [each.case for network in found for each in network.ways])
    ax.set(ylim=(place - 0.6, -0.7), xlabel="test accuracy")
    _accuracies(ax, "x", errors, beyond=1.15)
    unruled(ax)
    ax.xaxis.grid(True)
    rows = "; ".join(
        f"{network.network} network, {each.case}: {each.accuracy:.2%}, {each.interval:.2%}"
        for network in found
        for each in network.ways
    )
    return Drawing(ax.figure, f"Test accuracies with 95% intervals. {rows}.")


@styled
def mistakes_by_writer(found: Sequence[Crowding]) -> Drawing:
    """Return the share of all mistakes by those with most of them, beside what chance makes."""
    figure = new(height=3.4, width=6.4)
    panels = figure.subplots(1, len(found), squeeze=False, sharex=True, sharey=True)[0]
    most = max(int(np.argmax(each.lows >= 1)) for each in found)
    for ax, colour, each in zip(panels, cycle(_COLOURS), found, strict=False):
        shown = np.arange(most + 1)
        lows, highs, shares = (part[: most + 1] for part in (each.lows, each.highs, each.shares))
        ax.fill_between(shown, lows, highs, color=FAINT, label="95% by chance")
        ax.plot(shown, shares, color=colour, label="found")
        ax.set_title(f"{each.network} network", fontsize=10.5)
        ax.set(xlim=(0, most), ylim=(0, 1.03))
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.grid(True)
        ax.legend(loc="lower right")
    panels[0].set_ylabel("share of the mistakes")
    figure.supxlabel("writers, those with most mistakes first", fontsize=10.5)
    halves = "; ".join(
        f"{each.network} network: {each.half}, by chance {each.half_by_chance:.0f}"
        for each in found
    )
    return Drawing(
        figure,
        "Curves of the share of all mistakes by the number of writers who make most of them, in a "
        f"band of what chance makes. Writers who make half of them: {halves}.",
    )


@styled
def by_group(found: Sequence[GroupShares], label: str) -> Drawing:
    """Return a share of each series and class with its interval, and the one to be expected.

    Args:
        found: of the same groups for each network; of many, those are drawn in which the last
            network is farthest from what is expected.
        label: of the axis of shares.
    """
    many, shares = len(found[0].groups), [one.share for one in found[-1].groups]
    farthest = np.abs(np.array(shares) - found[-1].expected).argsort()[::-1][:_MOST_GROUPS]
    some = f"; the {_MOST_GROUPS} of {many} farthest from the line" if len(farthest) < many else ""
    found = [
        replace(each, groups=tuple(each.groups[k] for k in sorted(farthest))) for each in found
    ]
    rows = np.arange(len(found[0].groups))
    ax = new(height=1.3 + 0.3 * len(rows), width=5.4).subplots()
    for expected in {each.expected for each in found}:
        ax.axvline(expected, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    apart = np.linspace(-0.16, 0.16, len(found)) if len(found) > 1 else [0.0]
    for colour, shift, each in zip(cycle(_COLOURS), apart, found, strict=False):
        ends = [(one.interval.low, one.interval.high) for one in each.groups]
        lows, highs = np.transpose(ends)
        ax.hlines(rows + shift, lows, highs, color=colour, alpha=0.45, linewidth=3)
        shares = [one.share for one in each.groups]
        name = f"{each.network} network"
        ax.plot(shares, rows + shift, "o", color=colour, markersize=4.5, label=name)
    ax.set_yticks(rows, [short(one.name, 24) for one in found[0].groups])
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlabel=label + some.replace("; ", "\n"))
    ax.xaxis.set(
        major_locator=MaxNLocator(5, steps=[1, 2, 5, 10]),
        major_formatter=PercentFormatter(1, decimals=1),
    )
    unruled(ax)
    ax.xaxis.grid(True)
    ax.figure.legend(loc="outside upper left", ncols=2)
    said = "; ".join(
        f"{each.network} network: "
        + ", ".join(f"{one.name} {one.share:.2%} ({one.interval:.2%})" for one in each.groups)
        for each in found
    )
    return Drawing(
        ax.figure, f"By class, and series where known, {label}, with 95% intervals{some}. {said}."
    )


@styled
def reliability(found: Sequence[Calibration]) -> Drawing:
    """Return accuracy by confidence, before and after temperature scaling.

    The axes begin at the tenth below all that is drawn.
    """
    pairs = [(each.before.by_mass, each.after.by_mass) for each in found]
    drawn = [each for pair in pairs for each in pair]
    least = min(float(np.min([each.confidences, each.lows])) for each in drawn)
    least = int(9.99 * least) / 10  # below the least, a whole tenth
    figure = new(height=0.6 + 2.7 * len(found), width=5.8)
    panels = figure.subplots(len(found), 2, squeeze=False, sharex=True, sharey=True)
    for row, colour, network, pair in zip(panels, cycle(_COLOURS), found, pairs, strict=False):
        for ax, each, name in zip(row, pair, ("as it is", "tempered"), strict=True):
            ax.plot([least, 1], [least, 1], "--", color=FAINT, linewidth=1.5)
            ax.vlines(
                each.confidences, each.lows, each.highs,
                color=colour, alpha=0.45, linewidth=3,
            )  # fmt: skip
            ax.plot(each.confidences, each.accuracies, "o", color=colour, markersize=5)
            ax.set_title(f"{network.network} network, {name}", fontsize=10)
            _percent(ax, least)
    figure.supxlabel("confidence", fontsize=11)
    figure.supylabel("read correctly", fontsize=11)
    errors = "; ".join(
        f"{each.network} network: {each.before.error.error:.2%} as it is, "
        f"{each.after.error.error:.2%} tempered"
        for each in found
    )
    return Drawing(
        figure,
        "Points of accuracy by confidence beside a diagonal on which both are equal. Mean "
        f"distance from it: {errors}.",
    )


@styled
def refusals(curves: Sequence[RiskCoverage]) -> Drawing:
    """Return the accuracy on what is answered, by the share that is refused."""
    ax = new(height=3.8, width=5.4).subplots()
    errors = []
    for colour, each in zip(cycle(_COLOURS), curves, strict=False):
        shown = each.coverages >= 1 - _MOST_REFUSED
        shares = [error_share(1 - risk, len(each.risks)) for risk in each.risks[shown]]
        ax.plot(1 - each.coverages[shown], shares, color=colour, label=f"{each.network} network")
        errors += [min(shares), max(shares)]
    ax.set(xlabel="share of the images that are refused", ylabel="accuracy on the others")
    _accuracies(ax, "y", errors, beyond=1.2)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(True)
    ax.legend(loc="upper left")
    gains = "; ".join(
        f"{each.network} network: "
        + listed([f"{each.accuracy_after_refusing(p):.2%} at {p:.0%}" for p in (0, *REFUSED)])
        for each in curves
    )
    return Drawing(ax.figure, f"Accuracy on the images answered, by the share refused. {gains}.")


@styled
def certainty(found: Sequence[Certainty]) -> Drawing:
    """Return how sure a network is of test digits, which come first, and of foreign images."""
    figure = new(height=0.5 + 1.15 * len(found), width=5.4)
    panels = figure.subplots(len(found), 1, squeeze=False, sharex=True)[:, 0]
    for position, (ax, each) in enumerate(zip(panels, found, strict=True)):
        sure = np.clip(each.confidences, 0, 1)
        weights = np.full(len(sure), 1 / len(sure))
        colour = VERMILION if position else BLUE
        ax.hist(sure, np.linspace(0, 1, 21), weights=weights, color=colour)
        ax.set_title(each.images, fontsize=10.5)
        ax.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[-1].set_xlabel("confidence")
    figure.supylabel("share of the images", fontsize=11)
    medians = "; ".join(
        f"{each.images}: median {each.median:.3f}, {each.sure:.0%} of at least 0.9"
        for each in found
    )
    return Drawing(figure, f"Histograms of confidence. {medians}.")


def ambiguous(data: Dataset, found: PredictionSets) -> Drawing:
    """Return the test images whose sets hold most classes: their labels above, the sets below."""
    shown, sets = found.largest(_MOST_IMAGES), []
    for index in shown:
        names = [data.class_names[label] for label in np.flatnonzero(found.members[index])]
        more = ", \N{HORIZONTAL ELLIPSIS}" if len(names) > _MOST_NAMES else ""
        sets.append(", ".join(names[:_MOST_NAMES]) + more)
    titles = [f"label {data.class_names[label]}" for label in data.test.labels[shown]]
    return _told("Ambiguous test images", data.test.images[shown], titles, sets)


def suspects(data: Dataset, found: SuspectLabels) -> Drawing:
    """Return the training images whose labels look most suspicious, with what they look like."""
    images = data.train.images[found.indices[:_MOST_IMAGES]]
    titles = [f"label {data.class_names[label]}" for label in found.labels[:_MOST_IMAGES]]
    notes = [f"looks like {data.class_names[label]}" for label in found.proposed[:_MOST_IMAGES]]
    return _told("Suspicious training images", images, titles, notes)


def _told(
    what: str, images: NDArray[np.uint8], titles: Sequence[str], notes: Sequence[str]
) -> Drawing:
    """Images with words above and others below, and what these words say."""
    each = "; ".join(f"{title} ({note})" for title, note in zip(titles, notes, strict=True))
    return Drawing(captioned(images, titles, notes), f"{what}: {each}.")


def _accuracies(ax: Axes, axis: str, errors: Sequence[float], beyond: float) -> None:
    """Give an axis of error shares ticks that say accuracy, and room for them to stand by.

    Args:
        ax: what is drawn on.
        axis: `x` or `y`.
        errors: what is drawn, above 0.
        beyond: how far the axis goes beyond that, as a factor.
    """
    low, high = min(errors), max(errors)
    if high < 2 * low:
        low, high = low / 2, min(2 * high, 1.0)
    high = max(high, _FEW)
    accuracy_axis(ax, axis, (low, high))
    ax.set(**{f"{axis}lim": (high * beyond, low / beyond)})


def _percent(ax: Axes, least: float = 0.0) -> None:
    """Give both axes shares, from the least one to 1."""
    ends = least - 0.02 * (1 - least), 1 + 0.02 * (1 - least)
    ax.set(xlim=ends, ylim=ends)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set(
            major_locator=MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]),
            major_formatter=PercentFormatter(1, decimals=0),
        )
    ax.grid(True)
