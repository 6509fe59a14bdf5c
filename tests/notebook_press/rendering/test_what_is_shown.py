"""The document that says what is shown."""

from pathlib import Path

from notebook_press.rendering.images import IMAGE_TYPES
from notebook_press.rendering.outputs.readers import READERS
from notebook_press.rendering.what_is_shown import as_document

DOCUMENT = Path(__file__).parents[3] / "docs" / "what-is-shown.md"


def test_the_document_is_what_the_code_prints():
    # Renewed by, in this folder,
    # python -c "import test_what_is_shown as t; t.DOCUMENT.write_text(t.as_document())"
    assert DOCUMENT.read_text(encoding="utf-8") == as_document()


def test_each_kind_of_output_has_a_row():
    rows = as_document().split("## Markdown")[0].count("\n| ") - 2
    assert rows == len(READERS)
    assert all(any(kind.pattern.fullmatch(mime) for kind in READERS[:-1]) for mime in IMAGE_TYPES)
