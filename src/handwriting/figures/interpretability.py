"""Drawings of what convolutional networks see: filters, feature maps, saliency, distortion."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handwriting.evaluation.interpretability import FeatureMaps, Saliency
from handwriting.figures.drawing import Drawing
from handwriting.figures.images import montage, show
from handwriting.figures.network import weight_images
from handwriting.figures.phrases import counted, listed, signed
from handwriting.figures.style import INK, bare, new, styled

_DIVERGING = "RdBu"
_MOST_MAPS = 24


def filters(weights: NDArray[np.floating]) -> Drawing:
    """Return a drawing of the filters of a network's first convolution, each as an image.

    Args:
        weights: (filters, height, width), any finite numbers.
    """
    count, height, width = weights.shape
    kernel = weights.reshape(count, -1).T.astype(np.float64)
    figure = weight_images(kernel, (height, width)).figure
    low, high = signed(float(weights.min())), signed(float(weights.max()))
    alt = (
        f"{counted(count, 'filter')} of {height} by {width} weights as images, from {low} (red) to "
        f"{high} (blue)."
    )
    return Drawing(figure, alt)


@styled
def feature_maps(image: NDArray[np.uint8], found: Sequence[FeatureMaps], name: str) -> Drawing:
    """Return a drawing of an image, and of what each block of a network makes of it.

    Args:
        image: (height, width) uint8, 0-255.
        found: the maps of each block.
        name: what to call the image's class.
    """
    columns = 8
    rows = [-(-min(_MOST_MAPS, len(each.maps)) // columns) for each in found]
    figure = new(height=0.9 + 0.62 * sum(rows), width=5.4)
    panels = figure.subplots(1 + len(found), 1, height_ratios=[1.4, *rows])
    show(panels[0], image)
    panels[0].set_title("the image", loc="left")
    for ax, each in zip(panels[1:], found, strict=True):
        shown = each.maps[:_MOST_MAPS]
        show(ax, montage(shown, columns), low=0, high=float(shown.max()) or 1.0)
        kept = "" if len(shown) == len(each.maps) else f", {len(shown)} of them"
        size = f"{each.height} by {each.width}"
        ax.set_title(f"block {each.block}: {len(each.maps)} maps of {size}{kept}")
    blocks = listed(
        [
            f"{len(each.maps)} maps of {each.height} by {each.width} in block {each.block}"
            for each in found
        ]
    )
    alt = f"An image of {name}, and how strongly filters respond to it, place by place: {blocks}."
    return Drawing(figure, alt)


@styled
def saliencies(found: Sequence[Saliency], class_names: Sequence[str]) -> Drawing:
    """Return a drawing of images, and where ink and blank paper matter for their answers.

    Blue marks where a change lowers the score of the answer: what is there speaks for it.

    Args:
        found: one for each image and reader.
        class_names: what to call each class.
    """
    figure = new(height=0.9 + 1.6 * len(found), width=5.4)
    panels = figure.subplots(len(found), 3, squeeze=False)
    changes = [each for one in found for each in (one.without_ink, one.with_ink)]
    limit = max(float(np.abs(change).max()) for change in changes) or 1.0
    for row, one in zip(panels, found, strict=True):
        show(row[0], one.image)
        reading = f"{class_names[one.truth]} read as {class_names[one.answer]} ({one.score:.0%})"
        row[0].set_title(f"{one.reader}:\n{reading}", fontsize=10)
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
    parts = "; ".join(_saliency(each, class_names) for each in found)
    return Drawing(figure, f"Where a patch of ink or blank paper matters to the answer. {parts}.")


def _saliency(found: Saliency, class_names: Sequence[str]) -> str:
    (out_low, out_high), (in_low, in_high) = (
        (signed(float(change.min())), signed(float(change.max())))
        for change in (found.without_ink, found.with_ink)
    )
    return (
        f"{found.reader}, {class_names[found.truth]} read as {class_names[found.answer]}: rubbing "
        f"out changes its probability by {out_low} to {out_high}, putting ink in by {in_low} to "
        f"{in_high}"
    )


@styled
def distortions(images: NDArray[np.uint8], distorted: Sequence[NDArray[np.uint8]]) -> Drawing:
    """Return a drawing of images as they are, and below each some of its distortions.

    Args:
        images: (n, height, width) uint8, 0-255.
        distorted: as many images each time.
    """
    sheet = montage(np.concatenate([images, *distorted]), len(images))
    figure = new(height=0.3 + 4.2 * sheet.shape[0] / sheet.shape[1])
    ax = figure.subplots()
    show(ax, sheet)
    height = images.shape[1]
    bottom = sheet.shape[0] - 1 - (height - 1) / 2
    middles = np.linspace((height - 1) / 2, bottom, 1 + len(distorted))
    ax.set_yticks([middles[0], middles[1:].mean()], ["as written", "distorted"])
    ax.tick_params(length=0)
    alt = (
        f"{counted(len(images), 'training image')} as written, and below each "
        f"{counted(len(distorted), 'version')}, turned, shifted, stretched and bent a little."
    )
    return Drawing(figure, alt)
