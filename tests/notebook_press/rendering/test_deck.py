import io
import zipfile

import nbformat.v4 as v4
import pytest
from pptx import Presentation

from notebook_press.author import METADATA_KEY, TABLE_TYPE
from notebook_press.errors import RenderingError
from notebook_press.rendering.checks import check_pptx
from notebook_press.rendering.pptx import render_slides

SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90">'
    '<rect width="9" height="9"/></svg>'
)
BROAD = SQUARE.replace('width="90"', 'width="290"')
HOSTILE = '<script>alert(1)</script> <b>bold</b> {{ x }} & "quoted"'
LONG = "Why is this heading so very long that it could never stand on one line, or on two, "


def said(kind, data, **details):
    return v4.new_output(
        "display_data", data=data, metadata={METADATA_KEY: {"kind": kind, **details}}
    )


def figure(alt="what it shows", caption="A *caption*", svg=BROAD):
    return said("figure", {"image/svg+xml": svg}, caption=caption, alt=alt)


def table(rows, columns=2, cell="4"):
    named = [{"name": f"{cell} {n}", "align": "right"} for n in range(columns)]
    content = {"columns": named, "rows": [[cell] * columns] * rows, "caption": "Numbers"}
    return said("table", {TABLE_TYPE: content})


def prose(markdown, slide_type=None):
    return v4.new_markdown_cell(markdown, metadata=slideshow(slide_type))


def code(*outputs, slide_type=None):
    return v4.new_code_cell("x", outputs=list(outputs), metadata=slideshow(slide_type))


def slideshow(slide_type):
    return {"slideshow": {"slide_type": slide_type}} if slide_type else {}


def noted(**changes):
    return {
        "run": "default",
        "finished": "2026-11-22T18:00:00+00:00",
        "seconds": 21.3,
        "parameters": [{"name": "epochs", "value": 3, "default": 10, "help": ""}],
        "inputs": {"a.gz": "0" * 64},
        **changes,
    }


def rendered(*cells, title="# What is it?", **changes):
    cells = [prose(f"{title}\n\nAn introduction."), *cells]
    notebook = v4.new_notebook(cells=cells, metadata={METADATA_KEY: noted(**changes)})
    return render_slides(notebook, "02_network")


def opened(content):
    return list(Presentation(io.BytesIO(content)).slides)


def titles(content):
    return [slide.shapes.title.text_frame.text for slide in opened(content)]


def notes(slide):
    return slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else ""


def texts(slide):
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def pictures(slide):
    return [shape for shape in slide.shapes if hasattr(shape, "image")]


@pytest.fixture(scope="module")
def story():
    answer = said("answer", {"text/markdown": "It is **98%**."})
    results = said("results", {"application/vnd.notebook-press.results+json": {"accuracy": 0.98}})
    return rendered(
        prose("## First?\n\nBefore $x_i$."),
        code(figure(alt="one"), said("say", {"text/markdown": "After."}), figure(alt="two")),
        prose("## Without a figure\n\nOnly *words*."),
        prose("## Last?"),
        code(answer, results, table(3), figure(alt="three", svg=SQUARE)),
    )


def test_each_figure_and_table_of_a_section_is_a_slide_under_its_heading(story):
    assert titles(story) == ["What is it?", "First?", "First?", "Last?", "Last?"]


def test_the_slides_pass_the_check(story, tmp_path):
    (tmp_path / "x.pptx").write_bytes(story)
    check_pptx(tmp_path / "x.pptx")


def test_slides_are_16_to_9(story):
    deck = Presentation(io.BytesIO(story))
    assert deck.slide_width * 9 == deck.slide_height * 16


def test_the_first_slide_has_answer_results_and_what_it_was_made_with(story):
    shown = texts(opened(story)[0])
    for words in ("It is 98%.", "accuracy", "98.00%", "22 November 2026", "epochs = 3", "1 file"):
        assert words in shown


def test_pictures_keep_their_alternative_texts(story):
    found = [
        next(picture._element.iter("{*}cNvPr")).get("descr")
        for slide in opened(story)
        for picture in pictures(slide)
    ]
    assert found == ["one", "two", "three"]


def test_captions_are_shown_with_the_numbers_of_the_report(story):
    assert [f"Figure {n}. A caption" in texts(opened(story)[p]) for n, p in ((1, 1), (3, 4))] == [
        True,
        True,
    ]


def test_prose_is_in_the_notes_and_a_figure_without_prose_of_its_own_has_its_sections(story):
    assert [notes(slide) for slide in opened(story)] == [
        "An introduction.",
        "Before x_i.\n\nAfter.",
        "Before x_i.\n\nAfter.\n\nWithout a figure\n\nOnly words.",
        "",
        "",
    ]


def test_a_small_table_is_a_table_with_a_heading_row(story):
    (found,) = [shape.table for shape in opened(story)[3].shapes if shape.has_table]
    assert (len(found.rows), found.first_row, found.cell(0, 0).text) == (4, True, "4 0")


def test_properties_hold_title_language_and_moment(story):
    properties = Presentation(io.BytesIO(story)).core_properties
    assert (properties.title, properties.language) == ("What is it?", "en-GB")
    assert properties.created.isoformat() == "2026-11-22T18:00:00"  # UTC


def test_the_same_notebook_gives_the_same_bytes():
    made = {rendered(prose("## A"), code(figure())) for _ in range(2)}
    assert len(made) == 1
    dates = {m.date_time for m in zipfile.ZipFile(io.BytesIO(made.pop())).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_cells_choose_their_part_where_any_does():
    content = rendered(
        prose("## Shown\n\nText of the slide.", "slide"),
        prose("Said only.", "notes"),
        code(figure(alt="left out"), slide_type="skip"),
        prose("## Drawn", "slide"),
        prose("Beside it.", "fragment"),
        code(figure(alt="kept")),
    )
    _, shown, drawn = opened(content)
    assert titles(content) == ["What is it?", "Shown", "Drawn"]
    assert "Text of the slide." in texts(shown)
    assert (notes(shown), notes(drawn)) == ("Said only.", "Beside it.")
    assert len(pictures(drawn)) == 1
    assert "Figure 2." in texts(drawn)  # as the report numbers it


def test_the_cell_of_the_title_makes_no_slide_besides_the_first():
    cells = [prose("# A title\n\nWords", "slide"), prose("## B", "slide"), code(figure())]
    content = render_slides(v4.new_notebook(cells=cells), "x")
    assert titles(content) == ["A title", "B"]


def test_a_plain_notebook_has_a_first_slide_all_the_same():
    assert titles(render_slides(v4.new_notebook(), "an_empty_one")) == ["an empty one"]


def test_markup_is_shown_as_text():
    content = rendered(
        prose(f"## {HOSTILE}"),
        code(figure(alt=HOSTILE, caption=HOSTILE), table(2, cell=HOSTILE)),
        title=f"# {HOSTILE}",
        run=HOSTILE,
    )
    first, drawn, tabled = opened(content)
    assert "<script>alert(1)</script> <b>bold</b>" in first.shapes.title.text_frame.text
    assert HOSTILE in texts(first)
    assert "<script>alert(1)</script>" in texts(drawn)
    assert any(HOSTILE in shape.table.cell(1, 0).text for shape in tabled.shapes if shape.has_table)


@pytest.mark.parametrize("svg", [SQUARE, BROAD, SQUARE.replace('height="90"', 'height="900"')])
def test_nothing_reaches_outside_however_long_the_words_are(tmp_path, svg):
    cell = "unbreakable" * 20
    content = rendered(
        prose("## " + LONG * 20 + "\n\n" + LONG * 200),
        code(figure(caption=LONG * 30, svg=svg), table(12, 5, cell), table(3, 30), table(40)),
        title="# " + LONG * 10,
        run=LONG * 10,
    )
    (tmp_path / "x.pptx").write_bytes(content)
    check_pptx(tmp_path / "x.pptx")
    assert titles(content)[1].endswith("…")
    assert LONG * 20 in notes(opened(content)[1]).replace("\n", " ") + " "


def test_a_long_table_shows_its_first_rows_and_says_so():
    (_, slide) = opened(rendered(prose("## T"), code(table(40))))
    (found,) = [shape.table for shape in slide.shapes if shape.has_table]
    assert len(found.rows) == 13
    assert "The first 12 of 40 rows." in texts(slide)


def test_a_broad_table_is_named_and_not_drawn():
    (_, slide) = opened(rendered(prose("## T"), code(table(4, columns=30))))
    assert not [shape for shape in slide.shapes if shape.has_table]
    assert "30 columns" in texts(slide)


@pytest.mark.parametrize("moment", [0, 4_400_000_000])
def test_a_clock_that_a_pptx_file_can_not_hold_is_named(monkeypatch, moment):
    monkeypatch.setattr("time.time", lambda: moment)
    with pytest.raises(RenderingError, match="expected a clock between 1980 and 2107"):
        render_slides(v4.new_notebook(cells=[prose("# Title")]), "story")
