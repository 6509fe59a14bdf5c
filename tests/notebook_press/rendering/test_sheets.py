import pytest

from notebook_press.rendering.outputs.sheets import MOST_COMPARISONS, reduced


def test_rules_keep_what_a_page_may_need_of_them():
    sheet = "#a, .b > td { color: red !important; position: fixed; --c: 1px } p { z-index: 9 }"
    assert reduced(sheet, 1) == "#a, .b > td { color: red !important; --c: 1px }"


def test_rules_for_paper_and_for_dark_screens_are_for_no_page():
    sheet = "@import 'x'; @media print { .a { color: blue } .b { color: red } } .a { color: red }"
    assert reduced(sheet, 1).split() == [".a", "{", "color:", "red", "}"]


def test_an_address_with_a_semicolon_does_not_swallow_what_follows():
    sheet = ".a { background: url(data:image/png;base64,AA==); color: red }"
    assert reduced(sheet, 1).split() == [".a", "{", "color:", "red", "}"]


@pytest.mark.parametrize("odd", ['"', "'", "\\", "("])
def test_a_value_that_does_not_end_with_its_declaration_goes(odd):
    assert reduced(f"a {{ color: {odd}red; width: 1px }}", 1) == "a { width: 1px }"


def test_what_each_element_would_repeat_is_short():
    assert reduced(f"a {{ color: {'x' * 1_000_000} }}", 1) == ""


def test_no_comment_hides_the_end_of_its_element():
    assert "<" not in reduced("a { color: red } </sty/**/le><script>x</script> b { color: red }", 1)


def test_selectors_that_take_long_to_find_are_refused():
    sheet = "a, a, a { color: red }"
    with pytest.raises(ValueError, match="3 selectors"):
        reduced(sheet, MOST_COMPARISONS // 2)


def test_a_styler_of_many_cells_is_found_at_once():
    sheet = "#T_1_row0_col0, #T_1_row1_col0 { color: red }"
    assert reduced(sheet, MOST_COMPARISONS)
