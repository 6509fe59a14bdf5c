import itertools
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import nbformat.v4 as v4
import pytest

from notebook_press.author import INTERACTIVE_TYPE, METADATA_KEY, RESULTS_TYPE, TABLE_TYPE
from notebook_press.rendering.checks import check_html
from notebook_press.rendering.html import render_webpage

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60">'
    '<rect width="90" height="60" fill="teal"/></svg>'
)
HOSTILE = "<script>alert('run')</script><img src=\"https://a.example/x\" onerror=alert('run')>"


def said(kind, data, **details):
    return v4.new_output(
        "display_data", data=data, metadata={METADATA_KEY: {"kind": kind, **details}}
    )


def report(title="A title", words="Words", cell="4", svg=SVG):
    """A notebook that uses every kind of block, with the given texts in all of them."""
    table = {"columns": [{"name": cell, "align": "left"}], "rows": [[cell]], "caption": words}
    outputs = [
        said("answer", {"text/markdown": words}),
        said("notice", {"text/markdown": words}),
        said("say", {"text/markdown": f"### {words}\n\n{words} $x^2$"}),
        said("figure", {"image/svg+xml": svg}, caption=words, alt=words),
        said("caption", {"text/markdown": "repeated"}),
        said("table", {TABLE_TYPE: table}),
        said("results", {RESULTS_TYPE: {"test_accuracy": 0.98123, "images": 10000}}),
        v4.new_output("stream", name="stdout", text=words),
        v4.new_output("display_data", data={"text/html": words, "text/plain": words}),
        v4.new_output("error", ename=words, evalue=words, traceback=[words]),
    ]
    noted = {
        "run": words,
        "finished": "2026-11-22T18:00:00+00:00",
        "seconds": 81.3,
        "parameters": [{"name": words, "value": words, "default": "auto", "help": words}],
        "inputs": {words: "0" * 64},
        "commit": words,
        "versions": {"python": words},
        "machine": {"processor": words, "cores": 2, "memory_gib": 7.8, "system": "Linux"},
    }
    cells = [
        v4.new_markdown_cell(f"# {title}\n\n{words}\n\n## {words}"),
        v4.new_code_cell(f"words = {words!r}", outputs=outputs, execution_count=1),
    ]
    return v4.new_notebook(cells=cells, metadata={METADATA_KEY: noted})


class Elements(HTMLParser):
    """The start tags of a page, each with its attributes."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def all(self, *tags):
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.fixture(scope="module")
def page():
    return render_webpage(report(), "02_network")


def test_the_page_requests_nothing(page):
    check_html(page)


def test_a_policy_forbids_scripts_and_outside_addresses(page):
    policies = [meta["content"] for meta in Elements(page).all("meta") if "http-equiv" in meta]
    assert policies[0].startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")


def test_the_title_opens_the_page(page):
    assert "<title>A title</title>" in page
    assert "<h1>A title</h1>" in page


def test_hostile_markup_is_shown_and_not_run():
    html = render_webpage(report(HOSTILE, HOSTILE, HOSTILE), "02_network")
    check_html(html)
    # Title twice; facts, notice, answer, headings, prose, code, captions, cells, output, foot.
    assert html.count("&lt;script&gt;alert") >= 20
    assert len(Elements(html).all("img")) == 1


def test_hostile_drawings_stay_inside_an_image():
    svg = SVG.replace("<rect", '<script>alert(1)</script><image href="https://a.example/x"/><rect')
    html = render_webpage(report(svg=svg), "02_network")
    check_html(html)
    (image,) = Elements(html).all("img")
    drawing = unquote(image["src"].removeprefix("data:image/svg+xml,"))
    assert drawing.startswith("<svg")
    assert "<script" not in drawing
    assert "a.example" not in drawing


def test_mathematics_is_mathml(page):
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in page


def test_a_figure_has_its_number_caption_anchor_and_alternative_text(page):
    assert 'id="figure-1"' in page
    assert re.search(r"Figure 1\.</a> Words</figcaption>", page)
    assert Elements(page).all("img")[0]["alt"] == "Words"
    assert "repeated" not in page


def test_header_cells_of_tables_have_a_scope(page):
    assert {cell.get("scope") for cell in Elements(page).all("th")} == {"col", "row"}


def test_heading_levels_skip_none(page):
    levels = [int(tag[1]) for tag, _ in Elements(page).found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_link_within_the_page_has_its_anchor(page):
    elements = Elements(page)
    anchors = {attributes["id"] for _, attributes in elements.found if "id" in attributes}
    targets = {link["href"][1:] for link in elements.all("a") if link["href"].startswith("#")}
    assert {"main", "words", "figure-1", "table-1", "parameters", "inputs"} <= targets <= anchors


def test_code_is_folded_and_highlighted(page):
    assert '<details class="code">' in page
    assert "open" not in Elements(page).all("details")[1]
    assert '<span class="t-n">words</span>' in page


def test_headline_results_are_shown_as_people_read_them_and_shares_in_percent(page):
    assert re.search(r"<dt>test accuracy</dt><dd>98\.12%</dd>", page)
    assert re.search(r"<dt>images</dt><dd>10,000</dd>", page)


def test_the_foot_says_what_made_the_report(page):
    foot = page[page.index("<footer") :]
    for fact in ("1 min 21 s", "2 cores", "7.8 GiB", "0" * 64, "default: &#39;auto&#39;"):
        assert fact in foot


def test_the_files_beside_the_page_are_linked(page):
    links = {link["href"] for link in Elements(page).all("a")}
    assert {"02_network.pdf", "02_network.ipynb", "02_network.json", "../index.html"} <= links


def test_without_a_press_run_the_page_has_no_foot_and_no_files_beside_it():
    notebook = report()
    del notebook.metadata[METADATA_KEY]
    html = render_webpage(notebook, "02_network")
    check_html(html)
    assert "<footer" not in html
    assert "02_network" not in html


def test_an_empty_notebook_has_a_page():
    html = render_webpage(v4.new_notebook(), "an_empty_one")
    check_html(html)
    assert "<h1>an empty one</h1>" in html


def test_the_same_notebook_gives_the_same_page(page):
    assert render_webpage(report(), "02_network") == page


def test_code_in_an_unknown_language_is_shown_plain():
    notebook = v4.new_notebook(cells=[v4.new_code_cell("a <b> & c")])
    notebook.metadata["language_info"] = {"name": "nosuchlanguage"}
    assert "<code>a &lt;b&gt; &amp; c\n</code>" in render_webpage(notebook, "x")


def test_sections_are_numbered_in_the_text_and_in_the_contents(page):
    assert '<h2 id="words"><span class="section">1</span> Words</h2>' in page
    assert re.search(r'<h3 id="words-1"><span class="section">1\.1</span> Words</h3>', page)
    assert page.count('<a href="#words-1"><span class="section">1.1</span> Words</a>') == 2


def test_the_control_for_all_code_is_hidden_until_the_script_shows_it(page):
    (button,) = Elements(page).all("button")
    assert button["class"] == "all-code"
    assert "hidden" in button


def test_slides_are_linked_where_they_were_made():
    notebook = report()
    assert ".pptx" not in render_webpage(notebook, "x")
    notebook.metadata[METADATA_KEY]["formats"] = ["html", "pptx"]
    links = {link["href"] for link in Elements(render_webpage(notebook, "x")).all("a")}
    assert "x.pptx" in links
    assert "x.pdf" not in links


def interactive(**parts):
    content = {"html": "<p class='own'>live</p>", "script": "", "style": "", **parts}
    data = {INTERACTIVE_TYPE: content, "image/svg+xml": SVG}
    output = said("interactive", data, caption="*Words*", alt="Still words")
    return v4.new_notebook(cells=[v4.new_code_cell("x", outputs=[output])])


def test_an_interactive_figure_is_live_with_a_still_picture_for_paper():
    html = render_webpage(interactive(style=".own { color: red }"), "x")
    check_html(html)
    assert '<figure class="picture interactive" id="figure-1">' in html
    assert '<div class="live"><p class="own">live</p></div>' in html
    assert ".own { color: red }" in html[: html.index("</style>")]
    assert Elements(html).all("img")[0]["alt"] == "Still words"
    assert "Figure 1.</a> <em>Words</em></figcaption>" in html


def test_the_script_of_an_interactive_figure_stands_right_behind_it():
    html = render_webpage(interactive(script="root.id = 'ran';"), "x")
    check_html(html)
    assert "</div>\n<script>((root) => {\nroot.id = 'ran';\n})(document" in html


def test_a_table_says_what_its_columns_are_sorted_by():
    table = {
        "columns": [{"name": "digit", "align": "left"}, {"name": "recall", "numbers": [0.5, None]}],
        "rows": [["4", "half"], ["5", "none"]],
        "caption": "Recall.",
    }
    cell = v4.new_code_cell("1", outputs=[said("table", {TABLE_TYPE: table})])
    html = render_webpage(v4.new_notebook(cells=[cell]), "02_network")
    found = Elements(html)
    assert ["data-sortable" in heading for heading in found.all("th")[:2]] == [False, True]
    assert [cell.get("data-number") for cell in found.all("td")] == ["0.5", None]


@pytest.mark.parametrize(("width", "wide"), [(300, False), (460.8, True)])
def test_a_wide_drawing_can_be_scrolled_where_it_does_not_fit(width, wide):
    html = render_webpage(report(svg=SVG.replace('width="90"', f'width="{width}pt"')), "a_title")
    (paper,) = [box for box in Elements(html).all("div") if "paper" in box.get("class", "")]
    assert ("wide" in paper["class"], paper.get("tabindex")) == (wide, "0" if wide else None)
