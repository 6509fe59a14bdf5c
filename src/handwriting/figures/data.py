"""Figures of a data set: its classes, its typical and its odd images, and who wrote them."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from handwriting.data.dataset import Dataset
from handwriting.data.label_disputes import Dispute
from handwriting.evaluation.datasheet import Portrait, Writers
from handwriting.figures.disputes import opinion
from handwriting.figures.images import montage, show
from handwriting.figures.phrases import counted
from handwriting.figures.style import BLUE, FAINT, GREY, INK, VERMILION, bare, new, own_axes, styled

_MOST_CLASSES = 12
_ONE_BAND = 5  # portraits side by side; more are in two bands
_ROOM = 0.2  # of the longest bar, from which on a number has room inside
_PALE = 1.3  # so that the widest spread is not black, and its edges show
_MOST_BARS = 28  # in a histogram
_MAP, _NAME = 5.6, 13  # inches of a map's sides, and points of the names on it
_NAMED_APART = 20  # classes that are told apart by colour on a map


@styled
def class_balance(
    train: NDArray[np.integer], test: NDArray[np.integer], class_names: Sequence[str]
) -> Axes:
    """Return axes with the share of each class among training and test images.

    Args:
        train: (classes,) integers, how many training images each class has.
        test: (classes,) integers, likewise of test images.
        class_names: what to call each class; the first are drawn where there are many.
    """
    shown = min(len(class_names), _MOST_CLASSES)
    ax = new(height=0.9 + 0.42 * shown, width=5.4).subplots()
    rows = np.arange(shown)
    most = max(float(each[:shown].max() / each.sum()) for each in (train, test))
    for counts, offset, colour, name in (
        (train, -0.2, BLUE, "training images"),
        (test, 0.2, GREY, "test images"),
    ):
        shares = counts[:shown] / counts.sum()
        ax.barh(rows + offset, shares, height=0.36, color=colour, label=name)
        for row, count, share in zip(rows + offset, counts[:shown], shares, strict=True):
            inside = share > _ROOM * most
            ax.annotate(
                f"{count:,}", (0 if inside else share, row), (4, 0), textcoords="offset points",
                color="white" if inside else colour, va="center_baseline", fontsize=9,
            )  # fmt: skip
    even = 1 / len(class_names)
    ax.plot([even, even], [-0.6, shown - 0.4], color=VERMILION, linewidth=1)
    ax.annotate("all alike", (even, -0.62), color=VERMILION, ha="center", va="bottom", fontsize=9.5)
    ax.set_yticks(rows, class_names[:shown])
    some = "" if shown == len(class_names) else f", {shown} of {len(class_names)} classes"
    ax.set(ylim=(shown - 0.4, -1.1), xlabel=f"share of the images{some}")
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g}%")
    ax.legend(frameon=False, fontsize=10, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


@styled
def portraits(found: Sequence[Portrait | None], class_names: Sequence[str]) -> Figure:
    """Return a figure of the mean image of each class, and below it how much its pixels differ.

    Args:
        found: the portrait of each class, of one at least; the first are drawn where there are
            many.
        class_names: what to call each class.
    """
    named = [(each, name) for each, name in zip(found, class_names, strict=True) if each]
    shown = named[:_MOST_CLASSES]
    bands = 1 if len(shown) <= _ONE_BAND else 2
    columns = -(-len(shown) // bands)
    figure = new(height=bands * (0.45 + 8.6 / max(columns, 4)), width=5.4)
    if len(named) > len(shown):
        some = f"{len(shown)} of {len(named)} classes"
        figure.supxlabel(some, fontsize=10, color=GREY)
    panels = figure.subplots(2 * bands, columns, squeeze=False)
    for ax in panels.flat:
        ax.set_axis_off()
    most = max(float(each.spread.max()) for each, _ in shown) or 1.0
    for position, (each, name) in enumerate(shown):
        row, column = 2 * (position // columns), position % columns
        for ax, image, high in (
            (panels[row, column], each.mean, 255.0),
            (panels[row + 1, column], each.spread, _PALE * most),
        ):
            ax.set_axis_on()
            show(ax, image, high=high)
        panels[row, column].set_title(name, loc="center", pad=3)
        if column == 0:
            panels[row, 0].set_ylabel("mean", fontsize=10)
            panels[row + 1, 0].set_ylabel("spread", fontsize=10)
    return figure


@styled
def lookalikes(
    data: Dataset,
    test: NDArray[np.integer],
    train: NDArray[np.integer],
    upper: str,
    lower: str,
) -> Figure:
    """Return a figure of test images, and below each a training image that it is like.

    Each class is named, in red below where it is another one than above.

    Args:
        data: what both are from.
        test: (n,) integers, which test images, at least one.
        train: (n,) integers, which training images.
        upper: what to call the test images.
        lower: what to call the training images.
    """
    columns = min(len(test), 5)
    bands = -(-len(test) // columns)
    figure = new(height=0.2 + 2.5 * bands, width=5.4, gap=0.04)
    panels = figure.subplots(2 * bands, columns, squeeze=False)
    for ax in panels.flat:
        ax.set_axis_off()
    for position, (judged, learned) in enumerate(zip(test, train, strict=True)):
        row, column = 2 * (position // columns), position % columns
        above, below = panels[row : row + 2, column]
        for ax, image, name in (
            (above, data.test.images[judged], upper),
            (below, data.train.images[learned], lower),
        ):
            ax.set_axis_on()
            show(ax, image)
            if column == 0:
                ax.set_ylabel(name, fontsize=10)
        label, other = data.test.labels[judged], data.train.labels[learned]
        above.set_title(data.class_names[label], loc="center", pad=3)
        colour = INK if label == other else VERMILION
        below.set_xlabel(data.class_names[other], color=colour, labelpad=2)
    return figure


@styled
def sheet(images: NDArray[np.uint8], columns: int = 6, *, ax: Axes | None = None) -> Axes:
    """Return axes with images side by side, row after row.

    Args:
        images: (n, height, width) uint8, 0-255, at least one.
        columns: how many stand in a row.
        ax: Where to draw; a new figure if None.
    """
    laid = montage(images, columns)
    ax = own_axes(ax, height=0.2 + 4.6 * laid.shape[0] / laid.shape[1])
    show(ax, laid)
    return ax


@styled
def digits_each(train: Writers, test: Writers) -> Figure:
    """Return a figure of how many images each writer wrote, in training and in the test set."""
    figure = new(height=3.6)
    axes = figure.subplots(2, 1, sharex=True)
    most = max(int(train.images.max()), int(test.images.max()))
    step = -(-(most + 1) // _MOST_BARS)  # whole numbers: each bar has room for as many counts
    edges = np.arange(0, most + step + 1, step) - 0.5
    for ax, found, colour, name in (
        (axes[0], train, BLUE, "training images"),
        (axes[1], test, GREY, "test images"),
    ):
        ax.hist(found.images, edges, color=colour)
        ax.set_title(f"{name}: {counted(len(found.images), 'writer')}", fontsize=10.5)
        ax.set_ylabel("writers")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(6, integer=True))
    axes[1].set_xlabel("images by one writer")
    return figure


@styled
def image_map(
    places: NDArray[np.floating], labels: NDArray[np.integer], class_names: Sequence[str]
) -> Axes:
    """Return axes with a map of images: each stands as its class, near those that it is like.

    Args:
        places: (n, 2), where each stands.
        labels: (n,) integers, the class of each.
        class_names: what to call each class.
    """
    ax = new(height=_MAP, width=_MAP).subplots()
    colours = _hues(len(class_names))
    low, high = places.min(axis=0), places.max(axis=0)
    side = 1.15 * float((high - low).max()) or 1.0
    groups = {class_names[label]: places[labels == label] for label in np.unique(labels)}
    for name, points in groups.items():
        colour = colours[class_names.index(name) % len(colours)]
        ax.scatter(points[:, 0], points[:, 1], s=9, color=colour, alpha=0.75, linewidths=0)
    for name, (across, up) in _name_places(groups, side / _MAP).items():
        ax.text(
            across, up, name, color=INK, ha="center", va="center", weight="bold", fontsize=_NAME,
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5},
        )  # fmt: skip
    bare(ax)
    (left, bottom), half = (low + high) / 2, side / 2
    ax.set(xlim=(left - half, left + half), ylim=(bottom - half, bottom + half), aspect="equal")
    return ax


def _name_places(
    groups: Mapping[str, NDArray[np.floating]], inch: float
) -> dict[str, NDArray[np.floating]]:
    """Where each group's name stands: in its middle, or at one of its points if others are there.

    Args:
        groups: (n, 2), where the points of each stand, by name.
        inch: how long that is, as places are measured.
    """
    taken: list[tuple[NDArray[np.floating], NDArray[np.floating]]] = []
    for name, points in groups.items():
        middle = np.median(points, axis=0)
        size = inch * _NAME / 72 * np.array([0.8 * len(name) + 0.3, 1.5])
        order = np.linalg.norm(points - middle, axis=1).argsort(kind="stable")
        candidates = np.vstack([middle, points[order]])
        free = [
            all((np.abs(place - other) >= (size + its) / 2).any() for other, its in taken)
            for place in candidates
        ]
        taken.append((candidates[int(np.argmax(free))], size))
    return {name: place for name, (place, _) in zip(groups, taken, strict=True)}


def _hues(classes: int) -> list[tuple[float, float, float]]:
    """Colours that neighbours on a map can be told apart by; names say what they mean."""
    import seaborn

    return list(seaborn.color_palette("husl", min(classes, _NAMED_APART)))


@styled
def disputes(
    images: NDArray[np.uint8], found: Sequence[Dispute], class_names: Sequence[str]
) -> Figure:
    """Return a figure of the images whose labels people dispute: the label, and what they read.

    Args:
        images: (n, height, width) uint8, 0-255: all test images.
        found: the disputed ones.
        class_names: what to call each class.
    """
    columns = 5
    rows = -(-len(found) // columns)
    figure = new(height=1.5 * rows, width=5.4, gap=0.2)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in panels[len(found) :]:
        ax.set_axis_off()
    for ax, each in zip(panels, found, strict=False):
        show(ax, images[each.index])
        ax.spines[:].set(visible=True, color=FAINT)
        ax.set_title(f"label {class_names[each.given]}", loc="center", pad=3, fontsize=10.5)
        ax.set_xlabel(opinion(each, class_names), color=VERMILION, labelpad=2)
    return figure
