"""Plotly's figures: reduced to what can be drawn from themselves, and drawn live on a page.

A page that has one holds plotly's own script, from the environment of the press, and a short one that
starts it; neither fetches anything, and nothing in a figure is run.
"""

import base64
import functools
import importlib.metadata
import importlib.util
import json
import math
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import read_image
from notebook_press.rendering.page import Block, Chart, Image
from notebook_press.rendering.programs import Program, own_workplace
from notebook_press.rendering.sanitising import printable

PLOTLY_TYPE = "application/vnd.plotly.v1+json"
FIRST_MAJOR = 7  # the first whose script draws every trace without `eval`
LARGEST = 20_000_000  # characters of a figure's JSON
_DEFAULT_HEIGHT = 450
_STILL_WIDTH = 800

# Every kind of trace but the maps, which fetch their outlines or tiles.
DRAWN = frozenset(
    "bar barpolar box candlestick carpet cone contour contourcarpet funnel funnelarea "  # noqa: SIM905
    "heatmap histogram histogram2d histogram2dcontour icicle image indicator isosurface mesh3d "
    "ohlc parcats parcoords pie quiver sankey scatter scatter3d scattercarpet scattergl "
    "scatterpolar scatterpolargl scattersmith scatterternary splom streamtube sunburst surface "
    "table treemap violin volume waterfall".split()
)
# What would change the objects of the page's scripts, and buttons that send a chart elsewhere.
_LEFT_OUT = frozenset({"__proto__", "constructor", "prototype", "modebar"})
_LINK = re.compile(r"<a\b[^>]*>", re.IGNORECASE)
_HREF = re.compile(r"href\s*=\s*[\"']?\s*(https?:|mailto:)?", re.IGNORECASE)
_ENDS_SCRIPT = re.compile(r"</script|<!--", re.IGNORECASE)
_FORMULA = re.compile(r'"(?:text|title|name)":"\$[^"$]+\$"')
_TAG = re.compile(r"<[^<>]*>")

KALEIDO = Program(
    "kaleido",
    (sys.executable, "-I", str(Path(__file__).parent / "plotly_worker.py")),
    90.0,
    "store a picture with the figure",
)
_STARTER = Path(__file__).parent / "templates" / "charts.js"


class UnfitFigureError(ValueError):
    """A figure that no page can draw; the message says why."""


@dataclass(frozen=True)
class PlotlyFigure:
    """A figure's JSON, fit to stand in a page, its name in words, and its size in px."""

    content: str
    alt: str
    width: int | None
    height: int

    @property
    def has_formulas(self) -> bool:
        """Whether a text of it is TeX, which plotly's script leaves as it is."""
        return _FORMULA.search(self.content) is not None


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


def read_figure(found: Any) -> PlotlyFigure:
    """The figure that JSON describes, without what would fetch or lead astray.

    Raises:
        UnfitFigureError: It is none, or it can't be drawn from itself.
    """
    if not isinstance(found, Mapping) or not _is_list_of_mappings(found.get("data"), least=1):
        raise UnfitFigureError("it holds no traces")
    parts = {
        "data": found["data"],
        "layout": found.get("layout") if isinstance(found.get("layout"), Mapping) else {},
        "frames": found.get("frames") if _is_list_of_mappings(found.get("frames")) else [],
    }
    try:
        figure = _cleaned(parts)
    except RecursionError:
        raise UnfitFigureError("it is nested too deeply") from None
    for reason in _what_would_be_fetched(figure):
        raise UnfitFigureError(reason)
    width, height = (_pixels(figure["layout"].pop(name, None)) for name in ("width", "height"))
    content = json.dumps(figure, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    if len(content) > LARGEST:
        raise UnfitFigureError(f"it holds {len(content):,} characters of data; draw fewer marks")
    return PlotlyFigure(content, _in_words(figure), width, height or _DEFAULT_HEIGHT)


def _is_list_of_mappings(found: Any, least: int = 0) -> bool:
    return (
        isinstance(found, list)
        and len(found) >= least
        and all(isinstance(each, Mapping) for each in found)
    )


def _cleaned(value: Any) -> Any:
    """A value of JSON, its text printable, its links leading to the web only."""
    match value:
        case Mapping():
            return {
                printable(str(name)): _cleaned(item)
                for name, item in value.items()
                if name not in _LEFT_OUT
            }
        case list() | tuple():
            return [_cleaned(item) for item in value]
        case str():
            return _LINK.sub(_own_link, printable(value)) if "<" in value else printable(value)
        case float():
            return value if math.isfinite(value) else None
        case _:
            return value


def _own_link(link: re.Match[str]) -> str:
    """A link as plotly's labels may hold it, or its tag alone where it leads elsewhere."""
    return link[0] if all(_HREF.findall(link[0])) else "<a>"


def _what_would_be_fetched(figure: Mapping[str, Any]) -> Iterator[str]:
    frames = figure["frames"]
    traces = [*figure["data"], *(trace for frame in frames for trace in _list(frame.get("data")))]
    for trace in traces:
        kind = trace.get("type", "scatter") if isinstance(trace, Mapping) else None
        if not isinstance(kind, str) or kind not in DRAWN:
            yield f"its trace of the type {kind} would have to be fetched"
        elif kind == "image" and _is_elsewhere(trace):
            yield "its picture would have to be fetched"
    template = figure["layout"].get("template")
    layouts = [figure["layout"], template.get("layout") if isinstance(template, Mapping) else {}]
    layouts += [frame.get("layout") for frame in frames]
    for layout in layouts:
        pictures = _list(layout.get("images")) if isinstance(layout, Mapping) else []
        if any(_is_elsewhere(picture) for picture in pictures):
            yield "its pictures would have to be fetched"


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _is_elsewhere(picture: Any) -> bool:
    source = picture.get("source") if isinstance(picture, Mapping) else None
    return source is not None and not str(source).startswith("data:image/")


def _pixels(found: Any) -> int | None:
    usable = isinstance(found, int | float) and not isinstance(found, bool) and 10 <= found <= 5000
    return int(found) if usable else None


def _in_words(figure: Mapping[str, Any]) -> str:
    """What a figure is called: by its title, or by what is drawn."""
    title = figure["layout"].get("title")
    text = title.get("text") if isinstance(title, Mapping) else title
    if isinstance(text, str) and (plain := " ".join(_TAG.sub(" ", text).split())):
        return f"Chart: {plain}"
    kinds = sorted({trace.get("type", "scatter") for trace in figure["data"]})
    return f"A chart ({', '.join(kinds)}) that the notebook does not describe in words"


@functools.cache
def draws_stills() -> bool:
    """Whether kaleido is there to draw pictures of figures."""
    return importlib.util.find_spec("kaleido") is not None


def draw_stills(figures: Sequence[PlotlyFigure]) -> list[Image | None]:
    """A picture of each figure, as far as kaleido finds a browser that draws it in time."""
    request = {
        "seconds": KALEIDO.seconds - 20,
        "processor_seconds": KALEIDO.seconds,
        "figures": [
            {
                "figure": json.loads(figure.content),
                "width": figure.width or _STILL_WIDTH,
                "height": figure.height,
            }
            for figure in figures
        ],
    }
    drawn: list[Image | None] = []
    with own_workplace("kaleido") as folder:
        try:
            KALEIDO.answer(json.dumps({**request, "folder": str(folder)}), folder, "charts")
        except RenderingError:  # no browser, or one that took too long: what there is counts
            pass
        for number in range(1, len(figures) + 1):
            made = folder / f"made-{number}"
            drawn.append(_still(made.read_bytes()) if made.is_file() else None)
    return drawn


def _still(content: bytes) -> Image | None:
    try:
        return read_image("image/png", base64.b64encode(content).decode("ascii"), "a chart")
    except RenderingError:
        return None
