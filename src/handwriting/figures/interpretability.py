"""Figures of what convolutional networks see: distorted images, feature maps, saliency maps."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from handwriting.evaluation.interpretability import FeatureMaps, Saliency
from handwriting.figures.images import montage, show
from handwriting.figures.phrases import signed
from handwriting.figures.style import INK, bare, new, own_axes, styled

_DIVERGING = "RdBu"


@styled
def feature_maps(
    image: NDArray[np.uint8], found: Sequence[FeatureMaps], *, most: int = 24
) -> Figure:
    """Return a figure of an image, and of what each block of a network makes of it.

    Args:
        image: (height, width) uint8, 0-255.
        found: the maps of each block.
        most: how many maps to show of a block.
    """
    columns = 8
    rows = [-(-min(most, len(each.maps)) // columns) for each in found]
    figure = new(height=0.9 + 0.62 * sum(rows), width=5.4)
    panels = figure.subplots(1 + len(found), 1, height_ratios=[1.4, *rows])
    show(panels[0], image)
    panels[0].set_title("the image", loc="left")
    for ax, each in zip(panels[1:], found, strict=True):
        shown = each.maps[:most]
        show(ax, montage(shown, columns), low=0, high=float(shown.max()) or 1.0)
        height, width = each.maps.shape[1:]
        kept = "" if len(shown) == len(each.maps) else f", {len(shown)} of them"
        ax.set_title(f"block {each.block}: {len(each.maps)} maps of {height} by {width}{kept}")
    return figure


@styled
def saliencies(found: Sequence[Saliency], titles: Sequence[str]) -> Figure:
    """Return a figure of images, and where ink and blank paper matter for their answers.

    Blue marks where a change lowers the score of the answer: what is there speaks for it.

    Args:
        found: one for each image.
        titles: what to write above each.
    """
    figure = new(height=0.9 + 1.6 * len(found), width=5.4)
    panels = figure.subplots(len(found), 3, squeeze=False)
    changes = [each for one in found for each in (one.without_ink, one.with_ink)]
    limit = max(float(np.abs(change).max()) for change in changes) or 1.0
    for row, one, title in zip(panels, found, titles, strict=True):
        show(row[0], one.image)
        row[0].set_title(title, fontsize=10)
        for ax, change, name in (
            (row[1], one.without_ink, "ink rubbed out"),
            (row[2], one.with_ink, "ink put in"),
        ):
            show(ax, -change, colours=_DIVERGING, low=-limit, high=limit)
            ax.contour(one.image, levels=[127], colors=[INK], linewidths=0.7)
            ax.set_title(name, fontsize=10)
            bare(ax)
    bar = figure.colorbar(
        panels[0, 1].images[0], ax=panels, location="bottom", shrink=0.6, aspect=30, pad=0.03
    )
    bar.outline.set_visible(False)
    bar.set_ticks([-limit, 0, limit], labels=[f"+{limit:.2f}", "0", signed(-limit)])
    bar.set_label("change of the answer's probability")
    return figure


@styled
def distortions(
    images: NDArray[np.uint8], distorted: Sequence[NDArray[np.uint8]], *, ax: Axes | None = None
) -> Axes:
    """Return axes with images as they are, and below each some of its distortions.

    Args:
        images: (n, height, width) uint8, 0-255.
        distorted: as many images each time.
        ax: Where to draw; a new figure if None.
    """
    sheet = montage(np.concatenate([images, *distorted]), len(images))
    ax = own_axes(ax, height=0.3 + 4.2 * sheet.shape[0] / sheet.shape[1])
    show(ax, sheet)
    height = images.shape[1]
    bottom = sheet.shape[0] - 1 - (height - 1) / 2
    middles = np.linspace((height - 1) / 2, bottom, 1 + len(distorted))
    ax.set_yticks([middles[0], middles[1:].mean()], ["as written", "distorted"])
    ax.tick_params(length=0)
    return ax
