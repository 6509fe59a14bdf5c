import re

import nbformat.v4 as v4
import pytest
from report_notebooks import encoded, picture
from report_notebooks import stream as printed

from notebook_press.author import INTERACTIVE_TYPE, METADATA_KEY, RESULTS_TYPE, TABLE_TYPE
from notebook_press.errors import RenderingError
from notebook_press.rendering.page import (
    Code,
    Failure,
    Figure,
    Html,
    Image,
    Interactive,
    Prose,
    Table,
    Text,
)
from notebook_press.rendering.reading import read_page

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def page(*cells, **metadata):
    return read_page(v4.new_notebook(cells=list(cells), metadata=metadata), "a_report")


def code(*outputs, source="x"):
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=1)


def shown(data, **details):
    return v4.new_output(
        "display_data", data=data, metadata={METADATA_KEY: details} if details else {}
    )


def shown_blocks(*outputs):
    return page(code(*outputs)).blocks[1:]


def test_the_title_is_the_first_level_1_heading():
    found = page(v4.new_markdown_cell("## Before\n\n# A *title* #\n\ntext"))
    assert found.title == "A *title*"
    assert found.blocks == (Prose("## Before\n\n\ntext"),)


def test_a_heading_inside_a_fence_is_not_the_title():
    assert page(v4.new_markdown_cell("```\n# no\n```\n\n# Yes")).title == "Yes"


def test_without_a_heading_the_title_is_the_file_name():
    assert page(v4.new_markdown_cell("text")).title == "a report"


def test_the_answer_and_notices_leave_the_body():
    found = page(
        code(
            shown({"text/markdown": "It is **98%**."}, kind="answer"),
            shown({"text/markdown": "Beware."}, kind="notice"),
        ),
        notebook_press={"finished": "2026-11-22T18:00:00+00:00", "notice": "On digits."},
    )
    assert (found.answer, found.notices) == ("It is **98%**.", ("On digits.", "Beware."))
    assert [type(block) for block in found.blocks] == [Code]


def test_results_are_collected_and_not_shown():
    outputs = [
        shown({RESULTS_TYPE: {"a": 1}}, kind="results"),
        shown({RESULTS_TYPE: {"b": 2.5}}, kind="results"),
    ]
    found = page(code(*outputs))
    assert found.results == {"a": 1, "b": 2.5}
    assert len(found.blocks) == 1


@pytest.mark.parametrize(("before", "expected"), [(0, "a"), (1, "a"), (2, "b"), (3, "c")])
def test_the_key_figure_is_the_last_before_the_answer_or_the_first(before, expected):
    figures = [shown({"image/svg+xml": SVG}, kind="figure", caption="", alt=alt) for alt in "abc"]
    figures.insert(before, shown({"text/markdown": "98%"}, kind="answer"))
    assert page(code(*figures)).key_figure.alt == expected


def test_a_result_that_is_recorded_twice_is_refused():
    outputs = [shown({RESULTS_TYPE: {"a": value}}, kind="results") for value in (1, 2)]
    with pytest.raises(RenderingError, match="'a' recorded again"):
        page(code(*outputs))


def test_figures_are_numbered_in_order_and_their_captions_are_not_repeated():
    figure = shown({"image/svg+xml": SVG}, kind="figure", caption="*one*", alt="a line")
    caption = shown({"text/markdown": "*one*"}, kind="caption")
    first, second = shown_blocks(figure, caption, figure, caption)
    assert (first.number, second.number) == (1, 2)
    assert (first.caption, first.alt, first.image.content) == ("*one*", "a line", SVG.encode())


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_figure_of_the_author_without_alternative_text_is_refused(alt):
    with pytest.raises(RenderingError, match="'a_report', cell 1: expected an alternative text"):
        page(code(shown({"image/svg+xml": SVG}, kind="figure", caption="c", alt=alt)))


def test_a_table_of_the_author_is_read():
    content = {
        "columns": [{"name": "digit", "align": "left"}, {"name": "recall", "align": "right"}],
        "rows": [["4", "0.98"]],
        "caption": "Recall.",
    }
    (table,) = shown_blocks(shown({TABLE_TYPE: content}, kind="table"))
    assert table == Table(1, "Recall.", ("digit", "recall"), ("left", "right"), (("4", "0.98"),))


def sortable(*numbers, rows=(("4", "0.98"), ("5", "none"))):
    columns = [{"name": "digit", "align": "left"}, {"name": "recall", "numbers": list(numbers)}]
    return {"columns": columns, "rows": rows, "caption": "Recall."}


def test_a_table_may_have_numbers_to_sort_by():
    (table,) = shown_blocks(shown({TABLE_TYPE: sortable(0.98, None)}, kind="table"))
    assert table.numbers == ((), (0.98, None))


@pytest.mark.parametrize("numbers", [(1,), (1, "2"), (1, True), (1, float("nan")), (1, 2, 3)])
def test_other_numbers_to_sort_by_are_refused(numbers):
    with pytest.raises(RenderingError, match="cell 1: expected one number to sort by for each"):
        page(code(shown({TABLE_TYPE: sortable(*numbers)}, kind="table")))


def test_what_a_cell_said_of_its_progress_is_not_shown():
    assert not shown_blocks(shown({"text/plain": "one of two"}, kind="progress"))


def test_pictures_of_any_library_are_figures():
    data = encoded(picture())
    (figure,) = shown_blocks(shown({"image/png": data, "text/plain": "<Figure>"}))
    assert isinstance(figure, Figure)
    assert figure.image.content == picture()


@pytest.mark.parametrize(
    ("mime", "data"), [("image/png", "not base64!"), ("image/svg+xml", "<html>")]
)
def test_a_broken_picture_is_refused_with_its_place(mime, data):
    with pytest.raises(RenderingError, match=re.escape(f"cell 1: expected {mime}")):
        page(code(shown({mime: data})))


def test_stderr_never_reaches_the_page():
    assert shown_blocks(printed("secret", name="stderr")) == ()


def test_terminal_codes_and_rewritten_lines_are_left_out():
    assert shown_blocks(printed("\x1b[31m10%\r100%\x1b[0m\r\ndone\x08\x00\n")) == (
        Text("100%\ndone"),
    )


def test_text_printed_piece_by_piece_is_one_block():
    assert shown_blocks(printed("a\n"), printed("b\n")) == (Text("a\nb"),)


def test_html_keeps_plain_text_to_fall_back_on():
    assert shown_blocks(shown({"text/html": "<b>x</b>", "text/plain": "x"})) == (
        Html("<b>x</b>", "x"),
    )


def test_latex_is_prose():
    assert shown_blocks(shown({"text/latex": "x^2", "text/plain": "x"})) == (Prose("$$x^2$$"),)


def test_an_error_is_shown_as_such():
    error = v4.new_output(
        "error", ename="ValueError", evalue="bad", traceback=["\x1b[0;31mline 1\x1b[0m"]
    )
    assert shown_blocks(error) == (Failure("ValueError: bad", "line 1"),)


def test_empty_cells_and_unknown_outputs_leave_nothing():
    assert page(v4.new_code_cell("  "), v4.new_markdown_cell(" ")).blocks == ()
    assert shown_blocks(shown({"application/x-unknown": "x"})) == ()


def test_attachments_and_embedded_images_are_found():
    gif = f"data:image/gif;base64,{encoded(picture('GIF'))}"
    cell = v4.new_markdown_cell(f"![a](attachment:x.png) ![b]({gif})")
    cell["attachments"] = {"x.png": {"image/png": encoded(picture())}}
    (prose,) = page(cell).blocks
    assert {address: image.content for address, image in prose.images.items()} == {
        "attachment:x.png": picture(),
        gif: picture("GIF"),
    }


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


def test_plain_nbconvert_leaves_no_provenance():
    assert page(v4.new_markdown_cell("x")).provenance is None


def test_the_notebook_is_not_changed():
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# A\n\nb"), code(printed("x"))])
    before = notebook.copy()
    read_page(notebook, "x")
    assert notebook == before


def explored(**parts):
    live = {"html": "<p>x</p>", "script": "", "style": "", **parts}
    return shown(
        {INTERACTIVE_TYPE: live, "text/html": "<p>lab</p>", "image/svg+xml": SVG},
        kind="interactive",
        caption="*one*",
        alt="a line",
    )


def test_an_interactive_figure_is_numbered_among_the_figures():
    figure = shown({"image/svg+xml": SVG}, kind="figure", caption="", alt="a line")
    first, second = shown_blocks(figure, explored(script="run()", style="p {}"))
    assert first.number == 1
    still = Image("image/svg+xml", SVG.encode())
    assert second == Interactive(2, "*one*", "a line", still, "<p>x</p>", "run()", "p {}")


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
    "a figure to explore that is text": (
        "interactive",
        {INTERACTIVE_TYPE: "x", "image/svg+xml": SVG},
    ),
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
        with pytest.raises(
            RenderingError, match=r"^report 'a_report', cell 1: expected "
        ) as caught:
            read_page({"cells": [cell]}, "a_report")
        assert "\n" not in str(caught.value), case


def test_anybodys_metadata_may_have_the_name_that_the_press_uses():
    output = v4.new_output("display_data", data={"text/plain": "x"})
    output.metadata = {METADATA_KEY: "mine"}
    assert shown_blocks(output) == (Text("x"),)
