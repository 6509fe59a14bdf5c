import lxml.html
import pytest

from notebook_press.rendering.slides.grids import read_grid


def grid(html):
    return read_grid(lxml.html.document_fromstring(f"<body>{html}</body>").find(".//table"))


def rows(html):
    table = grid(html)
    return [table.columns, *table.rows]


def test_a_cell_that_spans_rows_stands_once():
    html = "<table><tr><td rowspan=2>a<td>b<tr><td>c<tr><td>d<td>e</table>"
    assert rows(html) == [("", ""), ("a", "b"), ("", "c"), ("d", "e")]


def test_heads_of_several_rows_name_each_column():
    html = (
        "<table><thead><tr><th></th><th colspan=2>A</th></tr>"
        "<tr><th>n</th><th>x</th><th>y</th></tr></thead><tr><td>1<td>2<td>3</table>"
    )
    assert rows(html) == [("n", "A x", "A y"), ("1", "2", "3")]


@pytest.mark.parametrize(
    ("html", "columns"),
    [
        (
            "<table><tr><th></th><th>coef</th></tr><tr><th>x</th><td>1.25</td></tr></table>",
            ("", "coef"),
        ),
        ("<table><tr><th>Model:</th><td>OLS</td></tr></table>", ("", "")),
        ("<table><tr><td>a</td></tr></table>", ("",)),
    ],
)
def test_a_table_without_a_head_may_have_a_row_that_is_one(html, columns):
    assert grid(html).columns == columns


def test_a_title_over_all_columns_is_part_of_the_caption():
    html = (
        "<table><caption>One</caption><thead><tr><th colspan=2>Two</th></tr>"
        "<tr><th>a</th><th>b</th></tr></thead><tr><td>1<td>2</table>"
    )
    table = grid(html)
    assert (table.caption, table.columns) == ("One Two", ("a", "b"))


def test_columns_of_numbers_stand_at_the_right():
    html = "<table><tr><td>a<td>-1.5<td>1e-3<tr><td>b<td>2,000<td>nan</table>"
    assert grid(html).alignments == ("left", "right", "right")


@pytest.mark.parametrize(
    "html",
    ["<table></table>", "<table><tr></tr></table>", "<table><caption>a</caption></table>"],
)
def test_a_table_without_cells_is_none(html):
    assert grid(html) is None


def test_a_cell_as_wide_as_it_likes_is_cut():
    table = grid("<table><tr><td colspan=999>a<tr><td>b</table>")
    assert len(table.columns) == 200


def test_the_source_of_a_formula_is_none_of_its_text():
    formula = "<math><semantics><mi>é</mi><annotation>\\acute e</annotation></semantics></math>"
    assert rows(f"<table><tr><th>{formula}<tr><td>1</table>") == [("é",), ("1",)]
