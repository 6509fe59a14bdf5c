"""Live charts as a reader meets them: drawn from the page alone, on any screen, in both themes."""

import importlib.metadata
import json

import nbformat.v4 as v4
import pytest
from listening import Listener
from looking import COLOURS, outside, violations
from pages import page_of_cells, shown

from notebook_press.rendering.outputs.live_charts import FIRST_MAJOR, draw_stills
from notebook_press.rendering.outputs.plotly_figures import PlotlyFigure

PLOTLY = "application/vnd.plotly.v1+json"
OUTSIDE = "http://127.0.0.1:9/pixel.png"  # nobody listens there
MARKUP = (
    "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
    f"<a href='javascript:window.hacked = 3'>a link</a><b style='background: url({OUTSIDE})'>b</b>"
)
NUMBERS = {"dtype": "i1", "bdata": "AQID"}  # 1, 2, 3
TRACES = [
    {"type": "bar", "x": ["a", "b", "c"], "y": NUMBERS, "name": "one", "hovertemplate": MARKUP},
    {"type": "scattergl", "x": [1, 2, 3], "y": NUMBERS, "mode": "markers", "name": "two"},
    {"type": "heatmap", "z": [[1, 2], [3, 4]]},
    {"type": "pie", "labels": ["a", "b"], "values": [1, 2]},
    {"type": "table", "header": {"values": ["a"]}, "cells": {"values": [[1, 2]]}},
    {
        "type": "sankey",
        "node": {"label": ["a", "b"]},
        "link": {"source": [0], "target": [1], "value": [3]},
    },
]
PLAY = {"type": "buttons", "buttons": [{"label": "Play", "method": "animate", "args": [None]}]}
HOSTILE = {
    "data": [
        {"type": "bar", "x": [MARKUP], "y": [1], "text": [MARKUP], "__proto__": {"hacked": 4}}
    ],
    "layout": {
        "title": {"text": MARKUP},
        "annotations": [{"text": MARKUP, "x": 0, "y": 1}],
        "modebar": {"add": ["sendChartToCloud"]},
        "updatemenus": [PLAY],
        "constructor": {"prototype": {"hacked": 5}},
        "width": 5000,
    },
    "frames": [{"name": MARKUP, "data": [{"y": [2]}]}],
    "config": {"editable": True, "plotlyServerURL": OUTSIDE, "topojsonURL": OUTSIDE},
}


@pytest.fixture(scope="module", autouse=True)
def plotly():
    """The extra that brings plotly's script."""
    pytest.importorskip("plotly")
    assert int(importlib.metadata.version("plotly").split(".")[0]) >= FIRST_MAJOR


@pytest.fixture(scope="module")
def charted(tmp_path_factory):
    """A page with charts of several kinds, one of them hostile."""
    figures = [{"data": [trace], "layout": {"title": trace["type"]}} for trace in TRACES]
    outputs = [shown({PLOTLY: figure}) for figure in [*figures, HOSTILE]]
    path = tmp_path_factory.mktemp("charts") / "charts.html"
    heading = v4.new_markdown_cell("# Charts\n\n## All of them")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("notebook_press.rendering.outputs.drawings.draws_stills", lambda: False)
        path.write_text(page_of_cells(heading, v4.new_code_cell("show()", outputs=outputs)))
    return path


def drawn(page):
    """Wait until each chart is drawn, and return how many there are."""
    page.wait_for_function(
        "[...document.querySelectorAll('.chart .live')].every(e => e.querySelector('.main-svg'))"
    )
    return page.locator(".chart:not(.failed) .main-svg:first-child").count()


@pytest.fixture(scope="module")
def live(chromium, charted):
    """The page with its charts drawn, opened once for those who only look at it."""
    page = chromium.new_page()
    page.goto(charted.as_uri())
    drawn(page)
    yield page
    page.close()


def test_charts_are_drawn_from_the_page_alone_and_nothing_complains(visit, charted):
    seen = visit(charted)
    assert drawn(seen.page) == len(TRACES) + 1
    seen.page.locator(".chart").last.get_by_text("Play").click()
    seen.page.wait_for_load_state("networkidle")
    assert (outside(seen), seen.messages) == ([], [])


def test_a_hostile_figure_runs_nothing_and_changes_no_object(live):
    links = live.eval_on_selector_all(
        ".chart .live a", "all => all.map(each => each.getAttribute('xlink:href'))"
    )
    assert set(links) <= {None}
    assert live.evaluate("[window.hacked, ({}).hacked]") == [None, None]


def test_a_chart_sends_nothing_anywhere(live):
    names = live.eval_on_selector_all(
        ".modebar-btn", "all => [...new Set(all.map(each => each.dataset.title))]"
    )
    assert names
    assert not [name for name in names if "hare" in name or "loud" in name]


def test_axe_finds_nothing_to_complain_of_in_a_live_chart(visit, charted):
    seen = visit(charted, color_scheme="light", bypass_csp=True)
    drawn(seen.page)
    assert violations(seen) == []
    seen.page.emulate_media(color_scheme="dark")
    assert violations(seen, runOnly=COLOURS) == []


def test_a_chart_fits_a_phone_on_a_light_ground_in_the_dark(visit, charted):
    seen = visit(charted, width=360, color_scheme="dark")
    drawn(seen.page)
    wide = (
        "[...document.querySelectorAll('.chart .live, .chart .main-svg')].map(e => e.clientWidth)"
    )
    assert max(seen.page.evaluate(wide)) < 360
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 360
    ground = "getComputedStyle(document.querySelector('.chart .paper')).backgroundColor"
    assert seen.page.evaluate(ground) == "rgb(255, 255, 255)"


def test_a_keyboard_reaches_what_a_chart_offers(live):
    live.locator(".modebar-btn").first.focus()
    assert live.evaluate("document.activeElement.getAttribute('aria-label')")


def test_without_scripts_a_line_says_what_is_missing(visit, charted):
    seen = visit(charted, java_script_enabled=False)
    lines = seen.page.locator(".chart .not-shown:visible")
    assert lines.count() == len(TRACES) + 1
    assert seen.page.locator(".chart .live:visible").count() == 0


def test_with_scripts_the_line_is_not_seen(live):
    assert live.locator(".chart .not-shown:visible").count() == 0


def test_a_browser_draws_a_picture_and_asks_nothing_of_the_network():
    pytest.importorskip("kaleido")
    with Listener() as listener:
        picture = {"source": listener.address, "x": 0, "y": 1, "sizex": 1, "sizey": 1}
        figures = [
            PlotlyFigure(json.dumps({"data": [TRACES[0]], "layout": layout}), "", None, 300)
            for layout in ({}, {"images": [picture]})
        ]
        first, _ = draw_stills(figures)
    assert first.content.startswith(b"\x89PNG")
    assert listener.asked == []
