"""Figures of photographs: where digits were found, how they were read, and what was refused."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from handwriting.data.dataset import Dataset
from handwriting.data.photographs.opening import Photograph
from handwriting.evaluation.readings import Reading
from handwriting.experiments.yours import Photographs, ReadPhotograph
from handwriting.figures.images import panels, show
from handwriting.figures.phrases import counted, listed, percent, short
from handwriting.figures.style import BLUE, FAINT, GREY, VERMILION, Drawing, bare, new, styled

_WIDTHS = 3.4, 7.4
"""Inches: a photograph is drawn so wide that its words have room, within these."""

_WORDS = 0.3
"""Inches across that a digit and its reading should have."""

_PIXELS_AN_INCH, _COLOURS = 110, 64
"""Of a photograph on a page, which shows where digits are, and not each grain of the paper."""

_GRAIN = 12
"""Grey levels by which paper differs from what lies around it; thin strokes differ by more."""

_COLUMNS, _ON_A_SHEET = 6, 24
_SIDE = 56
"""Pixels to which a cut-out, and what the network sees of it, are enlarged."""

_ROW = 1.02
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
        cut, colour = each.cut, BLUE if each.stands else VERMILION
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
    """What a digit is taken for; a question mark where it is refused, else what it is instead."""
    answer = short(class_names[reading.answer], 9)
    if reading.refusal:
        return f"{answer}?"
    if reading.truth is None or reading.right:
        return answer
    return f"{answer}\N{NOT EQUAL TO}{short(class_names[reading.truth], 9)}"


def _simplified(photograph: Photograph, inches: float) -> NDArray[np.uint8]:
    """A photograph as a page shows it: small, without grain and in few colours: no large file."""
    picture = Image.fromarray(photograph.pixels)
    picture.thumbnail((round(inches * _PIXELS_AN_INCH), 10 * picture.height))
    pixels, smooth = np.asarray(picture), np.asarray(picture.filter(ImageFilter.MedianFilter(3)))
    inked = np.ptp([pixels, smooth], axis=0).max(axis=2, keepdims=True) > _GRAIN
    cleaned = Image.fromarray(np.where(inked, pixels, smooth))
    # An octree keeps colours that few pixels have, such as those of thin strokes.
    few = cleaned.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return np.asarray(few.convert("RGB"))


def sheets(found: Photographs, class_names: Sequence[str]) -> Iterator[Drawing]:
    """Yield drawings of digits as they were cut out and as the network sees them, with its answers.

    Each holds 24 digits at most.

    Args:
        found: the photographs.
        class_names: what to call each class.
    """
    every = [(read.photograph, each) for read in found.shown for each in read.readings]
    for first in range(0, len(every), _ON_A_SHEET):
        yield _sheet(every[first : first + _ON_A_SHEET], class_names)


@styled
def _sheet(shown: Sequence[tuple[Photograph, Reading]], class_names: Sequence[str]) -> Drawing:
    figure = new(height=_ROW * -(-len(shown) // _COLUMNS), width=6.4, gap=0.06)
    told = []
    for ax, (photograph, each) in zip(panels(figure, len(shown), _COLUMNS), shown, strict=True):
        grey = np.repeat(255 - each.image[..., np.newaxis], 3, axis=2)
        between = np.full((_SIDE, _SIDE // 8, 3), 255, np.uint8)
        both = [_enlarged(_own_ink(photograph, each)), between, _enlarged(grey)]
        ax.imshow(np.hstack(both), interpolation="none")
        bare(ax)
        colour, words = _caption(ax, each, class_names)
        ax.spines[:].set(visible=True, color=FAINT if each.stands else colour)
        told.append(words)
    return Drawing(
        figure,
        "Digits as they were cut out, and beside each what the network sees of it. It takes them "
        f"for: {'; '.join(told)}.",
    )


def _own_ink(photograph: Photograph, reading: Reading) -> NDArray[np.uint8]:
    """What was cut out as it was photographed, (h, w, 3), on white."""
    cut = reading.cut
    pixels = photograph.pixels[cut.top : cut.bottom, cut.left : cut.right]
    return np.where(cut.ink[..., np.newaxis] > 0, pixels, 255).astype(np.uint8)


def _caption(ax: Axes, reading: Reading, class_names: Sequence[str]) -> tuple[str, str]:
    """Write answer and runner-up beside a digit; return their colour, and all of it in words."""
    colour = GREY if reading.stands else VERMILION
    answer = f"{_answer(reading, class_names)} {percent(reading.confidence)}"
    ax.set_title(answer, loc="center", pad=2, fontsize=10)
    words, second = answer, reading.runner_up
    if second:
        below = f"{short(class_names[second[0]], 9)} {percent(second[1])}"
        ax.set_xlabel(f"then {below}", color=colour, labelpad=1, fontsize=9)
        words += f", then {below}"
    return colour, words + (f" (refused: {reading.refusal})" if reading.refusal else "")


def _enlarged(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture in the middle of a white square, (side, side, 3), as large as has room."""
    picture = Image.fromarray(pixels)
    scale = _SIDE / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    square = Image.new("RGB", (_SIDE, _SIDE), "white")
    small = picture.resize((width, height), Image.Resampling.BOX)
    square.paste(small, ((_SIDE - width) // 2, (_SIDE - height) // 2))
    return np.asarray(square)


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
    figure = new(height=0.2 + 1.55 * -(-len(shown) // _COLUMNS), width=6.4, gap=0.15)
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
            above.set_ylabel("found", fontsize=10)
            below.set_ylabel("training", fontsize=10)
        above.set_title(f"as {_answer(each, data.class_names)}", loc="center", pad=3, fontsize=10)
        below.set_xlabel(f"{name}, {each.apart:.0f} away", labelpad=2, fontsize=9)
        told.append(
            f"{_answer(each, data.class_names)} like a {name}, {each.apart:.0f} grey levels away"
        )
    return Drawing(
        figure, f"Digits, and below each the training image most like it: {listed(told)}."
    )
