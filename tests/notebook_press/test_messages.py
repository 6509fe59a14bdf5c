"""Text and values as errors and logs show them: what others wrote can't steer a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_press.messages import did_you_mean, in_one_line, listed, shown, without_terminal_codes


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[10;4Hmoved", "moved"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;https://x.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended\nnext line", "\nnext line"),
        ("\x1bPq a picture\x1b\\text", "text"),
        ("\x9b31mred", "red"),
        ("cut short \x1b[31", "cut short "),
        ("cut short \x1b", "cut short "),
        ("\x1bcreset", "reset"),
    ],
)
def test_codes_are_taken_out_and_text_stays(text, plain):
    assert without_terminal_codes(text) == plain


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_a_line_of_anything_is_printable_and_short(text):
    line = in_one_line(text)
    assert line.isprintable()
    assert len(line) <= 500


def test_plain_text_is_left_as_it_is():
    assert in_one_line("Ünïcode 数字 = 0.5") == "Ünïcode 数字 = 0.5"


@pytest.mark.parametrize(
    ("value", "in_ascii", "text"),
    [
        ("größe", False, "'größe'"),
        ("größe", True, r"'gr\xf6\xdfe'"),
        ("a\n\x1b", False, r"'a\n\x1b'"),
        ("x" * 10_000, False, "'" + "x" * 57 + "…' (10,000 characters)"),
        ("x" * 10_000, True, "'" + "x" * 57 + "...' (10,000 characters)"),
        ([1] * 1_000, False, "[" + "1, " * 18 + "1,…"),
    ],
)
def test_a_value_is_shown_short_and_in_one_line(value, in_ascii, text):
    assert shown(value, in_ascii=in_ascii) == text


def test_of_many_texts_the_first_are_listed():
    assert listed(["a", "b"]) == "a, b"
    assert listed(["name"] * 5_000) == ", ".join(["name"] * 50) + ", … (5,000 in all)"


@pytest.mark.parametrize(
    ("name", "question"),
    [("epoch", "did you mean epochs? "), ("EPOCHS", "did you mean epochs? "), ("z" * 10_000, "")],
)
def test_the_nearest_known_name_is_guessed(name, question):
    assert did_you_mean(name, ["seed", "epochs"]) == question
