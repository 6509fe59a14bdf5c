"""Charts that an output holds as HTML with scripts: read from their data, or named."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from notebook_press.rendering.bundle import Bundle, Shown
from notebook_press.rendering.charts import named, read_plotly, read_vega
from notebook_press.rendering.page import STORE_A_PICTURE
from notebook_press.rendering.plotly_figures import PLOTLY_TYPE

# What libraries write for a browser that runs scripts.
_NEW_PLOT = re.compile(r"Plotly\.(?:newPlot|react|plot)\(\s*(?:\"[^\"<]*\"|'[^'<]*')\s*,\s*")
_ADD_FRAMES = re.compile(r"Plotly\.addFrames\(\s*(?:\"[^\"<]*\"|'[^'<]*')\s*,\s*")
_EMBED_VEGA = re.compile(r"\}\)\(\s*(?=\{)|\bvar spec = (?=\{)")
_IN_HTML = (
    (re.compile(r"Plotly\.(newPlot|react|plot)\("), "Plotly chart", STORE_A_PICTURE),
    (re.compile(r"\bvegaEmbed\b|\bvega-embed\b"), "Vega chart", "store a picture with it"),
    (
        re.compile(r"BokehJS|Bokeh\.|\bbk-root\b"),
        "Bokeh plot",
        "store a picture of it, as export_png makes",
    ),
    (re.compile(r"\bmpld3\b"), "mpld3 figure", "display the figure of matplotlib"),
    (re.compile(r"\becharts\b"), "ECharts chart", "store a picture of it"),
    (re.compile(r"\bHighcharts\b"), "Highcharts chart", "store a picture of it"),
    (re.compile(r"\bd3(\.min)?\.js|\bd3\.select"), "Drawing by d3.js", "store a picture of it"),
)
_SETS_UP = re.compile(
    r"Loading BokehJS|window\.PlotlyConfig\s*=|require\.undef\(|requirejs\.config|"
    r"require\.config\(|HoloViews\.|_bokeh_is_loading|bokeh-logo|\bbk-logo\b"
)

_DRAWS = re.compile(r"\bPlotly\.newPlot\(|\bembed_items\b|\bembed_document\b")


def read_chart_in_html(bundle: Bundle, html: str) -> Shown | None:
    """A chart that an output holds as HTML with a script, read from its data, or named.

    None where the HTML is no such chart. What libraries write to load their scripts shows nothing.
    """
    if figure := _plotly_in(html):
        return read_plotly(replace(bundle, data={**bundle.data, PLOTLY_TYPE: figure}), PLOTLY_TYPE)
    if "vega" in html and (specification := _vega_in(html)):
        mime = _vega_type(specification)
        return read_vega(replace(bundle, data={**bundle.data, mime: specification}), mime)
    scripted = "<script" in html.lower()
    if scripted and _SETS_UP.search(html) and not _DRAWS.search(html):
        return Shown((), "Script", "not run")
    for words, what, advice in _IN_HTML if scripted else ():
        if words.search(html):
            return named(what, advice)
    return None


def _plotly_in(html: str) -> Mapping[str, Any] | None:
    if (call := _NEW_PLOT.search(html)) is None:
        return None
    arguments = list(_arguments(html, call.end()))
    if not arguments or not isinstance(arguments[0], list) or not arguments[0]:
        return None
    frames = _ADD_FRAMES.search(html, call.end())
    return {
        "data": arguments[0],
        "layout": arguments[1] if len(arguments) > 1 else {},
        "frames": next(_arguments(html, frames.end()), []) if frames else [],
    }


def _vega_in(html: str) -> Mapping[str, Any] | None:
    for call in _EMBED_VEGA.finditer(html):
        found = next(_arguments(html, call.end()), None)
        if isinstance(found, Mapping) and "vega" in str(found.get("$schema", "")):
            return found
    return None


def _vega_type(specification: Mapping[str, Any]) -> str:
    found = re.search(r"/(vega(?:-lite)?)/v(\d+)", str(specification["$schema"]))
    kind, major = (found[1].replace("-", ""), found[2]) if found else ("vegalite", "5")
    return f"application/vnd.{kind}.v{major}+json"


_BETWEEN = re.compile(r"\s*,\s*")


def _arguments(script: str, start: int) -> Iterator[Any]:
    """The arguments of a call in a script, as far as they are JSON."""
    decoder = json.JSONDecoder()
    with suppress(ValueError, RecursionError):
        while True:
            found, end = decoder.raw_decode(script, start)
            yield found
            if (comma := _BETWEEN.match(script, end)) is None:
                return
            start = comma.end()
