"""Text from a notebook can't steer the terminal of whoever runs the build."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_press.messages import in_one_line, without_terminal_codes


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
