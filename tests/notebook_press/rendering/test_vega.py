"""Vega's specifications: what would fetch is refused unasked, and what is drawn is bounded."""

import json

import pytest
from listening import Listener

from notebook_press.rendering.outputs import vega
from notebook_press.rendering.outputs.vega import VegaChart, draw_vega, names_address
from notebook_press.rendering.page import Image

WEB = "https://a.example/x"
LITE, FULL = "application/vnd.vegalite.v5+json", "application/vnd.vega.v5+json"
AXES = {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}}


def bars(**changes):
    values = [{"a": "one", "b": 2, "url": WEB}]
    return {"data": {"values": values}, "mark": "bar", "encoding": AXES, **changes}


FETCHING = {
    "data": {"data": {"url": WEB}},
    "a file": {"data": {"url": "file:///etc/passwd"}},
    "a file beside": {"data": {"url": "data/x.json"}},
    "an empty address": {"data": {"url": ""}},
    "data as an address": {"data": {"url": "data:text/csv,a"}},
    "a layer": {"layer": [{"data": {"url": WEB}}]},
    "a lookup": {"transform": [{"lookup": "a", "from": {"data": {"url": WEB}, "key": "a"}}]},
    "topojson": {"data": {"url": WEB, "format": {"type": "topojson", "feature": "x"}}},
    "a picture": {"mark": {"type": "image", "url": WEB}},
    "a picture's channel": {"encoding": {"url": {"value": WEB}}},
    "a signal": {"data": [{"name": "d", "url": {"signal": "'x'"}}]},
    "a signal beside a field": {"data": [{"name": "d", "url": {"field": "a", "signal": "'x'"}}]},
    "a field outside a channel": {"data": [{"name": "d", "url": {"field": "a"}}]},
    "an expression in a channel": {"encoding": {"url": {"field": "a", "expr": "'x'"}}},
    "a list": {"data": {"url": [WEB]}},
    "beside values": {"data": {"values": [], "url": WEB}},
    "below datasets that are none": {"layer": [{"datasets": {"d": {"data": {"url": WEB}}}}]},
    "values that are none": {"layer": {"values": {"data": {"url": WEB}}}},
}


@pytest.mark.parametrize("part", FETCHING.values(), ids=FETCHING)
def test_a_specification_that_names_an_address_is_known(part):
    assert names_address(bars(**part))


HARMLESS = {
    "a column that is called url": {},
    "datasets": {"datasets": {"d": [{"url": WEB}]}, "data": {"name": "d"}},
    "a schema": {"$schema": WEB},
    "notes": {"usermeta": {"source": WEB}},
    "a link": {"encoding": {**AXES, "href": {"value": WEB}}},
    "a picture of its own": {"mark": {"type": "image", "url": "data:image/png;base64,AA"}},
    "a picture by column": {"encoding": {**AXES, "url": {"field": "url"}}},
}


@pytest.mark.parametrize("part", HARMLESS.values(), ids=HARMLESS)
def test_other_addresses_are_not_fetched(part):
    assert not names_address(bars(**part))


@pytest.fixture
def listener():
    with Listener() as listening:
        yield listening


@pytest.fixture(scope="module")
def installed():
    pytest.importorskip("vl_convert")


def drawn(*specifications, mime=LITE):
    return draw_vega([VegaChart.of(mime, each) for each in specifications])


@pytest.mark.usefixtures("installed")
class TestDrawing:
    def test_charts_are_drawn_in_their_order(self):
        first, second = drawn(bars(title="First"), bars(title="Second"))
        assert [b"First" in each.content for each in (first, second)] == [True, False]

    def test_any_version_is_drawn(self):
        kinds = [
            f"application/vnd.vegalite.{each}+json" for each in ("v2", "v4", "v5", "v6", "v99")
        ]
        found = draw_vega([VegaChart.of(kind, bars()) for kind in kinds])
        assert [type(each) for each in found] == [Image] * len(kinds)

    def test_vega_itself_is_drawn(self):
        mark = {
            "type": "rect",
            "encode": {"enter": {"width": {"value": 9}, "height": {"value": 9}}},
        }
        (found,) = drawn({"width": 20, "height": 20, "marks": [mark]}, mime=FULL)
        assert isinstance(found, Image)

    @pytest.mark.promise("Drawing a chart asks nothing of any network.")
    def test_nothing_is_asked_of_the_network(self, listener):
        address = {"url": listener.address}
        found = drawn(
            bars(**{"$schema": listener.address, "usermeta": address}),
            bars(data=address),
            bars(
                transform=[{"lookup": "a", "from": {"data": address, "key": "a", "fields": ["b"]}}]
            ),
            bars(mark={"type": "image", **address}),
            bars(),
        )
        assert [isinstance(each, Image) for each in found] == [True, False, False, False, True]
        assert listener.asked == []

    def test_what_can_not_be_drawn_says_why_and_keeps_no_other_from_it(self):
        found = drawn({"data": {"values": []}}, bars())
        assert "Invalid specification" in found[0]
        assert isinstance(found[1], Image)

    @pytest.mark.slow
    def test_what_takes_too_much_is_given_up_and_keeps_no_other_from_being_drawn(self, monkeypatch):
        monkeypatch.setattr(vega, "_MEMORY", 2**30)
        sequence = {"type": "sequence", "start": 0, "stop": 1e9}
        endless = {"data": [{"name": "d", "transform": [sequence]}]}
        charts = [VegaChart.of(FULL, endless), VegaChart.of(LITE, bars())]
        found = draw_vega(charts)
        assert "too much time or memory" in found[0]
        assert isinstance(found[1], Image)

    def test_links_of_a_chart_lead_to_the_web_only(self):
        linked = [
            bars(encoding={**AXES, "href": {"value": address}})
            for address in (WEB, "javascript:alert(1)")
        ]
        found = drawn(*linked)
        assert WEB.encode() in found[0].content
        assert not isinstance(found[1], Image) or b"javascript" not in found[1].content

    def test_a_chart_of_very_many_marks_is_named(self, monkeypatch):
        monkeypatch.setattr(vega, "LARGEST", 100)
        assert "draw fewer marks" in drawn(bars())[0]


def test_after_three_crashes_no_other_is_tried(monkeypatch):
    tried = []
    monkeypatch.setattr(vega, "_made", lambda charts: tried.append(len(charts)) or ([], ""))
    found = drawn(*[bars()] * 5)
    assert tried == [5, 4, 3]
    assert len(found) == 5


def test_a_chart_is_the_same_whatever_the_order_of_its_parts():
    turned = json.loads(json.dumps(bars()))
    assert VegaChart.of(LITE, dict(reversed(turned.items()))) == VegaChart.of(LITE, bars())
