import pytest

from notebook_press.rendering.slide_parts import LINE_HEIGHT, fitted, line_count, text_width


def test_short_text_has_the_largest_size():
    assert fitted("Short", (400, 60), (28, 12)) == ("Short", 28)


@pytest.mark.parametrize("text", ["many words " * 60, "W" * 600, "汉" * 300, "a\nb\n" * 40])
def test_whatever_the_text_it_fits_after_all(text):
    shown, size = fitted(text, (300, 80), (28, 12))
    assert line_count(shown, 300, size) * size * LINE_HEIGHT <= 80
    assert shown == text or shown.endswith("…")


def test_a_word_longer_than_its_line_takes_several():
    wide = text_width("W" * 10, 10)
    assert line_count("W" * 25, wide, 10) == 3


def test_broad_letters_take_more_room_than_narrow_ones():
    assert text_width("WWW", 10) > text_width("abc", 10) > text_width("iii", 10)
