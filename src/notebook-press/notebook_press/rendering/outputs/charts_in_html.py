"""Charts that an output holds as HTML alone, read from the data that its scripts hold."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from notebook_press.rendering.outputs.bundle import Bundle, Shown
from notebook_press.rendering.outputs.charts import read_plotly, read_vega
from notebook_press.rendering.outputs.plotly_figures import PLOTLY_TYPE

# What libraries write for a browser that runs scripts.
_NEW_PLOT = re.compile(r"Plotly\.(?:newPlot|react|plot)\(\s*(?:\"[^\"<]*\"|'[^'<]*')\s*,\s*")
_ADD_FRAMES = re.compile(r"Plotly\.addFrames\(\s*(?:\"[^\"<]*\"|'[^'<]*')\s*,\s*")
_EMBED_VEGA = re.compile(r"\}\)\(\s*(?=\{)|\bvar spec = (?=\{)")


def read_chart_in_html(bundle: Bundle, mime: str) -> Shown | None:
    """A chart whose data stand in the scripts of a cell's `text/html`; None of any other HTML."""
    html = bundle.text(mime)
    if "Plotly." in html and (figure := _plotly_in(html)):
        return read_plotly(replace(bundle, data={**bundle.data, PLOTLY_TYPE: figure}), PLOTLY_TYPE)
    if "vegaEmbed" in html and (specification := _vega_in(html)):
        mime = _vega_type(specification)
        return read_vega(replace(bundle, data={**bundle.data, mime: specification}), mime)
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
