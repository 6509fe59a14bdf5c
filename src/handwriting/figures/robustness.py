"""Figures of what breaks a network: damage, and small changes in the worst way found."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from handwriting.evaluation.adversarial import RADII, AdversarialAccuracy
from handwriting.evaluation.corruptions import KINDS, SEVERITIES, Corruption
from handwriting.evaluation.robustness import CONSTANT, Robustness
from handwriting.figures.images import middles, sheet
from handwriting.figures.phrases import share_span
from handwriting.figures.style import BLUE, GREY, INK, VERMILION, Drawing, new, styled

_COLOURS = (GREY, BLUE, VERMILION)
"""Of the networks, in the order in which they are given."""


@styled
def damage(image: NDArray[np.uint8], kinds: Sequence[Corruption] = KINDS) -> Drawing:
    """Return one digit under each kind of damage, from none to the worst.

    Args:
        image: (height, width) uint8, 0-255.
        kinds: the kinds of damage, a row each.
    """
    one, columns = image[np.newaxis], 1 + len(SEVERITIES)
    rows = [
        each
        for kind in kinds
        for each in (one, *(kind.damaged(one, severity) for severity in SEVERITIES))
    ]
    ax = sheet(np.concatenate(rows), columns, height=3.6, room=0.5, width=5.0)
    (high, wide), (height, width) = ax.images[0].get_size(), image.shape
    titles = [kind.title for kind in kinds]
    ax.set_yticks(middles(high, height, len(kinds)), titles, fontsize=10)
    ax.set_xticks(middles(wide, width, columns), ["none", *map(str, SEVERITIES)], fontsize=10)
    ax.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
    effects = "; ".join(f"{kind.title}: {kind.meaning}" for kind in kinds)
    drawing = Drawing(
        ax.figure,
        f"One image under each kind of damage, as written and at five severities. {effects}.",
    )
    drawing.figure.draw_without_rendering()  # the layout settles on its second run only
    return drawing


@styled
def corruption_curves(found: Sequence[Robustness], columns: int = 3) -> Drawing:
    """Return accuracy against severity, a panel for each kind of damage.

    A line is the mean over trainings, in a band from the lowest to the highest.

    Args:
        found: of the same kinds of damage for each network, and of as many trainings.
        columns: how many panels stand in a row.
    """
    kinds = [each.kind for each in found[0].curves]
    rows = -(-(len(kinds) + 1) // columns)
    figure = new(height=0.4 + 1.55 * rows, width=6.4, gap=0.1)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for position, (ax, kind) in enumerate(zip(panels, kinds, strict=False)):
        for colour, each in zip(cycle(_COLOURS), found, strict=False):
            curve = each.curves[position]
            ax.fill_between([0, *SEVERITIES], *curve.band, color=colour, alpha=0.2, linewidth=0)
            ax.plot([0, *SEVERITIES], curve.accuracies, "o-", color=colour, markersize=3.5)
            same = list(curve.constant)
            shares = [curve.accuracies[severity] for severity in same]
            ax.plot(same, shares, "o", color=colour, markersize=5, markerfacecolor="white")
        ax.set_title(kind.title, fontsize=10)
        ax.grid(True)
        ax.set_ylim(0, 1.03)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.tick_params(labelbottom=position + columns >= len(kinds))
    for ax in panels[len(kinds) :]:
        ax.set_axis_off()
    for colour, each in zip(cycle(_COLOURS), found, strict=False):
        label = f"{each.network} network"
        panels[-1].plot([], [], "o-", color=colour, label=label, markersize=3.5)
    in_some = "\nin some training" if found[0].trainings > 1 else ""
    label = f"one answer to more\nthan {CONSTANT:.0%} of them{in_some}"
    panels[-1].plot([], [], "o", color=INK, markerfacecolor="white", label=label)
    panels[-1].legend(loc="center", fontsize=9.5)
    figure.supxlabel("severity (0: as written)", fontsize=10.5)
    by = "from the lowest to the highest training" if found[0].trainings > 1 else "in one training"
    means = "; ".join(
        f"{each.network} network, {each.curves[0].accuracies[0]:.1%} on images as written: "
        + ", ".join(f"{curve.kind.title} {share_span(curve.spread, 1)}" for curve in each.curves)
        for each in found
    )
    return Drawing(
        figure,
        "A panel for each kind of damage: accuracy by severity. On average over the severities, "
        f"{by}: {means}.",
    )


@styled
def small_changes(found: Sequence[AdversarialAccuracy]) -> Drawing:
    """Return accuracy by how far each pixel may change, in the worst way found and by chance."""
    ax = new(height=3.9, width=5.4).subplots()
    for colour, each in zip(cycle(_COLOURS), found, strict=False):
        radii, worst, noise = zip(*each.by_radius, strict=True)
        ends = [each.interval(share) for share in worst]
        lows, highs = [one.low for one in ends], [one.high for one in ends]
        ax.fill_between(radii, lows, highs, color=colour, alpha=0.2, linewidth=0)
        ax.plot(radii, worst, "o-", color=colour, label=f"{each.network} network, worst found")
        ax.plot(radii, noise, "o--", color=colour, label="the same, at random", linewidth=1.4)
    ax.set(xlabel="change of each pixel, of the way from paper to ink", ylabel="read correctly")
    ax.set(ylim=(-0.03, 1.03), xticks=(0.0, *RADII))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(True)
    ax.figure.legend(loc="outside upper left", ncols=2, fontsize=9.5)
    said = "; ".join(
        f"{each.network} network: "
        + ", ".join(
            f"{radius:.0%} {worst:.1%} ({noise:.1%})" for radius, worst, noise in each.by_radius
        )
        for each in found
    )
    return Drawing(
        ax.figure,
        "Accuracy where pixels change by so much in the worst way found (by as much at random). "
        f"{said}.",
    )
