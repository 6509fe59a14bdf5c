"""Scales on which accuracies near 1 and times of any length can be told apart."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from handwriting.figures.phrases import duration

_ACCURACIES = (0, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999)
_FEW_DECADES = 300  # from which on powers of ten are ticks enough
_LEAST_APART = 0.16  # as a share of the axis, on a log scale: as wide as a tick's words
_LEAST_ERRORS = 0.5  # of all test images: where an entrant without errors is drawn


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
    one = ax.xaxis if axis == "x" else ax.yaxis
    (ax.set_xscale if axis == "x" else ax.set_yscale)("log")
    low, high = min(errors) / 1.25, max(errors) * 1.25
    apart = (high / low) ** (_LEAST_APART if axis == "x" else _LEAST_APART / 2)
    ticks: list[float] = []
    for share in reversed(_ACCURACIES):
        if low <= 1 - share <= high and (not ticks or 1 - share >= apart * ticks[-1]):
            ticks.append(1 - share)
    one.set_major_locator(FixedLocator(ticks))
    one.set_minor_locator(NullLocator())
    one.set_major_formatter(FuncFormatter(lambda error, _: f"{100 * (1 - error):.4g}%"))


def time_axis(ax: Axes) -> None:
    """Give a horizontal axis of seconds, on a log scale, ticks with units."""
    _log_ticks(ax, lambda seconds: duration(seconds, 1))


def count_axis(ax: Axes) -> None:
    """Give a horizontal axis of counts, on a log scale, ticks that are whole numbers."""
    _log_ticks(ax, lambda count: f"{count:,.0f}")


def _log_ticks(ax: Axes, form: Callable[[float], str]) -> None:
    low, high = ax.get_xlim()
    steps = (1.0,) if high / low > _FEW_DECADES else (1.0, 2.0, 5.0)
    ax.xaxis.set_major_locator(LogLocator(subs=steps))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: form(value)))
    ax.xaxis.set_minor_locator(NullLocator())
