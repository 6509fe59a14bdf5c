import re

import pytest
from report_notebooks import SVG, Elements, as_html, code, notebook, prose, report, said

from notebook_press.author import INTERACTIVE_TYPE, METADATA_KEY, TABLE_TYPE
from notebook_press.rendering.checks import check_html


@pytest.fixture(scope="module")
def page():
    return as_html(report())


OWN = [f"report-{name}" for name in ("figure-1", "table-1", "parameters", "inputs")]


@pytest.fixture(scope="module")
def elements(page):
    return Elements(page)


def test_a_figure_has_its_number_caption_anchor_and_alternative_text(page):
    drawn = re.search(
        r'id="report-figure-1">.*?alt="(.*?)".*?Figure 1\.</a> (.*?)</figcap', page, re.S
    )
    assert drawn.groups() == ("Words", "Words")
    assert "repeated" not in page


def test_header_cells_of_tables_have_a_scope(elements):
    assert {cell.get("scope") for cell in elements.all("th")} == {"col", "row"}


def test_every_link_within_the_page_has_its_anchor(elements):
    targets = {link["href"][1:] for link in elements.all("a") if link["href"].startswith("#")}
    assert {"report-main", "words", *OWN} <= targets
    assert targets <= set(elements.values("id"))


def test_code_is_folded_and_highlighted(page, elements):
    assert '<details class="code">' in page
    assert "open" not in elements.all("details")[1]
    assert '<span class="t-n">words</span>' in page


def test_headline_results_are_shown_as_people_read_them_and_shares_in_percent(page):
    assert re.search(r"<dt>test accuracy</dt><dd>98\.12%</dd>", page)
    assert re.search(r"<dt>images</dt><dd>10,000</dd>", page)


@pytest.mark.parametrize(
    "heading", ["1. Data", "2.1 Data", "3) Data", "IV. Data", "A) Data", "Step 2: Data"]
)
def test_headings_that_their_author_numbers_get_no_other_number(heading):
    page = as_html(notebook(prose(f"# T\n\n## {heading}\n\n## End")))
    assert 'class="section"' not in page
    assert page.count(f">{heading}</a>") == 2


@pytest.mark.parametrize("heading", ["3D data", "I am", "A model: B", "2x faster"])
def test_a_number_that_belongs_to_a_headings_words_numbers_nothing(heading):
    assert 'class="section">2</span>' in as_html(notebook(prose(f"# T\n\n## a\n\n## {heading}")))


def test_the_foot_says_what_made_the_report(page):
    foot = page[page.index("<footer") :]
    for fact in ("1 min 21 s", "2 cores", "7.8 GiB", "0" * 64, "default: &#39;auto&#39;"):
        assert fact in foot


def test_the_files_beside_the_page_are_linked_as_they_were_made(elements):
    made = report()
    made.metadata[METADATA_KEY]["formats"] = ["html", "pptx"]
    beside = [
        {link["href"] for link in found.all("a") if not link["href"].startswith("#")}
        for found in (elements, Elements(as_html(made)))
    ]
    always = {"02_network.ipynb", "02_network.json", "../index.html", "https://a.example/b?c=d"}
    assert beside == [always | {"02_network.pdf"}, always | {"02_network.pptx"}]


def test_without_a_press_run_the_page_has_no_foot_and_no_files_beside_it():
    made = report()
    del made.metadata[METADATA_KEY]
    html = as_html(made)
    check_html(html)
    assert "<footer" not in html
    assert "02_network" not in html


def test_a_title_of_no_letters_leaves_the_files_name():
    cell = {"cell_type": "markdown", "source": "# <!-- nothing -->"}
    assert "<title>02 network</title>" in as_html({"cells": [cell]})


def test_code_in_an_unknown_language_is_shown_plain():
    made = notebook(code(source="a <b> & c"))
    made.metadata["language_info"] = {"name": "nosuchlanguage"}
    assert "<code>a &lt;b&gt; &amp; c\n</code>" in as_html(made)


def test_sections_are_numbered_in_the_text_and_in_the_contents(page):
    assert re.search('<h2 [^>]*id="part"><span class="section">1</span> Part</h2>', page)
    assert re.search('<h3 [^>]*id="words"><span class="section">1.1</span> Words</h3>', page)
    assert page.count('<a href="#words"><span class="section">1.1</span> Words</a>') == 2


def test_the_control_for_all_code_is_hidden_until_the_script_shows_it(elements):
    (button,) = elements.all("button")
    assert button["class"] == "all-code"
    assert "hidden" in button


def interactive(**parts):
    content = {"html": "<p class='own'>live</p>", "script": "", "style": "", **parts}
    data = {INTERACTIVE_TYPE: content, "image/svg+xml": SVG}
    return notebook(code(said("interactive", data, caption="*Words*", alt="Still words")))


def test_an_interactive_figure_is_live_with_a_still_picture_for_paper():
    html = as_html(interactive(style=".own { color: red }", script="root.id = 'ran';"))
    check_html(html)
    assert '<figure class="picture interactive" id="report-figure-1">' in html
    assert '<div class="live"><p class="own">live</p></div>' in html
    assert ".own { color: red }" in html[: html.index("</style>")]
    assert Elements(html).all("img")[0]["alt"] == "Still words"
    assert "Figure 1.</a> <em>Words</em></figcaption>" in html
    assert "</div>\n<script>((root) => {\nroot.id = 'ran';\n})(document" in html


def test_a_table_says_what_its_columns_are_sorted_by():
    table = {
        "columns": [{"name": "digit", "align": "left"}, {"name": "recall", "numbers": [0.5, None]}],
        "rows": [["4", "half"], ["5", "none"]],
        "caption": "Recall.",
    }
    found = Elements(as_html(notebook(code(said("table", {TABLE_TYPE: table})))))
    assert ["data-sortable" in heading for heading in found.all("th")[:2]] == [False, True]
    assert [cell.get("data-number") for cell in found.all("td")] == ["0.5", None]


def test_a_wide_drawing_can_be_scrolled_where_it_does_not_fit():
    for width, wide in ((200, False), (345.6, True)):
        html = as_html(report(svg=SVG.replace('width="90"', f'width="{width}pt"')))
        paper, _ = (box for box in Elements(html).all("div") if "paper" in box.get("class", ""))
        assert ("wide" in paper["class"], paper.get("tabindex")) == (wide, "0" if wide else None)


def test_a_page_tells_its_language():
    made = report()
    made.metadata["lang"] = "de"
    assert '<html lang="de">' in as_html(made)
    assert '<html lang="en">' in as_html(report())
