"""Plotly's figures, reduced to what a page can draw of them without fetching and without `eval`."""

import html
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from notebook_press.rendering.sanitising import printable
from notebook_press.scripts import style_fault

PLOTLY_TYPE = "application/vnd.plotly.v1+json"
LARGEST = 20_000_000  # characters of a figure's JSON
_DEFAULT_HEIGHT = 450

# Every kind of trace but the maps, which fetch their outlines or tiles.
DRAWN = frozenset(
    "bar barpolar box candlestick carpet cone contour contourcarpet funnel funnelarea "  # noqa: SIM905
    "heatmap histogram histogram2d histogram2dcontour icicle image indicator isosurface mesh3d "
    "ohlc parcats parcoords pie quiver sankey scatter scatter3d scattercarpet scattergl "
    "scatterpolar scatterpolargl scattersmith scatterternary splom streamtube sunburst surface "
    "table treemap violin volume waterfall".split()
)
# What plotly draws with `eval`, which a page forbids, and how some of it can be drawn otherwise.
_WITHOUT_EVAL = {"scattergl": "scatter", "scatterpolargl": "scatterpolar"}
_WITH_EVAL = frozenset({"parcoords", "splom"})
MOST_POINTS = 30_000  # of such traces together: more of them would make a page slow
# What would change the objects of the page's scripts, and buttons that send a chart elsewhere.
_LEFT_OUT = frozenset({"__proto__", "constructor", "prototype", "modebar"})
_TAG = re.compile(r"<[^<>]*>")
_TAG_NAME = re.compile(r"</?\w*")
_HREF = re.compile(r"href\s*=\s*[\"']?\s*(https?:|mailto:)?", re.IGNORECASE)
_FORMULA = re.compile(r'"(?:text|title|name)":"\$[^"$]+\$"')


class UnfitFigureError(ValueError):
    """A figure that no page can draw; the message says why."""


@dataclass(frozen=True)
class PlotlyFigure:
    """A figure's JSON, fit to stand in a page, its name in words, and its size in px.

    `is_live` is false of one that only a picture can show, since drawing it would take `eval`.
    """

    content: str
    alt: str
    width: int | None
    height: int
    is_live: bool = True

    @property
    def has_formulas(self) -> bool:
        """Whether a text of it is TeX, which plotly's script leaves as it is."""
        return _FORMULA.search(self.content) is not None


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
    _refuse_what_fetches(figure)
    is_live = _made_live(figure)
    width, height = (_pixels(figure["layout"].pop(name, None)) for name in ("width", "height"))
    content = json.dumps(figure, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    if len(content) > LARGEST:
        raise UnfitFigureError(f"it holds {len(content):,} characters of data; draw fewer marks")
    return PlotlyFigure(content, _in_words(figure), width, height or _DEFAULT_HEIGHT, is_live)


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
            return _TAG.sub(_own_tag, printable(value)) if "<" in value else printable(value)
        case float():
            return value if math.isfinite(value) else None
        case _:
            return value


def _own_tag(tag: re.Match[str]) -> str:
    """A tag as plotly's labels may hold it, or its name alone where it leads elsewhere or loads."""
    if all(_HREF.findall(tag[0])) and not style_fault(html.unescape(tag[0])):
        return tag[0]
    name = _TAG_NAME.match(tag[0])
    return f"{name[0]}>" if name else ""


def _traces(figure: Mapping[str, Any]) -> list[Any]:
    frames = (_list(frame.get("data")) for frame in figure["frames"])
    return [*figure["data"], *(trace for traces in frames for trace in traces)]


def _refuse_what_fetches(figure: Mapping[str, Any]) -> None:
    for trace in _traces(figure):
        kind = trace.get("type", "scatter") if isinstance(trace, Mapping) else None
        if not isinstance(kind, str) or kind not in DRAWN:
            raise UnfitFigureError(f"its trace of the type {kind} would have to be fetched")
    if any(not str(source).startswith("data:image/") for source in _sources(figure)):
        raise UnfitFigureError("its pictures would have to be fetched")


def _sources(part: Any) -> Iterator[Any]:
    """The addresses of all pictures in a figure; what flows from where is listed otherwise."""
    if isinstance(part, list):
        for each in part:
            yield from _sources(each) if isinstance(each, list | Mapping) else ()
    elif isinstance(part, Mapping):
        for name, each in part.items():
            if name == "source" and each is not None and not isinstance(each, list | Mapping):
                yield each
            yield from _sources(each) if isinstance(each, list | Mapping) else ()


def _made_live(figure: Mapping[str, Any]) -> bool:
    """Whether a figure can be drawn without `eval`, its traces changed to such if they must be."""
    traces = _traces(figure)
    changed = [trace for trace in traces if trace.get("type") in _WITHOUT_EVAL]
    points = sum(max(_length(trace.get(name)) for name in "xyr") for trace in changed)
    if points > MOST_POINTS or any(trace.get("type") in _WITH_EVAL for trace in traces):
        return False
    for trace in changed:
        trace["type"] = _WITHOUT_EVAL[trace["type"]]
    return True


def _length(found: Any) -> int:
    """How many values an array has, as a list or as the bytes of numbers in base64."""
    if isinstance(found, Mapping):
        size = re.search(r"\d+", str(found.get("dtype")))
        return len(str(found.get("bdata"))) * 3 // 4 // max(1, int(size[0]) if size else 1)
    return len(_list(found))


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


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
