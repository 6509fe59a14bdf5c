"""Images in figures: alone, side by side, and with words beside them."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from handwriting.data.label_disputes import Dispute
from handwriting.figures.style import FAINT, VERMILION, bare, new, styled

_GAP = 0.12  # between the images of a montage, as a share of their height
LINE = 0.16  # inches of a line of words beside an image
_LETTERS = 13  # that have room in it


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


def middles(whole: int, one: int, count: int) -> NDArray[np.float64]:
    """Return where the middles of so many images lie along one side of a montage, (count,).

    Args:
        whole: how many pixels the montage has along that side.
        one: how many pixels an image has.
        count: how many images there are.
    """
    return np.linspace(0, whole - one, count) + (one - 1) / 2


@styled
def sheet(
    images: NDArray[Any], columns: int, height: float = 4.6, room: float = 0.2, width: float = 4.8
) -> Axes:
    """Return the axes of a figure of images side by side, row after row.

    Args:
        images: (n, height, width), at least one.
        columns: how many stand in a row.
        height: inches, were the whole as high as it is wide.
        room: inches that are added to the height.
        width: inches.
    """
    laid = montage(images, columns)
    ax = new(height=room + height * laid.shape[0] / laid.shape[1], width=width).subplots()
    show(ax, laid)
    return ax


def panels(figure: Figure, count: int, columns: int) -> list[Axes]:
    """Return axes for so many images, row after row; the last row may have room for more."""
    axes = figure.subplots(-(-count // columns), columns, squeeze=False).ravel()
    for ax in axes[count:]:
        ax.set_axis_off()
    return list(axes[:count])


@styled
def captioned(
    images: NDArray[np.uint8], titles: Sequence[str], notes: Sequence[str], columns: int = 5
) -> Figure:
    """Return a figure of images with words above each, and others below, in red.

    Args:
        images: (n, height, width) uint8, 0-255, at least one.
        titles: what stands above each.
        notes: what stands below each.
        columns: how many stand in a row.
    """
    words = [[textwrap.fill(line, _LETTERS) for line in lines] for lines in (titles, notes)]
    more = sum(max(line.count("\n") for line in lines) for lines in words)
    rows = -(-len(images) // columns)
    figure = new(height=(1.5 + LINE * more) * rows, width=5.4, gap=0.2)
    axes = panels(figure, len(images), columns)
    for ax, image, title, note in zip(axes, images, *words, strict=True):
        show(ax, image)
        ax.spines[:].set(visible=True, color=FAINT)
        ax.set_title(title, loc="center", pad=3, fontsize=10)
        ax.set_xlabel(note, color=VERMILION, labelpad=2, fontsize=10)
    return figure


def remarks(disputes: Sequence[Dispute], class_names: Sequence[str]) -> Mapping[int, str]:
    """Return what to say of each such image, by its index: `label disputed: people read 9`."""
    return {each.index: f"label disputed: {each.remark(class_names)}" for each in disputes}
