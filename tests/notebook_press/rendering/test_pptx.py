import io
import zipfile

import nbformat.v4 as v4
import pytest
from pptx import Presentation
from report_notebooks import (
    SVG,
    as_pptx,
    code,
    displayed,
    encoded,
    figure,
    notebook,
    picture,
    prose,
    said,
    stream,
)

from notebook_press.author import RESULTS_TYPE, TABLE_TYPE
from notebook_press.errors import RenderingError
from notebook_press.rendering.checks import check_pptx
from notebook_press.rendering.slides.slide_parts import LINE_HEIGHT, fitted, line_count, text_width

SQUARE = SVG.replace('height="60"', 'height="90"')
BROAD = SVG.replace('width="90"', 'width="290"')
LONG = "Why is this heading so very long that it could never stand on one line, or on two, "


def table(rows, columns=2, cell="4"):
    named = [{"name": f"{cell} {n}", "align": "right"} for n in range(columns)]
    content = {"columns": named, "rows": [[cell] * columns] * rows, "caption": "Numbers"}
    return said("table", {TABLE_TYPE: content})


def rendered(*cells, title="# What is it?", run="default"):
    made = notebook(
        prose(f"{title}\n\nAn introduction."),
        *cells,
        run=run,
        finished="2026-11-22T18:00:00+00:00",
        seconds=21.3,
        parameters=[{"name": "epochs", "value": 3, "default": 10, "help": ""}],
        inputs={"a.gz": "0" * 64},
    )
    return as_pptx(made)


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
    results = said("results", {RESULTS_TYPE: {"accuracy": 0.98}})
    return rendered(
        prose("## First?\n\nBefore $x_i$."),
        code(
            figure(alt="one", svg=BROAD),
            said("say", {"text/markdown": "After."}),
            figure(alt="two", svg=BROAD),
        ),
        prose("## Without a figure\n\nOnly *words*."),
        prose("## Last?"),
        code(answer, results, table(3), figure(alt="three", svg=SQUARE)),
    )


def test_each_figure_and_table_of_a_section_is_a_slide_under_its_heading(story):
    assert titles(story) == ["What is it?", "First?", "First?", "Last?", "Last?"]


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
    slides = opened(story)
    assert all(f"Figure {n}. A caption" in texts(slides[at]) for n, at in ((1, 1), (3, 4)))


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


def test_its_parts_tell_no_moment_so_that_the_same_notebook_gives_the_same_bytes(story):
    dates = {m.date_time for m in zipfile.ZipFile(io.BytesIO(story)).infolist()}
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
    assert titles(as_pptx(notebook(*cells))) == ["A title", "B"]


def test_nothing_reaches_outside_however_long_the_words_are():
    cell = "unbreakable" * 20
    drawings = (SQUARE, BROAD, SQUARE.replace('height="90"', 'height="900"'))
    content = rendered(
        prose("## " + LONG * 20 + "\n\n" + LONG * 200),
        code(*(figure(caption=LONG * 30, svg=svg) for svg in drawings)),
        code(table(12, 5, cell), table(3, 30), table(40)),
        title="# " + LONG * 10,
        run=LONG * 10,
    )
    check_pptx(content)
    assert titles(content)[1].endswith("…")
    assert LONG * 20 in notes(opened(content)[1]).replace("\n", " ") + " "


def test_a_large_table_shows_as_many_rows_and_columns_as_fit():
    (_, long, broad) = opened(rendered(prose("## T"), code(table(40), table(4, columns=30))))
    (found,) = [shape.table for shape in long.shapes if shape.has_table]
    assert len(found.rows) == 13
    assert "The first 12 of 40 rows." in texts(long)
    (found,) = [shape.table for shape in broad.shapes if shape.has_table]
    assert (len(found.rows), len(found.columns)) == (5, 12)
    assert "The first 12 of 30 columns." in texts(broad)


def test_no_number_in_a_table_is_broken():
    (_, slide) = opened(rendered(prose("## T"), code(table(4, 12, "12345.678901"))))
    (found,) = [shape.table for shape in slide.shapes if shape.has_table]
    letters = found.cell(1, 0).text_frame.paragraphs[0].runs[0].font.size.pt
    assert text_width("12345.678901", letters) < found.columns[0].width.pt


HTML_TABLE = (
    '<table><thead><tr><th></th><th colspan="2">sales</th></tr>'
    "<tr><th>year</th><th>mean</th><th>std</th></tr></thead>"
    "<tbody><tr><th>2020</th><td>1.5</td><td>0.1</td></tr></tbody></table><p>1 row</p>"
)


def shown(*cells):
    """The slides of a notebook that says nothing by `author`, but the first."""
    return opened(as_pptx(notebook(prose("# T"), *cells)))[1:]


def tables(slide):
    found = [shape.table for shape in slide.shapes if shape.has_table]
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in found]


@pytest.mark.parametrize(
    "cell",
    [
        code(displayed({"text/html": HTML_TABLE, "text/plain": "a table"})),
        prose("|year|sales mean|sales std|\n|-|-:|-:|\n|2020|1.5|0.1|\n\nWords."),
        code(displayed({"text/markdown": "|year|sales mean|sales std|\n|-|-|-|\n|2020|1.5|0.1|"})),
    ],
)
def test_tables_in_html_and_markdown_are_tables(cell):
    (slide,) = shown(prose("## S"), cell)
    assert tables(slide) == [[["year", "sales mean", "sales std"], ["2020", "1.5", "0.1"]]]


def test_what_html_says_beside_its_table_is_its_caption():
    (slide,) = shown(code(displayed({"text/html": HTML_TABLE, "text/plain": "a table"})))
    assert "1 row." in texts(slide)


def test_what_stands_apart_in_a_cell_of_a_table_is_apart():
    html = "<table><tr><td>a<p>b</p><ul><li>c<li>d</ul></td></tr></table>"
    (slide,) = shown(code(displayed({"text/html": html})))
    assert tables(slide) == [[["a b c d"]]]


def test_what_html_has_typewritten_keeps_its_columns():
    lines = "┌──┐\n│ a│\n└──┘"
    (slide,) = shown(code(displayed({"text/html": f"<pre>{lines}</pre>"})))
    (found,) = [shape for shape in slide.shapes if shape.name == "Printed"]
    assert found.text_frame.text == lines


def test_pictures_in_words_are_slides_of_their_own():
    drawing = f"data:image/png;base64,{encoded(picture())}"
    (slide,) = shown(prose(f"## S\n\n![its words]({drawing})"))
    (found,) = pictures(slide)
    assert found._element.nvPicPr.cNvPr.get("descr") == "its words"


def test_printed_text_is_shown_as_far_as_it_fits_and_whole_in_the_notes():
    lines = [f"epoch {n}" for n in range(90)]
    (slide,) = shown(prose("## S"), code(stream("\n".join(lines))))
    assert "epoch 0\nepoch 1\n" in texts(slide)
    kept = texts(slide).count("epoch")
    assert f"… {90 - kept} more lines" in texts(slide)
    assert "epoch 89" in notes(slide)


def test_short_texts_share_a_slide_and_errors_and_what_is_not_shown_are_seen():
    failed = v4.new_output("error", ename="E", evalue="why", traceback=["above", "E: why"])
    unknown = displayed({"application/x-unknown": "1"})
    (slide,) = shown(prose("## S"), code(stream("printed"), failed, unknown))
    for words in ("printed", "above\nE: why", "not shown here"):
        assert words in texts(slide)


def test_sections_of_prose_are_slides_of_words_where_no_author_tells_what_to_show():
    slides = shown(prose("## A\n\nIt is *so*.\n\n- one\n- two"), prose("## B\n\n### C\n\nLast."))
    assert [slide.shapes.title.text_frame.text for slide in slides] == ["A", "C"]
    assert "It is so.\n\n• one\n• two" in texts(slides[0])


@pytest.mark.parametrize("heading", ["## &nbsp;", "## ![](attachment:missing.png)", "<h2> </h2>"])
def test_a_heading_without_words_is_no_slides_title(heading):
    slides = shown(prose("## A\n\nFirst."), prose(f"{heading}\n\nSecond."))
    assert all(slide.shapes.title.text_frame.text.strip() for slide in slides)
    assert any("Second." in texts(slide) + notes(slide) for slide in slides)


def test_long_prose_is_cut_after_a_sentence_and_whole_in_the_notes():
    (slide,) = shown(prose("## A\n\n" + "This is one of many sentences. " * 90 + "The end."))
    assert texts(slide).rstrip("T").count("many sentences.\n…") == 1
    assert "The end." in notes(slide)


def test_words_before_the_first_section_stand_on_the_title_slide():
    first = opened(as_pptx(notebook(prose("# T\n\nWhat it is about."), prose("## A\n\nB."))))[0]
    assert "What it is about." in texts(first)


def test_what_is_read_from_right_to_left_says_so_and_all_letters_tell_their_language():
    made = notebook(prose("# דוח"), prose("## A\n\nB."))
    made.metadata["lang"] = "he"
    deck = Presentation(io.BytesIO(as_pptx(made)))
    (first, second) = [slide.shapes.title.text_frame.paragraphs[0]._p for slide in deck.slides]
    assert (first.pPr.get("rtl"), second.pPr) == ("1", None)
    assert {letters.get("lang") for letters in first.iter("{*}rPr")} == {"he"}
    assert deck.core_properties.language == "he"


@pytest.mark.parametrize("moment", [0, 4_400_000_000])
def test_a_clock_that_a_pptx_file_can_not_hold_is_named(monkeypatch, moment):
    monkeypatch.setattr("time.time", lambda: moment)
    with pytest.raises(RenderingError, match="expected a clock between 1980 and 2107"):
        as_pptx(notebook(prose("# Title")))


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
