import pytest
import typst

from notebook_press.rendering.paper.fonts import (
    OWN_FONTS,
    begins_from_right,
    fonts_for,
    reads_from_right,
)


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize(
    ("text", "shown", "kinds"),
    [
        ("né → 你好 你", "né → □□ □", 2),
        ("“≥ α ✓ …”", "“≥ α ✓ …”", 0),  # noqa: RUF001
        ("שלום", "שלום", 0),
        ("你\u20d7", "□□", 1),
        ("a \U0001f3fb", "a □", 1),
        ("1\ufe0f\u20e3 2", "1 2", 0),
        ("one\u2028two 你", "one\u2028two □", 1),
    ],
)
def test_what_no_font_has_is_replaced_and_counted(text, shown, kinds):
    fonts = fonts_for(text)
    assert (fonts.shown(text), fonts.kinds) == (shown, kinds)


@pytest.mark.usefixtures("bare_machine")
def test_letters_with_marks_are_looked_for_together():
    fonts = fonts_for("the vector x\u20d7")
    assert fonts.families
    assert (fonts.missing, fonts.of_machine) == ((), False)


def test_usual_text_is_set_in_the_fonts_that_typst_brings(monkeypatch):
    monkeypatch.setattr(typst, "Fonts", None)  # the machine's are not looked at
    assert fonts_for("naïve “café” → 3 ≥ 2 ✓") is OWN_FONTS


@pytest.mark.parametrize(
    ("text", "language", "family"),
    [
        ("日本語の", "en", "Noto Serif CJK JP"),
        ("日本語の", "zh", "Noto Serif CJK SC"),
        ("中文", "en", "Noto Serif CJK SC"),
        ("中文", "zh-TW", "Noto Serif CJK TC"),
        ("한국어", "en", "Noto Serif CJK KR"),
    ],
)
def test_the_machines_fonts_have_the_shapes_of_the_texts_region(
    monkeypatch, text, language, family
):
    def compile_with_fonts(*_, ignore_system_fonts, **__):
        if ignore_system_fonts:
            raise UnshownError

    monkeypatch.setattr(typst, "TypstError", UnshownError)
    monkeypatch.setattr(typst, "compile", compile_with_fonts)
    monkeypatch.setattr(typst, "Fonts", Installed)
    fonts = fonts_for(text, language)
    assert (fonts.of_machine, fonts.families, fonts.missing) == (True, (family,), ())


class UnshownError(Exception):
    diagnostic = "the text could not be displayed\n  ┌─ a.typ:3:0\n"


class Installed:
    def families(self):
        return [f"Noto Serif CJK {region}" for region in ("JP", "KR", "SC", "TC")]


@pytest.mark.parametrize(
    ("text", "holds", "begins"),
    [
        ("English", False, False),
        ("1. עברית", True, True),
        ("An عربي word", True, False),
        ("é", False, False),
    ],
)
def test_letters_read_from_the_right_are_known(text, holds, begins):
    assert (reads_from_right(text), begins_from_right(text)) == (holds, begins)
