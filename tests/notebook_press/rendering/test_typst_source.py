import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_press.rendering.typst import TypstSource, templates, typst_string, with_known_glyphs


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_a_string_literal_holds_any_text(text):
    found = typst.eval(b"", f"{typst_string(text)}.codepoints().map(str.to-unicode)")
    assert found == "[" + ",".join(str(ord(character)) for character in text) + "]"


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ('a "b" \\ #c', '"a \\"b\\" \\\\ #c"'),
        (3, "3"),
        (True, "true"),
        (None, "none"),
        (TypstSource("#emph[a]"), "#emph[a]"),
    ],
)
def test_templates_print_literals(value, literal):
    assert templates().from_string("{{ value }}").render(value=value) == literal


def test_characters_without_a_glyph_are_replaced_and_counted():
    assert with_known_glyphs("né → 你好 你") == ("né → □□ □", 2)


def test_characters_with_a_glyph_stay():
    assert with_known_glyphs("“≥ α ✓ …”") == ("“≥ α ✓ …”", 0)  # noqa: RUF001
