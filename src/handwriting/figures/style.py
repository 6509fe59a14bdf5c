"""How all figures look: set while a figure is drawn, never for anybody else's."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# Hues that colour-blind readers tell apart: M. Okabe and K. Ito (2008), "Color universal design".
BLUE, VERMILION = "#0072b2", "#d55e00"
INK, GREY, FAINT = "#1f2328", "#5c6570", "#d5dae0"

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
    "lines.linewidth": 2,
    "text.color": INK,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 10.5,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 10.5,
}


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


def own_axes(ax: Axes | None, height: float) -> Axes:
    """Return the axes given, or those of a new figure of that height in inches."""
    return new(height).subplots() if ax is None else ax


def bare(ax: Axes) -> None:
    """Leave axes nothing but what is drawn on them."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
