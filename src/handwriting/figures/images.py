"""Figures of the images themselves: samples of a data set, mistakes, one image laid flat."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.metrics import Mistakes
from handwriting.figures.phrases import counted, score
from handwriting.figures.style import BLUE, FAINT, GREY, INK, VERMILION, Drawing, bare, new, styled

_ROW, _REMARK, _LEGEND = 1.42, 0.16, 0.25  # inches of a gallery's row and what may come below it
_BELOW_SCORE = 16  # points from the image to what people read
_SAMPLES, _COLUMNS = 10, 4  # images of a class, and of a gallery, beside each other
_GAP = 0.12  # between the images of a montage, as a share of their height


def show(
    ax: Axes,
    image: NDArray[Any],
    *,
    colours: str = "Greys",
    low: float = 0,
    high: float = 255,
    aspect: float | Literal["equal", "auto"] = "equal",
) -> None:
    """Draw an image without axes, dark on light unless told, each pixel a sharp square.

    Args:
        ax: Where to draw.
        image: (height, width), any numbers; NaN is left white.
        colours: The name of a colour map.
        low: The number that has the first colour.
        high: The number that has the last colour.
        aspect: A pixel's height over its width; `auto` fills the axes.
    """
    ax.imshow(image, cmap=colours, vmin=low, vmax=high, aspect=aspect, interpolation="none")
    bare(ax)


def montage(images: NDArray[Any], columns: int) -> NDArray[np.float64]:
    """Return images side by side, row after row, as one; the gaps are NaN.

    Args:
        images: (n, height, width), at least one.
        columns: How many stand in a row.

    Returns:
        (rows x (height + gap) - gap, columns x (width + gap) - gap) float64.
    """
    count, height, width = images.shape
    gap = max(1, round(_GAP * height))
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap), columns * (width + gap)), np.nan)
    for position, image in enumerate(images):
        top, left = position // columns * (height + gap), position % columns * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet[: rows * (height + gap) - gap, : columns * (width + gap) - gap]


@styled
def samples(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    class_names: Sequence[str],
    *,
    rows: int = 12,
) -> Drawing:
    """Return the first images of each class, a row a class, and how many it has.

    Args:
        images: (n, height, width) uint8, 0-255.
        labels: (n,) uint8.
        class_names: What to call each class.
        rows: How many classes at most.
    """
    shown = np.unique(labels)[:rows]
    height, width = images.shape[1:]
    picked = np.full((len(shown), _SAMPLES, height, width), np.nan)
    for row, label in zip(picked, shown, strict=True):
        of_class = images[labels == label][:_SAMPLES]
        row[: len(of_class)] = of_class
    sheet = montage(picked.reshape(-1, height, width), _SAMPLES)
    ax = new(height=0.2 + min(3.5 * sheet.shape[0] / sheet.shape[1], 9)).subplots()
    show(ax, sheet)
    middles = np.linspace(0, sheet.shape[0] - height, len(shown)) + (height - 1) / 2
    ax.set_yticks(middles, [class_names[label] for label in shown])
    counts = ax.secondary_yaxis("right")
    numbers = [f"{(labels == label).sum():,}" for label in shown]
    counts.set_yticks(middles, [f"{numbers[0]} images", *numbers[1:]], color=GREY)
    counts.spines[:].set_visible(False)
    for axis in (ax, counts):
        axis.tick_params(length=0)
    of_class = np.bincount(labels, minlength=len(class_names))
    listed = ", ".join(f"{name}: {n:,}" for name, n in zip(class_names, of_class, strict=True))
    return Drawing(
        ax.figure,
        "Handwritten examples of each class, a row for each. "
        f"Training images of each class: {listed}.",
    )


@styled
def gallery(
    images: NDArray[np.uint8],
    found: Mistakes,
    class_names: Sequence[str],
    *,
    limit: int = 16,
    score_name: str = "probability",
    disputes: Sequence[Dispute] = (),
) -> Drawing:
    """Return the most confident mistakes: truth, prediction and its score.

    An image whose label people dispute is framed, and what they read stands below it.

    Args:
        images: (n, height, width) uint8, 0-255: all images, which `found` points into.
        found: The mistakes, in the order to show them.
        class_names: What to call each class.
        limit: How many to show at most.
        score_name: What the scores are called; probabilities are shown in percent.
        disputes: The images whose label people dispute.
    """
    count = min(limit, len(found))
    if not count:
        figure = new(height=0.8)
        figure.text(0.5, 0.5, "No mistakes", ha="center", va="center")
        return Drawing(figure, "No mistakes to show.")
    remarks = {each.index: each.opinion(class_names) for each in disputes}
    read = [remarks.get(int(index)) for index in found.indices[:count]]
    scores = [score(float(value), score_name) for value in found.confidences[:count]]
    pairs = [
        (class_names[truth], class_names[taken])
        for truth, taken in zip(found.truths[:count], found.predictions[:count], strict=True)
    ]
    rows = -(-count // _COLUMNS)
    disputed = sum(any(read[_COLUMNS * row : _COLUMNS * (row + 1)]) for row in range(rows))
    height = _ROW * rows + _REMARK * disputed + _LEGEND * bool(disputed)
    figure = new(height=height, gap=0.2)  # so that a score belongs to the image above it
    panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for ax in panels[count:]:
        ax.set_axis_off()
    for position, ax in enumerate(panels[:count]):
        show(ax, images[found.indices[position]])
        ax.set_title("{} read as {}".format(*pairs[position]), loc="center", pad=3)
        ax.set_xlabel(scores[position], color=VERMILION, labelpad=2)
        if people := read[position]:
            _doubt(ax, people)
    if disputed:
        legend = "Framed: the label is disputed; below, what people read."
        figure.supxlabel(legend, fontsize=10, color=GREY)
        figure.draw_without_rendering()  # the layout settles on its second run only
    said = {each.index: f"; label disputed: {each.remark(class_names)}" for each in disputes}
    listed = ", ".join(
        f"{truth} read as {taken} ({value}{said.get(int(index), '')})"
        for (truth, taken), value, index in zip(pairs, scores, found.indices, strict=False)
    )
    return Drawing(figure, f"Misread images, the most confident mistake first: {listed}.")


def _doubt(ax: Axes, read: str) -> None:
    """Frame an image, and say below its score what people read."""
    ax.spines[:].set(visible=True, color=INK, linestyle="--")
    ax.annotate(
        f"people: {read}",
        (0.5, 0),
        (0, -_BELOW_SCORE),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=10,
    )


@styled
def disputed_images(
    images: NDArray[np.uint8], disputes: Sequence[Dispute], class_names: Sequence[str]
) -> Drawing:
    """Return a drawing of the images whose labels people dispute: the label, and what they read.

    Args:
        images: (n, height, width) uint8, 0-255: all test images.
        disputes: the disputed ones, at least one.
        class_names: what to call each class.
    """
    columns = 5
    rows = -(-len(disputes) // columns)
    figure = new(height=1.5 * rows, width=5.4, gap=0.2)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in panels[len(disputes) :]:
        ax.set_axis_off()
    for ax, each in zip(panels, disputes, strict=False):
        show(ax, images[each.index])
        ax.spines[:].set(visible=True, color=FAINT)
        ax.set_title(f"label {class_names[each.given]}", loc="center", pad=3, fontsize=10.5)
        ax.set_xlabel(each.opinion(class_names), color=VERMILION, labelpad=2)
    said = "; ".join(
        f"labelled {class_names[each.given]}, {each.remark(class_names)}" for each in disputes
    )
    noun = counted(len(disputes), "test image")
    return Drawing(figure, f"{noun} whose label people dispute: {said}.")


@styled
def flattening(image: NDArray[np.uint8], digit: str) -> Drawing:
    """Return an image and the same pixels laid end to end, the middle row marked in both.

    Args:
        image: (height, width) uint8, 0-255.
        digit: What the image is called.
    """
    height, width = image.shape
    row = height // 2
    figure = new(height=3.3)
    grid, strip = figure.subplots(2, 1, height_ratios=[5, 1])
    show(grid, image)
    grid.spines[:].set(visible=True, color=FAINT)
    grid.add_patch(Rectangle((-0.5, row - 0.5), width, 1, fill=False, edgecolor=BLUE, linewidth=2))
    marked = f"row {row + 1} of {height}:\n{width} pixels"
    grid.annotate(
        marked, (width - 0.5, row), (8, 0), textcoords="offset points", color=BLUE, va="center"
    )
    show(strip, image.reshape(1, -1), aspect="auto")
    strip.add_patch(
        Rectangle((row * width - 0.5, -0.5), width, 1, fill=False, edgecolor=BLUE, linewidth=2)
    )
    strip.spines[:].set(visible=True, color=GREY)
    ends = [0, row * width + (width - 1) / 2, image.size - 1]
    middle = f"{row * width + 1} to {(row + 1) * width}"
    strip.set_xticks(ends, ["1", middle, f"{image.size:,}"], color=INK)
    strip.get_xticklabels()[1].set_color(BLUE)
    strip.tick_params(length=0)
    return Drawing(
        figure,
        f"An image of {digit} as a grid, and as one row: {height} rows of {width} pixels become "
        f"one row of {image.size:,}. One row is framed in both.",
    )
