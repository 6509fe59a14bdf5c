"""Figures of a data set: its classes, its typical and its odd images, and who wrote them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import seaborn
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.dataset_facts import Authorship, ClassCounts, Portrait
from handwriting.evaluation.similarity import Neighbours
from handwriting.evaluation.survey import ImageMap
from handwriting.figures.images import sheet, show
from handwriting.figures.phrases import counted, listed, short, times
from handwriting.figures.style import (
    BLUE,
    GREY,
    INK,
    VERMILION,
    Drawing,
    bare,
    new,
    styled,
    unruled,
)

_MOST_CLASSES = 12  # that are drawn below each other, each with room for a long name
_MOST_COLUMNS, _MOST_BARS_BELOW = 3, 20  # of classes in a balance
_ONE_BAND, _MOST_BANDS = 5, 4  # portraits side by side; more are in several bands
_LETTERS, _SHORT = 57, 3  # that have room in a row of names, and that a short name has
_ROOM_BESIDE = 24  # letters beside bars
_ROOM = 0.2  # of the longest bar, from which on a number has room inside
_PALE = 1.3  # so that the widest spread is not black, and its edges show
_MOST_BARS = 28  # in a histogram
_MAP, _NAME = 5.6, 13  # inches of a map's sides, and points of the names on it
_MAP_LETTERS = 12  # of a name on it
_NAMED_APART = 20  # classes that are told apart by colour on a map


@styled
def class_balance(train: ClassCounts, test: ClassCounts) -> Drawing:
    """Return a drawing of the share of each class among training and test images.

    Args:
        train: how many training images each class has; the first are drawn where there are many.
        test: likewise of test images.
    """
    names, classes = train.class_names, len(train.class_names)
    columns = min(-(-classes // _MOST_CLASSES), _MOST_COLUMNS)
    shown = min(classes, _MOST_CLASSES if columns == 1 else _MOST_COLUMNS * _MOST_BARS_BELOW)
    figure = new(height=1.2 + 0.42 * -(-shown // columns), width=5.4)
    axes = figure.subplots(1, columns, sharex=True, squeeze=False)[0]
    room = _ROOM * columns * max(train.shares[:shown].max(), test.shares[:shown].max())
    for ax, part in zip(axes, np.array_split(np.arange(shown), columns), strict=True):
        for split, offset, colour in ((train, -0.2, BLUE), (test, 0.2, GREY)):
            rows, shares = np.arange(len(part)) + offset, split.shares[part]
            bars = ax.barh(rows, shares, height=0.36, color=colour, label=split.title.lower())
            _write_counts(ax, bars, split.counts[part], room)
        ax.axvline(1 / classes, color=VERMILION, linewidth=1)
        ax.set_yticks(range(len(part)), [short(names[k], _ROOM_BESIDE // columns) for k in part])
        ax.set(ylim=(len(part) - 0.4, -0.6), xmargin=0.06 * columns)
        ax.xaxis.set(
            major_locator=MaxNLocator(7 - columns, steps=[1, 2, 5, 10]),
            major_formatter=lambda share, _: f"{100 * share:.3g}%",
        )
        unruled(ax)
    some = "" if shown == classes else f", {shown} of {classes} classes"
    figure.supxlabel(f"share of the images{some}; the line: all classes alike", fontsize=11)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    first = f" The first {shown} of {classes}:" if shown < classes else ""
    counts = list(zip(names, train.counts, test.counts, strict=True))[:shown]
    each = ", ".join(f"{name}: {many:,} and {few:,}" for name, many, few in counts)
    return Drawing(
        figure,
        f"Bars of each class's share of the training and of the test images.{first} {each}.",
    )


def _write_counts(ax: Axes, bars: BarContainer, counts: NDArray[np.int64], room: float) -> None:
    """Write a number into each bar, or beside it where it is not longer than the room needed."""
    for bar, count in zip(bars, counts, strict=True):
        inside = bar.get_width() > room
        ax.annotate(
            f"{count:,}",
            (0 if inside else bar.get_width(), bar.get_y() + bar.get_height() / 2),
            (4, 0),
            textcoords="offset points",
            color="white" if inside else bar.get_facecolor(),
            va="center_baseline",
            fontsize=9,
        )


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


@styled
def images_by_writer(found: Authorship) -> Drawing:
    """Return a drawing of how many images each writer wrote, in training and in the test set."""
    figure = new(height=3.6)
    axes = figure.subplots(2, 1, sharex=True)
    most = max(found.train.most, found.test.most)
    step = -(-(most + 1) // _MOST_BARS)  # whole numbers: each bar has room for as many counts
    edges = np.arange(0, most + step + 1, step) - 0.5
    parts = []
    for ax, writers, colour, name in (
        (axes[0], found.train, BLUE, "training images"),
        (axes[1], found.test, GREY, "test images"),
    ):
        people = counted(writers.people, "writer")
        ax.hist(writers.images, edges, color=colour)
        ax.set_title(f"{name}: {people}", fontsize=10.5)
        ax.set_ylabel("writers")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(6, integer=True))
        parts.append(
            f"{people} of {name}: {writers.fewest:,} to {writers.most:,} each, median "
            f"{writers.median:,g}"
        )
    axes[1].set_xlabel("images by one writer")
    return Drawing(
        figure, f"Two histograms of how many images one person wrote. {'; '.join(parts)}."
    )


@styled
def image_map(found: ImageMap, class_names: Sequence[str]) -> Drawing:
    """Return a drawing of a map of images: each stands as its class, near those that it is like.

    Args:
        found: where each image stands, and its class.
        class_names: what to call each class.
    """
    places, labels = found.places, found.labels
    ax = new(height=_MAP, width=_MAP).subplots()
    colours = seaborn.color_palette("husl", min(len(class_names), _NAMED_APART))
    low, high = places.min(axis=0), places.max(axis=0)
    side = 1.15 * float((high - low).max()) or 1.0
    groups = {class_names[label]: places[labels == label] for label in np.unique(labels)}
    for name, points in groups.items():
        colour = colours[class_names.index(name) % len(colours)]
        ax.scatter(points[:, 0], points[:, 1], s=9, color=colour, alpha=0.75, linewidths=0)
    for name, (across, up) in _name_places(groups, side / _MAP).items():
        ax.text(
            across, up, short(name, _MAP_LETTERS), color=INK, ha="center", va="center",
            weight="bold", fontsize=_NAME,
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5},
        )  # fmt: skip
    bare(ax)
    (left, bottom), half = (low + high) / 2, side / 2
    ax.set(xlim=(left - half, left + half), ylim=(bottom - half, bottom + half), aspect="equal")
    alt = f"A map of {counted(len(found), 'image')}, coloured by class."
    if found.closest_classes:
        pair = listed([class_names[label] for label in found.closest_classes])
        alt += f" Of all classes, the middles of {pair} are closest together."
    return Drawing(ax.figure, alt)


def _name_places(
    groups: Mapping[str, NDArray[np.floating]], inch: float
) -> dict[str, NDArray[np.floating]]:
    """Where each group's name stands: in its middle, or at one of its points if others are there.

    A name for which there is no room is left out.

    Args:
        groups: (n, 2), where the points of each stand, by name.
        inch: how long that is, as places are measured.
    """
    taken: dict[str, tuple[NDArray[np.floating], NDArray[np.floating]]] = {}
    for name, points in groups.items():
        middle = np.median(points, axis=0)
        size = inch * _NAME / 72 * np.array([0.8 * len(short(name, _MAP_LETTERS)) + 0.3, 1.5])
        order = np.linalg.norm(points - middle, axis=1).argsort(kind="stable")
        candidates = np.vstack([middle, points[order]])
        free = [
            all((np.abs(place - other) >= (size + its) / 2).any() for other, its in taken.values())
            for place in candidates
        ]
        if any(free):
            taken[name] = candidates[free.index(True)], size
    return {name: place for name, (place, _) in taken.items()}
