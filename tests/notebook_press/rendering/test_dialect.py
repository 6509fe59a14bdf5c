"""Markdown as authors write it, made what pandoc reads the same way."""

import pytest

from notebook_press.rendering.prose.dialect import for_pandoc, notes_apart

TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"


@pytest.mark.parametrize(
    ("before", "between"),
    [("Words:", ""), ("Words with a | in them:", ""), ("> Quoted:", ">"), ("- item", "")],
)
def test_a_table_after_a_line_of_text_gets_an_empty_line_before_it(before, between):
    mark = "> " if before.startswith(">") else "  " if before.startswith("-") else ""
    table = "\n".join(f"{mark}{line}" for line in TABLE.split("\n"))
    made = for_pandoc(f"{before}\n{table}").split("\n")
    assert made == [before, between, *table.split("\n")]


@pytest.mark.parametrize(
    "markdown",
    [
        f"Words.\n\n{TABLE}",
        f"{TABLE}\n|---|---|\n| 3 | 4 |",
        f"```\ntext\n{TABLE}\n```",
        f"~~~~ md\n```\ntext\n{TABLE}\n~~~~",
        f"1. x\n   ```\n   text\n{TABLE}\n   ```",
        "A heading | with a bar\n---",
        "text\n| a | b |\n|---|",
    ],
)
def test_what_is_no_table_after_text_stays_as_it_is(markdown):
    assert for_pandoc(markdown) == markdown


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("![x](attachment:my pic.png)", "![x](<attachment:my pic.png>)"),
        ("![x](<attachment:my pic.png>)", None),
        (
            '![x](attachment:my big pic.png "a title")',
            '![x](<attachment:my big pic.png> "a title")',
        ),
        ('![x](attachment:pic.png "a title")', None),
        ("    x\n```\n![x](attachment:my pic.png)\n```", None),
    ],
)
def test_blanks_in_the_name_of_an_attachment_belong_to_it(written, made):
    assert for_pandoc(written) == (made or written)


def test_a_footnote_comes_to_the_cell_that_refers_to_it():
    cells = ["a[^1]", "b[^2]\n\n[^2]: Own.", "[^1]: One,\n    *and* more.\n\n    Much.\n\nc"]
    first, second, third = notes_apart(cells)
    assert first[1] == {"1": "One,\n*and* more.\n\nMuch.\n"}
    assert second[1] == {"2": "Own."}
    assert [text.strip() for text, _ in (first, second, third)] == ["a[^1]", "b[^2]", "c"]


def test_a_cells_own_footnote_is_nearer_than_that_of_another():
    made = notes_apart(["a[^1]\n\n[^1]: One.", "b[^1]\n\n[^1]: Two."])
    assert [notes for _, notes in made] == [{"1": "One."}, {"1": "Two."}]


def test_a_footnote_that_nothing_refers_to_is_text():
    made = notes_apart(["a `[^b]`", "[^1]: One."])
    assert [text for text, _ in made] == ["a `[^b]`", "\\[^1]: One."]


@pytest.mark.parametrize(
    "hostile",
    [
        "-" * 40_000 + " " * 40_000 + "x",
        "`" * 40_000 + "x`",
        "![" * 40_000,
        "[^" * 40_000,
        "> " * 40_000,
    ],
    ids=["rule", "ticks", "pictures", "notes", "quotes"],
)
def test_hostile_lines_are_read_once(hostile):
    markdown = f"a | b\n{hostile}\n{hostile}"
    ((made, _),) = notes_apart([for_pandoc(markdown)])
    assert made == markdown
