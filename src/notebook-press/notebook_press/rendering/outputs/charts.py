"""Charts that a browser would draw: Plotly's live on the page, Vega's drawn, others named."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from notebook_press.errors import RenderingError
from notebook_press.rendering.images import IMAGE_TYPES, read_image
from notebook_press.rendering.outputs.bundle import Bundle, Shown, named
from notebook_press.rendering.outputs.libraries import name_of
from notebook_press.rendering.outputs.live_charts import plotly_script
from notebook_press.rendering.outputs.plotly_figures import (
    PLOTLY_TYPE,
    PlotlyFigure,
    UnfitFigureError,
    read_figure,
)
from notebook_press.rendering.outputs.vega import VegaChart, is_installed, names_address
from notebook_press.rendering.page import (
    STORE_A_PICTURE,
    Chart,
    Figure,
    Image,
)
from notebook_press.rendering.sanitising import printable

UNDESCRIBED = "A chart that the notebook does not describe in words"
_EMBED_THE_DATA = "embed its data in the notebook, since a page fetches nothing"


def read_plotly(bundle: Bundle, mime: str) -> Shown:
    """A Plotly figure: live on the page, a picture elsewhere, if there is one."""
    if plotly_script() is None:
        return named("Plotly chart", "install notebook-press[plotly]")
    try:
        figure = read_figure(_json(bundle.data[mime]))
    except UnfitFigureError as error:
        return named("Plotly chart", f"{error}; {STORE_A_PICTURE}")
    image = _stored(bundle) or bundle.drawings.still(figure)
    if not figure.is_live:
        return _still_only(figure, image)
    chart = Chart(0, figure.alt, figure.content, figure.width, figure.height, image)
    if image is None and bundle.drawings.on_paper:
        note = f"it is live on the page only; {STORE_A_PICTURE}"
        return Shown((chart,), "Plotly chart", "not shown", note)
    return Shown((chart,), "Plotly chart", *_fate_of(figure))


def _still_only(figure: PlotlyFigure, image: Image | None) -> Shown:
    """A figure that a page could only draw with what it forbids, as a picture if there is one."""
    if image is not None:
        return Shown(
            (Figure(0, "", figure.alt, image),), "Plotly chart", "lesser", "a picture of it"
        )
    return named("Plotly chart", f"drawing it live takes what a page forbids; {STORE_A_PICTURE}")


def _fate_of(figure: PlotlyFigure) -> tuple[Any, str]:
    return ("lesser", "its formulas as TeX") if figure.has_formulas else ("shown", "")


def read_vega(bundle: Bundle, mime: str) -> Shown:
    """A chart of Vega or Vega-Lite, such as Altair makes: a drawing."""
    try:
        return _drawn_vega(bundle, mime, _json(bundle.data[mime]))
    except RecursionError:
        return named("Vega chart", "its specification is nested too deeply")


def _drawn_vega(bundle: Bundle, mime: str, specification: Any) -> Shown:
    if not isinstance(specification, Mapping):
        return named("Vega chart", "it holds no specification")
    if names_address(specification):
        return named("Vega chart", _EMBED_THE_DATA)
    if not is_installed():
        return named("Vega chart", "install notebook-press[vega], which draws it")
    drawn = bundle.drawings.vega(VegaChart.of(mime, specification))
    if not isinstance(drawn, Image):
        return named("Vega chart", drawn)
    block = Figure(0, "", _in_words(specification), drawn)
    if {"bind", "on", "select", "selection"} & _names(specification):
        return Shown((block,), "Vega chart", "lesser", "as it stands before anybody touches it")
    return Shown((block,), "Vega chart")


def _in_words(specification: Mapping[str, Any]) -> str:
    """What a chart is called: by its description, or its title."""
    title = specification.get("title")
    title = title.get("text") if isinstance(title, Mapping) else title
    title = " ".join(map(str, title)) if isinstance(title, list) else title
    known = (specification.get("description"), title)
    texts = (printable(text).strip() for text in known if isinstance(text, str))
    return next(filter(None, texts), UNDESCRIBED)


def _names(part: Any) -> set[str]:
    """The names of a specification's parts, but for those of its data."""
    if isinstance(part, list):
        return set().union(*map(_names, part))
    if not isinstance(part, Mapping):
        return set()
    within = (_names(value) for name, value in part.items() if name not in ("datasets", "values"))
    return set(map(str, part)).union(*within)


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


_HOLDS_CONTENT = re.compile(r"<(?:table|svg)\b|<img\b[^>]*\bsrc=[\"']data:", re.IGNORECASE)
_SHOWS_NOTHING = "panel.models.browser.BrowserInfo"  # what Panel asks a browser once a notebook


def read_other_chart(bundle: Bundle, mime: str) -> Shown | None:
    """What only its own library's scripts could draw: named, unless its HTML holds it."""
    html = bundle.text("text/html")
    if "_load" in mime or _SHOWS_NOTHING in html:
        return Shown((), "Script", "not run")
    return None if _HOLDS_CONTENT.search(html) else named(*name_of(mime))


def _stored(bundle: Bundle) -> Image | None:
    """The picture that an output holds besides, if it is sound."""
    for mime in IMAGE_TYPES:
        if mime in bundle.data:
            with suppress(RenderingError):
                return read_image(mime, bundle.data[mime], bundle.place)
    return None


def _json(found: Any) -> Any:
    """What a notebook holds of a type of JSON, which some write as text."""
    if isinstance(found, str) or (isinstance(found, list) and found and isinstance(found[0], str)):
        with suppress(ValueError, RecursionError):
            return json.loads("".join(map(str, found)))
        return None
    return found
