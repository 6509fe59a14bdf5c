"""Widgets as they were when their notebook was saved: as text where they say something."""

import nbformat.v4 as v4
import pytest
from report_notebooks import code, encoded, notebook, picture

from notebook_press.rendering.outputs.bundle import Bundle
from notebook_press.rendering.outputs.readers import read_output
from notebook_press.rendering.page import Failure, Figure, NotShown, Text
from notebook_press.rendering.reading import read_page

VIEW = "application/vnd.jupyter.widget-view+json"


def model(kind, *, buffers=None, module="@jupyter-widgets/controls", **state):
    found = {"model_name": f"{kind}Model", "model_module": module, "state": state}
    return found | ({"buffers": buffers} if buffers is not None else {})


def view(name, text="Widget()"):
    return {VIEW: {"model_id": name, "version_major": 2}, "text/plain": text}


def shown(**models):
    """What is shown of the first of these models."""
    return read_output(Bundle(view(next(iter(models))), widgets=models))


def texts(found):
    return [block.text for block in found.blocks if isinstance(block, Text)]


def reference(*names):
    return [f"IPY_MODEL_{name}" for name in names]


CHOICE = {"_options_labels": ["One", "Two", "Three"]}
SIMPLE = {
    "x: 3": model("IntSlider", description="x", value=3),
    "rate: 7": model("IntText", description="rate:", value=7),
    "2.5": model("FloatText", value=2.5),
    "1.0 to 3.0": model("FloatRangeSlider", value=[1.0, 3.0]),
    "pick: Two": model("Dropdown", description="pick", index=1, **CHOICE),
    "One, Three": model("SelectMultiple", index=[0, 2], **CHOICE),
    "ok: yes": model("Checkbox", description="ok", value=True),
    "a, b": model("TagsInput", value=["a", "b"]),
    "no": model("Valid", value=False),
    "p: 30%": model("FloatProgress", description="p", value=3.0, min=0.0, max=10.0),
    "some text": model("Label", value="some text"),
    "day: 2026-01-09": model(
        "DatePicker", description="day", value={"year": 2026, "month": 0, "date": 9}
    ),
    "••••••••": model("Password", value="secret"),
    "a & b": model("HTML", value="a &amp; b"),
    "Go": model("Button", description="Go"),
    "0.0": model("FloatSlider"),
    "on: no": model("ToggleButton", description="on"),
}


@pytest.mark.parametrize(("text", "widget"), SIMPLE.items(), ids=SIMPLE)
def test_a_simple_widget_is_its_label_and_its_value(text, widget):
    assert texts(shown(w=widget)) == [text]


@pytest.mark.parametrize(
    ("kind", "value"), [("HTML", "<b>bold</b>"), ("HTMLMath", "$x$"), ("Label", r"\(x < y\)")]
)
def test_html_and_formulas_in_a_widget_are_read_as_html(kind, value):
    found = shown(w=model(kind, value=value))
    assert found.blocks
    assert not texts(found)


def test_a_picture_in_a_widget_is_a_figure():
    buffer = {"data": encoded(picture()), "encoding": "base64", "path": ["value"]}
    (figure,) = shown(w=model("Image", format="png", buffers=[buffer])).blocks
    assert isinstance(figure, Figure)
    assert figure.image.content == picture()


PRINTED = {"output_type": "stream", "name": "stdout", "text": ["RESULT\n", "42\n"]}
FAILED = {"output_type": "error", "ename": "E", "evalue": "bad", "traceback": ["line"]}
DISPLAYED = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "7"}}


def test_what_was_printed_in_a_widget_is_read_as_a_cells_own():
    found = shown(w=model("Output", outputs=[PRINTED, DISPLAYED, FAILED]))
    assert found.blocks == (Text("RESULT\n42"), Text("7"), Failure("E: bad", "line"))
    assert found.fate == "shown"


def test_stderr_of_a_widget_is_hidden_as_any_other():
    warned = {"output_type": "stream", "name": "stderr", "text": "secret"}
    cell = code(v4.new_output("display_data", data=view("w")))
    executed = notebook(cell)
    states = {"w": model("Output", outputs=[warned, PRINTED])}
    executed["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": states}
    }
    page = read_page(executed, "x")
    assert page.blocks[1:] == (Text("RESULT\n42"),)
    assert "hidden" in {booked.fate for booked in page.account}


def test_boxes_show_what_they_hold_in_order():
    found = shown(
        box=model("VBox", children=reference("row", "out")),
        row=model("HBox", children=reference("slider", "box")),
        slider=model("IntSlider", description="x", value=3),
        out=model("Output", outputs=[PRINTED]),
    )
    assert texts(found) == ["x: 3", "RESULT\n42"]


@pytest.mark.parametrize(
    "titles", [{"titles": ["first", "second"]}, {"_titles": {"1": "second", "0": "first"}}]
)
def test_tabs_stand_under_their_titles(titles):
    children = {"a": model("Label", value="in a"), "b": model("Label", value="in b")}
    found = shown(tabs=model("Tab", children=reference(*children), **titles), **children)
    assert texts(found) == ["first", "in a", "second", "in b"]


def test_a_progress_bar_of_three_parts_is_one_line():
    parts = {
        "left": model("HTML", value="loop: 100%"),
        "bar": model("FloatProgress", value=3.0, max=3.0),
        "right": model("HTML", value=" 3/3 [00:00&lt;00:00]"),
    }
    found = shown(box=model("HBox", children=reference(*parts)), **parts)
    assert texts(found) == ["loop: 100%  3/3 [00:00<00:00]"]


def test_what_was_made_invisible_is_not_shown_again():
    unseen = {"layout": "IPY_MODEL_l", "value": "x"}
    found = shown(w=model("Label", **unseen), l=model("Layout", display="none"))
    assert (found.blocks, found.fate) == ((), "hidden")


@pytest.mark.parametrize("before", ["_widget", ""])
def test_a_widget_of_plotly_is_its_figure(before):
    figure = {f"{before}_data": [{"type": "bar", "y": [1]}], f"{before}_layout": {}}
    assert shown(w=model("Any", module="anywidget", **figure)).what == "Plotly chart"


def test_a_widget_of_altair_is_its_chart():
    specification = {"$schema": "https://vega.github.io/schema/vega-lite/v6.1.0.json"}
    assert shown(w=model("Any", module="anywidget", spec=specification)).what == "Vega chart"


NAMED = {
    "Widget Audio": model("Audio"),
    "Map (ipyleaflet)": model("LeafletMap", module="jupyter-leaflet"),
    "Scene (K3D)": model("Plot", module="k3d"),
}


@pytest.mark.parametrize(("what", "widget"), NAMED.items(), ids=NAMED)
def test_other_widgets_are_named(what, widget):
    found = shown(w=widget)
    assert [block.what for block in found.blocks if isinstance(block, NotShown)] == [what]
    assert found.fate == "not shown"


TEXTS = {
    "IntSlider(value=7)": (NotShown, "not shown"),
    "HBox(children=(FloatProgress(value=0.0),\n HTML(value='')))": (NotShown, "not shown"),
    "": (NotShown, "not shown"),
    "  0%|          | 0/3 [00:00<?, ?it/s]": (Text, "lesser"),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.items(), ids=TEXTS)
def test_without_its_state_a_widget_is_named_unless_its_text_says_more(text, expected):
    found = read_output(Bundle(view("w", text)))
    (block,) = found.blocks
    assert (type(block), found.fate) == expected


def test_without_its_state_a_widget_is_the_picture_stored_with_it():
    found = read_output(Bundle(view("w") | {"image/png": encoded(picture())}))
    assert isinstance(found.blocks[0], Figure)


def test_a_bar_that_its_author_closed_leaves_no_line():
    bundle = Bundle(view("gone", "  0%|   | 0/3"), widgets={"other": model("Layout")})
    assert read_output(bundle).fate == "hidden"


def nested(count):
    """Boxes in boxes."""
    boxes = {f"b{n}": model("VBox", children=reference(f"b{n + 1}")) for n in range(count)}
    return boxes | {f"b{count}": model("Label", value="at last")}


HOSTILE = {
    "a box in itself": {"w": model("VBox", children=reference("w"))},
    "boxes in each other": {
        "w": model("VBox", children=reference("v", "v")),
        "v": model("HBox", children=reference("w", "w")),
    },
    "an output that shows itself": {
        "w": model("Output", outputs=[{**DISPLAYED, "data": view("w")}] * 3)
    },
    "boxes nested deeply": nested(2000),
    "children of another kind": {"w": model("VBox", children={"a": 1})},
    "children that are none": {"w": model("VBox", children=[None, 3, {"a": 1}])},
    "state of another kind": {"w": {"model_name": "VBoxModel", "state": []}},
    "a model of another kind": {"w": ["VBoxModel"]},
    "outputs of another kind": {"w": model("Output", outputs=[1, {"output_type": "x"}, {}])},
    "a value of another kind": {"w": model("IntSlider", value={"a": [1]}, description=[1])},
    "a position outside": {"w": model("Dropdown", index=10**9, **CHOICE)},
    "a bar without a length": {"w": model("FloatProgress", value=1, min=float("nan"), max=0)},
    "a picture that is none": {
        "w": model("Image", buffers=[{"path": ["value"], "encoding": "base64", "data": "!"}])
    },
    "titles of another kind": {"w": model("Tab", children=[], titles={"a": 1}, _titles=[1])},
}


@pytest.mark.parametrize("models", HOSTILE.values(), ids=HOSTILE)
def test_hostile_widgets_come_to_an_end(models):
    assert shown(**models).what
