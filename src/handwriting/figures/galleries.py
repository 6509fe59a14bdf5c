"""Figures of many images: samples of a data set, mistakes, and what was changed of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from handwriting.baselines.pipelines import deskewed
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.metrics import Mistakes
from handwriting.figures.images import (
    LINE,
    captioned,
    middles,
    montage,
    panels,
    remarks,
    sheet,
    show,
)
from handwriting.figures.phrases import counted, score, short
from handwriting.figures.style import BLUE, FAINT, GREY, INK, VERMILION, Drawing, new, styled

_SHORT = 2  # letters of a name, so that two have room in a line of words
_ROW, _REMARK, _LEGEND = 1.42, 0.16, 0.25  # inches of a gallery's row and what may come below it
_BELOW_SCORE = 16  # points from the image to what people read
_MOST_ROWS, _ROOM = 16, 24  # of samples below each other, and letters beside them
_SAMPLES, _COLUMNS = 10, 4  # images of a class, and of a gallery, beside each other


@styled
def samples(
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    class_names: Sequence[str],
    *,
    rows: int = 12,
) -> Drawing:
    """Return the first images of each class, a row a class, and how many it has.

    More than 16 rows stand side by side, in columns with fewer images.

    Args:
        images: (n, height, width) uint8, 0-255.
        labels: (n,) uint8.
        class_names: What to call each class.
        rows: How many classes at most.
    """
    shown = np.unique(labels)[:rows]
    columns = -(-len(shown) // _MOST_ROWS)
    parts = np.array_split(shown, columns)
    height, width = images.shape[1:]
    beside = max(1, _SAMPLES // columns)
    tall = min(3.5 * len(parts[0]) * height / beside / width / columns, 9)
    figure = new(height=0.2 + tall, width=4.8 if columns == 1 else 5.4)
    totals = np.bincount(labels, minlength=len(class_names))
    for ax, part in zip(figure.subplots(1, columns, squeeze=False)[0], parts, strict=True):
        picked = np.full((len(part), beside, height, width), np.nan)
        for row, label in zip(picked, part, strict=True):
            of_class = images[labels == label][:beside]
            row[: len(of_class)] = of_class
        show(ax, montage(picked.reshape(-1, height, width), beside))
        first, *others = [f"{count:,}" for count in totals[part]]
        noun = " images" if columns == 1 else ""
        names = [short(class_names[label], _ROOM // columns) for label in part]
        _name_rows(ax, height, names, [first + noun, *others])
    listed = ", ".join(f"{name}: {n:,}" for name, n in zip(class_names, totals, strict=True))
    return Drawing(
        figure,
        "Handwritten examples of each class, a row for each. "
        f"Training images of each class: {listed}.",
    )


def _name_rows(ax: Axes, height: int, names: Sequence[str], notes: Sequence[str]) -> None:
    """Write a name at the left of each row of a montage of such images, and a note at its right."""
    places = middles(ax.images[0].get_size()[0], height, len(names))
    right = ax.secondary_yaxis("right")
    ax.set_yticks(places, names)
    right.set_yticks(places, notes, color=GREY)
    right.spines[:].set_visible(False)
    for each in (ax, right):
        each.tick_params(length=0)


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
    opinions = {each.index: each.opinion(class_names) for each in disputes}
    indices, said = [int(index) for index in found.indices[:count]], remarks(disputes, class_names)
    rows = -(-count // _COLUMNS)
    disputed = len({row // _COLUMNS for row, index in enumerate(indices) if index in opinions})
    apart = "\n" if max(map(len, class_names)) > _SHORT else " read "
    height = (_ROW + LINE * (apart == "\n")) * rows + _REMARK * disputed
    notes = [f"{count} of {len(found):,} are shown."] if count < len(found) else []
    notes += ["Framed: the label is disputed; below, what people read."] if disputed else []
    height += _LEGEND * len(notes)
    figure = new(height=height, gap=0.2)  # so that a score belongs to the image above it
    told = []
    for position, (ax, index) in enumerate(
        zip(panels(figure, count, _COLUMNS), indices, strict=True)
    ):
        truth, taken = class_names[found.truths[position]], class_names[found.predictions[position]]
        value = score(float(found.confidences[position]), score_name)
        show(ax, images[index])
        ax.set_title(f"{short(truth, 12)}{apart}as {short(taken, 9)}", loc="center", pad=3)
        ax.set_xlabel(value, color=VERMILION, labelpad=2)
        if index in opinions:
            _doubt(ax, opinions[index])
        remark = f"; {said[index]}" if index in said else ""
        told.append(f"{truth} read as {taken} ({value}{remark})")
    if notes:
        figure.supxlabel("\n".join(notes), fontsize=10, color=GREY)
        figure.draw_without_rendering()  # the layout settles on its second run only
    return Drawing(figure, f"Misread images, the most confident mistake first: {', '.join(told)}.")


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


def disputed_images(
    images: NDArray[np.uint8], disputes: Sequence[Dispute], class_names: Sequence[str]
) -> Drawing:
    """Return a drawing of the images whose labels people dispute: the label, and what they read.

    Args:
        images: (n, height, width) uint8, 0-255: all test images.
        disputes: the disputed ones, at least one.
        class_names: what to call each class.
    """
    figure = captioned(
        images[[each.index for each in disputes]],
        [f"label {class_names[each.given]}" for each in disputes],
        [each.opinion(class_names) for each in disputes],
    )
    said = "; ".join(
        f"labelled {class_names[each.given]}, {each.remark(class_names)}" for each in disputes
    )
    noun = counted(len(disputes), "test image")
    return Drawing(figure, f"{noun} whose label people dispute: {said}.")


@styled
def flattening(image: NDArray[np.uint8]) -> Drawing:
    """Return an image and the same pixels laid end to end, the middle row marked in both.

    Args:
        image: (height, width) uint8, 0-255.
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
        f"An image as a grid, and as one row: {height} rows of {width} pixels become "
        f"one row of {image.size:,}. One row is framed in both.",
    )


def deskewing(images: NDArray[np.uint8]) -> Drawing:
    """Return a drawing of images as they are, and below each what deskewing makes of it.

    Args:
        images: (n, height, width) uint8, 0-255.
    """
    alt = f"{counted(len(images), 'slanted image')}, and below each the same one upright."
    return _changed(images, [deskewed(images)], "deskewed", alt)


def distortions(images: NDArray[np.uint8], distorted: Sequence[NDArray[np.uint8]]) -> Drawing:
    """Return a drawing of images as they are, and below each some of its distortions.

    Args:
        images: (n, height, width) uint8, 0-255.
        distorted: as many images each time.
    """
    alt = (
        f"{counted(len(images), 'training image')} as written, and below each "
        f"{counted(len(distorted), 'version')}, turned, shifted, stretched and bent a little."
    )
    return _changed(images, distorted, "distorted", alt)


def _changed(
    images: NDArray[np.uint8], versions: Sequence[NDArray[Any]], name: str, alt: str
) -> Drawing:
    """A drawing of images as they are, and below each what becomes of it, row after row."""
    ax = sheet(np.concatenate([images, *versions]), len(images), height=4.2, room=0.3)
    first, *others = middles(ax.images[0].get_size()[0], images.shape[1], 1 + len(versions))
    ax.set_yticks([first, np.mean(others)], ["as written", name])
    ax.tick_params(length=0)
    return Drawing(ax.figure, alt)
