"""Plotly's figures live on a page, and as the pictures that stand for them elsewhere.

A page that has one holds plotly's own script, from the environment of the press, and a short one
that starts it; neither fetches anything, and nothing in a figure is run.
"""

import functools
import importlib.metadata
import importlib.util
import json
import pkgutil
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import read_content
from notebook_press.rendering.outputs.plotly_figures import PlotlyFigure
from notebook_press.rendering.page import Block, Chart, Image
from notebook_press.rendering.programs import Program

FIRST_MAJOR = 7  # the first that is known to draw under a page's policy
_STILL_WIDTH = 800
_ENDS_SCRIPT = re.compile(r"</script|<!--", re.IGNORECASE)
_STARTER = Path(__file__).parents[1] / "templates" / "charts.js"

KALEIDO = Program(
    "kaleido",
    (sys.executable, "-I", str(Path(__file__).parent / "plotly_worker.py")),
    90.0,
    "store a picture with the figure",
)


@functools.cache
def plotly_script() -> Markup | None:
    """Plotly's own script as the press's environment has it; None without one that can be used."""
    if importlib.util.find_spec("plotly") is None:
        return None
    if int(importlib.metadata.version("plotly").partition(".")[0]) < FIRST_MAJOR:
        return None
    script = (pkgutil.get_data("plotly", "package_data/plotly.min.js") or b"").decode("utf-8")
    return None if not script or _ENDS_SCRIPT.search(script) else Markup(script)  # noqa: S704


def scripts(blocks: Sequence[Block]) -> list[Markup]:
    """The scripts that draw the charts among a page's blocks: none where there are none."""
    if not any(isinstance(block, Chart) for block in blocks):
        return []
    return [plotly_script() or Markup(), Markup(_STARTER.read_text("utf-8"))]  # noqa: S704


@functools.cache
def draws_stills() -> bool:
    """Whether kaleido is there to draw pictures of figures."""
    return importlib.util.find_spec("kaleido") is not None


def draw_stills(figures: Sequence[PlotlyFigure]) -> list[Image | None]:
    """A picture of each figure, as far as kaleido finds a browser that draws it in time."""
    asked = [
        {
            "figure": json.loads(figure.content),
            "width": figure.width or _STILL_WIDTH,
            "height": figure.height,
        }
        for figure in figures
    ]
    made, _ = KALEIDO.made({"seconds": KALEIDO.seconds - 20, "figures": asked}, "charts")
    return [*map(_still, made), *[None] * (len(figures) - len(made))]


def _still(content: bytes) -> Image | None:
    try:
        return read_content("image/png", content, "a chart")
    except RenderingError:
        return None
