"""Figures of what a network computes: a neuron, its weights, its outputs, its loss."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from handwriting.evaluation.interpretability import FeatureMaps, Saliency
from handwriting.figures.images import montage, show
from handwriting.figures.phrases import counted, listed, short, signed
from handwriting.figures.style import BLUE, FAINT, GREY, INK, VERMILION, Drawing, bare, new, styled
from handwriting.models.dense_network import Contrast, ImageLoss, Outputs, Reading, loss

_DIVERGING = "RdBu"  # red speaks against, blue speaks for
_COLUMNS = 8  # of neurons and maps beside each other
_MOST_CLASSES, _MOST_MAPS = 12, 24


@styled
def neuron(contrast: Contrast) -> Drawing:
    """Return one neuron at work, a row an image: pixels, weights, products, ReLU."""
    readings = contrast.readings
    figure = new(height=0.5 + 1.15 * len(readings))
    grid = figure.subplots(len(readings), 4, squeeze=False, sharey="col")
    reach = 1.25 * max(abs(reading.weighted_sum) for reading in readings) or 1.0
    limit = max(float(np.quantile(np.abs(reading.weights), 0.95)) for reading in readings) or 1.0
    for row, reading in zip(grid, readings, strict=True):
        show(row[0], reading.pixels, high=1)
        show(row[1], reading.weights, colours=_DIVERGING, low=-limit, high=limit)
        show(row[2], reading.products, colours=_DIVERGING, low=-limit, high=limit)
        _relu(row[3], reading, reach)
    titles = "pixels", "\N{MULTIPLICATION SIGN} weights", "= products", "sum → ReLU"
    for ax, title in zip(grid[0], titles, strict=True):
        ax.set_title(title, loc="center")
    sums = "; ".join(
        f"{digit}: {signed(reading.weighted_sum)} becomes {reading.output:.2f}"
        for digit, reading in zip(contrast.digits, readings, strict=True)
    )
    return Drawing(
        figure,
        "For two images: pixels, the neuron's weights, the products of both, and their sum on the "
        f"line of ReLU. {sums}.",
    )


def _relu(ax: Axes, reading: Reading, reach: float) -> None:
    """Draw ReLU as a line, and where the reading stands on it."""
    bare(ax)
    height, width = reading.pixels.shape
    box = min(max(height / width, 0.75), 1.5)  # as high as the images beside it, if it can be
    ax.axhline(0, color=FAINT, linewidth=0.8)
    ax.axvline(0, color=FAINT, linewidth=0.8)
    ax.plot([-reach, 0, reach], [0, 0, reach], color=GREY, linewidth=1.5)
    colour = BLUE if reading.output else VERMILION
    ax.plot(reading.weighted_sum, reading.output, "o", color=colour, markersize=8)
    ax.set(xlim=(-reach, reach), ylim=(-0.9 * reach, 1.1 * reach), box_aspect=box)
    words = f"{signed(reading.weighted_sum, 1)} → {reading.output:.1f}"
    ax.text(0, -0.6 * reach, words, ha="center", va="center", color=colour)


@styled
def weight_images(
    kernel: NDArray[np.float64], image_shape: tuple[int, int], units: int = 24
) -> Drawing:
    """Return the weights of the first hidden neurons, each as an image.

    Args:
        kernel: (pixels, hidden units).
        image_shape: Height and width of the images that the neurons read.
        units: How many neurons to show at most.
    """
    pictures = kernel.T[:units].reshape(-1, *image_shape)
    sheet = montage(pictures, min(_COLUMNS, len(pictures)))
    height = 0.75 + min(max(4.6 * sheet.shape[0] / sheet.shape[1], 0.8), 6)
    ax = new(height).subplots()
    limit = float(np.quantile(np.abs(pictures), 0.995)) or 1.0
    show(ax, sheet, colours=_DIVERGING, low=-limit, high=limit)
    ends = f"\N{MINUS SIGN}{limit:.2g}", f"+{limit:.2g}"
    _colour_bar(ax, ax, ends, "weight: red speaks against, blue for", extend="both")
    return Drawing(
        ax.figure,
        f"The weights of hidden neurons ({len(pictures)}) as images: patches of positive (blue) "
        f"and negative (red) weights, from {signed(pictures.min())} to {signed(pictures.max())}.",
    )


def _colour_bar(
    ax: Axes,
    beside: Axes | NDArray[Any],
    ends: tuple[str, str],
    label: str,
    extend: Literal["neither", "both"] = "neither",
) -> None:
    """Say what the colours of the image in axes mean, below those that have the same ones."""
    bar = ax.figure.colorbar(
        ax.images[0], ax=beside, location="bottom", extend=extend, shrink=0.6, aspect=30, pad=0.03,
        label=label,
    )  # fmt: skip
    bar.outline.set_visible(False)
    low, high = ax.images[0].get_clim()
    bar.set_ticks([low, 0, high], labels=[ends[0], "0", ends[1]])


@styled
def outputs(found: Outputs) -> Drawing:
    """Return one image's raw scores, and what softmax and sigmoid make of them.

    Of many classes, those with the highest scores are shown.
    """
    highest = found.table.sort_values("raw_score", ascending=False, kind="stable")[:_MOST_CLASSES]
    shown = highest.sort_index()
    figure = new(height=0.7 + 0.27 * len(shown))
    panels = figure.subplots(1, 3, sharey=True)
    best = int(shown["raw_score"].argmax())
    for ax, name in zip(panels, ("raw_score", "softmax", "sigmoid"), strict=True):
        _bars(ax, shown[name].to_numpy(), best, decimals=1 if name == "raw_score" else 3)
        ax.set_title(name.replace("_", " "))
    panels[0].set_yticks(range(len(shown)), [short(name, 14) for name in shown["label"]])
    panels[0].invert_yaxis()
    classes = len(found.table)
    some = "" if len(shown) == classes else f", the highest {len(shown)} of {classes}"
    rows = "; ".join(
        f"{row.label}: {signed(row.raw_score, 1)}, {row.softmax:.3f}, {row.sigmoid:.3f}"
        for row in shown.itertuples()
    )
    kind = f"Bars with the raw score, softmax and sigmoid of each class{some}"
    return Drawing(figure, f"{kind}. {rows}.")


def _bars(ax: Axes, values: NDArray[np.float64], best: int, decimals: int) -> None:
    """Draw bars with their values beside them, the best one in colour."""
    bars = ax.barh(range(len(values)), values, color=FAINT, height=0.75)
    bars[best].set_color(BLUE)
    words = [signed(value, decimals) for value in values]
    start, end = min(0.0, float(values.min())), max(0.0, float(values.max()), 1e-9)
    for position, (value, word) in enumerate(zip(values, words, strict=True)):
        ax.text(max(value, 0) + 0.04 * (end - start), position, word, va="center", fontsize=10)
    ax.set(xlim=(start, end + 0.55 * (end - start)), xticks=[])
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


@styled
def loss_curve(found: ImageLoss, label: str) -> Drawing:
    """Return the loss that each score of the right class costs, one image's score marked.

    Args:
        found: What the image costs.
        label: What to call the marked point.
    """
    ax, score = new(height=2.7).subplots(), found.score
    scores = np.geomspace(min(0.01, max(score, 1e-7)), 1, 200)
    ax.plot(scores, loss(scores), color=GREY)
    for example in (0.1, 0.5):
        _mark(ax, example, f"{float(loss(example)):.2f}", GREY)
    _mark(ax, score, f"{label}: {float(loss(score)):.2f}", BLUE, right=score < 0.5)
    ax.set(xlabel="score of the right class", ylabel="loss", xlim=(0, 1.02), ylim=(0, None))
    return Drawing(
        ax.figure,
        f"The loss falls from {float(loss(0.01)):.2f} at a score of 0.01, by way of "
        f"{float(loss(0.5)):.2f} at 0.5, to 0 at 1. The marked image's score, {score:.3f}, costs "
        f"{found.cost:.3f}.",
    )


def _mark(ax: Axes, score: float, words: str, colour: str, right: bool = True) -> None:
    ax.plot(score, float(loss(score)), "o", color=colour, clip_on=False, zorder=3)
    ax.annotate(
        words,
        (score, float(loss(score))),
        (8, 8) if right else (0, 14),
        textcoords="offset points",
        ha="left" if right else "right",
        color=colour,
    )


def filters(weights: NDArray[np.floating]) -> Drawing:
    """Return a drawing of the filters of a network's first convolution, each as an image.

    Args:
        weights: (filters, height, width), any finite numbers.
    """
    count, height, width = weights.shape
    kernel = weights.reshape(count, -1).T.astype(np.float64)
    figure = weight_images(kernel, (height, width)).figure
    low, high = signed(float(weights.min())), signed(float(weights.max()))
    return Drawing(
        figure,
        f"{counted(count, 'filter')} of {height} by {width} weights as images, from {low} (red) to "
        f"{high} (blue).",
    )


@styled
def feature_maps(image: NDArray[np.uint8], found: Sequence[FeatureMaps], name: str) -> Drawing:
    """Return a drawing of an image, and of what each block of a network makes of it.

    Args:
        image: (height, width) uint8, 0-255.
        found: the maps of each block.
        name: what to call the image's class.
    """
    rows = [-(-min(_MOST_MAPS, len(each.maps)) // _COLUMNS) for each in found]
    figure = new(height=0.9 + 0.62 * sum(rows), width=5.4)
    panels = figure.subplots(1 + len(found), 1, height_ratios=[1.4, *rows])
    show(panels[0], image)
    panels[0].set_title("the image", loc="left")
    told = []
    for ax, each in zip(panels[1:], found, strict=True):
        shown = each.maps[:_MOST_MAPS]
        show(ax, montage(shown, _COLUMNS), low=0, high=float(shown.max()) or 1.0)
        kept = "" if len(shown) == len(each.maps) else f", {len(shown)} of them"
        maps = f"{len(each.maps)} maps of {each.height} by {each.width}"
        ax.set_title(f"block {each.block}: {maps}{kept}")
        told.append(f"{maps} in block {each.block}")
    blocks = listed(told)
    return Drawing(
        figure,
        f"An image of {name}, and how strongly filters respond to it, place by place: {blocks}.",
    )


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
    told = []
    for row, one in zip(panels, found, strict=True):
        show(row[0], one.image)
        answer = f"{class_names[one.truth]} read as {class_names[one.answer]}"
        brief = f"{short(class_names[one.truth], 6)} read as {short(class_names[one.answer], 6)}"
        row[0].set_title(f"{one.reader}:\n{brief} ({one.score:.0%})", fontsize=10)
        ranges = []
        for ax, change, name in (
            (row[1], one.without_ink, "ink rubbed out"),
            (row[2], one.with_ink, "ink put in"),
        ):
            show(ax, -change, colours=_DIVERGING, low=-limit, high=limit)
            ax.contour(one.image, levels=[127], colors=[INK], linewidths=0.7)
            ax.set_title(name, fontsize=10)
            bare(ax)
            ranges.append(f"{signed(float(change.min()))} to {signed(float(change.max()))}")
        told.append(
            f"{one.reader}, {answer}: rubbing out changes its probability by {ranges[0]}, putting "
            f"ink in by {ranges[1]}"
        )
    ends = f"+{limit:.2f}", signed(-limit)
    _colour_bar(panels[0, 1], panels, ends, "change of the answer's probability")
    parts = "; ".join(told)
    return Drawing(figure, f"Where a patch of ink or blank paper matters to the answer. {parts}.")
