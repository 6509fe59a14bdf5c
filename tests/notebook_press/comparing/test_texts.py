"""Differences of texts: what they say, and that they stay within bounds."""

from notebook_press.comparing import texts
from notebook_press.comparing.texts import text_change, within_bounds


def change(before, after):
    return text_change("code", before, after, (1, 2))


def test_a_line_that_changed_stands_in_both_forms_among_its_neighbours():
    found = change("x = 1\ny = 2\nprint(x)", "x = 1\ny = 3\nprint(x)")
    assert found.lines == ("@@ -1,3 +1,3 @@", " x = 1", "-y = 2", "+y = 3", " print(x)")
    assert (found.how, found.title, found.left_out) == ("changed", "x = 1", 0)


def test_what_came_or_went_is_told_line_by_line():
    assert (change(None, "a\nb").how, change(None, "a\nb").lines) == ("came", ("+a", "+b"))
    assert (change("a", None).how, change("a", None).lines) == ("went", ("-a",))


def test_the_same_text_is_no_difference():
    assert change("x", "x") is None


def test_a_difference_that_nobody_sees_is_told_in_words():
    assert "can't be seen" in change("x", "x\x00").lines[0]


def test_letters_that_turn_others_around_are_shown_as_their_escapes():
    assert change("x", "\u202ex").lines[-1] == "+\\u202ex"


def test_long_texts_are_cut_and_what_is_missing_is_counted():
    found = change(None, "\n".join(map(str, range(5_000))))
    assert len(found.lines) == texts.MOST_LINES
    assert found.left_out == 5_000 - texts.MOST_LINES
    assert max(map(len, change(None, "x" * 10**6).lines)) <= texts.LONGEST_LINE


def test_a_report_has_no_more_lines_than_it_may():
    one = change(None, "\n".join(map(str, range(texts.MOST_LINES))))
    kept = within_bounds([one] * 100)
    assert sum(len(each.lines) for each in kept) == texts.MOST_OF_ALL
    assert sum(len(each.lines) + each.left_out for each in kept) == 100 * texts.MOST_LINES
