"""Figures of photographs: where digits were found, how they were read, and what was refused."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray
from PIL import Image

from handwriting.data.dataset import Dataset
from handwriting.data.photographs.opening import Photograph
from handwriting.evaluation.readings import Reading
from handwriting.experiments.photograph_conditions import Series
from handwriting.experiments.yours import Photographs, ReadPhotograph
from handwriting.figures.images import panels, show
from handwriting.figures.phrases import counted, listed, percent, short
from handwriting.figures.style import BLUE, FAINT, GREY, VERMILION, Drawing, bare, new, styled

_WIDTHS = 4.8, 7.4
"""Inches: a photograph is drawn so wide that its words have room, within these."""

_WORDS = 0.3
"""Inches across that a digit and its reading should have."""

_PIXELS_AN_INCH, _COLOURS = 110, 48
"""Of a photograph on a page, which shows where digits are, and not each grain of the paper."""

_COLUMNS, _ON_A_SHEET = 6, 24
_SIDE = 56
"""Pixels to which a cut-out, and what the network sees of it, are enlarged."""

_ROW = 1.25
_AROUND = 0.4
"""Of its surroundings, what is shown with a refused digit, as a share of its size."""

_SHOWN_ALIKE = 5


@styled
def found_digits(read: ReadPhotograph, class_names: Sequence[str]) -> Drawing:
    """Return a photograph with a box around each digit and what it is taken for.

    Args:
        read: the photograph.
        class_names: what to call each class.
    """
    height, width = read.photograph.pixels.shape[:2]
    sizes = [each.stroke.height for each in read.readings] or [width]
    inches = float(np.clip(width * _WORDS / np.median(sizes), *_WIDTHS))
    figure = new(height=inches * height / width, width=inches)
    ax = figure.subplots()
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    ax.imshow(_simplified(read.photograph, inches), extent=extent, interpolation="none")
    bare(ax)
    for each in read.readings:
        cut, colour = each.cut, VERMILION if each.refusal else BLUE
        size = cut.right - cut.left, cut.bottom - cut.top
        dashes = "--" if each.refusal else "-"
        ax.add_patch(
            Rectangle((cut.left, cut.top), *size, fill=False, edgecolor=colour, linestyle=dashes)
        )
        words = ax.annotate(
            _answer(each, class_names), ((cut.left + cut.right) / 2, cut.top), (0, 1),
            textcoords="offset points", ha="center", va="bottom", color=colour, fontsize=9,
            weight="bold",
        )  # fmt: skip
        words.set_path_effects([patheffects.withStroke(linewidth=2.5, foreground="white")])
    lines = " / ".join(" ".join(_answer(each, class_names) for each in line) for line in read.lines)
    found = counted(len(read.readings), "digit") if read.readings else "no digit"
    told = f", line by line: {lines}" if lines else ""
    return Drawing(figure, f"A photograph with {found} in boxes{told}.")


def _answer(reading: Reading, class_names: Sequence[str]) -> str:
    """What a digit is taken for, with a question mark where it is refused."""
    return f"{short(class_names[reading.answer], 9)}{'?' if reading.refusal else ''}"


def _simplified(photograph: Photograph, inches: float) -> NDArray[np.uint8]:
    """A photograph as a page shows it: small, and in few colours, so that it is no large file."""
    picture = Image.fromarray(photograph.pixels)
    picture.thumbnail((round(inches * _PIXELS_AN_INCH), 10 * picture.height))
    return np.asarray(picture.quantize(_COLOURS, dither=Image.Dither.NONE).convert("RGB"))


def sheets(readings: Sequence[Reading], class_names: Sequence[str]) -> Iterator[Drawing]:
    """Yield drawings of digits as they were cut out and as the network sees them, with its answers.

    Each holds 24 digits at most.

    Args:
        readings: the digits.
        class_names: what to call each class.
    """
    for first in range(0, len(readings), _ON_A_SHEET):
        yield _sheet(readings[first : first + _ON_A_SHEET], class_names)


@styled
def _sheet(readings: Sequence[Reading], class_names: Sequence[str]) -> Drawing:
    figure = new(height=_ROW * -(-len(readings) // _COLUMNS), width=6.4, gap=0.1)
    told = []
    for ax, each in zip(panels(figure, len(readings), _COLUMNS), readings, strict=True):
        both = [_enlarged(each.cut.ink), _enlarged(each.image)]
        show(ax, np.hstack([both[0], np.full((_SIDE, _SIDE // 8), np.nan), both[1]]))
        colour, words = _caption(ax, each, class_names)
        ax.spines[:].set(visible=True, color=colour if each.refusal else FAINT)
        told.append(words)
    return Drawing(
        figure,
        "Digits as they were cut out, and beside each what the network sees of it. It takes them "
        f"for: {'; '.join(told)}.",
    )


def _caption(ax: Axes, reading: Reading, class_names: Sequence[str]) -> tuple[str, str]:
    """Write answer and runner-up beside a digit; return their colour, and all of it in words."""
    colour = VERMILION if reading.refusal else GREY
    answer = f"{_answer(reading, class_names)} {percent(reading.confidence)}"
    ax.set_title(answer, loc="center", pad=2, fontsize=10)
    words, second = answer, reading.runner_up
    if second:
        below = f"{short(class_names[second[0]], 9)} {percent(second[1])}"
        ax.set_xlabel(f"then {below}", color=colour, labelpad=1, fontsize=9)
        words += f", then {below}"
    return colour, words + (f" (refused: {reading.refusal})" if reading.refusal else "")


def _enlarged(ink: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Ink in the middle of a square, (side, side), as large as has room."""
    scale = _SIDE / max(ink.shape)
    height, width = (max(1, round(length * scale)) for length in ink.shape)
    picture = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX), float)
    top, left = (_SIDE - height) // 2, (_SIDE - width) // 2
    return np.pad(picture, [(top, _SIDE - height - top), (left, _SIDE - width - left)])


@styled
def refused_digits(found: Photographs, class_names: Sequence[str], limit: int = 24) -> Drawing:
    """Return what was refused as the photograph shows it, why, and what it might be.

    Args:
        found: the photographs; something in them is refused.
        class_names: what to call each class.
        limit: how many to show at most.
    """
    every = [(read.photograph, each) for read in found.read for each in read.readings]
    shown = [one for one in every if one[1].refusal][:limit]
    figure = new(height=0.2 + 1.45 * -(-len(shown) // _COLUMNS), width=6.4, gap=0.15)
    told = []
    for ax, (photograph, each) in zip(panels(figure, len(shown), _COLUMNS), shown, strict=True):
        ax.imshow(_surroundings(photograph, each), interpolation="none")
        bare(ax)
        _, words = _caption(ax, each, class_names)
        ax.set_xlabel(f"{ax.get_xlabel()}\n{each.refusal}", color=VERMILION, labelpad=1, fontsize=9)
        told.append(words)
    more = f"; {len(found.refused) - len(shown)} more are not shown" * (
        len(shown) < len(found.refused)
    )
    return Drawing(figure, f"What was refused, as photographed: {'; '.join(told)}{more}.")


def _surroundings(photograph: Photograph, reading: Reading) -> NDArray[np.uint8]:
    """A digit and what is around it, (side, side, 3)."""
    cut = reading.cut
    half = (0.5 + _AROUND) * max(cut.bottom - cut.top, cut.right - cut.left)
    middle = (cut.left + cut.right) / 2, (cut.top + cut.bottom) / 2
    box = (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    picture = Image.fromarray(photograph.pixels).crop(box)
    return np.asarray(picture.resize((2 * _SIDE, 2 * _SIDE), Image.Resampling.BILINEAR))


@styled
def lookalikes(readings: Sequence[Reading], data: Dataset) -> Drawing:
    """Return the digits that are most and least like a training image, and that image below each.

    Args:
        readings: the digits, at least one.
        data: what the training images are from.
    """
    order = sorted(readings, key=lambda each: each.apart)
    few = len(order) <= 2 * _SHOWN_ALIKE
    shown = order if few else [*order[:_SHOWN_ALIKE], *order[-_SHOWN_ALIKE:]]
    columns = min(_SHOWN_ALIKE, len(shown))
    bands = -(-len(shown) // columns)
    figure = new(height=0.2 + 2.55 * bands, width=5.4, gap=0.04)
    axes = figure.subplots(2 * bands, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    told = []
    pairs = zip(axes[::2].flat, axes[1::2].flat, strict=True)
    for number, (each, (above, below)) in enumerate(zip(shown, pairs, strict=False)):
        name = short(data.class_names[data.train.labels[each.nearest]], 9)
        for ax, image in ((above, each.image), (below, data.train.images[each.nearest])):
            ax.set_axis_on()
            show(ax, image)
        if number % columns == 0:
            above.set_ylabel("yours", fontsize=10)
            below.set_ylabel("training", fontsize=10)
        above.set_title(f"as {_answer(each, data.class_names)}", loc="center", pad=3, fontsize=10)
        below.set_xlabel(f"{name}, {each.apart:.0f} away", labelpad=2, fontsize=9)
        told.append(
            f"{_answer(each, data.class_names)} like a {name}, {each.apart:.0f} grey levels away"
        )
    return Drawing(
        figure, f"Digits, and below each the training image most like it: {listed(told)}."
    )


@styled
def photograph_curves(series: Sequence[Series], columns: int = 2) -> Drawing:
    """Return how many digits are found and read as photographs get worse, a panel for each way.

    Args:
        series: at least one.
        columns: how many panels stand in a row.
    """
    rows = -(-len(series) // columns)
    figure = new(height=0.5 + 1.95 * rows, width=6.4, gap=0.08)
    axes = panels(figure, len(series), columns)
    for ax, each in zip(axes, series, strict=True):
        places = np.arange(len(each.amounts))
        ax.plot(places, [one.original_accuracy for one in each.recoveries], ":", color=GREY)
        ax.plot(places, [one.found_share for one in each.recoveries], "s--", color=VERMILION)
        ax.plot(places, [one.accuracy for one in each.recoveries], "o-", color=BLUE)
        ax.set_xticks(places, [f"{amount:g}" for amount in each.amounts])
        ax.set_title(each.title, fontsize=10)
        ax.set_ylim(0, 1.04)
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.grid(True)
        for line in ax.lines:
            line.set(markersize=4)
    names = ("read before", "found", "found and read")
    figure.legend(axes[0].lines, names, loc="outside upper left", ncols=3, fontsize=10)
    return Drawing(figure, f"Digits found, and found and read, {_told(series)}.")


def _told(series: Sequence[Series]) -> str:
    parts: list[Any] = []
    for each in series:
        shares = ", ".join(
            f"{amount:g}: {one.found_share:.1%} and {one.accuracy:.1%}"
            for amount, one in zip(each.amounts, each.recoveries, strict=True)
        )
        parts.append(f"by {each.title}: {shares}")
    return "; ".join(parts)
