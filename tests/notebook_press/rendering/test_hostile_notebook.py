"""A notebook that tries to run or fetch something wherever a page shows a notebook's own words."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import nbformat.v4 as v4
import pytest

from notebook_press.author import INTERACTIVE_TYPE, METADATA_KEY, RESULTS_TYPE, TABLE_TYPE
from notebook_press.rendering.checks import check_html
from notebook_press.rendering.html import render_webpage

MARKUP = (
    "<script>alert(1)</script><img src='https://a.example/x.png' onerror=alert(1)>"
    "<a href='javascript:alert(1)'>x</a></title></style></script><svg onload=alert(1)>"
    "[x](javascript:alert(1)) ![x](https://a.example/x.png)"
)
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)">'
    '<script>alert(1)</script><image href="https://a.example/x.png" onerror="alert(1)"/></svg>'
)
LIVE = (
    f"<div onclick='alert(1)' style='background:url(https://a.example/x.png)'>{MARKUP}</div>"
    "<button type='submit' formaction='https://a.example' onclick='alert(1)'>b</button>"
    "<form action='https://a.example'><input type='image' src='https://a.example/x.png'></form>"
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><style>@import 'https://a.example';</style>"
    "<link rel='stylesheet' href='https://a.example'><base href='https://a.example'>"
)
ALLOWED = "root.dataset.ran = 'yes';"


def shown(kind, data, **details):
    noted = {"kind": kind, **details}
    return v4.new_output("display_data", data=data, metadata={METADATA_KEY: noted})


def hostile_notebook():
    live = {"html": LIVE, "script": ALLOWED, "style": ".own { color: red }"}
    table = {"columns": [{"name": MARKUP}], "rows": [[MARKUP]], "caption": MARKUP}
    outputs = [
        *(shown(kind, {"text/markdown": MARKUP}) for kind in ("answer", "notice", "say")),
        shown("figure", {"image/svg+xml": DRAWING}, caption=MARKUP, alt=f"the class {MARKUP}"),
        shown(
            "interactive",
            {INTERACTIVE_TYPE: live, "text/html": LIVE, "image/svg+xml": DRAWING},
            caption=MARKUP,
            alt=MARKUP,
        ),
        shown("table", {TABLE_TYPE: table}),
        shown("results", {RESULTS_TYPE: {MARKUP: 0.5}}),
        v4.new_output("stream", name="stdout", text=MARKUP),
        v4.new_output("stream", name="stderr", text=MARKUP),
        v4.new_output("display_data", data={"image/svg+xml": DRAWING}),
        v4.new_output("display_data", data={"text/html": LIVE, "text/plain": MARKUP}),
        v4.new_output("display_data", data={"text/latex": f"$${MARKUP}$$"}),
        v4.new_output("error", ename=MARKUP, evalue=MARKUP, traceback=[MARKUP]),
    ]
    parameter = {"name": MARKUP, "value": MARKUP, "default": MARKUP, "help": MARKUP}
    noted = {"run": MARKUP, "finished": "2026-11-22T18:00:00+00:00", "notice": MARKUP}
    noted |= {"parameters": [parameter], "inputs": {MARKUP: MARKUP}, "commit": MARKUP}
    noted |= {"versions": {MARKUP: MARKUP}, "machine": {"processor": MARKUP}, "formats": [MARKUP]}
    cells = [
        v4.new_markdown_cell(
            f"# {MARKUP}\n\n## {MARKUP}\n\n{MARKUP} $\\href{{javascript:a}}{{b}}$"
        ),
        v4.new_code_cell(f"x = {MARKUP!r}", outputs=outputs, execution_count=1),
    ]
    return v4.new_notebook(cells=cells, metadata={METADATA_KEY: noted})


class Inspector(HTMLParser):
    """A page's elements with their attributes, and the text of its scripts."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.scripts, self.inside = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts[-1] += data


@pytest.fixture(scope="module")
def html():
    return render_webpage(hostile_notebook(), "02_<b>network")


@pytest.fixture(scope="module")
def page(html):
    return Inspector(html)


def test_the_page_is_fit_to_publish(html):
    check_html(html)


def test_it_runs_the_scripts_that_its_policy_names_and_no_others(page):
    policy = next(a["content"] for tag, a in page.elements if "http-equiv" in a)
    named = re.search(r"script-src ([^;]+);", policy)[1].split()
    assert len(page.scripts) == len(named) == 2
    assert page.scripts[0] == f"((root) => {{\n{ALLOWED}\n}})(" + (
        "document.currentScript.previousElementSibling);"
    )
    assert "alert" not in "".join(page.scripts)


def test_the_policy_names_scripts_by_what_they_hold(page):
    policy = next(a["content"] for tag, a in page.elements if "http-equiv" in a)
    for script in page.scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_no_element_has_a_handler(page):
    assert not [(tag, name) for tag, a in page.elements for name in a if name.startswith("on")]


def test_no_address_leads_to_a_script(page):
    values = [str(value).lower() for _, a in page.elements for value in a.values()]
    assert not [value for value in values if value.lstrip().startswith("javascript:")]


def test_nothing_is_loaded_but_what_the_page_holds(page):
    sources = [a["src"] for _, a in page.elements if "src" in a]
    assert len(sources) == 3
    assert all(source.startswith("data:image/svg+xml,") for source in sources)
    styles = [a["style"] for _, a in page.elements if "style" in a]
    assert not [style for style in styles if "url(" in style]
    loading = {"iframe", "object", "embed", "form", "base", "svg", "image", "video", "audio"}
    assert not loading & {tag for tag, _ in page.elements}


def test_the_only_link_element_is_the_empty_icon(page):
    assert [a["href"] for tag, a in page.elements if tag == "link"] == ["data:,"]


def test_what_was_written_is_there_to_read(html):
    assert html.count("&lt;script&gt;alert(1)") >= 20


def test_stderr_is_not_there():
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x", execution_count=1)])
    notebook.cells[0].outputs = [v4.new_output("stream", name="stderr", text="only plumbing")]
    assert "only plumbing" not in render_webpage(notebook, "x")
