"""Figures of a data set's images: typical ones, odd ones, and ones that are like another."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.dataset_facts import Portrait
from handwriting.evaluation.similarity import Neighbours
from handwriting.figures.images import sheet, show
from handwriting.figures.phrases import counted, listed, short, times
from handwriting.figures.style import GREY, INK, VERMILION, Drawing, new, styled

_MOST_CLASSES = 12  # side by side
_ONE_BAND, _MOST_BANDS = 5, 4  # portraits side by side; more are in several bands
_LETTERS, _SHORT = 57, 3  # that have room in a row of names, and that a short name has
_PALE = 1.3  # so that the widest spread is not black, and its edges show


@styled
def portraits(found: Sequence[Portrait]) -> Drawing:
    """Return a drawing of the mean image of each class, and below it how much its pixels differ.

    Args:
        found: the portraits, at least one; the first are drawn where there are many.
    """
    wide = max(len(each.name) for each in found) > _SHORT
    columns = _MOST_CLASSES // 2 if wide else _MOST_CLASSES
    if len(found) <= _MOST_CLASSES:
        columns = -(-len(found) // (1 if len(found) <= _ONE_BAND else 2))
    shown = found[: _MOST_BANDS * columns]
    bands = -(-len(shown) // columns)
    figure = new(height=bands * (0.45 + 8.6 / max(columns, 4)), width=5.4)
    some = ""
    if len(found) > len(shown):
        some = f", for the first {len(shown)} of {len(found)}"
        figure.supxlabel(f"{len(shown)} of {len(found)} classes", fontsize=10, color=GREY)
    widest = max(float(each.spread.max()) for each in shown) or 1.0
    rows = (
        ("mean", np.stack([each.mean for each in shown]), 255.0),
        ("spread", np.stack([each.spread for each in shown]), _PALE * widest),
    )
    for (above, _), each in zip(_pairs(figure, columns, rows), shown, strict=True):
        above.set_title(short(each.name, _LETTERS // columns), loc="center", pad=3)
    listing = ", ".join(f"{each.name}: {each.mean_spread:.0f}" for each in shown)
    return Drawing(
        figure,
        "The mean image of each class, and below it the spread of its pixels, dark where its "
        f"images differ{some}. Mean spread in grey levels: {listing}.",
    )


def hardest(data: Dataset, near: Neighbours, count: int = 10) -> Drawing:
    """Return a drawing of the hardest test images, and of what they are most like.

    Args:
        data: the images.
        near: the training images that each test image is most like.
        count: how many to show at most.
    """
    shown = near.hardest(count)
    others = [data.class_names[label] for label in data.train.labels[near.other[shown]]]
    pairs = [
        f"{_label(data, index)} like {other} (difficulty {_difficulty(near, index)})"
        for index, other in zip(shown, others, strict=True)
    ]
    return Drawing(
        _lookalikes(data, shown, near.other[shown], "looks like"),
        f"Test images, and below each a training image of another class: {listed(pairs)}.",
    )


def closest_pairs(data: Dataset, near: Neighbours, count: int = 5) -> Drawing:
    """Return a drawing of the test images that are closest to a training image, and of that image.

    Args:
        data: the images.
        near: the training images that each test image is most like.
        count: how many pairs to show at most.
    """
    shown = near.closest_pairs(count)
    twins, distances = near.closest
    pairs = listed([f"{_label(data, index)} ({distances[index]:.1f})" for index in shown])
    return Drawing(
        _lookalikes(data, shown, twins[shown], "training"),
        "Test images, and below each the training image that differs least, with the distance in "
        f"grey levels: {pairs}.",
    )


def easiest(data: Dataset, near: Neighbours) -> Drawing:
    """Return a drawing of the easiest test image of each class, of the first where there are many.

    Args:
        data: the images.
        near: the training images that each test image is most like.
    """
    every = near.easiest(data.test.labels)
    shown = every[: _MOST_BANDS * _MOST_CLASSES]
    some = "" if len(shown) == len(every) else f", of the first {len(shown)} of {len(every)}"
    each = listed([f"{_label(data, index)} ({_difficulty(near, index)})" for index in shown])
    return Drawing(
        sheet(data.test.images[shown], columns=10).figure,
        f"The easiest test image of each class{some}, with its difficulty: {each}.",
    )


def by_several_writers(images: NDArray[np.uint8], class_name: str) -> Drawing:
    """Return a drawing of images of one class, each by another writer.

    Args:
        images: (n, height, width) uint8, 0-255, at least one.
        class_name: what to call the class.
    """
    alt = f"Images of {class_name}, one each by {counted(len(images), 'writer')}."
    return Drawing(sheet(images, columns=6).figure, alt)


def preferences(disputes: Sequence[Dispute], class_names: Sequence[str]) -> str:
    """Return which digits most people prefer to labels: `8 as 9, 0 as 6 twice and 2 as 0`.

    Those images are left out of which people prefer no digit, or two alike.

    Args:
        disputes: the images whose labels people dispute.
        class_names: what to call each class.
    """
    pairs = Counter(
        f"{class_names[each.given]} as {class_names[each.preferred[0]]}"
        for each in disputes
        if len(each.preferred) == 1
    )
    return listed([pair if n == 1 else f"{pair} {times(n)}" for pair, n in pairs.items()])


def _label(data: Dataset, index: int) -> str:
    return data.class_names[int(data.test.labels[index])]


def _difficulty(near: Neighbours, index: int) -> str:
    value = float(near.difficulty[index])
    return f"{value:.2f}" if np.isfinite(value) else "infinite"


@styled
def _lookalikes(
    data: Dataset, test: NDArray[np.integer], train: NDArray[np.integer], lower: str
) -> Figure:
    """A figure of test images, and below each a training image that it is like.

    Each class is named, in red below where it is another one than above.

    Args:
        data: what both are from.
        test: (n,) integers, which test images, at least one.
        train: (n,) integers, which training images.
        lower: what to call the training images.
    """
    columns = min(len(test), 5)
    figure = new(height=0.2 + 2.5 * -(-len(test) // columns), width=5.4, gap=0.04)
    judged, learned = data.test.taken(test), data.train.taken(train)
    rows = ("test", judged.images, 255.0), (lower, learned.images, 255.0)
    labels = zip(judged.labels, learned.labels, strict=True)
    for (above, below), (label, other) in zip(_pairs(figure, columns, rows), labels, strict=True):
        above.set_title(short(data.class_names[label], _LETTERS // 5), loc="center", pad=3)
        colour = INK if label == other else VERMILION
        below.set_xlabel(short(data.class_names[other], _LETTERS // 5), color=colour, labelpad=2)
    return figure


def _pairs(
    figure: Figure, columns: int, rows: Sequence[tuple[str, NDArray[Any], float]]
) -> list[tuple[Axes, Axes]]:
    """The axes of images and of those below each, drawn side by side in bands.

    Args:
        figure: an empty one.
        columns: how many pairs a band has.
        rows: of those above, and of those below: what to call them, the images, (n, height,
            width), and the number that is black.
    """
    pairs = len(rows[0][1])
    panels = figure.subplots(2 * -(-pairs // columns), columns, squeeze=False)
    for ax in panels.flat:
        ax.set_axis_off()
    drawn = list(zip(panels[::2].flat, panels[1::2].flat, strict=True))[:pairs]
    for position, axes in enumerate(drawn):
        for ax, (name, images, black) in zip(axes, rows, strict=True):
            ax.set_axis_on()
            show(ax, images[position], high=black)
            ax.set_ylabel(name if position % columns == 0 else "", fontsize=10)
    return drawn
