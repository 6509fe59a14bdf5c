import re

import nbformat.v4 as v4
import pytest
from report_notebooks import code, displayed, encoded, picture, prose, said
from report_notebooks import stream as printed

from notebook_press.author import (
    INTERACTIVE_TYPE,
    METADATA_KEY,
    RESULTS_TYPE,
    TABLE_TYPE,
    Estimate,
)
from notebook_press.errors import RenderingError
from notebook_press.rendering.page import (
    Code,
    Failure,
    Figure,
    Html,
    Image,
    Interactive,
    NotShown,
    Prose,
    Table,
    Text,
)
from notebook_press.rendering.reading import read_page

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def page(*cells, **metadata):
    return read_page(v4.new_notebook(cells=list(cells), metadata=metadata), "a_report")


def shown_blocks(*outputs):
    return page(code(*outputs)).blocks[1:]


@pytest.mark.parametrize(
    ("markdown", "title", "left"),
    [
        ("# A *title* #\n\ntext", "A *title*", "<p>text</p>"),
        ("Words.\n\n# Not it", "a report", '<p>Words.</p>\n<h2 id="not-it">Not it</h2>'),
        ("no heading", "a report", "<p>no heading</p>"),
        ('<div align="center">\n<h1>Title</h1>\n</div>\n\ntext', "Title", "<p>text</p>"),
    ],
)
def test_the_title_is_the_first_level_1_heading_or_the_file_name(markdown, title, left):
    found = page(prose(markdown))
    (text,) = found.words.texts
    assert found.title == title
    assert text.source.replace(' dir="auto"', "").endswith(left)


@pytest.mark.parametrize(
    ("cells", "metadata", "title"),
    [
        ([prose("Words.")], {"title": "From the metadata"}, "From the metadata"),
        ([prose("---\ntitle: Of Quarto\nformat: html\n---\nWords.")], {}, "Of Quarto"),
        ([v4.new_raw_cell("---\ntitle: Of Jupytext\n---")], {}, "Of Jupytext"),
        ([v4.new_raw_cell("# ---\n# title: Of scripts\n#\n# ---")], {}, "Of scripts"),
        ([prose("# Said first")], {"title": "From the metadata"}, "Said first"),
    ],
)
def test_without_a_heading_the_title_is_what_the_metadata_say(cells, metadata, title):
    found = page(*cells, **metadata)
    assert found.title == title
    assert "title:" not in "".join(each.source for each in found.words.texts)


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("text/markdown", '<p dir="auto">a <em>b</em> <b>c</b></p>'),
        ("text/html", "a *b* <b>c</b>"),
        ("text/latex", None),
    ],
)
def test_raw_cells_of_markdown_and_html_are_shown_and_others_booked(form, shown):
    cell = v4.new_raw_cell("a *b* <b>c</b>", metadata={"raw_mimetype": form})
    found = page(cell)
    assert [each.source for each in found.words.texts] == ([shown] if shown else [])
    assert [each.fate for each in found.account] == ["shown" if shown else "hidden"]


@pytest.mark.parametrize(
    ("stem", "title"),
    [("1. a*b*_c", r"1\. a\*b\* c"), ("<b>$5", r"\<b\>\$5"), ("2024-05-01.v2", "2024-05-01.v2")],
)
def test_a_title_from_a_files_name_is_text(stem, title):
    found = read_page(v4.new_notebook(), stem)
    assert found.title == title
    assert found.words.title.plain == stem.replace("_", " ")


@pytest.mark.parametrize(
    "settings",
    [
        "title: [&a [x, x], *a, *a]",
        "title: 2024-13-45",
        "[" * 3000,
        "a: &b " + "[*b, " * 50,
        "- a list",
    ],
)
def test_front_matter_that_is_none_ends_no_page(settings):
    assert page(prose(f"---\n{settings}\n---\n\nWords.")).title == "a report"


def test_the_answer_and_notices_leave_the_body():
    found = page(
        code(
            said("answer", {"text/markdown": "It is **98%**."}),
            said("notice", {"text/markdown": "Beware."}),
        ),
        notebook_press={"finished": "2026-11-22T18:00:00+00:00", "notice": "On digits."},
    )
    assert (found.answer, found.notices) == ("It is **98%**.", ("On digits.", "Beware."))
    assert [type(block) for block in found.blocks] == [Code]


def test_results_are_collected_and_not_shown():
    outputs = [
        said("results", {RESULTS_TYPE: {"a": 1}}),
        said("results", {RESULTS_TYPE: {"b": 2.5}}),
    ]
    found = page(code(*outputs))
    assert found.results == {"a": 1, "b": 2.5}
    assert len(found.blocks) == 1


@pytest.mark.parametrize(("before", "expected"), [(0, "a"), (1, "a"), (2, "b"), (3, "c")])
def test_the_key_figure_is_the_last_before_the_answer_or_the_first(before, expected):
    figures = [said("figure", {"image/svg+xml": SVG}, caption="", alt=alt) for alt in "abc"]
    figures.insert(before, said("answer", {"text/markdown": "98%"}))
    assert page(code(*figures)).key_figure.alt == expected


def test_a_result_that_is_recorded_twice_is_refused():
    outputs = [said("results", {RESULTS_TYPE: {"a": value}}) for value in (1, 2)]
    with pytest.raises(RenderingError, match="'a' recorded again"):
        page(code(*outputs))


def test_an_estimate_is_a_result_with_an_interval():
    estimate = {"value": 1, "low": 0.5, "high": 2.0, "n": None}
    output = said("results", {RESULTS_TYPE: {"a": 1}}, estimate=estimate)
    found = page(code(output))
    assert (found.results, found.estimates) == ({"a": 1}, {"a": Estimate(**estimate)})


@pytest.mark.parametrize("estimate", [7, {"low": 2, "high": 3}, {"low": None}, {"x": 1}])
def test_a_damaged_estimate_is_refused(estimate):
    with pytest.raises(RenderingError, match="cell 1"):
        page(code(said("results", {RESULTS_TYPE: {"a": 1}}, estimate=estimate)))


def test_figures_are_numbered_in_order_and_their_captions_are_not_repeated():
    figure = said("figure", {"image/svg+xml": SVG}, caption="*one*", alt="a line")
    caption = said("caption", {"text/markdown": "*one*"})
    first, second = shown_blocks(figure, caption, figure, caption)
    assert (first.number, second.number) == (1, 2)
    assert (first.caption, first.alt, first.image.content) == ("*one*", "a line", SVG.encode())


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_figure_of_the_author_without_alternative_text_is_refused(alt):
    with pytest.raises(RenderingError, match="'a_report', cell 1: expected an alternative text"):
        page(code(said("figure", {"image/svg+xml": SVG}, caption="c", alt=alt)))


def test_a_table_of_the_author_is_read():
    content = {
        "columns": [{"name": "digit", "align": "left"}, {"name": "recall", "align": "right"}],
        "rows": [["4", "0.98"]],
        "caption": "Recall.",
    }
    (table,) = shown_blocks(said("table", {TABLE_TYPE: content}))
    assert table == Table(1, "Recall.", ("digit", "recall"), ("left", "right"), (("4", "0.98"),))


def sortable(*numbers, rows=(("4", "0.98"), ("5", "none"))):
    columns = [{"name": "digit", "align": "left"}, {"name": "recall", "numbers": list(numbers)}]
    return {"columns": columns, "rows": rows, "caption": "Recall."}


@pytest.mark.parametrize("numbers", [(1,), (1, "2"), (1, True), (1, float("nan")), (1, 2, 3)])
def test_other_numbers_to_sort_by_are_refused(numbers):
    with pytest.raises(RenderingError, match="cell 1: expected one number to sort by for each"):
        page(code(said("table", {TABLE_TYPE: sortable(*numbers)})))


def test_pictures_of_any_library_are_figures():
    data = encoded(picture())
    (figure,) = shown_blocks(displayed({"image/png": data, "text/plain": "<Figure>"}))
    assert isinstance(figure, Figure)
    assert figure.image.content == picture()


def test_a_broken_picture_of_the_author_is_refused_with_its_place():
    with pytest.raises(RenderingError, match="cell 1: expected image/png"):
        page(code(said("figure", {"image/png": "not base64!"}, alt="a line")))


ODD_METADATA = displayed({"text/plain": "x"}) | {"metadata": {METADATA_KEY: "mine"}}
ERROR = v4.new_output("error", ename="E", evalue="bad", traceback=["\x1b[0;31mline 1\x1b[0m"])
PIECES = [printed("a"), printed("x", name="stderr"), printed("b\n"), printed("c\n")]
REWRITTEN = [printed("\x1b[31m10%\r100%\x1b[0m\r\ndone\x08\x00\n")]
HTML = displayed({"text/html": "<b>x</b>", "text/plain": "x"})
OUTPUTS = {
    "stderr never reaches the page": ([printed("secret", name="stderr")], []),
    "progress is not shown": ([said("progress", {"text/plain": "one of two"})], []),
    "terminal codes and rewritten lines are left out": (REWRITTEN, [Text("100%\ndone")]),
    "text printed piece by piece is one block": (PIECES, [Text("ab\nc")]),
    "html is shown rather than its text": ([HTML], [Html("<b>x</b>")]),
    "latex is prose": ([displayed({"text/latex": "x^2"})], [Prose(r"\\[x^2\\]")]),
    "an error is shown as such": ([ERROR], [Failure("E: bad", "line 1")]),
    "an unknown output is named": (
        [displayed({"application/x-unknown": "x"})],
        [NotShown("Output of the type application/x-unknown")],
    ),
    "anybody's metadata may have the name that the press uses": ([ODD_METADATA], [Text("x")]),
}


@pytest.mark.parametrize(("outputs", "blocks"), OUTPUTS.values(), ids=OUTPUTS)
def test_of_each_output_a_page_shows_the_richest_form_that_it_can(outputs, blocks):
    assert shown_blocks(*outputs) == tuple(blocks)


def test_empty_cells_leave_nothing():
    assert page(v4.new_code_cell("  "), prose(" ")).blocks == ()


def test_attachments_and_embedded_images_are_found():
    gif = f"data:image/gif;base64,{encoded(picture('GIF'))}"
    cell = prose(f"![a](attachment:my%20x.png) ![b]({gif})")
    cell["attachments"] = {"my x.png": {"image/png": encoded(picture())}}
    (found,) = page(cell).words.texts
    assert re.findall('base64,(.*?)"', found.source) == [
        encoded(picture()),
        encoded(picture("GIF")),
    ]


def test_a_parameter_knows_whether_it_has_its_default():
    noted = {
        "finished": "2026-11-22T18:00:00+00:00",
        "parameters": [
            {"name": "epochs", "value": 20, "default": 10, "help": "passes"},
            {"name": "shuffle", "value": 1, "default": True},
        ],
    }
    parameters = page(notebook_press=noted).provenance.parameters
    assert [(p.name, p.value, p.is_default) for p in parameters] == [
        ("epochs", "20", False),
        ("shuffle", "1", False),
    ]


def test_the_notebook_is_not_changed():
    notebook = v4.new_notebook(cells=[prose("# A\n\nb"), code(printed("x"))])
    before = notebook.copy()
    read_page(notebook, "x")
    assert notebook == before


def explored(**parts):
    live = {"html": "<p>x</p>", "script": "", "style": "", **parts}
    return said(
        "interactive",
        {INTERACTIVE_TYPE: live, "text/html": "<p>lab</p>", "image/svg+xml": SVG},
        caption="*one*",
        alt="a line",
    )


def test_an_interactive_figure_is_numbered_among_the_figures():
    figure = said("figure", {"image/svg+xml": SVG}, caption="", alt="a line")
    first, second = shown_blocks(figure, explored(script="run()", style="p {}"))
    assert first.number == 1
    still = Image("image/svg+xml", SVG.encode())
    shown = Interactive(2, "*one*", "a line", still, "<p>x</p>", "run()", "p {}", themed=True)
    assert second == shown


@pytest.mark.parametrize("parts", [{"script": "'</script>'"}, {"style": "</style>"}])
def test_an_interactive_figure_that_would_leave_its_element_is_refused(parts):
    with pytest.raises(RenderingError, match=r"cell 1: author\.interactive expects"):
        page(code(explored(**parts)))


@pytest.mark.promise("No character turns the order of others around.")
def test_characters_that_turn_others_around_are_left_out_and_named_in_code():
    turned = "paid \u202e001\u202c \u2066to\u2069 Max"
    _, text = page(code(printed(turned), source=f"x = '{turned}'")).blocks
    assert text == Text("paid 001 to Max")
    (listing, *_) = page(code(source="'\u202e'")).blocks
    assert listing.source == "'\\u202e'"


ODD = {
    "results that are a list": ("results", {RESULTS_TYPE: ["a"]}),
    "a result that is text": ("results", {RESULTS_TYPE: {"a": "1"}}),
    "a result that is no number": ("results", {RESULTS_TYPE: {"a": float("nan")}}),
    "a table that is text": ("table", {TABLE_TYPE: "a"}),
    "a table of numbers": ("table", {TABLE_TYPE: {"columns": [1], "rows": [2]}}),
    "a figure of text": ("interactive", {INTERACTIVE_TYPE: "x", "image/svg+xml": SVG}),
    "text that is a number": (None, {"text/plain": 5}),
}


@pytest.mark.promise(
    "Whatever goes wrong with a cell while a page is made is one line that names the cell."
)
@pytest.mark.promise("A result that is not a number is refused.")
def test_an_output_that_is_not_what_its_type_promises_is_an_error_with_its_place():
    for case, (kind, data) in ODD.items():
        noted = {METADATA_KEY: {"kind": kind, "alt": "a", "caption": "c"}}
        output = {"output_type": "display_data", "data": data, "metadata": noted}
        cell = {"cell_type": "code", "source": "x", "outputs": [output]}
        where = "^report 'a_report', cell 1: expected "
        with pytest.raises(RenderingError, match=where) as caught:
            read_page({"cells": [cell]}, "a_report")
        assert "\n" not in str(caught.value), case


@pytest.mark.parametrize("widgets", [None, [], {"application/vnd.jupyter.widget-state+json": None}])
def test_widgets_that_were_not_stored_are_none(widgets):
    assert len(page(prose("Words."), widgets=widgets).blocks) == 1
