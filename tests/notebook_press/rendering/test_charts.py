"""Charts that JupyterLab draws with scripts: live or drawn where that is safe, named elsewhere."""

import io
import json
from dataclasses import replace

import pypdf
import pytest
from markupsafe import Markup
from report_notebooks import Elements, as_html, as_pdf, code, displayed, encoded, notebook, picture

from notebook_press.rendering.checks import check_html, check_pdf
from notebook_press.rendering.outputs import charts, drawings, live_charts
from notebook_press.rendering.outputs.bundle import Bundle
from notebook_press.rendering.outputs.charts import read_chart_in_html
from notebook_press.rendering.outputs.plotly_figures import (
    MOST_POINTS,
    UnfitFigureError,
    read_figure,
)
from notebook_press.rendering.outputs.readers import read_output
from notebook_press.rendering.page import Chart, Figure, Image, NotShown, Text
from notebook_press.rendering.reading import read_page

PLOTLY = "application/vnd.plotly.v1+json"
VEGA = "application/vnd.vegalite.v5+json"
BARS = {"data": [{"type": "bar", "x": ["a", "b"], "y": [1, 2]}], "layout": {"title": "Sales"}}
SPECIFICATION = {"data": {"values": [{"a": 1}]}, "mark": "bar", "description": "One bar."}
PNG = {"image/png": encoded(picture())}
WEB = "https://a.example/x"
SCRIPT = "var Plotly = {};"


@pytest.fixture(autouse=True)
def plotly(monkeypatch):
    """An environment that has plotly's script, and nothing that draws."""
    for module in (charts, live_charts):
        monkeypatch.setattr(module, "plotly_script", lambda: Markup(SCRIPT))
    monkeypatch.setattr(drawings, "draws_stills", lambda: False)
    monkeypatch.setattr(charts, "is_installed", lambda: False)


@pytest.fixture
def without_plotly(plotly, monkeypatch):
    monkeypatch.setattr(charts, "plotly_script", lambda: None)


def shown(data, **given):
    return read_output(Bundle(data, **given))


def content(figure):
    """What a page's script is given of a figure."""
    return json.loads(read_figure(figure).content)


def page_of(*outputs, **noted):
    return read_page(notebook(code(*map(displayed, outputs)), **noted), "x")


# Plotly


def test_a_plotly_figure_is_live_and_called_by_its_title():
    (chart,) = shown({PLOTLY: BARS}).blocks
    assert (chart.alt, json.loads(chart.figure)["data"]) == ("Chart: Sales", BARS["data"])


def test_only_a_page_with_a_live_chart_holds_its_scripts():
    with_chart, without = (
        Elements(as_html(notebook(code(displayed(data))))).scripts
        for data in ({PLOTLY: BARS}, {"text/plain": "4"})
    )
    starter = live_charts.scripts([Chart(1, "", "{}", None, 9, None)])[1]
    assert with_chart[-2:] == [SCRIPT, starter]
    assert not {SCRIPT, starter} & set(without)


@pytest.mark.promise("A live chart adds to a page two scripts that its policy names, and no other.")
def test_a_page_allows_the_scripts_of_its_charts_by_their_hashes():
    hostile = "</script><script>alert(1)</script><!--"
    page = as_html(notebook(code(displayed({PLOTLY: BARS | {"layout": {"title": hostile}}}))))
    check_html(page)
    assert "unsafe-eval" not in page
    assert "blob:" not in page.split("<title>")[0]


FETCHING = {
    **{
        kind: {"data": [{"type": kind}]}
        for kind in (
            "choropleth",
            "choroplethmap",
            "choroplethmapbox",
            "densitymap",
            "densitymapbox",
            "scattergeo",
            "scattermap",
            "scattermapbox",
            "of a later version",
        )
    },
    "a trace after others": {"data": [*BARS["data"], {"type": "scattergeo"}]},
    "a trace of a frame": {**BARS, "frames": [{"data": [{"type": "scattergeo"}]}]},
    "a picture behind": {**BARS, "layout": {"images": [{"source": WEB}]}},
    "a picture of the template": {
        **BARS,
        "layout": {"template": {"layout": {"images": [{"source": "file:///etc/passwd"}]}}},
    },
    "a picture of a frame": {**BARS, "frames": [{"layout": {"images": [{"source": WEB}]}}]},
    "a picture as a trace": {"data": [{"type": "image", "source": WEB}]},
    "a type that is none": {"data": [{"type": {"a": 1}}]},
}


@pytest.mark.parametrize("figure", FETCHING.values(), ids=FETCHING)
def test_a_figure_that_would_fetch_is_named(figure):
    (block,) = shown({PLOTLY: figure}).blocks
    assert isinstance(block, NotShown)
    assert "would have to be fetched" in block.sentence


NO_FIGURES = [{}, [], "x", None, {"data": []}, {"data": [1]}, {"data": {"a": 1}}, {"layout": {}}]


@pytest.mark.parametrize("found", NO_FIGURES, ids=repr)
def test_what_is_no_figure_is_named(found):
    assert shown({PLOTLY: found}).fate == "not shown"


def test_a_figure_nested_without_end_is_named():
    nested = []
    for _ in range(5000):
        nested = [nested]
    with pytest.raises(UnfitFigureError, match="nested too deeply"):
        read_figure({"data": [{"type": "bar", "x": nested}]})


def test_a_figure_too_large_for_a_page_is_named(monkeypatch):
    monkeypatch.setattr("notebook_press.rendering.outputs.plotly_figures.LARGEST", 50)
    assert "draw fewer marks" in shown({PLOTLY: BARS}).note


def test_nothing_but_data_layout_and_frames_reaches_the_page():
    figure = {**BARS, "config": {"editable": True, "plotlyServerURL": WEB}, "frames": [{}]}
    assert set(content(figure)) == {"data", "layout", "frames"}


@pytest.mark.parametrize("name", ["__proto__", "constructor", "prototype", "modebar"])
def test_names_that_would_change_scripts_or_buttons_are_left_out(name):
    trace = {"type": "bar", "marker": {name: {"add": "sendChartToCloud"}}}
    assert content({"data": [trace], "layout": {name: 1}}) == {
        "data": [{"type": "bar", "marker": {}}],
        "layout": {},
        "frames": [],
    }


LINKS = {
    f"<a href='{WEB}'>x</a>": f"<a href='{WEB}'>x</a>",
    "<a href='javascript:alert(1)'>x</a>": "<a>x</a>",
    '<A HREF = "JAVASCRIPT:alert(1)">x</A>': "<A>x</A>",
    "<a href='&#106;avascript:alert(1)'>x</a>": "<a>x</a>",
    "<a href=//host/share>x</a>": "<a>x</a>",
    "<a href='file:///etc/passwd'>x</a>": "<a>x</a>",
    f"<a href='{WEB}' href='javascript:alert(1)'>x</a>": "<a>x</a>",
    f"<b style='background: url({WEB})'>x</b>": "<b>x</b>",
    f"<b style='background: ur&#108;({WEB})'>x</b>": "<b>x</b>",
    "<b style='color: red'>x</b>": "<b style='color: red'>x</b>",
    "1 < 2 <b>x</b>": "1 < 2 <b>x</b>",
    "a\u202eb\x00c": "abc",
}


@pytest.mark.parametrize(("text", "expected"), LINKS.items(), ids=LINKS)
def test_links_in_labels_lead_to_the_web_only(text, expected):
    assert content({"data": [{"type": "bar", "text": [text]}]})["data"][0]["text"] == [expected]


def test_numbers_that_json_does_not_know_are_left_out():
    figure = {"data": [{"type": "bar", "y": [1.5, float("nan"), float("inf")]}]}
    assert content(figure)["data"][0]["y"] == [1.5, None, None]


def test_a_figure_is_as_wide_as_its_page_and_no_wider_than_it_wants():
    found = read_figure({**BARS, "layout": {"width": 700, "height": 300}})
    assert (found.width, found.height, json.loads(found.content)["layout"]) == (700, 300, {})


@pytest.mark.parametrize("asked", [-1, 10**9, "100%; background: red", True, None, float("inf")])
def test_a_size_that_is_none_is_not_taken(asked):
    found = read_figure({**BARS, "layout": {"width": asked, "height": asked}})
    assert (found.width, found.height) == (None, 450)


def points(count):
    packed = {"dtype": "f8", "bdata": "A" * (count * 8 * 4 // 3)}
    return {"data": [{"type": "scattergl", "x": packed, "y": packed}]}


def test_points_that_would_take_eval_are_drawn_otherwise():
    assert content(points(100))["data"][0]["type"] == "scatter"


@pytest.mark.parametrize(
    "figure",
    [points(MOST_POINTS + 9), {"data": [{"type": "splom"}]}, {"data": [{"type": "parcoords"}]}],
)
def test_what_only_eval_could_draw_is_a_picture_or_named(figure):
    lone, pictured = shown({PLOTLY: figure}), shown({PLOTLY: figure, **PNG})
    assert (lone.fate, pictured.fate) == ("not shown", "lesser")
    assert isinstance(pictured.blocks[0], Figure)


def test_a_stored_picture_stands_where_no_chart_can_be_live():
    page = page_of({PLOTLY: BARS, **PNG})
    assert page.blocks[-1].still.image == Image("image/png", picture())
    assert [booked.fate for booked in page.account] == ["shown"]


def test_without_one_the_account_says_that_paper_lacks_the_chart():
    page = page_of({PLOTLY: BARS})
    (booked,) = page.account
    assert (booked.what, booked.fate) == ("Plotly chart", "not shown")
    assert booked.note.startswith("it is live on the page only")


def test_where_nothing_but_the_page_is_made_a_live_chart_is_shown():
    noted = {"finished": "2026-11-22T18:00:00+00:00", "formats": ["html"]}
    assert [booked.fate for booked in page_of({PLOTLY: BARS}, **noted).account] == ["shown"]


def test_paper_names_the_chart_that_it_lacks():
    made = as_pdf(notebook(code(displayed({PLOTLY: BARS}))))
    check_pdf(made)
    (first, *_) = pypdf.PdfReader(io.BytesIO(made)).pages
    assert "Plotly chart: not shown here" in first.extract_text()


def test_a_browser_draws_the_picture_where_there_is_one(monkeypatch):
    drawn = Image("image/png", picture())
    monkeypatch.setattr(drawings, "draws_stills", lambda: True)
    asked = []
    monkeypatch.setattr(
        drawings, "draw_stills", lambda many: asked.append(many) or [drawn] * len(many)
    )
    other = {**BARS, "layout": {"title": "Another"}}
    page = page_of({PLOTLY: BARS}, {PLOTLY: other}, {PLOTLY: BARS})
    assert [block.image for block in page.blocks[1:]] == [drawn] * 3
    assert [len(many) for many in asked] == [2]  # one start for all, each figure once


def test_charts_are_numbered_among_the_figures():
    page = page_of(PNG, {PLOTLY: BARS}, PNG)
    assert [block.number for block in page.blocks[1:]] == [1, 2, 3]


def test_without_the_extra_a_figure_is_named_or_its_stored_picture_shown(without_plotly):
    lone, pictured = shown({PLOTLY: BARS}), shown({PLOTLY: BARS, **PNG})
    assert lone.note == "install notebook-press[plotly]"
    assert (pictured.what, pictured.fate) == ("Plotly chart", "lesser")


def test_formulas_in_a_figure_are_booked():
    assert shown({PLOTLY: {**BARS, "layout": {"title": {"text": "$x^2$"}}}, **PNG}).fate == "lesser"


# Vega


def test_without_the_extra_a_vega_chart_is_named():
    assert shown({VEGA: SPECIFICATION}).note.startswith("install notebook-press[vega]")


@pytest.fixture
def drawn(monkeypatch):
    """What is asked of whatever draws, which draws a dot each time."""
    asked = []

    def draw(many):
        asked.append([json.loads(chart.specification) for chart in many])
        return [Image("image/png", picture())] * len(many)

    monkeypatch.setattr(charts, "is_installed", lambda: True)
    monkeypatch.setattr(drawings, "draw_vega", draw)
    return asked


def test_vega_charts_of_a_notebook_are_drawn_together(drawn):
    other = SPECIFICATION | {"mark": "line"}
    elsewhere = SPECIFICATION | {"data": {"url": WEB}}
    page = page_of({VEGA: SPECIFICATION}, {VEGA: elsewhere}, {VEGA: other}, {VEGA: SPECIFICATION})
    assert drawn == [[SPECIFICATION, other]]
    assert [booked.fate for booked in page.account] == ["shown", "not shown", "shown", "shown"]


def test_a_vega_chart_is_called_by_its_description(drawn):
    (figure,) = shown({VEGA: SPECIFICATION}).blocks
    assert figure.alt == "One bar."


def test_a_chart_to_play_with_is_booked_as_a_still_one(drawn):
    zoomed = SPECIFICATION | {"params": [{"name": "z", "select": "interval", "bind": "scales"}]}
    assert shown({VEGA: zoomed}).fate == "lesser"


def test_of_a_vega_chart_that_can_not_be_drawn_the_stored_picture_is_shown():
    assert shown({VEGA: SPECIFICATION | {"data": {"url": WEB}}, **PNG}).fate == "lesser"


def test_a_specification_nested_without_end_is_named(drawn):
    nested = {}
    for _ in range(5000):
        nested = {"layer": [nested]}
    outputs = [
        {"output_type": "display_data", "data": {VEGA: each}, "metadata": {}}
        for each in (SPECIFICATION, nested)
    ]
    cell = {"cell_type": "code", "source": "x", "metadata": {}, "outputs": outputs}
    page = read_page({"cells": [cell], "metadata": {}}, "x")
    assert [booked.fate for booked in page.account] == ["shown", "not shown"]


# Others

MAPS = {"type": "FeatureCollection", "features": []}
OTHERS = {
    "bokeh": (
        {"application/vnd.bokehjs_exec.v0+json": "", "text/html": "<div></div>"},
        "Bokeh plot",
    ),
    "holoviews": ({"application/vnd.holoviews_exec.v0+json": ""}, "HoloViews plot"),
    "geojson": ({"application/geo+json": MAPS, "text/plain": "<GeoJSON object>"}, "Map (GeoJSON)"),
}


@pytest.mark.parametrize(("data", "what"), OTHERS.values(), ids=OTHERS)
def test_charts_that_only_their_library_can_draw_are_named(data, what):
    (block,) = shown(data).blocks
    assert isinstance(block, NotShown)
    assert (block.what, bool(block.advice)) == (what, True)


@pytest.mark.parametrize("library", ["bokehjs", "holoviews"])
def test_what_loads_a_library_leaves_no_line(library):
    found = shown({f"application/vnd.{library}_load.v0+json": "", "application/javascript": "x"})
    assert (found.blocks, found.fate) == ((), "not run")


def test_a_mermaid_diagram_is_its_source_or_its_picture():
    data = {"text/vnd.mermaid": "graph TD; A-->B", "text/plain": "<Mermaid object>"}
    assert shown(data).blocks == (Text("graph TD; A-->B"),)
    assert isinstance(shown(data | PNG).blocks[0], Figure)


# Charts that are stored as HTML alone


def written(figure, frames=()):
    data, layout = (json.dumps(figure[part]) for part in ("data", "layout"))
    calls = f'Plotly.newPlot(   "an-id",  {data}, {layout}, {{}})'
    more = (
        f".then(function(){{ Plotly.addFrames('an-id', {json.dumps(frames)}); }})" if frames else ""
    )
    return (
        f'<div><div id="an-id"></div><script type="text/javascript">{calls}{more};</script></div>'
    )


def in_html(html):
    return read_chart_in_html(Bundle({"text/html": html}), "text/html")


def test_a_plotly_figure_is_read_from_its_html():
    frames = [{"name": "1", "data": BARS["data"]}]
    (chart,) = in_html(written(BARS, frames)).blocks
    assert json.loads(chart.figure) == {**BARS, "frames": frames}


def test_a_vega_chart_is_read_from_its_html(drawn):
    specification = SPECIFICATION | {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.8.0.json"
    }
    call = f"(function(spec, o) {{ vegaEmbed(spec) }})({json.dumps(specification)}, {{}});"
    html = f"<script>{call}</script>"
    assert isinstance(in_html(html).blocks[0], Figure)
    assert drawn == [[specification]]


OTHER_HTML = [
    "<b>x</b>",
    "We use Plotly.newPlot( here",
    '<script>Plotly.newPlot("p", window.data)</script>',
    '<script>Plotly.newPlot("p", [])</script>',
    '<script>Plotly.newPlot("p", [1, {"a"</script>',
    '<script>vegaEmbed("#v", {})</script>',
    "<script>(function(spec) { vegaEmbed(spec) })({'a': 1});</script>",
    "",
]


@pytest.mark.parametrize("html", OTHER_HTML)
def test_of_other_html_no_chart_is_read(html):
    assert in_html(html) is None


def test_a_chart_in_html_keeps_what_stands_beside_it():
    bundle = replace(Bundle({"text/html": written(BARS), **PNG}), place="cell 3")
    (chart,) = read_chart_in_html(bundle, "text/html").blocks
    assert chart.image == Image("image/png", picture())


@pytest.mark.parametrize(
    "mime", ["application/vnd.vegalite.v6+json", "application/vnd.vegalite.v6.json"]
)
def test_a_chart_of_altair_is_known_however_its_type_is_spelt(mime):
    assert shown({mime: SPECIFICATION}).what == "Vega chart"


def test_what_panel_asks_a_browser_leaves_no_line():
    asked = '<script>var docs = {"name": "panel.models.browser.BrowserInfo"}</script>'
    found = shown(
        {"application/vnd.holoviews_exec.v0+json": "", "text/html": f"<div></div>{asked}"}
    )
    assert (found.blocks, found.fate) == ((), "not run")
