"""How all figures look: set while a figure is drawn, never for anybody else's.

Their scales tell apart accuracies near 1, and times of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from handwriting.figures.phrases import duration

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# Hues that colour-blind readers tell apart: M. Okabe and K. Ito (2008), "Color universal design".
BLUE, VERMILION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
INK, GREY, FAINT, PALE = "#1f2328", "#5c6570", "#d5dae0", "#f7f8f9"

# Narrow and in large type, since a page may show it half as wide on a phone.
_WIDTH = 4.8
_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.facecolor": "white",
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "text.color": INK,
    "text.parse_math": False,  # dollars are a class's own
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 10.5,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 10.5,
}

_ACCURACIES = (0, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999)
_SHORT_SPAN = 4  # below which 1, 2 and 5 may leave a single tick
_FEW_DECADES = 300  # from which on powers of ten are ticks enough
_LEAST_APART = 0.16  # as a share of the axis, on a log scale: as wide as a tick's words
_LEAST_ERRORS = 0.5  # of all test images: where an entrant without errors is drawn


def styled(draw: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return the function, drawing in the house style whatever style its caller has set."""

    @wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with matplotlib.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return drawn


@styled
def new(height: float, width: float = _WIDTH, gap: float = 0.02) -> Figure:
    """Return an empty figure that pyplot does not know of, so that nothing shows it twice.

    Args:
        height: Inches.
        width: Inches.
        gap: Between one row of axes and the next, as a share of their height.
    """
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(hspace=gap))


def bare(ax: Axes) -> None:
    """Leave axes nothing but what is drawn on them."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def unruled(ax: Axes) -> None:
    """Leave the names or numbers at the left of axes without a line and ticks."""
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def interval(
    ax: Axes, row: float, ends: Sequence[float], words: str, colour: str, weight: str = "normal"
) -> None:
    """Draw an interval as a bar in its row, and write words beside the axes.

    Args:
        ax: what is drawn on.
        row: how far down, as the vertical axis counts.
        ends: the two, as the horizontal axis counts; empty where there is no interval.
        words: what stands at the right.
        colour: of the bar.
        weight: of the words.
    """
    ax.plot(ends, [row] * len(ends), color=colour, linewidth=4, alpha=0.45)
    ax.text(
        1.02, row, words, transform=ax.get_yaxis_transform(), va="center", fontsize=10,
        weight=weight,
    )  # fmt: skip


def error_share(accuracy: float, trials: int) -> float:
    """Return the share that is misread, at least as much as can be drawn on a log scale.

    Args:
        accuracy: 0-1.
        trials: how many images were read.
    """
    return max(1 - accuracy, _LEAST_ERRORS / trials)


def accuracy_axis(ax: Axes, axis: str, errors: Sequence[float]) -> None:
    """Give an axis of error shares, on a log scale, ticks that say accuracy.

    Args:
        ax: what is drawn on.
        axis: `x` or `y`.
        errors: what is drawn, above 0.
    """
    ax.set(**{f"{axis}scale": "log"})
    low, high = min(errors) / 1.25, max(errors) * 1.25
    apart = (high / low) ** (_LEAST_APART if axis == "x" else _LEAST_APART / 2)
    ticks: list[float] = []
    for share in reversed(_ACCURACIES):
        if low <= 1 - share <= high and (not ticks or 1 - share >= apart * ticks[-1]):
            ticks.append(1 - share)
    if len(ticks) < 2:
        shares = MaxNLocator(4).tick_values(1 - max(errors), 1 - min(errors))
        ticks = [1 - share for share in shares if low <= 1 - share <= high]
    (ax.xaxis if axis == "x" else ax.yaxis).set(
        major_locator=FixedLocator(ticks),
        minor_locator=NullLocator(),
        major_formatter=FuncFormatter(lambda error, _: f"{100 * (1 - error):.4g}%"),
    )


def time_axis(ax: Axes) -> None:
    """Give a horizontal axis of seconds, on a log scale, ticks with units."""
    _log_ticks(ax, lambda seconds: duration(seconds, 1))


def count_axis(ax: Axes) -> None:
    """Give a horizontal axis of counts, on a log scale, ticks that are whole numbers."""
    _log_ticks(ax, lambda count: f"{count:,.0f}")


def _log_ticks(ax: Axes, form: Callable[[float], str]) -> None:
    low, high = ax.get_xlim()
    steps = [1.0] if high / low > _FEW_DECADES else [1.0, 2.0, 5.0]
    if high / low < _SHORT_SPAN:
        steps += [3.0, 7.0]
    ax.xaxis.set(
        major_locator=LogLocator(subs=steps),
        minor_locator=NullLocator(),
        major_formatter=FuncFormatter(lambda value, _: form(value)),
    )


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure that says what it shows.

    Attributes:
        figure: a `matplotlib.figure.Figure`.
        alt: what it shows, with its numbers, for those who can't see it.
    """

    figure: Any
    alt: str
