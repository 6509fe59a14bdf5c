"""Figures of a data set: its classes, who wrote it, and a map."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from handwriting.evaluation.dataset_facts import Authorship, ClassCounts
from handwriting.evaluation.survey import ImageMap
from handwriting.figures.phrases import counted, listed, short
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
_ROOM_BESIDE = 24  # letters beside bars
_ROOM = 0.2  # of the longest bar, from which on a number has room inside
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
